//! A query without types: which rows of a table, and how they are asked for. Raw and typed
//! queries are built on it.

use std::sync::Arc;
use std::time::Instant;

use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};

use super::Cursor;
use crate::error::{Error, ErrorKind, Result};
use crate::explain::{Analysis, Explain};
use crate::key::MAX_PATH_BYTES;
use crate::plan::{KeySpace, Predicate};
use crate::rows::Rows;
use crate::rows::conditions::Capability;
use crate::rows::delete::{DEFAULT_CONCURRENCY, still_there};
use crate::scan::{Decode, Evidence, Listed, OnForeign, Scan, Spec, UNSPLIT};
use crate::store::{Deletion, Object, Reason};

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
        let predicates = vec![Predicate::default(); rows.schema().columns().len()];
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
        let name = self.rows.schema().columns().get(column);
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
        format!("{} {} {asked:?}", schema.table(), schema.fingerprint())
    }

    /// The scan that finds the rows, once it is known that it can be.
    pub(crate) fn scan<K>(&self, decode: Decode<K>) -> Result<Arc<Scan<K>>> {
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
        let source = self
            .rows
            .source(self.rows.session().meter().scope(self.budget));
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
        Ok(Scan::new(source, spec, decode))
    }

    /// Refuses filters by what no stored path has room for: they would go out as a part of a
    /// request's URL.
    fn check_lengths(&self) -> Result<()> {
        let schema = self.rows.schema();
        for (column, predicate) in schema.columns().iter().zip(&self.predicates) {
            let values = predicate.enumerated().into_iter().flatten().map(str::len);
            let bounds = [predicate.floor(), predicate.ceiling().unwrap_or_default()];
            let longest = values.chain(bounds.iter().map(String::len)).max();
            if longest.is_some_and(|bytes| bytes > MAX_PATH_BYTES) {
                let message =
                    format!("no key is that long: stores take paths of {MAX_PATH_BYTES} bytes");
                let error = self.rows.error(ErrorKind::InvalidKey, message);
                return Err(error.in_column(column.name()));
            }
        }
        let prefix = KeySpace::new(schema, &self.predicates).prefix();
        self.rows.full(&prefix).map(drop)
    }

    /// The rows as they are listed, in key order.
    pub(crate) fn listed<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> BoxStream<'static, Result<Listed<K>>> {
        match self.scan(decode) {
            Ok(scan) => scan.stream(),
            Err(error) => failed(error),
        }
    }

    pub(crate) async fn collect<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> Result<Vec<Listed<K>>> {
        self.scan(decode)?.collect().await
    }

    pub(crate) async fn count<K: Send + 'static>(&self, decode: Decode<K>) -> Result<u64> {
        self.scan(decode)?.count().await
    }

    /// The distinct texts of these columns.
    pub(crate) async fn distinct<K: Send + 'static>(
        &self,
        columns: &[usize],
        evidence: Evidence,
        decode: Decode<K>,
    ) -> Result<Vec<Vec<String>>> {
        self.scan(decode)?.distinct(columns, evidence).await
    }

    /// The next `size` rows as they are listed, the cursor of the page after them, and the scan
    /// that found them.
    pub(crate) async fn page<K: Send + 'static>(
        &self,
        size: u64,
        decode: Decode<K>,
    ) -> Result<(Arc<Scan<K>>, Vec<Listed<K>>, Option<Cursor>)> {
        if size == 0 {
            let message = "a page has at least one row; ask for a size of 1 or more";
            return Err(self.rows.error(ErrorKind::InvalidConfig, message));
        }
        let mut one_more = self.clone();
        one_more.limit(size.saturating_add(1));
        let scan = one_more.scan(decode)?;
        let mut rows = scan.collect().await?;
        let more = rows.len() as u64 > size;
        if more {
            rows.pop();
        }
        let last = rows.last().filter(|_| more);
        let cursor = last.map(|last| Cursor::new(&self.identity(), last.path()));
        Ok((scan, rows, cursor))
    }

    /// The rows' objects, read concurrently behind the listing, in key order. A row that is
    /// deleted between the two is left out.
    pub(crate) fn objects<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> BoxStream<'static, Result<(K, Object)>> {
        match self.scan(decode) {
            Ok(scan) => self.read(&scan, scan.stream()),
            Err(error) => failed(error),
        }
    }

    /// The objects of rows that a scan has listed, on its budget, in order.
    pub(crate) fn read<'a, K: Send + 'static>(
        &self,
        scan: &Arc<Scan<K>>,
        listed: BoxStream<'a, Result<Listed<K>>>,
    ) -> BoxStream<'a, Result<(K, Object)>> {
        let (rows, scan) = (Arc::clone(&self.rows), Arc::clone(scan));
        listed
            .map(move |row| {
                let (rows, scan) = (Arc::clone(&rows), Arc::clone(&scan));
                async move {
                    let row = row?;
                    let object = rows.get(row.path(), &scan.source().meter).await;
                    let object = object.map_err(|error| scan.with_progress(error))?;
                    Ok(object.map(|object| (row.key, object)))
                }
            })
            .buffered(self.concurrency)
            .try_filter_map(|row| std::future::ready(Ok(row)))
            .boxed()
    }

    /// Deletes the rows behind the listing, and returns how many, with the keys of those that were
    /// changed or deleted by others since.
    pub(crate) async fn delete<K: Send + 'static>(
        &self,
        decode: Decode<K>,
    ) -> Result<(u64, Vec<K>)> {
        let scan = self.scan(decode)?;
        // All keys first: a query that runs out of its budget has deleted nothing.
        let rows = scan.collect().await?;
        if rows.is_empty() {
            return Ok((0, Vec::new()));
        }
        let session = self.rows.session();
        let bulk = session.backend().traits().bulk_delete;
        let by_version = match session.honoured().await {
            Ok(honoured) if bulk => honoured.bulk_deletes,
            Ok(honoured) => honoured.deletes,
            // Who may not try, may delete.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Capability::Refused,
            Err(error) => return Err(self.rows.place(error)),
        };
        let deletion = |row: &Listed<K>| Deletion {
            key: row.entry.key.clone(),
            version: Some(row.entry.version.clone())
                .filter(|version| by_version == Capability::Honoured && version.is_known()),
        };
        let meter = &scan.source().meter;
        let deleter = self.rows.deleter(meter, self.concurrency).await?;
        let outcomes = deleter.delete(rows.iter().map(deletion).collect()).await;
        let (mut deleted, mut spared, mut left) = (0, Vec::new(), Vec::new());
        for (row, outcome) in rows.into_iter().zip(outcomes) {
            match outcome {
                Ok(()) => deleted += 1,
                Err(error) if error.reason() == Reason::Changed => spared.push(row.key),
                Err(error) => left.push((row.path().to_owned(), error)),
            }
        }
        match still_there(session, left, "delete every row") {
            None => Ok((deleted, spared)),
            Some(error) => {
                let error = self.rows.place(error);
                Err(scan.with_progress(error.note(format!("{deleted} rows were deleted"))))
            }
        }
    }

    /// Lists the keys and tells what that took.
    pub(crate) async fn analyze<K: Send + 'static>(&self, decode: Decode<K>) -> Result<Analysis> {
        let scan = self.scan(decode)?;
        let started = Instant::now();
        let rows = scan.collect().await?.len() as u64;
        Ok(Analysis::new(&scan, rows, started.elapsed()))
    }

    pub(crate) fn explain<K>(&self, decode: Decode<K>) -> Result<Explain> {
        Ok(Explain::new(&*self.scan(decode)?))
    }
}

/// A stream of nothing but this error.
fn failed<T: Send + 'static>(error: Error) -> BoxStream<'static, Result<T>> {
    stream::once(std::future::ready(Err(error))).boxed()
}
