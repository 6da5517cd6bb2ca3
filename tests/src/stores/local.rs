//! A temporary folder on the local disk, with the names of files as they are or escaped, as where a file system folds them.

use std::path::{Path, PathBuf};

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
    escaped: bool,
}

/// A fresh one.
pub(super) fn start(escaped: bool) -> Box<dyn Backing> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::local(folder.path());
    let escaped = escaped || folds(folder.path());
    Box::new(Local {
        folder,
        server,
        escaped,
    })
}

/// Whether names that differ in case are one there, so that the library escapes them.
fn folds(folder: &Path) -> bool {
    let tried = folder.join("Tried");
    std::fs::write(&tried, "").expect("a file");
    let folds = folder.join("tried").exists();
    std::fs::remove_file(tried).expect("a removal");
    folds
}

/// A segment's name as a file where names fold.
fn escaped(segment: &str) -> String {
    let plain =
        |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'%' | b'=');
    let escape = |byte: u8| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("^{byte:02x}")
        }
    };
    let name: String = segment.bytes().map(escape).collect();
    match name.strip_suffix('.') {
        Some(name) => format!("{name}^2e"),
        None => name,
    }
}

#[async_trait]
impl Backing for Local {
    fn name(&self) -> &'static str {
        if self.escaped {
            "local, escaped"
        } else {
            "local"
        }
    }

    async fn made(&self, database: &str) {
        if self.escaped {
            let own = self.folder.path().join(database).join("_s3aads/lock");
            std::fs::create_dir_all(&own).expect("a folder");
            std::fs::write(own.join("names"), "escaped\n").expect("a file");
        }
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
        let mut path = self.folder.path().join(database);
        for segment in key.split('/') {
            if self.escaped {
                path.push(escaped(segment))
            } else {
                path.push(segment)
            }
        }
        let parent = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(parent).expect("the file's folder is made");
        std::fs::write(path, body).expect("the file is written");
        true
    }
}
