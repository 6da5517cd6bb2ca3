//! The tables of the behaviours, with indexes.

use s3aads::S3Table;

/// One day's readings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, S3Table)]
#[s3(table = "daily-data")]
#[s3(
    index(by_year, columns = "year, id"),
    index(by_day, columns = "day, month")
)]
pub(crate) struct DailyData {
    #[s3(key)]
    pub(crate) id: u64,
    #[s3(key)]
    pub(crate) year: u16,
    #[s3(key, width = 2)]
    pub(crate) month: u8,
    #[s3(key, width = 2)]
    pub(crate) day: u8,
    pub(crate) data: Vec<String>,
}

pub(crate) fn day(id: u64, year: u16, month: u8, day: u8) -> DailyData {
    DailyData {
        id,
        year,
        month,
        day,
        data: vec!["a".to_owned(), format!("{id}-{year}")],
    }
}

/// Where a key comes in a query's results: by the texts of its path.
pub(crate) fn place(key: &DailyDataKey) -> String {
    key.to_string()
}

/// The text of a day's key, as it is here.
pub(crate) fn key_text(text: &str) -> String {
    text.to_owned()
}

/// What is stored of a day beside its key.
pub(crate) fn body(day: &DailyData) -> Vec<u8> {
    let data = serde_json::to_string(&day.data).unwrap();
    format!("{{\"data\":{data}}}").into_bytes()
}

/// A row with a body of named fields.
#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
pub(crate) struct Counter {
    #[s3(key)]
    pub(crate) name: String,
    #[s3(index, ordered)]
    pub(crate) value: i64,
    #[s3(index)]
    pub(crate) note: Option<String>,
}

pub(crate) fn counter(name: &str, value: i64) -> Counter {
    Counter {
        name: name.to_owned(),
        value,
        note: None,
    }
}
