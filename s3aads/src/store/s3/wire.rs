//! The last stop before the network: counts each request as it goes out and notes what came back.
//!
//! `object_store` sends through the same seam as our own client, and says of a failure little
//! more than a text. So whoever sends puts a [`Trail`] among the request's extensions, which says
//! what to count the request as, and reads status and error code from there.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use http::header::HeaderName;
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, header};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};

use super::xml;
use crate::store::{BudgetSpent, Meter, RequestClass};

/// More of an error's body than this is not read; S3's are under a kilobyte.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// What the server said, without the body of a success.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    /// S3's error code, from the `<Code>` element and nowhere else.
    pub code: Option<String>,
    /// S3's error message.
    pub message: Option<String>,
    /// The region that the server says the bucket is in.
    pub region: Option<String>,
    /// The `Date` header: read by few, so that few parse it.
    pub sent_at: Option<HeaderValue>,
    /// The storage class, where it is not the standard one.
    pub storage_class: Option<String>,
    /// The object is encrypted by a key of its own, and its ETag is no digest of the body.
    pub opaque_e_tag: bool,
}

static REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");
static STORAGE_CLASS: HeaderName = HeaderName::from_static("x-amz-storage-class");
static ENCRYPTION: HeaderName = HeaderName::from_static("x-amz-server-side-encryption");
static CUSTOMER_ENCRYPTION: HeaderName =
    HeaderName::from_static("x-amz-server-side-encryption-customer-algorithm");

impl Answer {
    fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let encryption = headers.get(&ENCRYPTION).map(HeaderValue::as_bytes);
        Self {
            status,
            sent_at: headers.get(header::DATE).cloned(),
            code: None,
            message: None,
            region: text(&REGION),
            storage_class: text(&STORAGE_CLASS),
            opaque_e_tag: encryption.is_some_and(|by| by.starts_with(b"aws:"))
                || headers.contains_key(&CUSTOMER_ENCRYPTION),
        }
    }

    /// The server's clock.
    pub(crate) fn date(&self) -> Option<DateTime<Utc>> {
        let date = self.sent_at.as_ref()?.to_str().ok()?;
        Some(DateTime::parse_from_rfc2822(date).ok()?.to_utc())
    }

    /// Takes code and message from an error's body, if it is one.
    pub(crate) fn read_error(&mut self, body: &[u8]) {
        if let Some(error) = xml::parse_error(body) {
            self.code = error.code;
            self.message = error.message;
            self.region = self.region.take().or(error.region);
        }
    }
}

/// How one exchange with the server ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// The server answered.
    Answered(Box<Answer>),
    /// No answer came.
    Broken(HttpErrorKind),
    /// The request was not sent.
    Refused(BudgetSpent),
}

/// Travels with a request: what it is counted as and on, and where its sender reads how the
/// exchange ended.
#[derive(Debug, Clone)]
pub(crate) struct Trail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    class: RequestClass,
    meter: Meter,
    exchange: Mutex<Option<Exchange>>,
}

impl Trail {
    /// For one request.
    pub(crate) fn new(class: RequestClass, meter: &Meter) -> Self {
        Self(Arc::new(Inner {
            class,
            meter: meter.clone(),
            exchange: Mutex::default(),
        }))
    }

    /// As what a request has to carry it.
    pub(crate) fn extensions(&self) -> Extensions {
        let mut extensions = Extensions::new();
        extensions.insert(self.clone());
        extensions
    }

    /// Counts the request, which is about to go out, unless a budget is spent.
    fn count(&self) -> Result<(), HttpError> {
        self.0.meter.send(self.0.class).map_err(|spent| {
            self.note(Exchange::Refused(spent));
            // This kind is one that `object_store` does not retry.
            HttpError::new(HttpErrorKind::Unknown, spent)
        })
    }

    fn answered(&self, answer: Answer) {
        self.note(Exchange::Answered(Box::new(answer)));
    }

    fn note(&self, exchange: Exchange) {
        *self.exchange() = Some(exchange);
    }

    /// The exchange, for the first who asks; none where nothing got as far as this.
    pub(crate) fn take(&self) -> Option<Exchange> {
        self.exchange().take()
    }

    /// The server's answer, in the same way.
    pub(crate) fn take_answer(&self) -> Option<Box<Answer>> {
        match self.take()? {
            Exchange::Answered(answer) => Some(answer),
            Exchange::Broken(_) | Exchange::Refused(_) => None,
        }
    }

    fn exchange(&self) -> MutexGuard<'_, Option<Exchange>> {
        self.0
            .exchange
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts the counting between whoever asks for a client and `inner`'s.
#[derive(Clone)]
pub(crate) struct Wire {
    inner: Arc<dyn HttpConnector>,
}

impl Wire {
    pub(crate) fn new(inner: Arc<dyn HttpConnector>) -> Self {
        Self { inner }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(WireService {
            inner: self.inner.connect(options)?,
        }))
    }
}

/// Hands out one client to all, so that the databases of a server share its connections.
pub(crate) struct Connected(pub HttpClient);

impl fmt::Debug for Connected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connected")
    }
}

impl HttpConnector for Connected {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

struct WireService {
    inner: HttpClient,
}

impl fmt::Debug for WireService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WireService")
    }
}

#[async_trait]
impl HttpService for WireService {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // Requests without a trail fetch credentials; they are not the store's.
        let trail = request.extensions().get::<Trail>().cloned();
        if let Some(trail) = &trail {
            trail.count()?;
        }
        let answered = self.inner.execute(request).await;
        let Some(trail) = trail else {
            return answered;
        };
        match answered {
            Ok(response) if response.status().is_success() => {
                trail.answered(Answer::new(response.status(), response.headers()));
                Ok(response)
            }
            // Boxed, as it is rare and would make every call's future twice as large.
            Ok(response) => Ok(Box::pin(refused(response, &trail)).await),
            Err(error) => {
                trail.note(Exchange::Broken(error.kind()));
                Err(error)
            }
        }
    }
}

/// Notes the error that a response holds, and gives the response back with its body read.
async fn refused(response: HttpResponse, trail: &Trail) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let mut answer = Answer::new(parts.status, &parts.headers);
    let body = error_body(body).await;
    answer.read_error(&body);
    trail.answered(answer);
    HttpResponse::from_parts(parts, body.into())
}

/// As much of an error's body as came. The status alone says enough where it is cut.
async fn error_body(body: HttpResponseBody) -> Bytes {
    let mut stream = body.bytes_stream();
    let mut read = BytesMut::new();
    while let Some(Ok(chunk)) = stream.next().await {
        read.extend_from_slice(&chunk);
        if read.len() > ERROR_BODY_LIMIT {
            read.truncate(ERROR_BODY_LIMIT);
            break;
        }
    }
    read.freeze()
}
