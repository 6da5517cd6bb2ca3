//! Stores that are reached over HTTP: what S3 and the clouds have in common.
//!
//! Rows are written and read through `object_store`'s clients. What those have no method for, or not
//! as a database needs it (pages of a listing under any keys, conditional deletes, copies between buckets,
//! the bucket itself), is sent by a small [`Client`] of our own. Both send through one [`Wire`], which
//! signs and counts. All retries are made here, never by `object_store`: a write must know of every
//! attempt. What tells one store from another is its [`Protocol`].

mod answer;
mod bucket;
mod client;
pub(crate) mod connect;
mod failure;
#[cfg(any(feature = "s3", feature = "gcs"))]
pub(crate) mod listing;
mod outcome;
mod retry;
#[cfg(test)]
pub(crate) mod script;
mod wire;
pub(crate) mod xml;

use std::fmt::Debug;

use async_trait::async_trait;
use http::{HeaderName, StatusCode};
use object_store::client::HttpRequest;

pub(crate) use answer::{Answer, Malformed};
pub(crate) use bucket::Bucket;
pub(crate) use client::{Call, Client, encode_key, encode_query};
pub(crate) use failure::{Failure, Fate};
pub(crate) use retry::{Verdict, default_retry, no_retry, retrying};
pub(crate) use wire::{Connected, Wire};
#[cfg(feature = "s3")]
pub(crate) use {
    bucket::{Seen, location},
    outcome::doubt,
    retry::attempts,
};

use super::{RequestClass, Version};

/// What tells one store's requests and answers from another's.
#[async_trait]
pub(crate) trait Protocol: Debug + Send + Sync + 'static {
    /// Adds what shows who asks.
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()>;

    /// Whether a success with this status can be an answer to a request of this class.
    fn answers(&self, class: RequestClass, status: StatusCode) -> bool {
        match status {
            StatusCode::OK => true,
            StatusCode::CREATED | StatusCode::NO_CONTENT => answer::is_plain_write(class),
            _ => false,
        }
    }

    /// What a conflict (409) with this code says of a write's condition.
    fn conflict(&self, _code: Option<&str>) -> Verdict {
        Verdict::Silent
    }

    /// What may be done about an error.
    fn advice(&self, _answer: &Answer) -> Option<&'static str> {
        None
    }

    /// The header that names an object's storage class.
    fn storage_class(&self) -> &'static HeaderName;

    /// Which version of an object `object_store` means.
    fn version(&self, e_tag: Option<String>, version: Option<String>) -> Version {
        Version::new(e_tag, version)
    }
}
