//! `jiff` dates and timestamps as key columns, with the same texts as `chrono`'s.

use ::jiff::Timestamp;
use ::jiff::civil::{Date, DateTime};
use ::jiff::tz::Offset;

use super::calendar::{self, DateFields, TimestampFields, date_column, four_digits, time_column};
use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::form::SortedForm;

fn date_fields(date: Date) -> Result<DateFields, TextError> {
    Ok(DateFields {
        year: four_digits(date.year())?,
        month: date.month().unsigned_abs(),
        day: date.day().unsigned_abs(),
    })
}

fn signed(field: u8) -> Option<i8> {
    i8::try_from(field).ok()
}

fn date(fields: DateFields) -> Option<Date> {
    Date::new(
        i16::try_from(fields.year).ok()?,
        signed(fields.month)?,
        signed(fields.day)?,
    )
    .ok()
}

fn fields(civil: DateTime) -> Result<TimestampFields, TextError> {
    Ok(TimestampFields {
        date: date_fields(civil.date())?,
        hour: civil.hour().unsigned_abs(),
        minute: civil.minute().unsigned_abs(),
        second: civil.second().unsigned_abs(),
        nanosecond: civil.subsec_nanosecond().unsigned_abs(),
    })
}

fn civil(fields: TimestampFields) -> Option<DateTime> {
    let date = date(fields.date)?;
    DateTime::new(
        date.year(),
        date.month(),
        date.day(),
        signed(fields.hour)?,
        signed(fields.minute)?,
        signed(fields.second)?,
        i32::try_from(fields.nanosecond).ok()?,
    )
    .ok()
}

fn timestamp(fields: TimestampFields) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(civil(fields)?).ok()
}

date_column!(Date, date_fields, date, |day: &Date| day.tomorrow().ok(),);

time_column!(
    /// Stored as `20200131T235959.123456789Z`, always with nanoseconds; years from 0000 to 9999.
    /// Other years are refused, since their texts would not be in order.
    ///
    /// A `Timestamp` ends at 9999-12-30T22:00:00.999999999Z: a later one that another program stored
    /// is not one of this column's values.
    Timestamp,
    Timestamp,
    |at| fields(Offset::UTC.to_datetime(at)),
    timestamp,
);

time_column!(
    /// Stored as a UTC timestamp is, without its `Z`: a column of local times is not one of instants.
    DateTime,
    DateTime,
    fields,
    civil,
);

#[cfg(test)]
mod tests {
    use ::jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::key::calendar::foreign;
    use crate::key::tests::{column_holds, refuses, text};

    fn timestamp(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn texts() {
        assert_eq!(text(&date(2020, 1, 31), Encoding::Plain), "2020-01-31");
        assert_eq!(text(&date(0, 1, 1), Encoding::Plain), "0000-01-01");
        assert_eq!(
            text(
                &timestamp("2020-01-31T23:59:59.123456789Z"),
                Encoding::Plain
            ),
            "20200131T235959.123456789Z"
        );
        assert_eq!(
            text(&timestamp("0000-01-01T00:00:00Z"), Encoding::Plain),
            "00000101T000000.000000000Z"
        );
        assert_eq!(
            text(&timestamp("1969-12-31T23:59:59.5Z"), Encoding::Plain),
            "19691231T235959.500000000Z"
        );
    }

    #[test]
    fn a_year_before_0000_is_refused() {
        let mut text = String::from("kept");
        for date in [Date::MIN, date(-1, 12, 31)] {
            assert!(date.encode(Encoding::Plain, &mut text).is_err(), "{date}");
        }
        for early in [Timestamp::MIN, timestamp("-000001-12-31T23:59:59Z")] {
            assert!(early.encode(Encoding::Plain, &mut text).is_err(), "{early}");
        }
        assert_eq!(text, "kept");
    }

    #[test]
    fn the_last_date_and_timestamp() {
        assert_eq!(text(&Date::MAX, Encoding::Plain), "9999-12-31");
        let last = text(&Timestamp::MAX, Encoding::Plain);
        assert_eq!(
            Timestamp::decode(&last, Encoding::Plain),
            Ok(Timestamp::MAX)
        );
        assert!(Timestamp::decode("99991231T235959.999999999Z", Encoding::Plain).is_err());
    }

    #[test]
    fn a_date_range_is_told_day_by_day() {
        let (low, high) = (date(2020, 2, 28), date(2020, 3, 1));
        let days = vec![low, date(2020, 2, 29), high];
        assert_eq!(Date::enumerate(&low, &high, 3), Some(days));
        assert_eq!(Date::enumerate(&low, &high, 2), None);
        assert_eq!(Date::enumerate(&high, &low, 0), Some(vec![]));
        assert_eq!(Date::enumerate(&Date::MIN, &Date::MAX, 9), None);
        assert_eq!(
            Date::enumerate(&Date::MAX, &Date::MAX, 1),
            Some(vec![Date::MAX])
        );
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(Timestamp::enumerate(&now, &now, 9), None);
    }

    #[test]
    fn other_spellings_are_refused() {
        refuses::<Date>(foreign::DATES);
        refuses::<Timestamp>(foreign::TIMESTAMPS);
    }

    fn timestamps() -> impl Strategy<Value = Timestamp> {
        let (first, last) = (timestamp("0000-01-01T00:00:00Z"), Timestamp::MAX);
        (first.as_nanosecond()..=last.as_nanosecond())
            .prop_map(|nano| Timestamp::from_nanosecond(nano).unwrap())
    }

    proptest! {
        #[test]
        fn any_two_dates(a in timestamps(), b in timestamps()) {
            let date = |timestamp| Offset::UTC.to_datetime(timestamp).date();
            column_holds(&date(a), &date(b), Encoding::Plain);
        }

        #[test]
        fn any_two_timestamps(a in timestamps(), b in timestamps()) {
            column_holds(&a, &b, Encoding::Plain);
        }
    }

    /// The texts that `jiff` and `chrono` columns write are each other's.
    #[cfg(feature = "chrono")]
    mod shared_with_chrono {
        use ::chrono::{NaiveDate, Utc};

        use super::*;

        fn same<A: KeyColumn, B: KeyColumn>(a: &A) {
            assert_eq!(A::TYPE, B::TYPE);
            let written = text(a, Encoding::Plain);
            let other = B::decode(&written, Encoding::Plain).unwrap();
            assert_eq!(text(&other, Encoding::Plain), written);
        }

        proptest! {
            #[test]
            fn any_date_and_timestamp(at in timestamps()) {
                same::<Timestamp, ::chrono::DateTime<Utc>>(&at);
                same::<Date, NaiveDate>(&Offset::UTC.to_datetime(at).date());
            }
        }
    }
}
