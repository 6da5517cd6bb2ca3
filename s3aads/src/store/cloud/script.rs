//! A server that plays a script, for tests without a network.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Response};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use super::CloudBackend;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, String),
    Broken(HttpErrorKind),
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Self::Answer(status, vec![], String::new())
    }

    pub(super) fn body(body: impl Into<String>) -> Self {
        Self::Answer(200, vec![], body.into())
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) line: String,
    pub(super) headers: HeaderMap,
}

impl Arrived {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// What is replied to a request of an unknown content: it is told the requests so far.
type Improvise = fn(&[Arrived]) -> Reply;

/// Plays its replies in order, then what it improvises, or breaks connections.
#[derive(Debug, Clone)]
pub(super) struct Script(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    replies: VecDeque<Reply>,
    then: Option<Improvise>,
    arrived: Vec<Arrived>,
}

impl Script {
    pub(super) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            replies: replies.into_iter().collect(),
            then: None,
            arrived: Vec::new(),
        })))
    }

    pub(super) fn then(self, improvise: Improvise) -> Self {
        self.0.lock().unwrap().then = Some(improvise);
        self
    }

    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.0.lock().unwrap().arrived.clone()
    }

    /// The requests so far, as method and path with query.
    pub(super) fn lines(&self) -> Vec<String> {
        self.arrived().into_iter().map(|a| a.line).collect()
    }

    /// The backend, with retries that take no time.
    pub(super) fn hasten(mut backend: CloudBackend) -> CloudBackend {
        backend.retry = RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_micros(10),
                max_backoff: Duration::from_micros(20),
                base: 2.0,
            },
            max_retries: 3,
            retry_timeout: Duration::from_secs(60),
        };
        backend
    }
}

impl HttpConnector for Script {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Script {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut inner = self.0.lock().unwrap();
        let path = request.uri().path_and_query().unwrap();
        let line = format!("{} {path}", request.method());
        let headers = request.headers().clone();
        inner.arrived.push(Arrived { line, headers });
        let reply = inner.replies.pop_front();
        match reply.or_else(|| inner.then.map(|improvise| improvise(&inner.arrived))) {
            Some(Reply::Answer(status, headers, body)) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(body.into()).unwrap())
            }
            Some(Reply::Broken(kind)) => Err(broken(kind)),
            None => Err(broken(HttpErrorKind::Connect)),
        }
    }
}

fn broken(kind: HttpErrorKind) -> HttpError {
    HttpError::new(kind, std::io::Error::other("scripted"))
}
