//! Integers as key columns.
//!
//! - plain: canonical decimal, `-7`, `0`, `42`.
//! - `width = N`: zero-padded to N digits, a sign before them: `-07`, `42`.
//! - `ordered`: as many digits as the type's largest magnitude has; a negative n is `-` and the
//!   ten's complement of its magnitude, so that -1 (`-999` for `i8`) sorts above -128 (`-872`) and,
//!   since `-` sorts below every digit, below 0 (`000`).

use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::form::IntegerForm;

/// Decimal digits of `magnitude`, zero-padded to `width`, after `sign`.
fn push_padded(text: &mut String, negative: bool, magnitude: u128, width: usize) {
    if negative {
        text.push('-');
    }
    let padding = width.saturating_sub(digits(magnitude));
    text.extend(std::iter::repeat_n('0', padding));
    // Every key goes through here, and few of their numbers need more than 64 bits.
    let Ok(mut rest) = u64::try_from(magnitude) else {
        text.push_str(&magnitude.to_string());
        return;
    };
    let mut buffer = [b'0'; 20];
    let mut unused = buffer.len();
    for digit in buffer.iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        unused -= 1;
        if rest == 0 {
            break;
        }
    }
    text.extend(buffer.iter().skip(unused).copied().map(char::from));
}

fn digits(magnitude: u128) -> usize {
    magnitude.checked_ilog10().unwrap_or(0) as usize + 1
}

/// The ten's complement of a magnitude of at least 1: the nine's complement of one less, digit by
/// digit, so that no power of ten has to fit into an integer.
fn push_complement(text: &mut String, magnitude: u128, width: usize) {
    text.push('-');
    let start = text.len();
    push_padded(text, false, magnitude - 1, width);
    let nines = nines_complement(&text[start..]);
    text.truncate(start);
    text.push_str(&nines);
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
    match encoding {
        Encoding::Plain => push_padded(text, negative, magnitude, 1),
        Encoding::Width(width) => {
            let width = usize::from(width);
            if digits(magnitude) > width {
                let sign = if negative { "-" } else { "" };
                return Err(TextError::new(format!(
                    "{sign}{magnitude} needs {} digits and the column's width is {width}",
                    digits(magnitude)
                )));
            }
            push_padded(text, negative, magnitude, width);
        }
        Encoding::Ordered if negative => push_complement(text, magnitude, widest),
        Encoding::Ordered => push_padded(text, false, magnitude, widest),
    }
    Ok(())
}

/// Sign and magnitude of a text, however it is padded; the caller compares it with what the
/// value encodes to, so nothing has to be strict here but the digits.
fn decode(text: &str, encoding: Encoding) -> Option<(bool, u128)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = if negative && encoding == Encoding::Ordered {
        nines_complement(digits)
            .parse::<u128>()
            .ok()?
            .checked_add(1)?
    } else {
        digits.parse().ok()?
    };
    Some((negative, magnitude))
}

macro_rules! integers {
    ($($type:ident: $column_type:ident, $split:expr, $ordered_width:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl KeyColumn for $type {
            type Form = IntegerForm;

            const TYPE: ColumnType = ColumnType::$column_type($type::BITS);

            fn encode(&self, encoding: Encoding, text: &mut String) -> Result<(), TextError> {
                let split: fn($type) -> (bool, u128) = $split;
                let (negative, magnitude) = split(*self);
                encode(negative, magnitude, encoding, $ordered_width, text)
            }

            fn decode(text: &str, encoding: Encoding) -> Result<Self, TextError> {
                let value = decode(text, encoding).and_then(|(negative, magnitude)| {
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
                if let Some(value) = value {
                    let mut canonical = String::with_capacity(text.len());
                    if value.encode(encoding, &mut canonical).is_ok() && canonical == text {
                        return Ok(value);
                    }
                }
                Err(TextError::new(format!(
                    "{text:?} is not the {encoding} text of any {}",
                    stringify!($type)
                )))
            }

            fn is_ordered(encoding: Encoding) -> bool {
                match encoding {
                    Encoding::Plain => false,
                    // Padded negative numbers sort by magnitude, that is, backwards.
                    Encoding::Width(_) => $type::MIN == 0,
                    Encoding::Ordered => true,
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
    )*};
}

integers! {
    u8: Unsigned, |n| (false, n.into()), 3;
    u16: Unsigned, |n| (false, n.into()), 5;
    u32: Unsigned, |n| (false, n.into()), 10;
    u64: Unsigned, |n| (false, n.into()), 20;
    u128: Unsigned, |n| (false, n), 39;
    i8: Signed, |n| (n < 0, n.unsigned_abs().into()), 3;
    i16: Signed, |n| (n < 0, n.unsigned_abs().into()), 5;
    i32: Signed, |n| (n < 0, n.unsigned_abs().into()), 10;
    i64: Signed, |n| (n < 0, n.unsigned_abs().into()), 19;
    i128: Signed, |n| (n < 0, n.unsigned_abs()), 39;
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

    #[test]
    fn every_i8_and_u8_round_trips_in_order() {
        for encoding in [Encoding::Plain, Encoding::Width(3), Encoding::Ordered] {
            for value in i8::MIN..=i8::MAX {
                assert_eq!(i8::decode(&text(value, encoding), encoding), Ok(value));
            }
            for value in u8::MIN..=u8::MAX {
                assert_eq!(u8::decode(&text(value, encoding), encoding), Ok(value));
            }
            if i8::is_ordered(encoding) {
                let texts: Vec<_> = (i8::MIN..=i8::MAX).map(|v| text(v, encoding)).collect();
                assert!(texts.is_sorted());
            }
            if u8::is_ordered(encoding) {
                let texts: Vec<_> = (u8::MIN..=u8::MAX).map(|v| text(v, encoding)).collect();
                assert!(texts.is_sorted());
            }
        }
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
