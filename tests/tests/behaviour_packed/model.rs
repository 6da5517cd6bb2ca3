//! The tables of the behaviours, packed: days by month and day, and counters in one object.

use s3aads::S3Table;

/// One day's readings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, S3Table)]
#[s3(table = "daily-data")]
pub(crate) struct DailyData {
    #[s3(key)]
    pub(crate) id: u64,
    #[s3(key)]
    pub(crate) year: u16,
    #[s3(key, packed)]
    pub(crate) month: u8,
    #[s3(key, packed)]
    pub(crate) day: u8,
    #[s3(data)]
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

/// Where a key comes in a query's results: by the texts of its path, then by the values of the packed columns.
pub(crate) fn place(key: &DailyDataKey) -> (String, String, u8, u8) {
    (key.id.to_string(), key.year.to_string(), key.month, key.day)
}

/// The text of a day's key, as it is here: packed columns have no width.
pub(crate) fn key_text(text: &str) -> String {
    text.replace("/0", "/")
}

/// What is stored of a day beside its key.
pub(crate) fn body(day: &DailyData) -> Vec<u8> {
    let data = serde_json::to_string(&day.data).unwrap();
    format!("{{\"data\":{data}}}").into_bytes()
}

/// A row with a body of named fields.
#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
pub(crate) struct Counter {
    #[s3(key, packed)]
    pub(crate) name: String,
    pub(crate) value: i64,
    pub(crate) note: Option<String>,
}

pub(crate) fn counter(name: &str, value: i64) -> Counter {
    Counter {
        name: name.to_owned(),
        value,
        note: None,
    }
}
