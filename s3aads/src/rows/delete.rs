//! Many deletes, and what is left after them.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{Rows, Session};
use crate::error::Error;
use crate::store::{Deletion, Meter, PAGE_SIZE, Reason, Result, StoreError};

/// How many requests a query has under way at once where nothing else was said.
///
/// A GET of a small object takes S3 some 20 ms, so 32 of them read about 1,600 rows a second: far
/// below the 5,500 requests a second at which S3 starts to slow a prefix down, and few enough for
/// any socket limit.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>
pub(crate) const DEFAULT_CONCURRENCY: usize = 32;

/// How many keys a message names; more of them than this are counted.
const NAMED: usize = 100;

impl Rows {
    /// What deletes many of the rows, once that is allowed; its requests are counted on `meter`.
    pub(crate) async fn deleter<'a>(
        &'a self,
        meter: &'a Meter,
        limit: InFlight,
    ) -> crate::error::Result<Deleter<'a>> {
        self.admit().await?;
        Ok(Deleter::new(&self.session, meter, limit))
    }
}

/// How many requests may be under way at once, of all that share it.
#[derive(Debug, Clone)]
pub(crate) struct InFlight {
    most: usize,
    permits: Arc<Semaphore>,
}

impl InFlight {
    pub(crate) fn new(most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            most,
            permits: Arc::new(Semaphore::new(most)),
        }
    }

    /// Waits until one more may be under way, which it is until the permit is dropped.
    async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.permits.acquire().await.ok()
    }
}

/// What deletes many objects.
#[derive(Debug)]
pub(crate) struct Deleter<'a> {
    session: &'a Session,
    meter: &'a Meter,
    limit: InFlight,
}

impl<'a> Deleter<'a> {
    pub(crate) fn new(session: &'a Session, meter: &'a Meter, limit: InFlight) -> Self {
        Self {
            session,
            meter,
            limit,
        }
    }

    /// How many chunks are worth having under way.
    pub(crate) fn chunks_at_once(&self) -> usize {
        self.limit.most
    }

    /// Deletes them, with one outcome for each, in order.
    pub(crate) async fn delete(&self, deletions: Vec<Deletion>) -> Vec<Result<()>> {
        let chunks: Vec<Vec<Deletion>> = deletions.chunks(PAGE_SIZE).map(<[_]>::to_vec).collect();
        let outcomes: Vec<_> = stream::iter(chunks)
            .map(|chunk| self.delete_chunk(chunk))
            .buffered(self.chunks_at_once())
            .collect()
            .await;
        outcomes.into_iter().flatten().collect()
    }

    async fn delete_chunk(&self, chunk: Vec<Deletion>) -> Vec<Result<()>> {
        let outcomes = self.delete_in_bulk(&chunk).await;
        let mut ended: Vec<(usize, Result<()>)> = stream::iter(chunk.into_iter().zip(outcomes))
            .enumerate()
            .map(|(place, (deletion, outcome))| async move {
                match outcome {
                    Some(outcome) => (place, outcome),
                    None => (place, self.delete_alone(&deletion).await),
                }
            })
            .buffer_unordered(self.limit.most)
            .collect()
            .await;
        ended.sort_unstable_by_key(|(place, _)| *place);
        ended.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn delete_in_bulk(&self, chunk: &[Deletion]) -> Vec<Option<Result<()>>> {
        let backend = self.session.backend();
        if !backend.features().bulk_delete {
            return chunk.iter().map(|_| None).collect();
        }
        let _under_way = self.limit.enter().await;
        backend.delete_many(chunk, self.meter).await
    }

    /// Deletes one object by a request of its own.
    pub(crate) async fn delete_alone(&self, Deletion { key, version }: &Deletion) -> Result<()> {
        let _under_way = self.limit.enter().await;
        let backend = self.session.backend();
        match backend.delete(key, version.as_ref(), self.meter).await {
            Err(error) if error.reason() == Reason::Indeterminate => {
                // Gone is gone, whoever did it.
                match backend.head(key, self.meter).await {
                    Err(absent) if absent.reason() == Reason::NotFound => Ok(()),
                    _ => Err(error),
                }
            }
            deleted => deleted,
        }
    }
}

/// The error of deletes that failed: the first one's, with the keys that are still there.
pub(crate) fn still_there(
    session: &Session,
    left: Vec<(String, StoreError)>,
    doing: &str,
) -> Option<Error> {
    let names = named(left.iter().map(|(key, _)| key.as_str()));
    let (key, error) = left.into_iter().next()?;
    let error = session.fail(error, doing).at_key(key);
    Some(error.note(format!("still there are {names}")))
}

/// Keys as a message names them.
pub(crate) fn named<'a>(keys: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = keys.len().saturating_sub(NAMED);
    let keys: Vec<&str> = keys.take(NAMED).collect();
    match more {
        0 => keys.join(", "),
        more => format!("{} and {more} more", keys.join(", ")),
    }
}
