//! The local backend as the layers above see it, on real folders.

mod listing;
mod locks;
mod processes;
mod races;
mod writes;

use std::path::Path;

use bytes::Bytes;

use super::{Durability, LocalBackend};
use crate::store::{Backend, Condition, Meter, PutRequest, Reason, Result, Version};

/// A database in a folder of its own, which goes away with it.
struct Database {
    backend: LocalBackend,
    meter: Meter,
    folder: tempfile::TempDir,
}

impl Database {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self {
            backend: open(folder.path()),
            meter: Meter::default(),
            folder,
        }
    }

    fn path(&self, key: &str) -> std::path::PathBuf {
        self.folder.path().join(key)
    }

    async fn put(&self, key: &str, body: &str, condition: Condition) -> Result<Version> {
        let request = PutRequest {
            condition,
            ..PutRequest::default()
        };
        self.backend
            .put(
                key,
                Bytes::copy_from_slice(body.as_bytes()),
                request,
                &self.meter,
            )
            .await
    }

    /// Writes an object that must be writable.
    async fn set(&self, key: &str, body: &str) -> String {
        let answer = self.put(key, body, Condition::None).await.expect(key);
        answer.e_tag().expect("an ETag").to_owned()
    }

    async fn text(&self, key: &str) -> Option<String> {
        match self.backend.get(key, &self.meter).await {
            Ok(object) => Some(String::from_utf8(object.body.to_vec()).expect("text")),
            Err(error) if error.reason() == Reason::NotFound => None,
            Err(error) => panic!("{error}"),
        }
    }
}

fn open(folder: &Path) -> LocalBackend {
    LocalBackend::open(folder, Durability::Relaxed).expect("a database")
}

fn unchanged(e_tag: &str) -> Condition {
    Condition::Unchanged(Version::new(Some(e_tag.to_owned()), None))
}

fn fails<T>(answer: &Result<T>, reason: Reason) -> bool {
    answer.as_ref().is_err_and(|error| error.reason() == reason)
}
