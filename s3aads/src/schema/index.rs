//! What rows are found by besides their key.

use std::borrow::Cow;

use super::{BodyFormat, ColumnSchema, Layout, Schema};

/// In `requires` of a table with indexes: a write of a row must write its entries too.
pub(super) const INDEXES: &str = "indexes";

/// The name of an entry's last column, which tells it from every other entry of its row.
const ENTRY: &str = "entry";

/// A field of the body that an index has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedField {
    column: ColumnSchema,
    is_optional: bool,
}

impl IndexedField {
    #[doc(hidden)]
    pub const fn new(column: ColumnSchema, is_optional: bool) -> Self {
        Self {
            column,
            is_optional,
        }
    }

    /// The field's name and type, and how its values are written as text.
    pub fn column(&self) -> &ColumnSchema {
        &self.column
    }

    /// Whether a row may have no value, and then stands in no index that has the field.
    pub fn is_optional(&self) -> bool {
        self.is_optional
    }
}

/// An index of a table: the columns by whose values, in this order, its rows are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexSchema {
    name: Cow<'static, str>,
    /// Places among the key columns and, after them, the indexed fields.
    columns: Cow<'static, [usize]>,
}

impl IndexSchema {
    #[doc(hidden)]
    pub const fn new(name: &'static str, columns: &'static [usize]) -> Self {
        Self {
            name: Cow::Borrowed(name),
            columns: Cow::Borrowed(columns),
        }
    }

    pub(super) fn stored(name: String, columns: Vec<usize>) -> Self {
        Self {
            name: Cow::Owned(name),
            columns: Cow::Owned(columns),
        }
    }

    /// The index's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The places of its columns, in order: those of the table's key columns come first, and after
    /// them those of its [indexed fields](Schema::indexed_fields).
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }
}

impl Schema {
    /// A table with indexes.
    #[doc(hidden)]
    pub const fn indexed(
        table: &'static str,
        columns: &'static [ColumnSchema],
        layout: Layout,
        fields: &'static [IndexedField],
        indexes: &'static [IndexSchema],
    ) -> Self {
        Self {
            table: Cow::Borrowed(table),
            columns: Cow::Borrowed(columns),
            layout,
            body: BodyFormat::Object,
            packed: 0,
            compression: None,
            fields: Cow::Borrowed(fields),
            indexes: Cow::Borrowed(indexes),
        }
    }

    /// The same with what a stored schema says of its indexes.
    pub(super) fn with_stored_indexes(
        mut self,
        fields: Vec<IndexedField>,
        indexes: Vec<IndexSchema>,
    ) -> Self {
        self.fields = Cow::Owned(fields);
        self.indexes = Cow::Owned(indexes);
        self
    }

    /// The indexes by which rows are found besides their key.
    ///
    /// ```
    /// use s3aads::S3Table;
    ///
    /// #[derive(S3Table)]
    /// struct Order { #[s3(key)] id: u64, #[s3(index)] customer: String }
    /// assert_eq!(Order::SCHEMA.indexes()[0].name(), "customer");
    /// ```
    pub fn indexes(&self) -> &[IndexSchema] {
        &self.indexes
    }

    /// The fields of the body that the indexes have.
    pub fn indexed_fields(&self) -> &[IndexedField] {
        &self.fields
    }

    /// The column at a place: a key column, or behind them an indexed field.
    pub(crate) fn column_at(&self, place: usize) -> Option<&ColumnSchema> {
        let columns = self.columns.iter();
        let fields = self.fields.iter().map(IndexedField::column);
        columns.chain(fields).nth(place)
    }

    /// How many columns a filter may be on: the key columns and the indexed fields.
    pub(crate) fn places(&self) -> usize {
        self.columns.len() + self.fields.len()
    }

    /// The index's definition, to be compared with another's: names, types and encodings.
    pub(crate) fn index_text(&self, index: &IndexSchema) -> String {
        let columns = index.columns.iter().filter_map(|&place| {
            let column = self.column_at(place)?;
            let field = place.checked_sub(self.columns.len());
            let field = field.and_then(|field| self.fields.get(field));
            let optional = if field.is_some_and(|field| field.is_optional) {
                " or none"
            } else {
                ""
            };
            Some(format!(
                "{:?}: {} {}{optional}",
                column.name, column.column_type, column.encoding
            ))
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        format!("{}({columns})", index.name)
    }

    /// The keys of an index's entries, as those of a table: the index's columns, the key columns that
    /// are not among them, and what tells the entry from every other of its row.
    pub(crate) fn entries_of(&self, index: &IndexSchema) -> Self {
        let columns = self.entry_places(index);
        let columns = columns.filter_map(|place| self.column_at(place).cloned());
        let entry = ColumnSchema::text(ENTRY.to_owned());
        Self::stored(
            self.table.to_string(),
            columns.chain([entry]).collect(),
            self.layout,
            BodyFormat::Empty,
        )
    }

    /// The places of the columns of an index's entries, but for the last one.
    pub(crate) fn entry_places(&self, index: &IndexSchema) -> impl Iterator<Item = usize> {
        let own: Vec<usize> = index.columns.to_vec();
        let rest = (0..self.columns.len()).filter(|place| !index.columns.contains(place));
        let rest: Vec<usize> = rest.collect();
        own.into_iter().chain(rest)
    }
}
