//! A server that plays a script, for tests without a network.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Response};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use object_store::{BackoffConfig, ClientOptions, RetryConfig};

/// Which header holds the operation ids on S3.
pub(crate) const OPERATION: &str = "x-amz-meta-s3aadsop";

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Answer(u16, Vec<(&'static str, String)>, String),
    Broken(HttpErrorKind),
}

impl Reply {
    /// An answer without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self::body(status, "")
    }

    pub(crate) fn body(status: u16, body: impl Into<String>) -> Self {
        Self::Answer(status, vec![], body.into())
    }

    pub(crate) fn error(status: u16, code: &str) -> Self {
        Self::body(status, format!("<Error><Code>{code}</Code></Error>"))
    }

    /// A PUT that worked.
    pub(crate) fn put(e_tag: &str) -> Self {
        Self::status(200).header("etag", e_tag)
    }

    /// The same with one more header. Of the header that holds operation ids, `mine` is the last value
    /// that came, `beaten` that of another write on the same base, and `replaced` of one that built on it.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }

    /// A HEAD or GET of an object on S3 that the operation `op` wrote.
    pub(crate) fn object(e_tag: &str, op: &str, last_modified: &str, body: &str) -> Self {
        Self::body(200, body)
            .header("etag", e_tag)
            .header(OPERATION, op)
            .header("last-modified", last_modified)
            .header("date", "Wed, 01 May 2024 12:00:00 GMT")
            .header("content-length", &body.len().to_string())
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub line: String,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Plays its replies in order, then breaks connections.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    replies: VecDeque<Reply>,
    arrived: Vec<Arrived>,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let script = Self::default();
        script.0.lock().unwrap().replies.extend(replies);
        script
    }

    /// Plays these once the others are played.
    pub(crate) fn then(&self, replies: impl IntoIterator<Item = Reply>) {
        self.0.lock().unwrap().replies.extend(replies);
    }

    /// The requests so far, as method and path with query.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.arrived().into_iter().map(|a| a.line).collect()
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.0.lock().unwrap().arrived.clone()
    }

    /// How many replies were not asked for.
    pub(crate) fn left(&self) -> usize {
        self.0.lock().unwrap().replies.len()
    }
}

/// Retries that take no time.
pub(crate) fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_micros(10),
            max_backoff: Duration::from_micros(20),
            base: 2.0,
        },
        max_retries: 3,
        retry_timeout: Duration::from_secs(60),
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
        inner.arrived.push(Arrived {
            line: format!(
                "{} {}",
                request.method(),
                request.uri().path_and_query().unwrap()
            ),
            headers: request.headers().clone(),
            body: request.body().as_bytes().cloned(),
        });
        match inner.replies.pop_front() {
            Some(Reply::Answer(status, headers, body)) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    let holds_ids = name.ends_with("meta-s3aadsop");
                    let mine = inner.arrived.iter().rev().find_map(|a| a.header(name));
                    let value = match (&*value, mine.filter(|_| holds_ids)) {
                        ("mine", Some(mine)) => mine.to_owned(),
                        ("beaten", Some(mine)) => format!("anothers{}", &mine[8..]),
                        ("replaced", Some(mine)) => format!("anothers{mine}"),
                        _ => value,
                    };
                    response = response.header(name, value);
                }
                let body = if request.method() == http::Method::HEAD {
                    String::new()
                } else {
                    body
                };
                Ok(response.body(body.into()).unwrap())
            }
            Some(Reply::Broken(kind)) => Err(broken(kind)),
            None => Err(broken(HttpErrorKind::Unknown)),
        }
    }
}

fn broken(kind: HttpErrorKind) -> HttpError {
    HttpError::new(kind, std::io::Error::other("scripted"))
}
