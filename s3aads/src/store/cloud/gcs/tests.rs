use bytes::Bytes;
use object_store::client::HttpErrorKind;

use super::*;
use crate::store::cloud::tests::{hasten, large_bodies};
use crate::store::http::script::{Reply, Script};
use crate::store::{Backend, Meter, Version};

fn backend(script: &Script) -> CloudBackend {
    let key = r#"{"private_key": "none", "private_key_id": "none", "client_email": "a@b.test",
        "project_id": "project", "gcs_base_url": "http://store.test/", "disable_oauth": true}"#;
    let settings = [("google_service_account_key".to_owned(), key.to_owned())];
    hasten(open_through("box", &settings, Arc::new(script.clone())).unwrap())
}

fn read(generation: &str) -> Version {
    Version::new(Some("\"e\"".to_owned()), Some(generation.to_owned()))
}

#[tokio::test]
async fn a_page_is_one_request_and_tells_generations() {
    let page = "<?xml version='1.0'?><ListBucketResult><EncodingType>url</EncodingType>\
        <IsTruncated>true</IsTruncated><NextContinuationToken>on&amp;on</NextContinuationToken><Contents>\
        <Key>t/%20a%26b+c%01</Key><Generation>17</Generation><LastModified>2024-05-01T12:00:00.000Z</LastModified>\
        <ETag>\"e\"</ETag><Size>7</Size></Contents><CommonPrefixes><Prefix>t%2Fb/</Prefix></CommonPrefixes>\
        </ListBucketResult>";
    let end = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    let script = Script::new([page, end].map(|body| Reply::body(200, body)));
    let (store, meter) = (backend(&script), Meter::default());
    let request = ListRequest {
        prefix: "t/".to_owned(),
        start_after: Some("t/0".to_owned()),
        delimiter: true,
        ..ListRequest::default()
    };
    let first = store.list(request.clone(), &meter).await.unwrap();
    assert_eq!(first.objects[0].key, "t/ a&b c\u{1}");
    assert_eq!(first.objects[0].version, read("17"));
    assert_eq!(first.prefixes, ["t/b/"]);
    let next = ListRequest {
        token: first.next,
        ..request
    };
    assert!(store.list(next, &meter).await.unwrap().next.is_none());
    assert_eq!(
        script.lines(),
        [
            "GET /box?list-type=2&encoding-type=url&start-after=t%2F0&prefix=t%2F&delimiter=%2F",
            "GET /box?list-type=2&encoding-type=url&continuation-token=on%26on&prefix=t%2F&delimiter=%2F",
        ]
    );
    assert_eq!(meter.usage().total(), 2);
}

#[tokio::test]
async fn conditions_are_generations() {
    let written = || Reply::put("\"e\"").header("x-goog-generation", "18");
    let script = Script::new([
        written(),
        written(),
        Reply::error(412, "PreconditionFailed"),
        Reply::status(204),
        Reply::error(412, "PreconditionFailed"),
        Reply::body(200, "<CopyObjectResult/>"),
    ]);
    let (store, meter) = (backend(&script), Meter::default());
    let put = |condition| {
        let request = PutRequest {
            condition,
            ..PutRequest::default()
        };
        store.put("t/1", Bytes::new(), request, &meter)
    };
    assert_eq!(put(Condition::Absent).await.unwrap(), read("18"));
    put(Condition::Unchanged(read("17"))).await.unwrap();
    let taken = put(Condition::Absent).await.unwrap_err();
    assert_eq!(taken.reason(), Reason::AlreadyExists);
    // Of a version without a generation nothing is sent.
    let unknown = Version::new(Some("\"e\"".to_owned()), None);
    let refused = put(Condition::Unchanged(unknown)).await.unwrap_err();
    assert_eq!(refused.reason(), Reason::Unsupported);

    store
        .delete("t/1", Some(&read("17")), &meter)
        .await
        .unwrap();
    let changed = store.delete("t/1", Some(&read("17")), &meter).await;
    assert_eq!(changed.unwrap_err().reason(), Reason::Changed);
    let store: Arc<dyn Backend> = Arc::new(store);
    let copied = store.copy(&store, "t/a b", "t/2", Condition::Absent, &meter);
    copied.await.unwrap();
    let sent = script.arrived();
    let conditions = sent.iter().map(|a| a.header("x-goog-if-generation-match"));
    assert_eq!(
        conditions.collect::<Vec<_>>(),
        ["0", "17", "0", "17", "17", "0"].map(Some)
    );
    assert_eq!(sent[5].header("x-goog-copy-source"), Some("box/t/a%20b"));
}

#[tokio::test]
async fn the_bucket_is_made_in_the_accounts_project_and_asked_for() {
    let script = Script::new([
        Reply::status(200),
        Reply::error(409, "BucketAlreadyOwnedByYou"),
        Reply::error(409, "BucketAlreadyExists"),
        Reply::Broken(HttpErrorKind::Timeout),
        Reply::status(200),
        Reply::status(404),
    ]);
    let (store, meter) = (backend(&script), Meter::default());
    store.create(&meter).await.unwrap();
    store.create(&meter).await.unwrap();
    assert!(store.create(&meter).await.is_err(), "somebody else's");
    assert!(store.exists(&meter).await.unwrap());
    assert!(!store.exists(&meter).await.unwrap());
    assert_eq!(meter.usage().total(), 6);
    let sent = script.arrived();
    assert_eq!(sent[0].line, "PUT /box");
    assert_eq!(sent[0].header("x-goog-project-id"), Some("project"));
    assert_eq!(sent[5].line, "HEAD /box");
}

#[test]
fn hostile_listings_are_errors() {
    for body in [
        "",
        "<ListBucketResult>",
        "<Error><Code>x</Code></Error>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
        "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
    ] {
        assert!(listing::parse(body.as_bytes()).is_err(), "{body}");
    }
}

#[tokio::test]
async fn large_bodies_are_given_up() {
    large_bodies(backend).await;
}
