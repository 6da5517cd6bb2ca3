//! A pack and what is to be changed in it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;

use super::gzip;
use super::line::Written;
use super::read::{Pack, compare_keys};
use super::stored_line::Line;
use crate::schema::{Compression, Schema};

/// A pack with changes that are not written yet. A clone is cheap and has changes of its own.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pack: Arc<Pack>,
    changes: Arc<BTreeMap<Key, Option<Written>>>,
    /// How many rows it has.
    rows: usize,
    /// Bytes of its lines.
    size: usize,
}

/// The plain texts of a row's packed columns, in the order of their values.
#[derive(Debug, Clone)]
struct Key {
    schema: Arc<Schema>,
    texts: Vec<String>,
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        compare_keys(
            self.schema.packed_columns(),
            self.texts.iter().map(String::as_str),
            other.texts.iter().map(String::as_str),
        )
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Key {}

/// A row of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// The plain texts of the packed columns.
    pub(crate) texts: Vec<String>,
    /// The body, as it will be read.
    pub(crate) body: Bytes,
}

impl Draft {
    pub(crate) fn new(pack: Arc<Pack>) -> Self {
        Self {
            rows: pack.len(),
            size: pack.lines().map(|line| line.size() + 1).sum(),
            changes: Arc::default(),
            pack,
        }
    }

    /// Whether it is anything else than the pack.
    pub(crate) fn is_changed(&self) -> bool {
        !self.changes.is_empty()
    }

    /// How many rows it has.
    pub(crate) fn len(&self) -> usize {
        self.rows
    }

    /// Bytes of its lines, before they are compressed.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    fn key(&self, texts: &[String]) -> Key {
        Key {
            schema: Arc::clone(self.pack.schema()),
            texts: texts.to_vec(),
        }
    }

    /// The body of a row.
    pub(crate) fn get(&self, texts: &[String]) -> Option<Bytes> {
        if !self.changes.is_empty()
            && let Some(change) = self.changes.get(&self.key(texts))
        {
            return change.as_ref().map(|written| written.body.clone());
        }
        let row = self.pack.search(texts).ok()?;
        Some(self.pack.line(row)?.body())
    }

    /// Puts a row in, over the one that is there.
    pub(crate) fn put(&mut self, texts: &[String], written: Written) {
        self.change(texts, Some(written));
    }

    /// How many bytes its lines would have with this row among them.
    pub(crate) fn size_with(&self, texts: &[String], written: &Written) -> usize {
        self.size + written.line.len() + 1 - self.line_size(texts).map_or(0, |size| size + 1)
    }

    /// How many bytes its lines would have without this row.
    pub(crate) fn size_without(&self, texts: &[String]) -> usize {
        self.size - self.line_size(texts).map_or(0, |size| size + 1)
    }

    /// Bytes of a row's line.
    fn line_size(&self, texts: &[String]) -> Option<usize> {
        match self.changes.get(&self.key(texts)) {
            Some(change) => change.as_ref().map(|written| written.line.len()),
            None => {
                let row = self.pack.search(texts).ok()?;
                Some(self.pack.line(row)?.size())
            }
        }
    }

    /// Takes a row out, if it is there.
    pub(crate) fn remove(&mut self, texts: &[String]) -> bool {
        let there = self.get(texts).is_some();
        if there {
            self.change(texts, None);
        }
        there
    }

    fn change(&mut self, texts: &[String], change: Option<Written>) {
        let size = |change: &Option<Written>| change.as_ref().map(|w| w.line.len() + 1);
        let stored = self.pack.search(texts).ok();
        let stored = stored.and_then(|row| self.pack.line(row));
        let stored_size = stored.map(|line| line.size() + 1);
        // What is as it was stored is no change.
        let same = match (&change, stored) {
            (None, None) => true,
            (Some(written), Some(line)) => written.body == line.body(),
            _ => false,
        };
        let new = if same { stored_size } else { size(&change) };
        let key = self.key(texts);
        let old = match Arc::make_mut(&mut self.changes).entry(key) {
            Entry::Occupied(mut entry) => {
                let old = size(entry.get());
                if same {
                    drop(entry.remove());
                } else {
                    drop(entry.insert(change));
                }
                old
            }
            Entry::Vacant(entry) => {
                if !same {
                    entry.insert(change);
                }
                stored_size
            }
        };
        self.rows = self.rows + usize::from(new.is_some()) - usize::from(old.is_some());
        self.size = self.size + new.unwrap_or(0) - old.unwrap_or(0);
    }

    /// The first row after these texts, or the first of all.
    pub(crate) fn after(&self, after: Option<&[String]>) -> Option<Row> {
        let mut stored = match after.map(|texts| self.pack.search(texts)) {
            None => 0,
            Some(Ok(row)) => row + 1,
            Some(Err(row)) => row,
        };
        let low = after.map_or(Bound::Unbounded, |texts| Bound::Excluded(self.key(texts)));
        let mut changed = self.changes.range((low, Bound::Unbounded)).peekable();
        loop {
            let line = self.pack.line(stored);
            let order = match (line, changed.peek()) {
                (None, None) => return None,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(line), Some((key, _))) => line.order(&key.texts),
            };
            if order.is_le() {
                stored += 1;
            }
            if order.is_lt() {
                return line.map(row_of);
            }
            if let Some((key, Some(written))) = changed.next() {
                return Some(Row {
                    texts: key.texts.clone(),
                    body: written.body.clone(),
                });
            }
        }
    }

    /// The object's body.
    ///
    /// # Errors
    ///
    /// If it can't be compressed.
    pub(crate) fn write(&self) -> std::io::Result<Bytes> {
        let lines = Bytes::from(self.lines());
        match self.pack.schema().compression() {
            None => Ok(lines),
            Some(Compression::Gzip) => gzip::pack(&lines),
        }
    }

    fn lines(&self) -> Vec<u8> {
        let mut lines = Vec::with_capacity(self.size);
        let mut stored = self.pack.lines().peekable();
        for (key, change) in self.changes.iter() {
            while let Some(line) = stored.next_if(|line| line.order(&key.texts).is_lt()) {
                line.append(&mut lines);
                lines.push(b'\n');
            }
            stored.next_if(|line| line.order(&key.texts).is_eq());
            if let Some(written) = change {
                lines.extend_from_slice(&written.line);
                lines.push(b'\n');
            }
        }
        for line in stored {
            line.append(&mut lines);
            lines.push(b'\n');
        }
        lines
    }
}

fn row_of(line: Line<'_>) -> Row {
    Row {
        texts: line.texts().map(str::to_owned).collect(),
        body: line.body(),
    }
}
