//! What must hold of one column's segment.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

/// A conjunction of conditions on one column's segment: the stored, percent-encoded text, in the
/// hive layout without its `<column>=`. The default is true of every segment.
///
/// The bounds are those of an interval of the listing. There a segment is followed by a `/`, and
/// bytes below `/` occur in segments, so that `1!` is above `1` and its rows are listed before
/// those of `1`. A segment is within bounds where both orders say so; the texts of an ordered
/// column are never prefixes of one another, and for them the orders are one.
#[derive(Debug, Clone)]
pub(crate) struct Predicate {
    values: Option<BTreeSet<String>>,
    low: Bound<String>,
    high: Bound<String>,
    tests: Vec<Test>,
    /// Of each of these lists, one is to hold.
    unions: Vec<Arc<[Predicate]>>,
    shown: Vec<String>,
}

/// A condition that the order of the listing can't help with.
#[derive(Clone)]
pub(crate) struct Test {
    /// What it asks, in one form for all ways to ask it.
    pub meaning: String,
    /// Whether a segment passes.
    pub accepts: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// What would make the condition a part of the listing.
    pub advice: Option<String>,
}

impl fmt::Debug for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Test")
            .field("advice", &self.advice)
            .finish_non_exhaustive()
    }
}

impl Default for Predicate {
    fn default() -> Self {
        Self {
            values: None,
            low: Bound::Unbounded,
            high: Bound::Unbounded,
            tests: Vec::new(),
            unions: Vec::new(),
            shown: Vec::new(),
        }
    }
}

impl Predicate {
    /// One of these segments.
    pub(crate) fn values(values: impl IntoIterator<Item = String>) -> Self {
        Self {
            values: Some(values.into_iter().collect()),
            ..Self::default()
        }
    }

    /// The segments between two bounds.
    pub(crate) fn range(low: Bound<String>, high: Bound<String>) -> Self {
        Self {
            low,
            high,
            ..Self::default()
        }
    }

    /// The segments that pass a test.
    pub(crate) fn test(test: Test) -> Self {
        Self {
            tests: vec![test],
            ..Self::default()
        }
    }

    /// The segments that one of these accepts.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().collect();
        let shown: Vec<String> = parts.iter().map(|part| part.shown.join(" and ")).collect();
        let shown = shown.join(" or ");
        parts.retain(|part| !part.is_impossible());
        if parts.iter().any(Self::is_all) {
            return Self::default();
        }
        if parts.iter().all(|part| part.values.is_some()) {
            let values = parts.iter().filter_map(Self::enumerated).flatten();
            return Self::values(values.map(str::to_owned)).shown_as(shown);
        }
        if let [_] = &*parts {
            return parts.pop().unwrap_or_default();
        }
        Self {
            unions: vec![parts.into()],
            ..Self::default()
        }
        .shown_as(shown)
    }

    /// The same, described to people as this.
    pub(crate) fn shown_as(mut self, shown: impl Into<String>) -> Self {
        self.shown = vec![shown.into()];
        self
    }

    /// Narrows this predicate to what the other one accepts too.
    pub(crate) fn and(&mut self, other: Self) {
        self.values = match (self.values.take(), other.values) {
            (Some(mine), Some(theirs)) => Some(mine.intersection(&theirs).cloned().collect()),
            (mine, theirs) => mine.or(theirs),
        };
        let low = std::mem::replace(&mut self.low, Bound::Unbounded);
        let high = std::mem::replace(&mut self.high, Bound::Unbounded);
        self.low = tighter(low, other.low, Ordering::Greater);
        self.high = tighter(high, other.high, Ordering::Less);
        self.tests.extend(other.tests);
        self.unions.extend(other.unions);
        self.shown.extend(other.shown);
        if let Some(mut values) = self.values.take() {
            values.retain(|value| self.matches(value));
            self.values = Some(values);
            self.low = Bound::Unbounded;
            self.high = Bound::Unbounded;
            self.tests.clear();
            self.unions.clear();
        }
    }

    /// Whether a segment is accepted.
    pub(crate) fn matches(&self, segment: &str) -> bool {
        self.values
            .as_ref()
            .is_none_or(|values| values.contains(segment))
            && above(&self.low, segment)
            && below(&self.high, segment)
            && self.tests.iter().all(|test| (test.accepts)(segment))
            && self
                .unions
                .iter()
                .all(|parts| parts.iter().any(|part| part.matches(segment)))
    }

    /// Whether every segment is accepted.
    pub(crate) fn is_all(&self) -> bool {
        self.values.is_none()
            && self.low == Bound::Unbounded
            && self.high == Bound::Unbounded
            && self.tests.is_empty()
            && self.unions.is_empty()
    }

    /// Whether no segment is accepted, as far as can be told without one.
    pub(crate) fn is_impossible(&self) -> bool {
        match &self.values {
            Some(values) => !values.iter().any(|value| self.matches(value)),
            None => self.ceiling().is_some_and(|end| self.floor() >= end),
        }
    }

    /// The only segment that is accepted.
    pub(crate) fn bound_value(&self) -> Option<&str> {
        let values = self.values.as_ref()?;
        let mut accepted = values.iter().filter(|value| self.matches(value));
        match (accepted.next(), accepted.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    }

    /// The accepted segments, where they are given one by one.
    pub(crate) fn enumerated(&self) -> Option<impl Iterator<Item = &str>> {
        let values = self.values.as_ref()?.iter().map(String::as_str);
        Some(values.filter(|value| self.matches(value)))
    }

    /// No accepted segment's paths are listed below this text.
    pub(crate) fn floor(&self) -> String {
        let own = match &self.low {
            Bound::Unbounded => String::new(),
            Bound::Included(low) => low.clone(),
            Bound::Excluded(low) => format!("{low}0"),
        };
        let least = |parts: &Arc<[Self]>| parts.iter().map(|part| part.interval().0).min();
        let unions = self.unions.iter().filter_map(least);
        unions.fold(own, String::max)
    }

    /// All accepted segments' paths are listed below this text.
    pub(crate) fn ceiling(&self) -> Option<String> {
        let own = match &self.high {
            Bound::Unbounded => None,
            Bound::Included(high) => Some(format!("{high}0")),
            Bound::Excluded(high) => Some(high.clone()),
        };
        let greatest = |parts: &Arc<[Self]>| {
            let ends: Option<Vec<String>> = parts.iter().map(|part| part.interval().1).collect();
            ends?.into_iter().max()
        };
        let unions = self.unions.iter().filter_map(greatest);
        own.into_iter().chain(unions).min()
    }

    /// The part of the listing that holds what is accepted.
    fn interval(&self) -> (String, Option<String>) {
        match &self.values {
            Some(values) => {
                let end = values.iter().map(|value| format!("{value}0")).max();
                (
                    values.first().cloned().unwrap_or_default(),
                    end.or_else(|| Some(String::new())),
                )
            }
            None => (self.floor(), self.ceiling()),
        }
    }

    /// A text from `bound` on, below which nothing is accepted that is listed from `bound` on; none
    /// if nothing is.
    pub(crate) fn next(&self, bound: &str) -> Option<String> {
        let mut from = self.floor().max(bound.to_owned());
        for parts in &self.unions {
            let rest = parts.iter().filter_map(|part| {
                let (floor, ceiling) = part.interval();
                ceiling
                    .is_none_or(|end| from < end)
                    .then(|| floor.max(from.clone()))
            });
            from = rest.min()?;
        }
        self.ceiling().is_none_or(|end| from < end).then_some(from)
    }

    /// The conditions that the listing can't help with.
    pub(crate) fn tests(&self) -> impl Iterator<Item = &Test> {
        let unions = self.unions.iter().flat_map(|parts| parts.iter());
        let of_parts = unions.flat_map(|part| part.tests.iter());
        self.tests.iter().chain(of_parts)
    }

    /// Whether it is one part of the listing, without gaps.
    pub(crate) fn is_interval(&self) -> bool {
        self.values.is_none() && self.tests.is_empty() && self.unions.is_empty()
    }

    /// What is accepted, in one form for all ways to spell it.
    pub(crate) fn meaning(&self) -> String {
        if self.is_impossible() {
            return "nothing".to_owned();
        }
        if let Some(values) = self.enumerated() {
            return format!("{:?}", values.collect::<Vec<_>>());
        }
        let tests: BTreeSet<&str> = self.tests.iter().map(|test| &*test.meaning).collect();
        let part_of = |parts: &Arc<[Self]>| parts.iter().map(Self::meaning).collect();
        let unions: BTreeSet<BTreeSet<String>> = self.unions.iter().map(part_of).collect();
        format!("{:?} {:?} {tests:?} {unions:?}", self.low, self.high)
    }

    /// The conditions as people read them, each of them to hold.
    pub(crate) fn shown(&self) -> &[String] {
        &self.shown
    }
}

/// The bound that leaves less; of two at one place, the excluding one.
fn tighter(one: Bound<String>, other: Bound<String>, inner: Ordering) -> Bound<String> {
    let place = |bound: &Bound<String>| match bound {
        Bound::Unbounded => None,
        Bound::Included(text) => Some((text.clone(), false)),
        Bound::Excluded(text) => Some((text.clone(), true)),
    };
    match (place(&one), place(&other)) {
        (None, _) => other,
        (_, None) => one,
        (Some((a, excluded)), Some((b, _))) => match a.cmp(&b) {
            Ordering::Equal if excluded => one,
            Ordering::Equal => other,
            order if order == inner => one,
            _ => other,
        },
    }
}

/// Compares a segment's place in a listing, `segment/`, with a text.
fn place(segment: &str, text: impl IntoIterator<Item = u8>) -> Ordering {
    segment.bytes().chain([b'/']).cmp(text)
}

fn above(low: &Bound<String>, segment: &str) -> bool {
    match low {
        Bound::Unbounded => true,
        // What starts with `low` may be listed before it (`low!` before `low/`), and belongs to
        // the rows that start with `low`.
        Bound::Included(low) => segment >= low.as_str(),
        Bound::Excluded(low) => {
            segment > low.as_str() && place(segment, low.bytes().chain([b'/'])).is_gt()
        }
    }
}

fn below(high: &Bound<String>, segment: &str) -> bool {
    match high {
        Bound::Unbounded => true,
        Bound::Included(high) => {
            segment <= high.as_str() && place(segment, high.bytes().chain([b'/'])).is_le()
        }
        Bound::Excluded(high) => segment < high.as_str() && place(segment, high.bytes()).is_lt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: Bound<&str>, high: Bound<&str>) -> Predicate {
        Predicate::range(low.map(str::to_owned), high.map(str::to_owned))
    }

    #[test]
    fn conditions_are_and_ed() {
        let mut years = range(Bound::Included("2015"), Bound::Excluded("2020"));
        years.and(range(Bound::Excluded("2015"), Bound::Unbounded));
        assert!(!years.matches("2015"));
        assert!(years.matches("2016"));
        assert_eq!(years.floor(), "20150");
        years.and(Predicate::values(
            ["2015", "2017", "2020"].map(str::to_owned),
        ));
        assert_eq!(years.bound_value(), Some("2017"));
        years.and(Predicate::values(["2018".to_owned()]));
        assert!(years.is_impossible());
    }

    #[test]
    fn a_meaning_has_one_form() {
        let values = |values: &[&str]| Predicate::values(values.iter().map(|&v| v.to_owned()));
        let meaning = |mut one: Predicate, other: Predicate| {
            one.and(other);
            one.meaning()
        };
        let all = Predicate::default;
        assert_eq!(
            values(&["2", "1", "2"]).meaning(),
            values(&["1", "2"]).meaning()
        );
        let two = || values(&["1", "2"]).shown_as("in [1, 2]");
        assert_eq!(meaning(two(), all()), values(&["1", "2"]).meaning());
        let wide = range(Bound::Included("0"), Bound::Unbounded);
        assert_eq!(meaning(two(), wide.clone()), two().meaning());
        let narrow = range(Bound::Included("5"), Bound::Unbounded);
        assert_eq!(meaning(narrow.clone(), wide), narrow.meaning());
        assert_ne!(narrow.meaning(), all().meaning());
        assert_eq!(meaning(two(), values(&["3"])), values(&[]).meaning());
        let test = |meaning: &str| {
            Predicate::test(Test {
                meaning: meaning.to_owned(),
                accepts: Arc::new(|_| true),
                advice: None,
            })
        };
        assert_ne!(test("a").meaning(), test("b").meaning());
        assert_eq!(meaning(test("a"), test("a")), test("a").meaning());
    }

    #[test]
    fn empty_intervals_are_known() {
        assert!(range(Bound::Excluded("5"), Bound::Included("5")).is_impossible());
        assert!(range(Bound::Included("5"), Bound::Excluded("5")).is_impossible());
        assert!(range(Bound::Included("6"), Bound::Included("5")).is_impossible());
        assert!(!range(Bound::Included("5"), Bound::Included("5")).is_impossible());
        assert!(Predicate::default().is_all());
        assert!(!Predicate::default().is_impossible());
    }
}
