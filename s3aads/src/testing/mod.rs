//! Faults on demand: how does a program fare on a store that fails?
//!
//! [`Faults`] sits beneath the real client, where requests go out, and breaks those that its
//! [rules](Rule) pick: it answers in the server's place, carries a write out and loses the
//! answer, cuts and flips bytes, repeats pages and ignores conditions. It is seeded and depends
//! on nothing else, so a run can be repeated.
//!
//! Give it to the S3 server's builder as its `http_connector`, or to any other client of
//! `object_store` by `with_http_connector`. If its rules answer, no server is needed:
//!
//! ```
//! use object_store::RetryConfig;
//! use s3aads::testing::{Action, Faults, RequestClass, Rule};
//! use s3aads::{ErrorKind, Server};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> s3aads::Result<()> {
//! let faults = Faults::new(42).rule(
//!     Rule::new(Action::respond(503, "SlowDown"))
//!         .class(RequestClass::Put)
//!         .key("daily-data/"),
//! );
//! let db = Server::s3()
//!     .endpoint("http://127.0.0.1:9000")
//!     .credentials("id", "secret")
//!     .retry(RetryConfig { max_retries: 1, ..RetryConfig::default() })
//!     .http_connector(faults.clone())
//!     .build()?
//!     .database("app")?;
//! let days = db.raw_table("daily-data", ["id", "day"])?;
//!
//! let refused = days.upsert(["1", "2020-01-01"], "[]").await.unwrap_err();
//! assert_eq!(refused.kind(), ErrorKind::Unavailable);
//! assert_eq!(faults.log().len(), 2, "it was sent again once");
//! assert_eq!(
//!     faults.log()[0].to_string(),
//!     "PUT /app/daily-data/1/2020-01-01: answered 503 SlowDown",
//! );
//! # Ok(())
//! # }
//! ```
//!
//! With a server behind it, an answer gets lost after the work is done. The insert below is sent
//! twice, the second time refused since the row is there, and still a success: the library finds
//! its own write by the operation id in the object's metadata.
//!
//! ```no_run
//! # use s3aads::testing::{Action, Faults, RequestClass, Rule};
//! # async fn test(days: s3aads::RawTable, faults: Faults) -> s3aads::Result<()> {
//! faults.add(Rule::new(Action::ApplyThenReset).class(RequestClass::Put).nth(1));
//! days.insert(["1", "2020-01-02"], "[]").await?;
//! # Ok(())
//! # }
//! ```
//!
//! For a random schedule, give rules a [`probability`](Rule::probability) and print the seed if
//! the test fails: the same seed and the same requests meet the same faults. A rule for every
//! request that never ends ([`Rule::times`]) outlasts all retries.

mod class;
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
use object_store::client::{HttpClient, HttpConnector, HttpRequest};

use crate::store::http::connect::Direct;

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
    /// The pages of listings, by the path that is listed and the token that leads on from them.
    pages: HashMap<(String, String), Bytes>,
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
            base: Arc::new(Direct),
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
    /// if requests are unsigned or the server does not check.
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
