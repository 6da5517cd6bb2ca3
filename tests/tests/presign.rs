//! URLs that allow a plain GET or PUT of a row, without credentials.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, StatusCode};
use object_store::ClientOptions;
use object_store::client::{HttpConnector, ReqwestConnector};
use s3aads::{Database, ErrorKind, S3Table};
use s3aads_tests::server::Server;
use s3aads_tests::stores;

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "pictures")]
struct Picture {
    #[s3(key)]
    album: String,
    #[s3(key)]
    name: String,
    #[s3(bytes)]
    png: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "packed")]
struct Packed {
    #[s3(key)]
    album: String,
    #[s3(key, packed)]
    name: String,
    size: u32,
}

/// Names whose paths are escaped in URLs, or could be taken for something else there.
const NAMES: [&str; 6] = ["logo", "São Paulo", "a/b", "50%", "a+b c", "?x=1&y#z"];

/// Sends what a browser would send.
async fn send(method: Method, url: &str, body: &'static [u8]) -> (StatusCode, Bytes) {
    let request = http::Request::builder().method(method).uri(url);
    let request = request.body(Bytes::from_static(body).into()).unwrap();
    let options = ClientOptions::new().with_allow_http(true);
    let client = ReqwestConnector::default().connect(&options).unwrap();
    let (parts, body) = client.execute(request).await.unwrap().into_parts();
    (parts.status, body.bytes().await.unwrap())
}

#[tokio::test]
async fn a_url_reads_or_writes_one_row_without_credentials() {
    let server = Server::start();
    server.create_bucket("presign");
    let db = stores::client(&server).database("presign").unwrap();
    let pictures = db.table::<Picture>();
    for name in NAMES {
        let put = pictures.presign_put(("a", name), MINUTE).await.unwrap();
        let (status, answer) = send(Method::PUT, &put, b"png").await;
        assert_eq!(status, StatusCode::OK, "{name}: {answer:?}");
        let row = pictures.select(("a", name)).await.unwrap().unwrap();
        assert_eq!(row.png, b"png", "{name}");
        let get = pictures.presign_get(&row, MINUTE).await.unwrap();
        assert_eq!(
            send(Method::GET, &get, b"").await,
            (StatusCode::OK, "png".into()),
            "{name}"
        );

        // It is for this kind of request only, and for this row only.
        assert_eq!(
            send(Method::DELETE, &get, b"").await.0,
            StatusCode::FORBIDDEN
        );
        assert_eq!(send(Method::PUT, &get, b"x").await.0, StatusCode::FORBIDDEN);
        let other = get.replacen("pictures/a", "pictures/b", 1);
        assert_ne!(other, get);
        assert_eq!(
            send(Method::GET, &other, b"").await.0,
            StatusCode::FORBIDDEN
        );
        let (unsigned, _) = get.split_once('?').unwrap();
        assert_eq!(
            send(Method::GET, unsigned, b"").await.0,
            StatusCode::FORBIDDEN
        );
    }
}

/// Nothing is sent for a URL.
#[tokio::test]
async fn signing_sends_nothing() {
    let server = Server::start();
    let db = stores::client(&server).database("nobody").unwrap();
    let pictures = db.table::<Picture>();
    pictures.presign_get(("a", "b"), MINUTE).await.unwrap();
    pictures.presign_put(("a", "b"), MINUTE).await.unwrap();
    assert_eq!((server.requests(), db.usage().total()), (0, 0));
}

#[tokio::test]
async fn what_can_not_be_signed_is_refused() {
    let server = Server::start();
    let db = stores::client(&server).database("presign").unwrap();
    for wrong in [Duration::ZERO, Duration::from_secs(7 * 24 * 3600 + 1)] {
        let error = db
            .table::<Picture>()
            .presign_get(("a", "b"), wrong)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{error}");
    }
    let packed = db
        .table::<Packed>()
        .presign_put(("a", "b"), MINUTE)
        .await
        .unwrap_err();
    assert_eq!(packed.kind(), ErrorKind::Unsupported, "{packed}");
    assert!(packed.to_string().contains("shares its object"), "{packed}");

    let anonymous = s3aads::Server::s3()
        .endpoint(server.endpoint())
        .anonymous(true);
    let public = anonymous.build().unwrap().database("presign").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let memory = Database::open("memory:///presign").unwrap();
    let local = s3aads::Server::local(folder.path())
        .database("presign")
        .unwrap();
    for (db, why) in [
        (public, "anonymous"),
        (memory, "memory store"),
        (local, "local store"),
    ] {
        let error = db
            .table::<Picture>()
            .presign_get(("a", "b"), MINUTE)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.to_string().contains(why), "{error}");
    }
}
