//! The texts of dates (`2020-01-31`), UTC timestamps (`20200131T235959.123456789Z`) and the same
//! without a time zone, alike for every crate that models them, so that programs can share a table.
//!
//! Every field has a fixed width, so that the order of the texts is the order of the values, and
//! no character of them is percent-encoded in a segment.

use std::fmt::Write;
use std::str::FromStr;

use super::column::{ColumnType, Encoding, TextError};
use super::descending::{turn, turned};

/// The fields of a date; whether the month has such a day is for the crate that models it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DateFields {
    pub(super) year: u16,
    pub(super) month: u8,
    pub(super) day: u8,
}

/// The fields of a date and time: of a UTC timestamp, or in no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TimestampFields {
    pub(super) date: DateFields,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    pub(super) nanosecond: u32,
}

impl DateFields {
    /// Appends `2020-01-31`.
    #[cfg(any(feature = "chrono", feature = "jiff"))]
    pub(super) fn push_date(self, encoding: Encoding, text: &mut String) {
        let Self { year, month, day } = self;
        let start = text.len();
        // Writing to a `String` does not fail.
        let _ = write!(text, "{year:04}-{month:02}-{day:02}");
        turn(text, start, encoding, 10);
    }

    pub(super) fn parse_date(text: &str, encoding: Encoding) -> Option<Self> {
        let text = turned(text, encoding, 10);
        let mut rest = Fields(&text);
        let year = rest.number(4)?;
        rest.literal("-")?;
        let month = rest.number(2)?;
        rest.literal("-")?;
        let day = rest.number(2)?;
        rest.end()?;
        Some(Self { year, month, day })
    }
}

impl TimestampFields {
    /// Appends `20200131T235959.123456789` and the zone, `Z` or nothing.
    pub(super) fn push_timestamp(self, zone: &str, encoding: Encoding, text: &mut String) {
        let Self {
            date: DateFields { year, month, day },
            hour,
            minute,
            second,
            nanosecond,
        } = self;
        let start = text.len();
        // Writing to a `String` does not fail.
        let _ = write!(
            text,
            "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}.{nanosecond:09}{zone}"
        );
        turn(text, start, encoding, 10);
    }

    pub(super) fn parse_timestamp(text: &str, zone: &str, encoding: Encoding) -> Option<Self> {
        let text = turned(text, encoding, 10);
        let mut rest = Fields(&text);
        let date = DateFields {
            year: rest.number(4)?,
            month: rest.number(2)?,
            day: rest.number(2)?,
        };
        rest.literal("T")?;
        let hour = rest.number(2)?;
        let minute = rest.number(2)?;
        let second = rest.number(2)?;
        rest.literal(".")?;
        let nanosecond = rest.number(9)?;
        rest.literal(zone)?;
        rest.end()?;
        Some(Self {
            date,
            hour,
            minute,
            second,
            nanosecond,
        })
    }
}

/// What is left of a text of fixed-width fields.
struct Fields<'a>(&'a str);

impl Fields<'_> {
    /// A number of exactly so many digits; a sign is none.
    fn number<N: FromStr>(&mut self, digits: usize) -> Option<N> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        self.0 = rest;
        number
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| number.parse().ok())?
    }

    fn literal(&mut self, literal: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(literal)?;
        Some(())
    }

    fn end(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// A year as its four digits.
pub(super) fn four_digits(year: impl Into<i32>) -> Result<u16, TextError> {
    let year = year.into();
    match u16::try_from(year) {
        Ok(year @ 0..=9999) => Ok(year),
        _ => Err(TextError::new(format!(
            "the year {year} is not one of 0000 to 9999, which is what a date in a key can hold"
        ))),
    }
}

#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(super) fn not_a_date(text: &str) -> TextError {
    TextError::new(format!("{text:?} is not a date as in 2020-01-31"))
}

/// How the texts of a column of this type end.
pub(super) fn zone(kind: ColumnType) -> &'static str {
    if kind == ColumnType::Timestamp {
        "Z"
    } else {
        ""
    }
}

/// The error for a text that is no value of a column of this type.
pub(super) fn not_a_time(kind: ColumnType, text: &str) -> TextError {
    let (what, zone) = match kind {
        ColumnType::Timestamp => ("UTC timestamp", "Z"),
        _ => ("date and time", ""),
    };
    TextError::new(format!(
        "{text:?} is not a {what} as in 20200131T235959.123456789{zone}"
    ))
}

/// A key column of dates: how its type comes to the fields of a date and back, and what the next day is.
#[cfg(any(feature = "chrono", feature = "jiff"))]
macro_rules! date_column {
    ($type:ty, $fields:expr, $value:expr, $next:expr $(,)?) => {
        /// Stored as `2020-01-31`; years from 0000 to 9999. Other years are refused, since their texts
        /// would not be in order.
        #[diagnostic::do_not_recommend]
        impl KeyColumn for $type {
            type Form = SortedForm;

            const TYPE: ColumnType = ColumnType::Date;

            fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
                $fields(*self)?.push_date(encoding, text);
                Ok(())
            }

            fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
                DateFields::parse_date(text, encoding)
                    .and_then($value)
                    .ok_or_else(|| calendar::not_a_date(text))
            }

            fn is_ordered(_: Encoding) -> bool {
                true
            }

            fn enumerate(low: &Self, high: &Self, most: usize) -> Option<Vec<Self>> {
                let days: Vec<_> = std::iter::successors(Some(*low), $next)
                    .take_while(|day| day <= high)
                    .take(most.saturating_add(1))
                    .collect();
                (days.len() <= most).then_some(days)
            }
        }
    };
}

/// A key column of dates and times: whether they are UTC timestamps or in no time zone, how its type comes
/// to the fields and back.
macro_rules! time_column {
    (
        $(#[$doc:meta])*
        $type:ty, $kind:ident, $fields:expr, $value:expr $(,)?
    ) => {
        $(#[$doc])*
        #[diagnostic::do_not_recommend]
        impl KeyColumn for $type {
            type Form = SortedForm;

            const TYPE: ColumnType = ColumnType::$kind;

            fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
                let fields: Result<TimestampFields, TextError> = $fields(*self);
                fields?.push_timestamp(calendar::zone(Self::TYPE), encoding, text);
                Ok(())
            }

            fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
                TimestampFields::parse_timestamp(text, calendar::zone(Self::TYPE), encoding)
                    .and_then($value)
                    .ok_or_else(|| calendar::not_a_time(Self::TYPE, text))
            }

            fn is_ordered(_: Encoding) -> bool {
                true
            }
        }
    };
}

#[cfg(any(feature = "chrono", feature = "jiff"))]
pub(super) use date_column;
pub(super) use time_column;

/// Texts that no date or timestamp has, for the tests of each crate that models them.
#[cfg(test)]
pub(super) mod foreign {
    pub(in crate::key) const DATES: &[&str] = &[
        "",
        "2020-1-31",
        "2020-01-1",
        "020-01-31",
        "+2020-01-31",
        "-2020-01-31",
        "+002020-01-31",
        "12020-01-31",
        "20200131",
        "2020/01/31",
        "2020-01-31 ",
        " 2020-01-31",
        "2020-01-31Z",
        "2020-01-31T00:00:00",
        "2020-01-32",
        "2020-01-00",
        "2020-00-01",
        "2020-13-01",
        "2021-02-29",
        "1900-02-29",
        "2020-+1-31",
        "2020-01-+1",
        "2020- 1-31",
        "2020-01-3١",
        "２０２０-01-31",
        "2020-01-3é",
    ];

    pub(in crate::key) const TIMESTAMPS: &[&str] = &[
        "",
        "20200131t235959.123456789Z",
        "20200131T235959.123456789z",
        "20200131T235959.123456789",
        "20200131T235959.123456789Z ",
        "20200131T235959.123456789+0000",
        "20200131T235959.12345678Z",
        "20200131T235959.1234567891Z",
        "20200131T235959,123456789Z",
        "20200131T235959Z",
        "20200131T2359.123456789Z",
        "2020-01-31T23:59:59.123456789Z",
        "2020-01-31T235959.123456789Z",
        "20200131 235959.123456789Z",
        "+20200131T235959.123456789Z",
        "0200131T235959.123456789Z",
        "20200131T240000.000000000Z",
        "20200131T236000.000000000Z",
        "20161231T235960.000000000Z",
        "20200231T235959.123456789Z",
        "20200131T235959.+23456789Z",
        "20200131T+35959.123456789Z",
        "20200131T235959.12345678éZ",
    ];
}
