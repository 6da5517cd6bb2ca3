//! Tables without structs: columns named at run time, keys of text, rows of bytes.

mod cursor;
mod filter;
mod key;
mod listing;
mod object;
mod open;
mod page;
mod query;
mod rows;
mod selection;
mod versioned;

use std::fmt;
use std::sync::Arc;

pub use cursor::Cursor;
pub use key::{RawKey, SortBy};
pub(crate) use key::{of_values, values};
pub use object::{Deleted, ObjectInfo};
pub use page::Page;
pub use query::RawQuery;
pub use rows::CopyRaw;
pub(crate) use selection::Selection;

use crate::database::Database;
use crate::rows::Rows;
use crate::schema::Schema;

/// A table whose columns are named at run time and whose rows are bytes: what a typed
/// [`Table`](crate::Table) is built on, and the API of the Python library of the same name.
///
/// Keys are given by their columns' texts in key order, or by path (`1/2020/01/01`, each column
/// percent-encoded as it is stored).
///
/// ```
/// # doc_examples::memory!(|db| {
/// let days = db.raw_table("daily-data", ["id", "year"])?;
/// days.insert_string(["1", "2020"], "dry").await?;
/// days.insert_string(["70", "2020"], "wet").await?;
/// assert_eq!(days.select_string(["1", "2020"]).await?.as_deref(), Some("dry"));
/// assert_eq!(days.query([("id", "7")]).await?, []);
/// assert_eq!(days.column_values("id").await?, ["1", "70"]);
/// # });
/// ```
#[derive(Clone)]
pub struct RawTable {
    db: Database,
    rows: Arc<Rows>,
}

impl RawTable {
    pub(crate) fn new(db: Database, schema: Arc<Schema>) -> Self {
        let rows = Arc::new(Rows::new(Arc::clone(db.session()), schema));
        Self::of(db, rows)
    }

    pub(crate) fn of(db: Database, rows: Arc<Rows>) -> Self {
        Self { db, rows }
    }

    pub(crate) fn shared_rows(&self) -> &Arc<Rows> {
        &self.rows
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        self.rows.schema().table()
    }

    /// The names of the key columns, in key order.
    pub fn columns(&self) -> Vec<&str> {
        self.rows
            .schema()
            .columns()
            .iter()
            .map(|column| column.name())
            .collect()
    }

    /// How the table is stored: its columns with their types, its layout and what its rows hold. The
    /// columns of a table that was named by the program, or that has no stored schema, are text.
    pub fn schema(&self) -> &Schema {
        self.rows.schema()
    }

    /// The database that the table is in.
    pub fn database(&self) -> &Database {
        &self.db
    }
}

impl fmt::Debug for RawTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawTable")
            .field("database", &self.db)
            .field("schema", &self.rows.schema().to_string())
            .finish()
    }
}
