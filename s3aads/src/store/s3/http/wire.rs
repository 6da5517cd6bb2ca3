//! The last stop before the network: signs each request, counts it as it goes out, and notes what
//! came back.
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
use object_store::aws::{AwsAuthorizer, AwsCredentialProvider};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};

use super::signing::Signing;
use crate::store::s3::xml::{self, Malformed};
use crate::store::{BudgetSpent, Meter, RequestClass, StoreError};

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
    /// Where a redirect points.
    pub location: Option<String>,
    /// The `Date` header: read by few, so that few parse it.
    pub sent_at: Option<HeaderValue>,
    /// The storage class, where it is not the standard one.
    pub storage_class: Option<String>,
    /// The object is encrypted by a key of its own, and its ETag is no digest of the body.
    pub opaque_e_tag: bool,
    /// The body is a page for a browser.
    pub page: bool,
    /// The error came under the status of a success, once the request was under way.
    pub late: bool,
}

static REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");
static STORAGE_CLASS: HeaderName = HeaderName::from_static("x-amz-storage-class");
static ENCRYPTION: HeaderName = HeaderName::from_static("x-amz-server-side-encryption");
static CUSTOMER_ENCRYPTION: HeaderName =
    HeaderName::from_static("x-amz-server-side-encryption-customer-algorithm");
static TAGGING: HeaderName = HeaderName::from_static("x-amz-tagging");

impl Answer {
    fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let starts_with = |name: &HeaderName, start: &str| {
            let value = headers.get(name).map(HeaderValue::as_bytes);
            value.is_some_and(|value| value.starts_with(start.as_bytes()))
        };
        let empty = match headers.get(header::CONTENT_LENGTH) {
            Some(length) => length == "0",
            None => !headers.contains_key(header::TRANSFER_ENCODING),
        };
        Self {
            status,
            sent_at: headers.get(header::DATE).cloned(),
            region: text(&REGION),
            location: text(&header::LOCATION),
            storage_class: text(&STORAGE_CLASS),
            opaque_e_tag: starts_with(&ENCRYPTION, "aws:")
                || headers.contains_key(&CUSTOMER_ENCRYPTION),
            page: !empty && starts_with(&header::CONTENT_TYPE, "text/html"),
            ..Self::default()
        }
    }

    /// Refuses a success that is no answer to a request of this class.
    pub(crate) fn check(&self, class: RequestClass) -> Result<(), Malformed> {
        use RequestClass::{Delete, Put};

        let writes = matches!(class, Put | Delete);
        let fits = match self.status {
            StatusCode::OK => true,
            StatusCode::CREATED | StatusCode::NO_CONTENT => writes,
            _ => false,
        };
        match fits && !(writes && self.page) {
            true => Ok(()),
            false => Err(Malformed::new(format!(
                "{} is no answer to a {class}",
                match self.page {
                    true => "a web page".to_owned(),
                    false => format!("the status {}", self.status),
                }
            ))),
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
            self.location = self.location.take().or(error.endpoint);
        }
    }
}

/// How one exchange with the server ended.
#[derive(Debug)]
pub(crate) enum Exchange {
    /// The server answered.
    Answered(Box<Answer>),
    /// No answer came.
    Broken(HttpErrorKind),
    /// The request was not sent, since a budget is spent.
    Refused(BudgetSpent),
    /// The request was not sent, since it could not be signed.
    Unsigned(StoreError),
}

/// Travels with a request: what it is counted as and on, and where its sender reads how the
/// exchange ended.
#[derive(Debug, Clone)]
pub(crate) struct Trail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    class: RequestClass,
    meter: Meter,
    /// The body in one piece, as the signature needs it.
    body: Bytes,
    exchange: Mutex<Option<Exchange>>,
}

impl Trail {
    /// For one request.
    pub(crate) fn new(class: RequestClass, meter: &Meter) -> Self {
        Self::with_body(class, meter, Bytes::new())
    }

    /// For one request with this body.
    pub(crate) fn with_body(class: RequestClass, meter: &Meter, body: Bytes) -> Self {
        Self(Arc::new(Inner {
            class,
            meter: meter.clone(),
            body,
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
        let counted = self.0.meter.send(self.0.class);
        counted.map_err(|spent| self.stop(Exchange::Refused(spent)))
    }

    /// Keeps the request from being sent. The error's kind is one that `object_store` does not
    /// retry.
    fn stop(&self, exchange: Exchange) -> HttpError {
        self.note(exchange);
        let unsent = std::io::Error::other("the request was not sent");
        HttpError::new(HttpErrorKind::Unknown, unsent)
    }

    fn note(&self, exchange: Exchange) {
        *self.exchange() = Some(exchange);
    }

    /// The exchange, for the first who asks; none where nothing got as far as this.
    pub(crate) fn take(&self) -> Option<Exchange> {
        self.exchange().take()
    }

    /// The server's answer, in the same way, if it can be one to this request.
    pub(crate) fn take_answer(&self) -> Result<Box<Answer>, Malformed> {
        match self.take() {
            Some(Exchange::Answered(answer)) => answer.check(self.0.class).map(|()| answer),
            _ => Err(Malformed::new("nobody saw the answer")),
        }
    }

    fn exchange(&self) -> MutexGuard<'_, Option<Exchange>> {
        self.0
            .exchange
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What every request of a server is signed with.
pub(crate) struct Signer {
    pub region: String,
    pub credentials: AwsCredentialProvider,
    pub sign_payload: bool,
    pub request_payer: bool,
    pub signing: Signing,
}

// By hand: it holds secrets, and what a user's provider prints is not known.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

impl Signer {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let credential = self.credentials.get_credential().await?;
        AwsAuthorizer::new(&credential, "s3", &self.region)
            .with_crypto(&self.signing)
            .with_sign_payload(self.sign_payload)
            .with_request_payer(self.request_payer)
            .try_authorize(request, None)
    }
}

/// Puts signing and counting between whoever asks for a client and `inner`'s.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    inner: Arc<dyn HttpConnector>,
    signer: Option<Arc<Signer>>,
}

impl Wire {
    /// One that signs nothing.
    pub(crate) fn new(inner: Arc<dyn HttpConnector>) -> Self {
        let signer = None;
        Self { inner, signer }
    }

    /// The same with a signature on each request.
    pub(crate) fn signed(mut self, signer: Signer) -> Self {
        self.signer = Some(Arc::new(signer));
        self
    }
}

impl HttpConnector for Wire {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(WireService {
            inner: self.inner.connect(options)?,
            signer: self.signer.clone(),
        }))
    }
}

/// Hands out one client to all, so that the databases of a server share its connections.
#[derive(Debug)]
pub(crate) struct Connected(pub HttpClient);

impl HttpConnector for Connected {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

#[derive(Debug)]
struct WireService {
    inner: HttpClient,
    signer: Option<Arc<Signer>>,
}

#[async_trait]
impl HttpService for WireService {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // Requests without a trail fetch credentials; they are not the store's.
        let Some(trail) = request.extensions().get::<Trail>().cloned() else {
            return self.inner.execute(request).await;
        };
        *request.body_mut() = HttpRequestBody::from(trail.0.body.clone());
        spell_spaces(request.headers_mut());
        if let Some(signer) = &self.signer {
            let signed = signer.sign(&mut request).await;
            signed.map_err(|error| trail.stop(Exchange::Unsigned(error.into())))?;
        }
        trail.count()?;
        match self.inner.execute(request).await {
            Ok(response) if response.status().is_success() => {
                let answer = Answer::new(response.status(), response.headers());
                trail.note(Exchange::Answered(Box::new(answer)));
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

/// `object_store` writes a space in a tag as `+`, which Ceph's gateway takes for a plus sign.
fn spell_spaces(headers: &mut HeaderMap) {
    let tags = headers.get(&TAGGING).and_then(|tags| tags.to_str().ok());
    if let Some(tags) = tags.filter(|tags| tags.contains('+'))
        && let Ok(tags) = HeaderValue::from_str(&tags.replace('+', "%20"))
    {
        headers.insert(&TAGGING, tags);
    }
}

/// Notes the error that a response holds, and gives the response back with its body read.
async fn refused(response: HttpResponse, trail: &Trail) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let mut answer = Answer::new(parts.status, &parts.headers);
    // The status alone says enough where the body is cut or breaks off.
    let (body, _) = read_up_to(ERROR_BODY_LIMIT, body).await;
    answer.read_error(&body);
    trail.note(Exchange::Answered(Box::new(answer)));
    HttpResponse::from_parts(parts, body.into())
}

/// What came of a body up to a limit, and how it ended: well only where nothing is left.
pub(super) async fn read_up_to(
    limit: usize,
    body: HttpResponseBody,
) -> (Bytes, Result<(), Box<dyn std::error::Error + Send + Sync>>) {
    let mut stream = body.bytes_stream();
    let mut read = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => read.extend_from_slice(&chunk),
            Err(error) => return (read.freeze(), Err(Box::new(error))),
        }
        if read.len() > limit {
            read.truncate(limit);
            let endless = Malformed::new(format!("it has more than {limit} bytes"));
            return (read.freeze(), Err(Box::new(endless)));
        }
    }
    (read.freeze(), Ok(()))
}
