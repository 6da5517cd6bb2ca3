//! Read, change, write, and again if another writer was faster.

use std::convert::Infallible;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};

use super::{S3Table, Table};
use crate::backoff;
use crate::error::{Error, ErrorKind, Result};
use crate::query::read_row;
use crate::rows::versioned::as_conflict;

/// How often a race may be lost before it is a `Conflict`.
const TRIES: u32 = 32;

/// What makes a row that is missing.
type New<'a, T, R> = Box<dyn FnMut() -> (T, R) + Send + 'a>;

impl<T: S3Table> Table<T> {
    /// Reads a row, changes it and writes it back over the version that was read, and does it again
    /// if another writer was faster; returns the row as it is now. Sends 2 requests without a
    /// race, 2 more for each one lost, and only the first if the change changes nothing.
    ///
    /// `change` may run more than once, each time on a freshly read row. Content headers, user
    /// metadata and the storage class stay as they are; tags are lost, since reading a row does not
    /// return them; on Azure the storage class is lost for the same reason.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is no row of this key; `Conflict` after 32 lost races; `InvalidKey` if
    /// `change` alters a key column ([`rename`](Self::rename) does that); otherwise as
    /// [`select`](Self::select) and [`update`](Self::update).
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Counter { #[s3(key)] name: String, value: u64 }
    /// # let counters = db.table::<Counter>();
    /// # counters.insert(&Counter { name: "visits".into(), value: 1 }).await?;
    /// let visits = counters.modify("visits", |visits| visits.value += 1).await?;
    /// assert_eq!(visits.value, 2);
    /// # });
    /// ```
    pub fn modify<'a, K, F>(&'a self, key: K, mut change: F) -> BoxFuture<'a, Result<T>>
    where
        K: Into<T::Key>,
        F: FnMut(&mut T) + Send + 'a,
    {
        let change = move |row: &mut T| {
            change(row);
            Ok(())
        };
        let changed = self.change(key.into(), None, change);
        changed.map_ok(|changed| never(changed).0).boxed()
    }

    /// [`modify`](Self::modify) with a change that returns a value, or gives up with an error of
    /// its own. Then nothing is written.
    ///
    /// The outer result is the library's, the inner one that of `change`.
    ///
    /// # Errors
    ///
    /// As [`modify`](Self::modify).
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Account { #[s3(key)] name: String, cents: u64 }
    /// # let accounts = db.table::<Account>();
    /// # accounts.insert(&Account { name: "ada".into(), cents: 100 }).await?;
    /// let take = |cents: u64| {
    ///     move |account: &mut Account| match account.cents.checked_sub(cents) {
    ///         Some(left) => {
    ///             account.cents = left;
    ///             Ok(left)
    ///         }
    ///         None => Err("not enough money"),
    ///     }
    /// };
    /// assert_eq!(accounts.try_modify("ada", take(70)).await?, Ok(30));
    /// assert_eq!(accounts.try_modify("ada", take(70)).await?, Err("not enough money"));
    /// # });
    /// ```
    pub fn try_modify<'a, K, F, R, E>(
        &'a self,
        key: K,
        change: F,
    ) -> BoxFuture<'a, Result<Result<R, E>>>
    where
        K: Into<T::Key>,
        F: FnMut(&mut T) -> Result<R, E> + Send + 'a,
        R: Send + 'a,
        E: Send + 'a,
    {
        let changed = self.change(key.into(), None, change);
        changed
            .map_ok(|changed| changed.map(|(_, value)| value))
            .boxed()
    }

    /// Inserts the row that `new` makes, or changes the one that is there; returns the row as it is
    /// now. Sends 2 requests without a race, and 2 more for each one lost.
    ///
    /// `new` and `change` may run more than once.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if `new` makes a row of another key; otherwise as [`insert`](Self::insert) and
    /// [`modify`](Self::modify), but a missing row is no error.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Counter { #[s3(key)] name: String, value: u64 }
    /// # let counters = db.table::<Counter>();
    /// for expected in 1..=3 {
    ///     let first = || Counter { name: "visits".into(), value: 1 };
    ///     let count = |visits: &mut Counter| visits.value += 1;
    ///     let visits = counters.insert_or_modify("visits", first, count).await?;
    ///     assert_eq!(visits.value, expected);
    /// }
    /// # });
    /// ```
    pub fn insert_or_modify<'a, K, N, F>(
        &'a self,
        key: K,
        mut new: N,
        mut change: F,
    ) -> BoxFuture<'a, Result<T>>
    where
        K: Into<T::Key>,
        N: FnMut() -> T + Send + 'a,
        F: FnMut(&mut T) + Send + 'a,
    {
        let change = move |row: &mut T| {
            change(row);
            Ok(())
        };
        let new: New<'a, T, ()> = Box::new(move || (new(), ()));
        let changed = self.change(key.into(), Some(new), change);
        changed.map_ok(|changed| never(changed).0).boxed()
    }

    /// The row as it was written, with what `change` (or `new`) gave.
    async fn change<F, R, E>(
        &self,
        key: T::Key,
        new: Option<New<'_, T, R>>,
        change: F,
    ) -> Result<Result<(T, R), E>>
    where
        F: FnMut(&mut T) -> Result<R, E> + Send,
        R: Send,
        E: Send,
    {
        let operation = self.rows.operation("modify", &key);
        operation.run(self.try_change(key, new, change)).await
    }

    async fn try_change<F, R, E>(
        &self,
        key: T::Key,
        mut new: Option<New<'_, T, R>>,
        mut change: F,
    ) -> Result<Result<(T, R), E>>
    where
        F: FnMut(&mut T) -> Result<R, E> + Send,
        R: Send,
        E: Send,
    {
        if self.rows.is_packed() {
            return self.change_packed(&key, new, change).await;
        }
        for lost in 0..TRIES {
            let (row, value, written) = match (self.fetch(key.clone()).await?, &mut new) {
                (Some(mut versioned), _) => {
                    let before = self.body(&versioned.row)?;
                    let value = match change(&mut versioned.row) {
                        Ok(value) => value,
                        Err(error) => return Ok(Err(error)),
                    };
                    self.check_key(&versioned.row, &key)?;
                    if self.body(&versioned.row)? == before {
                        return Ok(Ok((versioned.row, value)));
                    }
                    let written = self.update_read(&versioned).await;
                    (versioned.row, value, written)
                }
                (None, Some(new)) => {
                    let (row, value) = new();
                    self.check_key(&row, &key)?;
                    let written = self.insert(&row).await;
                    (row, value, written)
                }
                (None, None) => return Err(self.absent(&key)),
            };
            match written.map_err(as_conflict) {
                Ok(_) => return Ok(Ok((row, value))),
                Err(error) if error.kind() == ErrorKind::Conflict => backoff::pause(lost).await,
                Err(error) => return Err(error),
            }
        }
        Err(self
            .rows
            .error(
                ErrorKind::Conflict,
                format!("other writers were faster {TRIES} times in a row; try again later"),
            )
            .at_key(&key))
    }

    /// The same of a row that shares an object: a transaction on that row.
    async fn change_packed<F, R, E>(
        &self,
        key: &T::Key,
        mut new: Option<New<'_, T, R>>,
        mut change: F,
    ) -> Result<Result<(T, R), E>>
    where
        F: FnMut(&mut T) -> Result<R, E> + Send,
        R: Send,
        E: Send,
    {
        let path = self.path(key)?;
        let changed = self.rows.transact_row(&path, |rows, texts| {
            let (row, value, before) = match (rows.get(texts), &mut new) {
                (Some(body), _) => {
                    let mut row = read_row::<T>(&self.rows, key.clone(), &body)?;
                    let before = self.body(&row)?;
                    let value = change(&mut row).map_err(Stop::Change)?;
                    (row, value, Some(before))
                }
                (None, Some(new)) => {
                    let (row, value) = new();
                    (row, value, None)
                }
                (None, None) => return Err(Stop::Library(self.absent(key))),
            };
            self.check_key(&row, key)?;
            let body = self.body(&row)?;
            if before.is_none_or(|before| before != body) {
                let written = rows.put(texts, &body);
                written.map_err(|why| self.rows.unwritable(&why, &path))?;
            }
            Ok((row, value))
        });
        match changed.await? {
            Ok(changed) => Ok(Ok(changed)),
            Err(Stop::Change(error)) => Ok(Err(error)),
            Err(Stop::Library(error)) => Err(error),
        }
    }

    fn check_key(&self, row: &T, key: &T::Key) -> Result<(), Error> {
        if row.to_key() == *key {
            return Ok(());
        }
        let message = "a change can't alter the key; `rename` moves a row";
        Err(self.rows.error(ErrorKind::InvalidKey, message).at_key(key))
    }
}

/// Why a change of a packed row was given up.
enum Stop<E> {
    /// The program's own error.
    Change(E),
    Library(Error),
}

impl<E> From<Error> for Stop<E> {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

fn never<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}
