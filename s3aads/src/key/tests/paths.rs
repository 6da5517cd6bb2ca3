//! Whole keys: several columns, in both layouts.

use std::fmt;
use std::str::FromStr;

use proptest::prelude::*;

use super::shrinking::texts;
use crate::error::{Error, Result};
use crate::key::path::{KeyReader, KeyWriter, TableKey, parse_key, show_key};
use crate::key::{ColumnType, Encoding, KeyColumn, encode_text, read_key, write_key};
use crate::schema::{BodyFormat, ColumnSchema, Layout, Schema};
use crate::table::{Column, new_column};

const COLUMNS: &[ColumnSchema] = &[
    ColumnSchema::new("nämé ~", ColumnType::String, Encoding::Plain),
    ColumnSchema::new("offset", ColumnType::Signed(16), Encoding::Ordered),
    ColumnSchema::new("month", ColumnType::Unsigned(8), Encoding::Width(3)),
    ColumnSchema::new("..", ColumnType::String, Encoding::Plain),
];

fn column<C: KeyColumn>(index: usize) -> Column<(), C> {
    new_column(index).plain()
}

/// What the derive generates for a key of these columns.
macro_rules! key {
    ($name:ident, $layout:expr) => {
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        struct $name(String, i16, u8, String);

        impl TableKey for $name {
            const SCHEMA: &'static Schema =
                &Schema::new("rows", COLUMNS, $layout, BodyFormat::Empty);

            fn write(&self, writer: &mut KeyWriter) {
                column(0).write(&self.0, writer);
                column(1).write(&self.1, writer);
                column(2).write(&self.2, writer);
                column(3).write(&self.3, writer);
            }

            fn read(reader: &mut KeyReader<'_>) -> Result<Self> {
                Ok(Self(
                    column(0).read(reader)?,
                    column(1).read(reader)?,
                    column(2).read(reader)?,
                    column(3).read(reader)?,
                ))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                show_key(self, f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(path: &str) -> Result<Self> {
                parse_key(path)
            }
        }
    };
}

key!(PlainKey, Layout::Plain);
key!(HiveKey, Layout::Hive);

#[test]
fn paths_of_both_layouts() {
    let path = write_key(&PlainKey("a/b".into(), -1, 7, String::new())).unwrap();
    assert_eq!(path, "a%2Fb/-99999/007/%_");
    let path = write_key(&HiveKey("a/b".into(), -1, 7, ".".into())).unwrap();
    assert_eq!(path, "nämé ~=a%2Fb/offset=-99999/month=007/..=./row.json");
}

fn holds<K: TableKey>(a: &K, b: &K) {
    let (a_path, b_path) = (write_key(a).unwrap(), write_key(b).unwrap());
    assert_eq!(a == b, a_path == b_path);
    for (key, path) in [(a, &a_path), (b, &b_path)] {
        assert_eq!(read_key::<K>(path).ok().as_ref(), Some(key));
        assert_eq!(&key.to_string(), path);
        assert_eq!(path.parse::<K>().ok().as_ref(), Some(key));
    }
    // No row's path goes on below another's: it would have to be a file and a folder.
    assert!(!b_path.starts_with(&format!("{a_path}/")));
}

/// A path is read as the one key that is written as it, or refused.
fn reads_strictly<K: TableKey>(path: &str) {
    if let Ok(key) = read_key::<K>(path) {
        assert_eq!(write_key(&key).unwrap(), path);
    }
}

fn parts() -> impl Strategy<Value = (String, i16, u8, String)> {
    (texts(), any::<i16>(), any::<u8>(), texts())
}

/// The paths of keys with one place changed.
fn almost_paths() -> impl Strategy<Value = String> {
    let change = prop_oneof![
        Just("/"),
        Just("%"),
        Just("."),
        Just("0"),
        Just("="),
        Just("")
    ];
    let path = (parts(), any::<bool>()).prop_map(|((a, b, c, d), hive)| {
        if hive {
            write_key(&HiveKey(format!("{a}_"), b, c, format!("{d}_"))).unwrap()
        } else {
            write_key(&PlainKey(a, b, c, d)).unwrap()
        }
    });
    (path, change, any::<prop::sample::Index>(), 0usize..2).prop_map(
        |(mut path, change, at, cut)| {
            let at = path.floor_char_boundary(at.index(path.len()));
            let end = path.ceil_char_boundary((at + cut).min(path.len()));
            path.replace_range(at..end, change);
            path
        },
    )
}

proptest! {
    #[test]
    fn any_two_keys((a, b, c, d) in parts(), (e, f, g, h) in parts()) {
        holds(
            &PlainKey(a.clone(), b, c, d.clone()),
            &PlainKey(e.clone(), f, g, h.clone()),
        );
        if [&a, &d, &e, &h].iter().any(|text| encode_text(Layout::Hive, text).is_err()) {
            return Ok(());
        }
        holds(&HiveKey(a, b, c, d), &HiveKey(e, f, g, h));
    }

    #[test]
    fn any_path(path: String) {
        reads_strictly::<PlainKey>(&path);
        reads_strictly::<HiveKey>(&path);
    }

    #[test]
    fn almost_any_path(path in almost_paths()) {
        reads_strictly::<PlainKey>(&path);
        reads_strictly::<HiveKey>(&path);
    }
}

#[test]
fn a_path_of_another_shape_is_refused() {
    for path in ["", "/", "a/-99999/007", "a/-99999/007/", "a/-99999/007/b/c"] {
        assert!(read_key::<PlainKey>(path).is_err(), "{path:?}");
    }
    let whole = write_key(&HiveKey("a".into(), 1, 2, "b".into())).unwrap();
    let bare = whole.strip_suffix("/row.json").unwrap();
    for path in [
        bare.to_owned(),
        format!("{bare}/other.json"),
        format!("{whole}/"),
        whole.replace("month", "day"),
        whole.replace("offset=", "offset"),
        whole.replace("nämé ~", "n%C3%A4m%C3%A9%20~"),
        whole.replace("nämé ~=a", "nämé ~="),
    ] {
        assert!(read_key::<HiveKey>(&path).is_err(), "{path:?}");
    }
}
