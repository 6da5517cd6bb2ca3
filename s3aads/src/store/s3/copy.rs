//! CopyObject: on the server, between the buckets of one.

use std::sync::Arc;

use http::{Method, StatusCode};

use super::S3Backend;
use super::client::{Call, encode_key};
use super::doubt::given_up;
use super::failure::{Failure, Fate};
use super::object::location;
use super::retry::Retry;
use super::xml;
use crate::store::{Backend, Condition, Copied, Meter, Reason, RequestClass, Result, StoreError};

impl S3Backend {
    pub(super) async fn copy_object(
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
        let onto_itself = (source.bucket.as_str(), from) == (self.bucket.as_str(), to);
        if onto_itself && condition == Condition::None {
            // S3 refuses to copy an object onto itself, where the outcome would be what is there.
            let (entry, _) = self.head(to, meter).await?;
            let (source, target) = (entry.version.clone(), entry.version);
            return Ok(Copied { source, target });
        }
        let call = self
            .copy_call(&source.bucket, from, to, &condition)
            .map_err(|failure| self.fail(failure))?;
        let client = &self.server.0.client;
        let mut retry = Retry::new(&client.retry);
        let mut doubt = Fate::Void;
        loop {
            let sent = client.send(&call, meter).await;
            let copied = sent.and_then(|body| xml::parse_copy(&body).map_err(Failure::garbled));
            let Err(failure) = copied else {
                return Ok(Copied::default());
            };
            let refused = failure.status() == Some(StatusCode::PRECONDITION_FAILED);
            doubt = doubt.max(failure.fate());
            if !refused && retry.again(&failure).await {
                continue;
            }
            if doubt == Fate::Void {
                return Err(self.copy_error(failure, &condition));
            }
            // A copy carries the metadata of its source, so nothing tells whose copy it is.
            return Err(self.in_doubt(given_up(doubt), failure));
        }
    }

    fn copy_error(&self, failure: Failure, condition: &Condition) -> StoreError {
        let error = self.fail(failure);
        match error.reason() {
            Reason::Changed if *condition == Condition::Absent => StoreError::already_exists(),
            _ => error,
        }
    }

    fn copy_call(
        &self,
        bucket: &str,
        from: &str,
        to: &str,
        condition: &Condition,
    ) -> std::result::Result<Call, Failure> {
        location(from)?;
        location(to)?;
        let url = format!("{}/{}", self.url, encode_key(to));
        let call = Call::new(RequestClass::Copy, Method::PUT, url);
        let call = call.header(
            "x-amz-copy-source",
            &format!("/{bucket}/{}", encode_key(from)),
        )?;
        match condition {
            Condition::None => Ok(call),
            Condition::Absent => call.header("if-none-match", "*"),
            Condition::Unchanged(version) => {
                call.header("if-match", &self.server.0.dialect.e_tag(version)?)
            }
        }
    }
}
