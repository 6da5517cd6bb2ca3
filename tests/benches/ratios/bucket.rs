//! A bucket that answers in the client's own process, without HTTP: what is left to measure is the client.
//!
//! It stands where both this library and `object_store` take their HTTP client. It knows what the benchmarks send (GET,
//! PUT and ListObjectsV2) and takes as long for each request as it is told to.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode, header};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use tokio::time::Instant;

use crate::listing::{Listing, page};

const ETAG: &str = "\"9bb58f26192e4ba00f01e2e7b136bbd8\"";

#[derive(Default)]
struct Inner {
    /// In the order of their bytes.
    keys: Vec<String>,
    body: Bytes,
    latency: Duration,
    /// Pages that were rendered before, where they are kept.
    rendered: Option<Mutex<HashMap<String, Bytes>>>,
    requests: AtomicU64,
    waited: AtomicU64,
}

/// See the module. Clones are the same bucket.
#[derive(Clone, Default)]
pub(crate) struct Bucket(Arc<Inner>);

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bucket")
    }
}

impl Bucket {
    /// Lists these keys and has `body` under every key. Each page is rendered once, so that the listing costs the client
    /// nothing but its own work.
    pub(crate) fn instant(keys: impl Iterator<Item = String>, body: Vec<u8>) -> Self {
        Self(Arc::new(Inner {
            keys: in_order(keys),
            body: body.into(),
            rendered: Some(Mutex::default()),
            ..Inner::default()
        }))
    }

    /// Lists these keys, each request taking this long.
    pub(crate) fn slow(keys: impl Iterator<Item = String>, latency: Duration) -> Self {
        Self(Arc::new(Inner {
            keys: in_order(keys),
            latency,
            ..Inner::default()
        }))
    }

    /// How many requests came since this was asked the last time, and how long they took on average.
    pub(crate) fn take_requests(&self) -> (u64, Duration) {
        let requests = self.0.requests.swap(0, Ordering::Relaxed);
        let waited = Duration::from_nanos(self.0.waited.swap(0, Ordering::Relaxed));
        let requests_or_one = u32::try_from(requests.max(1)).unwrap_or(u32::MAX);
        (requests, waited / requests_or_one)
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let response = http::Response::builder().header(header::ETAG, ETAG);
        let response = match (request.method(), request.uri().query()) {
            (&Method::PUT, _) => response.body(Bytes::new().into()),
            (&Method::GET, Some(query)) if query.contains("list-type=2") => {
                http::Response::builder().body(self.page(query).into())
            }
            (&Method::GET, _) => response
                .header(header::LAST_MODIFIED, "Wed, 01 Jan 2020 00:00:00 GMT")
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::CONTENT_LENGTH, self.0.body.len())
                .body(self.0.body.clone().into()),
            _ => http::Response::builder()
                .status(StatusCode::NOT_IMPLEMENTED)
                .body(HttpResponseBody::from(Bytes::new())),
        };
        response.expect("a response of constant parts")
    }

    fn page(&self, query: &str) -> Bytes {
        let render = || page(&self.0.keys, ETAG, &Listing::parse(query)).into();
        match &self.0.rendered {
            None => render(),
            Some(rendered) => {
                let mut rendered = rendered.lock().unwrap_or_else(PoisonError::into_inner);
                match rendered.get(query) {
                    Some(page) => page.clone(),
                    None => rendered.entry(query.to_owned()).or_insert(render()).clone(),
                }
            }
        }
    }
}

fn in_order(keys: impl Iterator<Item = String>) -> Vec<String> {
    let mut keys: Vec<String> = keys.collect();
    keys.sort_unstable();
    keys
}

impl HttpConnector for Bucket {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Bucket {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        if !self.0.latency.is_zero() {
            let start = Instant::now();
            tokio::time::sleep(self.0.latency).await;
            let waited = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.0.waited.fetch_add(waited, Ordering::Relaxed);
        }
        Ok(self.answer(&request))
    }
}
