//! The bucket itself: CreateBucket and HeadBucket.

use http::Method;
use http::header::CONTENT_TYPE;

use crate::store::http::{Call, xml};
use crate::store::s3::S3Backend;
use crate::store::s3::xml::create_body;
use crate::store::{Meter, RequestClass, Result};

impl S3Backend {
    pub(in crate::store::s3) async fn create_bucket(&self, meter: &Meter) -> Result<()> {
        let mut call = Call::new(RequestClass::Put, Method::PUT, self.bucket.url.clone());
        // The one region that must not be named.
        let region = &self.server.0.region;
        if region != "us-east-1" {
            call = call
                .header(CONTENT_TYPE, "application/xml")?
                .body(create_body(region));
        }
        let created = self.bucket.client.ask(&call, meter, xml::expect_done).await;
        let Err(failure) = created else {
            return Ok(());
        };
        match failure.code() {
            Some("BucketAlreadyOwnedByYou") => Ok(()),
            // Amazon's bucket names are shared with everyone; another server's are its users'
            // own, and not all of those know the code for "yours already".
            Some("BucketAlreadyExists")
                if !self.on_amazon() && self.bucket_exists(meter).await? =>
            {
                Ok(())
            }
            _ => Err(self.bucket.fail(failure)),
        }
    }

    pub(in crate::store::s3) fn on_amazon(&self) -> bool {
        let service = &self.server.0.address.service;
        service.ends_with(".amazonaws.com") || service.ends_with(".amazonaws.com.cn")
    }

    pub(in crate::store::s3) async fn bucket_exists(&self, meter: &Meter) -> Result<bool> {
        let call = Call::new(RequestClass::Head, Method::HEAD, self.bucket.url.clone());
        self.bucket.exists(&call, meter).await
    }
}
