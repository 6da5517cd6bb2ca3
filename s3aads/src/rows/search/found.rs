//! A row that a query came upon, and what was read of it.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use super::open::OpenPack;
use crate::rows::Rows;
use crate::scan::Listed;
use crate::store::{Object, ObjectEntry};

/// A row that matches.
#[derive(Debug)]
pub(crate) enum Found<K> {
    /// An object of its own, of which the listing told.
    Object(Listed<K>),
    /// A line of a pack that was read.
    Line(FoundLine<K>),
    /// An object that was read to see whether it matches.
    Checked(Box<CheckedRow<K>>),
}

/// A row that was read to see whether it matches.
#[derive(Debug)]
pub(crate) struct CheckedRow<K> {
    pub(super) key: K,
    /// Its path below the table's folder.
    pub(super) path: String,
    /// Where the listing by which it was found goes on after it.
    pub(super) position: String,
    pub(super) object: Object,
}

/// A row of a pack.
#[derive(Debug)]
pub(crate) struct FoundLine<K> {
    pub(super) key: K,
    pub(super) pack: Arc<OpenPack>,
    /// Its place among the pack's rows.
    pub(super) row: usize,
}

impl<K> Found<K> {
    pub(crate) fn into_key(self) -> K {
        match self {
            Self::Object(listed) => listed.key,
            Self::Line(line) => line.key,
            Self::Checked(row) => row.key,
        }
    }

    /// Where a query goes on after it.
    pub(crate) fn position(&self) -> Cow<'_, str> {
        match self {
            Self::Checked(row) => Cow::Borrowed(&row.position),
            row => row.path(),
        }
    }

    /// Its key's path below the table's folder.
    pub(crate) fn path(&self) -> Cow<'_, str> {
        match self {
            Self::Object(listed) => Cow::Borrowed(listed.path()),
            Self::Line(line) => Cow::Owned(line.path()),
            Self::Checked(row) => Cow::Borrowed(&row.path),
        }
    }

    /// What is known of its object. Of a pack's row that is the pack's, but for the size and the
    /// version, which are its own.
    pub(crate) fn into_entry(self) -> (K, ObjectEntry) {
        match self {
            Self::Object(listed) => (listed.key, listed.entry),
            Self::Line(line) => {
                let entry = line.entry();
                (line.key, entry)
            }
            Self::Checked(row) => (row.key, row.object.entry),
        }
    }
}

impl<K> FoundLine<K> {
    fn path(&self) -> String {
        let line = self.pack.pack.line(self.row);
        // A row without a path is a fault of its pack and not found.
        let path = line.and_then(|line| line.key_path().ok());
        path.unwrap_or_default()
    }

    fn body(&self) -> Bytes {
        let line = self.pack.pack.line(self.row);
        line.map(|line| line.body()).unwrap_or_default()
    }

    fn entry(&self) -> ObjectEntry {
        let line = self.pack.pack.line(self.row);
        ObjectEntry {
            size: self.body().len() as u64,
            version: line.map(|line| line.version()).unwrap_or_default(),
            ..self.pack.entry.clone()
        }
    }
}

/// A row with its body.
pub(crate) enum Read<K> {
    /// An object of its own.
    Object(K, Object),
    /// A line of a pack.
    Line(FoundLine<K>),
}

/// Where a row was read.
pub(crate) enum ReadAt {
    /// The object of this key.
    Object(String),
    /// A line of a pack.
    Line(FoundLine<()>),
}

impl ReadAt {
    /// The path of the row's key below the table's folder.
    pub(crate) fn path(&self, rows: &Rows) -> String {
        match self {
            Self::Object(key) => key.strip_prefix(rows.root()).unwrap_or(key).to_owned(),
            Self::Line(line) => line.path(),
        }
    }
}

impl<K> Read<K> {
    /// The row, and where it was read, of which an error alone has need.
    pub(crate) fn into_parts(self) -> (K, Bytes, ReadAt) {
        match self {
            Self::Object(key, object) => (key, object.body, ReadAt::Object(object.entry.key)),
            Self::Line(FoundLine { key, pack, row }) => {
                let line = FoundLine { key: (), pack, row };
                (key, line.body(), ReadAt::Line(line))
            }
        }
    }

    /// The row alone.
    pub(crate) fn into_body(self) -> (K, Bytes) {
        match self {
            Self::Object(key, object) => (key, object.body),
            Self::Line(line) => {
                let body = line.body();
                (line.key, body)
            }
        }
    }

    /// The row as an object, with its version and what goes with it.
    pub(crate) fn into_object(self) -> (K, Object) {
        match self {
            Self::Object(key, object) => (key, object),
            Self::Line(line) => {
                let object = Object {
                    entry: line.entry(),
                    attributes: line.pack.attributes.clone(),
                    body: line.body(),
                };
                (line.key, object)
            }
        }
    }
}
