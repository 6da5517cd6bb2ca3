//! What an error of the store means to the caller.

use crate::error::{Error, ErrorKind};
use crate::store::{Reason, StoreError};

/// The error of a request; `doing` names it: `"list the table"`. Its message says what the store's
/// error says, and its source is that error's source.
pub(crate) fn store_error(error: StoreError, doing: &str) -> Error {
    let (kind, message) = classify(&error, doing);
    let public = Error::new(kind, message);
    match error.into_source() {
        Some(source) => public.with_source(source),
        None => public,
    }
}

fn classify(error: &StoreError, doing: &str) -> (ErrorKind, String) {
    let can_t = |why: &dyn std::fmt::Display| format!("can't {doing}: {why}");
    match error.reason() {
        Reason::NotFound => (ErrorKind::NotFound, can_t(&"it is not there")),
        Reason::NoDatabase => (
            ErrorKind::NotFound,
            format!("can't {doing}: {error}; `Database::create` makes it"),
        ),
        Reason::AlreadyExists => (ErrorKind::AlreadyExists, can_t(&"it is there already")),
        Reason::Changed => (
            ErrorKind::Conflict,
            can_t(&"it was changed or deleted since it was read"),
        ),
        Reason::Unsupported => (ErrorKind::Unsupported, can_t(error)),
        Reason::Denied => (ErrorKind::PermissionDenied, can_t(error)),
        Reason::InvalidKey => (ErrorKind::InvalidKey, can_t(error)),
        Reason::InvalidConfig => (ErrorKind::InvalidConfig, can_t(error)),
        Reason::TooLarge => (ErrorKind::InvalidRow, can_t(error)),
        Reason::Indeterminate => (
            ErrorKind::Indeterminate,
            format!(
                "can't tell whether this took effect: {doing}; {error}; read the row before \
                 writing it again"
            ),
        ),
        Reason::Unavailable => (
            ErrorKind::Unavailable,
            format!("can't {doing}: {error}; try again later"),
        ),
        Reason::BudgetSpent => (
            ErrorKind::BudgetExceeded,
            format!("can't {doing}: {error}; raise `request_budget` or narrow the query"),
        ),
        Reason::Other => (ErrorKind::Other, can_t(error)),
    }
}
