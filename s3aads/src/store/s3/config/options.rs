//! What a user can say about an S3 server, as data.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use object_store::RetryConfig;
use object_store::aws::AwsCredentialProvider;
use object_store::client::HttpConnector;

/// How a store takes the condition of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConditionalPut {
    /// `If-None-Match: *` and `If-Match: "etag"`, as Amazon S3 does.
    ETag,
    /// The same with the ETag's quotes left off, as Ceph's gateway wants it.
    UnquotedETag,
    /// The store has no conditional writes, or takes the condition and ignores it: those that
    /// need one are refused, rather than overwriting in silence.
    Disabled,
}

/// How an S3 server is reached. What is not set here comes from the usual AWS environment
/// variables, and else from the defaults.
#[derive(Clone, Default)]
#[must_use]
pub struct S3Options {
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
    pub(super) access_key: Option<(String, String)>,
    pub(super) session_token: Option<String>,
    #[cfg(feature = "aws-config")]
    pub(super) profile: Option<String>,
    pub(super) provider: Option<AwsCredentialProvider>,
    pub(super) anonymous: Option<bool>,
    pub(super) instance_credentials: Option<bool>,
    pub(super) path_style: Option<bool>,
    pub(super) conditional_put: Option<ConditionalPut>,
    pub(super) allow_http: Option<bool>,
    pub(super) request_timeout: Option<Duration>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) retry: Option<RetryConfig>,
    pub(super) connector: Option<Arc<dyn HttpConnector>>,
}

impl S3Options {
    /// The URL of the server, for stores other than Amazon's, such as `http://127.0.0.1:9000`.
    ///
    /// Otherwise `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, else Amazon's for the region.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// The region to sign for. Otherwise `AWS_REGION` or `AWS_DEFAULT_REGION`, else `us-east-1`.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = Some(region.into());
        self
    }

    /// The access key's id and secret. Otherwise `AWS_ACCESS_KEY_ID` and
    /// `AWS_SECRET_ACCESS_KEY`, then web identity and container credentials as AWS names them.
    pub fn credentials(mut self, key_id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.access_key = Some((key_id.into(), secret.into()));
        self
    }

    /// The session token that belongs to the access key. Otherwise `AWS_SESSION_TOKEN`, with
    /// the access key of the environment only.
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    /// The profile of `~/.aws/config` and `~/.aws/credentials` that credentials, region and endpoint
    /// come from, whatever access key the environment has. Otherwise `AWS_PROFILE`, else `default`.
    #[cfg(feature = "aws-config")]
    pub fn profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// A credential provider of your own. It is asked at every request, so it should cache.
    pub fn credential_provider(mut self, provider: AwsCredentialProvider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// Sends requests unsigned, for public buckets. Otherwise `AWS_SKIP_SIGNATURE`.
    pub fn anonymous(mut self, anonymous: bool) -> Self {
        self.anonymous = Some(anonymous);
        self
    }

    /// Asks the EC2 instance metadata service if there are no other credentials.
    ///
    /// Off unless `AWS_EC2_METADATA_DISABLED=false`: outside of an instance nobody answers, and a
    /// program without credentials should learn that when it opens the database. With the feature
    /// `aws-config` it is on unless that variable is `true`, as in Amazon's tools.
    pub fn instance_credentials(mut self, enabled: bool) -> Self {
        self.instance_credentials = Some(enabled);
        self
    }

    /// Puts the bucket's name into the path (true) or into the host (false). Otherwise the path
    /// if there is an endpoint, and the host on Amazon's.
    pub fn path_style(mut self, path_style: bool) -> Self {
        self.path_style = Some(path_style);
        self
    }

    /// How the store takes the condition of a write. Otherwise `AWS_CONDITIONAL_PUT` (`etag` or
    /// `disabled`), else as Amazon does until a check has found out otherwise.
    pub fn conditional_put(mut self, flavour: ConditionalPut) -> Self {
        self.conditional_put = Some(flavour);
        self
    }

    /// Permits `http://`. An `http://` endpoint permits it unless this is false.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = Some(allow);
        self
    }

    /// How long one attempt of a request may take, body and all; 30 seconds by default.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.request_timeout = Some(timeout);
        self
    }

    /// How long connecting may take; 5 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = Some(timeout);
        self
    }

    /// How often a request that failed in passing is sent again; by default up to 10 times in
    /// 30 seconds, first after 100 ms and at most 5 seconds apart.
    pub fn retry(mut self, retry: RetryConfig) -> Self {
        self.retry = Some(retry);
        self
    }

    /// What sends the requests, in place of `reqwest`: a proxy, a recorder, or the fault
    /// injector of the feature `testing`.
    ///
    /// It must not follow redirects: a PUT that is followed as a GET would count as written with
    /// nothing stored, and the session token would go to the other host. The default one follows
    /// none, and a redirect is an error that names its target.
    pub fn http_connector(mut self, connector: impl HttpConnector) -> Self {
        self.connector = Some(Arc::new(connector));
        self
    }
}

// By hand, so that neither secrets nor what a provider or connector prints can get out.
impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HIDDEN: &str = "******";
        let key_id = self.access_key.as_ref().map(|(id, _)| id);
        f.debug_struct("S3Options")
            .field("endpoint", &self.endpoint.as_deref().map(without_userinfo))
            .field("region", &self.region)
            .field("access_key_id", &key_id)
            .field("secret", &self.access_key.as_ref().map(|_| HIDDEN))
            .field(
                "session_token",
                &self.session_token.as_ref().map(|_| HIDDEN),
            )
            .field("provider", &self.provider.is_some())
            .field("anonymous", &self.anonymous)
            .field("instance_credentials", &self.instance_credentials)
            .field("path_style", &self.path_style)
            .field("conditional_put", &self.conditional_put)
            .field("allow_http", &self.allow_http)
            .field("request_timeout", &self.request_timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("retry", &self.retry)
            .field("connector", &self.connector.is_some())
            .finish()
    }
}

/// An endpoint as it may be shown: what stands before an `@` may be a password.
pub(super) fn without_userinfo(endpoint: &str) -> &str {
    endpoint.rsplit_once('@').map_or(endpoint, |(_, host)| host)
}
