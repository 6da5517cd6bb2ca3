//! S3 and what speaks its protocol.
//!
//! Rows are written and read through `object_store`'s client; listings, deletes, copies and
//! buckets through a small one of our own, since `object_store` refuses some keys, lists no buckets
//! and copies only within one. Both send through one wire ([`http`]), which signs and counts. All
//! retries are made here, never by `object_store`: a write must know of every attempt ([`ops`]).

mod config;
mod dialect;
pub(crate) mod http;
mod ops;
mod server;
pub(crate) mod xml;

#[cfg(test)]
pub(crate) mod tests;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::Attributes;
use object_store::aws::AmazonS3;

#[cfg(test)]
pub(crate) use config::Environment;
pub use config::{ConditionalPut, S3Options};
pub(crate) use server::S3Server;

use self::http::Failure;
use ops::ETags;

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
            name: "s3",
            seeks: true,
            delimiter: true,
            bulk_delete: self.server.0.dialect.deletes_in_bulk(false),
            attributes: true,
            remote: true,
            conditions: self.server.0.dialect.conditions(self.on_amazon()),
            conditional_delete: true,
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
        self.put_object(path, body, request, meter).await
    }

    async fn delete(&self, path: &str, version: Option<&Version>, meter: &Meter) -> Result<()> {
        let deletion = Deletion {
            key: path.to_owned(),
            version: version.cloned(),
        };
        self.delete_object(&deletion, meter).await
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
