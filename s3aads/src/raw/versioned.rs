//! Raw rows with the versions they were read at.

use bytes::Bytes;

use super::RawTable;
use crate::error::{ErrorKind, Result};
use crate::rows::kept;
use crate::rows::versioned::{Versioned, as_conflict};
use crate::store::Version;

impl RawTable {
    /// The row of a path with the version it was read at, for
    /// [`update_by_key`](Self::update_by_key). Sends 1 request.
    ///
    /// # Errors
    ///
    /// As [`select_by_key`](Self::select_by_key).
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// let notes = db.raw_table("notes", ["id"])?;
    /// notes.insert_string(["1"], "dry").await?;
    /// let mut note = notes.select_versioned_by_key("1").await?.expect("it was inserted");
    /// note.row = "wet".into();
    /// notes.update_by_key("1", &note).await?;
    /// let lost = notes.update_by_key("1", &note).await.unwrap_err();
    /// assert_eq!(lost.kind(), ErrorKind::Conflict); // it was changed since `note` was read
    /// # });
    /// ```
    pub async fn select_versioned_by_key(
        &self,
        path: impl AsRef<str>,
    ) -> Result<Option<Versioned<Bytes>>> {
        let key = self.by_path(path.as_ref())?;
        let meter = self.rows.session().meter();
        let object = self.rows.get(key.path(), meter).await?;
        Ok(object.map(|object| Versioned {
            row: object.body.clone(),
            version: object.entry.version.clone(),
            kept: kept(&object),
            // Only a table's struct tells them.
            entries: None,
        }))
    }

    /// Writes a row over the version that was read. Content headers, user metadata and the storage
    /// class stay as they were. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `Conflict` if the row was changed or deleted since it was read; otherwise as
    /// [`Table::update`](crate::Table::update).
    pub async fn update_by_key(
        &self,
        path: impl AsRef<str>,
        row: &Versioned<Bytes>,
    ) -> Result<Version> {
        let key = self.by_path(path.as_ref())?;
        if !row.version.is_known() {
            let message = "the row's version is not known; read it by `select_versioned_by_key`";
            let error = self.rows.error(ErrorKind::Unsupported, message);
            return Err(error.at_key(key));
        }
        let (body, version) = (row.row.clone(), row.version.clone());
        let put = self
            .rows
            .put_over(key.path(), body, version, &row.kept, None);
        put.await.map_err(as_conflict)
    }
}
