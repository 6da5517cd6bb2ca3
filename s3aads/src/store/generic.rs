//! Any `ObjectStore`: the memory store, and whatever a user brings.
//!
//! `ObjectStore::list` promises neither order nor pages, so each listing is read whole, put in
//! order, and handed out page by page from what was read: such a store does not seek, and does
//! not pretend to.

use std::any::Any;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, CopyMode, CopyOptions, Error, GetOptions, ObjectMeta, ObjectStore,
    ObjectStoreExt, PutMode, PutOptions, PutPayload,
};
use tokio::sync::RwLock;

use super::operation::{self, Operation, OwnTrace};
use super::{
    Backend, Condition, Conditions, Copied, Features, ListEntry, ListPage, ListRequest, Meter,
    Object, ObjectEntry, PAGE_SIZE, PageToken, PutRequest, Reason, RequestClass, Result,
    StoreError, Version, download,
};

/// A database on any `ObjectStore`.
#[derive(Debug)]
pub(crate) struct GenericBackend {
    store: Arc<dyn ObjectStore>,
    features: Features,
    /// Listings whose next page has not been asked for; the oldest is dropped first.
    kept: Mutex<VecDeque<RestOfListing>>,
    /// Whether the database was made; a store that came from elsewhere always is.
    there: AtomicBool,
    /// For the message if it was not.
    database: String,
    /// Held by every write, and alone by a conditional delete, which `ObjectStore` does not have: of
    /// use only if all writes come this way, as they do in memory.
    writing: RwLock<()>,
}

/// How many listings may be under way before the oldest is read again for its next page.
const MOST_KEPT: usize = 16;

/// The rest of a listing that was read whole.
#[derive(Debug)]
struct RestOfListing {
    listing: u64,
    after: String,
    entries: VecDeque<ListEntry>,
}

impl GenericBackend {
    /// A database on this store. `attributes` is whether it keeps headers and metadata, `remote`
    /// whether its requests cross a network.
    pub(crate) fn new(
        store: Arc<dyn ObjectStore>,
        name: &'static str,
        attributes: bool,
        remote: bool,
    ) -> Self {
        let features = Features {
            name,
            seeks: false,
            delimiter: false,
            bulk_delete: false,
            attributes,
            remote,
            // Of what a user brings nothing is known.
            conditions: match name {
                "custom" => Conditions::Checked,
                _ => Conditions::Assumed,
            },
            conditional_delete: name == "memory",
        };
        Self {
            store,
            features,
            kept: Mutex::default(),
            there: AtomicBool::new(true),
            database: String::new(),
            writing: RwLock::default(),
        }
    }

    /// A database that is to be made before it is used, as a bucket is.
    pub(crate) fn absent(store: Arc<dyn ObjectStore>, database: &str) -> Self {
        Self {
            there: AtomicBool::new(false),
            database: database.to_owned(),
            ..Self::new(store, "memory", true, false)
        }
    }

    /// Whether the database was made.
    pub(crate) fn is_there(&self) -> bool {
        self.there.load(Ordering::Relaxed)
    }

    /// Counts a request, and refuses it if there is no database.
    fn send(&self, class: RequestClass, meter: &Meter) -> Result<()> {
        meter.send(class)?;
        if self.is_there() {
            return Ok(());
        }
        Err(StoreError::no_database(&self.database))
    }

    async fn put_once(
        &self,
        path: &Path,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> Result<object_store::Result<Version>> {
        self.send(RequestClass::Put, meter)?;
        let options = PutOptions {
            mode: match request.condition {
                Condition::None => PutMode::Overwrite,
                Condition::Absent => PutMode::Create,
                Condition::Unchanged(version) => PutMode::Update(version.into()),
            },
            tags: request.tags,
            attributes: request.attributes,
            ..PutOptions::default()
        };
        let payload = PutPayload::from_bytes(body);
        let _writing = self.writing.read().await;
        let answer = self.store.put_opts(path, payload, options).await;
        Ok(answer.map(Version::from))
    }

    /// Deletes the object if it is still this one.
    async fn delete_unchanged(&self, path: &Path, version: &Version) -> Result<()> {
        let changed = |what: &str| Err(StoreError::new(Reason::Changed, what));
        let _alone = self.writing.write().await;
        match self.store.head(path).await {
            Ok(meta) if meta.e_tag.as_deref() == version.e_tag() => {
                Ok(self.store.delete(path).await?)
            }
            Ok(_) => changed("the object is another by now"),
            Err(Error::NotFound { .. }) => changed("the object is gone"),
            Err(error) => Err(error.into()),
        }
    }

    /// Finds out whether a conditional write that failed was applied: such a store retries by
    /// itself, unseen, so a refusal may be of its own first attempt.
    async fn own_success(
        &self,
        path: &Path,
        operation: &Operation,
        error: Error,
        meter: &Meter,
    ) -> Result<Version> {
        let refused = matches!(
            error,
            Error::AlreadyExists { .. } | Error::Precondition { .. }
        );
        let unclear = matches!(error, Error::Generic { .. });
        if !refused && !unclear {
            return Err(error.into());
        }
        let there = self.head(path.as_ref(), meter).await;
        let there = there.map(|(entry, found)| (entry.version, operation.trace(&found)));
        match there {
            Ok((version, OwnTrace::Applied)) => Ok(version),
            Ok((_, OwnTrace::Replaced)) => Ok(Version::replaced()),
            Ok(_) if refused => Err(error.into()),
            Err(absent) if refused && absent.reason() == Reason::NotFound => Err(error.into()),
            _ => Err(StoreError::new(
                Reason::Indeterminate,
                "the write failed and may have been applied all the same",
            )
            .with_source(error)),
        }
    }

    /// All that a listing holds, in order.
    async fn read_listing(&self, request: &ListRequest) -> Result<VecDeque<ListEntry>> {
        // `ObjectStore` lists whole folders only, and `Path` has no trailing slash.
        let folder = request
            .prefix
            .rfind('/')
            .map_or("", |end| &request.prefix[..end]);
        let folder = if folder.is_empty() {
            None
        } else {
            Some(Path::parse(folder)?)
        };
        let mut objects: Vec<ObjectEntry> = self
            .store
            .list(folder.as_ref())
            .map_ok(entry)
            .try_filter(|entry| std::future::ready(entry.key.starts_with(&request.prefix)))
            .try_collect()
            .await?;
        objects.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let mut listed: VecDeque<ListEntry> = VecDeque::with_capacity(objects.len());
        for object in objects {
            let child = object
                .key
                .get(request.prefix.len()..)
                .and_then(|rest| rest.find('/'));
            match child.filter(|_| request.delimiter) {
                None => listed.push_back(ListEntry::Object(object)),
                Some(end) => {
                    let prefix = &object.key[..request.prefix.len() + end + 1];
                    if listed.back().is_none_or(|last| last.name() != prefix) {
                        listed.push_back(ListEntry::Prefix(prefix.to_owned()));
                    }
                }
            }
        }
        if let Some(after) = &request.start_after {
            listed.retain(|listed| listed.name() > after.as_str());
        }
        Ok(listed)
    }

    fn take_rest(&self, listing: u64, after: &str) -> Option<VecDeque<ListEntry>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept
            .iter()
            .position(|kept| kept.listing == listing && kept.after == after)?;
        kept.remove(place).map(|kept| kept.entries)
    }

    fn keep_rest(&self, rest: RestOfListing) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == MOST_KEPT {
            kept.pop_front();
        }
        kept.push_back(rest);
    }
}

/// Whether nothing but the body's Content-Type and the library's own metadata goes with a write.
fn only_of_the_library(request: &PutRequest) -> bool {
    let own = |name: &Attribute| match name {
        Attribute::ContentType => true,
        Attribute::Metadata(name) => name.starts_with(operation::OWN_METADATA),
        _ => false,
    };
    request.tags.encoded().is_empty()
        && !request.attributes.is_empty()
        && request.attributes.iter().all(|(name, _)| own(name))
}

fn entry(meta: ObjectMeta) -> ObjectEntry {
    ObjectEntry {
        key: meta.location.into(),
        size: meta.size,
        last_modified: meta.last_modified,
        version: Version::new(meta.e_tag, meta.version),
        storage_class: None,
    }
}

#[async_trait]
impl Backend for GenericBackend {
    fn features(&self) -> Features {
        self.features
    }

    fn server_id(&self) -> String {
        // Copies go through this process, from any such store to any other.
        "process".to_owned()
    }

    async fn list(&self, request: ListRequest, meter: &Meter) -> Result<ListPage> {
        self.send(RequestClass::List, meter)?;
        let (listing, kept) = match &request.token {
            Some(PageToken::After { last, listing }) => (*listing, self.take_rest(*listing, last)),
            _ => (fastrand::u64(..), None),
        };
        let mut rest = match kept {
            Some(rest) => rest,
            None => {
                let mut fresh = request.clone();
                if let Some(PageToken::After { last, .. }) = &request.token {
                    fresh.start_after = Some(last.clone());
                }
                self.read_listing(&fresh).await?
            }
        };
        let mut page = ListPage::default();
        let mut last = None;
        let size = request.max_keys.unwrap_or(PAGE_SIZE).min(PAGE_SIZE);
        for listed in rest.drain(..size.min(rest.len())) {
            last = Some(listed.name().to_owned());
            page.push(listed);
        }
        if let Some(after) = last.filter(|_| !rest.is_empty()) {
            page.next = Some(PageToken::After {
                last: after.clone(),
                listing,
            });
            self.keep_rest(RestOfListing {
                listing,
                after,
                entries: rest,
            });
        }
        Ok(page)
    }

    async fn get(&self, path: &str, meter: &Meter) -> Result<Object> {
        self.send(RequestClass::Get, meter)?;
        let answer = self.store.get(&Path::parse(path)?).await?;
        let (meta, attributes, unread) = download::open(answer);
        let body = download::read(unread, meta.size, meter).await??;
        meter.read(body.len() as u64);
        Ok(Object {
            entry: entry(meta),
            attributes,
            body,
        })
    }

    async fn head(&self, path: &str, meter: &Meter) -> Result<(ObjectEntry, Attributes)> {
        self.send(RequestClass::Head, meter)?;
        let options = GetOptions {
            head: true,
            ..GetOptions::default()
        };
        let answer = self.store.get_opts(&Path::parse(path)?, options).await?;
        Ok((entry(answer.meta), answer.attributes))
    }

    async fn put(
        &self,
        path: &str,
        body: Bytes,
        mut request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        let path = Path::parse(path)?;
        let conditional = request.condition != Condition::None;
        let marked = conditional && self.features.remote && self.features.attributes;
        let operation = marked.then(|| Operation::mark(&mut request));
        meter.wrote(body.len() as u64);
        let error = match self
            .put_once(&path, body.clone(), request.clone(), meter)
            .await?
        {
            Err(Error::NotImplemented { .. } | Error::NotSupported { .. })
                if only_of_the_library(&request) =>
            {
                // A store without a place for headers and metadata loses nothing of the user's.
                let bare = PutRequest {
                    condition: request.condition,
                    ..PutRequest::default()
                };
                return Ok(self.put_once(&path, body, bare, meter).await??);
            }
            Err(error) => error,
            Ok(version) => return Ok(version),
        };
        match operation {
            Some(operation) => self.own_success(&path, &operation, error, meter).await,
            None => Err(error.into()),
        }
    }

    async fn delete(&self, path: &str, version: Option<&Version>, meter: &Meter) -> Result<()> {
        if version.is_some() && !self.features.conditional_delete {
            return Err(StoreError::unsupported(
                "this store has no conditional deletes",
            ));
        }
        self.send(RequestClass::Delete, meter)?;
        if let Some(version) = version {
            return self.delete_unchanged(&Path::parse(path)?, version).await;
        }
        let _writing = self.writing.read().await;
        match self.store.delete(&Path::parse(path)?).await {
            Err(Error::NotFound { .. }) => Ok(()),
            other => Ok(other?),
        }
    }

    async fn copy(
        &self,
        source: &Arc<dyn Backend>,
        from: &str,
        to: &str,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Copied> {
        let same = source
            .as_any()
            .downcast_ref::<Self>()
            .is_some_and(|other| Arc::ptr_eq(&other.store, &self.store));
        let mode = match condition {
            Condition::None => Some(CopyMode::Overwrite),
            Condition::Absent => Some(CopyMode::Create),
            Condition::Unchanged(_) => None,
        };
        if let (true, Some(mode)) = (same, mode) {
            self.send(RequestClass::Copy, meter)?;
            let options = CopyOptions::new().with_mode(mode);
            let (from, to) = (Path::parse(from)?, Path::parse(to)?);
            let _writing = self.writing.read().await;
            self.store.copy_opts(&from, &to, options).await?;
            return Ok(Copied::default());
        }
        let object = source.get(from, meter).await?;
        let source = object.entry.version;
        let mut attributes = object.attributes;
        if !self.features.attributes {
            attributes = attributes
                .iter()
                .filter(|(name, _)| **name == Attribute::ContentType)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
        }
        let request = PutRequest {
            condition,
            attributes,
            ..PutRequest::default()
        };
        let target = self.put(to, object.body, request, meter).await?;
        Ok(Copied { source, target })
    }

    async fn create(&self, meter: &Meter) -> Result<()> {
        meter.send(RequestClass::Put)?;
        self.there.store(true, Ordering::Relaxed);
        Ok(())
    }

    async fn exists(&self, meter: &Meter) -> Result<bool> {
        meter.send(RequestClass::Head)?;
        Ok(self.is_there())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests;
