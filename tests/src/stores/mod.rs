//! A behaviour is written once and runs on every store.
//!
//! A test module has functions `async fn behaviour(store: &Store)` and lists them once in `on_every_store!`, which
//! makes a test of each for memory, local disk, the S3 wire (the server of [`crate::server`], one for each test) and a
//! real server (that the environment names). What a store lacks is in the table of `capability`: a behaviour that needs it
//! asserts how the library refuses there.

mod capability;
mod real;
mod signed;

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use s3aads::Database;
use tempfile::TempDir;

pub use capability::Capability;
pub use real::RealServer;
pub use signed::Signed;

use crate::server::{self, Operation};

/// The kinds of stores that behaviours run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// This process's memory.
    Memory,
    /// A temporary folder.
    Local,
    /// The S3 server of this crate.
    Wire,
    /// The server that `S3AADS_TEST_ENDPOINT` names.
    Real,
}

/// A server of one kind with a fresh, created database.
#[derive(Debug)]
pub struct Store {
    kind: Kind,
    backing: Backing,
    server: s3aads::Server,
    db: Database,
}

/// What is beneath the library.
#[derive(Debug)]
enum Backing {
    Memory,
    Local(TempDir),
    Wire(server::Server),
    Real(RealServer),
}

/// The name of a store's first database.
const DATABASE: &str = "app";

impl Store {
    /// A fresh store; none where it is a real server's and the environment names none.
    ///
    /// # Panics
    /// If the store can't be made.
    pub async fn open(kind: Kind) -> Option<Self> {
        let (backing, server, name) = match kind {
            Kind::Memory => (Backing::Memory, s3aads::Server::memory(), DATABASE.into()),
            Kind::Local => {
                let folder = tempfile::tempdir().expect("a temporary folder");
                let server = s3aads::Server::local(folder.path());
                (Backing::Local(folder), server, DATABASE.into())
            }
            Kind::Wire => {
                let wire = server::Server::start();
                let server = client(&wire);
                (Backing::Wire(wire), server, DATABASE.into())
            }
            Kind::Real => {
                let real = RealServer::from_env()?;
                let server = real.client();
                let name = real.fresh_name();
                (Backing::Real(real), server, name)
            }
        };
        let db = server.database(&name).expect("a database's name");
        db.create().await.expect("the database is made");
        let store = Self {
            kind,
            backing,
            server,
            db,
        };
        store.distrust(&store.db).await;
        Some(store)
    }

    /// A store on the S3 wire.
    ///
    /// # Panics
    /// If the store can't be made.
    pub async fn wire() -> Self {
        let store = Self::open(Kind::Wire).await;
        store.expect("the wire is always there")
    }

    /// On a store that lies about conditions the library has to be told to find out, as its documentation says.
    async fn distrust(&self, db: &Database) {
        if self.lacks(Capability::ConditionalWrites) {
            let found = db.check().await.expect("the check runs");
            assert!(!found.conditional_writes(), "{found}");
        }
    }

    /// What kind of store it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its name in the table of capabilities.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.backing {
            Backing::Memory => "memory",
            Backing::Local(_) => "local",
            Backing::Wire(_) => "wire",
            Backing::Real(real) => real.name(),
        }
    }

    /// Whether the store lacks this; the behaviour then asserts how the library refuses.
    #[must_use]
    pub fn lacks(&self, capability: Capability) -> bool {
        capability::lacks(self.name(), capability)
    }

    /// The library's handle to the server.
    #[must_use]
    pub fn server(&self) -> &s3aads::Server {
        &self.server
    }

    /// The fresh database, which is there.
    #[must_use]
    pub fn db(&self) -> &Database {
        &self.db
    }

    /// The name of a database that is not there yet, fit for every server.
    #[must_use]
    pub fn unused_name(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        match &self.backing {
            Backing::Real(real) => real.fresh_name(),
            _ => format!("other-{number}"),
        }
    }

    /// Another fresh, created database on the same server.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn another(&self) -> Database {
        let db = self.server.database(&self.unused_name());
        let db = db.expect("a database's name");
        db.create().await.expect("the database is made");
        self.distrust(&db).await;
        db
    }

    /// The server of this crate, where the store is on it.
    #[must_use]
    pub fn wire_server(&self) -> Option<&server::Server> {
        match &self.backing {
            Backing::Wire(wire) => Some(wire),
            _ => None,
        }
    }

    /// The settings to reach the server by, for databases that are opened otherwise; none off S3.
    #[must_use]
    pub fn signed(&self) -> Option<Signed> {
        match &self.backing {
            Backing::Memory | Backing::Local(_) => None,
            Backing::Wire(wire) => Some(Signed::of_wire(wire)),
            Backing::Real(real) => Some(real.signed().clone()),
        }
    }

    /// The local database's folder.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        match &self.backing {
            Backing::Local(folder) => Some(folder.path().join(DATABASE)),
            _ => None,
        }
    }

    /// Writes an object past the library, as another program would, under any key that the store can hold at all; says
    /// whether it can.
    ///
    /// # Panics
    /// If the store refuses a key that it can hold.
    pub async fn plant(&self, key: &str, body: &'static [u8]) -> bool {
        match &self.backing {
            // The memory database is reached by no other program.
            Backing::Memory => false,
            Backing::Local(folder) => {
                let odd = key.split('/').any(|part| matches!(part, "" | "." | ".."));
                if odd {
                    return false;
                }
                let path = folder.path().join(DATABASE).join(key);
                let parent = path.parent().expect("a file is in a folder");
                std::fs::create_dir_all(parent).expect("the file's folder is made");
                std::fs::write(path, body).expect("the file is written");
                true
            }
            Backing::Wire(wire) => {
                wire.put_raw(self.db.name(), key, Bytes::from_static(body));
                true
            }
            Backing::Real(real) => {
                let odd = key.split('/').any(|part| matches!(part, "." | ".."));
                if odd || (self.lacks(Capability::LineBreaksInKeys) && key.contains('\n')) {
                    return false;
                }
                real.signed().put(self.db.name(), key, body).await;
                true
            }
        }
    }

    /// How many requests of a class the server saw; none where it keeps no log.
    #[must_use]
    pub fn logged(&self, operation: Operation) -> Option<usize> {
        Some(self.wire_server()?.count(operation))
    }

    /// Removes what a real server would keep.
    async fn clean_up(self) {
        if let Backing::Real(real) = &self.backing {
            real.clean_up().await;
        }
    }
}

/// The library's handle to a server of this crate.
///
/// # Panics
/// If the settings are refused.
#[must_use]
pub fn client(server: &server::Server) -> s3aads::Server {
    Signed::of_wire(server).client()
}

/// Runs a behaviour on a fresh store. Made for `on_every_store!`.
///
/// # Panics
/// If the behaviour fails.
pub async fn run<F>(kind: Kind, behaviour: F)
where
    F: for<'a> FnOnce(&'a Store) -> BoxFuture<'a, ()> + Send,
{
    let Some(store) = Store::open(kind).await else {
        eprintln!("no server is given: S3AADS_TEST_ENDPOINT is not set, so nothing was tested");
        return;
    };
    let result = AssertUnwindSafe(behaviour(&store)).catch_unwind().await;
    store.clean_up().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// Makes a test on every store of each listed `async fn behaviour(store: &Store)` of the module.
#[macro_export]
macro_rules! on_every_store {
    ($($behaviour:ident),+ $(,)?) => {
        $crate::on_store!(memory, Memory, $($behaviour),+);
        $crate::on_store!(local, Local, $($behaviour),+);
        $crate::on_store!(wire, Wire, $($behaviour),+);
        $crate::on_store!(real_server, Real, $($behaviour),+);
    };
}

/// Makes a test on one store of each listed behaviour; a part of `on_every_store!`.
#[macro_export]
macro_rules! on_store {
    ($module:ident, $kind:ident, $($behaviour:ident),+ $(,)?) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    let kind = $crate::stores::Kind::$kind;
                    $crate::stores::run(kind, |store| Box::pin(super::$behaviour(store))).await;
                }
            )+
        }
    };
}
