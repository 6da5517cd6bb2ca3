//! Which columns of a table stand in its objects instead of their paths.

use std::fmt;

use super::{ColumnSchema, HIVE_OBJECT, Layout, Schema};

/// In `requires` of a packed table: rows share objects, so that a write of one must keep the others.
pub(super) const PACKED: &str = "packed";

/// How the objects of a packed table are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// `rows.ndjson.gz`, which engines read by its ending.
    Gzip,
}

impl Compression {
    pub(super) const ALL: &'static [Self] = &[Self::Gzip];
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
        })
    }
}

impl Schema {
    /// This table with its last key columns packed.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_packed(mut self, columns: usize, compression: Option<Compression>) -> Self {
        self.packed = columns;
        self.compression = compression;
        self
    }

    /// How many of the last key columns are packed: rows that differ in them alone share one
    /// object. 0 for a table with an object for each row.
    ///
    /// ```
    /// use s3aads::S3Table;
    ///
    /// #[derive(S3Table)]
    /// struct Day { #[s3(key)] year: u16, #[s3(key)] day: u16 }
    /// assert_eq!(Day::SCHEMA.packed(), 0);
    /// ```
    pub fn packed(&self) -> usize {
        self.packed
    }

    /// How the objects of a packed table are compressed, if they are.
    pub fn compression(&self) -> Option<Compression> {
        self.compression
    }

    /// The key columns that stand in an object's path.
    pub fn bound(&self) -> &[ColumnSchema] {
        self.split_columns().0
    }

    /// The key columns that stand in an object's lines.
    pub fn packed_columns(&self) -> &[ColumnSchema] {
        self.split_columns().1
    }

    /// The name of the table's objects below the segments of the bound columns; none where the last
    /// of these is the object's name.
    pub(crate) fn object_name(&self) -> Option<&'static str> {
        match (self.packed, self.compression, self.layout) {
            (0, _, Layout::Plain) => None,
            (0, _, Layout::Hive) => Some(HIVE_OBJECT),
            (_, None, _) => Some("rows.ndjson"),
            (_, Some(Compression::Gzip), _) => Some("rows.ndjson.gz"),
        }
    }

    /// Whether an object of this size surely holds no row: an emptied pack that could not be deleted.
    pub(crate) fn holds_no_row(&self, size: u64) -> bool {
        /// What gzip makes of nothing; of anything else it makes more.
        const EMPTY_GZIP: u64 = 20;

        self.packed > 0
            && match self.compression {
                None => size == 0,
                Some(Compression::Gzip) => size <= EMPTY_GZIP,
            }
    }

    fn split_columns(&self) -> (&[ColumnSchema], &[ColumnSchema]) {
        let bound = self.columns.len().saturating_sub(self.packed);
        let split = self.columns.split_at_checked(bound);
        split.unwrap_or((&self.columns, &[]))
    }

    /// The encoding of the column at this place, as the schema is shown.
    pub(super) fn encoding_text(&self, column: usize) -> String {
        match self.columns.get(column) {
            Some(_) if column >= self.bound().len() => "packed".to_owned(),
            Some(column) => column.encoding.to_string(),
            None => String::new(),
        }
    }
}
