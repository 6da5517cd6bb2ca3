//! Generated code finds the runtime by the `crate` setting, also where it is re-exported, and
//! serde through the runtime.

/// Where a facade crate would re-export the runtime.
pub mod facade {
    pub use datastore as store;
}

use datastore::{KeyColumn, S3Table};

/// A number of its own type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
#[s3(crate = "::datastore")]
pub struct Id(pub u64);

/// Two of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
#[s3(crate = "crate::facade::store")]
pub enum Colour {
    /// Stored as `red`.
    Red,
    /// Stored as `dark_blue`.
    DarkBlue,
}

/// A row of every kind of field.
#[derive(Debug, PartialEq, S3Table)]
#[s3(crate = "crate::facade::store")]
#[serde(rename_all = "camelCase", default)]
pub struct Row {
    /// The first column.
    #[s3(key, width = 4)]
    pub id: Id,
    /// The second.
    #[s3(key)]
    pub colour: Colour,
    /// A field of the body.
    pub wind_speed: u32,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            id: Id(0),
            colour: Colour::Red,
            wind_speed: 7,
        }
    }
}

/// The key alone.
#[derive(Debug, PartialEq, S3Table)]
#[s3(crate = "datastore")]
pub struct Mark {
    /// Its name.
    #[s3(key)]
    pub name: String,
}

#[test]
fn rows_are_written_and_read() {
    let row = Row {
        colour: Colour::DarkBlue,
        ..Row::default()
    };
    assert_eq!(row.to_key().to_string(), "0000/dark_blue");
    let body = row.write_body().unwrap();
    assert_eq!(body, r#"{"windSpeed":7}"#);
    assert_eq!(Row::read_body(row.to_key(), &body).unwrap(), row);
    assert_eq!(MarkKey::from("a").to_string(), "a");
}
