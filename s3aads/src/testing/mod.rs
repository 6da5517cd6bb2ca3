//! Faults on demand: how does a program fare on a store that fails?
//!
//! [`Faults`] sits beneath the real client, where requests go out, and breaks those that its
//! [rules](Rule) pick: it answers in the server's place, carries a write out and loses the
//! answer, cuts and flips bytes, repeats pages and ignores conditions. It is seeded and depends
//! on nothing else, so a run can be repeated.
//!
//! Give it to the S3 server's builder as its `http_connector`, or to any other client of
//! `object_store`:
//!
//! ```
//! use object_store::{ObjectStoreExt, RetryConfig, aws::AmazonS3Builder};
//! use s3aads::testing::{Action, Faults, RequestClass, Rule};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let faults = Faults::new(42).rule(
//!     Rule::new(Action::respond(503, "SlowDown"))
//!         .class(RequestClass::Get)
//!         .key("daily-data/"),
//! );
//! let store = AmazonS3Builder::new()
//!     .with_bucket_name("test")
//!     .with_access_key_id("id")
//!     .with_secret_access_key("secret")
//!     .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
//!     .with_http_connector(faults.clone())
//!     .build()?;
//!
//! let answer = store.get(&"daily-data/1/2020/01/01".into()).await;
//! assert!(answer.unwrap_err().to_string().contains("SlowDown"));
//! assert_eq!(
//!     faults.log()[0].to_string(),
//!     "GET /test/daily-data/1/2020/01/01: answered 503 SlowDown",
//! );
//! # Ok(())
//! # }
//! ```

mod rewrite;
mod rule;
mod service;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use object_store::ClientOptions;
use object_store::aws::AwsCredential;
use object_store::client::{HttpClient, HttpConnector, HttpRequest, ReqwestConnector};

pub use crate::store::RequestClass;
pub use rule::{Action, Rule};

/// A connector that injects faults. Clones share rules and log.
#[derive(Clone)]
pub struct Faults {
    base: Arc<dyn HttpConnector>,
    signer: Option<Arc<Signer>>,
    state: Arc<Mutex<State>>,
    seed: u64,
}

struct Signer {
    credential: AwsCredential,
    region: String,
}

#[derive(Default)]
struct State {
    rules: Vec<rule::Counted>,
    /// How often the same request was seen, so that chance depends on the request alone.
    seen: HashMap<String, u64>,
    /// The last page of a listing, by bucket.
    pages: HashMap<String, Bytes>,
    held: Vec<(HttpClient, HttpRequest)>,
    log: Vec<Injected>,
}

/// One fault that was injected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Injected {
    /// The request's class.
    pub class: RequestClass,
    /// The request's path, decoded: the bucket, unless it is in the host, and the key.
    pub path: String,
    /// What was done to it.
    pub fault: String,
}

impl fmt::Display for Injected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.class, self.path, self.fault)
    }
}

impl Faults {
    /// No faults yet, over `reqwest`. `seed` decides what [`Rule::probability`] leaves to chance.
    pub fn new(seed: u64) -> Self {
        Self {
            base: Arc::new(ReqwestConnector::default()),
            signer: None,
            state: Arc::default(),
            seed,
        }
    }

    /// Sends by `connector` in place of `reqwest`.
    #[must_use]
    pub fn over(mut self, connector: impl HttpConnector) -> Self {
        self.base = Arc::new(connector);
        self
    }

    /// Signs anew what [`Action::IgnoreConditions`], [`Action::IgnoreStartAfter`] and
    /// [`Action::FailDeletes`] change in a request, since the signature covers it. Not needed
    /// where requests are unsigned or the server does not check.
    #[must_use]
    pub fn signing_with(
        mut self,
        key_id: impl Into<String>,
        secret: impl Into<String>,
        region: impl Into<String>,
    ) -> Self {
        self.signer = Some(Arc::new(Signer {
            credential: AwsCredential {
                key_id: key_id.into(),
                secret_key: secret.into(),
                token: None,
            },
            region: region.into(),
        }));
        self
    }

    /// Adds a rule. A request meets the first rule that picks it, and no other.
    #[must_use]
    pub fn rule(self, rule: Rule) -> Self {
        self.add(rule);
        self
    }

    /// Adds a rule while requests are under way.
    pub fn add(&self, rule: Rule) {
        self.state().rules.push(rule.into());
    }

    /// Forgets all rules: from here on the store is healthy.
    pub fn clear(&self) {
        self.state().rules.clear();
    }

    /// What was injected so far, in order.
    pub fn log(&self) -> Vec<Injected> {
        self.state().log.clone()
    }

    /// Lets the requests that [`Action::Hold`] held back arrive, one after the other, and
    /// returns how many the server answered.
    pub async fn release(&self) -> usize {
        let held = std::mem::take(&mut self.state().held);
        let mut answered = 0;
        for (client, request) in held {
            answered += usize::from(client.execute(request).await.is_ok());
        }
        answered
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Faults")
            .field("seed", &self.seed)
            .field("rules", &state.rules.len())
            .field("injected", &state.log.len())
            .finish_non_exhaustive()
    }
}

impl HttpConnector for Faults {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(service::FaultService {
            inner: self.base.connect(options)?,
            faults: self.clone(),
        }))
    }
}
