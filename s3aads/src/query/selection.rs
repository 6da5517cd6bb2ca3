//! A query without types: which rows of a table, and how they are asked for. Raw and typed
//! queries are built on it.

use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};

use crate::error::{Error, ErrorKind, Result};
use crate::fault::named;
use crate::key::MAX_PATH_BYTES;
use crate::plan::{Analysis, Explain, KeySpace, Predicate};
use crate::query::Cursor;
use crate::raw::Core;
use crate::scan::{self, Decode, Hit, OnForeign, Report, Spec, Target};
use crate::store::{Deletion, Object, PAGE_SIZE};

/// How many requests a query has under way at once where nothing else was said.
///
/// A GET of a small object takes S3 some 20 ms, so 32 of them read about 1,600 rows a second: far
/// below the 5,500 requests a second at which S3 starts to slow a prefix down, and few enough for
/// any socket limit.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>
pub(crate) const DEFAULT_CONCURRENCY: usize = 32;

/// Rows of one table.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    core: Arc<Core>,
    predicates: Vec<Predicate>,
    /// The first filter that can't be; reported by the terminal, since filters can be chained.
    invalid: Option<Invalid>,
    limit: Option<u64>,
    after: Option<Cursor>,
    concurrency: usize,
    budget: Option<u64>,
    on_foreign: OnForeign,
}

/// A filter by a value that the column can't hold.
#[derive(Debug, Clone)]
struct Invalid {
    column: usize,
    message: String,
}

/// One run of a selection.
pub(crate) struct Run {
    pub(crate) target: Target,
    pub(crate) spec: Spec,
    pub(crate) report: Report,
}

impl Selection {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        let predicates = vec![Predicate::default(); core.schema().columns().len()];
        Self {
            core,
            predicates,
            invalid: None,
            limit: None,
            after: None,
            concurrency: DEFAULT_CONCURRENCY,
            budget: None,
            on_foreign: OnForeign::default(),
        }
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Narrows a column; a column that is not there can't come from generated code.
    pub(crate) fn narrow(&mut self, column: usize, predicate: Result<Predicate, impl ToString>) {
        match (predicate, self.predicates.get_mut(column)) {
            (Ok(predicate), Some(all)) => all.and(predicate),
            (Ok(_), None) => self.reject(column, "the table has no such column".to_owned()),
            (Err(error), _) => self.reject(column, error.to_string()),
        }
    }

    fn reject(&mut self, column: usize, message: String) {
        self.invalid.get_or_insert(Invalid { column, message });
    }

    pub(crate) fn limit(&mut self, rows: u64) {
        self.limit = Some(self.limit.map_or(rows, |limit| limit.min(rows)));
    }

    pub(crate) fn limited_to(&self) -> Option<u64> {
        self.limit
    }

    pub(crate) fn after(&mut self, cursor: Cursor) {
        self.after = Some(cursor);
    }

    pub(crate) fn concurrency(&mut self, requests: usize) {
        self.concurrency = requests.max(1);
    }

    pub(crate) fn request_budget(&mut self, requests: u64) {
        self.budget = Some(requests);
    }

    pub(crate) fn on_foreign(&mut self, policy: OnForeign) {
        self.on_foreign = policy;
    }

    /// What a cursor is bound to: the table's keys and what is asked of each column.
    pub(crate) fn identity(&self) -> String {
        let schema = self.core.schema();
        format!(
            "{} {} {:?}",
            schema.table(),
            schema.fingerprint(),
            self.predicates
        )
    }

    /// Everything that a run needs, once it is known that it can run.
    pub(crate) fn run(&self) -> Result<Run> {
        if let Some(Invalid { column, message }) = &self.invalid {
            let error = self.core.error(ErrorKind::InvalidKey, message);
            let name = self
                .core
                .schema()
                .columns()
                .get(*column)
                .map(|column| column.name());
            return Err(match name {
                Some(name) => error.in_column(name),
                None => error,
            });
        }
        self.check_lengths()?;
        let after = match &self.after {
            Some(cursor) => {
                let position = cursor.position(&self.identity());
                Some(position.map_err(|error| self.core.place(error))?)
            }
            None => None,
        };
        Ok(Run {
            target: self.core.target(self.core.db().meter().scope(self.budget)),
            spec: Spec {
                predicates: self.predicates.clone(),
                limit: self.limit,
                after,
                // What a split sends beyond one worker's requests could be what breaks the budget.
                concurrency: match self.budget {
                    Some(_) => 1,
                    None => self.concurrency,
                },
                unsplit: scan::UNSPLIT,
                on_foreign: self.on_foreign,
            },
            report: Report::default(),
        })
    }

    /// Refuses filters by what no stored path has room for: they would go out as a part of a
    /// request's URL.
    fn check_lengths(&self) -> Result<()> {
        let schema = self.core.schema();
        for (column, predicate) in schema.columns().iter().zip(&self.predicates) {
            let values = predicate.enumerated().into_iter().flatten().map(str::len);
            let bounds = [predicate.floor(), predicate.ceiling().unwrap_or_default()];
            let longest = values.chain(bounds.iter().map(String::len)).max();
            if longest.is_some_and(|bytes| bytes > MAX_PATH_BYTES) {
                let message =
                    format!("no key is that long: stores take paths of {MAX_PATH_BYTES} bytes");
                let error = self.core.error(ErrorKind::InvalidKey, message);
                return Err(error.in_column(column.name()));
            }
        }
        let prefix = KeySpace::new(schema, &self.predicates).prefix();
        self.core.full(&prefix).map(drop)
    }

    pub(crate) fn hits<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> BoxStream<'static, Result<Hit<K>>> {
        match self.run() {
            Ok(run) => Arc::new(run).hits(decode),
            Err(error) => futures_util::stream::once(std::future::ready(Err(error))).boxed(),
        }
    }

    pub(crate) async fn collect<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> Result<Vec<Hit<K>>> {
        self.run()?.collect(decode).await
    }

    pub(crate) async fn count<K: Send + 'static>(&self, decode: Decode<K>) -> Result<u64> {
        let run = self.run()?;
        let counted = scan::count(run.target.clone(), &run.spec, decode, run.report.clone()).await;
        counted.map_err(|error| run.far(error))
    }

    /// The distinct texts of these columns.
    pub(crate) async fn distinct<K: Send + 'static>(
        &self,
        columns: &[usize],
        decode: Decode<K>,
    ) -> Result<Vec<Vec<String>>> {
        let run = self.run()?;
        let (target, report) = (run.target.clone(), run.report.clone());
        let texts = scan::distinct(target, &run.spec, columns, decode, report).await;
        texts.map_err(|error| run.far(error))
    }

    /// The rows' objects, read concurrently behind the listing, in key order. A row that is
    /// deleted between the two is left out.
    pub(crate) fn objects<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> BoxStream<'static, Result<(K, Object)>> {
        let run = match self.run() {
            Ok(run) => run,
            Err(error) => {
                return futures_util::stream::once(std::future::ready(Err(error))).boxed();
            }
        };
        let (core, meter) = (Arc::clone(&self.core), run.target.meter.clone());
        let run = Arc::new(run);
        run.hits(decode)
            .map(move |hit| {
                let (core, meter, run) = (Arc::clone(&core), meter.clone(), Arc::clone(&run));
                async move {
                    let hit = hit?;
                    let object = core.get(hit.path(), &meter).await;
                    let object = object.map_err(|error| run.far(error))?;
                    Ok(object.map(|object| (hit.key, object)))
                }
            })
            .buffered(self.concurrency)
            .try_filter_map(|row| std::future::ready(Ok(row)))
            .boxed()
    }

    /// Deletes the rows behind the listing and returns how many.
    pub(crate) async fn delete<K: Send + 'static>(&self, decode: Decode<K>) -> Result<u64> {
        let run = self.run()?;
        // All keys first: a query that runs out of its budget has deleted nothing.
        let hits = run.collect(decode).await?;
        let keys = |hits: &[Hit<K>]| {
            hits.iter()
                .map(|hit| hit.entry.key.clone().into())
                .collect()
        };
        let chunks: Vec<Vec<Deletion>> = hits.chunks(PAGE_SIZE).map(keys).collect();
        // Without bulk deletes, each chunk has many requests under way by itself.
        let bulk = self.core.db().backend().traits().bulk_delete;
        let at_once = if bulk { self.concurrency } else { 1 };
        let outcomes: Vec<_> = futures_util::stream::iter(chunks)
            .map(|chunk| {
                let (core, meter) = (&self.core, &run.target.meter);
                async move { core.db().backend().delete_many(&chunk, meter).await }
            })
            .buffered(at_once)
            .collect()
            .await;
        let mut left = Vec::new();
        for (hit, outcome) in hits.iter().zip(outcomes.into_iter().flatten()) {
            if let Err(error) = outcome {
                left.push((hit.path(), error));
            }
        }
        let deleted = (hits.len() - left.len()) as u64;
        let names = named(left.iter().map(|(path, _)| *path));
        match left.into_iter().next() {
            None => Ok(deleted),
            Some((path, error)) => Err(run.far(
                self.core
                    .fail(error, "delete every row", path)
                    .note(format!(
                        "{deleted} rows were deleted; still there are {names}"
                    )),
            )),
        }
    }

    /// How many requests may be under way at once.
    pub(crate) fn concurrent(&self) -> usize {
        self.concurrency
    }

    /// Lists the keys and tells what that took.
    pub(crate) async fn analyze<K: Send + 'static>(&self, decode: Decode<K>) -> Result<Analysis> {
        let run = self.run()?;
        let explain = Explain::new(&run.target, &run.spec);
        let started = std::time::Instant::now();
        let rows = run.collect(decode).await?.len() as u64;
        let usage = run.target.meter.usage();
        Ok(Analysis::new(
            explain,
            usage,
            rows,
            &run.report,
            started.elapsed(),
        ))
    }

    pub(crate) fn explain(&self) -> Result<Explain> {
        let run = self.run()?;
        Ok(Explain::new(&run.target, &run.spec))
    }
}

impl Run {
    pub(crate) fn hits<K: Send + 'static>(
        self: &Arc<Self>,
        decode: Decode<K>,
    ) -> BoxStream<'static, Result<Hit<K>>> {
        let hits = scan::stream(self.target.clone(), &self.spec, decode, self.report.clone());
        let run = Arc::clone(self);
        hits.map_err(move |error| run.far(error)).boxed()
    }

    pub(crate) async fn collect<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> Result<Vec<Hit<K>>> {
        let hits =
            scan::collect(self.target.clone(), &self.spec, decode, self.report.clone()).await;
        hits.map_err(|error| self.far(error))
    }

    /// Says how far a query got whose budget was spent.
    pub(crate) fn far(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::BudgetExceeded {
            return error;
        }
        let usage = self.target.meter.usage();
        let matched = self.report.matched();
        error.note(format!("sent {usage} and found {matched} rows by then"))
    }
}
