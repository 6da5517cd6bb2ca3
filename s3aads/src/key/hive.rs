//! A column's text as the value of a `<column>=<value>` folder, and back.
//!
//! The escapes are Hive's, which Spark, Trino, Athena and every other reader of such folders undo
//! one character at a time: only ASCII may be escaped, and everything else is stored as it is.
//!
//! <https://github.com/apache/hive/blob/master/common/src/java/org/apache/hadoop/hive/common/FileUtils.java>

use std::borrow::Cow;

use super::segment::percent_decode;

/// The texts that mean NULL, to all readers (the empty text, Hive's default partition) or to those
/// that go back to Presto (`\N`): after they undid the escapes, so that no escape helps.
const NULLS: [&str; 3] = ["", "__HIVE_DEFAULT_PARTITION__", "\\N"];

/// Whether readers take a text for NULL, so that it can't be stored.
pub(crate) fn is_null(text: &str) -> bool {
    NULLS.contains(&text)
}

fn is_escaped(byte: u8) -> bool {
    byte.is_ascii_control() || b"\"#%'*/:=?\\{[]^".contains(&byte)
}

/// A text, or the start of one, with what has to be escaped: the start of a text is written as the
/// start of what the text is written as.
pub(crate) fn encode_hive(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut segment = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match u8::try_from(c) {
            Ok(byte) if is_escaped(byte) => {
                segment.push('%');
                for digit in [byte >> 4, byte & 15] {
                    segment
                        .extend(char::from_digit(digit.into(), 16).map(|c| c.to_ascii_uppercase()));
                }
            }
            _ => segment.push(c),
        }
    }
    Cow::Owned(segment)
}

/// The text that is written so; none if no text is.
pub(crate) fn decode_hive(segment: &str) -> Option<Cow<'_, str>> {
    let text = if segment.contains('%') {
        Cow::Owned(percent_decode(segment)?)
    } else {
        Cow::Borrowed(segment)
    };
    (!is_null(&text) && encode_hive(&text) == segment).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_their_segments() {
        for (text, segment) in [
            ("São Paulo", "São Paulo"),
            ("東京", "東京"),
            (".", "."),
            ("a/b=c", "a%2Fb%3Dc"),
            ("100%", "100%25"),
            ("12:30", "12%3A30"),
            ("{[x]}", "%7B%5Bx%5D}"),
            ("'\"#*?\\^", "%27%22%23%2A%3F%5C%5E"),
            ("\0\t\u{7f}", "%00%09%7F"),
            ("~ !$&()+,-.;<>@_`|", "~ !$&()+,-.;<>@_`|"),
            ("\u{85}\u{a0}", "\u{85}\u{a0}"),
            ("NULL", "NULL"),
        ] {
            assert_eq!(encode_hive(text), segment);
            assert_eq!(decode_hive(segment).as_deref(), Some(text));
        }
    }

    #[test]
    fn exactly_the_characters_that_hive_escapes_are_escaped() {
        let escaped: String = (0..=u8::MAX)
            .map(char::from)
            .filter(|c| encode_hive(&c.to_string()).len() > c.len_utf8())
            .collect();
        let controls: String = (0..32).map(char::from).collect();
        assert_eq!(escaped, format!("{controls}\"#%'*/:=?[\\]^{{\u{7f}"));
    }

    #[test]
    fn a_segment_that_no_text_is_written_as_is_not_decoded() {
        for segment in [
            "",
            "__HIVE_DEFAULT_PARTITION__",
            "%5F_HIVE_DEFAULT_PARTITION__",
            "%5CN",
            "a=b",
            "a:b",
            "%2f",
            "%41",
            "%20",
            "a%",
            "%C3%A9",
            "%_",
        ] {
            assert_eq!(decode_hive(segment), None, "{segment:?}");
        }
    }
}
