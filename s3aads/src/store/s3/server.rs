//! An S3 server: one client and one set of credentials for all of its buckets.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsCredentialProvider};
use object_store::{BackoffConfig, RetryConfig};

use super::S3Backend;
use super::config::{
    Address, Checked, Config, ConfigError, Environment, S3Options, Source, check_bucket,
    environment, resolve,
};
use super::dialect::Dialect;
use super::ops::ETags;
use super::protocol::S3Protocol;
use super::signing::SigningKeys;
use super::xml;
use crate::store::http::connect::Given;
use crate::store::http::{Bucket, Call, Client, Connected, Protocol, Wire, encode_query, no_retry};
use crate::store::{ListingProgress, Meter, RequestClass, StoreError};

/// Holds what the buckets of one server share. Cheap to clone.
#[derive(Clone)]
pub(crate) struct S3Server(pub(super) Arc<Shared>);

pub(super) struct Shared {
    client: Client,
    protocol: Arc<dyn Protocol>,
    /// None where requests are not signed.
    credentials: Option<AwsCredentialProvider>,
    pub(super) region: String,
    pub(super) address: Address,
    pub(super) dialect: Dialect,
    /// For a bucket's `AmazonS3`; complete save for the bucket.
    builder: AmazonS3Builder,
    id: String,
}

impl fmt::Debug for S3Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Server")
            .field("address", &self.0.address)
            .field("region", &self.0.region)
            .field("dialect", &self.0.dialect)
            .finish_non_exhaustive()
    }
}

impl S3Server {
    /// The server that `options` and the process's environment describe. Sends nothing.
    pub(crate) fn new(options: &S3Options) -> Result<Self, ConfigError> {
        Self::with_environment(options, &environment())
    }

    /// The same with another environment than the process's.
    pub(crate) fn with_environment(
        options: &S3Options,
        env: &Environment,
    ) -> Result<Self, ConfigError> {
        let config = resolve(options, env)?;
        let unusable = |error: object_store::Error| {
            ConfigError(format!("the S3 options are unusable: {error}"))
        };
        let credentials = credentials(&config).map_err(unusable)?;
        let id = server_id(&config);
        let protocol: Arc<dyn Protocol> = Arc::new(S3Protocol {
            region: config.region.clone(),
            credentials: credentials.clone(),
            sign_payload: config.sign_payload,
            request_payer: config.request_payer,
            keys: SigningKeys::default(),
        });
        let wire = Wire {
            connector: config.connector,
            protocol: Arc::clone(&protocol),
        };
        let http = wire.connect(&config.client_options).map_err(unusable)?;
        let builder = config
            .builder
            .with_http_connector(Connected(http.clone()))
            // The wire signs, what is sent past `object_store` too.
            .with_skip_signature(true)
            .with_virtual_hosted_style_request(true)
            // One attempt at a time: what comes next is decided here, where each answer is seen.
            .with_retry(no_retry());
        let shared = Shared {
            client: Client {
                http,
                retry: config.retry,
            },
            protocol,
            credentials,
            region: config.region,
            address: config.address,
            dialect: Dialect::new(config.conditional_put),
            builder,
            id,
        };
        // Whatever else is wrong with the options shows here and not at the first database.
        Self(Arc::new(shared)).checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        self.backend("any")?;
        Ok(self)
    }

    /// The database `bucket`, whether it is there or not. Sends nothing.
    pub(crate) fn backend(&self, bucket: &str) -> Result<Arc<S3Backend>, ConfigError> {
        check_bucket(bucket)?;
        let url = self.0.address.bucket(bucket);
        let store = self.0.builder.clone();
        let store = store
            .with_bucket_name(bucket)
            .with_endpoint(&url)
            .build()
            .map_err(|error| ConfigError(format!("the S3 options are unusable: {error}")))?;
        Ok(Arc::new(S3Backend {
            server: self.clone(),
            bucket: Bucket {
                name: bucket.to_owned(),
                url,
                store: Arc::new(store),
                client: self.0.client.clone(),
                protocol: Arc::clone(&self.0.protocol),
            },
            e_tags: ETags::default(),
        }))
    }

    /// What signs requests for a bucket that others send.
    pub(super) fn signer(&self, bucket: &Bucket) -> crate::store::Result<AmazonS3> {
        let Some(credentials) = &self.0.credentials else {
            return Err(StoreError::unsupported(
                "requests are not signed, since access is anonymous; give the server credentials",
            ));
        };
        let store = self.0.builder.clone();
        let store = store
            .with_bucket_name(&bucket.name)
            .with_endpoint(&bucket.url)
            .with_credentials(Arc::clone(credentials))
            .build()?;
        Ok(store)
    }

    /// The buckets that the credentials' owner has, in the server's order.
    pub(crate) async fn list_buckets(&self, meter: &Meter) -> crate::store::Result<Vec<String>> {
        let mut names = Vec::new();
        let mut progress = ListingProgress::default();
        let mut token: Option<String> = None;
        loop {
            let query = token.as_deref().map_or_else(String::new, |token| {
                format!("?{}", encode_query(&[("continuation-token", token)]))
            });
            let url = format!("{}/{query}", self.0.address.service);
            let call = Call::new(RequestClass::List, Method::GET, url);
            let page = self.0.client.ask(&call, meter, xml::parse_buckets).await;
            let (page, next) = page.map_err(|failure| {
                failure.into_error(&self.0.address.service, "", &*self.0.protocol)
            })?;
            let greatest = page.iter().map(String::as_str).max();
            progress.saw(greatest, next.is_some())?;
            names.extend(page);
            if next.is_none() {
                return Ok(names);
            }
            token = next;
        }
    }

    /// The same for all databases between which the server can copy on these credentials.
    pub(crate) fn server_id(&self) -> &str {
        &self.0.id
    }
}

fn server_id(config: &Config) -> String {
    let mut hasher = DefaultHasher::new();
    config.identity.hash(&mut hasher);
    let Address { service, .. } = &config.address;
    format!("{service} {} {:016x}", config.region, hasher.finish())
}

/// The provider of the credentials, made by `object_store` where they must be fetched.
fn credentials(config: &Config) -> object_store::Result<Option<AwsCredentialProvider>> {
    if config.source == Source::Anonymous || config.provider.is_some() {
        return Ok(config.provider.clone());
    }
    let store = config
        .builder
        .clone()
        .with_bucket_name("credentials")
        .with_http_connector(Given(Arc::clone(&config.connector)))
        .with_retry(RetryConfig {
            backoff: BackoffConfig::default(),
            max_retries: 2,
            retry_timeout: Duration::from_secs(2),
        })
        .build()?;
    Ok(Some(Checked::wrap(
        Arc::clone(store.credentials()),
        config.source.clone(),
    )))
}
