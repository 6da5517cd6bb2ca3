//! One database: a bucket, a folder or memory, and the tables in it.

mod check;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures_util::stream::{self, Stream, StreamExt};
use object_store::ObjectStore;

pub use check::Capabilities;

pub use crate::rows::conditions::Capability;
pub use crate::store::Conditions;

use crate::error::{Error, ErrorKind, Result};
use crate::key::{MAX_PATH_BYTES, decode_segment};
use crate::rows::delete::{DEFAULT_CONCURRENCY, Deleter, InFlight, still_there};
use crate::rows::{RESERVED, Session};
use crate::store::observe::{Operation, Place};
use crate::store::{
    self, Backend, Deletion, GenericBackend, ListRequest, ListingProgress, Meter, PAGE_SIZE,
    StoreError, Usage,
};

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
    session: Arc<Session>,
}

impl Database {
    pub(crate) fn new(name: String, prefix: String, backend: Arc<dyn Backend>) -> Self {
        Self {
            session: Arc::new(Session::new(name, prefix, backend)),
        }
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
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

    /// Sets how many bytes a pack of a packed table may have, before it is compressed, for this handle
    /// and its clones; 8 MiB unless set.
    ///
    /// A pack is read and written as a whole, so a write that would make one larger is refused. From a
    /// tenth of this on there is a `tracing` warning. A pack that is larger already may still shrink.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Note { #[s3(key)] user: String, #[s3(key, packed)] id: u32, text: String }
    /// let notes = db.with_max_pack_size(1_000).table::<Note>();
    /// let note = Note { user: "ada".into(), id: 1, text: "a".repeat(1_000) };
    /// assert_eq!(notes.insert(&note).await.unwrap_err().kind(), ErrorKind::InvalidRow);
    /// # });
    /// ```
    #[must_use]
    pub fn with_max_pack_size(self, bytes: u64) -> Self {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.session.set_max_pack_size(bytes);
        self
    }

    /// Sets whether the store's conditions are trusted, for this handle and its clones. Unless set,
    /// they are checked.
    ///
    /// ```
    /// use s3aads::{Conditions, Database, ErrorKind};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// let db = Database::open("memory:///believed")?.with_conditions(Conditions::Refused);
    /// db.create().await?;
    /// let notes = db.raw_table("notes", ["id"])?;
    /// let refused = notes.insert_string(["1"], "hello").await.unwrap_err();
    /// assert_eq!(refused.kind(), ErrorKind::Unsupported);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_conditions(self, conditions: Conditions) -> Self {
        self.session.set_conditions(conditions);
        self
    }

    /// The database's name: the bucket's or the folder's.
    pub fn name(&self) -> &str {
        self.session.name()
    }

    pub(crate) fn backend(&self) -> &Arc<dyn Backend> {
        self.session.backend()
    }

    pub(crate) fn meter(&self) -> &Meter {
        self.session.meter()
    }

    /// Where a table's keys start: `[<prefix>/]<table>/`.
    pub(crate) fn root(&self, table: &str) -> String {
        self.session.root(table)
    }

    /// Names the database in a store's error.
    pub(crate) fn fail(&self, error: StoreError, doing: &str) -> Error {
        self.session.fail(error, doing)
    }

    /// Makes the bucket or folder, if there is none. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` if somebody else owns a bucket of this name; `PermissionDenied`;
    /// `Unavailable`.
    pub async fn create(&self) -> Result<()> {
        let made = self.backend().create(self.meter()).await;
        made.map_err(|error| self.fail(error, "create the database"))
    }

    /// Whether the bucket or folder is there. Sends 1 request.
    ///
    /// # Errors
    ///
    /// `PermissionDenied`, `Unavailable`.
    pub async fn exists(&self) -> Result<bool> {
        let exists = self.backend().exists(self.meter()).await;
        exists.map_err(|error| self.fail(error, "look for the database"))
    }

    /// The names of the tables that hold at least one object, in order. Sends 1 request for each
    /// 1,000 tables.
    ///
    /// # Errors
    ///
    /// `NotFound` if the bucket is not there; `PermissionDenied`; `Unavailable`.
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
        let mut progress = ListingProgress::default();
        let mut request = ListRequest {
            prefix: self.session.prefix().to_owned(),
            delimiter: true,
            ..ListRequest::default()
        };
        loop {
            let page = self.backend().list(request.clone(), self.meter()).await;
            let page = page.and_then(|page| progress.follow(page));
            let page = page.map_err(|error| self.fail(error, "list the tables"))?;
            for prefix in &page.prefixes {
                let segment = prefix.strip_prefix(self.session.prefix());
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
    /// many bulk deletes if the store has them, else one DELETE for each object.
    ///
    /// # Errors
    ///
    /// `PermissionDenied`, `Unavailable` or `Indeterminate`: the error names the keys that are
    /// still there, or may be; everything else is deleted. `Unsupported`, before anything is sent,
    /// if this handle or a clone has seen that the table requires what this release does not know.
    pub async fn drop_table(&self, name: &str) -> Result<u64> {
        self.check_table_name(name)?;
        self.session.may_drop(name)?;
        let place = Place {
            database: self.name(),
            table: name,
            key: &"",
        };
        let operation = Operation::new("drop_table", place);
        operation.run(self.drop_objects(name)).await
    }

    async fn drop_objects(&self, name: &str) -> Result<u64> {
        let limit = InFlight::new(DEFAULT_CONCURRENCY);
        let deleter = &Deleter::new(&self.session, self.meter(), limit);
        let root = self.root(name);
        let (mut dropped, mut left, mut listing) = (0, Vec::new(), Ok(()));
        let mut chunks = self
            .table_chunks(name)
            .map(|chunk| async move {
                let mut chunk = chunk?;
                let keys: Vec<String> = chunk.iter().map(|doomed| doomed.key.clone()).collect();
                // The schema behind a full page is not worth a bulk delete of its own.
                let alone = (chunk.len() > PAGE_SIZE).then(|| chunk.pop()).flatten();
                let mut outcomes = deleter.delete(chunk).await;
                if let Some(schema) = alone {
                    outcomes.push(deleter.delete_alone(&schema).await);
                }
                Ok::<_, StoreError>(keys.into_iter().zip(outcomes))
            })
            .buffer_unordered(deleter.chunks_at_once())
            .boxed();
        while let Some(chunk) = chunks.next().await {
            match chunk {
                Ok(outcomes) => {
                    for (key, outcome) in outcomes {
                        match outcome {
                            Ok(()) => dropped += u64::from(key.starts_with(&root)),
                            Err(error) => left.push((key, error)),
                        }
                    }
                }
                Err(error) => listing = Err(error),
            }
        }
        drop(chunks);
        self.session.forget_schema(name);
        left.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let place = |error: Error| error.in_table(name);
        if let Some(error) = still_there(&self.session, left, "delete the table") {
            return Err(place(error.note(format!("{dropped} objects were deleted"))));
        }
        listing.map_err(|error| place(self.fail(error, "list the table")))?;
        Ok(dropped)
    }

    /// What a table's folder holds and its schema, and after them the entries of its indexes, in chunks
    /// for bulk deletes, as it is listed. Entries without rows are harmless, rows without entries are not.
    fn table_chunks(&self, name: &str) -> impl Stream<Item = store::Result<Vec<Deletion>>> + Send {
        let schema = self.session.schema_path(name);
        let rows = self.chunks(self.root(name), Some(schema));
        let entries = self.session.may_have_entries(name);
        let entries = entries.then(|| self.chunks(self.session.index_root(name), None));
        rows.chain(stream::iter(entries).flatten())
    }

    /// What is below a prefix, and one object more, in chunks for bulk deletes.
    fn chunks(
        &self,
        prefix: String,
        last: Option<String>,
    ) -> impl Stream<Item = store::Result<Vec<Deletion>>> + Send + use<> {
        let request = ListRequest {
            prefix,
            ..ListRequest::default()
        };
        let session = Arc::clone(&self.session);
        let start = (Some(request), ListingProgress::default());
        stream::try_unfold(start, move |(request, mut progress)| {
            let (session, one_more) = (Arc::clone(&session), last.clone());
            async move {
                let Some(mut request) = request else {
                    return Ok(None);
                };
                let page = session
                    .backend()
                    .list(request.clone(), session.meter())
                    .await?;
                let page = progress.follow(page)?;
                let keys = page.objects.into_iter().map(|object| object.key);
                // What a store lists besides is another table's.
                let keys = keys.filter(|key| key.starts_with(&request.prefix));
                let mut chunk: Vec<Deletion> = keys.map(Deletion::from).collect();
                let last = page.next.is_none();
                if last {
                    // The schema goes with the last rows, and most often in the same request.
                    chunk.extend(one_more.map(Deletion::from));
                }
                request.token = page.next;
                Ok(Some((chunk, ((!last).then_some(request), progress))))
            }
        })
    }

    /// How many requests this handle and its clones have sent, by class, retries included.
    pub fn usage(&self) -> Usage {
        self.meter().usage()
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.session.fmt(f)
    }
}
