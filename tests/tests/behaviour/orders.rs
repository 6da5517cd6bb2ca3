//! The order in which rows come, and ranges in it: descending columns, and types with an order of
//! their own.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};
use s3aads::{Explain, KeyColumn, Pushdown, S3Table};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::Store;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "events")]
struct Event {
    #[s3(key)]
    user: String,
    #[s3(key, descending)]
    at: DateTime<Utc>,
    #[s3(key, ordered, descending)]
    delta: i16,
    text: String,
}

/// A range on the column is bounds of the listing, if the store has such.
#[track_caller]
fn bounds(plan: &Explain, column: usize) {
    if plan.seeks() {
        assert_eq!(
            plan.columns()[column].pushdown(),
            Pushdown::Bounds,
            "{plan}"
        );
    }
}

async fn descending_columns_are_listed_from_the_greatest(store: &Store) {
    let start: DateTime<Utc> = "2020-02-28T23:59:58Z".parse().unwrap();
    let at = |second| start + TimeDelta::seconds(second);
    let mut rows = Vec::new();
    for second in 0..5 {
        rows.extend([-300, -1, 0, 7].map(|delta| Event {
            user: "ada".into(),
            at: at(second),
            delta,
            text: format!("{second} {delta}"),
        }));
    }
    let events = store.db().table::<Event>();
    events.upsert_all(&rows).await.into_result().unwrap();
    rows.reverse();
    let ada = events.filter_by_user("ada");
    assert_eq!(ada.rows().await.unwrap(), rows);
    assert_eq!(ada.clone().limit(1).rows().await.unwrap(), rows[..1]);

    let between = ada.clone().filter_by_at(at(1)..at(3));
    assert_eq!(between.rows().await.unwrap(), rows[8..16]);
    bounds(&between.explain().unwrap(), 1);
    let since = ada.clone().filter_by_at(at(3)..);
    assert_eq!(since.rows().await.unwrap(), rows[..8]);
    let until = ada.clone().filter_by_at(..=at(0));
    assert_eq!(until.rows().await.unwrap(), rows[16..]);
    let one = ada.clone().filter_by_at(at(2)).filter_by_delta(-1..=0);
    assert_eq!(one.rows().await.unwrap(), rows[9..11]);
    bounds(&one.explain().unwrap(), 2);
    let below = ada.clone().filter_by_at(at(2)).filter_by_delta(..0);
    assert_eq!(below.rows().await.unwrap(), rows[10..12]);

    assert_eq!(events.deltas().await.unwrap(), [-300, -1, 0, 7]);
    let page = ada.page(3).await.unwrap();
    assert_eq!(page.rows, rows[..3]);
    let rest = ada.clone().after(page.cursor.unwrap());
    assert_eq!(rest.rows().await.unwrap(), rows[3..]);
    assert_eq!(
        ada.clone()
            .filter_by_at(..at(4))
            .delete()
            .await
            .unwrap()
            .rows,
        16
    );
    assert_eq!(events.rows().await.unwrap(), rows[..4]);
}

/// A number whose greatest value is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, KeyColumn)]
struct Newest(u32);

impl Ord for Newest {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.cmp(&self.0)
    }
}

impl PartialOrd for Newest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// In the order of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, KeyColumn)]
#[s3(ord)]
struct Number(u32);

/// In an order of its own, by what it wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, KeyColumn)]
#[s3(ord)]
struct Wrapped(Newest);

/// In the order of its field but for a single value, which is the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, KeyColumn)]
struct ButForOne(u32);

impl Ord for ButForOne {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |value: &Self| (value.0 == 123_456, value.0);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for ButForOne {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Names are one if they differ in case only.
#[derive(Debug, Clone, KeyColumn)]
struct AnyCase(String);

impl AnyCase {
    fn folded(&self) -> String {
        self.0.to_lowercase()
    }
}

impl Ord for AnyCase {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl PartialOrd for AnyCase {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for AnyCase {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for AnyCase {}

impl Hash for AnyCase {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "odd orders")]
struct Odd {
    #[s3(key, ordered)]
    number: ButForOne,
    #[s3(key)]
    name: AnyCase,
}

async fn a_range_follows_an_order_that_is_another_in_one_value(store: &Store) {
    let row = |number, name: &str| Odd {
        number: ButForOne(number),
        name: AnyCase(name.into()),
    };
    let table = store.db().table::<Odd>();
    let rows = [
        row(5, "ada"),
        row(123_456, "Ada"),
        row(200_000, "ADA"),
        row(200_001, "Bo"),
    ];
    table.upsert_all(&rows).await.into_result().unwrap();
    let numbers = |query: OddQuery| async move {
        let keys = query.keys().await.unwrap();
        keys.iter().map(|key| key.number.0).collect::<Vec<_>>()
    };
    let from = table.filter_by_number(ButForOne(200_001)..);
    assert_eq!(numbers(from).await, [123_456, 200_001]);
    let to = table.filter_by_number(..=ButForOne(200_000));
    assert_eq!(numbers(to).await, [5, 200_000]);
    let ada = || AnyCase("ada".into());
    let named = table.filter_by_name(ada()..=ada());
    assert_eq!(numbers(named).await, [5, 123_456, 200_000]);
    let deleted = table.filter_by_number(..=ButForOne(200_001)).delete().await;
    assert_eq!(deleted.unwrap().rows, 3);
    assert_eq!(table.rows().await.unwrap(), [row(123_456, "Ada")]);
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "own orders")]
struct Owned {
    #[s3(key, ordered)]
    ordered: Newest,
    #[s3(key)]
    plain: Newest,
    #[s3(key, descending)]
    descending: Newest,
    #[s3(key, ordered)]
    wrapped: Wrapped,
    #[s3(key, ordered)]
    number: Number,
}

async fn a_range_is_in_the_order_of_the_columns_type(store: &Store) {
    let row = |n| Owned {
        ordered: Newest(n),
        plain: Newest(n),
        descending: Newest(n),
        wrapped: Wrapped(Newest(n)),
        number: Number(n),
    };
    let table = store.db().table::<Owned>();
    let rows: Vec<_> = [1, 5, 9, 10, 200].map(row).into();
    table.upsert_all(&rows).await.into_result().unwrap();
    let from_nine_to_five = [Newest(9), Newest(5)];
    let range = || Newest(9)..=Newest(5);
    let queries = [
        table.filter_by_ordered(range()),
        table.filter_by_plain(range()),
        table.filter_by_descending(range()),
        table.filter_by_wrapped(Wrapped(Newest(9))..=Wrapped(Newest(5))),
        table.filter_by_number(Number(5)..=Number(9)),
    ];
    for query in &queries {
        assert_eq!(
            query.ordereds().await.unwrap(),
            from_nine_to_five,
            "{query:?}"
        );
    }
    assert!(
        table
            .filter_by_ordered(Newest(5)..=Newest(9))
            .is_empty()
            .await
            .unwrap()
    );
    let before_nine = table.filter_by_ordered(..Newest(9));
    assert_eq!(
        before_nine.ordereds().await.unwrap(),
        [Newest(200), Newest(10)]
    );
    let plan = queries[0].explain().unwrap();
    assert_eq!(plan.columns()[0].pushdown(), Pushdown::Tested);
    assert!(
        plan.columns()[0]
            .advice()
            .unwrap()
            .contains("an order of its own"),
        "{plan}"
    );
    let plan = queries[4].explain().unwrap();
    if plan.seeks() {
        assert_eq!(plan.columns()[0].pushdown(), Pushdown::Seeks);
    }

    assert_eq!(queries[0].delete().await.unwrap().rows, 2);
    assert_eq!(table.numbers().await.unwrap(), [1, 10, 200].map(Number));
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "visits")]
struct Visit {
    #[s3(key, ordered)]
    from: IpAddr,
}

async fn addresses_are_listed_in_order(store: &Store) {
    let addresses = [
        "9.0.0.1",
        "10.0.0.1",
        "10.0.0.20",
        "192.168.0.1",
        "::1",
        "2001:db8::1",
    ];
    let mut rows: Vec<_> = addresses
        .map(|from| Visit {
            from: from.parse().unwrap(),
        })
        .into();
    let visits = store.db().table::<Visit>();
    visits.upsert_all(&rows).await.into_result().unwrap();
    rows.sort_by_key(|row| row.from);
    assert_eq!(visits.rows().await.unwrap(), rows);
    let address = |text: &str| text.parse::<IpAddr>().unwrap();
    let private = visits.filter_by_from(address("10.0.0.0")..address("11.0.0.0"));
    assert_eq!(private.rows().await.unwrap(), rows[1..3]);
}

on_every_store!(
    descending_columns_are_listed_from_the_greatest,
    a_range_is_in_the_order_of_the_columns_type,
    a_range_follows_an_order_that_is_another_in_one_value,
    addresses_are_listed_in_order,
);
