//! Typed tables of a database.

use std::sync::Arc;

use super::{S3Table, Table};
use crate::database::Database;
use crate::error::Result;
use crate::rows::Rows;

impl Database {
    /// The table of the rows of type `T`. Sends no request; see [`open_table`](Self::open_table)
    /// for one that checks how the table is stored.
    ///
    /// Nor do its writes check that, but they are refused if this handle of the database or a clone has
    /// seen that the table requires what `T` lacks.
    pub fn table<T: S3Table>(&self) -> Table<T> {
        Table::new(self.clone())
    }

    /// The table of the rows of type `T`, once its stored schema agrees with `T`.
    ///
    /// The first write or delete through it stores the schema of `T` in `_s3aads/schema/<table>.json` if there is
    /// none, which later calls compare and from which [`get_table`](Self::get_table) reads names and
    /// types. Sends 1 request; if there was no stored schema, that first one sends 1 request
    /// more, and 2 more if another program stored one meanwhile or the store ignores conditions.
    ///
    /// A stored schema may require of writers what `T` lacks, or what this release does not know: then
    /// the table can be read, and its writes fail with `Unsupported` before anything is sent. A table
    /// requires something if it has packed columns, say. What was seen of a stored schema holds for the
    /// handle of the database and its clones.
    ///
    /// # Errors
    ///
    /// `SchemaMismatch`, with both schemas, if the key columns' order, names, types or encodings
    /// or the layout differ: rows would be read as something else. So do the writes of the table if
    /// another program has stored its schema first. `PermissionDenied`, `Unavailable`.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// #[derive(S3Table)]
    /// #[s3(table = "days")]
    /// struct Day { #[s3(key)] year: u16, #[s3(key)] day: u16 }
    /// #[derive(S3Table)]
    /// #[s3(table = "days")]
    /// struct Swapped { #[s3(key)] day: u16, #[s3(key)] year: u16 }
    ///
    /// db.open_table::<Day>().await?.insert(&Day { year: 2020, day: 31 }).await?;
    /// let error = db.open_table::<Swapped>().await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    /// # });
    /// ```
    pub async fn open_table<T: S3Table>(&self) -> Result<Table<T>> {
        self.session().agree_on_schema(T::SCHEMA).await?;
        let schema = Arc::new(T::SCHEMA.clone());
        let rows = Rows::new(Arc::clone(self.session()), schema).checked();
        Ok(Table::of(self.clone(), rows))
    }
}
