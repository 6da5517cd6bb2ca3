//! The in-process S3 server answers as S3 does, seen through `object_store`'s own client and through plain requests.

mod buckets;
mod listing;
mod log;
mod misbehaviour;
mod objects;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use object_store::ClientOptions;
use object_store::aws::{AmazonS3, AwsAuthorizer, AwsCredential};
use object_store::client::{HttpConnector, ReqwestConnector};
use s3aads_tests::server::Server;

const BUCKET: &str = "tables";

/// A server with one empty bucket, and a client for it.
fn server() -> (Server, AmazonS3) {
    let server = Server::start();
    server.create_bucket(BUCKET);
    let client = client(&server);
    (server, client)
}

fn client(server: &Server) -> AmazonS3 {
    server.client(BUCKET).build().unwrap()
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// The texts of all elements of one name.
    fn texts(&self, element: &str) -> Vec<&str> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let parts = self.body.split(&open).skip(1);
        parts.map(|p| p.split(&close).next().unwrap()).collect()
    }
}

/// Sends one signed request, for what `object_store` has no method for.
async fn send(
    server: &Server,
    method: Method,
    path_and_query: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Answer {
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("{}{path_and_query}", server.endpoint()));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(body.into().into()).unwrap();
    let credential = AwsCredential {
        key_id: server.access_key().to_owned(),
        secret_key: server.secret_key().to_owned(),
        token: None,
    };
    let authorizer = AwsAuthorizer::new(&credential, "s3", server.region());
    authorizer.try_authorize(&mut request, None).unwrap();
    let options = ClientOptions::new().with_allow_http(true);
    let client = ReqwestConnector::default().connect(&options).unwrap();
    let (parts, body) = client.execute(request).await.unwrap().into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.bytes().await.unwrap().to_vec()).unwrap(),
    }
}
