//! The listing and request layer: what the tables ask of a store, in S3's terms.
//!
//! A [`Backend`] is one database (one bucket, folder or memory) and the only place from which
//! requests go out. Above it nobody knows which store serves a request; below it is
//! `object_store`. Paths are the full object keys as stored, already encoded; a listing may name
//! objects that other programs wrote under any key at all, so keys are plain strings here and not
//! `object_store::path::Path`, which refuses some of them.

#[cfg(any(feature = "gcs", feature = "azure"))]
pub(crate) mod cloud;
mod download;
mod error;
mod generic;
#[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
pub(crate) mod http;
#[cfg(feature = "local")]
pub(crate) mod local;
mod meter;
pub(crate) mod observe;
pub(crate) mod operation;
mod pricing;
mod progress;
#[cfg(feature = "s3")]
pub(crate) mod s3;
mod version;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use object_store::{Attributes, TagSet};
use serde::{Deserialize, Serialize};

pub(crate) use error::{Reason, Result, StoreError};
pub(crate) use generic::GenericBackend;
pub(crate) use meter::Meter;
pub use meter::{RequestClass, Usage};
pub use pricing::Pricing;
pub(crate) use pricing::dollars;
pub(crate) use progress::ListingProgress;
pub use version::Version;

/// How many keys an S3 LIST page holds at most.
pub(crate) const PAGE_SIZE: usize = 1000;

/// What tells one store from another, as far as a query plan or a write has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Features {
    /// A short name for messages: `s3`, `local`, `memory`.
    pub name: &'static str,
    /// `start_after` is served without reading what lies before it.
    pub seeks: bool,
    /// `delimiter` pages hold up to [`PAGE_SIZE`] child prefixes and cost one request each.
    pub delimiter: bool,
    /// Many objects are deleted by one request, [`PAGE_SIZE`] at a time.
    pub bulk_delete: bool,
    /// User metadata, content headers and tags are kept with an object.
    pub attributes: bool,
    /// Requests cross a network, so one may be applied without its answer coming back.
    pub remote: bool,
    /// What is known of the conditions of writes.
    pub conditions: Conditions,
    /// There are conditional deletes.
    pub conditional_delete: bool,
}

/// Whether a store's conditions are trusted; see [`Database::with_conditions`].
///
/// [`Database::with_conditions`]: crate::Database::with_conditions
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Conditions {
    /// Amazon's own endpoints, Azure, Google, the local and the memory store are believed. On any
    /// other the first conditional write of a handle reads the remembered outcome of a check (1
    /// GET), or makes one and remembers it (about 15 requests, once for a database).
    #[default]
    Checked,
    /// Every condition is believed, and nothing is checked.
    Assumed,
    /// No condition is believed: what needs one is `Unsupported`.
    Refused,
}

/// How a store wants the ETag in a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ETagForm {
    /// With its quotes, as it came.
    #[default]
    Quoted,
    /// Without them.
    #[cfg_attr(not(feature = "s3"), allow(dead_code, reason = "a dialect of S3"))]
    Bare,
}

/// One LIST request.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListRequest {
    /// Only keys that start with this text, byte for byte; it need not end at a `/`.
    pub prefix: String,
    /// Only keys after this one, in byte order.
    pub start_after: Option<String>,
    /// Roll up the keys that have a `/` after the prefix into their common prefixes.
    pub delimiter: bool,
    /// At most this many keys and prefixes; [`PAGE_SIZE`] if `None`.
    pub max_keys: Option<usize>,
    /// Go on from the page that gave this token; the other fields must be as they were.
    pub token: Option<PageToken>,
}

/// Where the next page of a listing starts.
#[derive(Debug, Clone)]
pub(crate) enum PageToken {
    /// The server's continuation token.
    #[cfg_attr(
        not(feature = "s3"),
        allow(dead_code, reason = "only S3's pages have one")
    )]
    Server(String),
    /// For stores that keep what is left of a listing.
    After {
        /// The last key or prefix of the page.
        last: String,
        /// The listing, which goes on with nothing that another one left: that may be older than it.
        listing: u64,
    },
}

/// One page of a listing, in the byte order of the keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListPage {
    /// The objects of the page.
    pub objects: Vec<ObjectEntry>,
    /// The common prefixes of the page, each ending in `/`.
    pub prefixes: Vec<String>,
    /// Set if the listing has more pages.
    pub next: Option<PageToken>,
    /// The store asked to be left alone for a while before it gave the page.
    pub slowed: bool,
}

/// One line of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ListEntry {
    Object(ObjectEntry),
    /// A common prefix, ending in `/`.
    Prefix(String),
}

impl ListEntry {
    /// The key or the prefix.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Object(entry) => &entry.key,
            Self::Prefix(prefix) => prefix,
        }
    }
}

impl ListPage {
    /// Adds what comes next in the listing.
    pub(crate) fn push(&mut self, entry: ListEntry) {
        match entry {
            ListEntry::Object(object) => self.objects.push(object),
            ListEntry::Prefix(prefix) => self.prefixes.push(prefix),
        }
    }
}

/// What a listing or a HEAD tells of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectEntry {
    /// The object's full key, as stored.
    pub key: String,
    /// Bytes of the body.
    pub size: u64,
    /// When it was written, by the store's clock.
    pub last_modified: DateTime<Utc>,
    /// Which writing of the key it is.
    pub version: Version,
    /// The storage class, if the listing names it.
    pub storage_class: Option<String>,
}

/// One object with its body.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    /// As a HEAD tells it.
    pub entry: ObjectEntry,
    /// Content headers and user metadata.
    pub attributes: Attributes,
    /// The body, complete.
    pub body: Bytes,
}

/// When a write or a delete takes effect.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Condition {
    /// Always.
    #[default]
    None,
    /// Only if no object has the key (`If-None-Match: *`).
    Absent,
    /// Only if the object is still the one that was read (`If-Match`).
    Unchanged(Version),
}

impl Condition {
    /// What a write on this condition is called.
    pub(crate) fn write(&self) -> &'static str {
        match self {
            Self::None => "upsert",
            Self::Absent => "insert",
            Self::Unchanged(_) => "update",
        }
    }

    /// Only while the object is this version of it; whatever it is if none is given.
    #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
    pub(crate) fn of(version: Option<&Version>) -> Self {
        version.map_or(Self::None, |version| Self::Unchanged(version.clone()))
    }
}

/// What a presigned URL is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// A GET of the object.
    Read,
    /// A PUT of it.
    Write,
}

/// What goes with the body of a PUT.
#[derive(Debug, Clone, Default)]
pub(crate) struct PutRequest {
    /// When it takes effect.
    pub condition: Condition,
    /// Content headers, storage class and user metadata.
    pub attributes: Attributes,
    /// Object tags.
    pub tags: TagSet,
    /// It must not take effect twice: after an attempt that may have, it is not sent again.
    #[cfg_attr(
        not(any(feature = "s3", feature = "gcs", feature = "azure")),
        allow(dead_code, reason = "only clients over a network send anything again")
    )]
    pub once: bool,
    /// The id of a conditional write, where the sender chose it.
    pub operation: Option<String>,
}

/// One object that is to be deleted.
#[derive(Debug, Clone)]
pub(crate) struct Deletion {
    /// The object's full key.
    pub key: String,
    /// Only if it is still this one; always if `None`.
    pub version: Option<Version>,
}

impl<S: Into<String>> From<S> for Deletion {
    /// Whatever the key holds.
    fn from(key: S) -> Self {
        Self {
            key: key.into(),
            version: None,
        }
    }
}

/// What a copy made of what; unknown as far as the store did not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Copied {
    /// The writing that was copied.
    pub source: Version,
    /// The copy.
    pub target: Version,
}

/// One database as its store serves it.
///
/// Every method sends exactly one request (its retries aside) unless it says otherwise, and
/// counts it on `meter` as it goes out. The layer above adds database, table and key to its errors.
#[async_trait]
pub(crate) trait Backend: Debug + Send + Sync + 'static {
    /// What this store can do.
    fn features(&self) -> Features;

    /// Names what two backends must share for a copy to be made by the server; empty for none.
    fn server_id(&self) -> String;

    /// Names the server, the same for all who use it: what was found out about it holds there.
    fn endpoint(&self) -> String {
        self.features().name.to_owned()
    }

    /// How ETags stand in conditions from now on.
    fn e_tag_form(&self) -> ETagForm {
        ETagForm::Quoted
    }

    /// Sends ETags in this form from now on, on every backend of the server; false if the user or
    /// the store's kind has settled it.
    fn set_e_tag_form(&self, form: ETagForm) -> bool {
        form == self.e_tag_form()
    }

    /// One page of a listing.
    async fn list(&self, request: ListRequest, meter: &Meter) -> Result<ListPage>;

    /// The object at `path`, body and all.
    async fn get(&self, path: &str, meter: &Meter) -> Result<Object>;

    /// What a HEAD tells of the object at `path`.
    async fn head(&self, path: &str, meter: &Meter) -> Result<(ObjectEntry, Attributes)>;

    /// Writes `body` to `path`. The attributes of a conditional write that replaces what was read
    /// hold the operation ids that were read ([`operation`]). A condition that does not hold is [`Reason::AlreadyExists`] for
    /// [`Condition::Absent`] and [`Reason::Changed`] for [`Condition::Unchanged`].
    async fn put(
        &self,
        path: &str,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> Result<Version>;

    /// Deletes the object at `path`; deleting an absent one succeeds. With a version, an object
    /// that is another or is gone is [`Reason::Changed`], and [`Reason::Indeterminate`] if it is
    /// gone after an attempt that got no clear answer.
    async fn delete(&self, path: &str, version: Option<&Version>, meter: &Meter) -> Result<()>;

    /// Deletes up to [`PAGE_SIZE`] objects by one request, if [`Features::bulk_delete`]. The answer has
    /// one outcome for each of them, in order: `None` for one that is to be deleted by itself, since it
    /// can't be deleted so, or nothing was said of it. One that is gone after an attempt without a
    /// clear answer counts as deleted, whoever did it.
    async fn delete_many(&self, deletions: &[Deletion], _meter: &Meter) -> Vec<Option<Result<()>>> {
        deletions.iter().map(|_| None).collect()
    }

    /// Copies `from` of the database `source` (which shares this one's [`Backend::server_id`])
    /// to `to` here, on the server, body, headers and metadata alike. On S3 a condition makes it two
    /// requests, so that the copy bears an id of its own and copies what the first one saw.
    async fn copy(
        &self,
        source: &Arc<dyn Backend>,
        from: &str,
        to: &str,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Copied>;

    /// A URL by which anyone can send one kind of request for the object at `path`, for a while.
    /// Sends nothing.
    async fn presign(&self, _path: &str, _access: Access, _valid: Duration) -> Result<String> {
        Err(StoreError::unsupported(format!(
            "the {} store signs no URLs; S3 does",
            self.features().name
        )))
    }

    /// Makes the bucket or folder; that it is there already is no error.
    async fn create(&self, meter: &Meter) -> Result<()>;

    /// Whether the bucket or folder is there.
    async fn exists(&self, meter: &Meter) -> Result<bool>;

    /// For the downcast by which `copy` finds the other side's bucket.
    fn as_any(&self) -> &dyn std::any::Any;
}
