//! Where in a range of names a name is, and which name is in the middle of it.
//!
//! The names in a folder are read as fractions: each byte is a digit in the base of the bytes
//! that were seen there, and the end of a name is the digit 0. This is exact for random UUIDs,
//! near enough for decimal numbers, padded or not, and a guess for words. A wrong guess costs
//! balance, not results.

use std::collections::BTreeSet;

/// Digits beyond this do not change a fraction.
const DIGITS: usize = 16;

/// The bytes that names differ by, and what comes before them in all names.
#[derive(Debug, Clone, Default)]
pub(super) struct Interpolation {
    stem: String,
    alphabet: Vec<u8>,
}

impl Interpolation {
    /// The ruler of names like these (the rest of a path may follow a name's `/`).
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Self {
        let mut segments = names.map(segment);
        let Some(first) = segments.next() else {
            return Self::default();
        };
        let common = segments.clone().fold(first, |common, name| {
            crate::plan::common_prefix(common, name)
        });
        let tails = segments.chain([first]);
        let bytes: BTreeSet<u8> = tails
            .flat_map(|name| name.bytes().skip(common.len()))
            // Others are in no row's path.
            .filter(|byte| (b' '..=b'~').contains(byte))
            .collect();
        let hexadecimal = bytes
            .iter()
            .all(|b| b.is_ascii_hexdigit() || *b == b'-')
            .then_some(b'a'..=b'f')
            .filter(|letters| bytes.iter().any(|b| letters.contains(b)));
        let digits = bytes.iter().any(u8::is_ascii_digit).then_some(b'0'..=b'9');
        // Digits that all names seen so far share are the leading ones of a number: others follow.
        let counts = |b: u8| b.is_ascii_digit() || (hexadecimal.is_some() && b.is_ascii_hexdigit());
        let stem = common.trim_end_matches(|c: char| c.is_ascii() && counts(c as u8));
        let alphabet: BTreeSet<u8> = bytes
            .iter()
            .copied()
            .chain(digits.into_iter().flatten())
            .chain(hexadecimal.into_iter().flatten())
            .collect();
        Self {
            stem: stem.to_owned(),
            alphabet: alphabet.into_iter().collect(),
        }
    }

    /// What all names that were seen start with.
    pub(super) fn stem(&self) -> &str {
        &self.stem
    }

    /// The place of a name from 0 to 1.
    pub(super) fn measure(&self, name: &str) -> f64 {
        let name = segment(name);
        let Some(rest) = name.strip_prefix(&*self.stem) else {
            return if name < self.stem.as_str() { 0.0 } else { 1.0 };
        };
        let mut scale = 1.0;
        let mut place = 0.0;
        for byte in rest.bytes().take(DIGITS) {
            scale /= self.base();
            match self.alphabet.binary_search(&byte) {
                Ok(digit) => place += (digit + 1) as f64 * scale,
                Err(digit) => return place + digit as f64 * scale,
            }
        }
        place
    }

    /// A short name near the middle between two places.
    pub(super) fn between(&self, low: f64, high: f64) -> Option<String> {
        let middle = (low + high) / 2.0;
        let tolerance = (high - low) / 8.0;
        let mut name = self.stem.clone();
        let mut scale = 1.0;
        let mut place = 0.0;
        for _ in 0..DIGITS {
            scale /= self.base();
            let digit = ((middle - place) / scale).floor().max(0.0) as usize;
            let Some(byte) = digit.min(self.alphabet.len()).checked_sub(1) else {
                break;
            };
            name.push(char::from(*self.alphabet.get(byte)?));
            place += (byte + 1) as f64 * scale;
            if (place - middle).abs() < tolerance {
                break;
            }
        }
        (low < place && place < high).then_some(name)
    }

    fn base(&self) -> f64 {
        (self.alphabet.len() + 1) as f64
    }
}

/// The part of a path before its first `/`, and before what marks the place right after it.
fn segment(path: &str) -> &str {
    path.split(['/', '\0']).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_measured_and_found() {
        let numbers: Vec<String> = (100..200).map(|n| format!("user-{n}/x")).collect();
        let ruler = Interpolation::new(numbers.iter().map(String::as_str));
        assert_eq!(ruler.stem(), "user-");
        assert!(ruler.measure("user-2") < ruler.measure("user-25/y"));
        assert_eq!(ruler.measure("usef"), 0.0);
        assert_eq!(ruler.measure("users"), 1.0);
        let middle = ruler.between(ruler.measure("user-2"), ruler.measure("user-3"));
        assert!(middle.is_some_and(|name| name.starts_with("user-2")));
        let hex = Interpolation::new(["00a1", "00f3"].into_iter());
        assert_eq!((hex.stem(), hex.alphabet.len()), ("", 16));
        assert_eq!(Interpolation::default().between(0.0, 1.0), None);
        assert_eq!(ruler.between(0.5, 0.5), None);
        let foreign = Interpolation::new(["x", "é", "y"].into_iter());
        assert_eq!(foreign.alphabet, b"xy");
    }
}
