//! Copies of rows.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{S3Table, Table};
use crate::error::Result;
use crate::store::Condition;

/// A copy that was begun by [`Table::copy`] and needs its target.
#[derive(Debug)]
#[must_use = "a copy is made by `to`"]
pub struct CopyRow<'a, T: S3Table> {
    table: &'a Table<T>,
    key: T::Key,
}

impl<T: S3Table> Table<T> {
    /// Begins a copy of the row of this key, to be finished by [`CopyRow::to`].
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64, name: String }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// let db = Database::open("memory:///copy")?;
    /// db.create().await?;
    /// let items = db.table::<Item>();
    /// let db = Database::open("memory:///archive")?;
    /// db.create().await?;
    /// let archive = db.table::<Item>();
    /// items.insert(&Item { id: 1, name: "one".into() }).await?;
    /// items.copy(1).to(&archive, 1).await?;
    /// assert!(archive.exists(1).await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn copy<K: Into<T::Key>>(&self, key: K) -> CopyRow<'_, T> {
        CopyRow {
            table: self,
            key: key.into(),
        }
    }
}

impl<'a, T: S3Table> CopyRow<'a, T> {
    /// Copies the row to a key of a table, over the row that is there. Sends 1 request if both
    /// tables are on one server, in different buckets too: the body, its headers and metadata do not
    /// pass through this process. Between servers it sends a GET and a PUT.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no row to copy; `InvalidKey` before anything is sent;
    /// `PermissionDenied`; `Unavailable`.
    pub fn to<K: Into<T::Key>>(self, target: &'a Table<T>, key: K) -> BoxFuture<'a, Result<()>> {
        let (from, to) = (self.table.path(&self.key), target.path(&key.into()));
        self.send(target, from, to, Condition::None).boxed()
    }

    /// [`to`](Self::to) for a key that is free. Sends 2 requests: a HEAD and a copy on the server
    /// if it honours conditions on copies, else a GET and a conditional PUT.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if the key is taken; `Unsupported` on a store that honours no such
    /// condition; otherwise as [`to`](Self::to).
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64, name: String }
    /// # let items = db.table::<Item>();
    /// items.insert(&Item { id: 1, name: "one".into() }).await?;
    /// items.copy(1).to_new(&items, 2).await?;
    /// let taken = items.copy(1).to_new(&items, 2).await.unwrap_err();
    /// assert_eq!(taken.kind(), s3aads::ErrorKind::AlreadyExists);
    /// # });
    /// ```
    pub fn to_new<K: Into<T::Key>>(
        self,
        target: &'a Table<T>,
        key: K,
    ) -> BoxFuture<'a, Result<()>> {
        let (from, to) = (self.table.path(&self.key), target.path(&key.into()));
        self.send(target, from, to, Condition::Absent).boxed()
    }

    async fn send(
        self,
        target: &Table<T>,
        from: Result<String>,
        to: Result<String>,
        condition: Condition,
    ) -> Result<()> {
        let rows = &self.table.rows;
        let copied = rows.copy(&from?, &target.rows, &to?, condition).await;
        copied.map(drop)
    }
}
