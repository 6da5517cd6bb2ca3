//! A scan split over workers.
//!
//! It starts as one shard. While workers are idle, the longest shard is cut in two, at a folder in
//! the shallowest column that has several (one request by delimiter tells them) or, among names
//! that are no folders, where the middle is by the names seen so far.
//!
//! What the split may cost: a walk's requests over a shard are at most one more than those of the
//! one walk over everything that start inside it, since between the starts of two requests of
//! the shard lies the start of one of the whole (each page ends no earlier than that of a request
//! that starts earlier). So with `u` requests that did not end their shard, the one walk sends at
//! least `u + 1`, and the split one `u` + shards + folders looked into. Cutting only while shards
//! and folders are at most `1 + 0.7 u` keeps the split scan within 1.7 times the requests of the
//! one walk, whatever the estimates are worth. Requests after which their shard seeks are not in `u`
//! and even take from it: a scan that skips much of the listing is short, and is not cut.
//!
//! Nothing is cut before a scan's `unsplit` pages are read, so that one that ends by then sends
//! exactly what one worker sends.

mod interpolation;
mod shard;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use shard::{Children, Cut, Folders, Shard};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::page::Remaining;
use super::walk::Walk;
use super::{Listed, Scan, children, list};
use crate::error::{Error, ErrorKind, Result};
use crate::store::observe::within;
use crate::store::{ListPage, ListRequest};

/// What the split may send beyond what one walk sends, in proportion.
const SURPLUS: f64 = 0.7;

/// How many pages that are read one after another make up for one seek.
const SEEK: usize = 4;

/// What a split scan found.
pub(super) struct Gathered<K> {
    /// The rows in the order of their paths, where they are kept.
    pub kept: Vec<Listed<K>>,
    /// How many there are.
    pub count: u64,
}

/// Runs a walk over at most `concurrency` workers, and keeps its rows or counts them only.
pub(super) async fn run<K: Send + 'static>(
    scan: Arc<Scan<K>>,
    walk: Walk<K>,
    concurrency: usize,
    keep: bool,
) -> Result<Gathered<K>> {
    let mut split = Split {
        shards: vec![Shard::new(walk, 0.0, Arc::new([]))],
        folders: Folders::new(),
        explored: 0,
        unfinished: 0,
        sought: 0,
        workers: concurrency,
        concurrency,
        keep,
        answers: FuturesUnordered::new(),
        scan,
    };
    split.start_idle_parts();
    while let Some(answer) = split.answers.next().await {
        split.take(answer?)?;
        split.start_idle_parts();
        while split.has_idle_worker() && split.cut() {}
    }
    Ok(split.finish())
}

struct Split<K> {
    scan: Arc<Scan<K>>,
    shards: Vec<Shard<K>>,
    folders: Folders,
    /// Requests for folders.
    explored: usize,
    /// Answers after which their shard pages on.
    unfinished: usize,
    /// Answers after which it seeks.
    sought: usize,
    /// How many requests may be under way: less than asked for where the store is overloaded.
    workers: usize,
    concurrency: usize,
    keep: bool,
    answers: FuturesUnordered<BoxFuture<'static, Result<Response>>>,
}

struct Response {
    asked: Asked,
    request: ListRequest,
    page: ListPage,
}

enum Asked {
    /// The next page of a shard.
    Page(usize),
    /// The folders in a folder.
    Folders(String, usize),
}

impl<K: Send + 'static> Split<K> {
    fn has_idle_worker(&self) -> bool {
        self.answers.len() < self.workers
    }

    /// Whether so many more shards and folders keep the promise of the module.
    fn may_add(&self, more: usize) -> bool {
        let overhead = (self.shards.len() + self.explored + more) as f64;
        let paged = self.unfinished.saturating_sub(SEEK * self.sought);
        paged >= self.scan.spec.unsplit && overhead <= 1.0 + SURPLUS * paged as f64
    }

    fn send(&self, asked: Asked, request: ListRequest) {
        let scan = Arc::clone(&self.scan);
        let answer = async move {
            let page = list::page(&scan, &request).await?;
            Ok(Response {
                asked,
                request,
                page,
            })
        };
        self.answers.push(on_any_thread(answer).boxed());
    }

    /// From the left, so that a scan that fails has read what comes first.
    fn start_idle_parts(&mut self) {
        for index in 0..self.shards.len() {
            if !self.has_idle_worker() {
                return;
            }
            self.start(index);
        }
    }

    fn start(&mut self, index: usize) {
        let Some(shard) = self.shards.get_mut(index).filter(|shard| !shard.busy) else {
            return;
        };
        if let Some(request) = shard.walk.request() {
            shard.busy = true;
            self.send(Asked::Page(index), request);
        }
    }

    fn take(&mut self, answer: Response) -> Result<()> {
        // Half the workers at a sign of overload, and one more for each answer without one.
        self.workers = if answer.page.slowed {
            (self.workers / 2).max(1)
        } else {
            (self.workers + 1).min(self.concurrency)
        };
        match answer.asked {
            Asked::Page(index) => self.take_page(index, answer.request, answer.page),
            Asked::Folders(folder, depth) => {
                self.take_folders(folder, depth, &answer.page);
                Ok(())
            }
        }
    }

    fn take_page(&mut self, index: usize, request: ListRequest, page: ListPage) -> Result<()> {
        let Some(shard) = self.shards.get_mut(index) else {
            return Ok(());
        };
        shard.busy = false;
        let sample = shard::sample(&page, &self.scan.source.root);
        let from = shard.walk.rest().position.clone();
        let rows = shard.walk.digest(request, page)?;
        shard.count += rows.len() as u64;
        if self.keep {
            shard.kept.extend(rows);
        }
        shard.advanced(from, sample);
        if shard.walk.pages_on() {
            self.unfinished += 1;
        } else if !shard.walk.is_done() {
            self.sought += 1;
        }
        Ok(())
    }

    fn take_folders(&mut self, folder: String, depth: usize, page: &ListPage) {
        let children = match page.next {
            Some(_) => Children::Many(shard::sample(page, &self.scan.source.root)),
            None => {
                let mut names = children::folders(&self.scan, page);
                names.retain(|name| {
                    let segment = name
                        .get(folder.len()..)
                        .map(|name| name.trim_end_matches('/'));
                    segment.is_some_and(|segment| self.scan.space.allows_child(depth, segment))
                });
                Children::Known(names)
            }
        };
        self.folders.insert(folder, children);
    }

    /// Gives one more worker something to do; false where nothing is worth it.
    fn cut(&mut self) -> bool {
        if !self.may_add(1) {
            return false;
        }
        let space = &self.scan.space;
        let cuts = self.shards.iter().enumerate();
        let longest = cuts
            .filter_map(|(index, shard)| Some((index, shard.cut(space, &self.folders)?)))
            .max_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b));
        let Some((index, (_, cut))) = longest else {
            return false;
        };
        match cut {
            Cut::At(point, pages) => self.cut_at(index, point, pages),
            Cut::Explore(folder, depth) => self.explore(index, folder, depth),
        }
    }

    fn cut_at(&mut self, index: usize, point: String, pages: f64) -> bool {
        let Some(shard) = self.shards.get_mut(index) else {
            return false;
        };
        let mut rest = Remaining {
            position: point.clone(),
            ..shard.walk.rest().clone()
        };
        rest.advance(&self.scan);
        shard.walk.end_at(point);
        if !rest.done {
            let sample = shard.sample();
            let walk = Walk::over(Arc::clone(&self.scan), rest);
            self.shards.push(Shard::new(walk, pages, sample));
            self.start(self.shards.len() - 1);
        }
        true
    }

    fn explore(&mut self, index: usize, folder: String, depth: usize) -> bool {
        if let Some(places) = self.scan.space.children(depth) {
            let names = places.iter().map(|place| format!("{folder}{place}"));
            let names = Children::Known(names.collect());
            self.folders.insert(folder, names);
            return true;
        }
        // The answer is of use only if there may be a cut then.
        let Some(shard) = self.shards.get(index).filter(|_| self.may_add(2)) else {
            return false;
        };
        let request = children::request(&self.scan, &folder, &shard.walk.rest().position);
        self.explored += 1;
        self.folders.insert(folder.clone(), Children::Asked);
        self.send(Asked::Folders(folder, depth), request);
        true
    }

    fn finish(mut self) -> Gathered<K> {
        self.shards.sort_by(|a, b| a.start.cmp(&b.start));
        Gathered {
            count: self.shards.iter().map(|shard| shard.count).sum(),
            kept: self
                .shards
                .into_iter()
                .flat_map(|shard| shard.kept)
                .collect(),
        }
    }
}

/// Lets a future make progress on the runtime's other threads: reading the pages' XML is most of
/// a large scan's work. Dropping what is returned stops it.
async fn on_any_thread<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let Ok(runtime) = Handle::try_current() else {
        return work.await;
    };
    let mut tasks = JoinSet::new();
    tasks.spawn_on(within(work), &runtime);
    match tasks.join_next().await {
        Some(Ok(result)) => result,
        Some(Err(error)) => Err(
            Error::new(ErrorKind::Other, "a request of the scan was stopped").with_source(error),
        ),
        None => Err(Error::new(
            ErrorKind::Other,
            "a request of the scan was stopped",
        )),
    }
}
