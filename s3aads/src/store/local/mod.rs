//! The embedded store: a database is a folder on the local disk, with S3's semantics.
//!
//! - `folder`: which file holds which object; `naming`, `probe`: where file systems fold names;
//!   `version`: ETags; `durability`: what is synced
//! - `lock`, `staging`, `write`: writes that are whole, ordered and survive a killed writer
//! - `read`: one object; `pass`, `watch`, `opened`: one folder; `names`, `walk`, `list`: a listing
//!
//! All of them block; [`LocalBackend`] runs them on threads for that (`call`).

mod call;
mod durability;
mod errors;
mod folder;
mod list;
mod lock;
mod names;
mod naming;
mod opened;
mod pass;
mod probe;
mod read;
mod staging;
#[cfg(test)]
mod tests;
mod version;
mod walk;
mod watch;
mod write;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::{Attribute, Attributes};

use self::call::{Call, blocking};
use self::errors::{context, means_absent, unusable};
use self::folder::Folder;
use self::list::Walks;
use super::{
    Backend, Condition, Conditions, Copied, Features, ListPage, ListRequest, Meter, Object,
    ObjectEntry, PutRequest, Reason, RequestClass, Result, StoreError, Version, operation,
};

pub use durability::Durability;

/// One database in a folder.
#[derive(Debug)]
pub(crate) struct LocalBackend {
    folder: Arc<Folder>,
    walks: Arc<Walks>,
}

impl LocalBackend {
    /// Opens the database in the folder `root`, which need not exist yet, and removes what killed
    /// writers left in it.
    ///
    /// # Errors
    ///
    /// Where `root` is relative and the working folder is unknown.
    pub(crate) fn open(root: &Path, durability: Durability) -> Result<Self> {
        let root = std::path::absolute(root)
            .map_err(|error| unusable(context(&error, "finding the folder", root), root))?;
        // Without the trailing slash and dots that the parents of files don't have either.
        let folder = Folder::new(root.components().collect(), durability);
        clean(&folder);
        Ok(Self {
            folder: Arc::new(folder),
            walks: Arc::default(),
        })
    }

    /// Runs `operation` on a thread that may block.
    async fn run<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Folder, &Call) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let folder = Arc::clone(&self.folder);
        blocking(move |call| {
            operation(&folder, call).map_err(|error| missing_database(&folder, error))
        })
        .await
    }

    /// The same for what writes nothing.
    async fn read<T: Send + 'static>(
        &self,
        operation: impl FnOnce(&Folder) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.run(|folder, _| {
            folder
                .learn_naming(false)
                .map_err(|error| unusable(error, folder.root()))?;
            operation(folder)
        })
        .await
    }
}

/// Tells a missing object from one that is missing because the database is.
fn missing_database(folder: &Folder, error: StoreError) -> StoreError {
    let is_missing = || {
        let found = folder.root().metadata();
        found.is_err_and(|error| error.kind() == ErrorKind::NotFound)
    };
    match error.reason() {
        Reason::NotFound if is_missing() => {
            StoreError::no_database(&folder.root().to_string_lossy())
        }
        _ => error,
    }
}

/// Removes leftovers; a folder that can't be written to can still be read.
fn clean(folder: &Folder) {
    match staging::clean(folder) {
        Ok(0) => {}
        Ok(files) => tracing::debug!(files, "removed what killed writers left behind"),
        Err(error) => {
            tracing::warn!(%error, root = %folder.root().display(), "leftovers can't be removed");
        }
    }
}

/// The names of the databases in `server`: its sub-folders, sorted. None where it isn't there.
pub(crate) async fn list_databases(server: PathBuf) -> Result<Vec<String>> {
    blocking(move |_| {
        sub_folders(&server)
            .map_err(|error| unusable(context(&error, "reading the folder", &server), &server))
    })
    .await
}

fn sub_folders(server: &Path) -> std::io::Result<Vec<String>> {
    let entries = match std::fs::read_dir(server) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        // A database may be a link to another disk, as the root of one may be.
        if entry.path().is_dir()
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Refuses what a plain file has no place for.
fn check_attributes(request: &PutRequest) -> Result<()> {
    for (attribute, _) in &request.attributes {
        let what = match attribute {
            // The body's format tells it, so nothing is lost.
            Attribute::ContentType => continue,
            Attribute::Metadata(name) if name.starts_with(operation::OWN_METADATA) => continue,
            Attribute::Metadata(name) => format!("the user metadata '{name}'"),
            Attribute::StorageClass => "a storage class".to_owned(),
            header => format!("the header {header:?}"),
        };
        return Err(StoreError::unsupported(format!(
            "{what} was given, and the local store keeps no content headers or metadata"
        )));
    }
    if !request.tags.encoded().is_empty() {
        return Err(StoreError::unsupported(
            "tags were given, and the local store keeps none",
        ));
    }
    Ok(())
}

#[async_trait]
impl Backend for LocalBackend {
    fn features(&self) -> Features {
        Features {
            name: "local",
            seeks: true,
            delimiter: true,
            bulk_delete: false,
            attributes: false,
            remote: false,
            conditions: Conditions::Assumed,
            conditional_delete: true,
        }
    }

    fn server_id(&self) -> String {
        "local".to_owned()
    }

    async fn list(&self, request: ListRequest, meter: &Meter) -> Result<ListPage> {
        meter.send(RequestClass::List)?;
        let walks = Arc::clone(&self.walks);
        self.read(move |folder| list::page(folder, &walks, request))
            .await
    }

    async fn get(&self, path: &str, meter: &Meter) -> Result<Object> {
        meter.send(RequestClass::Get)?;
        let (key, limit) = (path.to_owned(), meter.clone());
        let object = self
            .read(move |folder| read::get(folder, &key, &limit))
            .await?;
        meter.read(object.entry.size);
        Ok(object)
    }

    async fn head(&self, path: &str, meter: &Meter) -> Result<(ObjectEntry, Attributes)> {
        meter.send(RequestClass::Head)?;
        let key = path.to_owned();
        let entry = self.read(move |folder| read::head(folder, &key)).await?;
        Ok((entry, Attributes::default()))
    }

    async fn put(
        &self,
        path: &str,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        check_attributes(&request)?;
        meter.send(RequestClass::Put)?;
        meter.wrote(body.len() as u64);
        let key = path.to_owned();
        self.run(move |folder, call| write::put(folder, &key, &body, &request.condition, call))
            .await
    }

    async fn delete(&self, path: &str, version: Option<&Version>, meter: &Meter) -> Result<()> {
        meter.send(RequestClass::Delete)?;
        let (key, version) = (path.to_owned(), version.cloned());
        self.run(move |folder, call| write::delete(folder, &key, version.as_ref(), call))
            .await
    }

    async fn copy(
        &self,
        source: &Arc<dyn Backend>,
        from: &str,
        to: &str,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Copied> {
        let Some(source) = source.as_any().downcast_ref::<Self>() else {
            return Err(StoreError::unsupported(format!(
                "the local store can't copy from a store of the kind '{}'",
                source.features().name
            )));
        };
        meter.send(RequestClass::Copy)?;
        let source = Arc::clone(&source.folder);
        let (from, key) = (from.to_owned(), to.to_owned());
        self.run(move |folder, call| {
            source
                .learn_naming(false)
                .map_err(|error| unusable(error, source.root()))?;
            write::copy(&source, &from, folder, &key, &condition, call)
        })
        .await
    }

    async fn create(&self, meter: &Meter) -> Result<()> {
        meter.send(RequestClass::Put)?;
        self.run(|folder, _| {
            durability::make_root(folder.root(), folder.durability())
                .map_err(|error| unusable(error, folder.root()))?;
            clean(folder);
            Ok(())
        })
        .await
    }

    async fn exists(&self, meter: &Meter) -> Result<bool> {
        meter.send(RequestClass::Head)?;
        self.run(|folder, _| match folder.root().metadata() {
            Ok(found) => Ok(found.is_dir()),
            Err(error) if means_absent(&error) => Ok(false),
            Err(error) => {
                let error = context(&error, "looking for the database", folder.root());
                Err(unusable(error, folder.root()))
            }
        })
        .await
    }

    fn as_any(&self) -> &dyn std::any::Any {
        self
    }
}
