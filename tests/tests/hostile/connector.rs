//! A server that answers what a test says, without a network.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Response};
use http_body::{Body, Frame};
use object_store::client::{HttpError, HttpErrorKind, HttpRequest, HttpResponseBody};
use object_store::{BackoffConfig, RetryConfig};
use s3aads::{Database, Server};
use s3aads_tests::connector::{self, Outcome};

/// More requests than this for one operation is an operation that does not end.
const MOST_REQUESTS: usize = 3_000;

/// What the server answers.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, HeaderValue)>,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: u16, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &[u8]) -> Self {
        let value = HeaderValue::from_bytes(value).unwrap();
        self.headers.push((name, value));
        self
    }
}

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: String,
}

impl Arrived {
    pub(crate) fn lists(&self) -> bool {
        self.query.contains("list-type=2")
    }
}

type Respond = dyn Fn(usize, &Arrived) -> Answer + Send + Sync;

/// Asks a function for its answers.
#[derive(Clone)]
pub(crate) struct Scripted {
    respond: Arc<Respond>,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Scripted {
    /// The function is told how many requests there were before.
    pub(crate) fn new(respond: impl Fn(usize, &Arrived) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            respond: Arc::new(respond),
            arrived: Arc::default(),
        }
    }

    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    /// Fails where the library would have gone on for ever.
    pub(crate) fn assert_bounded(&self, what: &str) {
        let requests = self.arrived.lock().unwrap().len();
        assert!(
            requests < MOST_REQUESTS,
            "{what}: {requests} requests and no end"
        );
    }

    pub(crate) fn server(&self) -> Server {
        Server::s3()
            .endpoint("http://store.test")
            .region("us-east-1")
            .credentials("KEYID", "topsecret")
            .conditional_put(s3aads::ConditionalPut::ETag)
            .retry(RetryConfig {
                backoff: BackoffConfig {
                    init_backoff: Duration::from_micros(10),
                    max_backoff: Duration::from_micros(20),
                    base: 2.0,
                },
                max_retries: 2,
                retry_timeout: Duration::from_secs(60),
            })
            .http_connector(self.connector())
            .build()
            .unwrap()
    }

    fn connector(&self) -> connector::Scripted {
        let this = self.clone();
        connector::Scripted::new(move |request| this.outcome(&request))
    }

    fn outcome(&self, request: &HttpRequest) -> Outcome {
        let arrived = Arrived {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().unwrap_or_default().to_owned(),
            body: match request.body().as_bytes() {
                Some(body) => String::from_utf8_lossy(body).into_owned(),
                None => String::new(),
            },
        };
        let before = {
            let mut all = self.arrived.lock().unwrap();
            all.push(arrived.clone());
            all.len() - 1
        };
        if before >= MOST_REQUESTS {
            let error = std::io::Error::other("too many requests");
            return Outcome::Failed(HttpError::new(HttpErrorKind::Unknown, error));
        }
        let answer = (self.respond)(before, &arrived);
        let mut response = Response::new(HttpResponseBody::new(InTwo::new(answer.body)));
        *response.status_mut() = answer.status.try_into().unwrap();
        for (name, value) in answer.headers {
            response.headers_mut().append(name, value);
        }
        Outcome::Answered(response)
    }

    pub(crate) fn db(&self) -> Database {
        self.server().database("bucket").unwrap()
    }
}

/// A body in two parts, as it may come off a network: no reader may trust the announced length for having seen one.
struct InTwo(std::vec::IntoIter<Bytes>);

impl InTwo {
    fn new(mut body: Bytes) -> Self {
        let second = body.split_off(body.len() / 2);
        Self(vec![body, second].into_iter())
    }
}

impl Body for InTwo {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        Poll::Ready(self.0.next().map(|part| Ok(Frame::data(part))))
    }
}
