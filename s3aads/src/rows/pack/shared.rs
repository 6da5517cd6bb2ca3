//! One error that befell several callers.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind};

/// The error once more, for another of those whom it befell.
pub(super) fn same(error: &Arc<Error>) -> Error {
    let mut same = Error::new(error.kind(), error.message());
    if let Some(database) = error.database() {
        same = same.in_database(database);
    }
    if let Some(table) = error.table() {
        same = same.in_table(table);
    }
    // That of the row says more, if it is not a line of the pack that is at fault.
    if let Some(key) = error
        .key()
        .filter(|_| error.kind() == ErrorKind::InvalidRow)
    {
        same = same.at_key(key);
    }
    match error.source() {
        Some(_) => same.with_source(Shared(Arc::clone(error))),
        None => same,
    }
}

/// The source of an error that several have.
#[derive(Debug)]
struct Shared(Arc<Error>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => fmt::Display::fmt(source, f),
            None => Ok(()),
        }
    }
}

impl StdError for Shared {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source().and_then(StdError::source)
    }
}
