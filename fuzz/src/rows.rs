//! Stored bodies of every format.

use std::fmt::Debug;

use bytes::Bytes;
use s3aads::S3Table;

use crate::tables::{
    Blob, ChronoEvent, DailyData, HiveText, MonthlyWeather, Name, SiteVisit, Station,
};

/// A body is a row of a table or refused, and a row that was read is written in a form that is read as the same row.
///
/// # Panics
///
/// Where it is not.
pub fn check(data: &[u8]) {
    let Some((table, body)) = data.split_first() else {
        return;
    };
    let body = Bytes::copy_from_slice(body);
    match table % 8 {
        0 => row::<DailyData>("1/2020/01/31", &body),
        1 => row::<Station>("00001/-995/sun/true/a", &body),
        2 => row::<Name>("%_", &body),
        3 => row::<Blob>("0000000001", &body),
        4 => row::<SiteVisit>("67e55044-10b1-426f-9247-bb680e5fe0c8/index", &body),
        5 => row::<ChronoEvent>("2020-01-31/20200131T235959.123456789Z", &body),
        6 => row::<MonthlyWeather>("city=a/year=2020/month=01/état~=b/row.json", &body),
        _ => row::<HiveText>("id=1/row.json", &body),
    }
}

fn row<T: S3Table + Debug + PartialEq>(key: &str, body: &Bytes) {
    let key: T::Key = key.parse().expect("a key of the table");
    let row = match T::read_body(key.clone(), body) {
        Ok(row) => row,
        Err(error) => {
            let _ = format!("{error} {error:?}");
            return;
        }
    };
    assert_eq!(row.to_key(), key);
    let written = row
        .write_body()
        .expect("a row that was read can be written");
    let again = T::read_body(key, &written).expect("a row that was written can be read");
    assert_eq!(again, row);
}
