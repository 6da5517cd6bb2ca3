//! What the S3 store sends and makes of the answers, on a scripted server.

mod answers;
mod copy;
mod delete;
mod get;
mod list;
mod put;
mod server;

use ::http::header::HeaderValue;
use object_store::Attribute;
use object_store::client::HttpErrorKind;

use super::*;
use crate::store::http::script::{OPERATION, Reply, Script, retry};
use crate::store::{PageToken, Reason, RequestClass};

impl Script {
    pub(crate) fn options(&self) -> S3Options {
        S3Options::default()
            .endpoint("http://store.test")
            .region("eu-test-1")
            .credentials("KEYID", "topsecret")
            .retry(retry())
            .http_connector(self.clone())
    }

    pub(crate) fn backend(&self) -> Arc<S3Backend> {
        backend(&self.options())
    }
}

pub(crate) fn backend(options: &S3Options) -> Arc<S3Backend> {
    S3Server::with_environment(options, &Environment::new())
        .and_then(|server| server.backend("db"))
        .unwrap()
}

const OLD: &str = "Wed, 01 May 2024 11:00:00 GMT";
const NOW: &str = "Wed, 01 May 2024 12:00:00 GMT";

fn write(condition: Condition) -> PutRequest {
    PutRequest {
        condition,
        ..PutRequest::default()
    }
}

fn unchanged() -> Condition {
    Condition::Unchanged(Version::new(Some("\"old\"".into()), None))
}

/// A page of a listing of these keys.
fn page(keys: &[&str], next: Option<&str>) -> Reply {
    let mut body = String::from("<ListBucketResult><EncodingType>url</EncodingType>");
    for key in keys {
        body += &format!(
            "<Contents><Key>{key}</Key><Size>1</Size>\
             <LastModified>2024-05-06T07:08:09.000Z</LastModified></Contents>"
        );
    }
    if let Some(next) = next {
        body += &format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>"
        );
    }
    Reply::body(200, body + "</ListBucketResult>")
}

fn fails<T>(answer: &Result<T>, reason: Reason) -> bool {
    answer.as_ref().is_err_and(|error| error.reason() == reason)
}
