//! A text as one segment of a path, and back.
//!
//! The text runs through [`PathPart`], which percent-encodes `/`, `%`, control characters and
//! what stores advise against, and keeps `.` and `..` from being folders. The empty text is `%_`,
//! which no text encodes to, since `%` is always followed by two hexadecimal digits.

use std::borrow::Cow;

use object_store::path::PathPart;

use super::column::TextError;
use super::hive::{decode_hive, encode_hive, is_null};
use crate::schema::Layout;

/// The segment of the empty text.
const EMPTY: &str = "%_";

/// Whether a text is its own segment, by its letters alone: most are.
fn is_plain(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    !text.is_empty() && text.bytes().all(plain)
}

/// The segment of a text.
pub(crate) fn encode_segment(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    if text.is_empty() {
        return Cow::Borrowed(EMPTY);
    }
    let part = PathPart::from(text);
    if part.as_ref() == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(part.as_ref().to_owned())
    }
}

/// What a column's text is written as in a layout, without the `<column>=` of the hive layout.
///
/// # Errors
///
/// If the text can't be stored in this layout.
pub(crate) fn encode_text(layout: Layout, text: &str) -> Result<Cow<'_, str>, TextError> {
    if layout == Layout::Hive && is_null(text) {
        return Err(TextError::new(format!(
            "{text:?} can't be stored in the hive layout, whose readers take it for NULL; store \
             another text for it, or use the plain layout"
        )));
    }
    Ok(encode_start(layout, text))
}

/// What the texts that start with this one are written as starts with; see [`encode_text`].
pub(crate) fn encode_start(layout: Layout, text: &str) -> Cow<'_, str> {
    match layout {
        Layout::Plain => encode_segment(text),
        Layout::Hive => encode_hive(text),
    }
}

/// The text that [`encode_text`] writes so; none if there is none.
pub(crate) fn decode_text(layout: Layout, segment: &str) -> Option<Cow<'_, str>> {
    match layout {
        Layout::Plain => decode_segment(segment),
        Layout::Hive => decode_hive(segment),
    }
}

/// The text whose segment this is; none if no text has it, so that no two segments are one
/// text.
pub(crate) fn decode_segment(segment: &str) -> Option<Cow<'_, str>> {
    if is_plain(segment) {
        return Some(Cow::Borrowed(segment));
    }
    if segment == EMPTY {
        return Some(Cow::Borrowed(""));
    }
    let text = if segment.contains('%') {
        Cow::Owned(percent_decode(segment)?)
    } else {
        Cow::Borrowed(segment)
    };
    (!text.is_empty() && encode_segment(&text) == segment).then_some(text)
}

pub(super) fn percent_decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Upper case only: that is what is written.
fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_their_segments() {
        for (text, segment) in [
            ("", "%_"),
            ("a", "a"),
            (".", "%2E"),
            ("..", "%2E%2E"),
            ("...", "..."),
            (".a", ".a"),
            ("a/b", "a%2Fb"),
            ("a%b", "a%25b"),
            ("%_", "%25_"),
            ("é", "%C3%A9"),
            ("\0", "%00"),
            ("a b+c", "a b+c"),
        ] {
            assert_eq!(encode_segment(text), segment);
            assert_eq!(decode_segment(segment).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_segment_that_no_text_encodes_to_is_not_decoded() {
        for segment in [
            "", ".", "..", "%2e", "%41", "a%", "a%2", "%zz", "%FF", "~", "a\u{1}", "é", "a/b",
        ] {
            assert_eq!(decode_segment(segment), None, "{segment:?}");
        }
    }
}
