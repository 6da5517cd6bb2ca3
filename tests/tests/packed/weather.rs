//! The weather of two cities over four years: 2,922 days in 8 packs.

use std::fmt::Write as _;

use s3aads::S3Table;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(layout = "hive")]
pub(crate) struct Weather {
    #[s3(key)]
    pub(crate) location: String,
    #[s3(key)]
    pub(crate) year: u16,
    #[s3(key, packed)]
    pub(crate) month: u8,
    #[s3(key, packed)]
    pub(crate) day: u8,
    pub(crate) temp_max: f64,
}

const CITIES: [&str; 2] = ["New York", "Seattle"];
const YEARS: std::ops::RangeInclusive<u16> = 2012..=2015;

fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if year == 2012 => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days of one pack.
pub(crate) fn days_in(location: &str, year: u16) -> Vec<Weather> {
    let months = (1..=12).flat_map(|month| (1..=days_of(year, month)).map(move |day| (month, day)));
    let day = |(month, day)| Weather {
        location: location.to_owned(),
        year,
        month,
        day,
        temp_max: f64::from(month) + f64::from(day) / 100.0,
    };
    months.map(day).collect()
}

/// All days, in key order.
pub(crate) fn days() -> Vec<Weather> {
    let packs = CITIES
        .iter()
        .flat_map(|city| YEARS.map(|year| days_in(city, year)));
    packs.flatten().collect()
}

/// The packs that hold them, path and body.
pub(crate) fn packs() -> Vec<(String, String)> {
    let packs = CITIES
        .iter()
        .flat_map(|city| YEARS.map(move |year| (*city, year)));
    packs
        .map(|(city, year)| (path(city, year), lines(&days_in(city, year))))
        .collect()
}

pub(crate) fn path(location: &str, year: u16) -> String {
    format!("weather/location={location}/year={year}/rows.ndjson")
}

pub(crate) fn lines(days: &[Weather]) -> String {
    days.iter().fold(String::new(), |mut lines, day| {
        let Weather { location, year, month, day, temp_max } = day;
        let _ = writeln!(
            lines,
            r#"{{"location":"{location}","year":{year},"month":{month},"day":{day},"temp_max":{temp_max}}}"#
        );
        lines
    })
}
