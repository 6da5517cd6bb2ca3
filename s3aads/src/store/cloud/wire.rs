//! The last stop before the network: counts each request as it goes out and notes what came back.
//!
//! `object_store` hands nothing of the caller's down with some of its requests, so the note is
//! kept with the task that sends.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::header::HeaderName;
use http::{HeaderMap, StatusCode};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpResponseBody, HttpService,
};

use crate::store::{BudgetSpent, Meter, RequestClass};

/// More of an error's body than this is not read.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

tokio::task_local! {
    /// The request that this task is about to send.
    static NOTE: Note;
}

/// What the server said, without the body of a success.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// The error's code: Azure names it in a header, Google in the body.
    pub(super) code: Option<String>,
    pub(super) headers: HeaderMap,
}

/// How one exchange with the server ended.
#[derive(Debug, Clone)]
pub(super) enum Exchange {
    /// The server answered.
    Answered(Box<Answer>),
    /// No answer came.
    Broken(HttpErrorKind),
    /// The request was not sent.
    Refused(BudgetSpent),
}

/// What a request is counted as and on, and where its sender reads how the exchange ended.
#[derive(Debug, Clone)]
pub(super) struct Note(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    class: RequestClass,
    meter: Meter,
    exchange: Mutex<Option<Exchange>>,
}

impl Note {
    /// For one request.
    pub(super) fn new(class: RequestClass, meter: &Meter) -> Self {
        Self(Arc::new(Inner {
            class,
            meter: meter.clone(),
            exchange: Mutex::default(),
        }))
    }

    /// Runs what sends the request.
    pub(super) async fn with<T>(&self, send: impl Future<Output = T>) -> T {
        NOTE.scope(self.clone(), send).await
    }

    /// How the exchange ended; none if nothing got as far as the network.
    pub(super) fn take(&self) -> Option<Exchange> {
        let exchange = self.0.exchange.lock();
        exchange.unwrap_or_else(PoisonError::into_inner).take()
    }

    fn ended(&self, exchange: Exchange) {
        let place = self.0.exchange.lock();
        *place.unwrap_or_else(PoisonError::into_inner) = Some(exchange);
    }
}

/// Connects as another connector does, and counts what is sent.
pub(super) struct Wire(pub(super) Arc<dyn HttpConnector>);

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(WireService(self.0.connect(options)?)))
    }
}

struct WireService(HttpClient);

impl fmt::Debug for WireService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WireService")
    }
}

#[async_trait]
impl HttpService for WireService {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let Ok(note) = NOTE.try_with(Note::clone) else {
            return self.0.execute(request).await;
        };
        if let Err(spent) = note.0.meter.send(note.0.class) {
            note.ended(Exchange::Refused(spent));
            return Err(HttpError::new(HttpErrorKind::Unknown, spent));
        }
        let response = match self.0.execute(request).await {
            Ok(response) => response,
            Err(error) => {
                note.ended(Exchange::Broken(error.kind()));
                return Err(error);
            }
        };
        let (parts, mut body) = response.into_parts();
        let mut code = header(&parts.headers, &AZURE_CODE);
        if !parts.status.is_success() {
            let read = error_body(body).await;
            code = code.or_else(|| body_code(&read));
            body = read.into();
        }
        note.ended(Exchange::Answered(Box::new(Answer {
            status: parts.status,
            code,
            headers: parts.headers.clone(),
        })));
        Ok(HttpResponse::from_parts(parts, body))
    }
}

static AZURE_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");

/// A header's text.
pub(super) fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// As much of an error's body as came. The status alone says enough if it is cut.
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

/// The code of an `<Error>` document.
fn body_code(body: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    #[serde(rename = "Error", rename_all = "PascalCase")]
    struct Document {
        code: String,
    }
    let text = std::str::from_utf8(body).ok()?;
    let document: Document = quick_xml::de::from_str(text).ok()?;
    Some(document.code)
}
