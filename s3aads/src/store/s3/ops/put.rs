//! PutObject.

use bytes::Bytes;
use object_store::{PutMode, UpdateVersion};

use crate::store::s3::S3Backend;
use crate::store::{Condition, Meter, PutRequest, Result, Version};

impl S3Backend {
    pub(in crate::store::s3) async fn put_object(
        &self,
        path: &str,
        body: Bytes,
        request: PutRequest,
        meter: &Meter,
    ) -> Result<Version> {
        let mode = self.put_mode(&request.condition)?;
        self.bucket.put(path, body, request, mode, meter).await
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
}
