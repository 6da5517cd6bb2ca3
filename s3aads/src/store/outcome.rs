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

#[cfg(feature = "s3")]
impl Indeterminate {
    /// The error that carries the mark.
    pub(crate) fn into_error(self) -> Error {
        Error::Generic {
            store: "indeterminate",
            source: Box::new(self),
        }
    }
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

/// The bucket or folder itself is missing, not an object in it.
#[derive(Debug)]
pub(crate) struct MissingDatabase {
    /// The bucket's or folder's name.
    pub database: String,
}

impl fmt::Display for MissingDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "there is no database `{}`; create it first or check its name",
            self.database
        )
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
    has::<Unavailable>(error)
}

/// Whether it is the bucket or folder itself that is missing.
pub(crate) fn is_missing_database(error: &Error) -> bool {
    has::<MissingDatabase>(error)
}

fn has<T: StdError + 'static>(error: &Error) -> bool {
    std::iter::successors(Some(error as &(dyn StdError + 'static)), |&error| {
        error.source()
    })
    .any(|error| error.is::<T>())
}
