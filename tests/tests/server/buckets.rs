use http::{Method, StatusCode};
use object_store::path::Path;
use object_store::{Error, ObjectStoreExt};
use s3aads_tests::server::Server;

use crate::{BUCKET, send, server};

#[tokio::test]
async fn buckets_come_and_go() {
    let server = Server::start();
    let head = send(&server, Method::HEAD, "/fresh", &[], "").await;
    assert_eq!(head.status, StatusCode::NOT_FOUND);
    let create = send(&server, Method::PUT, "/fresh", &[], "").await;
    assert_eq!(create.status, StatusCode::OK);
    let again = send(&server, Method::PUT, "/fresh", &[], "").await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(again.texts("Code"), ["BucketAlreadyOwnedByYou"]);
    let head = send(&server, Method::HEAD, "/fresh", &[], "").await;
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.headers["x-amz-bucket-region"], server.region());

    server.put_raw("fresh", "row", "x");
    let full = send(&server, Method::DELETE, "/fresh", &[], "").await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    assert_eq!(full.texts("Code"), ["BucketNotEmpty"]);
    assert!(server.remove("fresh", "row"));
    let delete = send(&server, Method::DELETE, "/fresh", &[], "").await;
    assert_eq!(delete.status, StatusCode::NO_CONTENT);
    assert!(server.buckets().is_empty());
}

#[tokio::test]
async fn buckets_are_listed_in_pages() {
    let server = Server::start();
    for name in ["c-1", "a-1", "b-1", "b-2"] {
        server.create_bucket(name);
    }
    let all = send(&server, Method::GET, "/", &[], "").await;
    assert_eq!(all.texts("Name"), ["a-1", "b-1", "b-2", "c-1"]);
    let first = send(&server, Method::GET, "/?max-buckets=1&prefix=b-", &[], "").await;
    assert_eq!(first.texts("Name"), ["b-1"]);
    let token = first.texts("ContinuationToken")[0];
    let token: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    let query = format!("/?continuation-token={token}&max-buckets=1&prefix=b-");
    let second = send(&server, Method::GET, &query, &[], "").await;
    assert_eq!(second.texts("Name"), ["b-2"]);
    assert!(second.texts("ContinuationToken").is_empty());
}

#[tokio::test]
async fn a_missing_bucket_is_named_as_such() {
    let server = Server::start();
    for (method, target) in [
        (Method::GET, "/nowhere?list-type=2"),
        (Method::GET, "/nowhere/row"),
        (Method::PUT, "/nowhere/row"),
        (Method::DELETE, "/nowhere/row"),
    ] {
        let answer = send(&server, method, target, &[], "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{target}");
        assert_eq!(answer.texts("Code"), ["NoSuchBucket"], "{target}");
    }
}

#[tokio::test]
async fn wrong_credentials_are_refused() {
    let (server, _) = server();
    server.put_raw(BUCKET, "row", "x");
    let row = Path::from("row");
    let wrong_secret = server.client(BUCKET).with_secret_access_key("guessed");
    let error = wrong_secret.build().unwrap().get(&row).await.unwrap_err();
    assert!(matches!(error, Error::PermissionDenied { .. }), "{error}");
    let wrong_key = server.client(BUCKET).with_access_key_id("nobody");
    let error = wrong_key.build().unwrap().get(&row).await.unwrap_err();
    assert!(matches!(error, Error::PermissionDenied { .. }), "{error}");
    let unsigned = server.client(BUCKET).with_skip_signature(true);
    let error = unsigned.build().unwrap().get(&row).await.unwrap_err();
    assert!(matches!(error, Error::PermissionDenied { .. }), "{error}");
    let statuses: Vec<_> = server.log().into_iter().map(|r| r.status).collect();
    assert_eq!(statuses, [Some(403); 3]);
}

#[test]
fn a_dropped_server_is_gone() {
    let server = Server::start();
    let address = server.endpoint().replace("http://", "");
    let kept_open = std::net::TcpStream::connect(&address).unwrap();
    drop(server);
    assert!(std::net::TcpStream::connect(&address).is_err());
    let mut rest = Vec::new();
    let read = std::io::Read::read_to_end(&mut &kept_open, &mut rest);
    assert!(read.is_err() || rest.is_empty());
}
