//! Marks on a store's errors that `object_store`'s own variants have no place for.

use std::error::Error as StdError;
use std::fmt;

use object_store::Error;

use super::meter::BudgetSpent;

/// A conditional write may or may not have been applied, and nothing that can be read tells.
#[derive(Debug)]
pub(crate) struct Indeterminate {
    /// What is known.
    pub what: String,
    /// Why it can't be known.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Indeterminate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Indeterminate {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The store can't be reached, or asks to be left alone for a while.
#[derive(Debug)]
pub(crate) struct Unavailable {
    /// What it said.
    pub what: String,
    /// The failed request.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for Unavailable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The bucket itself is not there, as opposed to an object in it.
#[derive(Debug)]
pub(crate) struct MissingDatabase;

impl fmt::Display for MissingDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bucket is not there; `Database::create` makes it")
    }
}

impl StdError for MissingDatabase {}

/// The error of a request that a spent budget kept from going out.
pub(crate) fn refused(spent: BudgetSpent) -> Error {
    Error::Generic {
        store: "budget",
        source: Box::new(spent),
    }
}

/// Whether the same request may succeed later.
pub(crate) fn is_unavailable(error: &Error) -> bool {
    chain(error).any(|error| error.is::<Unavailable>())
}

/// Whether the bucket is not there.
pub(crate) fn is_missing_database(error: &Error) -> bool {
    chain(error).any(|error| error.is::<MissingDatabase>())
}

fn chain(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(Some(error as &(dyn StdError + 'static)), |&error| {
        error.source()
    })
}
