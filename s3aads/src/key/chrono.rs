//! `chrono` dates, dates and times, and UTC timestamps as key columns.

use ::chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::calendar::{self, DateFields, TimestampFields, date_column, time_column};
use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::form::SortedForm;
use super::system_time::{civil, date, date_fields, fields};

date_column!(NaiveDate, date_fields, date, NaiveDate::succ_opt,);

time_column!(
    /// Stored as `20200131T235959.123456789Z`, always with nanoseconds; years from 0000 to 9999.
    /// Other years are refused, since their texts would not be in order, and so are leap seconds,
    /// which UTC timestamps of other crates can't tell from the second before.
    DateTime<Utc>,
    Timestamp,
    |at: Self| fields(at.naive_utc()),
    |fields| Some(civil(fields)?.and_utc()),
);

time_column!(
    /// Stored as a UTC timestamp is, without its `Z`: a column of local times is not one of instants.
    NaiveDateTime,
    DateTime,
    fields,
    civil,
);

#[cfg(test)]
mod tests {
    use ::chrono::NaiveTime;
    use proptest::prelude::*;

    use super::*;
    use crate::key::calendar::foreign;
    use crate::key::tests::{column_holds, refuses, text};

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn at(date: NaiveDate, hour: u32, minute: u32, second: u32, nano: u32) -> DateTime<Utc> {
        date.and_hms_nano_opt(hour, minute, second, nano)
            .unwrap()
            .and_utc()
    }

    #[test]
    fn texts() {
        assert_eq!(text(&day(2020, 1, 31), Encoding::Plain), "2020-01-31");
        assert_eq!(text(&day(0, 1, 1), Encoding::Plain), "0000-01-01");
        assert_eq!(text(&day(9999, 12, 31), Encoding::Plain), "9999-12-31");
        assert_eq!(
            text(
                &at(day(2020, 1, 31), 23, 59, 59, 123_456_789),
                Encoding::Plain
            ),
            "20200131T235959.123456789Z"
        );
        assert_eq!(
            text(&at(day(0, 1, 1), 0, 0, 0, 0), Encoding::Plain),
            "00000101T000000.000000000Z"
        );
    }

    #[test]
    fn a_year_of_more_than_four_digits_or_before_0000_is_refused() {
        for date in [
            day(-1, 12, 31),
            day(10_000, 1, 1),
            NaiveDate::MIN,
            NaiveDate::MAX,
        ] {
            let mut text = String::from("kept");
            assert!(date.encode(Encoding::Plain, &mut text).is_err(), "{date}");
            let midnight = date.and_time(NaiveTime::MIN).and_utc();
            assert!(midnight.encode(Encoding::Plain, &mut text).is_err());
            assert_eq!(text, "kept");
        }
        let error = day(-1, 1, 1).encode(Encoding::Plain, &mut String::new());
        assert_eq!(
            error.unwrap_err().to_string(),
            "the year -1 is not one of 0000 to 9999, which is what a date in a key can hold"
        );
        for extreme in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            assert!(extreme.encode(Encoding::Plain, &mut String::new()).is_err());
        }
    }

    #[test]
    fn a_leap_second_is_refused() {
        let leap = at(day(2016, 12, 31), 23, 59, 59, 1_000_000_000);
        let error = leap
            .encode(Encoding::Plain, &mut String::new())
            .unwrap_err();
        assert!(error.to_string().contains("leap second"), "{error}");
    }

    #[test]
    fn a_date_range_is_told_day_by_day() {
        let (low, high) = (day(2020, 2, 28), day(2020, 3, 1));
        let days = vec![low, day(2020, 2, 29), high];
        assert_eq!(NaiveDate::enumerate(&low, &high, 3), Some(days));
        assert_eq!(NaiveDate::enumerate(&low, &high, 2), None);
        assert_eq!(NaiveDate::enumerate(&high, &low, 0), Some(vec![]));
        assert_eq!(
            NaiveDate::enumerate(&NaiveDate::MIN, &NaiveDate::MAX, 9),
            None
        );
        let last = NaiveDate::MAX;
        assert_eq!(NaiveDate::enumerate(&last, &last, 1), Some(vec![last]));
        let now = at(low, 0, 0, 0, 0);
        assert_eq!(DateTime::<Utc>::enumerate(&now, &now, 9), None);
    }

    #[test]
    fn other_spellings_are_refused() {
        refuses::<NaiveDate>(foreign::DATES);
        refuses::<DateTime<Utc>>(foreign::TIMESTAMPS);
    }

    fn dates() -> impl Strategy<Value = NaiveDate> {
        let (first, last) = (day(0, 1, 1), day(9999, 12, 31));
        (0..=(last - first).num_days()).prop_map(move |days| first + ::chrono::Duration::days(days))
    }

    fn timestamps() -> impl Strategy<Value = DateTime<Utc>> {
        (dates(), 0u32..86_400, 0u32..1_000_000_000).prop_map(|(date, second, nano)| {
            let time = NaiveTime::from_num_seconds_from_midnight_opt(second, nano).unwrap();
            date.and_time(time).and_utc()
        })
    }

    proptest! {
        #[test]
        fn any_two_dates(a in dates(), b in dates()) {
            column_holds(&a, &b, Encoding::Plain);
        }

        #[test]
        fn any_two_timestamps(a in timestamps(), b in timestamps()) {
            column_holds(&a, &b, Encoding::Plain);
        }
    }
}
