//! The table under test, and what the documentation says of its keys, said again without the
//! library's code.

use s3aads::{Database, RawTable, Result, S3Table};

pub(crate) use super::names::NAMES;
use super::names::segment;

/// A row with a column of each way to store one: text, padded, ordered, descending and plain
/// numbers.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "model rows")]
pub(crate) struct Row {
    #[s3(key)]
    pub(crate) name: String,
    #[s3(key, width = 3)]
    pub(crate) number: u16,
    #[s3(key, ordered)]
    pub(crate) rank: i16,
    #[s3(key, ordered, descending)]
    pub(crate) age: i8,
    #[s3(key, plural = "plain_values")]
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

    /// The stored body.
    pub(crate) fn body(&self) -> String {
        format!("{{\"value\":{}}}", self.value)
    }
}

/// The columns' stored texts; none where a column can't store its value.
pub(crate) fn texts(key: &RowKey) -> Option<[String; 5]> {
    let rank = match key.rank {
        rank @ 0.. => format!("{rank:05}"),
        rank => format!("-{:05}", 100_000 + i32::from(rank)),
    };
    let number = (key.number <= 999).then(|| format!("{:03}", key.number))?;
    let age = match -1 - i32::from(key.age) {
        age @ 0.. => format!("{age:03}"),
        age => format!("-{:03}", 1000 + age),
    };
    Some([key.name.clone(), number, rank, age, key.plain.to_string()])
}

/// Whether rows share objects, so that a row's version is the hash of its body on every store, and the schema is stored with
/// the first write.
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
pub(crate) fn raw(db: &Database, table: &RowTable) -> Result<RawTable> {
    db.raw_table(table.name(), table.columns())
}

/// The path below the table; none where the key can't be stored.
pub(crate) fn path(key: &RowKey) -> Option<String> {
    let segments = texts(key)?.map(|text| segment(&text)).join("/");
    (segment("model rows").len() + 1 + segments.len() <= 1024).then_some(segments)
}
