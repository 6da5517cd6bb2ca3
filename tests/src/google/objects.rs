//! Buckets and their objects.

use std::collections::BTreeMap;
use std::time::SystemTime;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, Response, StatusCode};
use percent_encoding::percent_decode_str;
use s3s::Body;

use super::{Asked, listing, refused, respond};

/// All buckets, and the last generation that an object got.
#[derive(Debug)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<String, BTreeMap<String, Object>>,
    generation: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            buckets: BTreeMap::new(),
            // Google counts from the time in microseconds.
            generation: 1_700_000_000_000_000,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) body: Bytes,
    /// Content headers, metadata and class.
    headers: HeaderMap,
    pub(super) generation: u64,
    pub(super) modified: DateTime<Utc>,
}

impl Object {
    /// Of these headers, those that are kept.
    pub(super) fn new(body: Bytes, mut headers: HeaderMap) -> Self {
        const KEPT: [&str; 6] = [
            "content-type",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "x-goog-storage-class",
        ];
        let names: Vec<_> = headers.keys().cloned().collect();
        for name in names {
            if !KEPT.contains(&name.as_str()) && !name.as_str().starts_with("x-goog-meta-") {
                headers.remove(name);
            }
        }
        Self {
            body,
            headers,
            generation: 0,
            modified: SystemTime::now().into(),
        }
    }

    pub(super) fn e_tag(&self) -> String {
        format!("\"{:032x}\"", self.generation)
    }

    pub(super) fn class(&self) -> &str {
        let class = self.headers.get("x-goog-storage-class");
        class
            .and_then(|class| class.to_str().ok())
            .unwrap_or("STANDARD")
    }
}

impl State {
    pub(super) fn put(&mut self, bucket: &str, key: &str, mut object: Object) -> u64 {
        self.generation += 1;
        object.generation = self.generation;
        object.modified = SystemTime::now().into();
        let bucket = self.buckets.entry(bucket.to_owned()).or_default();
        bucket.insert(key.to_owned(), object);
        self.generation
    }
}

pub(super) fn answer(state: &mut State, asked: &Asked) -> Response<Body> {
    let there = state.buckets.contains_key(&asked.bucket);
    match (&asked.method, asked.key.is_empty(), there) {
        (&Method::PUT, true, false) if asked.headers.contains_key("x-goog-project-id") => {
            state.buckets.entry(asked.bucket.clone()).or_default();
            respond(StatusCode::OK, "")
        }
        (&Method::PUT, true, false) => refused(StatusCode::BAD_REQUEST, "UserProjectMissing"),
        (&Method::PUT, true, true) => refused(StatusCode::CONFLICT, "BucketAlreadyOwnedByYou"),
        (&Method::HEAD, true, true) => respond(StatusCode::OK, ""),
        (_, _, false) => refused(StatusCode::NOT_FOUND, "NoSuchBucket"),
        (&Method::GET, true, true) => listing::answer(&state.buckets[&asked.bucket], &asked.query),
        (&Method::GET | &Method::HEAD, false, true) => read(state, asked),
        (&Method::PUT, false, true) => write(state, asked),
        (&Method::DELETE, false, true) => delete(state, asked),
        _ => refused(StatusCode::NOT_IMPLEMENTED, "NotImplemented"),
    }
}

fn read(state: &State, asked: &Asked) -> Response<Body> {
    let Some(object) = state.buckets[&asked.bucket].get(&asked.key) else {
        return refused(StatusCode::NOT_FOUND, "NoSuchKey");
    };
    let mut response = Response::builder()
        .header("etag", object.e_tag())
        .header("x-goog-generation", object.generation)
        .header(
            "last-modified",
            object.modified.to_rfc2822().replace("+0000", "GMT"),
        )
        .header("content-length", object.body.len());
    for (name, value) in &object.headers {
        response = response.header(name, value);
    }
    let body = match asked.method {
        Method::HEAD => Bytes::new(),
        _ => object.body.clone(),
    };
    response
        .body(Body::from(body))
        .expect("headers that came in go out")
}

/// Whether the request's condition, if it has one, holds.
fn holds(state: &State, asked: &Asked) -> bool {
    let there = state.buckets[&asked.bucket].get(&asked.key);
    let there = there.map_or(0, |object| object.generation);
    let wanted = asked.headers.get("x-goog-if-generation-match");
    wanted.is_none_or(|wanted| wanted.as_bytes() == there.to_string().as_bytes())
}

fn write(state: &mut State, asked: &Asked) -> Response<Body> {
    if !holds(state, asked) {
        return refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
    }
    let object = match asked.headers.get("x-goog-copy-source") {
        None => Object::new(asked.body.clone(), asked.headers.clone()),
        Some(source) => {
            let source = percent_decode_str(source.to_str().unwrap_or_default());
            let source = source.decode_utf8_lossy().into_owned();
            let (bucket, key) = source.split_once('/').unwrap_or((&source, ""));
            let object = state.buckets.get(bucket).and_then(|bucket| bucket.get(key));
            match object {
                Some(object) => object.clone(),
                None => return refused(StatusCode::NOT_FOUND, "NoSuchKey"),
            }
        }
    };
    let generation = state.put(&asked.bucket, &asked.key, object);
    let response = Response::builder()
        .header("etag", format!("\"{generation:032x}\""))
        .header("x-goog-generation", generation);
    response.body(Body::empty()).expect("plain headers")
}

fn delete(state: &mut State, asked: &Asked) -> Response<Body> {
    let bucket = &state.buckets[&asked.bucket];
    if !bucket.contains_key(&asked.key) {
        return refused(StatusCode::NOT_FOUND, "NoSuchKey");
    }
    if !holds(state, asked) {
        return refused(StatusCode::PRECONDITION_FAILED, "PreconditionFailed");
    }
    let bucket = state.buckets.get_mut(&asked.bucket);
    bucket.and_then(|bucket| bucket.remove(&asked.key));
    respond(StatusCode::NO_CONTENT, "")
}
