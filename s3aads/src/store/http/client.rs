//! A small client for what `object_store` does not offer, made of its own pieces.

use std::fmt;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use object_store::RetryConfig;
use object_store::client::{HttpClient, HttpRequestBody};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::retry::retrying;
use super::wire::{RequestContext, read_up_to};
use super::{Answer, Failure, Malformed, xml};
use crate::store::{Meter, Reason, RequestClass, StoreError};

/// More of an answer than this is not read. A page of 1,000 keys of the greatest length, each byte
/// escaped, has under 4 MB.
const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// All but what RFC 3986 leaves as it is, as S3's signature wants it.
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

/// One request, as it is sent at every attempt.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    class: RequestClass,
    method: Method,
    url: String,
    headers: HeaderMap,
    body: Bytes,
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

    pub(crate) fn header(mut self, name: HeaderName, value: &str) -> Result<Self, StoreError> {
        let value = HeaderValue::from_str(value).map_err(|_| {
            let what = format!("{value:?} can't be sent as the header {name}");
            StoreError::new(Reason::Other, what)
        })?;
        self.headers.insert(name, value);
        Ok(self)
    }

    #[cfg(feature = "s3")]
    pub(crate) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    fn request(&self, context: &RequestContext) -> Result<Request<HttpRequestBody>, http::Error> {
        let request = Request::builder()
            .method(self.method.clone())
            .uri(&self.url);
        let mut request = request.body(HttpRequestBody::empty())?;
        *request.headers_mut() = self.headers.clone();
        if self.method == Method::PUT {
            let length = HeaderValue::from(self.body.len());
            request.headers_mut().insert(CONTENT_LENGTH, length);
        }
        *request.extensions_mut() = context.extensions();
        Ok(request)
    }
}

/// Sends what is signed and counted on the way ([`super::wire`]).
#[derive(Clone)]
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
    pub(crate) async fn send(
        &self,
        call: &Call,
        meter: &Meter,
    ) -> Result<(Box<Answer>, Bytes), Failure> {
        let context = RequestContext::new(call.class, meter, call.body.clone());
        let request = call.request(&context).map_err(Failure::unsent)?;
        let response = self.http.execute(request).await;
        let response = response.map_err(|error| Failure::new(error, &context))?;
        let answer = context.answer()?;
        let (body, end) = read_up_to(ANSWER_LIMIT, response.into_body()).await;
        end.map_err(Failure::Garbled)?;
        // S3 sends the status of a long-running success before it knows how it ends.
        match xml::parse_error(&body) {
            Some(error) if error.code.is_some() => {
                let mut late = Answer::error(error.code.unwrap_or_default(), error.message);
                late.late = true;
                Err(Failure::Answered(Box::new(late)))
            }
            _ => Ok((answer, body)),
        }
    }

    /// Sends `call` once and makes sense of the answer by `read`.
    pub(crate) async fn attempt<T>(
        &self,
        call: &Call,
        meter: &Meter,
        read: &(impl Fn(&[u8]) -> Result<T, Malformed> + Send + Sync),
    ) -> Result<T, Failure> {
        let (_, body) = self.send(call, meter).await?;
        read(&body).map_err(Failure::garbled)
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
}
