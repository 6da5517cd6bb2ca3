//! What a listing tells of a row.

use chrono::{DateTime, Utc};

use crate::rows::search::Found;

/// A row's object as a listing tells it: one item of [`Query::objects`](crate::Query::objects).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo<K> {
    /// The row's key.
    pub key: K,
    /// Bytes of the body; in a packed table, of the body as JSON.
    pub size: u64,
    /// When the row was last written, by the store's clock; in a packed table, when the pack was.
    pub last_modified: DateTime<Utc>,
    /// The ETag, as the store sends it; in a packed table, the row's own.
    pub e_tag: Option<String>,
    /// The storage class, if the listing tells it.
    pub storage_class: Option<String>,
}

impl<K> ObjectInfo<K> {
    pub(crate) fn of(row: Found<K>) -> Self {
        let (key, entry) = row.into_entry();
        Self {
            key,
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
