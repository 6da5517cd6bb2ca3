//! A server that this repository has no hand in, named by the environment.

use std::env;
use std::sync::{Mutex, PoisonError};

use super::signed::Signed;

/// A real S3 server, and the buckets that a test has made there.
#[derive(Debug)]
pub struct RealServer {
    signed: Signed,
    name: String,
    buckets: Mutex<Vec<String>>,
}

impl RealServer {
    /// The server that the environment names; none where it names none.
    ///
    /// # Panics
    /// If the environment names a server and not how to reach it, or one whose capabilities nobody has listed.
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let endpoint = env::var("S3AADS_TEST_ENDPOINT").ok()?;
        let read = |name: &str| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
        let name = read("S3AADS_TEST_SERVER");
        assert!(
            matches!(&*name, "garage" | "moto"),
            "S3AADS_TEST_SERVER is garage or moto, and not {name:?}: what a server lacks is listed in \
             tests/src/stores/capability.rs"
        );
        Some(Self {
            signed: Signed {
                endpoint,
                region: read("S3AADS_TEST_REGION"),
                key_id: read("S3AADS_TEST_ACCESS_KEY_ID"),
                secret: read("S3AADS_TEST_SECRET_ACCESS_KEY"),
            },
            name,
            buckets: Mutex::default(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn signed(&self) -> &Signed {
        &self.signed
    }

    pub(super) fn client(&self) -> s3aads::Server {
        self.signed.client()
    }

    /// A bucket's name that is this test's alone, and is removed after it.
    pub(super) fn fresh_name(&self) -> String {
        let name = format!("s3aads-test-{:016x}", fastrand::u64(..));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.push(name.clone());
        name
    }

    pub(super) async fn clean_up(&self) {
        let buckets = {
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *buckets)
        };
        let server = self.client();
        let there = server.list_databases().await.unwrap_or_default();
        for bucket in buckets.iter().filter(|bucket| there.contains(bucket)) {
            self.signed.remove_bucket(bucket).await;
        }
    }
}
