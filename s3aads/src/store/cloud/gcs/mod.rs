//! Google Cloud Storage, by its XML API.

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use object_store::client::{HttpConnector, HttpRequest};
use object_store::gcp::{GcpCredentialProvider, GoogleCloudStorageBuilder, GoogleConfigKey as Key};
use serde::Deserialize;

use super::credentials::{Bounded, runs_on};
use super::{CloudBackend, Service, Settings};
use crate::store::http::connect::{self, Direct};
use crate::store::http::{Answer, Call, Malformed, Protocol, listing, no_retry, xml};
use crate::store::{
    Condition, ListPage, ListRequest, PutRequest, Reason, RequestClass, Result, StoreError,
};

static GENERATION_MATCH: HeaderName = HeaderName::from_static("x-goog-if-generation-match");
static GENERATION: HeaderName = HeaderName::from_static("x-goog-generation");
static COPY_SOURCE: HeaderName = HeaderName::from_static("x-goog-copy-source");
static PROJECT: HeaderName = HeaderName::from_static("x-goog-project-id");
static STORAGE_CLASS: HeaderName = HeaderName::from_static("x-goog-storage-class");

const GOOGLE: &str = "https://storage.googleapis.com";

const LOOKED_FOR: &str = "no Google Cloud credentials found; looked for GOOGLE_SERVICE_ACCOUNT, GOOGLE_SERVICE_ACCOUNT_KEY, \
    GOOGLE_APPLICATION_CREDENTIALS and ~/.config/gcloud/application_default_credentials.json; the metadata \
    server is asked on Google's machines, or with GCE_METADATA_HOST";

/// What shows that a program runs on Google's machines.
const VARIABLES: [&str; 6] = [
    "GCE_METADATA_HOST",
    "GCE_METADATA_ROOT",
    "GCE_METADATA_IP",
    "K_SERVICE",
    "CLOUD_RUN_JOB",
    "GAE_SERVICE",
];
const FIRMWARE: &str = "/sys/class/dmi/id/product_name";

#[derive(Debug)]
struct Google {
    endpoint: String,
    /// Whose a new bucket is; needed to make one.
    project: Option<String>,
    credentials: GcpCredentialProvider,
}

/// What a service account's key file says besides the key.
#[derive(Debug, Default, Deserialize)]
struct Account {
    gcs_base_url: Option<String>,
    project_id: Option<String>,
}

/// The bucket of this name that the environment and `settings`, which go before it, describe. Sends nothing.
pub(crate) fn open(bucket: &str, settings: &Settings) -> Result<CloudBackend> {
    open_through(bucket, settings, Arc::new(Direct))
}

/// The same with another connector than the network's.
fn open_through(
    bucket: &str,
    settings: &Settings,
    connector: Arc<dyn HttpConnector>,
) -> Result<CloudBackend> {
    let unusable = |error: object_store::Error| {
        StoreError::new(
            Reason::InvalidConfig,
            "the Google Cloud settings can't work",
        )
        .with_source(error)
    };
    let mut builder = GoogleCloudStorageBuilder::from_env();
    for (name, value) in settings {
        let key: Key = name.parse().map_err(unusable)?;
        builder = builder.with_config(key, value);
    }
    let set = |key| {
        builder
            .get_config_value(&key)
            .filter(|text| !text.is_empty())
    };
    let file = set(Key::ServiceAccount).or_else(|| set(Key::ApplicationCredentials));
    let given = file.is_some() || set(Key::ServiceAccountKey).is_some() || user_file().is_some();
    if !(given || runs_on(&VARIABLES, FIRMWARE, "Google")) {
        return Err(StoreError::new(Reason::InvalidConfig, LOOKED_FOR));
    }
    // A file that can't be read is told of by whoever needs the key in it.
    let file = file.or_else(user_file);
    let text = set(Key::ServiceAccountKey)
        .or_else(|| std::fs::read_to_string(file?).ok())
        .unwrap_or_default();
    let account: Account = serde_json::from_str(&text).unwrap_or_default();
    let project = ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .or(account.project_id);
    let endpoint = set(Key::BaseUrl).or(account.gcs_base_url);
    let endpoint = endpoint.as_deref().unwrap_or(GOOGLE).trim_end_matches('/');

    let builder = builder
        .with_bucket_name(bucket)
        .with_retry(no_retry())
        .with_http_connector(Direct);
    // The first one is made for its credentials, which are fetched past the counting.
    let plain = builder.clone().build().map_err(unusable)?;
    let credentials = Bounded::wrap(plain.credentials(), "Google Cloud");
    let client = connect::options(|key| builder.get_config_value(&Key::Client(key)));
    let service = Google {
        endpoint: endpoint.to_owned(),
        project,
        credentials: credentials.clone(),
    };
    CloudBackend::open(service, bucket, connector, &client, |http| {
        builder
            .with_credentials(credentials)
            // The wire signs, what is sent past `object_store` too.
            .with_skip_signature(true)
            .with_http_connector(http)
            .build()
    })
    .map_err(unusable)
}

/// Where `gcloud auth application-default login` leaves a user's credentials.
fn user_file() -> Option<String> {
    let home = std::env::var(if cfg!(windows) { "APPDATA" } else { "HOME" }).ok()?;
    let below = if cfg!(windows) {
        "gcloud/application_default_credentials.json"
    } else {
        ".config/gcloud/application_default_credentials.json"
    };
    let path = format!("{home}/{below}");
    std::path::Path::new(&path).exists().then_some(path)
}

#[async_trait]
impl Protocol for Google {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let credential = self.credentials.get_credential().await?;
        let bearer = format!("Bearer {}", credential.bearer);
        let bearer = HeaderValue::from_str(&bearer);
        let mut bearer = bearer.map_err(|error| object_store::Error::Unauthenticated {
            path: String::new(),
            source: error.into(),
        })?;
        bearer.set_sensitive(true);
        request.headers_mut().insert(AUTHORIZATION, bearer);
        Ok(())
    }

    fn storage_class(&self) -> &'static HeaderName {
        &STORAGE_CLASS
    }
}

impl Service for Google {
    fn name(&self) -> &'static str {
        "gcs"
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn is_the_cloud(&self) -> bool {
        self.endpoint == GOOGLE
    }

    fn list_query<'a>(
        &self,
        request: &'a ListRequest,
        max_keys: &'a Option<String>,
    ) -> Vec<(&'a str, &'a str)> {
        listing::query(request, max_keys)
    }

    fn parse_list(&self) -> fn(&[u8]) -> std::result::Result<ListPage, Malformed> {
        listing::parse
    }

    fn bucket_call(&self, class: RequestClass, method: Method, url: &str) -> Result<Call> {
        let makes = method == Method::PUT;
        let call = Call::new(class, method, url.to_owned());
        match &self.project {
            Some(project) if makes => call.header(PROJECT.clone(), project),
            _ => Ok(call),
        }
    }

    fn ours_already(&self) -> &'static str {
        "BucketAlreadyOwnedByYou"
    }

    fn condition(&self, condition: &Condition) -> Option<(HeaderName, String)> {
        let generation = match condition {
            Condition::None => None,
            Condition::Absent => Some("0"),
            Condition::Unchanged(version) => version.generation(),
        };
        Some((GENERATION_MATCH.clone(), generation?.to_owned()))
    }

    fn copy_source(&self, url: &str) -> (HeaderName, String) {
        let source = url.strip_prefix(&self.endpoint).unwrap_or(url);
        let source = source.trim_start_matches('/');
        (COPY_SOURCE.clone(), source.to_owned())
    }

    fn is_copied(&self, answer: &Answer, body: &[u8]) -> bool {
        let told = answer.header(&GENERATION).is_some();
        told || xml::expect_root(body, "CopyObjectResult").is_ok()
    }

    fn check(&self, request: &PutRequest) -> Result<()> {
        if request.tags.encoded().is_empty() {
            return Ok(());
        }
        Err(StoreError::unsupported("Google Cloud Storage has no tags"))
    }
}

#[cfg(test)]
mod tests;
