//! A temporary folder on the local disk.

use std::path::PathBuf;

use async_trait::async_trait;
use s3aads::{Database, Server};
use tempfile::TempDir;

use super::Backing;
use super::lacks::Lack::{Ignored, Refused};
use super::lacks::{Capability, Lacks};

#[derive(Debug)]
struct Local {
    folder: TempDir,
    server: Server,
}

/// A fresh one.
pub(super) fn start() -> Box<dyn Backing> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::local(folder.path());
    Box::new(Local { folder, server })
}

#[async_trait]
impl Backing for Local {
    fn name(&self) -> &'static str {
        "local"
    }

    fn lacks(&self) -> Lacks {
        // A file has no place for what is refused.
        &[
            (Capability::ContentHeaders, Refused),
            (Capability::Metadata, Refused),
            (Capability::Tags, Refused),
            (Capability::StorageClasses, Refused),
            (Capability::Authentication, Ignored),
        ]
    }

    fn database_at(&self, name: &str, prefix: &str) -> Database {
        let db = self.server.database_at(name, prefix);
        db.expect("a database's name")
    }

    fn server(&self) -> Option<&Server> {
        Some(&self.server)
    }

    fn folder(&self, database: &str) -> Option<PathBuf> {
        Some(self.folder.path().join(database))
    }

    async fn plant(&self, database: &str, key: &str, body: &'static [u8]) -> bool {
        if key.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return false;
        }
        let path = self.folder.path().join(database).join(key);
        let parent = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(parent).expect("the file's folder is made");
        std::fs::write(path, body).expect("the file is written");
        true
    }
}
