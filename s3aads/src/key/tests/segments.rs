//! The start of a text and the start of its segment: what `starts_with` lists by.

use proptest::prelude::*;

use super::bulk::AWKWARD;
use super::encode_segment;
use super::shrinking::texts;

/// Prefixes whose segment is not the start of the segments of all texts that start with them:
/// the empty text and the two that would be folders are written in ways of their own.
const EXCEPTIONS: [&str; 3] = ["", ".", ".."];

fn prefix_holds(text: &str, prefix: &str) {
    let segment = encode_segment(text);
    let bound = encode_segment(prefix);
    if EXCEPTIONS.contains(&prefix) {
        // The other way it still holds: no text of another start is listed.
        assert!(!segment.starts_with(&*bound) || text.starts_with(prefix));
        // Only texts that are exceptions themselves have the exception's segment as a start.
        assert!(!segment.starts_with(&*bound) || EXCEPTIONS.contains(&text));
        // All others start with the prefix as it is.
        if !EXCEPTIONS.contains(&text) {
            assert_eq!(segment.starts_with(prefix), text.starts_with(prefix));
        }
    } else {
        assert_eq!(
            segment.starts_with(&*bound),
            text.starts_with(prefix),
            "{text:?} as {segment:?}, {prefix:?} as {bound:?}"
        );
    }
}

#[test]
fn awkward_prefixes() {
    for a in AWKWARD {
        for b in AWKWARD {
            for c in AWKWARD {
                let text = [*a, b, c].concat();
                for prefix in AWKWARD.iter().chain([&"...", &".a", &"%2", &"C"]) {
                    prefix_holds(&text, prefix);
                }
                prefix_holds(&text, &[*a, b].concat());
            }
        }
    }
}

/// Each exception is one: a planner that forgets it loses rows.
#[test]
fn the_exceptions_are_exceptions() {
    for (prefix, text) in [("", "a"), (".", ".a"), (".", "..."), ("..", "..a")] {
        assert!(text.starts_with(prefix));
        assert!(!encode_segment(text).starts_with(&*encode_segment(prefix)));
    }
    // A prefix listed as it is, not encoded, loses these.
    for (prefix, text) in [(".", "."), (".", ".."), ("..", "..")] {
        assert!(!encode_segment(text).starts_with(prefix));
    }
}

proptest! {
    #[test]
    fn any_prefix(text in texts(), prefix in texts()) {
        prefix_holds(&text, &prefix);
    }

    #[test]
    fn a_start_of_the_text(text in texts(), at: prop::sample::Index) {
        let starts: Vec<_> = (0..=text.len()).filter(|&at| text.is_char_boundary(at)).collect();
        prefix_holds(&text, &text[..*at.get(&starts)]);
    }
}
