//! How the segments of keys are named as files.
//!
//! Most often as they stand. Where the file system takes `Bern` and `bern` for one name, or two
//! spellings of `é`, that would make one row of two; there, segments are escaped:
//!
//! - lower-case letters, digits and ``-_.+=,%@!$&'()#;[]{}`` stand for themselves
//! - every other byte is `^` and two lower-case hexadecimal digits
//! - so is a `.` at the end, and the first letter of what Windows takes for a device (`con.txt`)
//!
//! A database finds out once, when it is first written to, and remembers it in the file
//! `_s3aads/lock/names`: `plain` or `escaped`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// How the segments of keys are named as files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// As they stand.
    Plain,
    /// In lower-case ASCII letters.
    Escaped,
}

impl Naming {
    /// The word by which a database remembers it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Escaped => "escaped",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        [Self::Plain, Self::Escaped]
            .into_iter()
            .find(|naming| naming.word() == word)
    }

    /// The name of the file or folder for a segment.
    pub(super) fn file_name(self, segment: &str) -> Cow<'_, str> {
        match (self, segment.strip_suffix(FOREIGN)) {
            (Self::Plain, _) => Cow::Borrowed(segment),
            (Self::Escaped, Some(name)) if unescape(name).is_none() => Cow::Borrowed(name),
            (Self::Escaped, _) => escape(segment),
        }
    }

    /// The segment that a file or folder of this name stands for. A name that no segment has was
    /// given by another program; it is told apart by a `%` at its end, which no row's segment has.
    pub(super) fn segment(self, file_name: &str) -> Cow<'_, str> {
        match self {
            Self::Plain => Cow::Borrowed(file_name),
            Self::Escaped => {
                unescape(file_name).unwrap_or_else(|| Cow::Owned(format!("{file_name}{FOREIGN}")))
            }
        }
    }
}

const FOREIGN: char = '%';

const ESCAPE: char = '^';

fn stands_for_itself(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.+=,%@!$&'()#;[]{}`".contains(&byte)
}

fn escape(segment: &str) -> Cow<'_, str> {
    let device = is_device(segment);
    let last = segment.len().saturating_sub(1);
    let plain = |(at, byte): (usize, u8)| {
        stands_for_itself(byte) && !(device && at == 0) && !(byte == b'.' && at == last)
    };
    if segment.bytes().enumerate().all(plain) {
        return Cow::Borrowed(segment);
    }
    let mut name = String::with_capacity(segment.len() + 8);
    for (at, byte) in segment.bytes().enumerate() {
        if plain((at, byte)) {
            name.push(char::from(byte));
        } else {
            // Writing to a `String` does not fail.
            let _ = write!(name, "{ESCAPE}{byte:02x}");
        }
    }
    Cow::Owned(name)
}

/// The one segment whose name this is, if there is one.
fn unescape(name: &str) -> Option<Cow<'_, str>> {
    if !name.contains(ESCAPE) {
        return (escape(name) == name).then_some(Cow::Borrowed(name));
    }
    let mut parts = name.split(ESCAPE);
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend_from_slice(part.get(2..)?.as_bytes());
    }
    let segment = String::from_utf8(bytes).ok()?;
    (escape(&segment) == name).then_some(Cow::Owned(segment))
}

/// Whether Windows takes a file of this name for a device, whatever follows the first dot.
fn is_device(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or(segment);
    match stem.get(..3) {
        Some("com" | "lpt") => matches!(stem.as_bytes(), [_, _, _, b'0'..=b'9']),
        _ => matches!(stem, "con" | "prn" | "aux" | "nul" | "conin$" | "conout$"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escaped_names_are_these() {
        for (segment, name) in [
            ("daily-data", "daily-data"),
            ("2020-01-31", "2020-01-31"),
            ("20200131T235959.1Z", "20200131^54235959.1^5a"),
            ("a%2Fb", "a%2^46b"),
            ("Bern", "^42ern"),
            ("é", "^c3^a9"),
            ("a b", "a^20b"),
            ("a.b.", "a.b^2e"),
            ("con", "^63on"),
            ("con.txt", "^63on.txt"),
            ("com1", "^63om1"),
            ("com10", "com10"),
            ("concert", "concert"),
            ("^", "^5e"),
            ("%_", "%_"),
        ] {
            assert_eq!(Naming::Escaped.file_name(segment), name);
            assert_eq!(Naming::Escaped.segment(name), segment);
            assert_eq!(Naming::Plain.file_name(segment), segment);
        }
    }

    #[test]
    fn a_name_that_no_segment_has_is_foreign() {
        for name in [
            "Bern", "^5E", "^61", "^", "a^", "^zz", "con", "x.", "^ff", "a b", "^6",
        ] {
            let segment = Naming::Escaped.segment(name).into_owned();
            assert_eq!(segment, format!("{name}%"));
            assert_eq!(Naming::Escaped.file_name(&segment), name);
        }
    }

    proptest! {
        #[test]
        fn no_two_segments_have_names_that_fold_to_one(
            segments in proptest::collection::hash_set("[aAbBéÉnul.^ %1-]{1,4}", 1..40),
        ) {
            let mut names = HashSet::new();
            // A `%` at the end is no row's.
            for segment in segments.iter().filter(|segment| !segment.ends_with(FOREIGN)) {
                let name = Naming::Escaped.file_name(segment).into_owned();
                prop_assert!(name.is_ascii());
                prop_assert!(!name.ends_with(['.', ' ']));
                prop_assert!(!is_device(&name.to_ascii_lowercase()));
                prop_assert_eq!(Naming::Escaped.segment(&name), segment.as_str());
                prop_assert!(names.insert(name.to_ascii_lowercase()), "{}", segment);
            }
        }
    }
}
