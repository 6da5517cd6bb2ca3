//! Keys of derived tables, as text.

use s3aads::{S3Table, TableKey};

use crate::tables::{
    Blob, ChronoEvent, DailyData, HiveEmpty, JiffEvent, Long, MonthlyWeather, OrderedIntegers,
    PaddedIntegers, PlainIntegers, SiteVisit, Station,
};

/// A text is the path of one key of a table, or of none.
///
/// # Panics
///
/// Where a key is read that is not written as it was read.
pub fn check(data: &[u8]) {
    let Some((table, text)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    match table % 12 {
        0 => key::<DailyData>(text),
        1 => key::<PlainIntegers>(text),
        2 => key::<OrderedIntegers>(text),
        3 => key::<PaddedIntegers>(text),
        4 => key::<Station>(text),
        5 => key::<Blob>(text),
        6 => key::<SiteVisit>(text),
        7 => key::<ChronoEvent>(text),
        8 => key::<JiffEvent>(text),
        9 => key::<MonthlyWeather>(text),
        10 => key::<HiveEmpty>(text),
        _ => key::<Long>(text),
    }
}

fn key<T: S3Table>(text: &str) {
    match text.parse::<T::Key>() {
        Ok(key) => {
            assert_eq!(key.to_string(), text, "{key:?}");
            assert_eq!(text.parse::<T::Key>().ok(), Some(key));
        }
        Err(error) => {
            assert_eq!(error.kind(), s3aads::ErrorKind::InvalidKey);
            assert_eq!(error.table(), Some(<T::Key as TableKey>::SCHEMA.table()));
            let _ = format!("{error} {error:?}");
        }
    }
}
