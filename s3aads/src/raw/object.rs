//! What a listing tells of a row.

use chrono::{DateTime, Utc};

use crate::scan::Listed;

/// A row's object as a listing tells it: one item of [`Query::objects`](crate::Query::objects).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo<K> {
    /// The row's key.
    pub key: K,
    /// Bytes of the body.
    pub size: u64,
    /// When the row was last written, by the store's clock.
    pub last_modified: DateTime<Utc>,
    /// The ETag, as the store sends it.
    pub e_tag: Option<String>,
    /// The storage class, if the listing tells it.
    pub storage_class: Option<String>,
}

impl<K> ObjectInfo<K> {
    pub(crate) fn of(row: Listed<K>) -> Self {
        let entry = row.entry;
        Self {
            key: row.key,
            size: entry.size,
            last_modified: entry.last_modified,
            e_tag: entry.version.e_tag().map(str::to_owned),
            storage_class: entry.storage_class,
        }
    }
}

/// What [`Query::delete`](crate::Query::delete) did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted<K> {
    /// How many rows were deleted.
    pub rows: u64,
    /// The keys of the rows that were changed, or deleted by others, between the listing and their
    /// turn; they were left as they are.
    pub spared: Vec<K>,
}
