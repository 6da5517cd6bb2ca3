//! The bucket itself: CreateBucket and HeadBucket.

use http::{Method, StatusCode};

use super::S3Backend;
use super::client::Call;
use super::xml;
use crate::store::{Meter, RequestClass, Result};

impl S3Backend {
    pub(super) async fn create_bucket(&self, meter: &Meter) -> Result<()> {
        let client = &self.server.0.client;
        let mut call = Call::new(RequestClass::Put, Method::PUT, self.url.clone());
        // The one region that must not be named.
        if client.region != "us-east-1" {
            call = call
                .header("content-type", "application/xml")
                .map_err(|failure| self.fail(failure))?
                .body(xml::create_body(&client.region));
        }
        let created = client.ask(&call, meter, |_| Ok(())).await;
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
            _ => Err(self.fail(failure)),
        }
    }

    pub(super) fn on_amazon(&self) -> bool {
        let service = &self.server.0.address.service;
        service.ends_with(".amazonaws.com") || service.ends_with(".amazonaws.com.cn")
    }

    pub(super) async fn bucket_exists(&self, meter: &Meter) -> Result<bool> {
        let call = Call::new(RequestClass::Head, Method::HEAD, self.url.clone());
        match self.server.0.client.ask(&call, meter, |_| Ok(())).await {
            Ok(()) => Ok(true),
            Err(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => Ok(false),
            Err(failure) => Err(self.fail(failure)),
        }
    }
}
