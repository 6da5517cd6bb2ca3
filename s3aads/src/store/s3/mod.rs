//! S3 and what speaks its protocol.
//!
//! Rows are written and read through `object_store`'s client; listings, deletes, copies and
//! buckets through a small one of our own ([`client`]) that signs with the same credentials and
//! sends over the same connections, since `object_store` refuses some keys, lists no buckets and
//! copies only within one. All retries are made here ([`retry`]), never by `object_store`: a
//! conditional write must know of every attempt ([`conditional`]).

mod bucket;
mod bulk;
mod client;
mod conditional;
mod config;
mod copy;
mod credentials;
mod dialect;
mod doubt;
mod failure;
mod integrity;
mod list;
mod object;
mod options;
mod retry;
mod server;
mod signing;
mod wire;
pub(crate) mod xml;

#[cfg(test)]
pub(crate) mod script;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use object_store::Attributes;
use object_store::aws::AmazonS3;

#[cfg(test)]
pub(crate) use config::Environment;
pub use options::{ConditionalPut, S3Options};
pub(crate) use server::S3Server;

use failure::Failure;
use integrity::ETags;

use super::{
    Backend, Condition, Copied, Deletion, ETagForm, ListPage, ListRequest, Meter, Object,
    ObjectEntry, PutRequest, Result, StoreError, Traits, Version,
};

/// One bucket.
pub(crate) struct S3Backend {
    server: S3Server,
    bucket: String,
    /// The bucket's URL, without a trailing slash.
    url: String,
    store: AmazonS3,
    /// Set once the server has said that it can't delete in bulk.
    no_bulk_delete: AtomicBool,
    e_tags: ETags,
}

impl fmt::Debug for S3Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Backend")
            .field("server", &self.server)
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl S3Backend {
    fn fail(&self, failure: Failure) -> StoreError {
        failure.into_error(&self.url, &self.bucket)
    }
}

#[async_trait]
impl Backend for S3Backend {
    fn traits(&self) -> Traits {
        Traits {
            name: failure::STORE,
            seeks: true,
            delimiter: true,
            bulk_delete: !self.no_bulk_delete.load(Ordering::Relaxed),
            attributes: true,
            remote: true,
            trusted: self.on_amazon(),
        }
    }

    fn server_id(&self) -> String {
        self.server.server_id().to_owned()
    }

    fn endpoint(&self) -> String {
        self.server.0.address.service.clone()
    }

    fn e_tag_form(&self) -> ETagForm {
        self.server.0.dialect.e_tag_form()
    }

    fn set_e_tag_form(&self, form: ETagForm) -> bool {
        self.server.0.dialect.set_e_tag_form(form)
    }

    async fn list(&self, request: ListRequest, meter: &Meter) -> Result<ListPage> {
        self.list_page(&request, meter)
            .await
            .map_err(|failure| self.fail(failure))
    }

    async fn get(&self, path: &str, meter: &Meter) -> Result<Object> {
        self.get_object(path, meter)
            .await
            .map_err(|failure| self.fail(failure))
    }

    async fn head(&self, path: &str, meter: &Meter) -> Result<(ObjectEntry, Attributes)> {
        self.head_object(path, meter)
            .await
            .map(|seen| (seen.entry, seen.attributes))
            .map_err(|failure| self.fail(failure))
    }

    async fn put(
        &self,
        path: &str,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        match request.condition {
            Condition::None => self
                .put_object(path, body, request, meter)
                .await
                .map_err(|failure| self.fail(failure)),
            Condition::Absent | Condition::Unchanged(_) => {
                self.put_if(path, body, request, meter).await
            }
        }
    }

    async fn delete(&self, path: &str, version: Option<&Version>, meter: &Meter) -> Result<()> {
        self.delete_object(path, version, meter)
            .await
            .map_err(|failure| self.fail(failure))
    }

    async fn delete_many(&self, deletions: &[Deletion], meter: &Meter) -> Vec<Result<()>> {
        self.delete_objects(deletions, meter).await
    }

    async fn copy(
        &self,
        source: &Arc<dyn Backend>,
        from: &str,
        to: &str,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Copied> {
        self.copy_object(source, from, to, condition, meter).await
    }

    async fn create(&self, meter: &Meter) -> Result<()> {
        self.create_bucket(meter).await
    }

    async fn exists(&self, meter: &Meter) -> Result<bool> {
        self.bucket_exists(meter).await
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
