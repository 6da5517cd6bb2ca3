//! A batch that runs.

use std::collections::BTreeMap;
use std::future::pending;
use std::pin::Pin;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, Fuse, FuturesUnordered};
use tokio::time::Sleep;

use super::{Batch, Late, Outcome, Progress, Run, Stopped};
use crate::error::Result;

/// The items from `first` on, as they come out of their request.
type Done<V> = (usize, Vec<Result<V>>);

/// What a batch has under way.
pub(super) struct Running<'a, I, K, V> {
    groups: Fuse<BoxStream<'a, Vec<I>>>,
    run: Run<'a, I, K, V>,
    late: Late<'a, K>,
    concurrency: usize,
    /// How many groups may be under way.
    groups_at_once: usize,
    most_failures: Option<u64>,
    deadline: Option<Pin<Box<Sleep>>>,
    under_way: FuturesUnordered<BoxFuture<'a, Done<V>>>,
    /// The keys of what is under way, by the place of the first.
    keys: BTreeMap<usize, Vec<K>>,
    begun: usize,
    progress: Progress,
    stopped: Option<Stopped>,
}

impl<'a, I: Send + 'a, K: Send + 'a, V: Send + 'a> Running<'a, I, K, V> {
    pub(super) fn new(batch: Batch<'a, I, K, V>) -> Self {
        Self {
            groups: batch.items.ready_chunks(batch.group).boxed().fuse(),
            run: batch.run,
            late: batch.late,
            concurrency: batch.concurrency,
            groups_at_once: if batch.alone { 1 } else { batch.concurrency },
            most_failures: batch.most_failures,
            deadline: batch
                .deadline
                .map(|time| Box::pin(tokio::time::sleep(time))),
            under_way: FuturesUnordered::new(),
            keys: BTreeMap::new(),
            begun: 0,
            progress: Progress { done: 0, failed: 0 },
            stopped: None,
        }
    }

    /// How far it has come.
    pub(super) fn progress(&self) -> Progress {
        self.progress
    }

    /// What ended it before its last item.
    pub(super) fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }

    /// The next outcomes, and the place of the first of them among the items.
    pub(super) async fn next(&mut self) -> Option<(usize, Vec<Outcome<K, V>>)> {
        loop {
            let begins = self.stopped.is_none()
                && !self.groups.is_done()
                && self.under_way.len() < self.groups_at_once;
            if !begins && self.under_way.is_empty() {
                return None;
            }
            tokio::select! {
                biased;
                () = passed(&mut self.deadline) => {
                    self.stopped = Some(Stopped::Deadline);
                    self.deadline = None;
                    self.give_up();
                }
                group = self.groups.next(), if begins => {
                    if let Some(group) = group {
                        self.begin(group);
                    }
                }
                Some((first, results)) = self.under_way.next(), if !self.under_way.is_empty() => {
                    return Some((first, self.finish(first, results)));
                }
            }
        }
    }

    fn begin(&mut self, items: Vec<I>) {
        let begun = (self.run)(items, self.concurrency);
        let first = self.begun;
        self.begun += begun.keys.len();
        self.keys.insert(first, begun.keys);
        let results = begun.results;
        self.under_way
            .push(Box::pin(async move { (first, results.await) }));
    }

    fn finish(&mut self, first: usize, results: Vec<Result<V>>) -> Vec<Outcome<K, V>> {
        let keys = self.keys.remove(&first).unwrap_or_default();
        self.progress.done += results.len() as u64;
        self.progress.failed += results.iter().filter(|result| result.is_err()).count() as u64;
        if self.stopped.is_none()
            && self
                .most_failures
                .is_some_and(|most| self.progress.failed >= most)
        {
            self.stopped = Some(Stopped::Failures);
        }
        let outcomes = keys.into_iter().zip(results);
        outcomes
            .map(|(key, result)| Outcome { key, result })
            .collect()
    }

    /// Drops what is under way, in favour of outcomes that say so.
    fn give_up(&mut self) {
        self.under_way = FuturesUnordered::new();
        for (first, keys) in &self.keys {
            let late: Vec<Result<V>> = keys.iter().map(|key| Err((self.late)(key))).collect();
            let first = *first;
            self.under_way
                .push(Box::pin(std::future::ready((first, late))));
        }
    }
}

async fn passed(deadline: &mut Option<Pin<Box<Sleep>>>) {
    match deadline {
        Some(deadline) => deadline.as_mut().await,
        None => pending().await,
    }
}
