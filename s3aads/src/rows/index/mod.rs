//! Entries of indexes: objects `_s3aads/index/<table>/<index>/<values>/<key>/<id>`, written before the row
//! and removed after it.
//!
//! A row is what it was written as, and its write is the one point at which a change takes effect. So
//! that a row in the table always has its entries, and whoever finds one believes the row alone:
//!
//! - A row bears the id of each of its entries ([`Stamp`]), and another id with every write. An entry's id
//!   is that of the write that last changed the row's values in the index. Once gone from the row it
//!   never comes back.
//! - The entries of a new row or of changed values are written first, all of them, and then the row, if
//!   it is still the one that was read.
//! - Who has replaced or deleted a version of the row removes the entries that were its own and are not
//!   the next one's. Nobody else removes any, but for those of a write that surely never takes effect.
//!
//! What a writer leaves behind that stops half-way is an entry whose row has other values or is not
//! there: a read on the way of whoever looks.

mod copy;
mod entries;
mod remove;
mod write;

pub(crate) use entries::Entries;
pub(in crate::rows) use write::Write;

use bytes::Bytes;

use super::{RESERVED, Rows};
use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::schema::IndexSchema;
use crate::store::Version;

/// Reads the values of the indexed fields from a row's path below its table and its body: their segments,
/// without labels.
pub(crate) type ReadFields = fn(&str, &Bytes) -> Result<Vec<Option<String>>>;

impl Rows {
    /// The same, of a program that can write the entries of the table's indexes.
    pub(crate) fn with_fields(mut self, fields: ReadFields) -> Self {
        self.fields = Some(fields);
        self
    }

    /// The same without what it takes to write entries.
    pub(crate) fn without_fields(&self) -> Self {
        Self {
            fields: None,
            ..self.clone()
        }
    }

    /// Whether rows stand in indexes.
    pub(crate) fn is_indexed(&self) -> bool {
        !self.schema.indexes().is_empty()
    }

    /// Where the entries of all the table's indexes start.
    pub(crate) fn index_root(&self, index: &IndexSchema) -> String {
        let root = self.session.index_root(self.schema.table());
        format!("{root}{}/", encode_segment(index.name()))
    }

    /// The values of a row's indexed fields, by its path and body.
    pub(crate) fn fields(&self, path: &str, body: &Bytes) -> Result<Vec<Option<String>>> {
        let read = self.fields.ok_or_else(|| self.unknown_fields(path))?;
        read(path, body).map_err(|error| self.place(error).at_key(path))
    }

    /// Refuses to write where the struct is not known that tells the entries.
    pub(super) fn knows_fields(&self) -> Result<()> {
        match self.fields {
            None if self.is_indexed() => Err(self.unknown_fields("")),
            _ => Ok(()),
        }
    }

    fn unknown_fields(&self, path: &str) -> Error {
        let message = "the table has indexes, whose entries only a program with its struct can write; \
                       without it the table can be read";
        let error = self.error(ErrorKind::Unsupported, message);
        if path.is_empty() {
            error
        } else {
            error.at_key(path)
        }
    }

    /// The error of a row that is another one by now, or gone.
    fn changed(&self, path: &str) -> Error {
        let message = "the row was changed or deleted since it was read; read it again";
        self.error(ErrorKind::Conflict, message).at_key(path)
    }

    /// The error of rows of which the store tells no versions.
    fn unversioned(&self, path: &str) -> Error {
        let message =
            "the store told no ETag or version of the row, without which no index can be kept";
        self.error(ErrorKind::Unsupported, message).at_key(path)
    }
}

impl super::Session {
    /// Where the entries of all indexes of a table start.
    pub(crate) fn index_root(&self, table: &str) -> String {
        format!("{}index/{}/", self.root(RESERVED), encode_segment(table))
    }
}

/// Whether both mark the same writing.
fn is_same(a: &Version, b: &Version) -> bool {
    a.is_known() && a.is_same(b)
}
