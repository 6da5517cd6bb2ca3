//! The handle to one table.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use super::S3Table;
use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{FieldWriter, read_key};
use crate::query::Query;
use crate::raw::{RawTable, Selection};
use crate::rows::Rows;

/// A table of rows of type `T`; [`Database::table`] returns it.
///
/// It derefs to a query for every row, so that everything in [`Query`] and the generated
/// `filter_by_<column>` and `<column>s` methods can be called on it. Cloning it is cheap; it holds
/// no connection and no state of its own.
///
/// | method | requests |
/// |---|---|
/// | `insert`, `upsert`, `select`, `delete`, `exists`, `meta`, `update` | 1 |
/// | `modify` | 2 without a race |
/// | `keys`, `objects`, `count` | 1 for each 1,000 rows |
/// | `rows` | those, and 1 for each row |
/// | `copy(..).to(..)` | 1 |
/// | `rename` | 3 |
///
/// What [indexes](crate::guide::indexes) add to that stands in their chapter of the guide.
/// Rows of a packed table share objects, which makes other prices; the chapter
/// [`packs`](crate::guide::packs) of the guide has them.
pub struct Table<T: S3Table> {
    db: Database,
    pub(crate) rows: Arc<Rows>,
    /// Every row.
    all: T::Query,
}

impl<T: S3Table> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            db: self.db.clone(),
            rows: Arc::clone(&self.rows),
            all: self.all.clone(),
        }
    }
}

impl<T: S3Table> Deref for Table<T> {
    type Target = T::Query;

    fn deref(&self) -> &T::Query {
        &self.all
    }
}

impl<T: S3Table> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("database", &self.db)
            .field("schema", &self.rows.schema().to_string())
            .finish()
    }
}

impl<T: S3Table> Table<T> {
    pub(crate) fn new(db: Database) -> Self {
        let schema = Arc::new(T::SCHEMA.clone());
        let rows = Rows::new(Arc::clone(db.session()), schema);
        Self::of(db, rows)
    }

    pub(super) fn of(db: Database, rows: Rows) -> Self {
        let rows = Arc::new(rows.with_fields(fields_of::<T>));
        let all = Query::new(Selection::new(Arc::clone(&rows))).into();
        Self { db, rows, all }
    }

    /// The table's name.
    pub fn name(&self) -> &'static str {
        T::SCHEMA.table()
    }

    /// The stored names of the key columns, in key order.
    pub fn columns(&self) -> Vec<&'static str> {
        T::SCHEMA
            .columns()
            .iter()
            .map(|column| column.name())
            .collect()
    }

    /// The database that the table is in.
    pub fn database(&self) -> &Database {
        &self.db
    }

    /// The same table without its struct: columns are texts and rows are bytes. If the table has
    /// [indexes](crate::guide::indexes), it can be read and its writes are refused.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let row = days.raw().select_string(["1", "2020"]).await?;
    /// assert_eq!(row.as_deref(), Some(r#"{"rain":0.5}"#));
    /// # });
    /// ```
    pub fn raw(&self) -> RawTable {
        let rows = if self.rows.is_indexed() {
            Arc::new(self.rows.without_fields())
        } else {
            Arc::clone(&self.rows)
        };
        RawTable::of(self.db.clone(), rows)
    }

    /// A query for every row, to be narrowed by filters.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.query().filter_by_year(2020).count().await?, 1);
    /// # });
    /// ```
    pub fn query(&self) -> T::Query {
        self.all.clone()
    }
}

/// The values of a row's indexed fields, as segments.
fn fields_of<T: S3Table>(path: &str, body: &Bytes) -> Result<Vec<Option<String>>> {
    let row = T::read_body(read_key(path)?, body).map_err(|error| {
        let message = "the body is not one of this table's rows";
        Error::new(ErrorKind::InvalidRow, message).because(error)
    })?;
    let mut writer = FieldWriter::new(T::SCHEMA);
    row.write_fields(&mut writer);
    writer.finish()
}
