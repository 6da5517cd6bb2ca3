//! Typed tables of a database.

use super::{S3Table, Table};
use crate::database::Database;
use crate::error::Result;

impl Database {
    /// The table of the rows of type `T`. Sends no request; see [`open_table`](Self::open_table)
    /// for one that checks how the table is stored.
    pub fn table<T: S3Table>(&self) -> Table<T> {
        Table::new(self.clone())
    }

    /// The table of the rows of type `T`, once its stored schema agrees with `T`.
    ///
    /// The first call for a table writes its schema to `_s3aads/schema/<table>.json`; later ones
    /// compare. [`get_table`](Self::get_table) reads names and types from it. Sends 1 request, and 1 or 2 more where there is none yet.
    ///
    /// # Errors
    ///
    /// `SchemaMismatch`, with both schemas, where the key columns' order, names, types or encodings
    /// or the layout differ: rows would be read as something else. `Unsupported` where a later release
    /// has made the table require what this one does not know. `PermissionDenied`, `Unavailable`.
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
    /// db.open_table::<Day>().await?;
    /// let error = db.open_table::<Swapped>().await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    /// # });
    /// ```
    pub async fn open_table<T: S3Table>(&self) -> Result<Table<T>> {
        self.agree_on_schema(T::SCHEMA).await?;
        Ok(self.table::<T>())
    }
}
