//! DeleteObject.

use http::Method;
use http::header::IF_MATCH;

use crate::store::http::Call;
use crate::store::s3::S3Backend;
use crate::store::{Condition, Deletion, Meter, RequestClass, Result};

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
        let url = self.bucket.object_url(key);
        let mut call = Call::new(RequestClass::Delete, Method::DELETE, url);
        if let Some(version) = version {
            let e_tag = self.server.0.dialect.e_tag(version)?;
            call = call.header(IF_MATCH, &e_tag)?;
        }
        let condition = Condition::of(version.as_ref());
        self.bucket.delete(&call, key, &condition, meter).await
    }
}

/// Whether a URL can name the key: the empty one would be the bucket, and `.` and `..` segments
/// are resolved by whatever the URL passes through, encoded or not.
pub(super) fn is_addressable(key: &str) -> bool {
    !key.is_empty() && !key.split('/').any(|segment| matches!(segment, "." | ".."))
}
