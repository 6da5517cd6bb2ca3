//! The stores that the tests run on, and what is in them past the library.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use s3aads::Database;
use s3aads_tests::server;
use tempfile::TempDir;

const NAME: &str = "hostile";

enum Holder {
    Memory(Arc<InMemory>),
    Local(TempDir),
    Wire(server::Server),
}

/// One store with one empty database.
pub(crate) struct Store {
    pub(crate) name: &'static str,
    pub(crate) db: Database,
    holder: Holder,
}

/// Every kind of store.
pub(crate) async fn stores() -> Vec<Store> {
    let memory = Arc::new(InMemory::new());
    let folder = tempfile::tempdir().unwrap();
    let wire = server::Server::start();
    let s3 = s3aads::Server::s3()
        .endpoint(wire.endpoint())
        .region(wire.region())
        .credentials(wire.access_key(), wire.secret_key())
        .conditional_put(s3aads::ConditionalPut::ETag)
        .build()
        .unwrap();
    let stores = vec![
        Store {
            name: "memory",
            db: Database::with_store(NAME, memory.clone())
                .with_conditions(s3aads::Conditions::Assumed),
            holder: Holder::Memory(memory),
        },
        Store {
            name: "local",
            db: s3aads::Server::local(folder.path()).database(NAME).unwrap(),
            holder: Holder::Local(folder),
        },
        Store {
            name: "s3",
            db: s3.database(NAME).unwrap(),
            holder: Holder::Wire(wire),
        },
    ];
    for store in &stores {
        store.db.create().await.unwrap();
    }
    stores
}

impl Store {
    pub(crate) fn is_local(&self) -> bool {
        matches!(self.holder, Holder::Local(_))
    }

    /// The keys of all objects, what the library keeps for itself aside. On the local disk every file counts that is
    /// anywhere near the database.
    pub(crate) async fn keys(&self) -> BTreeSet<String> {
        match &self.holder {
            Holder::Memory(memory) => {
                let objects: Vec<_> = memory.list(None).try_collect().await.unwrap();
                let keys = objects.into_iter().map(|object| object.location.into());
                keys.collect()
            }
            Holder::Local(folder) => {
                let mut files = BTreeSet::new();
                collect(folder.path(), folder.path(), &mut files);
                let own = format!("{NAME}/_s3aads/");
                files.retain(|file| !file.starts_with(&own));
                let below =
                    files
                        .into_iter()
                        .map(|file| match file.strip_prefix(&format!("{NAME}/")) {
                            Some(key) => key.to_owned(),
                            None => format!("outside of the database: {file}"),
                        });
                below.collect()
            }
            Holder::Wire(server) => {
                assert_eq!(server.buckets(), [NAME]);
                server.keys(NAME).into_iter().collect()
            }
        }
    }

    /// How many requests arrived, where there is a server to ask, else how many were counted.
    pub(crate) fn requests(&self) -> u64 {
        match &self.holder {
            Holder::Wire(server) => server.requests() as u64,
            _ => self.db.usage().total(),
        }
    }
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.insert(
                path.strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
}
