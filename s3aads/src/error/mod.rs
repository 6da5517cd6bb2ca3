//! The one error of the library.

mod cause;

use std::error::Error as _;
use std::fmt;

type Source = Box<dyn std::error::Error + Send + Sync + 'static>;

/// A `Result` whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure it was, that is, what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The row, table or database is not there.
    NotFound,
    /// There is already a row with this key.
    AlreadyExists,
    /// The row was changed since it was read, or a race was lost too often.
    Conflict,
    /// A key can't be stored: it is too long, or its column's encoding has no form for a value.
    InvalidKey,
    /// A row's body can't be written, or a stored body is not one of this table.
    InvalidRow,
    /// The table was stored with other key columns than this program uses.
    SchemaMismatch,
    /// The store can't do this, or can't be trusted with it.
    Unsupported,
    /// A write may or may not have taken effect. Read the row before you write it again.
    Indeterminate,
    /// An object in the table's folder is not a row, and the query asked for that to be an error.
    ForeignObject,
    /// A cursor is damaged, or was given by another query.
    InvalidCursor,
    /// The query's request budget is spent.
    BudgetExceeded,
    /// The store refused the credentials, or they do not allow this.
    PermissionDenied,
    /// The store can't be reached or is overloaded; the same call may succeed later. A write of one
    /// row that fails with this kind did not take effect.
    Unavailable,
    /// The database was opened, or a query was asked for, with settings that can't work.
    InvalidConfig,
    /// None of the others; the source tells more.
    Other,
}

impl ErrorKind {
    fn what(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::AlreadyExists => "already exists",
            Self::Conflict => "conflict",
            Self::InvalidKey => "invalid key",
            Self::InvalidRow => "invalid row",
            Self::SchemaMismatch => "schema mismatch",
            Self::Unsupported => "unsupported",
            Self::Indeterminate => "indeterminate",
            Self::ForeignObject => "foreign object",
            Self::InvalidCursor => "invalid cursor",
            Self::BudgetExceeded => "budget exceeded",
            Self::PermissionDenied => "permission denied",
            Self::Unavailable => "unavailable",
            Self::InvalidConfig => "invalid configuration",
            Self::Other => "error",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.what())
    }
}

/// What went wrong, where, and what can be done about it.
///
/// [`kind`](Self::kind) says what the caller can do. The message is one line that says what
/// happened and why, and names the database, table, key and column as far as there is one. What
/// else a store or a decoder said is in [`source`](std::error::Error::source); `{:#}` appends it to
/// the line. Nothing is said twice.
///
/// ```
/// # use s3aads::{Database, ErrorKind};
/// let error = Database::open("ftp://somewhere").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidConfig);
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    database: Option<String>,
    table: Option<String>,
    key: Option<String>,
    column: Option<String>,
    source: Option<Source>,
}

impl Error {
    /// An error of this kind; `message` says what happened and what to do, in lower case.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            database: None,
            table: None,
            key: None,
            column: None,
            source: None,
        }))
    }

    /// Adds the cause, as far as it tells more than the message.
    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = cause::beyond(&self.0.message, source.into());
        self
    }

    /// Adds why it happened to the message, for a cause that has nothing more to tell.
    pub(crate) fn because(mut self, why: impl fmt::Display) -> Self {
        self.0.message = format!("{}: {why}", self.0.message);
        self
    }

    /// The same failure, of a kind that fits the caller's operation.
    pub(crate) fn into_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Adds to the message.
    pub(crate) fn note(mut self, note: impl fmt::Display) -> Self {
        self.0.message = format!("{}; {note}", self.0.message);
        self
    }

    /// Names the database, unless a deeper layer did.
    pub(crate) fn in_database(mut self, database: &str) -> Self {
        self.0.database.get_or_insert_with(|| shorten(database));
        self
    }

    /// Names the table, unless a deeper layer did.
    pub(crate) fn in_table(mut self, table: &str) -> Self {
        self.0.table.get_or_insert_with(|| shorten(table));
        self
    }

    /// Names the key, unless a deeper layer did.
    pub(crate) fn at_key(mut self, key: impl fmt::Display) -> Self {
        self.0.key.get_or_insert_with(|| shorten(&key.to_string()));
        self
    }

    /// Names the key column or body field, unless a deeper layer did.
    pub(crate) fn in_column(mut self, column: &str) -> Self {
        self.0.column.get_or_insert_with(|| shorten(column));
        self
    }

    /// The message without the places.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The database, if there is one.
    pub fn database(&self) -> Option<&str> {
        self.0.database.as_deref()
    }

    /// The table, if there is one.
    pub fn table(&self) -> Option<&str> {
        self.0.table.as_deref()
    }

    /// The row's key as it is stored (`1/2020/01/01`), cut short if it is very long.
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// The key column or body field, if one is at fault.
    pub fn column(&self) -> Option<&str> {
        self.0.column.as_deref()
    }
}

/// Keys and names that are refused may be of any length; a message should not be.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONGEST).collect();
    format!("{head}… ({} bytes)", text.len())
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.write_str(&inner.message)?;
        let places = [
            ("database", &inner.database),
            ("table", &inner.table),
            ("key", &inner.key),
            ("column", &inner.column),
        ];
        let mut open = false;
        for (name, place) in places {
            if let Some(place) = place {
                let separator = if open { ", " } else { " (" };
                write!(f, "{separator}{name} {place:?}")?;
                open = true;
            }
        }
        if open {
            f.write_str(")")?;
        }
        if f.alternate() {
            let mut source = self.source();
            while let Some(cause) = source {
                write!(f, ": {cause}")?;
                source = cause.source();
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug.field("kind", &inner.kind);
        debug.field("message", &inner.message);
        let places = [
            ("database", &inner.database),
            ("table", &inner.table),
            ("key", &inner.key),
            ("column", &inner.column),
        ];
        for (name, place) in places {
            if let Some(place) = place {
                debug.field(name, place);
            }
        }
        if let Some(source) = &inner.source {
            debug.field("source", source);
        }
        debug.finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
