//! What the layers above must tell apart in an `object_store` error, as markers in its chain.

use std::error::Error as StdError;
use std::fmt;

use object_store::Error;

use super::meter::BudgetSpent;

/// A write was sent and whether it was applied can't be found out.
#[derive(Debug)]
pub(crate) struct Indeterminate {
    /// What made the outcome uncertain.
    pub reason: String,
    /// The last failure.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Indeterminate {
    /// The error that layers above recognise by [`is_indeterminate`].
    pub(crate) fn into_error(self) -> Error {
        Error::Generic {
            store: "indeterminate",
            source: Box::new(self),
        }
    }
}

impl fmt::Display for Indeterminate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the write may or may not have been applied: {}; read the row to find out",
            self.reason
        )
    }
}

impl StdError for Indeterminate {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn StdError + 'static))
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

/// A failure that may pass: the store could not be reached, or was too busy.
#[derive(Debug)]
pub(crate) struct Unavailable(pub Box<dyn StdError + Send + Sync>);

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Unavailable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// The first `T` in the error's chain of sources.
pub(crate) fn find<T: StdError + 'static>(error: &Error) -> Option<&T> {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The error of a request that was not sent because a budget is spent.
pub(crate) fn refused(spent: BudgetSpent) -> Error {
    Error::Generic {
        store: "budget",
        source: Box::new(spent),
    }
}

/// The budget whose end the error tells of. Ask [`is_indeterminate`] first: a write whose fate
/// is open stays so when its budget ends.
pub(crate) fn budget_spent(error: &Error) -> Option<BudgetSpent> {
    find::<BudgetSpent>(error).copied()
}

/// Whether the error leaves open if a write was applied.
pub(crate) fn is_indeterminate(error: &Error) -> bool {
    find::<Indeterminate>(error).is_some()
}

/// Whether the bucket or folder itself is missing.
pub(crate) fn is_missing_database(error: &Error) -> bool {
    find::<MissingDatabase>(error).is_some()
}

/// Whether the same request may well succeed later.
pub(crate) fn is_unavailable(error: &Error) -> bool {
    !is_indeterminate(error) && find::<Unavailable>(error).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_at_any_depth() {
        let spent = BudgetSpent { budget: 3 };
        assert_eq!(budget_spent(&refused(spent)), Some(spent));
        let wrapped = Error::NotFound {
            path: "a".into(),
            source: Box::new(refused(spent)),
        };
        assert_eq!(budget_spent(&wrapped), Some(spent));
        assert!(!is_unavailable(&wrapped) && !is_missing_database(&wrapped));

        let open = Indeterminate {
            reason: "the connection broke".into(),
            source: Some(Box::new(refused(spent))),
        }
        .into_error();
        assert!(is_indeterminate(&open));
        assert_eq!(budget_spent(&open), Some(spent));
    }
}
