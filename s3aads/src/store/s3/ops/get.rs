//! GetObject, whose body is held against its ETag.

use http::header::HeaderName;
use object_store::path::Path;

use crate::store::http::{Answer, Failure, Malformed, location, retrying};
use crate::store::s3::S3Backend;
use crate::store::{Meter, Object, Result};

static ENCRYPTION: HeaderName = HeaderName::from_static("x-amz-server-side-encryption");
static CUSTOMER_ENCRYPTION: HeaderName =
    HeaderName::from_static("x-amz-server-side-encryption-customer-algorithm");

impl S3Backend {
    pub(in crate::store::s3) async fn get_object(
        &self,
        path: &str,
        meter: &Meter,
    ) -> Result<Object> {
        let location = &location(path)?;
        let got = retrying(&self.bucket.client.retry, || async move {
            let (object, doubted) = self.get_once(path, location, meter).await?;
            if !doubted {
                return Ok(object);
            }
            // Boxed, as it is rare and would make every call's future twice as large.
            Box::pin(self.get_again(path, location, object, meter)).await
        });
        got.await.map_err(|failure| self.bucket.fail(failure))
    }

    /// One attempt of a GET, and whether its body may have been changed on the way.
    async fn get_once(
        &self,
        path: &str,
        location: &Path,
        meter: &Meter,
    ) -> std::result::Result<(Object, bool), Failure> {
        let (object, answer) = self.bucket.get_once(path, location, meter).await?;
        let Object { entry, body, .. } = &object;
        let doubted = self.e_tags.doubt(entry, body, is_opaque(&answer));
        Ok((object, doubted))
    }

    /// The second look at an object whose body did not fit its ETag.
    async fn get_again(
        &self,
        path: &str,
        location: &Path,
        first: Object,
        meter: &Meter,
    ) -> std::result::Result<Object, Failure> {
        let (second, doubted) = self.get_once(path, location, meter).await?;
        if doubted && first.body != second.body {
            return Err(Failure::garbled(Malformed::new(
                "the object's body came twice and differed",
            )));
        }
        if doubted {
            self.e_tags.confirm();
        }
        Ok(second)
    }
}

/// Whether the object is encrypted by a key of its own, and its ETag is no digest of the body.
fn is_opaque(answer: &Answer) -> bool {
    let by_kms = |kind: &str| kind.starts_with("aws:");
    answer.header(&ENCRYPTION).is_some_and(by_kms) || answer.header(&CUSTOMER_ENCRYPTION).is_some()
}
