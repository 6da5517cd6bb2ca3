//! What an error of the store means to the caller.

use std::error::Error as StdError;

use crate::error::{Error, ErrorKind};
use crate::store::{BudgetSpent, Indeterminate, is_missing_database, is_unavailable};

/// The error of a request; `doing` names it: `"list the table"`.
pub(crate) fn store_error(error: object_store::Error, doing: &str) -> Error {
    let (kind, message) = classify(&error, doing);
    Error::new(kind, message).with_source(error)
}

/// How many keys a message names; more of them than this are counted.
const NAMED: usize = 100;

/// Keys as a message names them.
pub(crate) fn named<'a>(keys: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = keys.len().saturating_sub(NAMED);
    let keys: Vec<&str> = keys.take(NAMED).collect();
    match more {
        0 => keys.join(", "),
        more => format!("{} and {more} more", keys.join(", ")),
    }
}

/// The first cause of this type in a chain of errors.
pub(crate) fn find<'a, T: StdError + 'static>(
    error: &'a (dyn StdError + 'static),
) -> Option<&'a T> {
    std::iter::successors(Some(error), |&error| error.source())
        .find_map(|error| error.downcast_ref())
}

fn classify(error: &object_store::Error, doing: &str) -> (ErrorKind, String) {
    use object_store::Error as E;

    if let Some(spent) = find::<BudgetSpent>(error) {
        return (
            ErrorKind::BudgetExceeded,
            format!("can't {doing}: {spent}; raise `request_budget` or narrow the query"),
        );
    }
    if find::<Indeterminate>(error).is_some() {
        return (
            ErrorKind::Indeterminate,
            format!(
                "can't tell whether this took effect: {doing}; read the row before writing it again"
            ),
        );
    }
    match error {
        E::NotFound { .. } if is_missing_database(error) => (
            ErrorKind::NotFound,
            format!("can't {doing}: the database is not there; `Database::create` makes it"),
        ),
        E::NotFound { .. } => (
            ErrorKind::NotFound,
            format!("can't {doing}: it is not there"),
        ),
        E::AlreadyExists { .. } => (
            ErrorKind::AlreadyExists,
            format!("can't {doing}: it is there already"),
        ),
        E::Precondition { .. } | E::NotModified { .. } => (
            ErrorKind::Conflict,
            format!("can't {doing}: it was changed or deleted since it was read"),
        ),
        E::NotSupported { .. } | E::NotImplemented { .. } => {
            (ErrorKind::Unsupported, format!("the store can't {doing}"))
        }
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => (
            ErrorKind::PermissionDenied,
            format!("can't {doing}: the store refused the credentials or what they ask for"),
        ),
        E::InvalidPath { .. } => (
            ErrorKind::InvalidKey,
            format!("can't {doing}: the path can't be an object's key"),
        ),
        E::UnknownConfigurationKey { .. } => (
            ErrorKind::InvalidConfig,
            format!("can't {doing}: a setting is unknown"),
        ),
        _ if is_unavailable(error) => (
            ErrorKind::Unavailable,
            format!("can't {doing}: the store can't be reached or is overloaded; try again later"),
        ),
        _ => (ErrorKind::Other, format!("can't {doing}")),
    }
}
