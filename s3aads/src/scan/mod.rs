//! Reads the part of a listing that a plan leaves: pages, seeks and the split over workers.

mod children;
mod collect;
mod distinct;
mod folders;
mod foreign;
mod list;
mod page;
mod report;
mod split;
mod stream;
mod walk;

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;

use std::sync::Arc;

pub(crate) use distinct::Evidence;
pub use foreign::OnForeign;
pub(crate) use report::Report;

use crate::error::{Error, ErrorKind, Result};
use crate::plan::{KeySpace, Predicate};
use crate::schema::Schema;
use crate::store::{Backend, Meter, ObjectEntry};

/// The pages that one worker reads of a query's listing before others join: up to so many, the
/// query sends what one worker sends.
pub(crate) const UNSPLIT: usize = 30;

/// The table that is read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The store.
    pub backend: Arc<dyn Backend>,
    /// What requests are counted on.
    pub meter: Meter,
    /// The table's folder, `[<prefix>/]<table>/`, encoded.
    pub root: String,
    /// The table's columns and layout.
    pub schema: Arc<Schema>,
    /// The database's name, for messages.
    pub database: String,
}

/// What is asked of the table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spec {
    /// One for each key column.
    pub predicates: Vec<Predicate>,
    /// At most this many rows.
    pub limit: Option<u64>,
    /// Only rows after this path below the root.
    pub after: Option<String>,
    /// How many LIST requests may be under way at once; one where this is 0.
    pub concurrency: usize,
    /// How many pages one worker reads before others join.
    pub unsplit: usize,
    /// What to do about objects that are no rows.
    pub on_foreign: OnForeign,
}

/// A row that was found in the listing.
#[derive(Debug, Clone)]
pub(crate) struct Listed<K> {
    /// Its key.
    pub key: K,
    /// What the listing tells of it.
    pub entry: ObjectEntry,
    /// How long the path of the table's folder is.
    root: usize,
}

impl<K> Listed<K> {
    /// Its path below the table's folder.
    pub(crate) fn path(&self) -> &str {
        self.entry.key.get(self.root..).unwrap_or_default()
    }
}

/// Reads a key from its path below the table's folder; an error means that the object is foreign.
pub(crate) type Decode<K> = Arc<dyn Fn(&str) -> Result<K> + Send + Sync>;

/// One scan: what is asked of which table, how its keys are read, and what it came upon. It ends
/// in [`collect`](Self::collect), [`count`](Self::count), [`stream`](Self::stream) or
/// [`distinct`](Self::distinct).
pub(crate) struct Scan<K> {
    source: Source,
    spec: Spec,
    space: KeySpace,
    /// What all paths of the space start with, below the root.
    prefix: String,
    decode: Decode<K>,
    report: Report,
}

impl<K> Scan<K> {
    pub(crate) fn new(source: Source, spec: Spec, decode: Decode<K>) -> Arc<Self> {
        let space = KeySpace::new(&source.schema, &spec.predicates);
        Arc::new(Self {
            prefix: space.prefix(),
            source,
            spec,
            space,
            decode,
            report: Report::default(),
        })
    }

    /// The table that is read.
    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// What is asked of it.
    pub(crate) fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The paths that can be rows.
    pub(crate) fn space(&self) -> &KeySpace {
        &self.space
    }

    /// What it came upon so far.
    pub(crate) fn report(&self) -> &Report {
        &self.report
    }

    /// Says how far the query got whose budget was spent.
    pub(crate) fn with_progress(&self, error: Error) -> Error {
        if error.kind() != ErrorKind::BudgetExceeded {
            return error;
        }
        let usage = self.source.meter.usage();
        let matched = self.report.matched();
        error.note(format!("sent {usage} and found {matched} rows by then"))
    }

    fn fail(&self, error: Error) -> Error {
        error
            .in_database(&self.source.database)
            .in_table(self.source.schema.table())
    }
}

/// One warning for a scan, however many objects it came upon.
impl<K> Drop for Scan<K> {
    fn drop(&mut self) {
        let foreign = self.report.foreign();
        if foreign > 0 {
            tracing::warn!(
                database = self.source.database,
                table = self.source.schema.table(),
                count = foreign,
                first = self.report.foreign_names().first(),
                "objects in the table's folder are no rows and were skipped"
            );
        }
    }
}

/// A store that seeks, for tests of plans.
#[cfg(test)]
pub(crate) fn seeking_model() -> Arc<dyn Backend> {
    Arc::new(model::Model::new([], 1000))
}
