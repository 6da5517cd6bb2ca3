//! The model's table with its last three columns packed.

use std::collections::BTreeSet;

use s3aads::{Database, RawTable, Result, S3Table};

pub(crate) use super::names::NAMES;
use super::names::segment;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "model rows")]
pub(crate) struct Row {
    #[s3(key)]
    pub(crate) name: String,
    #[s3(key, width = 3)]
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

/// The columns' stored texts; none where a column can't store its value.
pub(crate) fn texts(key: &RowKey) -> Option<[String; 5]> {
    let number = (key.number <= LARGEST_NUMBER).then(|| format!("{:03}", key.number))?;
    let rest = (
        key.rank.to_string(),
        key.age.to_string(),
        key.plain.to_string(),
    );
    Some([key.name.clone(), number, rest.0, rest.1, rest.2])
}

/// The path of the key below the table; none where it can't be stored.
pub(crate) fn path(key: &RowKey) -> Option<String> {
    let path = texts(key)?.map(|text| segment(&text)).join("/");
    let object = segment("model rows").len() + 1 + pack(key).len();
    (path.len() <= 1024 && object <= 1024).then_some(path)
}

/// The path of the pack that a row is in.
fn pack(key: &RowKey) -> String {
    format!("{}/{:03}/rows.ndjson", segment(&key.name), key.number)
}

pub(crate) const PACKED: bool = true;

/// Whether a column's text may be too long for the store.
pub(crate) const IN_PATHS: bool = true;

/// The largest number that its column can hold.
pub(crate) const LARGEST_NUMBER: u16 = 999;

/// Where a row comes among the others: by the bytes of its pack's path, then by values.
pub(crate) type Place = (String, i16, i8, u32);

pub(crate) fn place(key: &RowKey) -> Option<Place> {
    Some((pack(key), key.rank, key.age, key.plain))
}

/// How many objects hold these rows.
pub(crate) fn objects<'a>(rows: impl Iterator<Item = &'a Row>) -> u64 {
    let packs: BTreeSet<String> = rows.map(|row| pack(&RowKey::from(row))).collect();
    packs.len() as u64
}

/// The table without its struct.
pub(crate) fn raw(_: &Database, table: &RowTable) -> Result<RawTable> {
    Ok(table.raw())
}
