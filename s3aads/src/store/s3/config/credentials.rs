//! Where credentials come from, and what is said when there are none.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::{AwsCredential, AwsCredentialProvider};

/// A metadata service that is there answers at once; one that isn't must not hang a program.
const FETCH_PATIENCE: Duration = Duration::from_secs(4);

/// A process that a profile names may ask its user, and the chain gives its metadata service less time.
#[cfg(feature = "aws-config")]
const CHAIN_PATIENCE: Duration = Duration::from_secs(60);

/// What is said if no credentials were found.
#[cfg(not(feature = "aws-config"))]
pub(crate) const LOOKED_FOR: &str = "no S3 credentials found; looked for an access key given to the builder, \
    AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), \
    AWS_WEB_IDENTITY_TOKEN_FILE with AWS_ROLE_ARN, \
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, \
    AWS_CONTAINER_CREDENTIALS_FULL_URI with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE; \
    profiles in ~/.aws, SSO and assumed roles need the feature `aws-config`; the instance metadata service is asked only where \
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
    /// Amazon's own chain of providers.
    #[cfg(feature = "aws-config")]
    Chain,
    /// AssumeRoleWithWebIdentity.
    #[cfg(not(feature = "aws-config"))]
    WebIdentity,
    /// The container's credentials endpoint.
    #[cfg(not(feature = "aws-config"))]
    Container,
    /// The instance metadata service.
    #[cfg(not(feature = "aws-config"))]
    Instance,
}

impl Source {
    fn patience(&self) -> Duration {
        match self {
            #[cfg(feature = "aws-config")]
            Self::Chain => CHAIN_PATIENCE,
            _ => FETCH_PATIENCE,
        }
    }

    fn place(&self) -> &'static str {
        match self {
            Self::Anonymous => "nowhere",
            Self::Static => "an access key",
            Self::Provider => "the credential provider",
            #[cfg(feature = "aws-config")]
            Self::Chain => {
                "an access key, a profile, web identity, the container's endpoint or the instance \
                 metadata service"
            }
            #[cfg(not(feature = "aws-config"))]
            Self::WebIdentity => "web identity (AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN)",
            #[cfg(not(feature = "aws-config"))]
            Self::Container => "the container's endpoint (AWS_CONTAINER_CREDENTIALS_*)",
            #[cfg(not(feature = "aws-config"))]
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
        let patience = self.source.patience();
        let fetched = tokio::time::timeout(patience, self.inner.get_credential()).await;
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
                    patience.as_secs()
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
