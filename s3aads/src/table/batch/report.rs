//! What became of a batch.

use crate::error::{Error, ErrorKind, Result};

/// What became of one item of a batch.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome<K, V = ()> {
    /// The row's key.
    pub key: K,
    /// What the operation on it alone would have returned.
    pub result: Result<V>,
}

/// What ended a batch before its last item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stopped {
    /// As many items failed as [`Batch::max_failures`](super::Batch::max_failures) allows.
    Failures,
    /// The time of [`Batch::deadline`](super::Batch::deadline) was over.
    Deadline,
}

/// The outcomes of a batch, one for each item that was begun, in the items' order.
///
/// These are all items, unless the batch was [`stopped`](Self::stopped).
#[derive(Debug)]
#[must_use = "a batch does not stop at a failure; its report holds them"]
pub struct BatchReport<K, V = ()> {
    pub(super) outcomes: Vec<Outcome<K, V>>,
    pub(super) stopped: Option<Stopped>,
}

impl<K, V> BatchReport<K, V> {
    /// The outcomes, in the order of the items. The items after them were not begun.
    pub fn outcomes(&self) -> &[Outcome<K, V>] {
        &self.outcomes
    }

    /// The outcomes that are failures.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome<K, V>> {
        self.outcomes
            .iter()
            .filter(|outcome| outcome.result.is_err())
    }

    /// How many items succeeded.
    pub fn succeeded(&self) -> usize {
        self.outcomes.len() - self.failed()
    }

    /// How many items failed.
    pub fn failed(&self) -> usize {
        self.failures().count()
    }

    /// What ended the batch before its last item, if it was ended.
    pub fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }

    /// The values of all items, or the first failure, with how many there were.
    ///
    /// # Errors
    ///
    /// The first failure of the batch; `Unavailable` if none failed and its deadline ended it.
    pub fn into_result(self) -> Result<Vec<V>> {
        let (failed, all) = (self.failed(), self.outcomes.len());
        if self.stopped.is_some() && failed == 0 {
            return Err(Error::new(
                ErrorKind::Unavailable,
                format!("the batch's deadline passed after {all} rows; the others were not begun"),
            ));
        }
        self.outcomes
            .into_iter()
            .map(|outcome| {
                outcome
                    .result
                    .map_err(|error| error.note(format!("{failed} of {all} rows failed")))
            })
            .collect()
    }
}

impl<K, V> IntoIterator for BatchReport<K, V> {
    type Item = Outcome<K, V>;
    type IntoIter = std::vec::IntoIter<Outcome<K, V>>;

    fn into_iter(self) -> Self::IntoIter {
        self.outcomes.into_iter()
    }
}
