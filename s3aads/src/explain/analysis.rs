//! What a query did, beside what was planned.

use std::fmt;
use std::time::Duration;

use super::{Explain, tree};
use crate::scan::Scan;
use crate::store::{Pricing, Usage, dollars};

/// A query's plan with what it really sent and read, as SQL's `EXPLAIN ANALYZE` tells it.
///
/// It prints as a small tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    plan: Explain,
    usage: Usage,
    rows: u64,
    listed: u64,
    foreign: u64,
    foreign_names: Vec<String>,
    elapsed: Duration,
}

impl Analysis {
    pub(crate) fn new<K>(scan: &Scan<K>, rows: u64, elapsed: Duration) -> Self {
        Self::of(Explain::new(scan), scan, rows, elapsed)
    }

    /// Of the plan that the scan is a part of.
    pub(crate) fn of<K>(plan: Explain, scan: &Scan<K>, rows: u64, elapsed: Duration) -> Self {
        let report = scan.report();
        Self {
            plan,
            usage: scan.source().meter.usage(),
            rows,
            listed: report.listed(),
            foreign: report.foreign(),
            foreign_names: report.foreign_names(),
            elapsed,
        }
    }

    /// What was planned.
    pub fn plan(&self) -> &Explain {
        &self.plan
    }

    /// The requests that were sent, retries included.
    pub fn usage(&self) -> Usage {
        self.usage
    }

    /// The rows that matched.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The keys and folders that the listing's pages held.
    pub fn listed(&self) -> u64 {
        self.listed
    }

    /// The objects that are no rows, among those that were looked at.
    pub fn foreign(&self) -> u64 {
        self.foreign
    }

    /// The keys of the first of them, as stored.
    pub fn foreign_names(&self) -> &[String] {
        &self.foreign_names
    }

    /// How long it took.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl fmt::Display for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.plan.lines();
        lines.push(format!(
            "sent {} for {} in {:.1?}",
            self.usage,
            dollars(self.usage.cost(&Pricing::default())),
            self.elapsed
        ));
        lines.push(format!(
            "{} keys listed, {} rows matched",
            self.listed, self.rows
        ));
        if let Some(first) = self.foreign_names.first() {
            lines.push(format!(
                "{} objects are no rows, the first {first:?}",
                self.foreign
            ));
        }
        tree(f, &self.plan.head(), &lines)
    }
}
