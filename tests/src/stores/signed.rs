//! Plain signed requests, for what the library has no method for.

use bytes::Bytes;
use http::{Method, StatusCode};
use object_store::ClientOptions;
use object_store::aws::{AwsAuthorizer, AwsCredential};
use object_store::client::{HttpConnector, ReqwestConnector};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::server;

/// Everything but what S3's signature leaves as it is.
const KEY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'/');

/// How a server is reached.
#[derive(Clone)]
pub struct Signed {
    /// The server's URL.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// An access key that may create buckets.
    pub key_id: String,
    /// The secret that belongs to it.
    pub secret: String,
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Signed").field(&self.endpoint).finish()
    }
}

impl Signed {
    pub(super) fn of_wire(wire: &server::Server) -> Self {
        Self {
            endpoint: wire.endpoint(),
            region: wire.region().to_owned(),
            key_id: wire.access_key().to_owned(),
            secret: wire.secret_key().to_owned(),
        }
    }

    /// Settings of the library for this server.
    pub fn options(&self) -> s3aads::S3Options {
        s3aads::Server::s3()
            .endpoint(&self.endpoint)
            .region(&self.region)
            .credentials(&self.key_id, &self.secret)
    }

    /// The library's handle to the server.
    ///
    /// # Panics
    /// If the settings are refused.
    #[must_use]
    pub fn client(&self) -> s3aads::Server {
        self.options().build().expect("the settings are complete")
    }

    /// Sends one request; `path` is encoded already.
    ///
    /// # Panics
    /// If no answer comes.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: &'static [u8],
    ) -> (StatusCode, String) {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}/{path}", self.endpoint))
            // The client tells no length of an empty body, which Ceph's gateway insists on.
            .header(http::header::CONTENT_LENGTH, body.len());
        let request = request.body(Bytes::from_static(body).into());
        let mut request = request.expect("the path is encoded");
        let credential = AwsCredential {
            key_id: self.key_id.clone(),
            secret_key: self.secret.clone(),
            token: None,
        };
        let authorizer = AwsAuthorizer::new(&credential, "s3", &self.region);
        let signed = authorizer.try_authorize(&mut request, None);
        signed.expect("the request can be signed");
        let options = ClientOptions::new().with_allow_http(true);
        let client = ReqwestConnector::default().connect(&options);
        let answer = client.expect("a client").execute(request).await;
        let (parts, body) = answer.expect("an answer").into_parts();
        let body = body.bytes().await.expect("the answer's body");
        (parts.status, String::from_utf8_lossy(&body).into_owned())
    }

    /// Writes an object under any key whose segments are not `.` or `..`, which URLs can't carry.
    ///
    /// # Panics
    /// If the server refuses it.
    pub async fn put(&self, bucket: &str, key: &str, body: &'static [u8]) {
        let path = format!("{bucket}/{}", utf8_percent_encode(key, KEY));
        let (status, answer) = self.send(Method::PUT, &path, body).await;
        assert!(status.is_success(), "PUT {key:?}: {status} {answer}");
    }

    /// The keys of a bucket's first page, and whether there are more.
    async fn list(&self, bucket: &str) -> (Vec<String>, bool) {
        let path = format!("{bucket}?encoding-type=url&list-type=2");
        let (status, answer) = self.send(Method::GET, &path, b"").await;
        assert!(status.is_success(), "LIST {bucket}: {status} {answer}");
        let parts = answer.split("<Key>").skip(1);
        let keys = parts.filter_map(|part| part.split_once("</Key>"));
        let keys = keys.map(|(key, _)| key.replace('+', "%20")).collect();
        (keys, answer.contains("<IsTruncated>true<"))
    }

    /// Removes a bucket and all that is in it.
    pub(super) async fn remove_bucket(&self, bucket: &str) {
        loop {
            let (keys, more) = self.list(bucket).await;
            for key in &keys {
                // Decoded and encoded again: servers do not agree on what they leave as it is.
                let key = percent_encoding::percent_decode_str(key).decode_utf8_lossy();
                let path = format!("{bucket}/{}", utf8_percent_encode(&key, KEY));
                self.send(Method::DELETE, &path, b"").await;
            }
            if !more || keys.is_empty() {
                break;
            }
        }
        self.send(Method::DELETE, bucket, b"").await;
    }
}
