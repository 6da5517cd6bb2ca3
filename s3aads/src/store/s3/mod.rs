//! S3 and what speaks its protocol.
//!
//! What it shares with other stores is in [`http`](super::http); here is what S3 has of its own: settings
//! and credentials, signatures, conditions by ETag, bulk deletes and copies.

mod config;
mod dialect;
mod ops;
mod protocol;
mod server;
mod signing;
pub(crate) mod xml;

#[cfg(test)]
pub(crate) mod tests;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use object_store::Attributes;

#[cfg(test)]
pub(crate) use config::Environment;
pub use config::{ConditionalPut, S3Options};
pub(crate) use server::S3Server;

use ops::ETags;

use super::http::{Bucket, listing};
use super::{
    Access, Backend, Condition, Copied, Deletion, ETagForm, Features, ListPage, ListRequest, Meter,
    Object, ObjectEntry, PutRequest, Result, Version,
};

/// One bucket.
pub(crate) struct S3Backend {
    server: S3Server,
    bucket: Bucket,
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

#[async_trait]
impl Backend for S3Backend {
    fn features(&self) -> Features {
        Features {
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
        let max_keys = request.max_keys.map(|max| max.to_string());
        let query = listing::query(&request, &max_keys);
        let page = self.bucket.page(&request, &query, listing::parse, meter);
        page.await.map_err(|failure| self.bucket.fail(failure))
    }

    async fn get(&self, path: &str, meter: &Meter) -> Result<Object> {
        self.get_object(path, meter).await
    }

    async fn head(&self, path: &str, meter: &Meter) -> Result<(ObjectEntry, Attributes)> {
        let seen = self.bucket.head(path, meter).await;
        let seen = seen.map_err(|failure| self.bucket.fail(failure))?;
        Ok((seen.entry, seen.attributes))
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

    async fn delete_many(&self, deletions: &[Deletion], meter: &Meter) -> Vec<Option<Result<()>>> {
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

    async fn presign(&self, path: &str, access: Access, valid: Duration) -> Result<String> {
        self.presigned_url(path, access, valid).await
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
