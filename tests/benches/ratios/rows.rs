//! The table that is measured, and the same rows as a program without this library would handle them.

use object_store::path::Path;
use s3aads::S3Table;

/// The table's folder.
pub(crate) const TABLE: &str = "daily-data";

/// One day's readings.
#[derive(Debug, Clone, PartialEq, S3Table)]
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

/// The key columns: id, year, month, day.
pub(crate) type Key = (u64, u16, u8, u8);

const DAYS_PER_MONTH: u64 = 28;
const DAYS_PER_YEAR: u64 = 12 * DAYS_PER_MONTH;

/// The first `rows` days of each of `ids`.
pub(crate) fn keys(ids: u64, rows: u64) -> impl Iterator<Item = Key> {
    (0..ids).flat_map(move |id| (0..rows).map(move |day| key(id, day)))
}

/// One day of one id.
pub(crate) fn key(id: u64, day: u64) -> Key {
    let narrow = |n: u64| u8::try_from(n + 1).expect("a month or a day");
    (
        id,
        u16::try_from(1900 + day / DAYS_PER_YEAR).expect("few enough rows"),
        narrow(day % DAYS_PER_YEAR / DAYS_PER_MONTH),
        narrow(day % DAYS_PER_MONTH),
    )
}

/// Where the row is stored.
pub(crate) fn path((id, year, month, day): Key) -> String {
    format!("{TABLE}/{id}/{year}/{month:02}/{day:02}")
}

/// [`path`] as `object_store` takes it.
pub(crate) fn location(key: Key) -> Path {
    Path::from(path(key))
}

/// What each row holds.
pub(crate) fn data() -> Vec<String> {
    let readings = ["12.5", "overcast", "wind from the north-west", "1013 hPa"];
    readings.map(str::to_owned).to_vec()
}

/// A row.
pub(crate) fn row((id, year, month, day): Key) -> DailyData {
    DailyData {
        id,
        year,
        month,
        day,
        data: data(),
    }
}

/// [`data`] as it is stored.
pub(crate) fn body() -> Vec<u8> {
    serde_json::to_vec(&data()).expect("text has a JSON form")
}

/// The columns of a listed object, as a program that uses `object_store` alone would read them.
pub(crate) fn parse(location: &Path) -> Option<Key> {
    let mut segments = location.as_ref().split('/').skip(1);
    let key = (
        segments.next()?.parse().ok()?,
        segments.next()?.parse().ok()?,
        segments.next()?.parse().ok()?,
        segments.next()?.parse().ok()?,
    );
    segments.next().is_none().then_some(key)
}
