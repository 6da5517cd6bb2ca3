//! What an error of the store means to the caller.

use crate::error::{Error, ErrorKind};
use crate::store::{Reason, StoreError};

/// The error of a request; `doing` names it: `"list the table"`.
pub(crate) fn store_error(error: StoreError, doing: &str) -> Error {
    let (kind, message, said) = classify(&error, doing);
    let error = if said {
        error.into_source()
    } else {
        Some(error.into())
    };
    let public = Error::new(kind, message);
    match error {
        Some(source) => public.with_source(source),
        None => public,
    }
}

/// The public kind, the message, and whether the message says what the store's error says.
fn classify(error: &StoreError, doing: &str) -> (ErrorKind, String, bool) {
    let own = |kind, why: &str| (kind, format!("can't {doing}: {why}"), false);
    let said = |kind| (kind, format!("can't {doing}: {error}"), true);
    match error.reason() {
        Reason::NotFound => own(ErrorKind::NotFound, "it is not there"),
        Reason::NoDatabase => (
            ErrorKind::NotFound,
            format!("can't {doing}: {error}; `Database::create` makes it"),
            true,
        ),
        Reason::AlreadyExists => own(ErrorKind::AlreadyExists, "it is there already"),
        Reason::Changed => own(
            ErrorKind::Conflict,
            "it was changed or deleted since it was read",
        ),
        Reason::Unsupported => said(ErrorKind::Unsupported),
        Reason::Denied => said(ErrorKind::PermissionDenied),
        Reason::InvalidKey => said(ErrorKind::InvalidKey),
        Reason::InvalidConfig => said(ErrorKind::InvalidConfig),
        Reason::TooLarge => said(ErrorKind::InvalidRow),
        Reason::Indeterminate => (
            ErrorKind::Indeterminate,
            format!(
                "can't tell whether this took effect: {doing}; {error}; read the row before \
                 writing it again"
            ),
            true,
        ),
        Reason::Unavailable => (
            ErrorKind::Unavailable,
            format!("can't {doing}: {error}; try again later"),
            true,
        ),
        Reason::BudgetSpent => (
            ErrorKind::BudgetExceeded,
            format!("can't {doing}: {error}; raise `request_budget` or narrow the query"),
            true,
        ),
        Reason::Other => said(ErrorKind::Other),
    }
}
