//! CopyObject: on the server, between the buckets of one.
//!
//! A copy carries the metadata of its source, so nothing tells whose copy it is. One on a condition
//! is therefore given its metadata anew, with an id of its own, which takes a look at the source
//! first; and it is a copy of exactly what was seen then.

use std::sync::Arc;

use http::Method;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE,
    HeaderName, IF_MATCH, IF_NONE_MATCH,
};
use object_store::{Attribute, Attributes};

use crate::store::http::{Call, Seen, Verdict, encode_key, location};
use crate::store::operation::Operation;
use crate::store::s3::S3Backend;
use crate::store::s3::xml;
use crate::store::{
    Backend, Condition, Copied, Meter, PutRequest, Reason, RequestClass, Result, StoreError,
};

static COPY_SOURCE: HeaderName = HeaderName::from_static("x-amz-copy-source");
static SOURCE_IF_MATCH: HeaderName = HeaderName::from_static("x-amz-copy-source-if-match");
static DIRECTIVE: HeaderName = HeaderName::from_static("x-amz-metadata-directive");
static STORAGE_CLASS: HeaderName = HeaderName::from_static("x-amz-storage-class");

impl S3Backend {
    pub(in crate::store::s3) async fn copy_object(
        &self,
        source: &Arc<dyn Backend>,
        from: &str,
        to: &str,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Copied> {
        let Some(source) = source.as_any().downcast_ref::<Self>() else {
            return Err(StoreError::unsupported(
                "the server can only copy what it holds itself",
            ));
        };
        let call = self.copy_call(&source.bucket.name, from, to)?;
        if condition != Condition::None {
            self.server.0.dialect.check_conditions()?;
            let seen = source.bucket.head(from, meter).await;
            let seen = seen.map_err(|failure| source.bucket.fail(failure))?;
            return self.copy_seen(call, seen, to, condition, meter).await;
        }
        if (&source.bucket.name, from) == (&self.bucket.name, to) {
            // S3 refuses to copy an object onto itself, where the outcome would be what is there.
            let (entry, _) = self.head(to, meter).await?;
            let (source, target) = (entry.version.clone(), entry.version);
            return Ok(Copied { source, target });
        }
        let bucket = &self.bucket;
        let sent = bucket.writing(&condition, || {
            bucket.client.attempt(&call, meter, &xml::parse_copy)
        });
        let target = match sent.await {
            Ok(version) => version,
            Err(given_up) => {
                let outcome = bucket.outcome(to, None, &condition, given_up, meter);
                Box::pin(outcome).await?
            }
        };
        Ok(Copied {
            target,
            ..Copied::default()
        })
    }

    /// Copies what was seen, on a condition.
    async fn copy_seen(
        &self,
        call: Call,
        seen: Seen,
        to: &str,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Copied> {
        let source = seen.entry.version;
        let dialect = &self.server.0.dialect;
        let call = call.header(SOURCE_IF_MATCH.clone(), &dialect.e_tag(&source)?)?;
        let call = match &condition {
            Condition::Unchanged(version) => call.header(IF_MATCH, &dialect.e_tag(version)?)?,
            _ => call.header(IF_NONE_MATCH, "*")?,
        };
        let mut request = PutRequest {
            condition,
            attributes: seen.attributes,
            ..PutRequest::default()
        };
        let operation = Operation::mark(&mut request);
        let condition = request.condition;
        let class = seen.entry.storage_class;
        let call = replace_metadata(call, &request.attributes, class)?;
        let bucket = &self.bucket;
        let sent = bucket.writing(&condition, || {
            bucket.client.attempt(&call, meter, &xml::parse_copy)
        });
        let given_up = match sent.await {
            Ok(target) => return Ok(Copied { source, target }),
            Err(given_up) => given_up,
        };
        let refused = given_up.verdict == Verdict::Refused;
        let outcome = bucket.outcome(to, Some(&operation), &condition, given_up, meter);
        match Box::pin(outcome).await {
            Ok(target) => Ok(Copied { source, target }),
            // One answer for two conditions: was it the source that changed?
            Err(error) if refused && error.reason() == Reason::AlreadyExists => {
                match Box::pin(bucket.head(to, meter)).await {
                    Err(gone) if gone.is_missing() => {
                        Err(StoreError::new(Reason::Changed, error.to_string()))
                    }
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    fn copy_call(&self, bucket: &str, from: &str, to: &str) -> Result<Call> {
        location(from)?;
        location(to)?;
        let source = format!("/{bucket}/{}", encode_key(from));
        Call::new(RequestClass::Copy, Method::PUT, self.bucket.object_url(to))
            .header(COPY_SOURCE.clone(), &source)
    }
}

/// Gives the copy these headers and this metadata; its tags are the source's all the same.
fn replace_metadata(
    mut call: Call,
    attributes: &Attributes,
    storage_class: Option<String>,
) -> Result<Call> {
    call = call.header(DIRECTIVE.clone(), "REPLACE")?;
    for (attribute, value) in attributes {
        let name = match attribute {
            Attribute::CacheControl => CACHE_CONTROL,
            Attribute::ContentDisposition => CONTENT_DISPOSITION,
            Attribute::ContentEncoding => CONTENT_ENCODING,
            Attribute::ContentLanguage => CONTENT_LANGUAGE,
            Attribute::ContentType => CONTENT_TYPE,
            Attribute::Metadata(name) => {
                // What came in a header goes into one.
                match HeaderName::from_bytes(format!("x-amz-meta-{name}").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => continue,
                }
            }
            _ => continue,
        };
        call = call.header(name, value)?;
    }
    match storage_class {
        Some(class) => call.header(STORAGE_CLASS.clone(), &class),
        None => Ok(call),
    }
}
