//! What a scan came upon, readable while it runs and after.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A handle to the counters of one scan.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    listed: AtomicU64,
    matched: AtomicU64,
    foreign: AtomicU64,
    names: Mutex<Vec<String>>,
}

/// How many foreign objects are told by name.
const NAMED: usize = 10;

impl Report {
    /// The keys and folders that the pages held.
    pub(crate) fn listed(&self) -> u64 {
        self.0.listed.load(Ordering::Relaxed)
    }

    /// The rows that matched.
    pub(crate) fn matched(&self) -> u64 {
        self.0.matched.load(Ordering::Relaxed)
    }

    /// The foreign objects that were come upon.
    pub(crate) fn foreign(&self) -> u64 {
        self.0.foreign.load(Ordering::Relaxed)
    }

    /// The keys of the first of them, as stored.
    pub(crate) fn foreign_names(&self) -> Vec<String> {
        let names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.clone()
    }

    pub(super) fn saw_page(&self, listed: usize) {
        self.0.listed.fetch_add(listed as u64, Ordering::Relaxed);
    }

    pub(super) fn saw_rows(&self, rows: usize) {
        self.0.matched.fetch_add(rows as u64, Ordering::Relaxed);
    }

    pub(super) fn saw_foreign(&self, key: &str) {
        if self.0.foreign.fetch_add(1, Ordering::Relaxed) < NAMED as u64 {
            let mut names = self.0.names.lock().unwrap_or_else(PoisonError::into_inner);
            names.push(key.to_owned());
        }
    }
}
