//! A row's body: what the attributes for serde make of it, without the row being `Serialize`.

use std::collections::{BTreeMap, HashMap, HashSet};

use bytes::Bytes;
use s3aads::S3Table;
use serde::{Deserialize, Serialize};

/// The row's body as text.
fn written<T: S3Table>(row: &T) -> String {
    String::from_utf8(row.write_body().unwrap().to_vec()).unwrap()
}

fn read<T: S3Table>(key: impl Into<T::Key>, body: &str) -> Result<T, String> {
    T::read_body(key.into(), &Bytes::copy_from_slice(body.as_bytes()))
        .map_err(|error| error.to_string())
}

#[track_caller]
fn both_ways<T: S3Table + PartialEq + std::fmt::Debug>(row: &T, body: &str) {
    assert_eq!(written(row), body);
    assert_eq!(read::<T>(row, body).as_ref(), Ok(row));
}

mod minutes {
    use serde::{Deserialize, Deserializer, Serializer};

    // The signature is serde's: a reference to the field's type.
    #[allow(clippy::trivially_copy_pass_by_ref)]
    pub(crate) fn serialize<S: Serializer>(
        seconds: &u32,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{} min", seconds / 60))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.strip_suffix(" min")
            .and_then(|minutes| minutes.parse::<u32>().ok())
            .map(|minutes| minutes * 60)
            .ok_or_else(|| serde::de::Error::custom("not a number of minutes"))
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Place {
    lat: i32,
    lon: i32,
}

fn seven() -> u8 {
    7
}

#[derive(Debug, PartialEq, S3Table)]
struct Fields {
    #[s3(key)]
    id: u64,
    #[serde(rename = "n", alias = "title")]
    name: String,
    #[serde(default)]
    count: u8,
    #[serde(default = "seven")]
    week: u8,
    #[serde(skip)]
    cache: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(with = "minutes")]
    length: u32,
    #[serde(flatten)]
    place: Place,
}

#[test]
fn attributes_on_fields() {
    let mut row = Fields {
        id: 1,
        name: "a".into(),
        count: 2,
        week: 3,
        cache: None,
        note: Some("b".into()),
        length: 120,
        place: Place { lat: 4, lon: 5 },
    };
    both_ways(
        &row,
        r#"{"n":"a","count":2,"week":3,"note":"b","length":"2 min","lat":4,"lon":5}"#,
    );
    row.note = None;
    row.cache = Some("not stored".into());
    assert_eq!(
        written(&row),
        r#"{"n":"a","count":2,"week":3,"length":"2 min","lat":4,"lon":5}"#
    );
    let row = read::<Fields>(
        9,
        r#"{"title":"a","length":"2 min","lat":4,"lon":5,"other":1}"#,
    )
    .unwrap();
    assert_eq!((row.id, row.count, row.week), (9, 0, 7));
    assert_eq!(row.name, "a");
}

#[derive(Debug, PartialEq, S3Table)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Strict {
    #[s3(key)]
    row_id: u64,
    wind_speed: u8,
}

#[test]
fn attributes_on_the_struct() {
    both_ways(
        &Strict {
            row_id: 1,
            wind_speed: 2,
        },
        r#"{"windSpeed":2}"#,
    );
    let error = read::<Strict>(1, r#"{"windSpeed":2,"rowId":1}"#).unwrap_err();
    assert!(error.contains("unknown field `rowId`"), "{error}");
    let error = read::<Strict>(1, r#"{"windSpeed":"x"}"#).unwrap_err();
    assert!(error.contains("windSpeed"), "{error}");
    let error = read::<Strict>(1, "[]").unwrap_err();
    assert!(!error.contains("__S3"), "{error}");
    let error = read::<Strict>(1, "7").unwrap_err();
    assert!(error.contains("expected the body of a `Strict`"), "{error}");
}

#[derive(Debug, PartialEq, S3Table)]
#[serde(default)]
struct Defaults {
    #[s3(key)]
    id: u64,
    volume: u8,
    name: String,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            id: 99,
            volume: 11,
            name: "amp".into(),
        }
    }
}

#[derive(Debug, PartialEq, S3Table)]
#[serde(default = "DefaultPath::loud")]
struct DefaultPath {
    #[s3(key)]
    id: u64,
    volume: u8,
}

impl DefaultPath {
    fn loud() -> Self {
        Self { id: 99, volume: 12 }
    }
}

#[test]
fn missing_fields_are_the_rows_default() {
    let row = read::<Defaults>(1, r#"{"name":"b"}"#).unwrap();
    assert_eq!(
        row,
        Defaults {
            id: 1,
            volume: 11,
            name: "b".into()
        }
    );
    assert_eq!(
        read::<DefaultPath>(1, "{}").unwrap(),
        DefaultPath { id: 1, volume: 12 }
    );
}

#[derive(Debug, PartialEq, S3Table)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Data {
    #[s3(key)]
    id: u64,
    #[s3(data)]
    #[serde(default, rename = "x", skip_serializing_if = "never", with = "minutes")]
    length: u32,
}

#[test]
fn a_data_field_is_the_body() {
    both_ways(&Data { id: 1, length: 60 }, r#""1 min""#);
}

#[derive(Debug, PartialEq, S3Table)]
struct Raw {
    #[s3(key)]
    id: u64,
    #[s3(bytes)]
    raw: Vec<u8>,
}

#[derive(Debug, PartialEq, S3Table)]
struct Shared {
    #[s3(key)]
    id: u64,
    #[s3(bytes)]
    raw: Bytes,
}

#[derive(Debug, PartialEq, S3Table)]
struct Text {
    #[s3(key)]
    id: u64,
    #[s3(text)]
    text: String,
}

#[derive(Debug, PartialEq, S3Table)]
struct Empty {
    #[s3(key)]
    id: u64,
}

#[test]
fn other_formats() {
    both_ways(
        &Raw {
            id: 1,
            raw: b"\"a".to_vec(),
        },
        "\"a",
    );
    both_ways(
        &Shared {
            id: 1,
            raw: Bytes::from_static(b"{"),
        },
        "{",
    );
    both_ways(
        &Text {
            id: 1,
            text: "é\n".into(),
        },
        "é\n",
    );
    both_ways(&Empty { id: 1 }, "");
    let not_utf8 = Bytes::from_static(b"\xFF");
    assert!(Text::read_body(1.into(), &not_utf8).is_err());
    assert_eq!(Raw::read_body(1.into(), &not_utf8).unwrap().raw, b"\xFF");
    assert!(read::<Empty>(1, "{}").is_err());
}

#[derive(Debug, PartialEq, S3Table)]
#[serde(tag = "type", rename(serialize = "row", deserialize = "row"))]
struct Tagged {
    #[s3(key)]
    id: u64,
    name: String,
}

#[derive(Debug, PartialEq, S3Table)]
#[serde(tag = "type")]
struct TaggedByName {
    #[s3(key)]
    id: u64,
    name: String,
}

#[test]
fn a_tag_is_the_rows_name() {
    let name = || "a".to_owned();
    both_ways(
        &Tagged {
            id: 1,
            name: name(),
        },
        r#"{"type":"row","name":"a"}"#,
    );
    both_ways(
        &TaggedByName {
            id: 1,
            name: name(),
        },
        r#"{"type":"TaggedByName","name":"a"}"#,
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize, S3Table)]
struct Tree {
    #[s3(key)]
    id: u64,
    children: Vec<Self>,
}

#[test]
fn a_field_of_the_rows_own_type() {
    let leaf = Tree {
        id: 2,
        children: vec![],
    };
    both_ways(
        &Tree {
            id: 1,
            children: vec![leaf],
        },
        r#"{"children":[{"id":2,"children":[]}]}"#,
    );
}

#[derive(Debug, PartialEq, S3Table)]
struct Awkward {
    #[s3(key)]
    id: u64,
    a: u8,
    #[serde(flatten)]
    by_name: BTreeMap<String, u8>,
    #[serde(flatten)]
    by_number: BTreeMap<u64, u8>,
}

fn awkward(name: Option<&str>, number: Option<u64>) -> Awkward {
    Awkward {
        id: 1,
        a: 1,
        by_name: name.map(|name| (name.to_owned(), 2)).into_iter().collect(),
        by_number: number.map(|number| (number, 3)).into_iter().collect(),
    }
}

#[test]
fn a_body_that_could_not_be_read_back_is_not_written() {
    both_ways(&awkward(None, None), r#"{"a":1}"#);
    for row in [awkward(Some("a"), None), awkward(None, Some(7))] {
        let error = row.write_body().unwrap_err().to_string();
        assert!(error.contains("can't be read back"), "{error}");
    }
}

#[derive(Debug, S3Table)]
struct Measured {
    #[s3(key)]
    id: u64,
    first: Option<f32>,
    #[serde(default)]
    all: Vec<(u8, f64)>,
}

#[test]
fn a_number_that_json_has_no_form_for_is_not_written() {
    let measured = |first, all| Measured { id: 1, first, all };
    assert_eq!(
        written(&measured(None, vec![])),
        r#"{"first":null,"all":[]}"#
    );
    let error = measured(Some(f32::INFINITY), vec![])
        .write_body()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "field \"first\": the number inf is not finite, and JSON has no form for it"
    );
    let error = measured(None, vec![(0, f64::NAN)])
        .write_body()
        .unwrap_err();
    assert!(
        error.to_string().starts_with("field \"all[0][1]\""),
        "{error}"
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Large {
    large: u128,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Numbered {
    numbered: HashMap<u64, u8>,
}

fn is_small(number: &u8) -> bool {
    *number < 5
}

/// What serde reads as something else, without an error: an inner struct of which it can't read a field is
/// none, and what is left out is the default.
#[derive(Debug, PartialEq, S3Table)]
struct Changing {
    #[s3(key)]
    id: u64,
    #[serde(flatten)]
    large: Option<Large>,
    #[serde(flatten)]
    numbered: Option<Numbered>,
    #[serde(default = "seven", skip_serializing_if = "is_small")]
    week: u8,
    #[serde(default, skip_serializing_if = "is_small")]
    day: u8,
}

#[test]
fn a_body_that_would_read_back_as_something_else_is_not_written() {
    let row = || Changing {
        id: 1,
        large: None,
        numbered: None,
        week: 8,
        day: 0,
    };
    both_ways(&row(), r#"{"week":8}"#);
    let numbered = HashMap::from([(1, 2)]);
    for (row, field) in [
        (
            Changing {
                large: Some(Large { large: 1 }),
                ..row()
            },
            "large",
        ),
        (
            Changing {
                numbered: Some(Numbered { numbered }),
                ..row()
            },
            "numbered",
        ),
        (Changing { week: 0, ..row() }, "week"),
        // Left out of both bodies, and another in each.
        (Changing { day: 4, ..row() }, "day"),
    ] {
        let error = row.write_body().unwrap_err().to_string();
        let said =
            format!("field {field:?}: the body that would be written reads back as something else");
        assert_eq!(error, said);
    }
}

#[derive(Debug, PartialEq, S3Table)]
struct Unordered {
    #[s3(key)]
    id: u64,
    #[serde(flatten)]
    fields: HashMap<String, u8>,
    #[serde(default, skip_serializing_if = "HashSet::is_empty")]
    names: HashSet<String>,
}

/// Each map and set has an order of its own, which is not its value.
#[test]
fn maps_and_sets_read_back_whatever_their_order() {
    for _ in 0..20 {
        let row = Unordered {
            id: 1,
            fields: (0..20).map(|n| (format!("f{n}"), n)).collect(),
            names: (0..20).map(|n| format!("n{n}")).collect(),
        };
        let body = row.write_body().unwrap();
        assert_eq!(Unordered::read_body(1.into(), &body).unwrap(), row);
    }
}
