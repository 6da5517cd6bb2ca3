//! Integers as key columns.
//!
//! - plain: canonical decimal, `-7`, `0`, `42`.
//! - `width = N`: zero-padded to N digits, a sign before them: `-07`, `42`.
//! - `ordered`: as many digits as the type's largest magnitude has; a negative n is `-` and the
//!   ten's complement of its magnitude, so that -1 (`-999` for `i8`) sorts above -128 (`-872`) and,
//!   since `-` sorts below every digit, below 0 (`000`).
//! - `descending`: the ordered text of the bitwise complement, which is in the opposite order.

use std::num::NonZero;

use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::form::{SignedForm, UnsignedForm};

/// The longest magnitude, that of a `u128`.
const MOST_DIGITS: usize = 39;

/// A magnitude in decimal.
struct Digits {
    buffer: [u8; MOST_DIGITS],
    start: usize,
}

impl Digits {
    fn new(magnitude: u128) -> Self {
        let mut digits = Self {
            buffer: [b'0'; MOST_DIGITS],
            start: MOST_DIGITS,
        };
        let mut rest = magnitude;
        // Few numbers need more than 64 bits, with which to divide is far quicker.
        let mut narrow = loop {
            match u64::try_from(rest) {
                Ok(narrow) => break narrow,
                Err(_) => digits.push((rest % 10) as u8),
            }
            rest /= 10;
        };
        loop {
            digits.push((narrow % 10) as u8);
            narrow /= 10;
            if narrow == 0 {
                return digits;
            }
        }
    }

    /// Puts a digit before the others.
    fn push(&mut self, digit: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(place) = self.buffer.get_mut(self.start) {
            *place = b'0' + digit;
        }
    }

    fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    fn len(&self) -> usize {
        MOST_DIGITS - self.start
    }

    /// Appends them, zero-padded to `width`, after `sign`.
    fn append(&self, text: &mut String, negative: bool, width: usize) {
        if negative {
            text.push('-');
        }
        for _ in self.len()..width {
            text.push('0');
        }
        text.push_str(std::str::from_utf8(self.bytes()).unwrap_or_default());
    }
}

/// The ten's complement of a magnitude of at least 1: the nine's complement of one less, digit by
/// digit, so that no power of ten has to fit into an integer.
fn push_complement(text: &mut String, magnitude: u128, width: usize) {
    let mut padded = String::with_capacity(width);
    Digits::new(magnitude - 1).append(&mut padded, false, width);
    text.push('-');
    text.push_str(&nines_complement(&padded));
}

fn nines_complement(digits: &str) -> String {
    digits
        .bytes()
        .map(|digit| char::from(b'9' - (digit - b'0')))
        .collect()
}

fn encode(
    negative: bool,
    magnitude: u128,
    encoding: Encoding,
    widest: usize,
    text: &mut String,
) -> Result<(), TextError> {
    let width = match encoding {
        Encoding::Plain => 1,
        Encoding::Width(width) => usize::from(width),
        Encoding::Ordered | Encoding::Descending if negative => {
            push_complement(text, magnitude, widest);
            return Ok(());
        }
        Encoding::Ordered | Encoding::Descending => widest,
    };
    let digits = Digits::new(magnitude);
    if encoding != Encoding::Plain && digits.len() > width {
        let sign = if negative { "-" } else { "" };
        return Err(TextError::new(format!(
            "{sign}{magnitude} needs {} digits and the column's width is {width}",
            digits.len()
        )));
    }
    digits.append(text, negative, width);
    Ok(())
}

/// Sign and magnitude of a text, if it is the one that [`encode`] writes for them.
fn decode(text: &str, encoding: Encoding, widest: usize) -> Option<(bool, u128)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let canonical = match encoding {
        Encoding::Plain => digits == "0" || !digits.starts_with('0'),
        Encoding::Width(width) => digits.len() == usize::from(width),
        Encoding::Ordered | Encoding::Descending => digits.len() == widest,
    };
    if !canonical || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if negative && matches!(encoding, Encoding::Ordered | Encoding::Descending) {
        let below = nines_complement(digits).parse::<u128>().ok()?;
        return Some((true, below.checked_add(1)?));
    }
    let magnitude = match digits.parse::<u64>() {
        Ok(narrow) => narrow.into(),
        Err(_) => digits.parse().ok()?,
    };
    // There is one zero.
    (!negative || magnitude > 0).then_some((negative, magnitude))
}

/// The value whose ordered text stands for `value`; it is its own inverse.
fn turned<T: std::ops::Not<Output = T>>(value: T, encoding: Encoding) -> T {
    match encoding {
        Encoding::Descending => !value,
        _ => value,
    }
}

macro_rules! integers {
    ($($type:ident: $column_type:ident, $form:ident, $split:expr, $ordered_width:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl KeyColumn for $type {
            type Form = $form;

            const TYPE: ColumnType = ColumnType::$column_type($type::BITS);

            fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
                let split: fn($type) -> (bool, u128) = $split;
                let (negative, magnitude) = split(turned(*self, encoding));
                encode(negative, magnitude, encoding, $ordered_width, text)
            }

            fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
                let parts = decode(text, encoding, $ordered_width);
                let value = parts.and_then(|(negative, magnitude)| {
                    if negative {
                        let value = i128::try_from(magnitude).map_or_else(
                            |_| (magnitude == i128::MIN.unsigned_abs()).then_some(i128::MIN),
                            |value| Some(-value),
                        );
                        $type::try_from(value?).ok()
                    } else {
                        $type::try_from(magnitude).ok()
                    }
                });
                value.map(|value| turned(value, encoding)).ok_or_else(|| {
                    TextError::new(format!(
                        "{text:?} is not the {encoding} text of any {}",
                        stringify!($type)
                    ))
                })
            }

            fn is_ordered(encoding: Encoding) -> bool {
                match encoding {
                    Encoding::Plain => false,
                    // Padded negative numbers sort by magnitude, that is, backwards.
                    Encoding::Width(_) => $type::MIN == 0,
                    Encoding::Ordered | Encoding::Descending => true,
                }
            }

            fn enumerate(low: &Self, high: &Self, most: usize) -> Option<Vec<Self>> {
                let mut values = Vec::new();
                if low > high {
                    return Some(values);
                }
                let mut value = *low;
                loop {
                    if values.len() == most {
                        return None;
                    }
                    values.push(value);
                    if value == *high {
                        return Some(values);
                    }
                    value += 1;
                }
            }
        }

        /// Stored as the integer that it is.
        #[diagnostic::do_not_recommend]
        impl KeyColumn for NonZero<$type> {
            type Form = <$type as KeyColumn>::Form;

            const TYPE: ColumnType = $type::TYPE;

            fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
                self.get().encode(encoding, text)
            }

            fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
                Self::new($type::decode(text, encoding)?)
                    .ok_or_else(|| TextError::new("the column's type has no zero"))
            }

            fn is_ordered(encoding: Encoding) -> bool {
                $type::is_ordered(encoding)
            }

            fn enumerate(low: &Self, high: &Self, most: usize) -> Option<Vec<Self>> {
                // A zero between negative and positive values is one more.
                let values = $type::enumerate(&low.get(), &high.get(), most.saturating_add(1))?;
                let values: Vec<_> = values.into_iter().filter_map(Self::new).collect();
                (values.len() <= most).then_some(values)
            }
        }
    )*};
}

integers! {
    u8: Unsigned, UnsignedForm, |n| (false, n.into()), 3;
    u16: Unsigned, UnsignedForm, |n| (false, n.into()), 5;
    u32: Unsigned, UnsignedForm, |n| (false, n.into()), 10;
    u64: Unsigned, UnsignedForm, |n| (false, n.into()), 20;
    u128: Unsigned, UnsignedForm, |n| (false, n), 39;
    i8: Signed, SignedForm, |n| (n < 0, n.unsigned_abs().into()), 3;
    i16: Signed, SignedForm, |n| (n < 0, n.unsigned_abs().into()), 5;
    i32: Signed, SignedForm, |n| (n < 0, n.unsigned_abs().into()), 10;
    i64: Signed, SignedForm, |n| (n < 0, n.unsigned_abs().into()), 19;
    i128: Signed, SignedForm, |n| (n < 0, n.unsigned_abs()), 39;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text<T: KeyColumn>(value: T, encoding: Encoding) -> String {
        let mut text = String::new();
        value.encode(encoding, &mut text).unwrap();
        text
    }

    #[test]
    fn texts_of_every_encoding() {
        assert_eq!(text(0u8, Encoding::Plain), "0");
        assert_eq!(text(-7i32, Encoding::Plain), "-7");
        assert_eq!(text(7u8, Encoding::Width(2)), "07");
        assert_eq!(text(-7i8, Encoding::Width(2)), "-07");
        assert_eq!(text(7u8, Encoding::Ordered), "007");
        assert_eq!(text(u64::MAX, Encoding::Ordered), "18446744073709551615");
        assert_eq!(text(-1i8, Encoding::Ordered), "-999");
        assert_eq!(text(-128i8, Encoding::Ordered), "-872");
        assert_eq!(text(7u8, Encoding::Descending), "248");
        assert_eq!(text(7i8, Encoding::Descending), "-992");
        assert_eq!(text(-128i8, Encoding::Descending), "127");
        assert_eq!(text(NonZero::<u8>::MAX, Encoding::Plain), "255");
        assert_eq!(
            text(i128::MIN, Encoding::Ordered),
            "-829858816539530768268312696284115894272"
        );
        assert_eq!(
            text(u128::MAX, Encoding::Ordered),
            "340282366920938463463374607431768211455"
        );
    }

    #[test]
    fn a_value_wider_than_the_width_is_refused() {
        let error = 123u8
            .encode(Encoding::Width(2), &mut String::new())
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "123 needs 3 digits and the column's width is 2"
        );
    }

    #[test]
    fn only_canonical_texts_are_read() {
        for bad in ["", "-", "+1", "01", "-0", " 1", "1_000", "256", "١", "1.0"] {
            assert!(u8::decode(bad, Encoding::Plain).is_err(), "{bad:?}");
            assert!(
                i16::decode(bad, Encoding::Plain).is_err() || bad == "256",
                "{bad:?}"
            );
        }
        for bad in ["1", "0001", "-999", "256"] {
            assert!(u8::decode(bad, Encoding::Ordered).is_err(), "{bad:?}");
        }
        assert!(i8::decode("-000", Encoding::Ordered).is_err());
    }

    fn in_order(encoding: Encoding) -> fn(&String, &String) -> bool {
        match encoding {
            Encoding::Descending => |a, b| a > b,
            _ => |a, b| a < b,
        }
    }

    #[test]
    fn every_i8_and_u8_round_trips_in_order() {
        for encoding in [
            Encoding::Plain,
            Encoding::Width(3),
            Encoding::Ordered,
            Encoding::Descending,
        ] {
            for value in i8::MIN..=i8::MAX {
                assert_eq!(i8::decode(&text(value, encoding), encoding), Ok(value));
            }
            for value in u8::MIN..=u8::MAX {
                assert_eq!(u8::decode(&text(value, encoding), encoding), Ok(value));
            }
            if i8::is_ordered(encoding) {
                let texts: Vec<_> = (i8::MIN..=i8::MAX).map(|v| text(v, encoding)).collect();
                assert!(texts.is_sorted_by(in_order(encoding)));
            }
            if u8::is_ordered(encoding) {
                let texts: Vec<_> = (u8::MIN..=u8::MAX).map(|v| text(v, encoding)).collect();
                assert!(texts.is_sorted_by(in_order(encoding)));
            }
        }
    }

    #[test]
    fn a_zero_is_no_value_of_a_non_zero_column() {
        assert!(NonZero::<u8>::decode("0", Encoding::Plain).is_err());
        assert!(NonZero::<u8>::decode("255", Encoding::Descending).is_err());
        let one = |n| NonZero::new(n).unwrap();
        let near = NonZero::<i8>::enumerate(&one(-1), &one(1), 2);
        assert_eq!(near, Some(vec![one(-1), one(1)]));
        assert_eq!(NonZero::<i8>::enumerate(&one(-1), &one(2), 2), None);
    }

    #[test]
    fn a_short_range_is_told_value_by_value() {
        assert_eq!(
            u16::enumerate(&2019, &2021, 10),
            Some(vec![2019, 2020, 2021])
        );
        assert_eq!(u16::enumerate(&2019, &2021, 2), None);
        assert_eq!(u8::enumerate(&255, &255, 1), Some(vec![255]));
        assert_eq!(u8::enumerate(&2, &1, 1), Some(vec![]));
    }
}
