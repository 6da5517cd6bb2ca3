//! The rows that share an object: what they are at one time, and changes of several of them together.

use std::cmp::Ordering;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Bound, RangeBounds};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{S3Table, Table};
use crate::error::{Error, ErrorKind, Result};
use crate::key::{IntoColumns, KeyColumns, push_segment, read_key, write_key};
use crate::pack::{self, object_name, place, row_path};
use crate::query::read_row;
use crate::rows::Rows;
use crate::rows::pack::transaction::Transaction;
use crate::schema::Schema;

/// A table with packed key columns; implemented by `#[derive(S3Table)]`.
#[diagnostic::on_unimplemented(
    message = "the rows of `{Self}` do not share objects",
    label = "no key column of it is packed",
    note = "`#[s3(key, packed)]` on its last key columns packs the rows that differ in them alone into one \
            object"
)]
pub trait PackedTable: S3Table {
    /// The types of the key columns before the packed ones, which say in which pack a row is: a tuple.
    type Bound;

    /// The types of the packed key columns, which tell the rows of a pack apart: a tuple.
    type Packed;
}

/// The rows of one pack; [`Table::pack`] returns it.
///
/// Rows that share a pack change together or not at all, which rows of different packs never do.
pub struct Pack<'a, T: S3Table> {
    table: &'a Table<T>,
    /// The pack's path below the table, or why there is none.
    path: std::result::Result<String, Error>,
}

impl<T: S3Table> fmt::Debug for Pack<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pack").field("path", &self.path).finish()
    }
}

impl<T: S3Table> Table<T> {
    /// The rows that have these values in the key columns before the packed ones: a tuple of them, or the
    /// value itself if it is one column. Sends nothing.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// #[derive(Debug, PartialEq, S3Table)]
    /// struct Account {
    ///     #[s3(key)] bank: String,
    ///     #[s3(key, packed)] name: String,
    ///     cents: u64,
    /// }
    ///
    /// let accounts = db.table::<Account>();
    /// let account = |name: &str, cents| {
    ///     Account { bank: "acme".into(), name: name.into(), cents }
    /// };
    /// accounts.insert_all([account("ada", 100), account("bob", 0)]).await.into_result()?;
    ///
    /// let moved = accounts.pack("acme").transact(|rows| {
    ///     let mut from = rows.get("ada")?.ok_or("ada has no account")?;
    ///     let mut to = rows.get("bob")?.ok_or("bob has no account")?;
    ///     let cents = 70;
    ///     from.cents = from.cents.checked_sub(cents).ok_or("not enough money")?;
    ///     to.cents += cents;
    ///     rows.upsert(&from)?;
    ///     rows.upsert(&to)?;
    ///     Ok::<_, Box<dyn std::error::Error + Send + Sync>>(cents)
    /// });
    /// assert_eq!(moved.await.unwrap(), 70);
    ///
    /// let now = accounts.pack("acme").rows().await?;
    /// assert_eq!(now, [account("ada", 30), account("bob", 70)]);
    /// # });
    /// ```
    pub fn pack<K>(&self, key: K) -> Pack<'_, T>
    where
        T: PackedTable,
        K: IntoColumns<T::Bound>,
        T::Bound: KeyColumns,
    {
        let path = pack_path(T::SCHEMA, &key.into_columns());
        Pack {
            table: self,
            path: path.map_err(|error| self.rows.place(error)),
        }
    }
}

/// The path below its table of the pack of these values.
fn pack_path<C: KeyColumns>(schema: &Schema, values: &C) -> Result<String> {
    let columns = schema.bound();
    let mut path = String::new();
    for (column, text) in columns.iter().zip(values.texts(columns)?) {
        push_segment(&mut path, schema.layout(), column, &text).map_err(|why| {
            let error = Error::new(ErrorKind::InvalidKey, why.to_string());
            error.in_column(column.name())
        })?;
    }
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(object_name(schema));
    Ok(path)
}

impl<'a, T: S3Table> Pack<'a, T> {
    fn path(&self) -> Result<&str> {
        let copy = |error: &Error| self.table.rows.error(error.kind(), error.message());
        self.path.as_deref().map_err(copy)
    }

    /// All rows of the pack as they were at one time, in the order of their keys. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `InvalidKey` before anything is sent; `InvalidRow` for the first line or row that can't be read;
    /// `NotFound` where the bucket is not there; `PermissionDenied`; `Unavailable`.
    pub async fn rows(&self) -> Result<Vec<T>> {
        let rows = &self.table.rows;
        let path = self.path()?;
        let Some((_, pack)) = rows.pack(path, rows.session().meter()).await? else {
            return Ok(Vec::new());
        };
        if let Some(fault) = pack.faults().first() {
            return Err(rows.place(pack.error(fault)));
        }
        let read = |line: pack::Line<'_>| {
            let key_path = line.key_path().map_err(|why| invalid(rows, path, &why))?;
            read_row(rows, read_key::<T::Key>(&key_path)?, &line.body())
        };
        pack.lines().map(read).collect()
    }

    /// Reads and changes rows of the pack together: all changes are committed at once, if nobody
    /// changed what was read meanwhile, or none is. Sends 1 request if the handle knows the pack as it
    /// is, else 2; 2 more for each race that is lost to another process. Transactions and other writes of
    /// one process that wait for each other share a request.
    ///
    /// `change` may run more than once, each time on the rows as they are by then, so it should do
    /// nothing else. Its value is returned once its changes are committed. If it returns an error, nothing
    /// is written, and the error is as true as a value: it rests on rows as they were at one time after
    /// the call. Transactions on one pack are serializable; there are none across packs.
    ///
    /// # Errors
    ///
    /// The error of `change`; as one of that type, `InvalidRow` if the pack would be larger than it may
    /// be, `Conflict` if others changed what was read again and again, and otherwise as
    /// [`upsert`](Table::upsert).
    pub fn transact<R, E, F>(&self, mut change: F) -> BoxFuture<'a, std::result::Result<R, E>>
    where
        F: FnMut(&mut PackRows<'_, T>) -> std::result::Result<R, E> + Send + 'a,
        R: Send + 'a,
        E: From<Error> + Send + 'a,
    {
        let rows = &*self.table.rows;
        let path = self.path().map(str::to_owned);
        async move {
            let path = path?;
            let done = rows.transact(&path, |trial| {
                change(&mut PackRows {
                    rows,
                    path: &path,
                    trial,
                    marker: PhantomData,
                })
            });
            done.await?
        }
        .boxed()
    }
}

/// The rows of a pack within a [transaction](Pack::transact), with what it did to them so far.
pub struct PackRows<'a, T> {
    rows: &'a Rows,
    path: &'a str,
    trial: &'a mut Transaction,
    marker: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for PackRows<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackRows")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

fn invalid(rows: &Rows, path: &str, why: &dyn fmt::Display) -> Error {
    rows.error(ErrorKind::InvalidKey, why.to_string())
        .at_key(path)
}

impl<T: PackedTable> PackRows<'_, T>
where
    T::Packed: KeyColumns,
{
    fn texts<K: IntoColumns<T::Packed>>(&self, key: K) -> Result<Vec<String>> {
        let texts = key.into_columns().texts(T::SCHEMA.packed_columns());
        texts.map_err(|error| self.rows.place(error))
    }

    fn read(&self, texts: &[String], body: &bytes::Bytes) -> Result<T> {
        let path = row_path(T::SCHEMA, self.path, texts);
        let path = path.map_err(|why| invalid(self.rows, self.path, &why))?;
        let key = read_key::<T::Key>(&path).map_err(|error| self.rows.place(error))?;
        read_row(self.rows, key, body)
    }

    /// Path, texts and body of a row of this pack.
    fn place(&self, row: &T) -> Result<(String, Vec<String>)> {
        let path = write_key(&row.to_key())?;
        let found = place(T::SCHEMA, &path)?;
        if found.pack != self.path {
            let message = format!("the row is one of another pack, {:?}", found.pack);
            return Err(self.rows.error(ErrorKind::InvalidKey, message).at_key(path));
        }
        Ok((path, found.texts))
    }

    /// The row of these values of the packed columns, if there is one.
    ///
    /// # Errors
    ///
    /// `InvalidRow` if it can't be read; `InvalidKey`.
    pub fn get<K: IntoColumns<T::Packed>>(&mut self, key: K) -> Result<Option<T>> {
        let texts = self.texts(key)?;
        let body = self.trial.get(&texts);
        body.map(|body| self.read(&texts, &body)).transpose()
    }

    /// All rows, in the order of their keys.
    ///
    /// # Errors
    ///
    /// `InvalidRow` for the first that can't be read.
    pub fn all(&mut self) -> Result<Vec<T>> {
        self.between(Bound::Unbounded, Bound::Unbounded)
    }

    /// The rows whose values of the packed columns are in a range, in the order of their keys.
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all); `InvalidKey`.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Day { #[s3(key)] year: u16, #[s3(key, packed)] month: u8, #[s3(key, packed)] day: u8, rain: f64 }
    /// # let days = db.table::<Day>();
    /// # days.insert(&Day { year: 2020, month: 2, day: 3, rain: 0.5 }).await?;
    /// let rain = days.pack(2020).transact(|rows| {
    ///     let january = rows.range((1, 1)..(2, 1))?;
    ///     Ok::<_, s3aads::Error>(january.iter().map(|day| day.rain).sum::<f64>())
    /// });
    /// assert_eq!(rain.await?, 0.0);
    /// # });
    /// ```
    pub fn range<K, B>(&mut self, keys: B) -> Result<Vec<T>>
    where
        K: IntoColumns<T::Packed> + Clone,
        B: RangeBounds<K>,
    {
        let bound = |bound: Bound<&K>| {
            Ok(match bound {
                Bound::Unbounded => Bound::Unbounded,
                Bound::Included(key) => Bound::Included(self.texts(key.clone())?),
                Bound::Excluded(key) => Bound::Excluded(self.texts(key.clone())?),
            })
        };
        let (low, high) = (bound(keys.start_bound())?, bound(keys.end_bound())?);
        self.between(low, high)
    }

    fn between(&mut self, low: Bound<Vec<String>>, high: Bound<Vec<String>>) -> Result<Vec<T>> {
        let past = |texts: &[String]| match &high {
            Bound::Unbounded => false,
            Bound::Included(high) => pack::order(T::SCHEMA, texts, high) == Ordering::Greater,
            Bound::Excluded(high) => pack::order(T::SCHEMA, texts, high) != Ordering::Less,
        };
        let mut found = Vec::new();
        let mut after = match low {
            Bound::Unbounded => None,
            Bound::Excluded(low) => Some(low),
            Bound::Included(low) => {
                if past(&low) {
                    return Ok(found);
                }
                if let Some(body) = self.trial.get(&low) {
                    found.push(self.read(&low, &body)?);
                }
                Some(low)
            }
        };
        while let Some(row) = self.trial.after(after.as_deref()) {
            if past(&row.texts) {
                break;
            }
            found.push(self.read(&row.texts, &row.body)?);
            after = Some(row.texts);
        }
        Ok(found)
    }

    /// Puts a row in whose key is free.
    ///
    /// # Errors
    ///
    /// `AlreadyExists`; otherwise as [`upsert`](Self::upsert).
    pub fn insert(&mut self, row: &T) -> Result<()> {
        let (path, texts) = self.place(row)?;
        if self.trial.get(&texts).is_some() {
            let message = "can't write the row: it is there already";
            let error = self.rows.error(ErrorKind::AlreadyExists, message);
            return Err(error.at_key(path));
        }
        self.put(row, &path, &texts)
    }

    /// Puts a row in, over the one of its key if there is one.
    ///
    /// # Errors
    ///
    /// `InvalidKey` for a row of another pack; `InvalidRow` for one that can't be stored.
    pub fn upsert(&mut self, row: &T) -> Result<()> {
        let (path, texts) = self.place(row)?;
        self.put(row, &path, &texts)
    }

    fn put(&mut self, row: &T, path: &str, texts: &[String]) -> Result<()> {
        let body = super::rows::body_of(self.rows, row)?;
        let put = self.trial.put(texts, &body);
        put.map_err(|why| self.rows.unwritable(&why, path))
    }

    /// Takes a row out; false if it is not there.
    ///
    /// # Errors
    ///
    /// `InvalidKey`.
    pub fn remove<K: IntoColumns<T::Packed>>(&mut self, key: K) -> Result<bool> {
        let texts = self.texts(key)?;
        Ok(self.trial.remove(&texts))
    }
}
