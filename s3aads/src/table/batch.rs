//! Many rows at once, each with an outcome of its own.

use std::borrow::Borrow;
use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, Stream};
use futures_util::{FutureExt, StreamExt};

use super::{S3Table, Table};
use crate::error::Result;
use crate::raw::DEFAULT_CONCURRENCY;
use crate::store::{Deletion, PAGE_SIZE};

/// What the batch methods take: anything that can be iterated over, or a stream wrapped by
/// [`from_stream`].
pub trait IntoBatch<'a> {
    /// A row or a key.
    type Item: Send + 'a;

    /// The items, one after another.
    fn into_batch(self) -> BoxStream<'a, Self::Item>;
}

impl<'a, I> IntoBatch<'a> for I
where
    I: IntoIterator,
    I::IntoIter: Send + 'a,
    I::Item: Send + 'a,
{
    type Item = I::Item;

    fn into_batch(self) -> BoxStream<'a, I::Item> {
        stream::iter(self).boxed()
    }
}

/// A stream as a batch; made by [`from_stream`].
#[derive(Debug, Clone)]
pub struct FromStream<S>(S);

/// Makes a batch of a stream of rows or keys, which is polled no faster than they are written.
///
/// ```
/// # use futures_util::stream;
/// # use s3aads::{Database, S3Table, from_stream};
/// # #[derive(S3Table)]
/// # struct Item { #[s3(key)] id: u64 }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> s3aads::Result<()> {
/// # let db = Database::open("memory:///from-stream")?;
/// # db.create().await?;
/// # let items = db.table::<Item>();
/// let rows = stream::iter(0..100).map(|id| Item { id });
/// # use futures_util::StreamExt;
/// let report = items.insert_all(from_stream(rows)).await;
/// assert_eq!(report.succeeded(), 100);
/// # Ok(())
/// # }
/// ```
pub fn from_stream<S: Stream>(stream: S) -> FromStream<S> {
    FromStream(stream)
}

impl<'a, S> IntoBatch<'a> for FromStream<S>
where
    S: Stream + Send + 'a,
    S::Item: Send + 'a,
{
    type Item = S::Item;

    fn into_batch(self) -> BoxStream<'a, S::Item> {
        self.0.boxed()
    }
}

/// What became of one item of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome<K, V = ()> {
    /// The row's key.
    pub key: K,
    /// What the operation on it alone would have returned.
    pub result: Result<V>,
}

/// The outcomes of a batch, one for each item, in the items' order.
#[derive(Debug)]
#[must_use = "a batch does not stop at a failure; its report holds them"]
pub struct BatchReport<K, V = ()> {
    outcomes: Vec<Outcome<K, V>>,
}

impl<K, V> BatchReport<K, V> {
    /// The outcomes, in the order of the items.
    pub fn outcomes(&self) -> &[Outcome<K, V>] {
        &self.outcomes
    }

    /// The outcomes that are failures.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome<K, V>> {
        self.outcomes
            .iter()
            .filter(|outcome| outcome.result.is_err())
    }

    /// How many items succeeded.
    pub fn succeeded(&self) -> usize {
        self.outcomes.len() - self.failed()
    }

    /// How many items failed.
    pub fn failed(&self) -> usize {
        self.failures().count()
    }

    /// The values of all items, or the first failure, with how many there were.
    ///
    /// # Errors
    ///
    /// The first failure of the batch.
    pub fn into_result(self) -> Result<Vec<V>> {
        let (failed, all) = (self.failed(), self.outcomes.len());
        self.outcomes
            .into_iter()
            .map(|outcome| {
                outcome
                    .result
                    .map_err(|error| error.note(format!("{failed} of {all} rows failed")))
            })
            .collect()
    }
}

impl<K, V> IntoIterator for BatchReport<K, V> {
    type Item = Outcome<K, V>;
    type IntoIter = std::vec::IntoIter<Outcome<K, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.outcomes.into_iter()
    }
}

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Items with an outcome.
    pub done: u64,
    /// Those of them that failed.
    pub failed: u64,
}

type Group<'a, I, O> = Arc<dyn Fn(Vec<I>) -> BoxFuture<'a, Vec<O>> + Send + Sync + 'a>;
type Hook<'a> = Box<dyn FnMut(Progress) + Send + 'a>;

/// A batch that is about to run: awaiting it runs it.
///
/// It has a bounded number of requests under way, does not stop at a failure, and has an outcome
/// for each item. Dropping its future stops it between rows: each row is written or not.
#[must_use = "a batch runs when it is awaited"]
pub struct Batch<'a, I, K, V = ()> {
    items: BoxStream<'a, I>,
    /// How many items one request takes.
    group: usize,
    run: Group<'a, I, Outcome<K, V>>,
    concurrency: usize,
    progress: Option<Hook<'a>>,
}

impl<I, K, V> fmt::Debug for Batch<'_, I, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}

impl<'a, I: Send + 'a, K: Send + 'a, V: Send + 'a> Batch<'a, I, K, V> {
    fn of_one<F, Fut>(items: impl IntoBatch<'a, Item = I>, run: F) -> Self
    where
        F: Fn(I) -> Fut + Send + Sync + Clone + 'a,
        Fut: Future<Output = Outcome<K, V>> + Send + 'a,
    {
        Self {
            items: items.into_batch(),
            group: 1,
            run: Arc::new(move |items| {
                let run = run.clone();
                async move {
                    let mut outcomes = Vec::with_capacity(items.len());
                    for item in items {
                        outcomes.push(run(item).await);
                    }
                    outcomes
                }
                .boxed()
            }),
            concurrency: DEFAULT_CONCURRENCY,
            progress: None,
        }
    }

    /// How many requests may be under way at once; 32 where this is not called.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Calls `hook` whenever outcomes have come in.
    pub fn on_progress(mut self, hook: impl FnMut(Progress) + Send + 'a) -> Self {
        self.progress = Some(Box::new(hook));
        self
    }

    async fn run(self) -> BatchReport<K, V> {
        let Self {
            items,
            group,
            run,
            concurrency,
            mut progress,
        } = self;
        let mut groups = items
            .ready_chunks(group)
            .map(|items| run(items))
            .buffered(concurrency);
        let mut outcomes = Vec::new();
        let mut failed = 0;
        while let Some(group) = groups.next().await {
            failed += group
                .iter()
                .filter(|outcome| outcome.result.is_err())
                .count() as u64;
            outcomes.extend(group);
            if let Some(hook) = &mut progress {
                hook(Progress {
                    done: outcomes.len() as u64,
                    failed,
                });
            }
            // A store in memory never waits, and a long batch must not keep others from running.
            tokio::task::consume_budget().await;
        }
        BatchReport { outcomes }
    }
}

impl<'a, I: Send + 'a, K: Send + 'a, V: Send + 'a> IntoFuture for Batch<'a, I, K, V> {
    type Output = BatchReport<K, V>;
    type IntoFuture = BoxFuture<'a, BatchReport<K, V>>;

    fn into_future(self) -> Self::IntoFuture {
        self.run().boxed()
    }
}

impl<T: S3Table> Table<T> {
    /// [`insert`](Self::insert) of many rows. Sends 1 request for each.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// let db = Database::open("memory:///batch")?;
    /// db.create().await?;
    /// let items = db.table::<Item>();
    /// items.insert(&Item { id: 3 }).await?;
    /// let report = items.insert_all((0..5).map(|id| Item { id })).concurrency(8).await;
    /// assert_eq!(report.succeeded(), 4);
    /// for failure in report.failures() {
    ///     assert_eq!(failure.key.id, 3);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn insert_all<'a, B>(&'a self, rows: B) -> Batch<'a, B::Item, T::Key>
    where
        B: IntoBatch<'a>,
        B::Item: Borrow<T> + Sync,
    {
        Batch::of_one(rows, move |row: B::Item| async move {
            Outcome {
                key: row.borrow().to_key(),
                result: self.insert(row.borrow()).await,
            }
        })
    }

    /// [`upsert`](Self::upsert) of many rows. Sends 1 request for each.
    ///
    /// Where a key comes more than once, which of its rows stays is not defined.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(Debug, Clone, PartialEq, S3Table)]
    /// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, rain: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// # let db = Database::open("memory:///example")?;
    /// # db.create().await?;
    /// # let days = db.table::<Day>();
    /// let rows: Vec<Day> = (0..10).map(|id| Day { id, year: 2020, rain: 0.0 }).collect();
    /// let mut done = 0;
    /// let report = days.upsert_all(&rows).on_progress(|progress| done = progress.done).await;
    /// report.into_result()?;
    /// assert_eq!(done, 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upsert_all<'a, B>(&'a self, rows: B) -> Batch<'a, B::Item, T::Key>
    where
        B: IntoBatch<'a>,
        B::Item: Borrow<T> + Sync,
    {
        Batch::of_one(rows, move |row: B::Item| async move {
            Outcome {
                key: row.borrow().to_key(),
                result: self.upsert(row.borrow()).await,
            }
        })
    }

    /// [`select`](Self::select) of many keys. Sends 1 request for each.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(Debug, Clone, PartialEq, S3Table)]
    /// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, rain: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// # let db = Database::open("memory:///example")?;
    /// # db.create().await?;
    /// # let days = db.table::<Day>();
    /// # days.insert(&Day { id: 1, year: 2020, rain: 0.5 }).await?;
    /// # days.insert(&Day { id: 2, year: 2021, rain: 1.5 }).await?;
    /// let report = days.select_all([(1, 2020), (7, 2020)]).await;
    /// let rows = report.into_result()?;
    /// assert!(rows[0].is_some() && rows[1].is_none());
    /// # Ok(())
    /// # }
    /// ```
    pub fn select_all<'a, B>(&'a self, keys: B) -> Batch<'a, B::Item, T::Key, Option<T>>
    where
        B: IntoBatch<'a>,
        B::Item: Into<T::Key>,
    {
        Batch::of_one(keys, move |key: B::Item| {
            let key: T::Key = key.into();
            async move {
                Outcome {
                    result: self.select(key.clone()).await,
                    key,
                }
            }
        })
    }

    /// [`delete`](Self::delete) of many keys. Sends 1 request for each 1,000 of them where the store
    /// has bulk deletes, else 1 for each.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(Debug, Clone, PartialEq, S3Table)]
    /// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, rain: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// # let db = Database::open("memory:///example")?;
    /// # db.create().await?;
    /// # let days = db.table::<Day>();
    /// # days.insert(&Day { id: 1, year: 2020, rain: 0.5 }).await?;
    /// # days.insert(&Day { id: 2, year: 2021, rain: 1.5 }).await?;
    /// let report = days.delete_all([(1, 2020), (2, 2021)]).await;
    /// assert_eq!(report.failed(), 0);
    /// assert!(days.is_empty().await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn delete_all<'a, B>(&'a self, keys: B) -> Batch<'a, B::Item, T::Key>
    where
        B: IntoBatch<'a>,
        B::Item: Into<T::Key>,
    {
        let bulk = self.core().db().backend().traits().bulk_delete;
        Batch {
            items: keys.into_batch(),
            group: if bulk { PAGE_SIZE } else { 1 },
            run: Arc::new(move |keys| {
                let keys: Vec<T::Key> = keys.into_iter().map(Into::into).collect();
                self.delete_group(keys).boxed()
            }),
            concurrency: DEFAULT_CONCURRENCY,
            progress: None,
        }
    }

    async fn delete_group(&self, keys: Vec<T::Key>) -> Vec<Outcome<T::Key>> {
        let paths: Vec<Result<String>> = keys
            .iter()
            .map(|key| self.core().full(&self.path(key)?))
            .collect();
        let known = paths.iter().flatten().cloned();
        let known: Vec<Deletion> = known.map(Deletion::from).collect();
        let deleted = match known.is_empty() {
            true => Vec::new(),
            false => {
                self.core()
                    .db()
                    .backend()
                    .delete_many(&known, self.core().db().meter())
                    .await
            }
        };
        let mut deleted = deleted.into_iter();
        keys.into_iter()
            .zip(paths)
            .map(|(key, path)| {
                let result = path.and_then(|_| match deleted.next() {
                    Some(Err(error)) => {
                        let error = self.core().db().fail(error, "delete the row");
                        Err(self.core().place(error).at_key(&key))
                    }
                    _ => Ok(()),
                });
                Outcome { key, result }
            })
            .collect()
    }
}
