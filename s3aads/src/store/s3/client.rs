//! A small signed client for what `object_store` does not offer, made of its own pieces.

use std::fmt;

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, StatusCode};
use object_store::RetryConfig;
use object_store::aws::{AwsAuthorizer, AwsCredentialProvider};
use object_store::client::{HttpClient, HttpRequestBody};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::failure::Failure;
use super::retry::retrying;
use super::signing::Signing;
use super::wire::{Answer, Trail};
use super::xml::Malformed;
use crate::store::{Meter, RequestClass};

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

/// Signs and sends.
pub(crate) struct Client {
    pub http: HttpClient,
    pub region: String,
    /// None where requests go out unsigned.
    pub credentials: Option<AwsCredentialProvider>,
    pub signing: Signing,
    pub retry: RetryConfig,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Sends `call` once and reads the answer's body.
    pub(crate) async fn send(&self, call: &Call, meter: &Meter) -> Result<Bytes, Failure> {
        let trail = Trail::new(call.class, meter);
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&call.url)
            .body(HttpRequestBody::from(call.body.clone()))
            .map_err(Failure::local)?;
        *request.headers_mut() = call.headers.clone();
        *request.extensions_mut() = trail.extensions();
        if let Some(provider) = &self.credentials {
            let credential = provider
                .get_credential()
                .await
                .map_err(|error| Failure::Local(error.into()))?;
            AwsAuthorizer::new(&credential, "s3", &self.region)
                .with_crypto(&self.signing)
                .try_authorize(&mut request, None)
                .map_err(|error| Failure::Local(error.into()))?;
        }
        let response = self.http.execute(request).await;
        let response = response.map_err(|error| Failure::from_http(error, &trail))?;
        if !response.status().is_success() {
            return Err(Failure::Answered(trail.take_answer().unwrap_or_else(
                || {
                    Box::new(Answer {
                        status: response.status(),
                        ..Answer::default()
                    })
                },
            )));
        }
        let body = response.into_body().bytes().await;
        let body = body.map_err(|error| Failure::Garbled(Box::new(error)))?;
        // S3 sends the status of a long-running success before it knows how it ends.
        let mut late = Answer::default();
        late.read_error(&body);
        match late.code.as_deref() {
            None => Ok(body),
            Some(code) => {
                late.status = late_status(code);
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

/// The status that an error would have had, had it been known in time.
fn late_status(code: &str) -> StatusCode {
    match code {
        "NoSuchKey" | "NoSuchBucket" => StatusCode::NOT_FOUND,
        "AccessDenied" => StatusCode::FORBIDDEN,
        "PreconditionFailed" => StatusCode::PRECONDITION_FAILED,
        "SlowDown" | "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
        "InternalError" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}
