//! One database: a bucket, a folder or memory, and the tables in it.

mod check;
mod stored_schema;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use object_store::ObjectStore;

pub use check::{Capabilities, Capability};

use crate::error::{Error, ErrorKind, Result};
use crate::fault::{named, store_error};
use crate::key::{MAX_PATH_BYTES, decode_segment, encode_segment};
use crate::store::{
    Backend, Deletion, GenericBackend, ListRequest, Meter, PAGE_SIZE, Progress, StoreError, Usage,
};

/// The table that holds what the library writes for itself.
pub(crate) const RESERVED: &str = "_s3aads";

/// A handle to one database; cloning it is cheap, and clones count their requests together.
///
/// Opening one sends no request. See [`Database::open`] for the URLs it understands and
/// [`Server`](crate::Server) for settings.
///
/// ```
/// # use s3aads::{Database, S3Table};
/// #[derive(Debug, Clone, PartialEq, S3Table)]
/// struct Note {
///     #[s3(key)]
///     id: u64,
///     text: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> s3aads::Result<()> {
/// let db = Database::open("memory:///notes")?;
/// db.create().await?;
/// let notes = db.table::<Note>();
/// let note = Note { id: 7, text: "hello".into() };
/// notes.insert(&note).await?;
/// assert_eq!(notes.select(7).await?, Some(note));
/// assert_eq!(db.usage().total(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    /// Empty, or ends in `/`.
    prefix: String,
    backend: Arc<dyn Backend>,
    meter: Meter,
    conditions: check::Known,
}

impl Database {
    pub(crate) fn new(name: String, prefix: String, backend: Arc<dyn Backend>) -> Self {
        Self {
            inner: Arc::new(Inner {
                name,
                prefix,
                backend,
                meter: Meter::default(),
                conditions: check::Known::default(),
            }),
        }
    }

    /// A database on any `object_store`, for stores that [`open`](Self::open) does not know.
    ///
    /// Listings of such a store are read whole and put in order, since the trait promises neither
    /// pages nor order.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use s3aads::Database;
    /// let db = Database::with_store("mine", Arc::new(object_store::memory::InMemory::new()));
    /// assert_eq!(db.name(), "mine");
    /// ```
    pub fn with_store(name: impl Into<String>, store: Arc<dyn ObjectStore>) -> Self {
        let backend = GenericBackend::new(store, "custom", true, true);
        Self::new(name.into(), String::new(), Arc::new(backend))
    }

    /// Sets how many bytes the body of a row may have, for this handle and its clones: 256 MiB
    /// unless set. A larger one is neither written nor read (`InvalidRow`), so that no object can
    /// exhaust the memory.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// let db = s3aads::Database::open("memory:///test")?;
    /// db.create().await?;
    /// let db = db.with_max_row_size(3);
    /// db.create().await?;
    /// let notes = db.raw_table("notes", ["id"])?;
    /// notes.insert_string(["1"], "abc").await?;
    /// let refused = notes.insert_string(["2"], "abcd").await.unwrap_err();
    /// assert_eq!(refused.kind(), s3aads::ErrorKind::InvalidRow);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_max_row_size(self, bytes: u64) -> Self {
        self.meter().set_most_body(bytes);
        self
    }

    /// The database's name: the bucket's or the folder's.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    pub(crate) fn backend(&self) -> &Arc<dyn Backend> {
        &self.inner.backend
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.inner.meter
    }

    /// Where a table's keys start: `[<prefix>/]<table>/`.
    pub(crate) fn root(&self, table: &str) -> String {
        format!("{}{}/", self.inner.prefix, encode_segment(table))
    }

    /// Names the database in a store's error.
    pub(crate) fn fail(&self, error: StoreError, doing: &str) -> Error {
        store_error(error, doing).in_database(&self.inner.name)
    }

    /// Makes the bucket or folder, where it is not there. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` where somebody else owns a bucket of this name; `PermissionDenied`;
    /// `Unavailable`.
    pub async fn create(&self) -> Result<()> {
        let made = self.inner.backend.create(&self.inner.meter).await;
        made.map_err(|error| self.fail(error, "create the database"))
    }

    /// Whether the bucket or folder is there. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `PermissionDenied`, `Unavailable`.
    pub async fn exists(&self) -> Result<bool> {
        let exists = self.inner.backend.exists(&self.inner.meter).await;
        exists.map_err(|error| self.fail(error, "look for the database"))
    }

    /// The names of the tables that hold at least one object, in order. Sends 1 request for each
    /// 1,000 tables.
    ///
    /// # Errors
    ///
    /// `NotFound` where the bucket is not there; `PermissionDenied`; `Unavailable`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// let db = s3aads::Database::open("memory:///tables")?;
    /// db.create().await?;
    /// db.raw_table("fruit", ["name"])?.insert_string(["apple"], "red").await?;
    /// assert_eq!(db.tables().await?, ["fruit"]);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn tables(&self) -> Result<Vec<String>> {
        let mut names = BTreeSet::new();
        let mut progress = Progress::default();
        let mut request = ListRequest {
            prefix: self.inner.prefix.clone(),
            delimiter: true,
            ..ListRequest::default()
        };
        loop {
            let page = self
                .inner
                .backend
                .list(request.clone(), &self.inner.meter)
                .await;
            let page = page.and_then(|page| progress.follow(page));
            let page = page.map_err(|error| self.fail(error, "list the tables"))?;
            for prefix in &page.prefixes {
                let segment = prefix.strip_prefix(&self.inner.prefix);
                let segment = segment.and_then(|folder| folder.strip_suffix('/'));
                match segment.and_then(decode_segment) {
                    Some(name) if name == RESERVED => {}
                    Some(name) => drop(names.insert(name.into_owned())),
                    None => tracing::warn!(folder = prefix, "skipped a folder that is no table"),
                }
            }
            match page.next {
                Some(token) => request.token = Some(token),
                None => return Ok(names.into_iter().collect()),
            }
        }
    }

    /// Refuses a name that no table can have.
    pub(crate) fn check_table_name(&self, name: &str) -> Result<()> {
        let fail = |kind, message: String| {
            Err(Error::new(kind, message)
                .in_database(self.name())
                .in_table(name))
        };
        if name.is_empty() || name == RESERVED {
            return fail(
                ErrorKind::InvalidConfig,
                format!("a table needs a name, and `{RESERVED}` is kept for the library itself"),
            );
        }
        let bytes = self.root(name).len();
        if bytes >= MAX_PATH_BYTES {
            return fail(
                ErrorKind::InvalidKey,
                format!("the folder's path has {bytes} bytes and stores take {MAX_PATH_BYTES}"),
            );
        }
        Ok(())
    }

    /// Deletes everything in the table's folder, rows and foreign objects alike, with its stored
    /// schema, and returns how many objects that were. Sends 1 LIST for each 1,000 objects, and as
    /// many bulk deletes where the store has them, else one DELETE for each object.
    ///
    /// # Errors
    ///
    /// `PermissionDenied`, `Unavailable` or `Indeterminate`, naming the keys that may still be
    /// there; everything else is deleted.
    pub async fn drop_table(&self, name: &str) -> Result<u64> {
        self.check_table_name(name)?;
        let mut dropped = 0;
        let mut left = Vec::new();
        let mut progress = Progress::default();
        let root = self.root(name);
        let request = ListRequest {
            prefix: root.clone(),
            ..ListRequest::default()
        };
        let mut next = Some(request.clone());
        while let Some(request_now) = next.take() {
            let page = self
                .inner
                .backend
                .list(request_now, &self.inner.meter)
                .await;
            let page = page.and_then(|page| progress.follow(page));
            let page = page.map_err(|error| self.fail(error, "list the table").in_table(name))?;
            let keys = page.objects.into_iter().map(|object| object.key);
            // What a store lists besides is another table's.
            let keys = keys.filter(|key| key.starts_with(&root));
            let mut keys: Vec<Deletion> = keys.map(Deletion::from).collect();
            dropped += keys.len() as u64;
            next = page.next.map(|token| ListRequest {
                token: Some(token),
                ..request.clone()
            });
            if next.is_none() {
                // The schema goes with the last rows, and most often in the same request.
                keys.push(self.schema_path(name).into());
            }
            for keys in keys.chunks(PAGE_SIZE) {
                let deleted = self
                    .inner
                    .backend
                    .delete_many(keys, &self.inner.meter)
                    .await;
                for (key, outcome) in keys.iter().zip(deleted) {
                    if let Err(error) = outcome {
                        left.push((key.key.clone(), error));
                    }
                }
            }
        }
        let names = named(left.iter().map(|(key, _)| key.as_str()));
        match left.into_iter().next() {
            None => Ok(dropped),
            Some((key, error)) => Err(self
                .fail(error, "delete an object")
                .in_table(name)
                .at_key(key)
                .note(format!("still there are {names}"))),
        }
    }

    /// How many requests this handle and its clones have sent, by class, retries included.
    pub fn usage(&self) -> Usage {
        self.inner.meter.usage()
    }

    pub(crate) fn conditions(&self) -> &check::Known {
        &self.inner.conditions
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database")
            .field("name", &self.inner.name)
            .field("prefix", &self.inner.prefix)
            .field("store", &self.inner.backend.traits().name)
            .finish()
    }
}
