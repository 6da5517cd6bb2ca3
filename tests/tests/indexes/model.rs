//! The tables of these tests.

use s3aads::{KeyColumn, S3Table};
use serde::{Deserialize, Serialize};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Open,
    Paid,
    Shipped,
}

/// Rows found by a field, by one that may have no value, and by a field with a key column.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(index(by_day, columns = "day, state"), index(in_shops, columns = "id"))]
pub(crate) struct Order {
    #[s3(key)]
    pub(crate) shop: String,
    #[s3(key, ordered)]
    pub(crate) id: u32,
    #[s3(index)]
    pub(crate) customer: String,
    #[s3(index, width = 4)]
    pub(crate) parcel: Option<u16>,
    #[s3(ordered)]
    pub(crate) day: u16,
    pub(crate) state: State,
    pub(crate) cents: u64,
}

pub(crate) fn order(shop: &str, id: u32, customer: &str) -> Order {
    Order {
        shop: shop.to_owned(),
        id,
        customer: customer.to_owned(),
        parcel: None,
        day: 1,
        state: State::Open,
        cents: 100,
    }
}

/// The same in the hive layout.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(layout = "hive")]
#[serde(deny_unknown_fields)]
pub(crate) struct Visit {
    #[s3(key)]
    pub(crate) site: String,
    #[s3(key)]
    pub(crate) id: u32,
    #[s3(index)]
    pub(crate) country: String,
}

pub(crate) fn visit(site: &str, id: u32, country: &str) -> Visit {
    Visit {
        site: site.to_owned(),
        id,
        country: country.to_owned(),
    }
}

/// Rows that are nothing but their keys, in another order too.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(index(followers, columns = "whom, who"))]
pub(crate) struct Follow {
    #[s3(key)]
    pub(crate) who: String,
    #[s3(key)]
    pub(crate) whom: String,
}

pub(crate) fn follow(who: &str, whom: &str) -> Follow {
    Follow {
        who: who.to_owned(),
        whom: whom.to_owned(),
    }
}
