//! PutObject.

use bytes::Bytes;
use http::header::HeaderName;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ObjectStore, PutMode, PutOptions, PutPayload, UpdateVersion,
};

use super::read::location;
use crate::store::operation::Operation;
use crate::store::s3::S3Backend;
use crate::store::s3::http::{Failure, Trail};
use crate::store::{Condition, Meter, PutRequest, RequestClass, Result, StoreError, Version};

impl S3Backend {
    pub(in crate::store::s3) async fn put_object(
        &self,
        path: &str,
        body: Bytes,
        mut request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        check_attributes(&request.attributes)?;
        let location = location(path)?;
        let mode = self.put_mode(&request.condition)?;
        let conditional = request.condition != Condition::None;
        let operation = conditional.then(|| Operation::mark(&mut request));
        let sent = self.writing(&request.condition, || {
            self.put_once(&location, body.clone(), &request, mode.clone(), meter)
        });
        match sent.await {
            Ok(version) => Ok(version),
            // Boxed, as it is rare and would make every call's future twice as large.
            Err(given_up) => {
                let (operation, condition) = (operation.as_ref(), &request.condition);
                Box::pin(self.outcome(path, operation, condition, given_up, meter)).await
            }
        }
    }

    fn put_mode(&self, condition: &Condition) -> Result<PutMode> {
        let dialect = &self.server.0.dialect;
        if *condition != Condition::None {
            dialect.check_conditions()?;
        }
        Ok(match condition {
            Condition::None => PutMode::Overwrite,
            Condition::Absent => PutMode::Create,
            Condition::Unchanged(version) => PutMode::Update(UpdateVersion {
                e_tag: Some(dialect.e_tag(version)?),
                version: None,
            }),
        })
    }

    /// One attempt. A success bears the new object's ETag: whatever answers without one is no store,
    /// and `object_store` says so.
    async fn put_once(
        &self,
        location: &Path,
        body: Bytes,
        request: &PutRequest,
        mode: PutMode,
        meter: &Meter,
    ) -> std::result::Result<Version, Failure> {
        let trail = Trail::with_body(RequestClass::Put, meter, body.clone());
        let length = body.len() as u64;
        let options = PutOptions {
            mode,
            tags: request.tags.clone(),
            attributes: request.attributes.clone(),
            extensions: trail.extensions(),
        };
        let payload = PutPayload::from_bytes(body);
        let put = self.store.put_opts(location, payload, options).await;
        let put = match put {
            Ok(version) => trail.take_answer().map(|_| Version::from(version)),
            Err(error) => {
                let failure = Failure::new(error, &trail);
                if !matches!(failure, Failure::Budget(_) | Failure::Local(_)) {
                    meter.wrote(length);
                }
                return Err(failure);
            }
        };
        meter.wrote(length);
        put.map_err(Failure::garbled)
    }
}

/// What can't stand in a header would make `object_store` panic.
fn check_attributes(attributes: &Attributes) -> Result<()> {
    for (attribute, value) in attributes {
        if let Attribute::Metadata(name) = attribute
            && HeaderName::from_bytes(name.as_bytes()).is_err()
        {
            return Err(StoreError::unsupported(format!(
                "{name:?} is no name for user metadata"
            )));
        }
        if !value.bytes().all(|b| (b' '..=b'~').contains(&b)) {
            return Err(StoreError::unsupported(format!(
                "the value of {attribute:?} can't be sent: a header holds printable ASCII only"
            )));
        }
    }
    Ok(())
}
