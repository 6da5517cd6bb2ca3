//! The model's table as one compressed object, whose lines hold the awkward texts.

use s3aads::{Database, RawTable, Result, S3Table};

pub(crate) use super::names::NAMES;
use super::names::segment;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "model rows", compress = "gzip")]
pub(crate) struct Row {
    #[s3(key, packed)]
    pub(crate) name: String,
    #[s3(key, packed)]
    pub(crate) number: u16,
    #[s3(key, packed)]
    pub(crate) rank: i16,
    #[s3(key, packed)]
    pub(crate) age: i8,
    #[s3(key, packed, plural = "plain_values")]
    pub(crate) plain: u32,
    pub(crate) value: u64,
}

impl Row {
    pub(crate) fn new(key: &RowKey, value: u64) -> Self {
        let RowKey {
            name,
            number,
            rank,
            age,
            plain,
        } = key.clone();
        Self {
            name,
            number,
            rank,
            age,
            plain,
            value,
        }
    }

    /// What is stored beside the key.
    pub(crate) fn body(&self) -> String {
        format!("{{\"value\":{}}}", self.value)
    }
}

/// The columns' stored texts.
pub(crate) fn texts(key: &RowKey) -> Option<[String; 5]> {
    let numbers = (
        key.number.to_string(),
        key.rank.to_string(),
        key.age.to_string(),
    );
    Some([
        key.name.clone(),
        numbers.0,
        numbers.1,
        numbers.2,
        key.plain.to_string(),
    ])
}

/// The path of the key below the table; none where it can't be stored.
pub(crate) fn path(key: &RowKey) -> Option<String> {
    let path = texts(key)?.map(|text| segment(&text)).join("/");
    (path.len() <= 1024).then_some(path)
}

pub(crate) const PACKED: bool = true;

/// Whether a column's text may be too long for the store.
pub(crate) const IN_PATHS: bool = false;

/// The largest number that its column can hold.
pub(crate) const LARGEST_NUMBER: u16 = u16::MAX;

/// Where a row comes among the others: by values.
pub(crate) type Place = (String, u16, i16, i8, u32);

pub(crate) fn place(key: &RowKey) -> Option<Place> {
    Some((key.name.clone(), key.number, key.rank, key.age, key.plain))
}

/// How many objects hold these rows.
pub(crate) fn objects<'a>(mut rows: impl Iterator<Item = &'a Row>) -> u64 {
    u64::from(rows.next().is_some())
}

/// The table without its struct.
pub(crate) fn raw(_: &Database, table: &RowTable) -> Result<RawTable> {
    Ok(table.raw())
}
