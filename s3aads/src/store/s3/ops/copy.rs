//! CopyObject: on the server, between the buckets of one.
//!
//! A copy carries the metadata of its source, so nothing tells whose copy it is. One on a condition
//! is therefore given its metadata anew, with an id of its own, which takes a look at the source
//! first; and it is a copy of exactly what was seen then.

use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};
use http::{Method, StatusCode};
use object_store::{Attribute, Attributes};

use super::read::{Seen, location};
use crate::store::operation::Operation;
use crate::store::s3::S3Backend;
use crate::store::s3::http::{Call, Failure, Verdict, encode_key};
use crate::store::s3::xml;
use crate::store::{
    Backend, Condition, Copied, Meter, PutRequest, Reason, RequestClass, Result, StoreError,
};

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
        let call = self.copy_call(&source.bucket, from, to)?;
        if condition != Condition::None {
            self.server.0.dialect.check_conditions()?;
            let seen = source.head_object(from, meter).await;
            let seen = seen.map_err(|failure| source.fail(failure))?;
            return self.copy_seen(call, seen, to, condition, meter).await;
        }
        if (source.bucket.as_str(), from) == (self.bucket.as_str(), to) {
            // S3 refuses to copy an object onto itself, where the outcome would be what is there.
            let (entry, _) = self.head(to, meter).await?;
            let (source, target) = (entry.version.clone(), entry.version);
            return Ok(Copied { source, target });
        }
        let client = &self.server.0.client;
        let sent = self.writing(&condition, || {
            client.attempt(&call, meter, &xml::parse_copy)
        });
        let target = match sent.await {
            Ok(version) => version,
            Err(given_up) => {
                let outcome = self.outcome(to, None, &condition, given_up, meter);
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
        let call = call.header("x-amz-copy-source-if-match", &dialect.e_tag(&source)?);
        let call = call.and_then(|call| match &condition {
            Condition::Unchanged(version) => {
                call.header("if-match", &dialect.e_tag(version).map_err(Failure::Local)?)
            }
            _ => call.header("if-none-match", "*"),
        });
        let mut call = call.map_err(|failure| self.fail(failure))?;
        let mut request = PutRequest {
            condition,
            attributes: seen.attributes,
            ..PutRequest::default()
        };
        let operation = Operation::mark(&mut request);
        let condition = request.condition;
        replace_metadata(&mut call, &request.attributes, seen.entry.storage_class);
        let client = &self.server.0.client;
        let sent = self.writing(&condition, || {
            client.attempt(&call, meter, &xml::parse_copy)
        });
        let given_up = match sent.await {
            Ok(target) => return Ok(Copied { source, target }),
            Err(given_up) => given_up,
        };
        let refused = given_up.verdict == Verdict::Refused;
        let outcome = self.outcome(to, Some(&operation), &condition, given_up, meter);
        match Box::pin(outcome).await {
            Ok(target) => Ok(Copied { source, target }),
            // One answer for two conditions: was it the source that changed?
            Err(error) if refused && error.reason() == Reason::AlreadyExists => {
                match Box::pin(self.head_object(to, meter)).await {
                    Err(gone) if gone.status() == Some(StatusCode::NOT_FOUND) => {
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
        let url = format!("{}/{}", self.url, encode_key(to));
        let source = format!("/{bucket}/{}", encode_key(from));
        Call::new(RequestClass::Copy, Method::PUT, url)
            .header("x-amz-copy-source", &source)
            .map_err(|failure| self.fail(failure))
    }
}

/// Gives the copy these headers and this metadata; its tags are the source's all the same.
fn replace_metadata(call: &mut Call, attributes: &Attributes, storage_class: Option<String>) {
    let mut insert = |name: &str, value: &str| {
        // What came in a header goes into one.
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
            call.headers.insert(name, value);
        }
    };
    insert("x-amz-metadata-directive", "REPLACE");
    for (attribute, value) in attributes {
        match attribute {
            Attribute::CacheControl => insert("cache-control", value),
            Attribute::ContentDisposition => insert("content-disposition", value),
            Attribute::ContentEncoding => insert("content-encoding", value),
            Attribute::ContentLanguage => insert("content-language", value),
            Attribute::ContentType => insert("content-type", value),
            Attribute::Metadata(name) => insert(&format!("x-amz-meta-{name}"), value),
            _ => {}
        }
    }
    if let Some(class) = storage_class {
        insert("x-amz-storage-class", &class);
    }
}
