//! URLs that allow one request for a while, to whoever has them.

use std::time::Duration;

use http::Method;
use object_store::signer::Signer;

use crate::store::http::location;
use crate::store::s3::S3Backend;
use crate::store::{Access, Reason, Result, StoreError};

/// S3 takes no signature that is good for longer.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

impl S3Backend {
    /// Signs by `object_store`, for a request that goes out elsewhere. Sends nothing, unless
    /// credentials have to be fetched.
    pub(in crate::store::s3) async fn presigned_url(
        &self,
        path: &str,
        access: Access,
        valid: Duration,
    ) -> Result<String> {
        if valid < Duration::from_secs(1) || valid > LONGEST {
            let what = "a URL is valid for a second at least and seven days at most";
            return Err(StoreError::new(Reason::InvalidConfig, what));
        }
        let location = location(path)?;
        let signer = self.server.signer(&self.bucket)?;
        let method = match access {
            Access::Read => Method::GET,
            Access::Write => Method::PUT,
        };
        let url = signer.signed_url(method, &location, valid).await?;
        Ok(url.into())
    }
}
