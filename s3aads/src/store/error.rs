//! Why a store's request failed, as far as the layers above act on it.

use std::error::Error as StdError;
use std::fmt;

use object_store::Error as ObjectStoreError;

use super::meter::BudgetSpent;

/// What a request ends in.
pub(crate) type Result<T> = std::result::Result<T, StoreError>;

type Source = Box<dyn StdError + Send + Sync>;

/// What a failed request means. Each is one kind of the public error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No object has this key.
    NotFound,
    /// The bucket or folder itself is missing, not an object in it.
    NoDatabase,
    /// The key is taken.
    AlreadyExists,
    /// The object is no longer the one that was read.
    Changed,
    /// The store can't do this.
    Unsupported,
    /// The store refuses the credentials, or they do not allow this.
    Denied,
    /// No object of this store can have this key.
    InvalidKey,
    /// A setting can't work.
    InvalidConfig,
    /// A write may or may not have been applied, and nothing that can be read tells.
    Indeterminate,
    /// The store can't be reached or asks to be left alone for a while. A write was not applied.
    #[cfg_attr(
        not(any(feature = "s3", feature = "gcs", feature = "azure", feature = "local")),
        allow(dead_code, reason = "memory is always there")
    )]
    Unavailable,
    /// A body has more bytes than may be read or written.
    TooLarge,
    /// The request was not sent, since a budget is spent.
    BudgetSpent,
    /// None of the others.
    Other,
}

/// A failed request: what it means, and what the store said.
pub(crate) struct StoreError(Box<Inner>);

struct Inner {
    reason: Reason,
    /// What happened, in lower case; says what the source does not.
    what: String,
    source: Option<Source>,
}

impl StoreError {
    /// A failure; `what` says what happened.
    pub(crate) fn new(reason: Reason, what: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            reason,
            what: what.into(),
            source: None,
        }))
    }

    /// The same with its cause, which `what` does not repeat.
    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// No object has this key.
    pub(crate) fn not_found() -> Self {
        Self::new(Reason::NotFound, "no such object")
    }

    /// The key is taken.
    pub(crate) fn already_exists() -> Self {
        Self::new(Reason::AlreadyExists, "the key is taken")
    }

    /// The store can't do `what`.
    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::new(Reason::Unsupported, what)
    }

    /// The bucket or folder `database` is missing.
    pub(crate) fn no_database(database: &str) -> Self {
        Self::new(
            Reason::NoDatabase,
            format!("there is no database `{database}`"),
        )
    }

    /// What the failure means.
    pub(crate) fn reason(&self) -> Reason {
        self.0.reason
    }

    /// Takes the cause out, for an error whose message says the rest.
    pub(crate) fn into_source(self) -> Option<Source> {
        self.0.source
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            reason,
            what,
            source,
        } = &*self.0;
        let mut debug = f.debug_tuple("StoreError");
        debug.field(reason).field(what);
        if let Some(source) = source {
            debug.field(source);
        }
        debug.finish()
    }
}

impl StdError for StoreError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<BudgetSpent> for StoreError {
    fn from(spent: BudgetSpent) -> Self {
        Self::new(Reason::BudgetSpent, spent.to_string())
    }
}

impl From<object_store::path::Error> for StoreError {
    fn from(error: object_store::path::Error) -> Self {
        Self::new(Reason::InvalidKey, error.to_string())
    }
}

impl From<ObjectStoreError> for StoreError {
    fn from(error: ObjectStoreError) -> Self {
        use ObjectStoreError as E;

        let told = match &error {
            // From a provider of credentials, which says what it looked for.
            E::Unauthenticated { source, .. } => {
                return Self::new(Reason::Denied, source.to_string());
            }
            // Their causes say the same once more in other words.
            E::NotFound { .. } => return Self::not_found(),
            E::AlreadyExists { .. } => return Self::already_exists(),
            E::Precondition { .. } | E::NotModified { .. } => {
                return Self::new(Reason::Changed, "the object is another by now");
            }
            E::NotSupported { .. } | E::NotImplemented { .. } => {
                Self::unsupported("the store does not do this")
            }
            E::PermissionDenied { .. } => {
                Self::new(Reason::Denied, "the store says that this is not allowed")
            }
            E::InvalidPath { .. } => {
                Self::new(Reason::InvalidKey, "the path can't be an object's key")
            }
            E::UnknownConfigurationKey { .. } => {
                Self::new(Reason::InvalidConfig, "a setting is unknown")
            }
            _ => Self::new(Reason::Other, "the store failed"),
        };
        told.with_source(error)
    }
}
