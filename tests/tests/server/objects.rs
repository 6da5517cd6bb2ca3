use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use http::{Method, StatusCode};
use object_store::aws::{Checksum, S3CopyIfNotExists};
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    TagSet, UpdateVersion,
};
use s3aads_tests::server::Operation;

use crate::{BUCKET, send, server};

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let (server, client) = server();
    let row = Path::from("t/1/row");
    let mut tags = TagSet::default();
    tags.push("team", "a b");
    let attributes = Attributes::from_iter([
        (Attribute::ContentType, "application/json"),
        (Attribute::CacheControl, "no-cache"),
        (Attribute::Metadata("op".into()), "17"),
    ]);
    // The client sends a storage class but does not read it back.
    let mut sent = attributes.clone();
    sent.insert(Attribute::StorageClass, "STANDARD_IA".into());
    let options = PutOptions {
        attributes: sent,
        tags,
        ..Default::default()
    };
    let put = client.put_opts(&row, "{}".into(), options).await.unwrap();
    assert_eq!(
        put.e_tag.as_deref(),
        Some("\"99914b932bd37a50b983c5e7c90ae93b\"")
    );

    let got = client.get(&row).await.unwrap();
    assert_eq!(got.attributes, attributes);
    assert_eq!(got.meta.e_tag, put.e_tag);
    let head = client.head(&row).await.unwrap();
    assert_eq!((head.size, &head.e_tag), (2, &put.e_tag));
    assert_eq!(got.bytes().await.unwrap(), "{}");
    let stored = server.object(BUCKET, "t/1/row").unwrap();
    assert_eq!(stored.attributes.tags.as_deref(), Some("team=a+b"));
    let head = send(&server, Method::HEAD, "/tables/t/1/row", &[], "").await;
    assert_eq!(head.headers["x-amz-storage-class"], "STANDARD_IA");
    let tagging = send(&server, Method::GET, "/tables/t/1/row?tagging", &[], "").await;
    assert_eq!(tagging.texts("Value"), ["a b"]);

    let at = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    assert!(server.set_last_modified(BUCKET, "t/1/row", at));
    let head = client.head(&row).await.unwrap();
    assert_eq!(SystemTime::from(head.last_modified), at);

    client.delete(&row).await.unwrap();
    let gone = client.get(&row).await.unwrap_err();
    assert!(matches!(gone, Error::NotFound { .. }), "{gone}");
    // Deleting what is not there is a success.
    client.delete(&row).await.unwrap();
}

#[tokio::test]
async fn reads_take_ranges_and_conditions() {
    let (_server, client) = server();
    let row = Path::from("row");
    let put = client.put(&row, "0123456789".into()).await.unwrap();
    assert_eq!(client.get_range(&row, 2..5).await.unwrap(), "234");
    client.get_range(&row, 10..12).await.unwrap_err();
    let conditional = |if_match: Option<&str>, if_none_match: Option<&str>| GetOptions {
        if_match: if_match.map(str::to_owned),
        if_none_match: if_none_match.map(str::to_owned),
        ..Default::default()
    };
    let etag = put.e_tag.as_deref();
    let get = |options| client.get_opts(&row, options);
    get(conditional(etag, Some("\"x\""))).await.unwrap();
    let error = get(conditional(Some("\"x\""), None)).await.unwrap_err();
    assert!(matches!(error, Error::Precondition { .. }), "{error}");
    let error = get(conditional(None, etag)).await.unwrap_err();
    assert!(matches!(error, Error::NotModified { .. }), "{error}");
}

#[tokio::test]
async fn writes_take_conditions() {
    let (server, client) = server();
    let row = Path::from("row");
    let put = |body: &'static str, mode: PutMode| client.put_opts(&row, body.into(), mode.into());
    let created = put("1", PutMode::Create).await.unwrap();
    let error = put("2", PutMode::Create).await.unwrap_err();
    assert!(matches!(error, Error::AlreadyExists { .. }), "{error}");
    let first = UpdateVersion::from(created);
    put("2", PutMode::Update(first.clone())).await.unwrap();
    let error = put("3", PutMode::Update(first.clone())).await.unwrap_err();
    assert!(matches!(error, Error::Precondition { .. }), "{error}");
    assert_eq!(server.object(BUCKET, "row").unwrap().body, "2");

    client.delete(&row).await.unwrap();
    server.clear_log();
    put("3", PutMode::Update(first)).await.unwrap_err();
    assert_eq!(server.log()[0].status, Some(404));
    assert!(server.keys(BUCKET).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_concurrent_creates_one_wins() {
    let (server, client) = server();
    let creates = (0..64).map(|i: u32| {
        let client = client.clone();
        tokio::spawn(async move {
            let body = i.to_string();
            let created = client
                .put_opts(&"row".into(), body.clone().into(), PutMode::Create.into())
                .await;
            match created {
                Ok(_) => Some(body),
                Err(Error::AlreadyExists { .. }) => None,
                Err(error) => panic!("{error}"),
            }
        })
    });
    let outcomes = join_all(creates).await.into_iter();
    let winners: Vec<_> = outcomes.filter_map(Result::unwrap).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(server.object(BUCKET, "row").unwrap().body, winners[0]);
    assert_eq!(server.count(Operation::Put), 64);
}

#[tokio::test]
async fn copies_stay_on_the_server() {
    let (server, client) = server();
    let attributes = Attributes::from_iter([(Attribute::ContentType, "text/x-row")]);
    let (from, to) = (Path::from("a b/ä"), Path::from("to"));
    let options = PutOptions::from(attributes.clone());
    client.put_opts(&from, "1".into(), options).await.unwrap();
    client.copy(&from, &to).await.unwrap();
    assert_eq!(client.get(&to).await.unwrap().attributes, attributes);
    let once = server
        .client(BUCKET)
        .with_copy_if_not_exists(S3CopyIfNotExists::Header(
            "if-none-match".to_owned(),
            "*".to_owned(),
        ));
    let error = once.build().unwrap().copy_if_not_exists(&from, &to).await;
    assert!(matches!(error, Err(Error::AlreadyExists { .. })));
    let missing = client.copy(&Path::from("none"), &to).await.unwrap_err();
    assert!(matches!(missing, Error::NotFound { .. }), "{missing}");

    server.create_bucket("other");
    let replace = [
        ("content-type", "text/plain"),
        ("x-amz-copy-source", "tables/to"),
        ("x-amz-meta-by", "test"),
        ("x-amz-metadata-directive", "REPLACE"),
    ];
    let copied = send(&server, Method::PUT, "/other/row", &replace, "").await;
    assert_eq!(copied.status, StatusCode::OK);
    let stored = server.object("other", "row").unwrap();
    assert_eq!(stored.body, "1");
    assert_eq!(
        stored.attributes.content_type.as_deref(),
        Some("text/plain")
    );
    assert_eq!(stored.attributes.metadata["by"], "test");
    let onto_itself = [("x-amz-copy-source", "other/row")];
    let refused = send(&server, Method::PUT, "/other/row", &onto_itself, "").await;
    assert_eq!(refused.texts("Code"), ["InvalidRequest"]);
    let changed = [
        ("x-amz-copy-source", "other/row"),
        ("x-amz-copy-source-if-match", "\"x\""),
    ];
    let refused = send(&server, Method::PUT, "/tables/new", &changed, "").await;
    assert_eq!(refused.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn bulk_deletes_take_a_thousand_keys() {
    let (server, client) = server();
    let keys: Vec<_> = (0..1500).map(|i| format!("t/<{i:04}> &\"'é")).collect();
    server.seed(BUCKET, keys.iter().map(|key| (key.as_str(), "")));
    server.put_raw(BUCKET, "kept", "");
    let paths: Vec<_> = keys.iter().map(Path::parse).collect();
    let absent = Ok(Path::from("absent"));
    let paths = paths.into_iter().map(|path| path.map_err(Error::from));
    let deleted = client.delete_stream(stream::iter(paths.chain([absent])).boxed());
    assert_eq!(
        deleted
            .filter(|d| std::future::ready(d.is_ok()))
            .count()
            .await,
        1501
    );
    assert_eq!(server.keys(BUCKET), ["kept"]);
    assert_eq!(server.requests(), 2);
    assert_eq!(server.count(Operation::Post), 2);

    let body = "<Delete><Object><Key>kept</Key></Object></Delete>";
    let refused = send(&server, Method::POST, "/tables?delete", &[], body).await;
    assert_eq!(refused.texts("Code"), ["InvalidRequest"]);
    assert_eq!(server.keys(BUCKET), ["kept"]);
}

#[tokio::test]
async fn digests_are_checked() {
    let (server, _client) = server();
    for algorithm in [Checksum::SHA256, Checksum::CRC64NVME] {
        let client = server.client(BUCKET).with_checksum_algorithm(algorithm);
        let client = client.build().unwrap();
        client.put(&"row".into(), "1".into()).await.unwrap();
    }
    let md5 = [("content-md5", "xMpCOKC5I4INzFCab3WEmw==")];
    let put = send(&server, Method::PUT, "/tables/row", &md5, "1").await;
    assert_eq!(put.status, StatusCode::OK);
    let sha1 = ("x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    for header in [md5[0], sha1] {
        let put = send(&server, Method::PUT, "/tables/row", &[header], "2").await;
        assert_eq!(put.texts("Code"), ["BadDigest"], "{}", header.0);
    }
    assert_eq!(server.object(BUCKET, "row").unwrap().body, "1");
}

#[tokio::test]
async fn keys_have_at_most_1024_bytes() {
    let (server, client) = server();
    let longest = Path::from("k".repeat(1024));
    client.put(&longest, "1".into()).await.unwrap();
    let too_long = format!("/tables/{}", "k".repeat(1025));
    let refused = send(&server, Method::PUT, &too_long, &[], "1").await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.texts("Code"), ["KeyTooLongError"]);
}

#[tokio::test]
async fn large_tables_are_seeded_at_once() {
    let (server, client) = server();
    let body = bytes::Bytes::from_static(b"{}");
    server.put_raw(BUCKET, "t/0000000", "old");
    server.seed(
        BUCKET,
        (0..200_000).map(|i| (format!("t/{i:07}"), body.clone())),
    );
    assert_eq!(server.object_count(BUCKET), 200_000);
    let row = client.get(&Path::from("t/0000000")).await.unwrap();
    assert_eq!(row.bytes().await.unwrap(), "{}");
}
