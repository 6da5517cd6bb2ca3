//! A row with the version it was read at.

use std::ops::{Deref, DerefMut};

use object_store::Attributes;

use crate::error::{Error, ErrorKind};
use crate::rows::Entries;
use crate::store::Version;

/// A row with the version at which it was read. It derefs to the row.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # #[derive(S3Table)]
/// # struct Counter { #[s3(key)] name: String, value: u64 }
/// # let counters = db.table::<Counter>();
/// counters.insert(&Counter { name: "visits".into(), value: 1 }).await?;
/// let mut visits = counters.select_versioned("visits").await?.expect("it was inserted");
/// visits.value += 1;
/// visits.version = counters.update(&visits).await?;
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Versioned<T> {
    /// The row.
    pub row: T,
    /// The version at which it was read.
    pub version: Version,
    /// Content headers, user metadata and storage class, which an update keeps.
    pub(crate) kept: Attributes,
    /// The row's entries in indexes as they were read, since the row can be changed in place.
    pub(crate) entries: Option<Entries>,
}

impl<T> Versioned<T> {
    /// A row to be written over a version that was read elsewhere, such as by a web client that
    /// sends it back as `If-Match`.
    ///
    /// It does not know the row's content headers and user metadata, so an update writes the
    /// table's own. [`Table::update_with`](crate::Table::update_with) sets others.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # use s3aads::{Version, Versioned};
    /// # #[derive(S3Table)]
    /// # struct Counter { #[s3(key)] name: String, value: u64 }
    /// # let counters = db.table::<Counter>();
    /// let visits = Counter { name: "visits".into(), value: 1 };
    /// let e_tag = counters.insert(&visits).await?.to_string(); // sent to the client
    ///
    /// let version: Version = e_tag.parse()?; // and back with the change
    /// let visits = Counter { name: "visits".into(), value: 2 };
    /// counters.update(&Versioned::new(visits, version)).await?;
    /// # });
    /// ```
    pub fn new(row: T, version: Version) -> Self {
        Self {
            row,
            version,
            kept: Attributes::new(),
            entries: None,
        }
    }
}

/// What [`Table::update`](crate::Table::update) takes: a [`Versioned`] row.
#[diagnostic::on_unimplemented(
    message = "`update` takes a `Versioned<{T}>`, and `{Self}` is none",
    label = "a row without the version that was read",
    note = "read the row by `select_versioned`, or change it by `modify`, which reads it itself; `upsert` writes over \
            whatever is there"
)]
pub trait IsVersioned<T>: Sync {
    #[doc(hidden)]
    fn versioned(&self) -> &Versioned<T>;
}

impl<T: Sync> IsVersioned<T> for Versioned<T> {
    fn versioned(&self) -> &Self {
        self
    }
}

impl<T> Deref for Versioned<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

impl<T> DerefMut for Versioned<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.row
    }
}

/// A store that says the row is not there says, to an update, that it was deleted.
pub(crate) fn as_conflict(error: Error) -> Error {
    match error.kind() {
        ErrorKind::AlreadyExists => error.into_kind(ErrorKind::Conflict),
        _ => error,
    }
}
