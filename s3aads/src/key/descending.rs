//! The texts of descending columns: in the byte order of a listing the greatest value is the first.
//!
//! An integer is stored as its bitwise complement in the ordered form; the complement of an `u8` 7
//! is 248 and that of an `i8` 7 is -8. What has one text of a fixed width anyway, a date, a timestamp
//! or a UUID, is stored with each digit as its complement, 2020-01-31 as 7979-98-68.

use std::borrow::Cow;

use super::column::Encoding;

/// The text from `start` on, as the column's encoding has it.
pub(super) fn turn(text: &mut String, start: usize, encoding: Encoding, radix: u32) {
    if encoding == Encoding::Descending {
        let plain = text.split_off(start);
        text.extend(plain.chars().map(|c| complement(c, radix)));
    }
}

/// The plain text of a text in the column's encoding.
pub(super) fn turned(text: &str, encoding: Encoding, radix: u32) -> Cow<'_, str> {
    match encoding {
        Encoding::Descending => text.chars().map(|c| complement(c, radix)).collect(),
        _ => Cow::Borrowed(text),
    }
}

/// The digit that is as far from the greatest one as this one is from zero; in lower case, as the
/// plain texts are.
fn complement(c: char, radix: u32) -> char {
    match c.to_digit(radix) {
        Some(digit) if !c.is_ascii_uppercase() => {
            char::from_digit(radix - 1 - digit, radix).unwrap_or(c)
        }
        _ => c,
    }
}
