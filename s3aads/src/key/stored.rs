//! The values of a column and their stored texts, for who knows its type from the schema alone.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::calendar::{DateFields, TimestampFields, not_a_time, zone};
use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::descending::{turn, turned};
use super::sorted_text::SortedText;
use super::variant::unknown_variant;
use crate::schema::ColumnSchema;

impl ColumnSchema {
    /// The text that a value is stored as, given as people write it: `7` of a column of width 2 is `07`.
    ///
    /// # Errors
    ///
    /// If the value is none of the column's type, or has no text in its encoding.
    ///
    /// ```
    /// use s3aads::S3Table;
    ///
    /// #[derive(S3Table)]
    /// struct Month { #[s3(key)] city: String, #[s3(key, width = 2)] month: u8 }
    /// let [_, month] = Month::SCHEMA.columns() else { panic!("it has two columns") };
    /// assert_eq!(month.stored_text("7")?, "07");
    /// assert!(month.stored_text("July").is_err());
    /// assert_eq!(month.value_text("07").as_deref(), Some("7"));
    /// assert_eq!(month.value_text("7"), None);
    /// # Ok::<(), s3aads::TextError>(())
    /// ```
    pub fn stored_text(&self, value: &str) -> Result<String, TextError> {
        let encoding = self.encoding();
        match self.column_type() {
            ColumnType::Unsigned(8) => typed::<u8>(value, encoding),
            ColumnType::Unsigned(16) => typed::<u16>(value, encoding),
            ColumnType::Unsigned(32) => typed::<u32>(value, encoding),
            ColumnType::Unsigned(64) => typed::<u64>(value, encoding),
            ColumnType::Unsigned(_) => typed::<u128>(value, encoding),
            ColumnType::Signed(8) => typed::<i8>(value, encoding),
            ColumnType::Signed(16) => typed::<i16>(value, encoding),
            ColumnType::Signed(32) => typed::<i32>(value, encoding),
            ColumnType::Signed(64) => typed::<i64>(value, encoding),
            ColumnType::Signed(_) => typed::<i128>(value, encoding),
            ColumnType::Bool => typed::<bool>(value, encoding),
            ColumnType::Char => typed::<char>(value, encoding),
            ColumnType::Ipv4 => typed::<Ipv4Addr>(value, encoding),
            ColumnType::Ipv6 => typed::<Ipv6Addr>(value, encoding),
            ColumnType::Ip => typed::<IpAddr>(value, encoding),
            ColumnType::Uuid => typed::<SortedText<16>>(&value.to_lowercase(), encoding),
            ColumnType::Date => digits(value, encoding, is_date(value))
                .ok_or_else(|| TextError::new(format!("{value:?} is not a date as in 2020-01-31"))),
            kind @ (ColumnType::Timestamp | ColumnType::DateTime) => {
                let known = is_time(value, zone(kind));
                digits(value, encoding, known).ok_or_else(|| not_a_time(kind, value))
            }
            ColumnType::String => Ok(value.to_owned()),
            ColumnType::Enum(names) if names.contains(&value) => Ok(value.to_owned()),
            ColumnType::Enum(names) => Err(unknown_variant(value, names)),
        }
    }

    /// The value that is stored as this text, as people write it; none if no value of the column is.
    /// It is what [`stored_text`](Self::stored_text) takes.
    pub fn value_text(&self, stored: &str) -> Option<String> {
        let encoding = self.encoding();
        let value = match self.column_type() {
            ColumnType::Unsigned(8) => plain::<u8>(stored, encoding),
            ColumnType::Unsigned(16) => plain::<u16>(stored, encoding),
            ColumnType::Unsigned(32) => plain::<u32>(stored, encoding),
            ColumnType::Unsigned(64) => plain::<u64>(stored, encoding),
            ColumnType::Unsigned(_) => plain::<u128>(stored, encoding),
            ColumnType::Signed(8) => plain::<i8>(stored, encoding),
            ColumnType::Signed(16) => plain::<i16>(stored, encoding),
            ColumnType::Signed(32) => plain::<i32>(stored, encoding),
            ColumnType::Signed(64) => plain::<i64>(stored, encoding),
            ColumnType::Signed(_) => plain::<i128>(stored, encoding),
            ColumnType::Bool => plain::<bool>(stored, encoding),
            ColumnType::Char => plain::<char>(stored, encoding),
            ColumnType::Ipv4 => plain::<Ipv4Addr>(stored, encoding),
            ColumnType::Ipv6 => plain::<Ipv6Addr>(stored, encoding),
            ColumnType::Ip => plain::<IpAddr>(stored, encoding),
            ColumnType::Uuid => Some(turned(stored, encoding, 16).into_owned()),
            ColumnType::Date | ColumnType::Timestamp | ColumnType::DateTime => {
                Some(turned(stored, encoding, 10).into_owned())
            }
            ColumnType::String | ColumnType::Enum(_) => Some(stored.to_owned()),
        };
        value.filter(|value| self.stored_text(value).as_deref() == Ok(stored))
    }
}

/// The stored text of a value of this type.
fn typed<T: KeyColumn + FromStr>(value: &str, encoding: Encoding) -> Result<String, TextError> {
    let value = value
        .parse::<T>()
        .map_err(|_| TextError::new(format!("{value:?} is no {}", T::TYPE)))?;
    let mut text = String::new();
    value.encode(encoding, &mut text)?;
    Ok(text)
}

/// The plain text of the value of this type that is stored so.
fn plain<T: KeyColumn>(stored: &str, encoding: Encoding) -> Option<String> {
    let value = T::decode(stored, encoding).ok()?;
    let mut text = String::new();
    value.encode(Encoding::Plain, &mut text).ok()?;
    Some(text)
}

/// The text of a date or a time in this encoding.
fn digits(value: &str, encoding: Encoding, known: bool) -> Option<String> {
    let mut text = value.to_owned();
    turn(&mut text, 0, encoding, 10);
    known.then_some(text)
}

fn is_date(text: &str) -> bool {
    DateFields::parse_date(text, Encoding::Plain).is_some_and(is_day)
}

fn is_time(text: &str, zone: &str) -> bool {
    TimestampFields::parse_timestamp(text, zone, Encoding::Plain).is_some_and(|time| {
        is_day(time.date) && time.hour < 24 && time.minute < 60 && time.second < 60
    })
}

fn is_day(DateFields { year, month, day }: DateFields) -> bool {
    ::chrono::NaiveDate::from_ymd_opt(year.into(), month.into(), day.into()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_their_stored_texts() {
        use ColumnType::{Bool, Date, Enum, Ipv4, Signed, String, Timestamp, Unsigned, Uuid};
        use Encoding::{Descending, Ordered, Plain, Width};
        for (kind, encoding, value, stored) in [
            (Unsigned(8), Plain, "7", "7"),
            (Unsigned(8), Width(2), "7", "07"),
            (
                Unsigned(128),
                Plain,
                "340282366920938463463374607431768211455",
                "340282366920938463463374607431768211455",
            ),
            (Signed(8), Ordered, "-5", "-995"),
            (Unsigned(8), Descending, "7", "248"),
            (Bool, Plain, "true", "true"),
            (String, Plain, "007", "007"),
            (String, Plain, "", ""),
            (Date, Plain, "2020-01-31", "2020-01-31"),
            (Date, Descending, "2020-01-31", "7979-98-68"),
            (
                Timestamp,
                Plain,
                "20200131T235959.123456789Z",
                "20200131T235959.123456789Z",
            ),
            (Ipv4, Ordered, "10.0.0.1", "010.000.000.001"),
            (
                Uuid,
                Plain,
                "67e55044-10b1-426f-9247-bb680e5fe0c8",
                "67e55044-10b1-426f-9247-bb680e5fe0c8",
            ),
            (Enum(&["open", "shut"]), Plain, "shut", "shut"),
        ] {
            let column = ColumnSchema::new("c", kind, encoding);
            assert_eq!(
                column.stored_text(value).as_deref(),
                Ok(stored),
                "{kind} {encoding}"
            );
            assert_eq!(
                column.value_text(stored).as_deref(),
                Some(value),
                "{kind} {encoding}"
            );
        }
    }

    #[test]
    fn what_is_no_value_is_refused() {
        use ColumnType::{Bool, Char, Date, DateTime, Enum, Ipv4, Timestamp, Unsigned, Uuid};
        for (kind, value) in [
            (Unsigned(8), "256"),
            (Unsigned(8), "-1"),
            (Unsigned(8), ""),
            (Bool, "yes"),
            (Char, "ab"),
            (Date, "2020-02-30"),
            (Date, "20200131T235959.123456789Z"),
            (Timestamp, "20200131T235959.123456789"),
            (Timestamp, "20200131T245959.123456789Z"),
            (DateTime, "20200131T235959.123456789Z"),
            (Ipv4, "10.0.0"),
            (Uuid, "67e55044"),
            (Enum(&["open"]), "shut"),
        ] {
            let column = ColumnSchema::new("c", kind, Encoding::Plain);
            assert!(column.stored_text(value).is_err(), "{kind} {value:?}");
            assert_eq!(column.value_text(value), None, "{kind} {value:?}");
        }
        let padded = ColumnSchema::new("c", Unsigned(8), Encoding::Width(2));
        assert_eq!(padded.value_text("7"), None);
        assert!(padded.stored_text("100").is_err());
    }
}
