//! Credentials as Amazon's tools find them, by their crate `aws-config`: a profile's keys, role, process
//! or SSO session, web identity, the container's endpoint, and the instance metadata service.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials;
use aws_types::region::Region;
use object_store::CredentialProvider;
use object_store::aws::{AwsCredential, AwsCredentialProvider};
use tokio::sync::Mutex;

/// Credentials are fetched anew so long before they expire.
const AHEAD: Duration = Duration::from_secs(60);

/// A metadata service that is there answers at once.
const METADATA_PATIENCE: Duration = Duration::from_secs(1);

/// The providers, asked one after another until one has credentials.
pub(super) struct Chain {
    providers: CredentialsProviderChain,
    known: Mutex<Option<Known>>,
}

/// Credentials that were fetched, and until when they are good.
struct Known {
    credential: Arc<AwsCredential>,
    until: Option<SystemTime>,
}

impl Chain {
    /// Everything but an access key, which is known without it. Nothing is read or sent yet.
    pub(super) fn provider(
        region: &str,
        profile: Option<&str>,
        metadata: bool,
    ) -> AwsCredentialProvider {
        let region = Region::new(region.to_owned());
        let config = ProviderConfig::without_region().with_region(Some(region));
        let mut from_profile = ProfileFileCredentialsProvider::builder().configure(&config);
        if let Some(profile) = profile {
            from_profile = from_profile.profile_name(profile);
        }
        let web = WebIdentityTokenCredentialsProvider::builder().configure(&config);
        let container = EcsCredentialsProvider::builder().configure(&config);
        let mut providers = CredentialsProviderChain::first_try("profile", from_profile.build())
            .or_else("web identity", web.build())
            .or_else("container", container.build());
        if metadata {
            let client = imds::Client::builder()
                .configure(&config)
                .max_attempts(2)
                .connect_timeout(METADATA_PATIENCE)
                .read_timeout(METADATA_PATIENCE)
                .build();
            let instance = ImdsCredentialsProvider::builder()
                .configure(&config)
                .imds_client(client)
                .build();
            providers = providers.or_else("instance metadata", instance);
        }
        Arc::new(Self {
            providers,
            known: Mutex::default(),
        })
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

#[async_trait]
impl CredentialProvider for Chain {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        // Held while they are fetched: many requests at once ask for them once.
        let mut known = self.known.lock().await;
        if let Some(Known { credential, until }) = &*known
            && until.is_none_or(|until| SystemTime::now() + AHEAD < until)
        {
            return Ok(Arc::clone(credential));
        }
        let fetched = self.providers.provide_credentials().await;
        let fetched = fetched.map_err(|error| object_store::Error::Unauthenticated {
            path: String::new(),
            source: told(&error).into(),
        })?;
        let credential = Arc::new(AwsCredential {
            key_id: fetched.access_key_id().to_owned(),
            secret_key: fetched.secret_access_key().to_owned(),
            token: fetched.session_token().map(str::to_owned),
        });
        *known = Some(Known {
            credential: Arc::clone(&credential),
            until: fetched.expiry(),
        });
        Ok(credential)
    }
}

/// An error with all its causes, which `aws-config` does not print by itself.
pub(super) fn told(error: &dyn Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut source = error.source();
    while let Some(cause) = source {
        texts.push(cause.to_string());
        source = cause.source();
    }
    texts.dedup();
    texts.join(": ")
}
