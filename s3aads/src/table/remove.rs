//! Deletes and renames of one row.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{S3Table, Table, Versioned};
use crate::error::Result;

impl<T: S3Table> Table<T> {
    /// Deletes a row as it was read. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `Conflict` if the row was changed or deleted since it was read; `Unsupported` on a store
    /// that does not honour the condition of a delete; otherwise as [`delete`](Self::delete).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let read = days.select_versioned((1, 2020)).await?.expect("it is there");
    /// days.modify((1, 2020), |day| day.rain = 1.5).await?;
    /// let error = days.delete_versioned(&read).await.unwrap_err();
    /// assert_eq!(error.kind(), s3aads::ErrorKind::Conflict);
    /// # });
    /// ```
    pub async fn delete_versioned(&self, versioned: &Versioned<T>) -> Result<()> {
        let path = self.known_path(versioned)?;
        self.rows.delete(&path, Some(&versioned.version)).await
    }

    /// Deletes the row of a key; deleting an absent one succeeds. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `InvalidKey` before anything is sent; `NotFound` if the bucket is not there; `Indeterminate`
    /// if it was given up after an attempt that may have been carried out, or still may be;
    /// `PermissionDenied`; `Unavailable`, and then nothing was deleted.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// days.delete((1, 2020)).await?;
    /// assert!(!days.exists((1, 2020)).await?);
    /// days.delete((1, 2020)).await?; // no error
    /// # });
    /// ```
    pub fn delete<K: Into<T::Key>>(&self, key: K) -> BoxFuture<'_, Result<()>> {
        let path = self.path(&key.into());
        async move { self.rows.delete(&path?, None).await }.boxed()
    }

    /// Moves a row to another key, which must be free, and returns once the old one is gone. Sends
    /// 3 requests: a GET, a conditional PUT and a DELETE of the version that was copied; if the row
    /// was changed meanwhile, 4 more each time.
    ///
    /// A change of the row that is acknowledged meanwhile is not lost. It is not atomic: for a moment
    /// the row is under both keys, and it stays so if the program stops half-way; it is never under
    /// none. Content headers, user metadata and the storage class go with the row; tags do not, and on
    /// Azure the storage class does not, since reading a row does not return them.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no row of the first key, or another rename was faster;
    /// `AlreadyExists` if the second is taken; `Conflict` if others changed it under both keys
    /// meanwhile, which leaves both, or 32 times in a row; `Unsupported` on a store that does not
    /// honour the condition of a delete; otherwise as [`insert`](Self::insert) and
    /// [`delete`](Self::delete).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// days.rename((1, 2020), (1, 2022)).await?;
    /// assert!(!days.exists((1, 2020)).await?);
    /// assert!(days.exists((1, 2022)).await?);
    /// # });
    /// ```
    pub fn rename<A, B>(&self, from: A, to: B) -> BoxFuture<'_, Result<()>>
    where
        A: Into<T::Key>,
        B: Into<T::Key>,
    {
        self.rename_key(from.into(), to.into()).boxed()
    }

    async fn rename_key(&self, from: T::Key, to: T::Key) -> Result<()> {
        let (from_path, to_path) = (self.path(&from)?, self.path(&to)?);
        if from_path == to_path {
            let there = self.rows.head(&from_path).await?.is_some();
            return there.then_some(()).ok_or_else(|| self.absent(&from));
        }
        if self.rows.rename(&from_path, &to_path).await? {
            Ok(())
        } else {
            Err(self.absent(&from))
        }
    }
}
