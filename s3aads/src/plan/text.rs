//! Places in the byte order of a listing.

/// The least text above every text that starts with `prefix`; none where there is none.
pub(crate) fn successor(prefix: &str) -> Option<String> {
    let mut chars = prefix.chars();
    while let Some(last) = chars.next_back() {
        // Surrogates are no `char`s: the step over them is the one gap.
        let next = match last {
            '\u{D7FF}' => Some('\u{E000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            let mut text = chars.as_str().to_owned();
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// The least text above `text`.
pub(crate) fn next(text: &str) -> String {
    let mut next = String::with_capacity(text.len() + 1);
    next.push_str(text);
    next.push('\0');
    next
}

/// The longest key that a `start-after` may be.
const LONGEST: usize = 1024;

/// A text below `target` with as little as can be between them: a listing that starts after it
/// has every key from `target` on. No longer than a `start-after` may be, as no key is either.
pub(crate) fn just_below(target: &str) -> String {
    let mut chars = target.chars();
    let Some(last) = chars.next_back() else {
        return String::new();
    };
    let mut text = chars.as_str().to_owned();
    // Control characters are no part of an XML answer, which repeats this text; and what ends in
    // a NUL is the least text above what is before it.
    let below = match last {
        '\u{E000}' => Some('\u{D7FF}'),
        _ => u32::from(last).checked_sub(1).and_then(char::from_u32),
    };
    if let Some(below) = below.filter(|below| *below >= ' ')
        && text.len() + below.len_utf8() + char::MAX.len_utf8() <= LONGEST
    {
        text.push(below);
        text.push(char::MAX);
    }
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}

/// The longest common prefix of two texts.
pub(crate) fn common_prefix<'a>(one: &'a str, other: &str) -> &'a str {
    let end = one
        .char_indices()
        .zip(other.chars())
        .find(|((_, a), b)| a != b)
        .map_or_else(|| one.len().min(other.len()), |((at, _), _)| at);
    one.get(..end).unwrap_or(one)
}

/// The longest prefix that all texts from `low` to below `high` share.
pub(crate) fn interval_prefix<'a>(low: &'a str, high: Option<&str>) -> &'a str {
    let Some(high) = high else { return "" };
    let mut prefix = low;
    while !prefix.is_empty() && successor(prefix).is_some_and(|end| end.as_str() < high) {
        let end = prefix.char_indices().next_back().map_or(0, |(at, _)| at);
        prefix = prefix.get(..end).unwrap_or("");
    }
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_next_to_a_text() {
        assert_eq!(successor("a/"), Some("a0".to_owned()));
        assert_eq!(successor("a\u{10FFFF}"), Some("b".to_owned()));
        assert_eq!(successor("\u{10FFFF}"), None);
        assert_eq!(just_below("a/b/"), "a/b.\u{10FFFF}");
        assert_eq!(just_below("a\0"), "a");
        assert_eq!(just_below("a "), "a");
        assert_eq!(just_below("é"), "è\u{10FFFF}");
        assert_eq!(just_below(&"x".repeat(2000)), "x".repeat(LONGEST));
        assert_eq!(just_below(&"é".repeat(2000)), "é".repeat(LONGEST / 2));
        let odd = format!("x{}", "é".repeat(2000));
        assert_eq!(just_below(&odd).len(), LONGEST - 1);
    }

    #[test]
    fn prefixes_of_intervals() {
        assert_eq!(interval_prefix("2019", Some("20210")), "20");
        assert_eq!(interval_prefix("Ad", Some("Ae")), "Ad");
        assert_eq!(interval_prefix("2019", Some("20190")), "2019");
        assert_eq!(interval_prefix("2019", None), "");
        assert_eq!(interval_prefix("", Some("3")), "");
        assert_eq!(common_prefix("10/", "11/"), "1");
        assert_eq!(common_prefix("1", "10"), "1");
    }
}
