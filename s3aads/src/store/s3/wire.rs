//! The last stop before the network: counts each request as it goes out and notes what came back.
//!
//! `object_store` sends through the same seam as our own client, and says of a failure little
//! more than a text. So whoever sends puts a [`Trail`] among the request's extensions and reads
//! status and error code from there.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
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

impl Answer {
    fn new(status: StatusCode, headers: &HeaderMap) -> Self {
        let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let encryption = text("x-amz-server-side-encryption");
        Self {
            status,
            sent_at: headers.get(header::DATE).cloned(),
            code: None,
            message: None,
            region: text("x-amz-bucket-region"),
            storage_class: text("x-amz-storage-class"),
            opaque_e_tag: encryption.is_some_and(|by| by.starts_with("aws:"))
                || headers.contains_key("x-amz-server-side-encryption-customer-algorithm"),
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

/// Where the sender of a request reads how its exchange ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trail(Arc<Mutex<Option<Exchange>>>);

impl Trail {
    fn note(&self, exchange: Exchange) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange);
    }

    /// The last exchange; none where nothing got as far as this.
    pub(crate) fn last(&self) -> Option<Exchange> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The class that S3 counts a request under.
pub(crate) fn classify(method: &Method, uri: &Uri, headers: &HeaderMap) -> RequestClass {
    let query = uri.query().unwrap_or_default();
    let lists = || {
        uri.path() == "/"
            || query.split('&').any(|pair| {
                let name = pair.split('=').next().unwrap_or_default();
                matches!(name, "list-type" | "max-buckets" | "continuation-token")
            })
    };
    match *method {
        Method::PUT if headers.contains_key("x-amz-copy-source") => RequestClass::Copy,
        Method::PUT => RequestClass::Put,
        Method::POST => RequestClass::Post,
        Method::DELETE => RequestClass::Delete,
        Method::HEAD => RequestClass::Head,
        _ if lists() => RequestClass::List,
        _ => RequestClass::Get,
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
        let trail = request.extensions().get::<Trail>().cloned();
        // Requests without a meter fetch credentials; they are not the store's.
        if let Some(meter) = request.extensions().get::<Meter>() {
            let class = request.extensions().get::<RequestClass>().copied();
            let class = class
                .unwrap_or_else(|| classify(request.method(), request.uri(), request.headers()));
            if let Err(spent) = meter.send(class) {
                if let Some(trail) = trail {
                    trail.note(Exchange::Refused(spent));
                }
                // This kind is one that `object_store` does not retry.
                return Err(HttpError::new(HttpErrorKind::Unknown, spent));
            }
        }
        let answered = self.inner.execute(request).await;
        let Some(trail) = trail else {
            return answered;
        };
        match answered {
            Ok(response) => {
                let mut answer = Answer::new(response.status(), response.headers());
                let response = if answer.status.is_success() {
                    response
                } else {
                    let (parts, body) = response.into_parts();
                    let body = error_body(body).await;
                    answer.read_error(&body);
                    HttpResponse::from_parts(parts, body.into())
                };
                trail.note(Exchange::Answered(Box::new(answer)));
                Ok(response)
            }
            Err(error) => {
                trail.note(Exchange::Broken(error.kind()));
                Err(error)
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_classified_as_s3_charges_them() {
        let class = |method: Method, uri: &str, copy: bool| {
            let mut headers = HeaderMap::new();
            if copy {
                headers.insert("x-amz-copy-source", "b/k".parse().unwrap());
            }
            classify(&method, &uri.parse().unwrap(), &headers)
        };
        let http = |path: &str| format!("http://127.0.0.1{path}");
        for (method, path, copy, expected) in [
            (Method::PUT, "/b/k", false, RequestClass::Put),
            (Method::PUT, "/b/k", true, RequestClass::Copy),
            (Method::PUT, "/b", false, RequestClass::Put),
            (Method::POST, "/b?delete", false, RequestClass::Post),
            (
                Method::GET,
                "/b?list-type=2&prefix=x",
                false,
                RequestClass::List,
            ),
            (Method::GET, "/?list-type=2", false, RequestClass::List),
            (Method::GET, "/", false, RequestClass::List),
            (Method::GET, "/b/list-type=2", false, RequestClass::Get),
            (Method::GET, "/b/k", false, RequestClass::Get),
            (Method::HEAD, "/b/k", false, RequestClass::Head),
            (Method::DELETE, "/b/k", false, RequestClass::Delete),
        ] {
            assert_eq!(class(method, &http(path), copy), expected, "{path}");
        }
    }
}
