//! The tables that the behaviours are about.

use s3aads::S3Table;

/// One day's readings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, S3Table)]
#[s3(table = "daily-data")]
pub(crate) struct DailyData {
    #[s3(key)]
    pub(crate) id: u64,
    #[s3(key)]
    pub(crate) year: u16,
    #[s3(key, width = 2)]
    pub(crate) month: u8,
    #[s3(key, width = 2)]
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

/// A row with a body of named fields.
#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
pub(crate) struct Counter {
    #[s3(key)]
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
