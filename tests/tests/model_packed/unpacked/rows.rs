//! The same rows, an object each: their last columns are stored so that texts are in the order of values.

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
    #[s3(key, ordered)]
    pub(crate) rank: i16,
    #[s3(key, ordered)]
    pub(crate) age: i8,
    #[s3(key, ordered, plural = "plain_values")]
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
    let signed = |value: i32, width: usize| match value {
        0.. => format!("{value:0width$}"),
        _ => format!("-{:0width$}", 10_i32.pow(width as u32) + value),
    };
    let number = (key.number <= LARGEST_NUMBER).then(|| format!("{:03}", key.number))?;
    let (rank, age) = (signed(key.rank.into(), 5), signed(key.age.into(), 3));
    Some([
        key.name.clone(),
        number,
        rank,
        age,
        format!("{:010}", key.plain),
    ])
}

/// The path of the key below the table; none where it can't be stored.
pub(crate) fn path(key: &RowKey) -> Option<String> {
    let path = texts(key)?.map(|text| segment(&text)).join("/");
    (segment("model rows").len() + 1 + path.len() <= 1024).then_some(path)
}

pub(crate) const PACKED: bool = false;

/// Whether a column's text may be too long for the store.
pub(crate) const IN_PATHS: bool = true;

/// The largest number that its column can hold.
pub(crate) const LARGEST_NUMBER: u16 = 999;

/// Where a row comes among the others: by the bytes of its path.
pub(crate) type Place = String;

pub(crate) fn place(key: &RowKey) -> Option<Place> {
    path(key)
}

/// How many objects hold these rows.
pub(crate) fn objects<'a>(rows: impl Iterator<Item = &'a Row>) -> u64 {
    rows.count() as u64
}

/// The table without its struct.
pub(crate) fn raw(_: &Database, table: &RowTable) -> Result<RawTable> {
    Ok(table.raw())
}
