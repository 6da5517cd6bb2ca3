//! The names in one folder, in order, in little memory.
//!
//! A million names are held as one text and four bytes for each. They are sorted as far as they
//! are taken: a first page costs little more than looking at each name once. Of a folder whose
//! names are more than [`MOST_BYTES`] only the first ones are kept; who comes to their end reads
//! the folder again from [`Names::cut`] on.

use std::cmp::Ordering;

/// The memory that the names of one folder may take.
const MOST_BYTES: usize = 48 << 20;

/// How many names are put in order at first; then twice as many at a time.
const FIRST_SORTED: usize = 1024;

/// Ends a name in the text. No file's name has it, and it sorts before everything else.
const END: char = '\0';

/// A folder's names, taken from the front. A name that was added twice is given once.
#[derive(Debug)]
pub(super) struct Names {
    text: String,
    /// Where in the text each name starts. Those before `taken` are gone; those before `sorted`
    /// are in order and before all others.
    starts: Vec<u32>,
    taken: usize,
    sorted: usize,
    /// Names from this one on did not fit.
    cut: Option<Box<str>>,
    most_bytes: usize,
}

impl Default for Names {
    fn default() -> Self {
        Self::within(MOST_BYTES)
    }
}

impl Names {
    fn within(most_bytes: usize) -> Self {
        Self {
            text: String::new(),
            starts: Vec::new(),
            taken: 0,
            sorted: 0,
            cut: None,
            most_bytes,
        }
    }

    /// Adds a name; for as long as none was taken.
    pub(super) fn push(&mut self, name: &str) {
        if self.cut.as_deref().is_some_and(|cut| name >= cut) {
            return;
        }
        let Ok(start) = u32::try_from(self.text.len()) else {
            return;
        };
        self.starts.push(start);
        self.text.push_str(name);
        self.text.push(END);
        if self.bytes() > self.most_bytes {
            self.keep_first_half();
        }
    }

    /// The memory that the names take.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.starts.len() * size_of::<u32>()
    }

    /// How many are left, those that were added twice counted twice.
    pub(super) fn ahead(&self) -> usize {
        self.starts.len() - self.taken
    }

    /// The next name.
    pub(super) fn first(&mut self) -> Option<&str> {
        if self.taken == self.sorted {
            self.sort_more();
        }
        let start = *self.starts.get(self.taken)?;
        Some(name_at(&self.text, start))
    }

    /// Goes on to the name after it.
    pub(super) fn advance(&mut self) {
        let Some(&start) = self.starts.get(self.taken) else {
            return;
        };
        self.taken += 1;
        loop {
            if self.taken == self.sorted {
                self.sort_more();
            }
            match self.starts.get(self.taken) {
                Some(&next) if name_at(&self.text, next) == name_at(&self.text, start) => {
                    self.taken += 1;
                }
                _ => return,
            }
        }
    }

    /// The first of the names that did not fit, once all others are taken.
    pub(super) fn cut(&self) -> Option<&str> {
        self.cut.as_deref()
    }

    fn sort_more(&mut self) {
        let Self { text, starts, .. } = self;
        let unsorted = starts.get_mut(self.sorted..).unwrap_or_default();
        let more = self.sorted.max(FIRST_SORTED).min(unsorted.len());
        let order = |a: &u32, b: &u32| compare(text, *a, *b);
        if more < unsorted.len() {
            unsorted.select_nth_unstable_by(more, order);
        }
        unsorted
            .get_mut(..more)
            .unwrap_or_default()
            .sort_unstable_by(order);
        self.sorted += more;
    }

    /// Forgets the names in the second half of the order, so that the first ones have room.
    fn keep_first_half(&mut self) {
        let text = std::mem::take(&mut self.text);
        let mut starts = std::mem::take(&mut self.starts);
        starts.sort_unstable_by(|a, b| compare(&text, *a, *b));
        starts.dedup_by(|a, b| name_at(&text, *a) == name_at(&text, *b));
        let kept = starts.len().div_ceil(2);
        if let Some(&cut) = starts.get(kept) {
            self.cut = Some(Box::from(name_at(&text, cut)));
        }
        starts.truncate(kept);
        self.starts.reserve(starts.len());
        for start in starts {
            let Ok(at) = u32::try_from(self.text.len()) else {
                return;
            };
            self.starts.push(at);
            self.text.push_str(name_at(&text, start));
            self.text.push(END);
        }
    }
}

fn tail(text: &str, start: u32) -> &str {
    text.get(start as usize..).unwrap_or_default()
}

fn name_at(text: &str, start: u32) -> &str {
    let tail = tail(text, start);
    tail.find(END)
        .and_then(|end| tail.get(..end))
        .unwrap_or(tail)
}

/// What follows a name's end matters only where two names are equal.
fn compare(text: &str, a: u32, b: u32) -> Ordering {
    tail(text, a).as_bytes().cmp(tail(text, b).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(names: &mut Names) -> Vec<String> {
        let mut taken = Vec::new();
        while let Some(name) = names.first() {
            taken.push(name.to_owned());
            names.advance();
        }
        taken
    }

    #[test]
    fn names_come_in_order_and_once() {
        let mut names = Names::default();
        let mut expected: Vec<String> = (0..5000).map(|n| (n * 7919 % 5000).to_string()).collect();
        for name in expected
            .iter()
            .chain(expected.get(..100).unwrap_or_default())
        {
            names.push(name);
        }
        expected.sort_unstable();
        assert_eq!(taken(&mut names), expected);
        assert_eq!(names.cut(), None);
        assert_eq!(taken(&mut Names::default()), [""; 0]);
    }

    #[test]
    fn a_name_sorts_before_what_it_begins() {
        let mut names = Names::default();
        for name in ["ab", "a/", "a", "a!", "a", ""] {
            names.push(name);
        }
        assert_eq!(taken(&mut names), ["", "a", "a!", "a/", "ab"]);
    }

    #[test]
    fn what_does_not_fit_is_cut_off_at_the_end() {
        let all: Vec<String> = (0..1000).map(|n| format!("{:03}", n * 7 % 1000)).collect();
        let mut from = String::new();
        let mut seen = Vec::new();
        let mut reads = 0;
        loop {
            reads += 1;
            let mut names = Names::within(1000);
            for name in all.iter().filter(|name| **name >= from) {
                names.push(name);
                assert!(names.bytes() <= 1000);
            }
            seen.extend(taken(&mut names));
            match names.cut() {
                Some(cut) => from = cut.to_owned(),
                None => break,
            }
        }
        let expected: Vec<String> = (0..1000).map(|n| format!("{n:03}")).collect();
        assert_eq!(seen, expected);
        assert!((8..30).contains(&reads), "{reads}");
    }
}
