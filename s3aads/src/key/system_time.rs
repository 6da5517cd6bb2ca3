//! `SystemTime` as a key column, with the texts of UTC timestamps.

use std::time::{SystemTime, UNIX_EPOCH};

use ::chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::calendar::{self, DateFields, TimestampFields, four_digits, time_column};
use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::form::SortedForm;

pub(super) fn date_fields(date: NaiveDate) -> Result<DateFields, TextError> {
    Ok(DateFields {
        year: four_digits(date.year())?,
        month: small(date.month()),
        day: small(date.day()),
    })
}

/// A month, day, hour, minute or second, none of which is above 60.
fn small(field: u32) -> u8 {
    u8::try_from(field).unwrap_or(u8::MAX)
}

pub(super) fn date(fields: DateFields) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(fields.year.into(), fields.month.into(), fields.day.into())
}

pub(super) fn fields(civil: NaiveDateTime) -> Result<TimestampFields, TextError> {
    if civil.nanosecond() >= 1_000_000_000 {
        return Err(TextError::new(format!(
            "{civil:?} is in a leap second, which a timestamp in a key can't hold"
        )));
    }
    Ok(TimestampFields {
        date: date_fields(civil.date())?,
        hour: small(civil.hour()),
        minute: small(civil.minute()),
        second: small(civil.second()),
        nanosecond: civil.nanosecond(),
    })
}

pub(super) fn civil(fields: TimestampFields) -> Option<NaiveDateTime> {
    date(fields.date)?.and_hms_nano_opt(
        fields.hour.into(),
        fields.minute.into(),
        fields.second.into(),
        fields.nanosecond,
    )
}

/// The time since 1970, negative before; none if it is too long ago or ahead for a date.
fn utc(time: SystemTime) -> Option<DateTime<Utc>> {
    let since = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => TimeDelta::from_std(after).ok()?,
        Err(before) => -TimeDelta::from_std(before.duration()).ok()?,
    };
    DateTime::UNIX_EPOCH.checked_add_signed(since)
}

fn system_time(utc: DateTime<Utc>) -> Option<SystemTime> {
    let since = utc.signed_duration_since(DateTime::UNIX_EPOCH);
    match since.to_std() {
        Ok(after) => UNIX_EPOCH.checked_add(after),
        Err(_) => UNIX_EPOCH.checked_sub((-since).to_std().ok()?),
    }
}

fn utc_fields(time: SystemTime) -> Result<TimestampFields, TextError> {
    let utc = utc(time).ok_or_else(|| {
        TextError::new("the time is not in the years 0000 to 9999, which a key can hold")
    })?;
    fields(utc.naive_utc())
}

/// The time of these fields; none where this system's clock does not tell it from its neighbours.
fn time(fields: TimestampFields) -> Option<SystemTime> {
    let at = civil(fields)?.and_utc();
    let time = system_time(at)?;
    (utc(time) == Some(at)).then_some(time)
}

time_column!(
    /// Stored as `20200131T235959.123456789Z`, always with nanoseconds; years from 0000 to 9999. Other
    /// years are refused, since their texts would not be in order.
    SystemTime,
    Timestamp,
    utc_fields,
    time,
);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::key::calendar::foreign;
    use crate::key::tests::{column_holds, refuses, text};

    #[test]
    fn texts() {
        let at = |seconds, nanos| UNIX_EPOCH + Duration::new(seconds, nanos);
        for (time, stored) in [
            (UNIX_EPOCH, "19700101T000000.000000000Z"),
            (at(1_580_515_199, 123_456_789), "20200131T235959.123456789Z"),
            (
                UNIX_EPOCH - Duration::new(0, 1),
                "19691231T235959.999999999Z",
            ),
        ] {
            assert_eq!(text(&time, Encoding::Plain), stored);
            column_holds(&time, &UNIX_EPOCH, Encoding::Plain);
            column_holds(&time, &UNIX_EPOCH, Encoding::Descending);
        }
        let descending = text(&UNIX_EPOCH, Encoding::Descending);
        assert_eq!(descending, "80299898T999999.999999999Z");
    }

    #[test]
    fn other_spellings_and_other_years_are_refused() {
        refuses::<SystemTime>(foreign::TIMESTAMPS);
        let late = UNIX_EPOCH + Duration::from_secs(253_402_300_800);
        for encoding in [Encoding::Plain, Encoding::Descending] {
            assert!(late.encode(encoding, &mut String::new()).is_err());
        }
    }
}
