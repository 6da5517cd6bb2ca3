//! Azure Blob Storage.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use http::Method;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use object_store::Attribute;
use object_store::azure::{
    AzureAuthorizer, AzureConfigKey as Key, AzureCredentialProvider, MicrosoftAzureBuilder,
};
use object_store::client::{HttpConnector, HttpRequest};
use percent_encoding::percent_decode_str;

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

static COPY_SOURCE: HeaderName = HeaderName::from_static("x-ms-copy-source");
static COPY_STATUS: HeaderName = HeaderName::from_static("x-ms-copy-status");
static ACCESS_TIER: HeaderName = HeaderName::from_static("x-ms-access-tier");

const LOOKED_FOR: &str = "no Azure credentials found; looked for AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN, \
    AZURE_STORAGE_TOKEN, AZURE_CLIENT_ID with AZURE_TENANT_ID and AZURE_CLIENT_SECRET or \
    AZURE_FEDERATED_TOKEN_FILE, AZURE_USE_AZURE_CLI and AZURE_STORAGE_USE_EMULATOR; the managed identity is \
    asked for on Azure's machines, or with AZURE_MSI_ENDPOINT, IDENTITY_ENDPOINT or \
    AZURE_CREDENTIAL_TYPE=managed_identity; public containers need AZURE_SKIP_SIGNATURE=true";

/// The account that the emulator knows.
const EMULATOR_ACCOUNT: &str = "devstoreaccount1";

/// What the firmware of Azure's virtual machines says.
const FIRMWARE: &str = "/sys/class/dmi/id/chassis_asset_tag";
const AZURE_TAG: &str = "7783-7084-3265-9085-8269-3286-77";

#[derive(Debug)]
struct Azure {
    endpoint: String,
    account: String,
    credentials: Option<AzureCredentialProvider>,
    /// The emulator does not know where a listing is to start.
    emulator: bool,
}

/// The container of this name that the environment and `settings`, which go before it, describe. Sends nothing.
pub(crate) fn open(container: &str, settings: &Settings) -> Result<CloudBackend> {
    open_through(container, settings, Arc::new(Direct))
}

/// The same with another connector than the network's.
fn open_through(
    container: &str,
    settings: &Settings,
    connector: Arc<dyn HttpConnector>,
) -> Result<CloudBackend> {
    let unusable = |error: object_store::Error| {
        StoreError::new(Reason::InvalidConfig, "the Azure settings can't work").with_source(error)
    };
    let mut builder = MicrosoftAzureBuilder::from_env();
    for (name, value) in settings {
        let key: Key = name.parse().map_err(unusable)?;
        builder = builder.with_config(key, value);
    }
    let set = |key| {
        builder
            .get_config_value(&key)
            .filter(|text| !text.is_empty())
    };
    let on = |key| set(key).is_some_and(|text| matches!(&*text, "true" | "1" | "on" | "yes" | "y"));
    let emulator = on(Key::UseEmulator);
    let unsigned = on(Key::SkipSignature);
    let account = match set(Key::AccountName) {
        Some(account) => account,
        None if emulator => EMULATOR_ACCOUNT.to_owned(),
        None => {
            return Err(StoreError::new(
                Reason::InvalidConfig,
                "no Azure account is named; set AZURE_STORAGE_ACCOUNT_NAME",
            ));
        }
    };
    let given = [
        Key::AccessKey,
        Key::SasKey,
        Key::Token,
        Key::ClientId,
        Key::MsiEndpoint,
        Key::ObjectId,
        Key::MsiResourceId,
        Key::FabricTokenServiceUrl,
        Key::CredentialType,
    ];
    let given = given.into_iter().any(|key| set(key).is_some()) || on(Key::UseAzureCli);
    if !(given || emulator || unsigned || runs_on(&["IDENTITY_ENDPOINT"], FIRMWARE, AZURE_TAG)) {
        return Err(StoreError::new(Reason::InvalidConfig, LOOKED_FOR));
    }
    let endpoint = match set(Key::Endpoint) {
        _ if emulator => {
            let url = std::env::var("AZURITE_BLOB_STORAGE_URL");
            let url = url.unwrap_or_else(|_| "http://127.0.0.1:10000".to_owned());
            format!("{}/{account}", url.trim_end_matches('/'))
        }
        Some(endpoint) => endpoint.trim_end_matches('/').to_owned(),
        None if on(Key::UseFabricEndpoint) => {
            format!("https://{account}.blob.fabric.microsoft.com")
        }
        None => format!("https://{account}.blob.core.windows.net"),
    };
    let builder = builder
        .with_container_name(container)
        .with_retry(no_retries())
        .with_http_connector(Direct);
    // The first one is made for its credentials, which are fetched past the counting.
    let plain = builder.clone().build().map_err(unusable)?;
    let credentials = Bounded::wrap(plain.credentials(), "Azure");
    let client = crate::store::connect::options(|key| builder.get_config_value(&Key::Client(key)));
    let client = match emulator {
        true => client.with_allow_http(true),
        false => client,
    };
    let wire = Wire(connector);
    let http = wire.connect(&client).map_err(unusable)?;
    let store = builder
        .with_credentials(credentials.clone())
        .with_http_connector(wire)
        .build()
        .map_err(unusable)?;
    let service = Azure {
        endpoint,
        account,
        credentials: (!unsigned).then_some(credentials),
        emulator,
    };
    Ok(CloudBackend::new(
        service,
        container.to_owned(),
        store,
        http,
    ))
}

#[async_trait]
impl Service for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn is_the_cloud(&self) -> bool {
        [".blob.core.windows.net", ".blob.fabric.microsoft.com"]
            .iter()
            .any(|host| self.endpoint.ends_with(host))
    }

    fn seeks(&self) -> bool {
        !self.emulator
    }

    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let Some(provider) = &self.credentials else {
            return Ok(());
        };
        let credential = provider.get_credential().await?;
        AzureAuthorizer::new(&credential, &self.account).try_authorize(request)
    }

    fn list_query(&self, request: &ListRequest) -> Vec<(&'static str, String)> {
        let mut query = vec![
            ("restype", "container".to_owned()),
            ("comp", "list".to_owned()),
            ("maxresults", page_size(request)),
        ];
        if !request.prefix.is_empty() {
            query.push(("prefix", request.prefix.clone()));
        }
        if request.delimiter {
            query.push(("delimiter", "/".to_owned()));
        }
        match (&request.token, &request.start_after) {
            (Some(PageToken::Server(token) | PageToken::After(token)), _) => {
                query.push(("marker", token.clone()));
            }
            // This very key is listed too, which does no harm.
            (None, Some(after)) if self.seeks() => query.push(("startFrom", after.clone())),
            _ => {}
        }
        query
    }

    fn parse_list(&self, body: &[u8]) -> std::result::Result<ListPage, Malformed> {
        parse(body)
    }

    fn create(&self, url: String) -> Call {
        Call::new(
            RequestClass::Put,
            Method::PUT,
            format!("{url}?restype=container"),
        )
    }

    fn ours_already(&self) -> &'static [&'static str] {
        &["ContainerAlreadyExists"]
    }

    fn exists(&self, url: String) -> Call {
        Call::new(
            RequestClass::Head,
            Method::HEAD,
            format!("{url}?restype=container"),
        )
    }

    fn condition(&self, condition: &Condition) -> Option<(HeaderName, String)> {
        match condition {
            Condition::None => None,
            Condition::Absent => Some((IF_NONE_MATCH, "*".to_owned())),
            Condition::Unchanged(version) => Some((IF_MATCH, version.e_tag()?.to_owned())),
        }
    }

    fn version(&self, e_tag: Option<String>, _: Option<String>) -> Version {
        // The ETag tells versions apart, and listings do not name the other mark.
        Version::new(e_tag, None)
    }

    fn copy_source(&self, url: &str) -> (HeaderName, String) {
        (COPY_SOURCE.clone(), url.to_owned())
    }

    fn copy_status(&self) -> Option<HeaderName> {
        Some(COPY_STATUS.clone())
    }

    fn storage_class(&self) -> HeaderName {
        ACCESS_TIER.clone()
    }

    fn check(&self, request: &PutRequest) -> Result<()> {
        let fits = |name: &str| {
            let mut bytes = name.bytes();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            bytes
                .next()
                .is_some_and(|first| plain(first) && !first.is_ascii_digit())
                && bytes.all(plain)
        };
        for (attribute, _) in &request.attributes {
            if let Attribute::Metadata(name) = attribute
                && !fits(name)
            {
                return Err(StoreError::new(
                    Reason::InvalidConfig,
                    format!(
                        "{name:?} can't name metadata on Azure: names there are letters, digits and `_`, and \
                         start with no digit"
                    ),
                ));
            }
        }
        Ok(())
    }
}

/// An object of which not all is read yet.
#[derive(Debug, Default)]
struct Partial {
    key: Option<String>,
    size: Option<u64>,
    last_modified: Option<String>,
    e_tag: Option<String>,
    tier: Option<String>,
    folder: bool,
}

impl Partial {
    /// The object; none if it is a folder, which accounts with a hierarchy list too.
    fn whole(self) -> std::result::Result<Option<ObjectEntry>, Malformed> {
        if self.folder {
            return Ok(None);
        }
        let missing = |what| Malformed::new(format!("a blob of a listing has no <{what}>"));
        let modified = self.last_modified.ok_or_else(|| missing("Last-Modified"))?;
        let modified = DateTime::parse_from_rfc2822(&modified).map_err(Malformed::new)?;
        // Listings leave out the quotes that the header has.
        let quoted = |e_tag: String| format!("\"{}\"", e_tag.trim_matches('"'));
        Ok(Some(ObjectEntry {
            key: self.key.ok_or_else(|| missing("Name"))?,
            size: self.size.ok_or_else(|| missing("Content-Length"))?,
            last_modified: modified.to_utc(),
            version: Version::new(self.e_tag.map(quoted), None),
            storage_class: self.tier,
        }))
    }
}

/// A page of List Blobs.
fn parse(body: &[u8]) -> std::result::Result<ListPage, Malformed> {
    let mut page = ListPage::default();
    let mut blob = Partial::default();
    xml::walk(body, "EnumerationResults", |path, text, encoded| {
        let name = || match encoded {
            true => percent_decode_str(text).decode_utf8_lossy().into_owned(),
            false => text.to_owned(),
        };
        match path {
            ["NextMarker"] if !text.is_empty() => {
                page.next = Some(PageToken::Server(text.to_owned()));
            }
            ["Blobs", "BlobPrefix", "Name"] => page.prefixes.push(name()),
            ["Blobs", "Blob"] => page.objects.extend(std::mem::take(&mut blob).whole()?),
            ["Blobs", "Blob", "Name"] => blob.key = Some(name()),
            ["Blobs", "Blob", "Properties", field] => match *field {
                "Content-Length" => blob.size = Some(text.parse().map_err(Malformed::new)?),
                "Last-Modified" => blob.last_modified = Some(text.to_owned()),
                "Etag" => blob.e_tag = Some(text.to_owned()),
                "AccessTier" => blob.tier = Some(text.to_owned()),
                "ResourceType" => blob.folder = text == "directory",
                _ => {}
            },
            _ => {}
        }
        Ok(())
    })?;
    Ok(page)
}

#[cfg(test)]
#[path = "azure_tests.rs"]
mod tests;
