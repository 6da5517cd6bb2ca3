//! Counts requests as they go out, and stops what goes beyond a budget or a limit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::observe::{Event, note};
use super::{Reason, StoreError};

/// The classes that stores count and charge requests by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RequestClass {
    /// Writes one object.
    Put,
    /// Copies one object on the server.
    Copy,
    /// POST: a bulk delete of up to 1,000 objects.
    Post,
    /// One page of a listing of keys or buckets.
    List,
    /// Reads one object.
    Get,
    /// Asks for an object's headers, or whether a bucket is there.
    Head,
    /// Deletes one object.
    Delete,
}

impl RequestClass {
    /// Every class, in the order that [`Usage`] prints them.
    pub const ALL: &[Self] = &[
        Self::Put,
        Self::Copy,
        Self::Post,
        Self::List,
        Self::Get,
        Self::Head,
        Self::Delete,
    ];

    /// The class's name as S3 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Put => "PUT",
            Self::Copy => "COPY",
            Self::Post => "POST",
            Self::List => "LIST",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for RequestClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How many requests were sent, by class, retries included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    counts: [u64; RequestClass::ALL.len()],
    bytes_read: u64,
    bytes_written: u64,
}

impl Usage {
    /// The requests of one class.
    pub fn get(&self, class: RequestClass) -> u64 {
        self.counts[class as usize]
    }

    /// The requests of all classes.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Bytes of the row bodies that were read.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Bytes of the row bodies that were sent.
    pub fn bytes_written(&self) -> u64 {
        self.bytes_written
    }

    /// What was sent since `earlier`, which must be an older reading of the same counter.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut counts = self.counts;
        for (count, before) in counts.iter_mut().zip(earlier.counts) {
            *count = count.saturating_sub(before);
        }
        Self {
            counts,
            bytes_read: self.bytes_read.saturating_sub(earlier.bytes_read),
            bytes_written: self.bytes_written.saturating_sub(earlier.bytes_written),
        }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut any = false;
        for &class in RequestClass::ALL.iter().filter(|c| self.get(**c) > 0) {
            if any {
                f.write_str(", ")?;
            }
            write!(f, "{} {class}", self.get(class))?;
            any = true;
        }
        if any {
            Ok(())
        } else {
            f.write_str("no requests")
        }
    }
}

/// Bytes of a row's body, if the user sets no other limit.
pub(crate) const MOST_BODY: u64 = 256 * 1024 * 1024;

#[derive(Debug, Default)]
struct Counters {
    counts: [AtomicU64; RequestClass::ALL.len()],
    bytes_read: AtomicU64,
    bytes_written: AtomicU64,
    total: AtomicU64,
    budget: Option<u64>,
    /// Bytes of a body; 0 is [`MOST_BODY`]. That of the outermost counts.
    most_body: AtomicU64,
    parent: Option<Arc<Counters>>,
}

impl Counters {
    fn chain(&self) -> impl Iterator<Item = &Counters> {
        std::iter::successors(Some(self), |counters| counters.parent.as_deref())
    }
}

/// A budget of requests is spent; the request it was asked for was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BudgetSpent {
    /// The requests that the budget allowed.
    pub budget: u64,
}

impl fmt::Display for BudgetSpent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the budget of {} requests is spent", self.budget)
    }
}

impl std::error::Error for BudgetSpent {}

/// A handle to a counter and all that it is part of: the database's, a query's, an operation's.
///
/// It travels with a request down to where the request goes out, which counts it there once for
/// every attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<Counters>);

impl Meter {
    /// A counter that also counts on `self`, and refuses what goes beyond `budget`.
    pub(crate) fn scope(&self, budget: Option<u64>) -> Self {
        Self(Arc::new(Counters {
            budget,
            parent: Some(Arc::clone(&self.0)),
            ..Counters::default()
        }))
    }

    /// Counts one request that is about to go out, or refuses it.
    pub(crate) fn send(&self, class: RequestClass) -> Result<(), BudgetSpent> {
        for counters in self.0.chain() {
            let Some(budget) = counters.budget else {
                continue;
            };
            // A place in the budget is taken before the request is counted, so that concurrent
            // requests can't pass the budget together.
            let taken = counters
                .total
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                    (n < budget).then_some(n + 1)
                });
            if taken.is_err() {
                return Err(BudgetSpent { budget });
            }
        }
        for counters in self.0.chain() {
            counters.counts[class as usize].fetch_add(1, Ordering::Relaxed);
        }
        note(Event::Request);
        Ok(())
    }

    /// Takes places in the budgets for requests that will be counted elsewhere.
    pub(crate) fn reserve(&self, requests: u64) -> Result<(), BudgetSpent> {
        for counters in self.0.chain() {
            let Some(budget) = counters.budget else {
                continue;
            };
            let taken = counters
                .total
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| {
                    n.checked_add(requests).filter(|n| *n <= budget)
                });
            if taken.is_err() {
                return Err(BudgetSpent { budget });
            }
        }
        Ok(())
    }

    /// Sets how many bytes a body may have, on this counter and all that are part of it.
    pub(crate) fn set_most_body(&self, bytes: u64) {
        self.0.most_body.store(bytes, Ordering::Relaxed);
    }

    /// How many bytes a body may have.
    pub(crate) fn most_body(&self) -> u64 {
        let root = self.0.chain().last();
        match root.map_or(0, |root| root.most_body.load(Ordering::Relaxed)) {
            0 => MOST_BODY,
            most => most,
        }
    }

    /// Refuses a body that is larger than bodies may be.
    pub(crate) fn fits(&self, bytes: u64) -> Result<(), StoreError> {
        let most = self.most_body();
        if bytes <= most {
            return Ok(());
        }
        Err(StoreError::new(
            Reason::TooLarge,
            format!(
                "the body has {bytes} bytes or more and may have {most}; \
                 `Database::with_max_row_size` sets another limit"
            ),
        ))
    }

    /// Counts body bytes that came back.
    pub(crate) fn read(&self, bytes: u64) {
        for counters in self.0.chain() {
            counters.bytes_read.fetch_add(bytes, Ordering::Relaxed);
        }
        note(Event::BytesRead(bytes));
    }

    /// Counts body bytes that went out.
    pub(crate) fn wrote(&self, bytes: u64) {
        for counters in self.0.chain() {
            counters.bytes_written.fetch_add(bytes, Ordering::Relaxed);
        }
        note(Event::BytesWritten(bytes));
    }

    /// What was counted so far.
    pub(crate) fn usage(&self) -> Usage {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Usage {
            counts: std::array::from_fn(|i| load(&self.0.counts[i])),
            bytes_read: load(&self.0.bytes_read),
            bytes_written: load(&self.0.bytes_written),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_counts_on_its_parents_and_stops_at_its_budget() {
        let database = Meter::default();
        let query = database.scope(Some(2));
        assert_eq!(query.send(RequestClass::List), Ok(()));
        assert_eq!(query.scope(None).send(RequestClass::Get), Ok(()));
        assert_eq!(
            query.send(RequestClass::Get),
            Err(BudgetSpent { budget: 2 })
        );
        let other = database.scope(Some(2));
        assert!(other.reserve(3).is_err() && other.reserve(2).is_ok());
        assert!(other.send(RequestClass::Get).is_err());
        assert_eq!(database.send(RequestClass::Put), Ok(()));
        assert_eq!(query.usage().to_string(), "1 LIST, 1 GET");
        assert_eq!(database.usage().total(), 3);
    }
}
