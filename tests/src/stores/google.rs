//! The server of this crate that speaks Google Cloud Storage's XML API, one for each test.

use async_trait::async_trait;
use bytes::Bytes;
use s3aads::Database;

use super::Backing;
use super::lacks::Lack::{Ignored, Refused};
use super::lacks::{Capability, Lacks};
use crate::google;

/// A fresh one.
pub(super) fn start() -> Box<dyn Backing> {
    Box::new(google::Server::start())
}

#[async_trait]
impl Backing for google::Server {
    fn name(&self) -> &'static str {
        "google"
    }

    fn lacks(&self) -> Lacks {
        &[
            (Capability::Tags, Refused),
            (Capability::Authentication, Ignored),
        ]
    }

    fn database_at(&self, name: &str, prefix: &str) -> Database {
        let url = format!("gs://{name}/{prefix}");
        Database::open_with(&url, self.settings()).expect("a database's name")
    }

    fn google(&self) -> Option<&google::Server> {
        Some(self)
    }

    fn storage_class(&self) -> &'static str {
        "NEARLINE"
    }

    async fn plant(&self, database: &str, key: &str, body: &'static [u8]) -> bool {
        // No request can name such a key: URLs do without these segments.
        if key.split('/').any(|part| matches!(part, "." | "..")) {
            return false;
        }
        self.put_raw(database, key, Bytes::from_static(body));
        true
    }
}
