//! What holds databases: an S3 server, a folder of folders, or this process's memory.

mod url;

pub(crate) use url::parse as parse_url;

use std::collections::BTreeMap;
use std::fmt;
#[cfg(feature = "local")]
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use object_store::memory::InMemory;

use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::fault::store_error;
use crate::key::MAX_PATH_BYTES;
#[cfg(feature = "local")]
use crate::key::{decode_segment, encode_segment};
#[cfg(feature = "local")]
use crate::store::local::{self, Durability, LocalBackend};
#[cfg(feature = "s3")]
use crate::store::s3::{S3Options, S3Server};
use crate::store::{GenericBackend, Meter, RequestClass, StoreError, Usage};

/// What holds databases.
///
/// ```
/// # use s3aads::Server;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> s3aads::Result<()> {
/// let server = Server::memory();
/// server.database("shop")?.create().await?;
/// assert_eq!(server.list_databases().await?, ["shop"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Server {
    kind: Kind,
    meter: Meter,
}

#[derive(Clone)]
enum Kind {
    Memory(Arc<Mutex<BTreeMap<String, Arc<GenericBackend>>>>),
    #[cfg(feature = "local")]
    Local(PathBuf, Durability),
    #[cfg(feature = "s3")]
    S3(S3Server),
}

impl Server {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            meter: Meter::default(),
        }
    }

    /// Databases in this process's memory, gone with the last handle: for tests and caches.
    pub fn memory() -> Self {
        Self::new(Kind::Memory(Arc::default()))
    }

    /// Databases as folders of a folder: the embedded store.
    ///
    /// It has S3's semantics, between processes too, and is durable: see [`Durability`].
    ///
    /// - A segment of a key is the name of a file or folder, so it has at most 255 bytes on most file
    ///   systems.
    /// - A listing has every row that is there from its start to its end. Symbolic links below the
    ///   database's folder are not followed and are no rows.
    /// - Writes of the same key wait for each other, and one in 256 other keys shares the lock. If
    ///   a stopped program holds it, a write fails with `Unavailable` after 30 seconds.
    /// - If a write's future is dropped, it is made before any later write of its key or not at
    ///   all.
    /// - If the file system takes `Bern` and `bern` for the same name, as macOS and Windows do by
    ///   default, or two spellings of `é`, file names are escaped there, so that rows stay apart.
    ///   The first write to a database finds that out. Names of databases are not escaped.
    ///
    /// ```
    /// # use s3aads::Server;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let db = Server::local(folder.path()).database("app")?;
    /// db.create().await?;
    /// assert!(folder.path().join("app").is_dir());
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "local")]
    pub fn local(folder: impl AsRef<Path>) -> Self {
        Self::local_with(folder, Durability::default())
    }

    /// [`local`](Self::local), with a choice of what an acknowledged write survives.
    #[cfg(feature = "local")]
    pub fn local_with(folder: impl AsRef<Path>, durability: Durability) -> Self {
        Self::new(Kind::Local(folder.as_ref().to_owned(), durability))
    }

    /// Begins an S3 server: the settings that are given, and the usual AWS environment variables for the
    /// rest; [`S3Options::build`] makes it.
    ///
    /// ```
    /// # use s3aads::Server;
    /// let server = Server::s3()
    ///     .endpoint("http://127.0.0.1:9000")
    ///     .region("us-east-1")
    ///     .credentials("minio", "minio123")
    ///     .build()?;
    /// let db = server.database("app")?;
    /// # Ok::<(), s3aads::Error>(())
    /// ```
    #[cfg(feature = "s3")]
    pub fn s3() -> S3Options {
        S3Options::default()
    }

    /// The database of this name, whether it is there or not; no request is sent.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if nothing on this server can have that name.
    pub fn database(&self, name: &str) -> Result<Database> {
        self.database_at(name, "")
    }

    /// A database that is only the part of a bucket below `prefix`, so that several can share it:
    /// `s3://bucket/prefix`.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if nothing on this server can have that name or prefix.
    pub fn database_at(&self, name: &str, prefix: &str) -> Result<Database> {
        let prefix = match prefix.trim_matches('/') {
            "" => String::new(),
            prefix if prefix.len() >= MAX_PATH_BYTES => {
                return Err(invalid(format!(
                    "the prefix has {} bytes and stores take paths of {MAX_PATH_BYTES}",
                    prefix.len()
                )));
            }
            prefix => {
                let path = object_store::path::Path::parse(prefix).map_err(|error| {
                    invalid("the prefix can't be the start of an object's key").because(error)
                })?;
                format!("{path}/")
            }
        };
        match &self.kind {
            Kind::Memory(databases) => {
                if name.is_empty() {
                    return Err(invalid("a database needs a name"));
                }
                let mut databases = databases.lock().unwrap_or_else(PoisonError::into_inner);
                let backend = databases.entry(name.to_owned()).or_insert_with(|| {
                    Arc::new(GenericBackend::absent(Arc::new(InMemory::new()), name))
                });
                Ok(Database::new(name.to_owned(), prefix, backend.clone()))
            }
            #[cfg(feature = "local")]
            Kind::Local(folder, durability) => {
                if name.is_empty() {
                    return Err(invalid("a database needs a name"));
                }
                let folder = folder.join(&*encode_segment(name));
                Ok(Database::new(
                    name.to_owned(),
                    prefix,
                    open_local(&folder, *durability)?,
                ))
            }
            #[cfg(feature = "s3")]
            Kind::S3(server) => {
                let backend = server.backend(name).map_err(|error| invalid(error.0))?;
                Ok(Database::new(name.to_owned(), prefix, backend))
            }
        }
    }

    /// The names of the databases, in order. Sends 1 request (on S3 1 for each page of buckets).
    ///
    /// # Errors
    ///
    /// `PermissionDenied`, `Unavailable`.
    pub async fn list_databases(&self) -> Result<Vec<String>> {
        let mut names = match &self.kind {
            Kind::Memory(databases) => {
                self.count_list()?;
                let databases = databases.lock().unwrap_or_else(PoisonError::into_inner);
                let made = databases.iter().filter(|(_, backend)| backend.is_there());
                made.map(|(name, _)| name.clone()).collect()
            }
            #[cfg(feature = "local")]
            Kind::Local(folder, _) => {
                self.count_list()?;
                let folders = local::list_databases(folder.clone())
                    .await
                    .map_err(failed)?;
                folders
                    .iter()
                    .filter_map(|folder| decode_segment(folder).map(std::borrow::Cow::into_owned))
                    .collect()
            }
            #[cfg(feature = "s3")]
            Kind::S3(server) => server.list_buckets(&self.meter).await.map_err(failed)?,
        };
        let names: &mut Vec<String> = &mut names;
        names.sort_unstable();
        Ok(std::mem::take(names))
    }

    fn count_list(&self) -> Result<()> {
        self.meter
            .send(RequestClass::List)
            .map_err(|spent| failed(spent.into()))
    }

    /// How many requests this handle and its clones have sent themselves. [`Database::usage`]
    /// counts those of a database.
    pub fn usage(&self) -> Usage {
        self.meter.usage()
    }
}

fn failed(error: StoreError) -> Error {
    store_error(error, "list the databases")
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfig, message)
}

#[cfg(feature = "local")]
fn open_local(folder: &Path, durability: Durability) -> Result<Arc<LocalBackend>> {
    LocalBackend::open(folder, durability)
        .map(Arc::new)
        .map_err(|error| invalid("the folder can't hold a database").because(error))
}

/// The database that is this folder.
#[cfg(feature = "local")]
fn open_folder(folder: &Path) -> Result<Database> {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.ok_or_else(|| invalid("the folder of a database has a name"))?;
    Ok(Database::new(
        name,
        String::new(),
        open_local(folder, Durability::default())?,
    ))
}

#[cfg(feature = "s3")]
impl S3Options {
    /// The server that these settings and the environment describe; no request is sent.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if the settings can't work, or no credentials are found: the error says
    /// what was looked for.
    pub fn build(self) -> Result<Server> {
        let server = S3Server::new(&self).map_err(|error| invalid(error.0))?;
        Ok(Server::new(Kind::S3(server)))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("Server");
        match &self.kind {
            Kind::Memory(_) => debug.field(&"memory"),
            #[cfg(feature = "local")]
            Kind::Local(folder, durability) => debug.field(folder).field(durability),
            #[cfg(feature = "s3")]
            Kind::S3(server) => debug.field(server),
        };
        debug.finish()
    }
}
