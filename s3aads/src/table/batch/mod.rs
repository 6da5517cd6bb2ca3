//! Many rows at once, each with an outcome of its own.

mod items;
mod report;
mod running;
mod tables;

use std::fmt;
use std::future::IntoFuture;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt};

pub use items::{FromStream, IntoBatch, from_stream};
pub use report::{BatchReport, Outcome, Stopped};

use crate::error::{Error, Result};
use crate::rows::delete::DEFAULT_CONCURRENCY;
use running::Running;

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Items with an outcome.
    pub done: u64,
    /// Those of them that failed.
    pub failed: u64,
}

/// A request that is about to be sent: the keys that it is for, and their results.
struct Begun<'a, K, V> {
    keys: Vec<K>,
    results: BoxFuture<'a, Vec<Result<V>>>,
}

/// Begins the items of a group, with so many requests under way at once if they take several.
type Run<'a, I, K, V> = Arc<dyn Fn(Vec<I>, usize) -> Begun<'a, K, V> + Send + Sync + 'a>;
type Late<'a, K> = Arc<dyn Fn(&K) -> Error + Send + Sync + 'a>;
type Hook<'a> = Box<dyn FnMut(Progress) + Send + 'a>;

/// A batch that is about to run: awaiting it runs it, and gives a report with an outcome for each
/// item.
///
/// It has a bounded number of requests under way and does not stop at a failure, unless
/// [`max_failures`](Self::max_failures) or [`deadline`](Self::deadline) says so. Dropping its
/// future stops it between rows: each row is written or not. A program that reads the outcomes from
/// its [`stream`](Self::stream) knows what was acknowledged by then.
#[must_use = "a batch runs when it is awaited"]
pub struct Batch<'a, I, K, V = ()> {
    items: BoxStream<'a, I>,
    /// How many items are begun together.
    group: usize,
    /// Whether a group has as many requests under way as there may be.
    alone: bool,
    run: Run<'a, I, K, V>,
    /// The outcome of what is under way at the deadline.
    late: Late<'a, K>,
    concurrency: usize,
    progress: Option<Hook<'a>>,
    most_failures: Option<u64>,
    deadline: Option<Duration>,
}

impl<I, K, V> fmt::Debug for Batch<'_, I, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("concurrency", &self.concurrency)
            .field("max_failures", &self.most_failures)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

impl<'a, I: Send + 'a, K: Send + 'a, V: Send + 'a> Batch<'a, I, K, V> {
    fn new(
        items: impl IntoBatch<'a, Item = I>,
        group: usize,
        run: impl Fn(Vec<I>, usize) -> Begun<'a, K, V> + Send + Sync + 'a,
        late: impl Fn(&K) -> Error + Send + Sync + 'a,
    ) -> Self {
        Self {
            items: items.into_batch(),
            group,
            alone: false,
            run: Arc::new(run),
            late: Arc::new(late),
            concurrency: DEFAULT_CONCURRENCY,
            progress: None,
            most_failures: None,
            deadline: None,
        }
    }

    /// A batch of requests for one item each.
    fn of_one<Fut>(
        items: impl IntoBatch<'a, Item = I>,
        run: impl Fn(I) -> (K, Fut) + Send + Sync + 'a,
        late: impl Fn(&K) -> Error + Send + Sync + 'a,
    ) -> Self
    where
        Fut: Future<Output = Result<V>> + Send + 'a,
    {
        let run = move |items: Vec<I>, _| {
            let (keys, results): (Vec<K>, Vec<Fut>) = items.into_iter().map(&run).unzip();
            Begun {
                keys,
                results: futures_util::future::join_all(results).boxed(),
            }
        };
        Self::new(items, 1, run, late)
    }

    /// A batch of items that share requests with their neighbours, wherever among the items these
    /// are: as many as are at hand are looked at together.
    fn of_packs(
        items: impl IntoBatch<'a, Item = I>,
        run: impl Fn(Vec<I>, usize) -> Begun<'a, K, V> + Send + Sync + 'a,
        late: impl Fn(&K) -> Error + Send + Sync + 'a,
    ) -> Self {
        /// Some megabytes of usual rows.
        const AT_HAND: usize = 16_384;

        Self {
            alone: true,
            ..Self::new(items, AT_HAND, run, late)
        }
    }

    /// How many requests may be under way at once; 32 by default.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// Calls `hook` whenever outcomes have come in.
    pub fn on_progress(mut self, hook: impl FnMut(Progress) + Send + 'a) -> Self {
        self.progress = Some(Box::new(hook));
        self
    }

    /// Begins no more items once this many have failed. Those under way by then still have
    /// outcomes.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # use s3aads::Stopped;
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64 }
    /// let items = db.table::<Item>();
    /// let row = Item { id: 1 };
    /// items.insert(&row).await?;
    /// let report = items.insert_all([&row; 1000]).concurrency(1).max_failures(3).await;
    /// assert_eq!(report.outcomes().len(), 3); // the others were not begun
    /// assert_eq!(report.stopped(), Some(Stopped::Failures));
    /// # });
    /// ```
    pub fn max_failures(mut self, failures: u64) -> Self {
        self.most_failures = Some(failures);
        self
    }

    /// Ends the batch after this time. An item that is under way by then has the outcome
    /// `Unavailable` if it was to be read, and `Indeterminate` otherwise, since it may have been
    /// written. Items after it are not begun.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # use std::time::Duration;
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64 }
    /// let items = db.table::<Item>();
    /// let rows: Vec<Item> = (0..100).map(|id| Item { id }).collect();
    /// let report = items.insert_all(&rows).deadline(Duration::from_secs(60)).await;
    /// let not_begun = &rows[report.outcomes().len()..];
    /// assert!(not_begun.is_empty());
    /// # });
    /// ```
    pub fn deadline(mut self, time: Duration) -> Self {
        self.deadline = Some(time);
        self
    }

    /// Runs the batch as the stream is read, and gives each outcome as soon as it is known, in any
    /// order. A program that stops reading knows what was acknowledged.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// use futures_util::StreamExt;
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64 }
    /// let items = db.table::<Item>();
    /// let mut outcomes = items.insert_all((0..100).map(|id| Item { id })).stream();
    /// let mut written = Vec::new();
    /// while let Some(outcome) = outcomes.next().await {
    ///     outcome.result?;
    ///     written.push(outcome.key.id);
    /// }
    /// assert_eq!(written.len(), 100);
    /// # });
    /// ```
    pub fn stream(mut self) -> BoxStream<'a, Outcome<K, V>> {
        let progress = self.progress.take();
        stream::unfold(
            (Running::new(self), progress),
            |(mut running, mut progress)| async move {
                let (_, outcomes) = running.next().await?;
                if let Some(hook) = &mut progress {
                    hook(running.progress());
                }
                // A store in memory never waits, and a long batch must not keep others from running.
                tokio::task::consume_budget().await;
                Some((stream::iter(outcomes), (running, progress)))
            },
        )
        .flatten()
        .boxed()
    }

    async fn run(mut self) -> BatchReport<K, V> {
        let mut progress = self.progress.take();
        let mut running = Running::new(self);
        let mut groups = Vec::new();
        while let Some(group) = running.next().await {
            groups.push(group);
            if let Some(hook) = &mut progress {
                hook(running.progress());
            }
            // As above.
            tokio::task::consume_budget().await;
        }
        groups.sort_unstable_by_key(|(first, _)| *first);
        BatchReport {
            outcomes: groups
                .into_iter()
                .flat_map(|(_, outcomes)| outcomes)
                .collect(),
            stopped: running.stopped(),
        }
    }
}

impl<'a, I: Send + 'a, K: Send + 'a, V: Send + 'a> IntoFuture for Batch<'a, I, K, V> {
    type Output = BatchReport<K, V>;
    type IntoFuture = BoxFuture<'a, BatchReport<K, V>>;

    fn into_future(self) -> Self::IntoFuture {
        self.run().boxed()
    }
}
