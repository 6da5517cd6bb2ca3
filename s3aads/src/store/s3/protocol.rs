//! What tells S3's requests and answers from those of other stores.

use async_trait::async_trait;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use object_store::aws::{AwsAuthorizer, AwsCredentialProvider};
use object_store::client::HttpRequest;

use super::signing::SigningKeys;
use crate::store::http::{Answer, Protocol, Verdict};

static STORAGE_CLASS: HeaderName = HeaderName::from_static("x-amz-storage-class");
static TAGGING: HeaderName = HeaderName::from_static("x-amz-tagging");

/// S3's protocol, and what every request of a server is signed with.
pub(super) struct S3Protocol {
    pub(super) region: String,
    /// None where requests are not signed.
    pub(super) credentials: Option<AwsCredentialProvider>,
    pub(super) sign_payload: bool,
    pub(super) request_payer: bool,
    pub(super) keys: SigningKeys,
}

// By hand: what a user's provider of credentials prints is not known.
impl std::fmt::Debug for S3Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Protocol").finish_non_exhaustive()
    }
}

#[async_trait]
impl Protocol for S3Protocol {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        spell_spaces(request.headers_mut());
        let Some(credentials) = &self.credentials else {
            return Ok(());
        };
        let credential = credentials.get_credential().await?;
        AwsAuthorizer::new(&credential, "s3", &self.region)
            .with_crypto(&self.keys)
            .with_sign_payload(self.sign_payload)
            .with_request_payer(self.request_payer)
            .try_authorize(request, None)
    }

    /// Another write to the key was under way.
    fn conflict(&self, _code: Option<&str>) -> Verdict {
        Verdict::Contended
    }

    fn advice(&self, answer: &Answer) -> Option<&'static str> {
        Some(match answer.code.as_deref() {
            Some("InvalidAccessKeyId") => "check the access key id (AWS_ACCESS_KEY_ID)",
            Some("SignatureDoesNotMatch") => {
                "check the secret access key (AWS_SECRET_ACCESS_KEY), the region and the endpoint"
            }
            Some("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired") => {
                "the session's credentials have expired, get fresh ones"
            }
            Some("InvalidToken") => "check the session token (AWS_SESSION_TOKEN)",
            Some("RequestTimeTooSkewed") => "this machine's clock is off, set it right",
            Some("AuthorizationHeaderMalformed") => "set `region` (AWS_REGION) to the bucket's",
            Some("AccessDenied") => {
                "check what the access key may do with this bucket, and the bucket's name"
            }
            Some("PermanentRedirect" | "TemporaryRedirect" | "Redirect") => OTHER_REGION,
            _ if answer.redirects() && answer.region().is_some() => OTHER_REGION,
            _ if answer.redirects() => {
                "redirects are not followed: set `endpoint` (AWS_ENDPOINT_URL) to the server that \
                 holds the bucket"
            }
            _ => return None,
        })
    }

    fn storage_class(&self) -> &'static HeaderName {
        &STORAGE_CLASS
    }
}

const OTHER_REGION: &str = "the bucket is in another region: set `region` (AWS_REGION) to that one";

/// `object_store` writes a space in a tag as `+`, which Ceph's gateway takes for a plus sign.
fn spell_spaces(headers: &mut HeaderMap) {
    let tags = headers.get(&TAGGING).and_then(|tags| tags.to_str().ok());
    if let Some(tags) = tags.filter(|tags| tags.contains('+'))
        && let Ok(tags) = HeaderValue::from_str(&tags.replace('+', "%20"))
    {
        headers.insert(&TAGGING, tags);
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::store::Reason;
    use crate::store::http::Failure;

    #[test]
    fn errors_say_what_to_check() {
        let protocol = S3Protocol {
            region: String::new(),
            credentials: None,
            sign_payload: true,
            request_payer: false,
            keys: SigningKeys::default(),
        };
        let error = |status, code: &str| {
            let status = StatusCode::from_u16(status).unwrap();
            let mut answer = Answer::new(status, HeaderMap::new());
            answer.code = (!code.is_empty()).then(|| code.to_owned());
            Failure::Answered(Box::new(answer)).into_error("http://s/b", "b", &protocol)
        };
        let reason = |status, code| error(status, code).reason();
        assert_eq!(reason(404, "NoSuchBucket"), Reason::NoDatabase);
        assert_eq!(reason(404, "NoSuchKey"), Reason::NotFound);
        for (status, code, hint) in [
            (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
            (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
            (403, "RequestTimeTooSkewed", "clock"),
            (400, "ExpiredToken", "expired"),
            (403, "", "check the credentials"),
        ] {
            let error = error(status, code);
            assert_eq!(error.reason(), Reason::Denied, "{error:?}");
            assert!(error.to_string().contains(hint), "{error}");
        }
        assert_eq!(reason(403, "AccessDenied"), Reason::Denied);
        assert_eq!(reason(501, ""), Reason::Unsupported);
        assert_eq!(reason(503, "SlowDown"), Reason::Unavailable);
        assert_eq!(reason(307, ""), Reason::InvalidConfig);
        assert_eq!(reason(400, "InvalidArgument"), Reason::Other);
    }
}
