//! Many deletes, and what is left after them.

use futures_util::{StreamExt, stream};

use super::{Rows, Session};
use crate::error::Error;
use crate::store::{Deletion, Meter, PAGE_SIZE, Result, StoreError};

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
        concurrency: usize,
    ) -> crate::error::Result<Deleter<'a>> {
        self.admit().await?;
        Ok(Deleter {
            session: &self.session,
            meter,
            concurrency,
        })
    }
}

/// What deletes many objects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deleter<'a> {
    pub(crate) session: &'a Session,
    pub(crate) meter: &'a Meter,
    /// How many requests may be under way at once.
    pub(crate) concurrency: usize,
}

impl Deleter<'_> {
    /// How many chunks may be under way: without bulk deletes each has many requests by itself.
    pub(crate) fn chunks_at_once(&self) -> usize {
        if self.session.backend().features().bulk_delete {
            self.concurrency.max(1)
        } else {
            1
        }
    }

    /// Deletes them, with one outcome for each, in order.
    pub(crate) async fn delete(&self, deletions: Vec<Deletion>) -> Vec<Result<()>> {
        let (session, meter) = (self.session, self.meter);
        let chunks: Vec<Vec<Deletion>> = deletions.chunks(PAGE_SIZE).map(<[_]>::to_vec).collect();
        let outcomes: Vec<_> = stream::iter(chunks)
            .map(|chunk| async move { session.backend().delete_many(&chunk, meter).await })
            .buffered(self.chunks_at_once())
            .collect()
            .await;
        outcomes.into_iter().flatten().collect()
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
