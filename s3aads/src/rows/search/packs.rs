//! The packs that a query reads, and their lines that match.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use tokio::sync::Semaphore;

use super::found::FoundLine;
use super::open::{OpenPack, bound_texts, no_key};
use super::{ReadKey, Rows};
use crate::error::{Error, ErrorKind, Result};
use crate::explain::{Analysis, Explain, Lines};
use crate::key::encode_start;
use crate::pack::{self, Line, Place};
use crate::plan::{Predicate, just_below};
use crate::scan::{Decode, Evidence, Scan, Spec};
use crate::store::Meter;

/// Up to so many packs are asked for by name where the filters tell all names: a LIST costs as much
/// as twelve GETs.
const NAMED: usize = 12;

/// So many lines are looked at before others have their turn.
const CHUNK: usize = 128;

/// A query over the rows of packs.
pub(super) struct PackQuery<K> {
    rows: Arc<Rows>,
    /// The listing of the packs that the columns in the path leave.
    scan: Arc<Scan<()>>,
    /// Their paths, where the filters tell them, so that nothing need be listed.
    names: Option<Vec<String>>,
    /// What is asked of the packed columns, each by its place among them.
    predicates: Vec<(usize, Predicate)>,
    /// Only rows after this one.
    after: Option<Place>,
    limit: Option<u64>,
    keys: ReadKey<K>,
    meter: Meter,
    at_once: usize,
    /// How many rows matched by now.
    matched: AtomicU64,
}

impl<K: Send + Sync + 'static> PackQuery<K> {
    pub(super) fn new(
        rows: &Arc<Rows>,
        spec: Spec,
        keys: ReadKey<K>,
        meter: &Meter,
        at_once: usize,
    ) -> Result<Arc<Self>> {
        let schema = rows.schema();
        let after = spec.after.as_deref().map(|path| pack::place(schema, path));
        let after = after.transpose().map_err(|error| {
            let message = "the cursor is damaged: it stands at no row of the table";
            let cursor = rows.error(ErrorKind::InvalidCursor, message);
            cursor.because(error.message())
        })?;
        let mut predicates = spec.predicates;
        let packed = predicates.split_off(schema.bound().len().min(predicates.len()));
        let nothing = spec.limit == Some(0) || packed.iter().any(Predicate::is_impossible);
        let packed = packed.into_iter().enumerate();
        let decode: Decode<()> = {
            let schema = Arc::clone(&rows.schema);
            Arc::new(move |path| bound_texts(&schema, path).map(drop))
        };
        let scan = Scan::new(
            rows.source(meter.clone()),
            Spec {
                predicates,
                limit: None,
                after: after.as_ref().map(|place| just_below(&place.pack)),
                ..spec
            },
            decode,
        );
        let names = if nothing || scan.space().is_impossible() {
            Some(Vec::new())
        } else {
            scan.space().paths(NAMED)
        };
        Ok(Arc::new(Self {
            rows: Arc::clone(rows),
            scan,
            names,
            predicates: packed
                .filter(|(_, predicate)| !predicate.is_all())
                .collect(),
            after,
            limit: spec.limit,
            keys,
            meter: meter.clone(),
            at_once,
            matched: AtomicU64::new(0),
        }))
    }

    /// The paths of the packs, in order.
    fn paths(&self) -> BoxStream<'static, Result<String>> {
        match &self.names {
            Some(names) => stream::iter(names.clone()).map(Ok).boxed(),
            None => {
                let listed = self.scan.stream();
                listed.map_ok(|pack| pack.path().to_owned()).boxed()
            }
        }
    }

    /// The packs as they are read, in order: at most `at_once` of them are held, and no more are asked
    /// for than `allowance` says. One that is deleted after it is listed is left out.
    fn open(self: &Arc<Self>, allowance: &Arc<Semaphore>) -> BoxStream<'static, Result<OpenPack>> {
        let after = self.after.as_ref().map(|place| place.pack.clone());
        let paths = self.paths().try_filter(move |path| {
            std::future::ready(after.as_ref().is_none_or(|after| path >= after))
        });
        let (packs, allowance) = (Arc::clone(self), Arc::clone(allowance));
        let read = paths.map(move |path| {
            let (packs, allowance) = (Arc::clone(&packs), Arc::clone(&allowance));
            async move {
                let path = path?;
                // It is never closed.
                let permit = allowance.acquire().await.ok();
                let object = packs.rows.object(&path, &packs.meter).await;
                let object = object.map_err(|error| packs.with_progress(error))?;
                // For one that is not there another may be asked for.
                if let (Some(permit), Some(_)) = (permit, &object) {
                    permit.forget();
                }
                Ok(object.map(|object| (path, object)))
            }
        });
        let (schema, most) = (Arc::clone(&self.rows.schema), self.meter.most_body());
        read.buffered(self.at_once)
            .try_filter_map(|read| std::future::ready(Ok(read)))
            // Only now: what waits for its turn is as small as it was sent.
            .map_ok(move |(path, object)| OpenPack::new(&schema, &path, object, most))
            .boxed()
    }

    /// The rows that match, in order. What of a pack is no row is an error where the pack begins, and
    /// the stream goes on.
    pub(super) fn stream(self: &Arc<Self>) -> BoxStream<'static, Result<FoundLine<K>>> {
        let reader = Reader::new(Arc::clone(self), self.limit);
        stream::unfold(reader, |mut reader| async move {
            let rows = reader.next().await?;
            Some((stream::iter(rows), reader))
        })
        .flatten()
        .boxed()
    }

    /// Shows each of the rows that match, in order, until one is an error or `see` gives one.
    pub(super) async fn each(
        self: &Arc<Self>,
        see: impl FnMut(FoundLine<K>) -> Result<()> + Send,
    ) -> Result<()> {
        self.each_of_first(self.limit, see).await
    }

    async fn each_of_first(
        self: &Arc<Self>,
        limit: Option<u64>,
        mut see: impl FnMut(FoundLine<K>) -> Result<()> + Send,
    ) -> Result<()> {
        let mut reader = Reader::new(Arc::clone(self), limit);
        while let Some(rows) = reader.next().await {
            rows.into_iter().try_for_each(|row| see(row?))?;
            // A reader that never waits leaves others their turn.
            tokio::task::consume_budget().await;
        }
        Ok(())
    }

    /// The stored texts of these columns, each combination once.
    pub(super) async fn distinct(self: &Arc<Self>, columns: &[usize]) -> Result<Vec<Vec<String>>> {
        let bound = self.rows.schema().bound().len();
        let by_path = columns.iter().all(|column| *column < bound);
        if by_path && self.predicates.is_empty() && self.after.is_none() {
            if self.names.as_ref().is_some_and(Vec::is_empty) {
                return Ok(Vec::new());
            }
            // An emptied pack may be left in a folder, so that folders tell nothing.
            return self.scan.distinct(columns, Evidence::Rows).await;
        }
        let mut found = BTreeSet::new();
        let see = |row: FoundLine<K>| {
            let line = row.pack.pack.line(row.row);
            let text = |column: &usize| match row.pack.bound.get(*column) {
                Some(text) => Some(text.clone()),
                None => Some(line?.text(column - bound).to_owned()),
            };
            found.insert(columns.iter().filter_map(text).collect());
            Ok(())
        };
        // A limit is one on values, which the caller has.
        self.each_of_first(None, see).await?;
        Ok(found.into_iter().collect())
    }

    /// Whether the filters on packed columns allow a row.
    fn allows(&self, line: Line<'_>) -> bool {
        let layout = self.rows.schema().layout();
        self.predicates
            .iter()
            .all(|(column, predicate)| predicate.matches(&encode_start(layout, line.text(*column))))
    }

    pub(super) fn with_progress(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::BudgetExceeded {
            return error;
        }
        let (usage, matched) = (self.meter.usage(), self.matched.load(Ordering::Relaxed));
        error.note(format!("sent {usage} and found {matched} rows by then"))
    }

    pub(super) fn explain(&self) -> Explain {
        Explain::packs(
            &self.scan,
            Lines {
                predicates: &self.predicates,
                named: self.names.as_ref().map(Vec::len),
                limited: self.limit.is_some(),
                at_once: self.at_once,
            },
        )
    }

    pub(super) fn analysis(&self, rows: u64, elapsed: Duration) -> Analysis {
        Analysis::of(self.explain(), &self.scan, rows, elapsed)
    }
}

/// Goes through the packs, line by line.
struct Reader<K> {
    packs: Arc<PackQuery<K>>,
    open: BoxStream<'static, Result<OpenPack>>,
    /// How many packs may be asked for.
    allowance: Arc<Semaphore>,
    allowed: u64,
    limit: Option<u64>,
    /// The pack that is being gone through, and the next of its rows.
    current: Option<(Arc<OpenPack>, usize)>,
    ready: Vec<Result<FoundLine<K>>>,
    /// How many packs were gone through, and how many rows of them matched.
    done: u64,
    found: u64,
    over: bool,
}

impl<K: Send + Sync + 'static> Reader<K> {
    fn new(packs: Arc<PackQuery<K>>, limit: Option<u64>) -> Self {
        let allowed = match limit {
            // The first rows may all be in the first pack.
            Some(_) => 1,
            None => Semaphore::MAX_PERMITS as u64,
        };
        let allowance = Arc::new(Semaphore::new(usize::try_from(allowed).unwrap_or(1)));
        Self {
            open: packs.open(&allowance),
            packs,
            allowance,
            allowed,
            limit,
            current: None,
            ready: Vec::new(),
            done: 0,
            found: 0,
            over: false,
        }
    }

    fn left(&self) -> u64 {
        self.limit.unwrap_or(u64::MAX).saturating_sub(self.found)
    }

    /// The next rows, at least one; none at the end.
    async fn next(&mut self) -> Option<Vec<Result<FoundLine<K>>>> {
        loop {
            if !self.ready.is_empty() {
                return Some(std::mem::take(&mut self.ready));
            }
            if self.left() == 0 || self.over {
                return None;
            }
            if let Some((pack, row)) = self.current.take() {
                self.look_at(pack, row);
                continue;
            }
            match self.open.next().await {
                None => self.over = true,
                Some(Err(error)) => return Some(vec![Err(error)]),
                Some(Ok(pack)) => self.begin(Arc::new(pack)),
            }
        }
    }

    /// Goes to the first row of a pack that is asked for.
    fn begin(&mut self, pack: Arc<OpenPack>) {
        let after = self.packs.after.as_ref();
        let row = match after.filter(|after| after.pack == pack.pack.path()) {
            Some(after) => pack.pack.row_after(&after.texts),
            None => {
                self.ready.extend(pack.faults(&self.packs.rows).map(Err));
                0
            }
        };
        self.current = Some((pack, row));
    }

    /// Looks at the next lines of a pack.
    fn look_at(&mut self, pack: Arc<OpenPack>, from: usize) {
        let end = pack.pack.len().min(from + CHUNK);
        let bound = pack.bound.len();
        let mut texts: Vec<&str> = pack.bound.iter().map(String::as_str).collect();
        for row in from..end {
            let Some(line) = pack.pack.line(row).filter(|line| self.packs.allows(*line)) else {
                continue;
            };
            if self.left() == 0 {
                return;
            }
            self.found += 1;
            texts.truncate(bound);
            texts.extend(line.texts());
            let key = (self.packs.keys.of_texts)(&texts);
            self.ready.push(match key {
                Ok(key) => Ok(FoundLine {
                    key,
                    pack: Arc::clone(&pack),
                    row,
                }),
                Err(error) => Err(no_key(&self.packs.rows, line, error)),
            });
        }
        self.packs.matched.store(self.found, Ordering::Relaxed);
        if end < pack.pack.len() {
            self.current = Some((pack, end));
        } else {
            self.done += 1;
            self.allow();
        }
    }

    /// Lets more packs be asked for: as many as the rest of the rows take if they are as the ones
    /// before, or twice as many as before if none matched.
    fn allow(&mut self) {
        if self.limit.is_none() || self.left() == 0 {
            return;
        }
        let more = match self.found {
            0 => self.done,
            found => self.left().saturating_mul(self.done).div_ceil(found),
        };
        let allowed = self.done + more.clamp(1, self.packs.at_once as u64);
        if let Some(new) = allowed.checked_sub(self.allowed).filter(|new| *new > 0) {
            self.allowance
                .add_permits(usize::try_from(new).unwrap_or(1));
            self.allowed = allowed;
        }
    }
}
