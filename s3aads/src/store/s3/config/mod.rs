//! Turns options and environment into what a client needs, or an error that says what is missing.

#[cfg(feature = "aws-config")]
mod chain;
mod credentials;
mod options;
#[cfg(feature = "aws-config")]
mod profile;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey, AwsCredential};
use object_store::client::HttpConnector;
use object_store::{ClientOptions, RetryConfig, StaticCredentialProvider};
use url::Url;

use crate::store::http::connect::Direct;
use crate::store::http::default_retry;

pub(crate) use credentials::{Checked, Source};
pub use options::{ConditionalPut, S3Options};

#[cfg(not(feature = "aws-config"))]
use credentials::LOOKED_FOR;
use options::without_userinfo;

/// The variables of the environment, by name.
pub(crate) type Environment = BTreeMap<String, String>;

/// Options that can't be used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// Where the buckets of a server are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// The server's URL, without a trailing slash.
    pub service: String,
    /// Whether the bucket stands in the path rather than in the host.
    pub path_style: bool,
}

impl Address {
    /// The URL of a bucket, without a trailing slash.
    pub(crate) fn bucket(&self, bucket: &str) -> String {
        // A dot in the name would not match the server's certificate.
        let dotted = bucket.contains('.') && self.service.starts_with("https:");
        match self.service.split_once("://") {
            Some((scheme, rest)) if !self.path_style && !dotted => {
                format!("{scheme}://{bucket}.{rest}")
            }
            _ => format!("{}/{bucket}", self.service),
        }
    }
}

/// Options in their final form.
pub(crate) struct Config {
    /// For each bucket's client; still without bucket, credentials and connector.
    pub builder: AmazonS3Builder,
    /// Timeouts and such, for the connector.
    pub client_options: ClientOptions,
    /// Where the buckets are.
    pub address: Address,
    /// The region to sign for.
    pub region: String,
    /// Where the credentials come from.
    pub source: Source,
    /// Credentials given as a value.
    pub provider: Option<object_store::aws::AwsCredentialProvider>,
    /// Tells one user of the server from another; no secret.
    pub identity: String,
    /// How conditions are sent; found out if the user does not say.
    pub conditional_put: Option<ConditionalPut>,
    /// Whether signatures cover bodies.
    pub sign_payload: bool,
    /// Whether who asks pays.
    pub request_payer: bool,
    /// When to send again.
    pub retry: RetryConfig,
    /// What sends.
    pub connector: Arc<dyn HttpConnector>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("address", &self.address)
            .field("region", &self.region)
            .field("credentials", &self.source)
            .field("conditional_put", &self.conditional_put)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// The process's environment, as [`resolve`] takes it.
pub(crate) fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        // The others say where the configuration files are.
        .filter(|(name, _)| {
            name.starts_with("AWS_") || ["HOME", "USERPROFILE"].contains(&name.as_str())
        })
        .collect()
}

/// Completes `options` from `env`, and with the feature `aws-config` from the configuration files that
/// it leads to. No request is sent and nothing else is read.
pub(crate) fn resolve(options: &S3Options, env: &Environment) -> Result<Config, ConfigError> {
    let var = |name: &str| env.get(name).map(String::as_str).filter(|v| !v.is_empty());
    let flag = |name: &str| {
        let Some(value) = var(name) else {
            return Ok(None);
        };
        match value.to_ascii_lowercase().as_str() {
            "1" | "true" | "on" | "yes" | "y" => Ok(Some(true)),
            "0" | "false" | "off" | "no" | "n" => Ok(Some(false)),
            _ => Err(ConfigError(format!("{name} must be true or false"))),
        }
    };

    #[cfg(feature = "aws-config")]
    let profile = match (&options.access_key, &options.provider, options.anonymous) {
        // Who says who asks means no profile of the machine.
        (Some(_), ..) | (_, Some(_), _) | (.., Some(true)) => profile::ProfileSettings::default(),
        _ => profile::settings(env, options.profile.as_deref())?,
    };
    #[cfg(feature = "aws-config")]
    let (profile_region, profile_endpoint) =
        (profile.region.as_deref(), profile.endpoint.as_deref());
    #[cfg(not(feature = "aws-config"))]
    let (profile_region, profile_endpoint) = (None, None);

    let (mut builder, client_options) = from_environment(env);
    let region = options.region.as_deref();
    let region = region.or_else(|| var("AWS_REGION").or(var("AWS_DEFAULT_REGION")));
    let region = region.or(profile_region);
    let region = region.unwrap_or("us-east-1").to_owned();
    if region.is_empty()
        || !region
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    {
        return Err(ConfigError(format!("{region:?} is no region's name")));
    }

    let endpoint = options.endpoint.as_deref();
    let endpoint = endpoint.or_else(|| {
        var("AWS_ENDPOINT_URL_S3")
            .or(var("AWS_ENDPOINT_URL"))
            .or(var("AWS_ENDPOINT"))
            .or(profile_endpoint)
    });
    let virtual_hosted = flag("AWS_VIRTUAL_HOSTED_STYLE_REQUEST")?;
    let address = Address {
        service: match endpoint {
            Some(endpoint) => check_endpoint(endpoint)?,
            None if region.starts_with("cn-") => format!("https://s3.{region}.amazonaws.com.cn"),
            None => format!("https://s3.{region}.amazonaws.com"),
        },
        path_style: options
            .path_style
            .unwrap_or_else(|| virtual_hosted.map_or(endpoint.is_some(), |hosted| !hosted)),
    };

    let is_http = address.service.starts_with("http:");
    let allow_http = options.allow_http.or(flag("AWS_ALLOW_HTTP")?);
    if is_http && allow_http == Some(false) {
        return Err(ConfigError(format!(
            "the endpoint {} is not encrypted and allow_http is false",
            address.service
        )));
    }
    let client_options = client_options
        .with_allow_http(allow_http.unwrap_or(is_http))
        .with_timeout(options.request_timeout.unwrap_or(Duration::from_secs(30)))
        .with_connect_timeout(options.connect_timeout.unwrap_or(Duration::from_secs(5)));

    let conditional_put = match (options.conditional_put, var("AWS_CONDITIONAL_PUT")) {
        (Some(flavour), _) => Some(flavour),
        (None, None) => None,
        (None, Some(text)) => match text.trim().to_ascii_lowercase().as_str() {
            "etag" => Some(ConditionalPut::ETag),
            "disabled" => Some(ConditionalPut::Disabled),
            _ => {
                return Err(ConfigError(
                    "AWS_CONDITIONAL_PUT must be etag or disabled".into(),
                ));
            }
        },
    };

    let anonymous = options.anonymous.or(flag("AWS_SKIP_SIGNATURE")?);
    let (source, provider, identity) = if anonymous == Some(true) {
        (Source::Anonymous, None, String::new())
    } else {
        credentials(options, &var, &region, flag("AWS_EC2_METADATA_DISABLED")?)?
    };

    builder = builder
        .with_region(&region)
        .with_client_options(client_options.clone());
    let connector = options.connector.clone();
    Ok(Config {
        builder,
        client_options,
        address,
        region,
        source,
        provider,
        identity,
        conditional_put,
        sign_payload: flag("AWS_UNSIGNED_PAYLOAD")? != Some(true),
        request_payer: flag("AWS_REQUEST_PAYER")? == Some(true),
        retry: options.retry.clone().unwrap_or_else(default_retry),
        connector: connector.unwrap_or_else(|| Arc::new(Direct)),
    })
}

/// What `object_store` itself takes from the environment (encryption, checksums, proxies and
/// the like), save what is decided here.
fn from_environment(env: &Environment) -> (AmazonS3Builder, ClientOptions) {
    let mut builder = AmazonS3Builder::new();
    let mut client_options = ClientOptions::new();
    for (name, value) in env.iter().filter(|(_, value)| !value.is_empty()) {
        match name.to_ascii_lowercase().parse() {
            Ok(AmazonS3ConfigKey::Client(key)) => {
                client_options = client_options.with_config(key, value);
            }
            Ok(
                AmazonS3ConfigKey::Bucket
                | AmazonS3ConfigKey::Endpoint
                | AmazonS3ConfigKey::S3Endpoint
                | AmazonS3ConfigKey::VirtualHostedStyleRequest
                | AmazonS3ConfigKey::S3Express
                | AmazonS3ConfigKey::SkipSignature
                | AmazonS3ConfigKey::ConditionalPut
                | AmazonS3ConfigKey::AccessKeyId
                | AmazonS3ConfigKey::SecretAccessKey
                | AmazonS3ConfigKey::Token,
            )
            | Err(_) => {}
            Ok(key) => builder = builder.with_config(key, value),
        }
    }
    (builder, client_options)
}

type Credentials = (
    Source,
    Option<object_store::aws::AwsCredentialProvider>,
    String,
);

fn credentials<'a>(
    options: &S3Options,
    var: &impl Fn(&str) -> Option<&'a str>,
    #[cfg_attr(not(feature = "aws-config"), allow(unused_variables))] region: &str,
    no_metadata: Option<bool>,
) -> Result<Credentials, ConfigError> {
    if let Some(provider) = &options.provider {
        let identity = format!("{:p}", Arc::as_ptr(provider));
        let checked = Checked::wrap(Arc::clone(provider), Source::Provider);
        return Ok((Source::Provider, Some(checked), identity));
    }
    #[cfg(feature = "aws-config")]
    let profile = options.profile.as_deref();
    #[cfg(not(feature = "aws-config"))]
    let profile: Option<&str> = None;
    let key = match &options.access_key {
        // A profile that the program names is meant, whatever the environment has.
        None if profile.is_some() => None,
        Some((id, secret)) => Some((id.clone(), secret.clone(), options.session_token.clone())),
        None => match (var("AWS_ACCESS_KEY_ID"), var("AWS_SECRET_ACCESS_KEY")) {
            (Some(id), Some(secret)) => {
                let token = options.session_token.clone();
                let token = token.or_else(|| var("AWS_SESSION_TOKEN").map(str::to_owned));
                Some((id.to_owned(), secret.to_owned(), token))
            }
            (Some(_), None) => {
                return Err(ConfigError(
                    "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not".into(),
                ));
            }
            (None, Some(_)) => {
                return Err(ConfigError(
                    "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not".into(),
                ));
            }
            (None, None) => None,
        },
    };
    if let Some((key_id, secret_key, token)) = key {
        let identity = key_id.clone();
        let credential = AwsCredential {
            key_id,
            secret_key,
            token,
        };
        credentials::check(&credential).map_err(ConfigError)?;
        let provider = Arc::new(StaticCredentialProvider::new(credential));
        return Ok((Source::Static, Some(provider), identity));
    }
    #[cfg(feature = "aws-config")]
    {
        let metadata = options
            .instance_credentials
            .unwrap_or(no_metadata != Some(true));
        let chain = chain::Chain::provider(region, profile, metadata);
        let identity = profile.or(var("AWS_PROFILE")).unwrap_or("default");
        let identity = format!("chain {identity}");
        let checked = Checked::wrap(chain, Source::Chain);
        Ok((Source::Chain, Some(checked), identity))
    }
    #[cfg(not(feature = "aws-config"))]
    by_environment(options, var, no_metadata == Some(false))
}

/// What `object_store` fetches by itself, as the environment asks for it.
#[cfg(not(feature = "aws-config"))]
fn by_environment<'a>(
    options: &S3Options,
    var: &impl Fn(&str) -> Option<&'a str>,
    metadata: bool,
) -> Result<Credentials, ConfigError> {
    let role = var("AWS_ROLE_ARN");
    if let (Some(_), Some(role)) = (var("AWS_WEB_IDENTITY_TOKEN_FILE"), role) {
        return Ok((Source::WebIdentity, None, role.to_owned()));
    }
    let container = var("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI").or_else(|| {
        var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE").and(var("AWS_CONTAINER_CREDENTIALS_FULL_URI"))
    });
    if let Some(uri) = container {
        return Ok((Source::Container, None, uri.to_owned()));
    }
    if options.instance_credentials.unwrap_or(metadata) {
        return Ok((Source::Instance, None, "instance".into()));
    }
    Err(ConfigError(LOOKED_FOR.into()))
}

/// The endpoint without its trailing slash, if it can be one.
fn check_endpoint(endpoint: &str) -> Result<String, ConfigError> {
    let shown = without_userinfo(endpoint);
    let fault = |what: &str| Err(ConfigError(format!("the endpoint {shown:?} {what}")));
    let Ok(url) = Url::parse(endpoint.trim()) else {
        return fault("is not a URL; it should look like https://host:port");
    };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return fault("must start with https:// or http:// and name a host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return fault("must not hold a user or a password; set the access key instead");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return fault("must not have a query or a fragment");
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

/// Refuses what can't be a bucket and would change the request's meaning.
pub(crate) fn check_bucket(bucket: &str) -> Result<(), ConfigError> {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    if (1..=255).contains(&bucket.len())
        && bucket.bytes().all(known)
        && !bucket.starts_with('.')
        && !bucket.contains("..")
    {
        Ok(())
    } else {
        Err(ConfigError(format!(
            "{bucket:?} is no bucket's name: those have 3 to 63 lower case letters, digits, dots \
             and hyphens"
        )))
    }
}

#[cfg(test)]
mod tests;
