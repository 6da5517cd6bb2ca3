//! What a table's rows look like in the store.

mod column;
mod definition;
mod field;
mod file;
mod index;
mod packing;

use std::borrow::Cow;
use std::fmt;

pub use column::{ColumnType, Encoding};
pub use field::{FieldSchema, FieldType};
pub(crate) use file::{StoredSchema, Unreadable};
pub use index::{IndexSchema, IndexedField};
pub use packing::Compression;

/// How key columns become folders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Layout {
    /// `<table>/1/2020/01/01`: one segment for each column, the last one names the object.
    #[default]
    Plain,
    /// `<table>/id=1/year=2020/row.json`: partitions as Hive, DuckDB, Polars, Spark, DataFusion,
    /// Trino and Athena read them.
    ///
    /// The empty text, `__HIVE_DEFAULT_PARTITION__` and `\N` mean NULL to them and can't be stored.
    Hive,
}

impl Layout {
    const ALL: &'static [Self] = &[Self::Plain, Self::Hive];
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Hive => "hive",
        })
    }
}

/// The object's name below the partitions of [`Layout::Hive`].
pub(crate) const HIVE_OBJECT: &str = "row.json";

/// What a row's object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyFormat {
    /// The fields that are not key columns, as one JSON object.
    Object,
    /// One field's JSON.
    Data,
    /// One field's bytes as they are.
    Bytes,
    /// One field's text in UTF-8.
    Text,
    /// Nothing: the key is the row.
    Empty,
}

impl BodyFormat {
    const ALL: &'static [Self] = &[
        Self::Object,
        Self::Data,
        Self::Bytes,
        Self::Text,
        Self::Empty,
    ];

    /// The Content-Type that such a body is stored with; none for an empty one.
    pub fn content_type(self) -> Option<&'static str> {
        match self {
            Self::Object | Self::Data => Some("application/json"),
            Self::Bytes => Some("application/octet-stream"),
            Self::Text => Some("text/plain; charset=utf-8"),
            Self::Empty => None,
        }
    }
}

impl fmt::Display for BodyFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "object",
            Self::Data => "data",
            Self::Bytes => "bytes",
            Self::Text => "text",
            Self::Empty => "empty",
        })
    }
}

/// One key column as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSchema {
    name: Cow<'static, str>,
    column_type: ColumnType,
    encoding: Encoding,
}

impl ColumnSchema {
    #[doc(hidden)]
    pub const fn new(name: &'static str, column_type: ColumnType, encoding: Encoding) -> Self {
        Self {
            name: Cow::Borrowed(name),
            column_type,
            encoding,
        }
    }

    /// A column of text, named at run time.
    pub(crate) fn text(name: String) -> Self {
        Self::stored(name, ColumnType::String, Encoding::Plain)
    }

    /// A column of a stored schema.
    fn stored(name: String, column_type: ColumnType, encoding: Encoding) -> Self {
        Self {
            name: Cow::Owned(name),
            column_type,
            encoding,
        }
    }

    /// The column's stored name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The column's type.
    pub fn column_type(&self) -> ColumnType {
        self.column_type
    }

    /// How its values are written as text.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }
}

/// FNV-1a, 64 bits: the same on every machine and in every release, which std's hashers are not.
///
/// <https://datatracker.ietf.org/doc/html/rfc9923>
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    bytes.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    })
}

/// The stored form of a table: what must not change while rows are kept.
///
/// ```
/// use s3aads::S3Table;
///
/// #[derive(S3Table)]
/// #[s3(table = "daily-data")]
/// struct DailyData {
///     #[s3(key)]
///     id: u64,
///     #[s3(key, width = 2)]
///     month: u8,
///     #[s3(data)]
///     data: Vec<String>,
/// }
/// assert_eq!(
///     DailyData::SCHEMA.to_string(),
///     "daily-data(id: u64 plain, month: u8 width 2) layout plain, body data",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    table: Cow<'static, str>,
    columns: Cow<'static, [ColumnSchema]>,
    layout: Layout,
    body: BodyFormat,
    packed: usize,
    compression: Option<Compression>,
    fields: Cow<'static, [IndexedField]>,
    indexes: Cow<'static, [IndexSchema]>,
}

impl Schema {
    #[doc(hidden)]
    pub const fn new(
        table: &'static str,
        columns: &'static [ColumnSchema],
        layout: Layout,
        body: BodyFormat,
    ) -> Self {
        Self {
            table: Cow::Borrowed(table),
            columns: Cow::Borrowed(columns),
            layout,
            body,
            packed: 0,
            compression: None,
            fields: Cow::Borrowed(&[]),
            indexes: Cow::Borrowed(&[]),
        }
    }

    /// A table of text columns and bytes, named at run time.
    pub(crate) fn raw(table: String, columns: Vec<ColumnSchema>) -> Self {
        Self::stored(table, columns, Layout::Plain, BodyFormat::Bytes)
    }

    /// The same, in the hive layout.
    pub(crate) fn in_hive_layout(mut self) -> Self {
        self.layout = Layout::Hive;
        self
    }

    fn stored(table: String, columns: Vec<ColumnSchema>, layout: Layout, body: BodyFormat) -> Self {
        Self {
            table: Cow::Owned(table),
            columns: Cow::Owned(columns),
            layout,
            body,
            packed: 0,
            compression: None,
            fields: Cow::Borrowed(&[]),
            indexes: Cow::Borrowed(&[]),
        }
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The key columns in key order.
    pub fn columns(&self) -> &[ColumnSchema] {
        &self.columns
    }

    /// How key columns become folders.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// What a row's object holds.
    pub fn body(&self) -> BodyFormat {
        self.body
    }

    /// What a program must know to write to the table, besides rows of its own: the names that stand
    /// in `requires` of its stored schema. Such a table has its schema stored before its first row.
    ///
    /// ```
    /// use s3aads::S3Table;
    ///
    /// #[derive(S3Table)]
    /// struct Day { #[s3(key)] year: u16 }
    /// assert!(Day::SCHEMA.requires().is_empty());
    /// ```
    pub fn requires(&self) -> Vec<&'static str> {
        let packed = (self.packed > 0).then_some(packing::PACKED);
        let indexes = (!self.indexes.is_empty()).then_some(index::INDEXES);
        packed.into_iter().chain(indexes).collect()
    }

    /// A short text that is the same for two schemas exactly if their keys are stored alike:
    /// FNV-1a over the layout, the columns' names, types and encodings in order, which of them are
    /// packed, and the packs' compression. The table's name and the body are not part of it.
    ///
    /// ```
    /// # use s3aads::S3Table;
    /// #[derive(S3Table)]
    /// struct Day { #[s3(key)] year: u16, #[s3(key)] day: u16 }
    /// #[derive(S3Table)]
    /// struct Other { #[s3(key)] day: u16, #[s3(key)] year: u16 }
    /// assert_ne!(Day::SCHEMA.fingerprint(), Other::SCHEMA.fingerprint());
    /// ```
    pub fn fingerprint(&self) -> String {
        format!("{:016x}", fnv1a(self.key_text().as_bytes()))
    }

    /// Everything that the stored keys depend on. Names are quoted, so that no name can pass for
    /// two columns.
    pub(crate) fn key_text(&self) -> String {
        let columns = self.columns.iter().enumerate().map(|(i, column)| {
            let encoding = self.encoding_text(i);
            format!("{:?}: {} {encoding}", column.name, column.column_type)
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        match self.compression {
            Some(compression) => format!("{}({columns}) {compression}", self.layout),
            None => format!("{}({columns})", self.layout),
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(", self.table)?;
        for (i, column) in self.columns.iter().enumerate() {
            let separator = if i == 0 { "" } else { ", " };
            let (name, encoding) = (&column.name, self.encoding_text(i));
            write!(f, "{separator}{name}: {} {encoding}", column.column_type)?;
        }
        write!(f, ") layout {}, body {}", self.layout, self.body)?;
        match self.compression {
            Some(compression) => write!(f, ", compress {compression}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
    }
}
