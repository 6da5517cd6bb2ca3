//! The texts of dates, times and UUIDs, for who knows a column's type from its schema alone.

use std::str::FromStr;

use super::calendar::{DateFields, TimestampFields};
use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::descending::{turn, turned};
use super::form::SortedForm;

/// The plain text of a date or a time (digits of radix 10) or a UUID (of radix 16), in order as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SortedText<const RADIX: u32>(String);

impl<const RADIX: u32> FromStr for SortedText<RADIX> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        let has_shape = match RADIX {
            10 => {
                let time = |zone| TimestampFields::parse_timestamp(text, zone, Encoding::Plain);
                DateFields::parse_date(text, Encoding::Plain).is_some()
                    || time("Z").is_some()
                    || time("").is_some()
            }
            _ => {
                let lengths = [8, 4, 4, 4, 12];
                let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
                text.split('-').map(str::len).eq(lengths)
                    && text.bytes().all(|byte| byte == b'-' || is_digit(byte))
            }
        };
        if has_shape {
            Ok(Self(text.to_owned()))
        } else {
            Err(TextError::new(format!("{text:?} is no {}", Self::TYPE)))
        }
    }
}

impl<const RADIX: u32> KeyColumn for SortedText<RADIX> {
    type Form = SortedForm;

    const TYPE: ColumnType = match RADIX {
        10 => ColumnType::Timestamp,
        _ => ColumnType::Uuid,
    };

    fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
        let start = text.len();
        text.push_str(&self.0);
        turn(text, start, encoding, RADIX);
        Ok(())
    }

    fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
        turned(text, encoding, RADIX).parse()
    }

    fn is_ordered(_: Encoding) -> bool {
        true
    }
}
