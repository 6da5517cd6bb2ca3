//! Google Cloud Storage, by its XML API.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use http::Method;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use object_store::client::{HttpConnector, HttpRequest};
use object_store::gcp::{GcpCredentialProvider, GoogleCloudStorageBuilder, GoogleConfigKey as Key};
use percent_encoding::percent_decode_str;
use serde::Deserialize;

use super::client::Call;
use super::credentials::{Bounded, runs_on};
use super::wire::Wire;
use super::xml::{self, Malformed};
use super::{CloudBackend, Service, Settings, no_retries, page_size};
use crate::store::connect::Direct;
use crate::store::{
    Condition, ListPage, ListRequest, ObjectEntry, PageToken, PutRequest, Reason, RequestClass,
    Result, StoreError, Version,
};

static GENERATION_MATCH: HeaderName = HeaderName::from_static("x-goog-if-generation-match");
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
        .with_retry(no_retries())
        .with_http_connector(Direct);
    // The first one is made for its credentials, which are fetched past the counting.
    let plain = builder.clone().build().map_err(unusable)?;
    let credentials = Bounded::wrap(plain.credentials(), "Google Cloud");
    let client = crate::store::connect::options(|key| builder.get_config_value(&Key::Client(key)));
    let wire = Wire(connector);
    let http = wire.connect(&client).map_err(unusable)?;
    let store = builder
        .with_credentials(credentials.clone())
        .with_http_connector(wire)
        .build()
        .map_err(unusable)?;
    let service = Google {
        endpoint: endpoint.to_owned(),
        project,
        credentials,
    };
    Ok(CloudBackend::new(service, bucket.to_owned(), store, http))
}

/// Where `gcloud auth application-default login` leaves a user's credentials.
fn user_file() -> Option<String> {
    let home = std::env::var(if cfg!(windows) { "APPDATA" } else { "HOME" }).ok()?;
    let below = match cfg!(windows) {
        true => "gcloud/application_default_credentials.json",
        false => ".config/gcloud/application_default_credentials.json",
    };
    let path = format!("{home}/{below}");
    std::path::Path::new(&path).exists().then_some(path)
}

#[async_trait]
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

    fn list_query(&self, request: &ListRequest) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("list-type", "2".to_owned()),
            ("encoding-type", "url".to_owned()),
            ("max-keys", page_size(request)),
        ];
        if !request.prefix.is_empty() {
            query.push(("prefix", request.prefix.clone()));
        }
        if request.delimiter {
            query.push(("delimiter", "/".to_owned()));
        }
        match (&request.token, &request.start_after) {
            (Some(PageToken::Server(token) | PageToken::After(token)), _) => {
                query.push(("continuation-token", token.clone()));
            }
            (None, Some(after)) => query.push(("start-after", after.clone())),
            (None, None) => {}
        }
        query
    }

    fn parse_list(&self, body: &[u8]) -> std::result::Result<ListPage, Malformed> {
        parse(body)
    }

    fn create(&self, url: String) -> Call {
        let call = Call::new(RequestClass::Put, Method::PUT, url);
        match &self.project {
            // A project that can't be a header is refused by Google as one that it does not know.
            Some(project) => call
                .clone()
                .header(PROJECT.clone(), project)
                .unwrap_or(call),
            None => call,
        }
    }

    fn ours_already(&self) -> &'static [&'static str] {
        &["BucketAlreadyOwnedByYou"]
    }

    fn exists(&self, url: String) -> Call {
        Call::new(RequestClass::Head, Method::HEAD, url)
    }

    fn condition(&self, condition: &Condition) -> Option<(HeaderName, String)> {
        let generation = match condition {
            Condition::None => None,
            Condition::Absent => Some("0"),
            Condition::Unchanged(version) => version.generation(),
        };
        Some((GENERATION_MATCH.clone(), generation?.to_owned()))
    }

    fn version(&self, e_tag: Option<String>, generation: Option<String>) -> Version {
        Version::new(e_tag, generation)
    }

    fn copy_source(&self, url: &str) -> (HeaderName, String) {
        let source = url.strip_prefix(&self.endpoint).unwrap_or(url);
        let source = source.trim_start_matches('/');
        (COPY_SOURCE.clone(), source.to_owned())
    }

    fn storage_class(&self) -> HeaderName {
        STORAGE_CLASS.clone()
    }

    fn check(&self, request: &PutRequest) -> Result<()> {
        if request.tags.encoded().is_empty() {
            return Ok(());
        }
        Err(StoreError::unsupported("Google Cloud Storage has no tags"))
    }
}

/// An object of which not all is read yet.
#[derive(Debug, Default)]
struct Partial {
    key: Option<String>,
    size: Option<u64>,
    last_modified: Option<String>,
    e_tag: Option<String>,
    generation: Option<String>,
    class: Option<String>,
}

impl Partial {
    fn whole(self) -> std::result::Result<ObjectEntry, Malformed> {
        let missing = |what| Malformed::new(format!("an object of a listing has no <{what}>"));
        let modified = self.last_modified.ok_or_else(|| missing("LastModified"))?;
        let modified = DateTime::parse_from_rfc3339(&modified).map_err(Malformed::new)?;
        Ok(ObjectEntry {
            key: self.key.ok_or_else(|| missing("Key"))?,
            size: self.size.ok_or_else(|| missing("Size"))?,
            last_modified: modified.to_utc(),
            version: Version::new(self.e_tag, self.generation),
            storage_class: self.class,
        })
    }
}

/// A page of a bucket's listing.
fn parse(body: &[u8]) -> std::result::Result<ListPage, Malformed> {
    let mut page = ListPage::default();
    let mut object = Partial::default();
    let (mut truncated, mut encoded) = (false, false);
    xml::walk(body, "ListBucketResult", |path, text, _| {
        match path {
            ["IsTruncated"] => truncated = text == "true",
            ["EncodingType"] => encoded = text == "url",
            ["NextContinuationToken"] => page.next = Some(PageToken::Server(text.to_owned())),
            ["CommonPrefixes", "Prefix"] => page.prefixes.push(text.to_owned()),
            ["Contents"] => page.objects.push(std::mem::take(&mut object).whole()?),
            ["Contents", field] => match *field {
                "Key" => object.key = Some(text.to_owned()),
                "Size" => object.size = Some(text.parse().map_err(Malformed::new)?),
                "LastModified" => object.last_modified = Some(text.to_owned()),
                "ETag" => object.e_tag = Some(text.to_owned()),
                "Generation" => object.generation = Some(text.to_owned()),
                "StorageClass" => object.class = Some(text.to_owned()),
                _ => {}
            },
            _ => {}
        }
        Ok(())
    })?;
    if encoded {
        let decode = |text: &mut String| {
            let plain = text.replace('+', " ");
            *text = percent_decode_str(&plain).decode_utf8_lossy().into_owned();
        };
        page.objects.iter_mut().for_each(|o| decode(&mut o.key));
        page.prefixes.iter_mut().for_each(decode);
    }
    match (truncated, &page.next) {
        (true, None) => Err(Malformed::new(
            "a listing goes on but has no continuation token",
        )),
        (true, Some(_)) => Ok(page),
        (false, _) => Ok(ListPage { next: None, ..page }),
    }
}

#[cfg(test)]
#[path = "gcs_tests.rs"]
mod tests;
