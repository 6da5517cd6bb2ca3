//! Requests for one row.
//!
//! What takes a key in any of its forms is no `async fn`: that would be generic over the form, and
//! the compiler would report a wrong key three times, for the call, its future and the `await`.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};

use super::{IsVersioned, RowMeta, S3Table, Table, Version, Versioned};
use crate::error::{Error, ErrorKind, Result};
use crate::key::write_key;
use crate::options::WriteOptions;
use crate::query::read_versioned;
use crate::rows::Rows;
use crate::rows::versioned::as_conflict;
use crate::store::Condition;

impl<T: S3Table> Table<T> {
    pub(super) fn path(&self, key: &T::Key) -> Result<String> {
        write_key(key).map_err(|error| self.rows.place(error).at_key(key))
    }

    pub(super) fn body(&self, row: &T) -> Result<Bytes> {
        body_of(&self.rows, row)
    }

    async fn put(&self, row: &T, condition: Condition, options: &WriteOptions) -> Result<Version> {
        let path = self.path(&row.to_key())?;
        let body = self.body(row)?;
        self.rows.put(&path, body, condition, options).await
    }

    /// Writes a row whose key is not there yet, and returns its version. Sends 1 request.
    ///
    /// That the key is free is the store's own condition (`If-None-Match: *`), not a look before the
    /// write: of any number of inserts of one key, one succeeds.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if the key is taken; `InvalidKey` and `InvalidRow` before anything is sent;
    /// `Unsupported` on a store that does not honour the condition, which is found out if it is not
    /// known (see [`Conditions`](crate::Conditions)); `Indeterminate` if the answer was lost and
    /// nothing tells whether the row was written; `NotFound` if the bucket is not there;
    /// `PermissionDenied`; `Unavailable`, and then nothing was written.
    ///
    /// ```
    /// # doc_examples::no_days!(|db, days| {
    /// let day = Day { id: 1, year: 2020, rain: 0.5 };
    /// days.insert(&day).await?;
    /// let error = days.insert(&day).await.unwrap_err();
    /// assert_eq!(error.kind(), s3aads::ErrorKind::AlreadyExists);
    /// # });
    /// ```
    pub async fn insert(&self, row: &T) -> Result<Version> {
        self.insert_with(row, &WriteOptions::new()).await
    }

    /// [`insert`](Self::insert) with content headers, metadata, tags or a storage class.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert); `InvalidConfig` for options that no header can hold;
    /// `Unsupported` on a store that has no place for them.
    ///
    /// ```
    /// # doc_examples::no_days!(|db, days| {
    /// let day = Day { id: 1, year: 2020, rain: 0.5 };
    /// let options = s3aads::WriteOptions::new().metadata("station", "42");
    /// days.insert_with(&day, &options).await?;
    /// let meta = days.meta(&day).await?.expect("it was inserted");
    /// assert_eq!(meta.metadata()["station"], "42");
    /// # });
    /// ```
    pub async fn insert_with(&self, row: &T, options: &WriteOptions) -> Result<Version> {
        self.put(row, Condition::Absent, options).await
    }

    /// Writes a row, over the one with its key if there is one, and returns its version. Sends 1
    /// request.
    ///
    /// Content headers, user metadata and tags of the row that was there are lost;
    /// [`update`](Self::update) and [`modify`](Self::modify) keep all but the tags.
    ///
    /// # Errors
    ///
    /// `InvalidKey` and `InvalidRow` before anything is sent; `NotFound` if the bucket is not
    /// there; `Indeterminate` if it was given up after an attempt that may have been carried out,
    /// or still may be; `PermissionDenied`; `Unavailable`, and then nothing was written.
    ///
    /// ```
    /// # doc_examples::no_days!(|db, days| {
    /// days.upsert(&Day { id: 1, year: 2020, rain: 0.5 }).await?;
    /// days.upsert(&Day { id: 1, year: 2020, rain: 2.5 }).await?;
    /// assert_eq!(days.select((1, 2020)).await?.map(|day| day.rain), Some(2.5));
    /// # });
    /// ```
    pub async fn upsert(&self, row: &T) -> Result<Version> {
        self.upsert_with(row, &WriteOptions::new()).await
    }

    /// [`upsert`](Self::upsert) with content headers, metadata, tags or a storage class.
    ///
    /// # Errors
    ///
    /// As [`upsert`](Self::upsert); `InvalidConfig` for options that no header can hold;
    /// `Unsupported` on a store that has no place for them.
    pub async fn upsert_with(&self, row: &T, options: &WriteOptions) -> Result<Version> {
        self.put(row, Condition::None, options).await
    }

    /// The row of a key, if there is one. Sends 1 request.
    ///
    /// The key is a tuple of the columns, a generated key struct, or a reference to a row; for a
    /// table of one column, the column itself.
    ///
    /// # Errors
    ///
    /// `InvalidKey` before anything is sent; `InvalidRow` if the stored body is not one of this
    /// table's rows; `NotFound` if the bucket is not there; `PermissionDenied`; `Unavailable`.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.select((1, 2020)).await?.map(|day| day.rain), Some(0.5));
    /// assert_eq!(days.select(DayKey { id: 7, year: 2020 }).await?, None);
    /// # });
    /// ```
    pub fn select<K: Into<T::Key>>(&self, key: K) -> BoxFuture<'_, Result<Option<T>>> {
        let row = self.fetch(key.into());
        row.map_ok(|row| row.map(|versioned| versioned.row)).boxed()
    }

    /// The row of a key with the version it was read at, for [`update`](Self::update). Sends 1
    /// request.
    ///
    /// # Errors
    ///
    /// As [`select`](Self::select).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let mut day = days.select_versioned((1, 2020)).await?.expect("it is there");
    /// day.rain += 1.0;
    /// days.update(&day).await?;
    /// # });
    /// ```
    pub fn select_versioned<K: Into<T::Key>>(
        &self,
        key: K,
    ) -> BoxFuture<'_, Result<Option<Versioned<T>>>> {
        self.fetch(key.into()).boxed()
    }

    pub(super) async fn fetch(&self, key: T::Key) -> Result<Option<Versioned<T>>> {
        let path = self.path(&key)?;
        let Some(object) = self.rows.get(&path, self.rows.session().meter()).await? else {
            return Ok(None);
        };
        read_versioned(&self.rows, key, &object).map(Some)
    }

    /// Writes a row over the version that was read, and returns the version it has now. Sends 1
    /// request.
    ///
    /// Content headers, user metadata and the storage class stay as they were read;
    /// [`update_with`](Self::update_with) sets others. Tags are lost, since reading a row does not
    /// return them; on Azure the storage class is lost for the same reason.
    ///
    /// # Errors
    ///
    /// `Conflict` if the row was changed or deleted since it was read; otherwise as
    /// [`insert`](Self::insert).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let mut mine = days.select_versioned((1, 2020)).await?.expect("it is there");
    /// let theirs = mine.clone();
    /// mine.rain = 3.0;
    /// mine.version = days.update(&mine).await?;
    /// let error = days.update(&theirs).await.unwrap_err();
    /// assert_eq!(error.kind(), s3aads::ErrorKind::Conflict);
    /// # });
    /// ```
    pub fn update<'a, V>(&'a self, versioned: &'a V) -> BoxFuture<'a, Result<Version>>
    where
        V: IsVersioned<T>,
    {
        self.update_read(versioned.versioned()).boxed()
    }

    pub(super) async fn update_read(&self, versioned: &Versioned<T>) -> Result<Version> {
        let path = self.known_path(versioned)?;
        let body = self.body(&versioned.row)?;
        let version = versioned.version.clone();
        let entries = versioned.entries.as_ref();
        let put = self
            .rows
            .put_over(&path, body, version, &versioned.kept, entries);
        put.await.map_err(as_conflict)
    }

    /// [`update`](Self::update) with these content headers, metadata, tags and storage class in place
    /// of those that were read.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update); `InvalidConfig` for options that no header can hold;
    /// `Unsupported` on a store that has no place for them.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// # use s3aads::WriteOptions;
    /// let day = days.select_versioned((1, 2020)).await?.expect("it is there");
    /// let options = WriteOptions::new().metadata("station", "42");
    /// days.update_with(&day, &options).await?;
    /// let meta = days.meta((1, 2020)).await?.expect("it is there");
    /// assert_eq!(meta.metadata()["station"], "42");
    /// # });
    /// ```
    pub async fn update_with(
        &self,
        versioned: &Versioned<T>,
        options: &WriteOptions,
    ) -> Result<Version> {
        let path = self.known_path(versioned)?;
        let body = self.body(&versioned.row)?;
        let condition = Condition::Unchanged(versioned.version.clone());
        let read = Some(&versioned.kept);
        let entries = versioned.entries.as_ref();
        let put = self
            .rows
            .put_with(&path, body, condition, options, read, entries);
        put.await.map_err(as_conflict)
    }

    /// The path of a row whose version is known.
    pub(super) fn known_path(&self, versioned: &Versioned<T>) -> Result<String> {
        let key = versioned.row.to_key();
        if !versioned.version.is_known() {
            return Err(self
                .rows
                .error(
                    ErrorKind::Unsupported,
                    "the store told no ETag or version of the row that was read",
                )
                .at_key(key));
        }
        self.path(&key)
    }

    /// Whether there is a row of this key. Sends 1 request.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete), but S3 can't tell a missing bucket from a missing row here: the
    /// answer to a HEAD has no body.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert!(days.exists((1, 2020)).await?);
    /// assert!(!days.exists((1, 1999)).await?);
    /// # });
    /// ```
    pub fn exists<K: Into<T::Key>>(&self, key: K) -> BoxFuture<'_, Result<bool>> {
        let path = self.path(&key.into());
        async move { Ok(self.rows.head(&path?).await?.is_some()) }.boxed()
    }

    /// Size, time, ETag, content headers and user metadata of a row, if there is one. Sends 1
    /// request; the body is not read.
    ///
    /// # Errors
    ///
    /// As [`exists`](Self::exists).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let meta = days.meta((1, 2020)).await?.expect("it is there");
    /// assert_eq!(meta.size(), br#"{"rain":0.5}"#.len() as u64);
    /// assert_eq!(meta.content_type(), Some("application/json"));
    /// # });
    /// ```
    pub fn meta<K: Into<T::Key>>(&self, key: K) -> BoxFuture<'_, Result<Option<RowMeta>>> {
        let path = self.path(&key.into());
        async move {
            let head = self.rows.head(&path?).await?;
            Ok(head.map(|(entry, attributes)| RowMeta::new(entry, attributes)))
        }
        .boxed()
    }

    pub(super) fn absent(&self, key: &T::Key) -> Error {
        self.rows
            .error(ErrorKind::NotFound, "there is no row of this key")
            .at_key(key)
    }
}

/// A row's body as it is stored.
pub(super) fn body_of<T: S3Table>(rows: &Rows, row: &T) -> Result<Bytes> {
    row.write_body().map_err(|error| {
        let (field, source) = error.into_parts();
        let error = rows
            .error(ErrorKind::InvalidRow, "the row's body can't be written")
            .because(source)
            .at_key(row.to_key());
        match field {
            Some(field) => error.in_column(&field),
            None => error,
        }
    })
}
