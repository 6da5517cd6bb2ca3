//! A small signed client for what `object_store` does not offer, made of its own pieces.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use md5::{Digest, Md5};
use object_store::RetryConfig;
use object_store::client::{HttpClient, HttpRequestBody};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::failure::{Failure, status_of};
use super::retry::retrying;
use super::wire::{Answer, Trail, read_up_to};
use crate::store::s3::xml::Malformed;
use crate::store::{Meter, RequestClass};

/// More of an answer than this is not read. A page of 1,000 keys of the greatest length, each byte
/// escaped, has under 4 MB.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// All but what RFC 3986 leaves as it is, as the signature wants it.
const VALUE: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
const KEY: AsciiSet = VALUE.remove(b'/');

/// `key` as it stands in a URL's path.
pub(crate) fn encode_key(key: &str) -> String {
    utf8_percent_encode(key, &KEY).to_string()
}

/// `pairs` as a URL's query.
pub(crate) fn encode_query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, &VALUE)))
        .collect();
    pairs.join("&")
}

/// The Content-MD5 of a body.
pub(crate) fn content_md5(body: &[u8]) -> String {
    BASE64_STANDARD.encode(Md5::digest(body))
}

/// One request, as it is sent at every attempt.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub class: RequestClass,
}

impl Call {
    pub(crate) fn new(class: RequestClass, method: Method, url: String) -> Self {
        Self {
            method,
            url,
            class,
            headers: HeaderMap::new(),
            body: Bytes::new(),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Result<Self, Failure> {
        let value = HeaderValue::from_str(value)
            .map_err(|_| Failure::local(format!("{value:?} can't be sent as the header {name}")))?;
        self.headers.insert(HeaderName::from_static(name), value);
        Ok(self)
    }

    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

/// Sends what is signed and counted on the way ([`super::wire`]).
pub(crate) struct Client {
    pub http: HttpClient,
    pub retry: RetryConfig,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    /// Sends `call` once and reads the answer's body.
    pub(crate) async fn send(&self, call: &Call, meter: &Meter) -> Result<Bytes, Failure> {
        let trail = Trail::with_body(call.class, meter, call.body.clone());
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.url)
            .body(HttpRequestBody::empty())
            .map_err(Failure::local)?;
        *request.headers_mut() = call.headers.clone();
        *request.extensions_mut() = trail.extensions();
        let response = self.http.execute(request).await;
        let response = response.map_err(|error| Failure::new(error, &trail))?;
        if !response.status().is_success() {
            return Err(Failure::new(Malformed::new("an error"), &trail));
        }
        trail.take_answer().map_err(Failure::garbled)?;
        let (body, end) = read_up_to(ANSWER_LIMIT, response.into_body()).await;
        end.map_err(Failure::Garbled)?;
        // S3 sends the status of a long-running success before it knows how it ends.
        let mut late = Answer::default();
        late.read_error(&body);
        match late.code.as_deref() {
            None => Ok(body),
            Some(code) => {
                late.status = status_of(code);
                late.late = true;
                Err(Failure::Answered(Box::new(late)))
            }
        }
    }

    /// Sends an idempotent `call` until it is answered and `read` can make sense of the answer.
    pub(crate) async fn ask<T: Send>(
        &self,
        call: &Call,
        meter: &Meter,
        read: impl Fn(&[u8]) -> Result<T, Malformed> + Send + Sync,
    ) -> Result<T, Failure> {
        retrying(&self.retry, || self.attempt(call, meter, &read)).await
    }

    /// Sends `call` once and makes sense of the answer by `read`.
    pub(crate) async fn attempt<T: Send>(
        &self,
        call: &Call,
        meter: &Meter,
        read: &(impl Fn(&[u8]) -> Result<T, Malformed> + Send + Sync),
    ) -> Result<T, Failure> {
        let body = self.send(call, meter).await?;
        read(&body).map_err(Failure::garbled)
    }
}
