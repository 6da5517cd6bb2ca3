//! Where credentials come from, and what is said when there are none.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::{AwsCredential, AwsCredentialProvider};

/// A metadata service that is there answers at once; one that isn't must not hang a program.
const FETCH_PATIENCE: Duration = Duration::from_secs(4);

/// What is said if no credentials were found.
pub(crate) const LOOKED_FOR: &str = "no S3 credentials found; looked for an access key given to the builder, \
    AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), \
    AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, \
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, \
    AWS_CONTAINER_CREDENTIALS_FULL_URI with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; \
    profiles in ~/.aws are not read; the instance metadata service is asked only where \
    instance credentials are switched on in the builder or by AWS_EC2_METADATA_DISABLED=false, \
    and public buckets need anonymous access in the builder or AWS_SKIP_SIGNATURE=true";

/// Which of the sources is in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// Requests are not signed.
    Anonymous,
    /// An access key.
    Static,
    /// The user's own provider.
    Provider,
    /// AssumeRoleWithWebIdentity.
    WebIdentity,
    /// The container's credentials endpoint.
    Container,
    /// The instance metadata service.
    Instance,
}

impl Source {
    fn place(&self) -> &'static str {
        match self {
            Self::Anonymous => "nowhere",
            Self::Static => "an access key",
            Self::Provider => "the credential provider",
            Self::WebIdentity => "web identity (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)",
            Self::Container => "the container's endpoint (AWS_CONTAINER_CREDENTIALS_*)",
            Self::Instance => {
                "the instance metadata service (no AWS_ACCESS_KEY_ID, web identity or container \
                 credentials were set)"
            }
        }
    }
}

/// Checks what another provider gives, and bounds how long that takes.
pub(crate) struct Checked {
    inner: AwsCredentialProvider,
    source: Source,
}

impl Checked {
    pub(crate) fn wrap(inner: AwsCredentialProvider, source: Source) -> AwsCredentialProvider {
        Arc::new(Self { inner, source })
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({:?})", self.source)
    }
}

#[async_trait]
impl CredentialProvider for Checked {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let unauthenticated = |what: String| object_store::Error::Unauthenticated {
            path: String::new(),
            source: what.into(),
        };
        let place = self.source.place();
        let fetched = tokio::time::timeout(FETCH_PATIENCE, self.inner.get_credential()).await;
        let credential = match fetched {
            Ok(Ok(credential)) => credential,
            Ok(Err(error)) => {
                return Err(unauthenticated(format!(
                    "no S3 credentials from {place}: {error}"
                )));
            }
            Err(_) => {
                return Err(unauthenticated(format!(
                    "no S3 credentials from {place} within {} seconds",
                    FETCH_PATIENCE.as_secs()
                )));
            }
        };
        check(&credential).map_err(unauthenticated)?;
        Ok(credential)
    }
}

/// A credential that can't be put into a header would make the signing panic.
pub(crate) fn check(credential: &AwsCredential) -> Result<(), String> {
    let fits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    let fault = |what: &str| {
        Err(format!(
            "the {what} is empty or has characters that none has, such as a line break at its end"
        ))
    };
    if !fits(&credential.key_id) {
        return fault("access key id");
    }
    if !fits(&credential.secret_key) {
        return fault("secret access key");
    }
    match &credential.token {
        Some(token) if !fits(token) => fault("session token"),
        _ => Ok(()),
    }
}
