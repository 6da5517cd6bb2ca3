//! A small client for what `object_store` does not offer, made of its own pieces.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use object_store::Error;
use object_store::client::{HttpClient, HttpRequestBody, HttpResponseBody};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Service;
use super::failure::Failure;
use super::wire::{Answer, Note};
use crate::store::{Meter, Reason, RequestClass, Result, StoreError};

/// More of a listing's page than this is not read: 1,000 keys of 1,024 bytes, each escaped and
/// with all that is said of it, are a third of that.
const PAGE_LIMIT: usize = 16 * 1024 * 1024;

/// All but what RFC 3986 leaves as it is.
const VALUE: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const KEY: AsciiSet = VALUE.remove(b'/');

/// `key` as it stands in a URL's path.
pub(super) fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, &KEY).to_string()
}

/// `pairs` as a URL's query.
pub(super) fn encode_query(pairs: &[(&'static str, String)]) -> String {
    let pair = |(name, value): &(&str, String)| {
        let value = utf8_percent_encode(value, &VALUE);
        format!("{name}={value}")
    };
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// One request without a body, as it is sent at every attempt.
#[derive(Debug, Clone)]
pub(super) struct Call {
    class: RequestClass,
    method: Method,
    url: String,
    headers: HeaderMap,
}

impl Call {
    pub(super) fn new(class: RequestClass, method: Method, url: String) -> Self {
        let mut headers = HeaderMap::new();
        if method == Method::PUT {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Self {
            class,
            method,
            url,
            headers,
        }
    }

    pub(super) fn header(mut self, name: HeaderName, value: &str) -> Result<Self> {
        let value = HeaderValue::from_str(value).map_err(|_| {
            StoreError::new(
                Reason::Other,
                format!("{value:?} can't be sent as the header {name}"),
            )
        })?;
        self.headers.insert(name, value);
        Ok(self)
    }
}

/// Signs and sends.
#[derive(Debug)]
pub(super) struct Client(pub(super) HttpClient);

impl Client {
    /// Sends `call` once and reads the answer's body.
    pub(super) async fn send(
        &self,
        service: &dyn Service,
        call: &Call,
        meter: &Meter,
    ) -> std::result::Result<(Answer, Bytes), Failure> {
        let note = Note::new(call.class, meter);
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.url)
            .body(HttpRequestBody::from(Bytes::new()))
            .map_err(|error| Failure::new(&note, generic(error)))?;
        *request.headers_mut() = call.headers.clone();
        let signed = service.sign(&mut request).await;
        signed.map_err(|error| Failure::new(&note, error))?;
        let response = note.with(self.0.execute(request)).await;
        let response = response.map_err(|error| Failure::new(&note, generic(error)))?;
        let (parts, body) = response.into_parts();
        if !parts.status.is_success() {
            let refused = generic(format!("the store answered {}", parts.status));
            return Err(Failure::new(&note, refused));
        }
        let body = page(body).await.map_err(Failure::Garbled)?;
        let answer = Answer {
            status: parts.status,
            code: None,
            headers: parts.headers,
        };
        Ok((answer, body))
    }
}

fn generic(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Generic {
        store: "cloud",
        source: source.into(),
    }
}

async fn page(
    body: HttpResponseBody,
) -> std::result::Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
    let mut stream = body.bytes_stream();
    let mut read = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        read.extend_from_slice(&chunk?);
        if read.len() > PAGE_LIMIT {
            return Err(format!("the answer has more than {PAGE_LIMIT} bytes").into());
        }
    }
    Ok(read.freeze())
}
