//! Azurite 3.35.0, the emulator of Azure's Blob storage.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, StatusCode};
use object_store::ClientOptions;
use object_store::azure::{AzureAccessKey, AzureAuthorizer, AzureCredential};
use object_store::client::{HttpConnector, ReqwestConnector};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use s3aads::Database;

use super::Backing;
use super::lacks::{Capability, Lack::Ignored, Lacks};
use super::real::variable;

/// The environment names it as an `az://` database reads it.
#[derive(Debug)]
struct Azurite {
    url: String,
    account: String,
    key: String,
}

pub(super) fn start() -> Box<dyn Backing> {
    Box::new(Azurite {
        url: variable("AZURITE_BLOB_STORAGE_URL"),
        account: variable("AZURE_STORAGE_ACCOUNT_NAME"),
        key: variable("AZURE_STORAGE_ACCOUNT_KEY"),
    })
}

impl Azurite {
    /// Sends one request past the library; `path` is encoded already.
    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &'static str)],
        body: &'static [u8],
    ) -> (StatusCode, String) {
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}/{}/{path}", self.url, self.account))
            .header("content-length", body.len());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from_static(body).into());
        let mut request = request.expect("the path is encoded");
        let key = AzureAccessKey::try_new(&self.key).expect("the account's key");
        let credential = AzureCredential::AccessKey(key);
        let signed = AzureAuthorizer::new(&credential, &self.account).try_authorize(&mut request);
        signed.expect("the request can be signed");
        let options = ClientOptions::new().with_allow_http(true);
        let client = ReqwestConnector::default().connect(&options);
        let answer = client.expect("a client").execute(request).await;
        let (parts, body) = answer.expect("an answer").into_parts();
        let body = body.bytes().await.expect("the answer's body");
        (parts.status, String::from_utf8_lossy(&body).into_owned())
    }
}

fn encoded(key: &str) -> String {
    let parts = key.split('/');
    let parts = parts.map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string());
    parts.collect::<Vec<_>>().join("/")
}

#[async_trait]
impl Backing for Azurite {
    fn name(&self) -> &'static str {
        "azurite"
    }

    fn lacks(&self) -> Lacks {
        &[
            // 500 to a listing with such a key.
            (Capability::ControlCharactersInKeys, Ignored),
            // As on Azure, a HEAD tells it and a GET does not.
            (Capability::StorageClassesOnReads, Ignored),
        ]
    }

    fn is_real(&self) -> bool {
        true
    }

    fn database_at(&self, name: &str, prefix: &str) -> Database {
        Database::open(&format!("az://{name}/{prefix}")).expect("a database's name")
    }

    fn storage_class(&self) -> &'static str {
        "Cool"
    }

    async fn plant(&self, database: &str, key: &str, body: &'static [u8]) -> bool {
        let dots = key.split('/').any(|part| matches!(part, "." | ".."));
        if dots || key.contains(char::is_control) {
            return false;
        }
        let path = format!("{database}/{}", encoded(key));
        let headers = [("x-ms-blob-type", "BlockBlob")];
        let (status, answer) = self.send(Method::PUT, &path, &headers, body).await;
        assert!(status.is_success(), "PUT {key:?}: {status} {answer}");
        true
    }

    async fn tag(&self, database: &str, key: &str) -> Option<(String, String)> {
        let path = format!("{database}/{}?comp=tags", encoded(key));
        let (_, answer) = self.send(Method::GET, &path, &[], b"").await;
        let text = |name: &str| {
            let (_, rest) = answer.split_once(&format!("<{name}>"))?;
            Some(rest.split_once('<')?.0.replace("&amp;", "&"))
        };
        Some((text("Key")?, text("Value")?))
    }
}
