//! Rows one after the other, with the next page under way.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::task::JoinSet;

use super::walk::Walk;
use super::{Listed, Scan};
use crate::error::{Error, ErrorKind, Result};
use crate::store::observe::within;

impl<K: Send + 'static> Scan<K> {
    /// The rows in the order of their paths. It holds two pages at most.
    ///
    /// The next page is asked for when half of a page's rows are taken, so that who stops early
    /// has not paid for it.
    pub(crate) fn stream(self: &Arc<Self>) -> BoxStream<'static, Result<Listed<K>>> {
        let (after, limit) = (self.spec.after.as_deref(), self.spec.limit);
        let rows = Pages {
            page: VecDeque::new(),
            half: 0,
            next: Next::Idle(Box::new(Walk::new(Arc::clone(self), after, limit))),
        };
        stream::try_unfold(rows, |mut rows| async move {
            Ok(rows.next().await?.map(|row| (row, rows)))
        })
        .boxed()
    }
}

/// The page that is being handed out, and the one after it.
struct Pages<K> {
    page: VecDeque<Listed<K>>,
    half: usize,
    next: Next<K>,
}

type Fetched<K> = (Box<Walk<K>>, Result<Option<Vec<Listed<K>>>>);

enum Next<K> {
    Idle(Box<Walk<K>>),
    /// Aborted when it is dropped.
    UnderWay(JoinSet<Fetched<K>>),
    End,
}

async fn fetch<K>(mut walk: Box<Walk<K>>) -> Fetched<K> {
    let page = walk.next().await;
    (walk, page)
}

impl<K: Send + 'static> Pages<K> {
    async fn next(&mut self) -> Result<Option<Listed<K>>> {
        loop {
            if let Some(row) = self.page.pop_front() {
                if self.page.len() <= self.half {
                    self.fetch_ahead();
                }
                return Ok(Some(row));
            }
            let (walk, page) = match std::mem::replace(&mut self.next, Next::End) {
                Next::End => return Ok(None),
                Next::Idle(walk) => fetch(walk).await,
                Next::UnderWay(mut task) => match task.join_next().await {
                    Some(Ok(fetched)) => fetched,
                    Some(Err(stopped)) => {
                        return Err(Error::new(ErrorKind::Other, "the listing was stopped")
                            .with_source(stopped));
                    }
                    None => return Ok(None),
                },
            };
            let Some(page) = page? else {
                return Ok(None);
            };
            self.half = page.len() / 2;
            self.page = page.into();
            self.next = Next::Idle(walk);
        }
    }

    /// Outside a runtime there is nobody to do this; then the page is asked for when it is due.
    fn fetch_ahead(&mut self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        self.next = match std::mem::replace(&mut self.next, Next::End) {
            Next::Idle(walk) if walk.is_done() => Next::End,
            Next::Idle(walk) => {
                let mut task = JoinSet::new();
                task.spawn_on(within(fetch(walk)), &runtime);
                Next::UnderWay(task)
            }
            other => other,
        };
    }
}
