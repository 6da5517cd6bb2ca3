//! DeleteObject.

use http::Method;

use super::outcome::condition_of;
use crate::store::s3::S3Backend;
use crate::store::s3::http::{Call, Failure, encode_key};
use crate::store::s3::xml;
use crate::store::{Deletion, Meter, RequestClass, Result};

impl S3Backend {
    pub(in crate::store::s3) async fn delete_object(
        &self,
        deletion: &Deletion,
        meter: &Meter,
    ) -> Result<()> {
        let Deletion { key, version } = deletion;
        if !is_addressable(key) {
            // A URL can't name it, but the body of a bulk delete can.
            return self.delete_unaddressable(deletion, meter).await;
        }
        let url = format!("{}/{}", self.url, encode_key(key));
        let mut call = Call::new(RequestClass::Delete, Method::DELETE, url);
        if let Some(version) = version {
            let e_tag = self.server.0.dialect.e_tag(version)?;
            call = call
                .header("if-match", &e_tag)
                .map_err(|failure| self.fail(failure))?;
        }
        let call = &call;
        let condition = condition_of(version.as_ref());
        let client = &self.server.0.client;
        let sent = self.writing(&condition, || async move {
            match client.attempt(call, meter, &xml::expect_done).await {
                // Some stores say so where Amazon calls it done.
                Err(failure) if version.is_none() && is_missing_key(&failure) => Ok(()),
                deleted => deleted,
            }
        });
        match sent.await {
            Ok(()) => Ok(()),
            Err(given_up) => Box::pin(self.outcome(key, None, &condition, given_up, meter))
                .await
                .map(drop),
        }
    }
}

fn is_missing_key(failure: &Failure) -> bool {
    failure.status() == Some(http::StatusCode::NOT_FOUND) && failure.code() != Some("NoSuchBucket")
}

/// Whether a URL can name the key: the empty one would be the bucket, and `.` and `..` segments
/// are resolved by whatever the URL passes through, encoded or not.
pub(super) fn is_addressable(key: &str) -> bool {
    !key.is_empty() && !key.split('/').any(|segment| matches!(segment, "." | ".."))
}
