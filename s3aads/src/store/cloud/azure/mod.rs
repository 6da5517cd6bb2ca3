//! Azure Blob Storage.

mod listing;

use std::sync::Arc;

use async_trait::async_trait;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{Method, StatusCode};
use object_store::Attribute;
use object_store::azure::{
    AzureAuthorizer, AzureConfigKey as Key, AzureCredentialProvider, MicrosoftAzureBuilder,
};
use object_store::client::{HttpConnector, HttpRequest};

use super::credentials::{Bounded, runs_on};
use super::{CloudBackend, Service, Settings};
use crate::store::http::connect::{self, Direct};
use crate::store::http::{Answer, Call, Malformed, Protocol, Verdict, no_retry};
use crate::store::{
    Condition, ListPage, ListRequest, PageToken, PutRequest, Reason, RequestClass, Result,
    StoreError, Version,
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
        .with_retry(no_retry())
        .with_http_connector(Direct);
    // The first one is made for its credentials, which are fetched past the counting.
    let plain = builder.clone().build().map_err(unusable)?;
    let credentials = Bounded::wrap(plain.credentials(), "Azure");
    let client = connect::options(|key| builder.get_config_value(&Key::Client(key)));
    let client = if emulator {
        client.with_allow_http(true)
    } else {
        client
    };
    let service = Azure {
        endpoint,
        account,
        credentials: (!unsigned).then(|| credentials.clone()),
        emulator,
    };
    CloudBackend::open(service, container, connector, &client, |http| {
        builder
            .with_credentials(credentials)
            // The wire signs, what is sent past `object_store` too.
            .with_skip_signature(true)
            .with_http_connector(http)
            .build()
    })
    .map_err(unusable)
}

#[async_trait]
impl Protocol for Azure {
    async fn sign(&self, request: &mut HttpRequest) -> object_store::Result<()> {
        let Some(provider) = &self.credentials else {
            return Ok(());
        };
        let credential = provider.get_credential().await?;
        AzureAuthorizer::new(&credential, &self.account).try_authorize(request)
    }

    fn answers(&self, class: RequestClass, status: StatusCode) -> bool {
        use RequestClass::{Copy, Delete, Put};

        match status {
            StatusCode::OK => true,
            StatusCode::CREATED | StatusCode::ACCEPTED => matches!(class, Put | Delete | Copy),
            _ => false,
        }
    }

    /// What is said of a create; other conflicts have other codes.
    fn conflict(&self, code: Option<&str>) -> Verdict {
        match code {
            Some("BlobAlreadyExists") => Verdict::Refused,
            _ => Verdict::Silent,
        }
    }

    fn storage_class(&self) -> &'static HeaderName {
        &ACCESS_TIER
    }

    fn version(&self, e_tag: Option<String>, _: Option<String>) -> Version {
        // The ETag tells versions apart, and listings do not name the other mark.
        Version::new(e_tag, None)
    }
}

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

    fn list_query<'a>(
        &self,
        request: &'a ListRequest,
        max_keys: &'a Option<String>,
    ) -> Vec<(&'a str, &'a str)> {
        let mut query = vec![("restype", "container"), ("comp", "list")];
        if let Some(max_keys) = max_keys {
            query.push(("maxresults", max_keys));
        }
        if !request.prefix.is_empty() {
            query.push(("prefix", &request.prefix));
        }
        if request.delimiter {
            query.push(("delimiter", "/"));
        }
        match (&request.token, &request.start_after) {
            (Some(PageToken::Server(token) | PageToken::After { last: token, .. }), _) => {
                query.push(("marker", token));
            }
            // This very key is listed too, which does no harm.
            (None, Some(after)) if self.seeks() => query.push(("startFrom", after)),
            _ => {}
        }
        query
    }

    fn parse_list(&self) -> fn(&[u8]) -> std::result::Result<ListPage, Malformed> {
        listing::parse
    }

    fn bucket_call(&self, class: RequestClass, method: Method, url: &str) -> Result<Call> {
        let url = format!("{url}?restype=container");
        Ok(Call::new(class, method, url))
    }

    fn ours_already(&self) -> &'static str {
        "ContainerAlreadyExists"
    }

    fn condition(&self, condition: &Condition) -> Option<(HeaderName, String)> {
        match condition {
            Condition::None => None,
            Condition::Absent => Some((IF_NONE_MATCH, "*".to_owned())),
            Condition::Unchanged(version) => Some((IF_MATCH, version.e_tag()?.to_owned())),
        }
    }

    fn copy_source(&self, url: &str) -> (HeaderName, String) {
        (COPY_SOURCE.clone(), url.to_owned())
    }

    fn is_copied(&self, answer: &Answer, _: &[u8]) -> bool {
        answer.header(&COPY_STATUS).is_some()
    }

    fn copy_status(&self) -> Option<&'static HeaderName> {
        Some(&COPY_STATUS)
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

#[cfg(test)]
mod tests;
