//! The objects of one table with one index, and what requests make of them.

use std::collections::BTreeSet;
use std::fmt;

/// How many keys and values there are.
pub(crate) const KEYS: usize = 2;
pub(crate) const VALUES: usize = 2;

pub(crate) type Key = u8;
pub(crate) type Value = u8;

/// Drawn by a writer for one write, never again by anyone. 0 stands for a row that was written
/// before the index was there.
pub(crate) type Id = u8;

/// A set of ids.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Ids(u64);

impl Ids {
    pub(crate) fn of(id: Id) -> Self {
        Self(1 << id)
    }

    pub(crate) fn has(self, id: Id) -> bool {
        self.0 & (1 << id) != 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) fn add(&mut self, id: Id) {
        *self = self.and(Self::of(id));
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries((0..64).filter(|id| self.has(*id)))
            .finish()
    }
}

/// A row. Its ETag is a hash of all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Row {
    pub value: Value,
    /// The id of the write that made this version.
    pub version: Id,
    /// The id of the write that gave the row its value: that of its entry.
    pub g: Id,
}

/// An entry, all of which is in its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub value: Value,
    pub key: Key,
    pub g: Id,
}

/// What is under the path of a unique value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Claim {
    Held {
        key: Key,
        g: Id,
        /// The claim is for a create.
        create: bool,
        /// The creates that may have been under way when the claim was written over another one of
        /// its key. In the code it is a time: by then each of them has landed or never will.
        earlier: Ids,
        /// All claims of the key that it was written over. In the code it is the claim's age: each of
        /// them is older.
        older: Ids,
    },
    /// Stands for an absent claim where there are no conditional deletes.
    Tombstone(Id),
}

impl Claim {
    /// Whether both have the same body.
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Held {
                    key,
                    g,
                    create,
                    earlier,
                    ..
                },
                Self::Held {
                    key: k,
                    g: h,
                    create: c,
                    earlier: e,
                    ..
                },
            ) => (key, g, create, earlier) == (k, h, c, e),
            (a, b) => a == b,
        }
    }
}

/// What a row must be for a write to take effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum If {
    Absent,
    Version(Id),
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Request {
    GetRow(Key),
    PutRow(Key, Row, If),
    DeleteRow(Key, If),
    /// A page of the keys that have an entry of the value: those from this key on, at most so many.
    ListEntries(Value, Key, u8),
    PutEntry(Entry),
    DeleteEntry(Entry),
    /// All entries of a value and a key: a planted fault.
    DeleteEntries(Value, Key),
    GetClaim(Value),
    /// Writes a claim where there is none, or over the one that was seen.
    PutClaim(Value, Claim, Option<Claim>),
    DeleteClaim(Value, Claim),
}

impl Request {
    /// Whether it changes anything, so that it matters if it lands late.
    pub(crate) fn writes(self) -> bool {
        !matches!(
            self,
            Self::GetRow(_) | Self::GetClaim(_) | Self::ListEntries(..)
        )
    }
}

/// What the store says. Nothing at all may have been applied or not, and may still be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Applied,
    Refused,
    Row(Option<Row>),
    Claim(Option<Claim>),
    /// The keys of a page, as bits, and those of them that have several entries.
    Keys(u8, u8),
    Nothing,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Store {
    pub rows: [Option<Row>; KEYS],
    pub entries: BTreeSet<Entry>,
    pub claims: [Option<Claim>; VALUES],
    /// The versions that have been. A row's metadata tells of its own last ones.
    pub committed: Ids,
}

impl Store {
    pub(crate) fn row(&self, key: Key) -> Option<Row> {
        self.rows[usize::from(key)]
    }

    /// The rows that are there.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Key, Row)> {
        (0..).zip(self.rows).filter_map(|(k, row)| Some((k, row?)))
    }

    pub(crate) fn claim(&self, value: Value) -> Option<Claim> {
        self.claims[usize::from(value)]
    }

    /// The keys whose row has the value, as bits.
    pub(crate) fn having(&self, value: Value) -> u8 {
        self.rows()
            .filter(|(_, row)| row.value == value)
            .fold(0, |keys, (key, _)| keys | 1 << key)
    }

    /// Carries a request out, all at once.
    pub(crate) fn apply(&mut self, request: Request) -> Answer {
        match request {
            Request::GetRow(key) => Answer::Row(self.row(key)),
            Request::PutRow(key, row, condition) => {
                if !self.meets(key, condition) {
                    return Answer::Refused;
                }
                self.rows[usize::from(key)] = Some(row);
                self.committed.add(row.version);
                Answer::Applied
            }
            Request::DeleteRow(key, condition) => {
                if !self.meets(key, condition) {
                    return Answer::Refused;
                }
                self.rows[usize::from(key)] = None;
                Answer::Applied
            }
            Request::ListEntries(value, from, most) => {
                let (mut keys, mut several) = (0_u8, 0);
                for entry in &self.entries {
                    if entry.value != value || entry.key < from {
                        continue;
                    }
                    if keys & 1 << entry.key != 0 {
                        several |= 1 << entry.key;
                    } else if keys.count_ones() < u32::from(most) {
                        keys |= 1 << entry.key;
                    }
                }
                Answer::Keys(keys, several)
            }
            Request::PutEntry(entry) => {
                self.entries.insert(entry);
                Answer::Applied
            }
            Request::DeleteEntry(entry) => {
                self.entries.remove(&entry);
                Answer::Applied
            }
            Request::DeleteEntries(value, key) => {
                self.entries.retain(|e| (e.value, e.key) != (value, key));
                Answer::Applied
            }
            Request::GetClaim(value) => Answer::Claim(self.claim(value)),
            Request::PutClaim(value, claim, seen) => self.swap(value, seen, Some(claim)),
            Request::DeleteClaim(value, seen) => self.swap(value, Some(seen), None),
        }
    }

    fn meets(&self, key: Key, condition: If) -> bool {
        match (condition, self.row(key)) {
            (If::Always, _) | (If::Absent, None) => true,
            (If::Version(version), Some(row)) => row.version == version,
            _ => false,
        }
    }

    fn swap(&mut self, value: Value, seen: Option<Claim>, new: Option<Claim>) -> Answer {
        let there = &mut self.claims[usize::from(value)];
        let unchanged = match (*there, seen) {
            (None, None) => true,
            (Some(there), Some(seen)) => there.is(seen),
            _ => false,
        };
        if !unchanged {
            return Answer::Refused;
        }
        *there = new;
        Answer::Applied
    }
}
