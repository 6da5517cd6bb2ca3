//! A behaviour is written once and runs on every store.
//!
//! A test module has functions `async fn behaviour(store: &Store)` and lists them once in `on_every_store!`, which
//! makes a test of each for memory, local disk, the S3 wire and Google's (the servers of [`crate::server`] and
//! [`crate::google`], one for each test) and a
//! real server (that the environment names).
//!
//! A store is one file of this folder: what it is, how it is reached, and what it lacks. A behaviour that needs what a
//! store lacks asserts how the library refuses there.

mod azurite;
mod garage;
mod google;
mod lacks;
mod local;
mod memory;
mod moto;
mod real;
mod rgw;
mod s3;
mod signed;
mod wire;

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use s3aads::Database;

pub use lacks::{Capability, Lack, Lacks};
pub use signed::Signed;

use crate::google as google_server;
use crate::server::{self, Operation};

/// What is beneath the library: one kind of store.
#[async_trait]
pub trait Backing: std::fmt::Debug + Send + Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// What it lacks.
    fn lacks(&self) -> Lacks {
        &[]
    }

    /// Whether it is a server of its own, on which a request takes longer and what is written stays.
    fn is_real(&self) -> bool {
        false
    }

    /// The library's handle to the database of this name below a prefix; it need not be there.
    fn database_at(&self, name: &str, prefix: &str) -> Database;

    /// The library's handle to the server; none if the library opens its databases one by one.
    fn server(&self) -> Option<&s3aads::Server> {
        None
    }

    /// The server of this crate, if it is that.
    fn wire(&self) -> Option<&server::Server> {
        None
    }

    /// The server of this crate that speaks Google's protocol, if it is that.
    fn google(&self) -> Option<&google_server::Server> {
        None
    }

    /// How an S3 server is reached.
    fn signed(&self) -> Option<&Signed> {
        None
    }

    /// The folder of a database on the local disk.
    fn folder(&self, _database: &str) -> Option<PathBuf> {
        None
    }

    /// Sees to a database that was made.
    async fn made(&self, _database: &str) {}

    /// A storage class that it has, beside the one that objects get by themselves.
    fn storage_class(&self) -> &'static str {
        "STANDARD_IA"
    }

    /// Writes an object past the library, as another program would; says whether the store can hold the key.
    async fn plant(&self, _database: &str, _key: &str, _body: &'static [u8]) -> bool {
        false
    }

    /// The only tag of an object, asked for past the library.
    async fn tag(&self, _database: &str, _key: &str) -> Option<(String, String)> {
        None
    }

    /// Removes databases, some of which may not be there, with all that is in them.
    async fn remove(&self, _databases: &[String]) {}
}

/// A store with a fresh, created database.
#[derive(Debug)]
pub struct Store {
    backing: Box<dyn Backing>,
    /// The names that were given out, for what must be removed at the end.
    names: Mutex<Vec<String>>,
    db: Database,
}

impl Store {
    /// A fresh store in this process's memory.
    pub async fn memory() -> Option<Self> {
        Some(Self::on(memory::start()).await)
    }

    /// A fresh store in a temporary folder.
    pub async fn local() -> Option<Self> {
        Some(Self::on(local::start(false)).await)
    }

    /// The same with the names of files as where the file system folds them.
    pub async fn local_escaped() -> Option<Self> {
        Some(Self::on(local::start(true)).await)
    }

    /// A fresh store on the S3 server of this crate.
    pub async fn wire() -> Option<Self> {
        Some(Self::on(wire::start()).await)
    }

    /// A fresh store on the server of this crate that speaks Google's protocol.
    pub async fn google() -> Option<Self> {
        Some(Self::on(google::start()).await)
    }

    /// A fresh database on the server that the environment names; none if it names none.
    pub async fn real_server() -> Option<Self> {
        Some(Self::on(real::start()?).await)
    }

    async fn on(backing: Box<dyn Backing>) -> Self {
        let name = fresh_name();
        let db = backing.database_at(&name, "");
        let store = Self {
            backing,
            names: Mutex::new(vec![name]),
            db,
        };
        store.prepare(&store.db).await;
        store
    }

    /// Makes the database. If the store lies about conditions the library has to be told to find out, as its documentation
    /// says.
    async fn prepare(&self, db: &Database) {
        db.create().await.expect("the database is made");
        self.backing.made(db.name()).await;
        if self.lacks(Capability::Creates) || self.lacks(Capability::Updates) {
            let found = db.check().await.expect("the check runs");
            assert!(!found.conditional_writes(), "{found}");
        }
    }

    /// What the store is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.backing.name()
    }

    /// Whether it is a server of its own, on which a request takes longer.
    #[must_use]
    pub fn is_real(&self) -> bool {
        self.backing.is_real()
    }

    /// Whether the store lacks this; the behaviour then asserts how the library refuses.
    #[must_use]
    pub fn lacks(&self, capability: Capability) -> bool {
        self.lack(capability).is_some()
    }

    /// How the store lacks this.
    #[must_use]
    pub fn lack(&self, capability: Capability) -> Option<Lack> {
        let needed = capability.needs();
        let mut lacks = self.backing.lacks().iter();
        Some(
            lacks
                .find(|(lack, _)| *lack == capability || Some(*lack) == needed)?
                .1,
        )
    }

    /// A storage class that the store has, beside the one that objects get by themselves.
    #[must_use]
    pub fn storage_class(&self) -> &'static str {
        self.backing.storage_class()
    }

    /// The library's handle to the server; none if the library opens its databases one by one.
    #[must_use]
    pub fn server(&self) -> Option<&s3aads::Server> {
        self.backing.server()
    }

    /// The fresh database, which is there.
    #[must_use]
    pub fn db(&self) -> &Database {
        &self.db
    }

    /// A new handle to the database of this name.
    #[must_use]
    pub fn database(&self, name: &str) -> Database {
        self.database_at(name, "")
    }

    /// A new handle to what lies below a prefix in the database of this name.
    #[must_use]
    pub fn database_at(&self, name: &str, prefix: &str) -> Database {
        self.backing.database_at(name, prefix)
    }

    /// The name of a database that is not there yet, fit for every server.
    #[must_use]
    pub fn unused_name(&self) -> String {
        let name = fresh_name();
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.push(name.clone());
        name
    }

    /// Another fresh, created database on the same server.
    ///
    /// # Panics
    /// If it can't be made.
    pub async fn another(&self) -> Database {
        let db = self.database(&self.unused_name());
        self.prepare(&db).await;
        db
    }

    /// The server of this crate, if the store is on it.
    #[must_use]
    pub fn wire_server(&self) -> Option<&server::Server> {
        self.backing.wire()
    }

    /// The server of this crate that speaks Google's protocol, if the store is on it.
    #[must_use]
    pub fn google_server(&self) -> Option<&google_server::Server> {
        self.backing.google()
    }

    /// The settings to reach an S3 server by, for databases that are opened otherwise.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.backing.signed()
    }

    /// The local database's folder.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        self.backing.folder(self.db.name())
    }

    /// Writes an object past the library, as another program would, under any key that the store can hold at all; says
    /// whether it can.
    ///
    /// # Panics
    /// If the store refuses a key that it can hold.
    pub async fn plant(&self, key: &str, body: &'static [u8]) -> bool {
        self.backing.plant(self.db.name(), key, body).await
    }

    /// The only tag of an object, asked for past the library; none if there is no such way.
    pub async fn tag(&self, key: &str) -> Option<(String, String)> {
        self.backing.tag(self.db.name(), key).await
    }

    /// How many requests of a class the server saw; none if it keeps no log.
    #[must_use]
    pub fn logged(&self, operation: Operation) -> Option<usize> {
        Some(self.wire_server()?.count(operation))
    }

    /// Removes what a real server would keep.
    async fn clean_up(self) {
        let names = self
            .names
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        self.backing.remove(&names).await;
    }
}

/// The name of a database that no other test has, fit for every server.
fn fresh_name() -> String {
    format!("s3aads-test-{:016x}", fastrand::u64(..))
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
pub async fn run<F>(store: Option<Store>, behaviour: F)
where
    F: for<'a> FnOnce(&'a Store) -> BoxFuture<'a, ()> + Send,
{
    let Some(store) = store else {
        eprintln!("no server is given: S3AADS_TEST_SERVER is not set, so nothing was tested");
        return;
    };
    let result = AssertUnwindSafe(behaviour(&store)).catch_unwind().await;
    store.clean_up().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// Runs a behaviour as [`run`] does, whatever its test's path is: for crates in which none differs.
///
/// # Panics
/// If the behaviour fails.
pub async fn run_any<F>(_test: &str, store: Option<Store>, behaviour: F)
where
    F: for<'a> FnOnce(&'a Store) -> BoxFuture<'a, ()> + Send,
{
    run(store, behaviour).await;
}

/// Runs a behaviour that must not hold on a fresh store, since what it is run on differs there. So no difference is
/// listed that is none, or is none any more.
///
/// # Panics
/// If the behaviour holds.
pub async fn run_in_vain<F>(store: Option<Store>, why: &str, behaviour: F)
where
    F: for<'a> FnOnce(&'a Store) -> BoxFuture<'a, ()> + Send,
{
    let Some(store) = store else {
        return;
    };
    let result = AssertUnwindSafe(behaviour(&store)).catch_unwind().await;
    store.clean_up().await;
    assert!(result.is_err(), "it holds, and was to differ: {why}");
}

/// Makes a test on every store of each listed `async fn behaviour(store: &Store)` of the module. The
/// test's crate says in `crate::run`, whose arguments are the test's path, the store and the behaviour,
/// how it is run: most import [`run_any`] by that name.
///
/// [`run_any`]: crate::stores::run_any
#[macro_export]
macro_rules! on_every_store {
    ($($behaviour:ident),+ $(,)?) => {
        $crate::on_store!(by crate: memory, $($behaviour),+);
        $crate::on_store!(by crate: local, $($behaviour),+);
        $crate::on_store!(by crate: local_escaped, $($behaviour),+);
        $crate::on_store!(by crate: wire, $($behaviour),+);
        $crate::on_store!(by crate: google, $($behaviour),+);
        $crate::on_store!(by crate: real_server, $($behaviour),+);
    };
}

/// Makes a test on one store of each listed behaviour; a part of `on_every_store!`.
#[macro_export]
#[allow(
    clippy::crate_in_macro_def,
    reason = "the test's crate says how its behaviours are run"
)]
macro_rules! on_store {
    (by crate: $store:ident, $($behaviour:ident),+ $(,)?) => {
        mod $store {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    let store = $crate::stores::Store::$store().await;
                    let test = concat!(module_path!(), "::", stringify!($behaviour));
                    crate::run(test, store, |store| Box::pin(super::$behaviour(store))).await;
                }
            )+
        }
    };
    ($store:ident, $($behaviour:ident),+ $(,)?) => {
        mod $store {
            $(
                #[tokio::test]
                async fn $behaviour() {
                    let store = $crate::stores::Store::$store().await;
                    $crate::stores::run(store, |store| Box::pin(super::$behaviour(store))).await;
                }
            )+
        }
    };
}
