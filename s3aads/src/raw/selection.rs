//! A query without types: which rows of a table, and how they are asked for. Raw and typed
//! queries are built on it.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};

use super::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::explain::{Analysis, Explain};
use crate::key::MAX_PATH_BYTES;
use crate::plan::{KeySpace, Predicate};
use crate::rows::Rows;
use crate::rows::conditions::Capability;
use crate::rows::delete::{DEFAULT_CONCURRENCY, InFlight, named, still_there};
use crate::rows::search::{Found, Read, ReadKey, Search, Way, way};
use crate::scan::{Evidence, OnForeign, Spec, UNSPLIT};
use crate::store::observe::Operation;
use crate::store::{Deletion, Reason};

/// Rows of one table.
#[derive(Debug, Clone)]
pub(crate) struct Selection {
    rows: Arc<Rows>,
    predicates: Vec<Predicate>,
    /// The first filter that can't be; reported by the terminal, since filters can be chained.
    invalid: Option<Invalid>,
    limit: Option<u64>,
    after: Option<Cursor>,
    concurrency: usize,
    budget: Option<u64>,
    on_foreign: OnForeign,
}

/// A filter that can't be: by a value that the column can't hold, or on no column of the table.
#[derive(Debug, Clone)]
struct Invalid {
    column: Option<String>,
    message: String,
}

impl Selection {
    pub(crate) fn new(rows: Arc<Rows>) -> Self {
        let predicates = vec![Predicate::default(); rows.schema().places()];
        Self {
            rows,
            predicates,
            invalid: None,
            limit: None,
            after: None,
            concurrency: DEFAULT_CONCURRENCY,
            budget: None,
            on_foreign: OnForeign::default(),
        }
    }

    pub(crate) fn rows(&self) -> &Arc<Rows> {
        &self.rows
    }

    /// Narrows a column; a column that is not there can't come from generated code.
    pub(crate) fn narrow(&mut self, column: usize, predicate: Result<Predicate, impl ToString>) {
        let name = self.rows.schema().column_at(column);
        let name = name.map(|column| column.name().to_owned());
        match (predicate, self.predicates.get_mut(column)) {
            (Ok(predicate), Some(all)) => all.and(predicate),
            (Ok(_), None) => self.reject(name, "the table has no such column"),
            (Err(error), _) => self.reject(name, error.to_string()),
        }
    }

    /// Makes the terminal fail with an `InvalidKey` error.
    pub(crate) fn reject(&mut self, column: Option<String>, message: impl Into<String>) {
        self.invalid.get_or_insert(Invalid {
            column,
            message: message.into(),
        });
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

    /// What a cursor is bound to: the table's keys and what is asked of each column, however it
    /// was spelt.
    pub(crate) fn identity(&self) -> String {
        let schema = self.rows.schema();
        let asked: Vec<String> = self.predicates.iter().map(Predicate::meaning).collect();
        let identity = format!("{} {} {asked:?}", schema.table(), schema.fingerprint());
        // Pages by an index come in its order.
        match way(schema, &self.predicates, &[]) {
            Way::Key => identity,
            Way::Index(index) => format!("{identity} {}", index.schema.name()),
        }
    }

    /// The search that finds the rows, once it is known that it can be.
    pub(crate) fn search<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> Result<Arc<Search<K>>> {
        if let Some(Invalid { column, message }) = &self.invalid {
            let error = self.rows.error(ErrorKind::InvalidKey, message);
            return Err(match column {
                Some(column) => error.in_column(column),
                None => error,
            });
        }
        self.check_lengths()?;
        let after = match &self.after {
            Some(cursor) => {
                let position = cursor.position(&self.identity());
                Some(position.map_err(|error| self.rows.place(error))?)
            }
            None => None,
        };
        let meter = self.rows.session().meter().scope(self.budget);
        let spec = Spec {
            predicates: self.predicates.clone(),
            limit: self.limit,
            after,
            // What a split sends beyond one worker's requests could be what breaks the budget.
            concurrency: match self.budget {
                Some(_) => 1,
                None => self.concurrency,
            },
            unsplit: UNSPLIT,
            on_foreign: self.on_foreign,
        };
        Search::new(&self.rows, spec, keys, meter, self.concurrency)
    }

    /// An operation on the rows.
    pub(crate) fn operation(&self, name: &'static str) -> Operation {
        self.rows.operation(name, "")
    }

    /// Refuses filters by what no stored path has room for: they would go out as a part of a
    /// request's URL.
    fn check_lengths(&self) -> Result<()> {
        let schema = self.rows.schema();
        for (place, predicate) in self.predicates.iter().enumerate() {
            let values = predicate.enumerated().into_iter().flatten().map(str::len);
            let bounds = [predicate.floor(), predicate.ceiling().unwrap_or_default()];
            let longest = values.chain(bounds.iter().map(String::len)).max();
            if longest.is_some_and(|bytes| bytes > MAX_PATH_BYTES) {
                let message =
                    format!("no key is that long: stores take paths of {MAX_PATH_BYTES} bytes");
                let error = self.rows.error(ErrorKind::InvalidKey, message);
                let column = schema.column_at(place).map(|column| column.name());
                return Err(error.in_column(column.unwrap_or_default()));
            }
        }
        let prefix = KeySpace::new(schema, &self.predicates).prefix();
        self.rows.full(&prefix).map(drop)
    }

    /// The rows in key order.
    pub(crate) fn found<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> BoxStream<'static, Result<Found<K>>> {
        match self.search(keys) {
            Ok(search) => self.operation("keys").stream(search.stream()),
            Err(error) => failed(error),
        }
    }

    pub(crate) async fn collect<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> Result<Vec<Found<K>>> {
        let found = self.search(keys)?;
        self.operation("keys").run(found.collect()).await
    }

    /// The keys of the rows.
    pub(crate) async fn keys<K: Send + Sync + 'static>(&self, keys: ReadKey<K>) -> Result<Vec<K>> {
        let search = self.search(keys)?;
        self.operation("keys").run(search.keys()).await
    }

    /// The keys of the rows as they are listed.
    pub(crate) fn stream_keys<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> BoxStream<'static, Result<K>> {
        match self.search(keys) {
            Ok(search) => self.operation("keys").stream(search.stream_keys()),
            Err(error) => failed(error),
        }
    }

    pub(crate) async fn count<K: Send + Sync + 'static>(&self, keys: ReadKey<K>) -> Result<u64> {
        let search = self.search(keys)?;
        self.operation("count").run(search.count()).await
    }

    /// The distinct texts of these columns.
    pub(crate) async fn distinct<K: Send + Sync + 'static>(
        &self,
        columns: &[usize],
        evidence: Evidence,
        keys: ReadKey<K>,
    ) -> Result<Vec<Vec<String>>> {
        let search = self.search(keys)?;
        let values = search.distinct(columns, evidence);
        self.operation("distinct").run(values).await
    }

    /// The next `size` rows, and the cursor of the page after them.
    pub(crate) async fn page<K: Send + Sync + 'static>(
        &self,
        size: u64,
        keys: ReadKey<K>,
    ) -> Result<FoundPage<K>> {
        if size == 0 {
            let message = "a page has at least one row; ask for a size of 1 or more";
            return Err(self.rows.error(ErrorKind::InvalidConfig, message));
        }
        let mut one_more = self.clone();
        one_more.limit(size.saturating_add(1));
        let search = one_more.search(keys)?;
        let (mut rows, mut invalid) = (Vec::new(), Vec::new());
        let mut found = search.stream();
        while let Some(row) = found.next().await {
            match row {
                Ok(row) => rows.push(row),
                Err(error) if error.kind() == ErrorKind::InvalidRow => invalid.push(error),
                Err(error) => return Err(error),
            }
        }
        let more = rows.len() as u64 > size;
        if more {
            rows.pop();
        }
        let last = rows.last().filter(|_| more);
        let cursor = last.map(|last| Cursor::new(&self.identity(), &last.position()));
        Ok(FoundPage {
            search,
            rows,
            invalid,
            cursor,
        })
    }

    /// The rows with their bodies, read concurrently behind the listing, in key order. A row that is
    /// deleted between the two is left out.
    pub(crate) fn read<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> BoxStream<'static, Result<Read<K>>> {
        match self.search(keys) {
            Ok(search) => self.operation("rows").stream(search.rows()),
            Err(error) => failed(error),
        }
    }

    /// What is made of the rows with their bodies, all at once.
    pub(crate) async fn collect_rows<K: Send + Sync + 'static, R: Send>(
        &self,
        keys: ReadKey<K>,
        make: impl Fn(Read<K>) -> Result<R> + Send + Sync,
    ) -> Result<Vec<R>> {
        let search = self.search(keys)?;
        let rows = search.collect_rows(make);
        self.operation("rows").run(rows).await
    }

    /// Deletes the rows behind the listing, and returns how many, with the keys of those that were
    /// changed or deleted by others since.
    pub(crate) async fn delete<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> Result<(u64, Vec<K>)> {
        let deleted = self.delete_found(keys);
        self.operation("delete").run(deleted).await
    }

    async fn delete_found<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> Result<(u64, Vec<K>)> {
        let search = self.search(keys)?;
        // All keys first: a query that runs out of its budget has deleted nothing.
        let rows = search.collect().await?;
        if self.rows.is_indexed() {
            return self.delete_each(&search, rows).await;
        }
        if self.rows.is_packed() {
            let found = rows.into_iter().map(|row| {
                let path = row.path().into_owned();
                let (key, entry) = row.into_entry();
                (key, path, entry.version)
            });
            let meter = search.meter();
            let deleted = self
                .rows
                .delete_found(found.collect(), meter, self.concurrency);
            return deleted.await.map_err(|error| search.with_progress(error));
        }
        if rows.is_empty() {
            return Ok((0, Vec::new()));
        }
        let session = self.rows.session();
        let bulk = session.backend().features().bulk_delete;
        let by_version = match session.honoured().await {
            Ok(honoured) if bulk => honoured.bulk_deletes,
            Ok(honoured) => honoured.deletes,
            // Who may not try, may delete.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Capability::Refused,
            Err(error) => return Err(self.rows.place(error)),
        };
        let paths: Vec<String> = rows.iter().map(|row| row.path().into_owned()).collect();
        let (keys, deletions): (Vec<K>, Vec<Deletion>) = rows
            .into_iter()
            .map(|row| {
                let (key, entry) = row.into_entry();
                let version = Some(entry.version)
                    .filter(|version| by_version == Capability::Honoured && version.is_known());
                let object = entry.key;
                (
                    key,
                    Deletion {
                        key: object,
                        version,
                    },
                )
            })
            .unzip();
        let limit = InFlight::new(self.concurrency);
        let deleter = self.rows.deleter(search.meter(), limit).await?;
        let outcomes = deleter.delete(deletions).await;
        let (mut deleted, mut spared, mut left) = (0, Vec::new(), Vec::new());
        for ((key, path), outcome) in keys.into_iter().zip(paths).zip(outcomes) {
            match outcome {
                Ok(()) => deleted += 1,
                Err(error) if error.reason() == Reason::Changed => spared.push(key),
                Err(error) => left.push((path, error)),
            }
        }
        match still_there(session, left, "delete every row") {
            None => Ok((deleted, spared)),
            Some(error) => {
                let error = self.rows.place(error);
                Err(search.with_progress(error.note(format!("{deleted} rows were deleted"))))
            }
        }
    }

    /// Deletes rows of a table with indexes, each as it was found and its entries after it.
    async fn delete_each<K: Send + Sync + 'static>(
        &self,
        search: &Search<K>,
        found: Vec<Found<K>>,
    ) -> Result<(u64, Vec<K>)> {
        let found = found.into_iter().map(|row| {
            let path = row.path().into_owned();
            let (key, entry) = row.into_entry();
            (key, path, entry.version)
        });
        let (rows, meter) = (&self.rows, search.meter());
        let outcomes = stream::iter(found)
            .map(|(key, path, version)| async move {
                let deleted = rows.delete_as_found(&path, &version, meter).await;
                (key, path, deleted)
            })
            .buffered(self.concurrency);
        let (mut deleted, mut spared, mut left) = (0, Vec::new(), Vec::new());
        let mut outcomes = pin!(outcomes);
        while let Some((key, path, outcome)) = outcomes.next().await {
            match outcome {
                Ok(()) => deleted += 1,
                Err(error) if error.kind() == ErrorKind::Conflict => spared.push(key),
                Err(error) => left.push((path, error)),
            }
        }
        let names = named(left.iter().map(|(path, _)| path.as_str()));
        match left.into_iter().next() {
            None => Ok((deleted, spared)),
            Some((_, error)) => {
                let error = error.note(format!("still there are {names}"));
                Err(search.with_progress(error.note(format!("{deleted} rows were deleted"))))
            }
        }
    }

    /// Finds the rows and tells what that took.
    pub(crate) async fn analyze<K: Send + Sync + 'static>(
        &self,
        keys: ReadKey<K>,
    ) -> Result<Analysis> {
        let search = self.search(keys)?;
        let started = Instant::now();
        let found = self.operation("analyze").run(search.collect());
        let rows = found.await?.len() as u64;
        Ok(search.analysis(rows, started.elapsed()))
    }

    pub(crate) fn explain<K: Send + Sync + 'static>(&self, keys: ReadKey<K>) -> Result<Explain> {
        Ok(self.search(keys)?.explain())
    }
}

/// A page of rows that were found.
pub(crate) struct FoundPage<K> {
    /// What found them.
    pub search: Arc<Search<K>>,
    /// The rows.
    pub rows: Vec<Found<K>>,
    /// What on the way is no row.
    pub invalid: Vec<Error>,
    /// The page after it, if there is one.
    pub cursor: Option<Cursor>,
}

/// A stream of nothing but this error.
fn failed<T: Send + 'static>(error: Error) -> BoxStream<'static, Result<T>> {
    stream::once(std::future::ready(Err(error))).boxed()
}
