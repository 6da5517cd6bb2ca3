//! The batches of a table.

use std::borrow::Borrow;
use std::sync::OnceLock;

use futures_util::FutureExt;

use super::{Batch, Begun, IntoBatch};
use crate::error::{Error, ErrorKind, Result};
use crate::query::read_row;
use crate::rows::delete::InFlight;
use crate::store::{Condition, Deletion, PAGE_SIZE, Version};
use crate::table::{S3Table, Table};

impl<T: S3Table> Table<T> {
    /// [`insert`](Self::insert) of many rows. Sends 1 request for each; of a packed table 2 for each pack that
    /// they are in, or 1 if the handle knows it.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64 }
    /// let items = db.table::<Item>();
    /// items.insert(&Item { id: 3 }).await?;
    /// let report = items.insert_all((0..5).map(|id| Item { id })).concurrency(8).await;
    /// assert_eq!(report.succeeded(), 4);
    /// for failure in report.failures() {
    ///     assert_eq!(failure.key.id, 3);
    /// }
    /// # });
    /// ```
    pub fn insert_all<'a, B>(&'a self, rows: B) -> Batch<'a, B::Item, T::Key, Version>
    where
        B: IntoBatch<'a>,
        B::Item: Borrow<T> + Sync,
    {
        if self.rows.is_packed() {
            return self.put_packs(rows, Condition::Absent);
        }
        let run = move |row: B::Item| {
            let key = row.borrow().to_key();
            (key, async move { self.insert(row.borrow()).await })
        };
        Batch::of_one(rows, run, |key| self.late_write(key))
    }

    /// [`upsert`](Self::upsert) of many rows. Sends 1 request for each; of a packed table 2 for each pack that
    /// they are in, or 1 if the handle knows it.
    ///
    /// If a key comes more than once, any of its rows may be the one that stays.
    ///
    /// ```
    /// # doc_examples::no_days!(|db, days| {
    /// let rows: Vec<Day> = (0..10).map(|id| Day { id, year: 2020, rain: 0.0 }).collect();
    /// let mut done = 0;
    /// let report = days.upsert_all(&rows).on_progress(|progress| done = progress.done).await;
    /// report.into_result()?;
    /// assert_eq!(done, 10);
    /// # });
    /// ```
    pub fn upsert_all<'a, B>(&'a self, rows: B) -> Batch<'a, B::Item, T::Key, Version>
    where
        B: IntoBatch<'a>,
        B::Item: Borrow<T> + Sync,
    {
        if self.rows.is_packed() {
            return self.put_packs(rows, Condition::None);
        }
        let run = move |row: B::Item| {
            let key = row.borrow().to_key();
            (key, async move { self.upsert(row.borrow()).await })
        };
        Batch::of_one(rows, run, |key| self.late_write(key))
    }

    /// [`select`](Self::select) of many keys. Sends 1 request for each; of a packed table 1 for each pack
    /// that they are in.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let report = days.select_all([(1, 2020), (7, 2020)]).await;
    /// let rows = report.into_result()?;
    /// assert!(rows[0].is_some() && rows[1].is_none());
    /// # });
    /// ```
    pub fn select_all<'a, B>(&'a self, keys: B) -> Batch<'a, B::Item, T::Key, Option<T>>
    where
        B: IntoBatch<'a>,
        B::Item: Into<T::Key>,
    {
        if self.rows.is_packed() {
            let run = move |keys: Vec<B::Item>, concurrency| {
                let keys: Vec<T::Key> = keys.into_iter().map(Into::into).collect();
                let asked = keys.iter().map(|key| (key.clone(), self.path(key)));
                let asked = asked.collect();
                let read = |key, body: &_| read_row(&self.rows, key, body);
                let select = async move {
                    let selected = self.rows.get_all(asked, concurrency, read);
                    self.rows.operation("select", "").run_many(selected).await
                };
                Begun {
                    results: select.boxed(),
                    keys,
                }
            };
            return Batch::of_packs(keys, run, |key| self.late_read(key));
        }
        let run = move |key: B::Item| {
            let key: T::Key = key.into();
            (key.clone(), async move { self.select(key).await })
        };
        Batch::of_one(keys, run, |key| self.late_read(key))
    }

    /// [`delete`](Self::delete) of many keys. Sends 1 request for each 1,000 of them if the store
    /// has bulk deletes, else 1 for each.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let report = days.delete_all([(1, 2020), (2, 2021)]).await;
    /// assert_eq!(report.failed(), 0);
    /// assert!(days.is_empty().await?);
    /// # });
    /// ```
    pub fn delete_all<'a, B>(&'a self, keys: B) -> Batch<'a, B::Item, T::Key>
    where
        B: IntoBatch<'a>,
        B::Item: Into<T::Key>,
    {
        if self.rows.is_packed() {
            let run = move |keys: Vec<B::Item>, concurrency| {
                let keys: Vec<T::Key> = keys.into_iter().map(Into::into).collect();
                let rows = keys.iter().map(|key| Ok((self.path(key)?, None)));
                let rows = rows.collect();
                Begun {
                    results: self.rows.delete_all(rows, concurrency).boxed(),
                    keys,
                }
            };
            return Batch::of_packs(keys, run, |key| self.late_write(key));
        }
        if self.rows.is_indexed() {
            let run = move |key: B::Item| {
                let key: T::Key = key.into();
                (key.clone(), async move { self.delete(key).await })
            };
            return Batch::of_one(keys, run, |key| self.late_write(key));
        }
        let bulk = self.rows.session().backend().features().bulk_delete;
        let limit = OnceLock::new();
        let run = move |keys: Vec<B::Item>, concurrency| {
            let keys: Vec<T::Key> = keys.into_iter().map(Into::into).collect();
            let limit: &InFlight = limit.get_or_init(|| InFlight::new(concurrency));
            Begun {
                results: self.delete_group(keys.clone(), limit.clone()).boxed(),
                keys,
            }
        };
        let group = if bulk { PAGE_SIZE } else { 1 };
        Batch::new(keys, group, run, |key| self.late_write(key))
    }

    /// Puts rows in, those of each pack in one commit.
    fn put_packs<'a, B>(
        &'a self,
        rows: B,
        condition: Condition,
    ) -> Batch<'a, B::Item, T::Key, Version>
    where
        B: IntoBatch<'a>,
        B::Item: Borrow<T> + Sync,
    {
        let run = move |rows: Vec<B::Item>, concurrency| {
            let keys: Vec<T::Key> = rows.iter().map(|row| row.borrow().to_key()).collect();
            let bodies = rows.iter().zip(&keys);
            let bodies = bodies.map(|(row, key)| Ok((self.path(key)?, self.body(row.borrow())?)));
            let bodies = bodies.collect();
            let condition = condition.clone();
            let put = async move { self.rows.put_all(bodies, &condition, concurrency).await };
            Begun {
                keys,
                results: put.boxed(),
            }
        };
        Batch::of_packs(rows, run, |key| self.late_write(key))
    }

    async fn delete_group(&self, keys: Vec<T::Key>, limit: InFlight) -> Vec<Result<()>> {
        let session = self.rows.session();
        let paths: Vec<Result<String>> = keys
            .iter()
            .map(|key| self.rows.full(&self.path(key)?))
            .collect();
        let known = paths.iter().flatten().cloned().map(Deletion::from);
        let deleter = match self.rows.deleter(session.meter(), limit).await {
            Ok(deleter) => deleter,
            Err(error) => return self.all_refused(keys, error),
        };
        let deleted = deleter.delete(known.collect());
        let deleted = self.rows.operation("delete", "").run_many(deleted).await;
        let mut deleted = deleted.into_iter();
        let outcomes = keys.into_iter().zip(paths);
        let outcomes = outcomes.map(|(key, path)| {
            path.and_then(|_| match deleted.next() {
                Some(Err(error)) => {
                    let error = session.fail(error, "delete the row");
                    Err(self.rows.place(error).at_key(&key))
                }
                _ => Ok(()),
            })
        });
        outcomes.collect()
    }

    /// The error of a request for all of these keys, for each of them.
    fn all_refused(&self, keys: Vec<T::Key>, error: Error) -> Vec<Result<()>> {
        let again = |key| {
            let error = self.rows.error(error.kind(), error.message());
            Err(error.at_key(key))
        };
        keys.iter().map(again).collect()
    }

    fn late_write(&self, key: &T::Key) -> Error {
        self.rows
            .error(
                ErrorKind::Indeterminate,
                "the batch's deadline passed while the row was written, so it may have been; read it \
                 before writing it again",
            )
            .at_key(key)
    }

    fn late_read(&self, key: &T::Key) -> Error {
        self.rows
            .error(
                ErrorKind::Unavailable,
                "the batch's deadline passed while the row was read",
            )
            .at_key(key)
    }
}
