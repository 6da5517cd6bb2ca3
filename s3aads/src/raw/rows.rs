//! Requests for one raw row.

use bytes::Bytes;

use super::{RawKey, RawTable, key};
use crate::error::{ErrorKind, Result};
use crate::options::WriteOptions;
use crate::store::{Condition, Version};

impl RawTable {
    /// The path, once it is known to be one of this table's keys.
    pub(super) fn by_path(&self, path: &str) -> Result<RawKey> {
        key::parse(self.rows.schema(), path).map_err(|error| self.rows.place(error))
    }

    async fn put(
        &self,
        key: &RawKey,
        data: Bytes,
        condition: Condition,
        options: &WriteOptions,
    ) -> Result<Version> {
        self.rows.put(key.path(), data, condition, options).await
    }

    async fn get(&self, key: &RawKey) -> Result<Option<Bytes>> {
        let object = self
            .rows
            .get(key.path(), self.rows.session().meter())
            .await?;
        Ok(object.map(|object| object.body))
    }

    fn text(&self, key: &RawKey, data: Bytes) -> Result<String> {
        String::from_utf8(data.into()).map_err(|error| {
            self.rows
                .error(
                    ErrorKind::InvalidRow,
                    "the stored row is not text in UTF-8; `select` gives its bytes",
                )
                .because(error.utf8_error())
                .at_key(key)
        })
    }

    /// Writes a row whose key is not there yet, given by its columns in key order. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if the key is taken; otherwise as [`Table::insert`](crate::Table::insert).
    pub async fn insert<I>(&self, key: I, data: impl Into<Bytes>) -> Result<Version>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.put(
            &self.key(key)?,
            data.into(),
            Condition::Absent,
            &WriteOptions::new(),
        )
        .await
    }

    /// [`insert`](Self::insert) of text.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert).
    pub async fn insert_string<I>(&self, key: I, data: impl Into<String>) -> Result<Version>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.insert(key, data.into()).await
    }

    /// [`insert`](Self::insert) of a row given by its path.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert); `InvalidKey` if the path is not one of this table's keys.
    pub async fn insert_by_key(
        &self,
        path: impl AsRef<str>,
        data: impl Into<Bytes>,
    ) -> Result<Version> {
        let key = self.by_path(path.as_ref())?;
        self.put(&key, data.into(), Condition::Absent, &WriteOptions::new())
            .await
    }

    /// Writes a row, over the one with its key if there is one, as the Python library's `insert`
    /// does. Sends 1 request.
    ///
    /// # Errors
    ///
    /// As [`Table::upsert`](crate::Table::upsert).
    pub async fn upsert<I>(&self, key: I, data: impl Into<Bytes>) -> Result<Version>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.put(
            &self.key(key)?,
            data.into(),
            Condition::None,
            &WriteOptions::new(),
        )
        .await
    }

    /// [`upsert`](Self::upsert) with content headers, metadata, tags or a storage class.
    ///
    /// # Errors
    ///
    /// As [`Table::upsert_with`](crate::Table::upsert_with).
    pub async fn upsert_with<I>(
        &self,
        key: I,
        data: impl Into<Bytes>,
        options: &WriteOptions,
    ) -> Result<Version>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.put(&self.key(key)?, data.into(), Condition::None, options)
            .await
    }

    /// [`upsert`](Self::upsert) of a row given by its path.
    ///
    /// # Errors
    ///
    /// As [`upsert`](Self::upsert); `InvalidKey` if the path is not one of this table's keys.
    pub async fn upsert_by_key(
        &self,
        path: impl AsRef<str>,
        data: impl Into<Bytes>,
    ) -> Result<Version> {
        let key = self.by_path(path.as_ref())?;
        self.put(&key, data.into(), Condition::None, &WriteOptions::new())
            .await
    }

    /// The row of a key, given by its columns in key order, if there is one. Sends 1 request.
    ///
    /// # Errors
    ///
    /// As [`Table::select`](crate::Table::select).
    pub async fn select<I>(&self, key: I) -> Result<Option<Bytes>>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.get(&self.key(key)?).await
    }

    /// [`select`](Self::select) of text.
    ///
    /// # Errors
    ///
    /// As [`select`](Self::select); `InvalidRow` if the row is not UTF-8.
    pub async fn select_string<I>(&self, key: I) -> Result<Option<String>>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let key = self.key(key)?;
        self.get(&key)
            .await?
            .map(|data| self.text(&key, data))
            .transpose()
    }

    /// [`select`](Self::select) of a row given by its path.
    ///
    /// # Errors
    ///
    /// As [`select`](Self::select); `InvalidKey` if the path is not one of this table's keys.
    pub async fn select_by_key(&self, path: impl AsRef<str>) -> Result<Option<Bytes>> {
        self.get(&self.by_path(path.as_ref())?).await
    }

    /// Deletes the row of a key, given by its columns in key order; deleting an absent one
    /// succeeds. Sends 1 request.
    ///
    /// # Errors
    ///
    /// As [`Table::delete`](crate::Table::delete).
    pub async fn delete<I>(&self, key: I) -> Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.rows.delete(self.key(key)?.path(), None).await
    }

    /// [`delete`](Self::delete) of a row given by its path.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete); `InvalidKey` if the path is not one of this table's keys.
    pub async fn delete_by_key(&self, path: impl AsRef<str>) -> Result<()> {
        self.rows
            .delete(self.by_path(path.as_ref())?.path(), None)
            .await
    }

    /// Begins a copy of the row of this path, to be finished by [`CopyRaw::to`].
    pub fn copy<'a>(&'a self, path: &'a str) -> CopyRaw<'a> {
        CopyRaw { table: self, path }
    }
}

/// A copy that was begun by [`RawTable::copy`] and needs its target.
#[derive(Debug)]
#[must_use = "a copy is made by `to`"]
pub struct CopyRaw<'a> {
    table: &'a RawTable,
    path: &'a str,
}

impl CopyRaw<'_> {
    /// Copies the row to a path of a table, over the row that is there. Sends 1 request if both
    /// tables are on one server, in different buckets too; else a GET and a PUT.
    ///
    /// # Errors
    ///
    /// As [`CopyRow::to`](crate::CopyRow::to).
    pub async fn to(self, target: &RawTable, path: impl AsRef<str>) -> Result<()> {
        let from = self.table.by_path(self.path)?;
        let to = target.by_path(path.as_ref())?;
        self.table
            .rows
            .copy(from.path(), &target.rows, to.path(), Condition::None)
            .await
            .map(drop)
    }

    /// [`to`](Self::to) for a path that is free.
    ///
    /// # Errors
    ///
    /// As [`CopyRow::to_new`](crate::CopyRow::to_new).
    pub async fn to_new(self, target: &RawTable, path: impl AsRef<str>) -> Result<()> {
        let from = self.table.by_path(self.path)?;
        let to = target.by_path(path.as_ref())?;
        self.table
            .rows
            .copy(from.path(), &target.rows, to.path(), Condition::Absent)
            .await
            .map(drop)
    }
}
