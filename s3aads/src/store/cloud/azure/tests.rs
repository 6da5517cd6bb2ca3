use bytes::Bytes;
use object_store::client::HttpErrorKind;
use object_store::{Attribute, Attributes};

use super::listing::parse;
use super::*;
use crate::store::cloud::tests::{hasten, large_bodies};
use crate::store::http::script::{Reply, Script};
use crate::store::{Backend, Meter};

fn backend(script: &Script) -> CloudBackend {
    let settings = [
        ("azure_storage_account_name", "account"),
        ("azure_storage_account_key", "a2V5"),
        ("azure_storage_endpoint", "http://store.test/account"),
        ("azure_storage_use_emulator", "false"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let backend = open_through("box", &settings, Arc::new(script.clone())).unwrap();
    hasten(backend)
}

fn refusal(status: u16, code: &str) -> Reply {
    Reply::status(status).header("x-ms-error-code", code)
}

fn written(e_tag: &str) -> Reply {
    Reply::status(201).header("etag", e_tag)
}

fn object(e_tag: &str, operation: &str) -> Reply {
    Reply::status(200)
        .header("etag", e_tag)
        .header("content-length", "0")
        .header("last-modified", "Wed, 01 May 2024 12:00:00 GMT")
        .header("x-ms-meta-s3aadsop", operation)
}

fn read(e_tag: &str) -> Version {
    Version::new(Some(e_tag.to_owned()), None)
}

async fn put(script: &Script, condition: Condition) -> (Result<Version>, Meter) {
    let meter = Meter::default();
    let request = PutRequest {
        condition,
        ..PutRequest::default()
    };
    let store = backend(script);
    let put = store.put("t/1", Bytes::new(), request, &meter).await;
    (put, meter)
}

#[tokio::test]
async fn a_page_is_one_request_and_goes_on_by_its_marker() {
    let page = "\u{feff}<?xml version=\"1.0\"?><EnumerationResults ContainerName=\"box\"><Blobs>\
        <Blob><Name>t/ a&amp;b </Name><Properties><Last-Modified>Wed, 01 May 2024 12:00:00 GMT</Last-Modified>\
        <Etag>0x8D</Etag><Content-Length>7</Content-Length><AccessTier>Cool</AccessTier></Properties></Blob>\
        <BlobPrefix><Name>t/b/</Name></BlobPrefix>\
        <Blob><Name Encoded=\"true\">t%2F%01</Name><Properties><Last-Modified>Wed, 01 May 2024 12:00:00 GMT\
        </Last-Modified><Etag>0x8E</Etag><Content-Length>0</Content-Length></Properties></Blob>\
        <Blob><Name>t/folder</Name><Properties><ResourceType>directory</ResourceType></Properties></Blob>\
        </Blobs><NextMarker>go on</NextMarker></EnumerationResults>";
    let end = "<EnumerationResults><Blobs /><NextMarker /></EnumerationResults>";
    let script = Script::new([page, end].map(|body| Reply::body(200, body)));
    let (store, meter) = (backend(&script), Meter::default());
    let request = ListRequest {
        prefix: "t/".to_owned(),
        start_after: Some("t/0".to_owned()),
        delimiter: true,
        max_keys: Some(3),
        token: None,
    };
    let first = store.list(request.clone(), &meter).await.unwrap();
    let keys: Vec<_> = first.objects.iter().map(|o| &*o.key).collect();
    assert_eq!(keys, ["t/ a&b ", "t/\u{1}"]);
    assert_eq!(first.prefixes, ["t/b/"]);
    assert_eq!(first.objects[0].size, 7);
    assert_eq!(first.objects[0].version, read("\"0x8D\""));
    assert_eq!(first.objects[0].storage_class.as_deref(), Some("Cool"));
    let next = ListRequest {
        token: first.next,
        ..request
    };
    assert!(store.list(next, &meter).await.unwrap().next.is_none());
    assert_eq!(
        script.lines(),
        [
            "GET /account/box?restype=container&comp=list&maxresults=3&prefix=t%2F&delimiter=%2F&startFrom=t%2F0",
            "GET /account/box?restype=container&comp=list&maxresults=3&prefix=t%2F&delimiter=%2F&marker=go%20on",
        ]
    );
    assert_eq!(meter.usage().get(RequestClass::List), 2);
    assert_eq!(meter.usage().total(), 2);
}

#[tokio::test]
async fn a_refused_request_is_sent_once_and_never_in_doubt() {
    for (reply, condition, reason) in [
        (
            refusal(400, "InvalidMetadata"),
            Condition::Absent,
            Reason::Other,
        ),
        (
            refusal(409, "BlobAlreadyExists"),
            Condition::Absent,
            Reason::AlreadyExists,
        ),
        (
            refusal(412, "ConditionNotMet"),
            Condition::Unchanged(read("\"1\"")),
            Reason::Changed,
        ),
        (
            refusal(404, "BlobNotFound"),
            Condition::Unchanged(read("\"1\"")),
            Reason::Changed,
        ),
        (
            refusal(404, "ContainerNotFound"),
            Condition::Absent,
            Reason::NoDatabase,
        ),
        (
            refusal(403, "AuthenticationFailed"),
            Condition::None,
            Reason::Denied,
        ),
    ] {
        let script = Script::new([reply]);
        let (put, meter) = put(&script, condition).await;
        let error = put.unwrap_err();
        assert_eq!(error.reason(), reason, "{error:?}");
        assert_eq!(meter.usage().total(), 1);
    }
}

#[tokio::test]
async fn every_attempt_is_counted_and_a_lost_answer_is_looked_for() {
    // Throttled at first: nothing was begun, so the refusal that follows is another's.
    let script = Script::new([
        refusal(503, "ServerBusy"),
        refusal(409, "BlobAlreadyExists"),
    ]);
    let (refused, meter) = put(&script, Condition::Absent).await;
    assert_eq!(refused.unwrap_err().reason(), Reason::AlreadyExists);
    assert_eq!(meter.usage().get(RequestClass::Put), 2);

    // The answer got lost: the refusal may be of our own write, and the object tells.
    let lost = || Reply::Broken(HttpErrorKind::Timeout);
    let script = Script::new([lost(), written("\"2\"")]);
    let (done, _) = put(&script, Condition::Absent).await;
    assert_eq!(done.unwrap(), read("\"2\""));
    let refused = |found| [lost(), refusal(409, "BlobAlreadyExists"), found];
    let script = Script::new(refused(object("\"3\"", "mine")));
    let (done, meter) = put(&script, Condition::Absent).await;
    assert_eq!(done.unwrap(), read("\"3\""));
    let usage = meter.usage();
    let sent = (usage.get(RequestClass::Put), usage.get(RequestClass::Head));
    assert_eq!((sent, usage.total()), ((2, 1), 3));
    let script = Script::new(refused(object("\"3\"", "another1")));
    let (unknown, _) = put(&script, Condition::Absent).await;
    assert_eq!(unknown.unwrap_err().reason(), Reason::Indeterminate);
    // Ours may have been written and deleted since, and a gateway's server may yet write it.
    for (unclear, found) in [
        (refusal(500, "InternalError"), refusal(404, "BlobNotFound")),
        (Reply::status(502), object("\"3\"", "another1")),
    ] {
        let script = Script::new([unclear, refusal(409, "BlobAlreadyExists"), found]);
        let (unknown, _) = put(&script, Condition::Absent).await;
        assert_eq!(unknown.unwrap_err().reason(), Reason::Indeterminate);
    }
    let script = Script::new([refusal(500, "InternalError")]);
    let (failed, _) = put(&script, Condition::None).await;
    assert_eq!(failed.unwrap_err().reason(), Reason::Indeterminate);
}

#[tokio::test]
async fn deletes_and_copies_carry_their_condition() {
    let script = Script::new([
        Reply::status(202),
        refusal(412, "ConditionNotMet"),
        refusal(404, "BlobNotFound"),
        refusal(404, "BlobNotFound"),
    ]);
    let (store, meter) = (backend(&script), Meter::default());
    let version = read("\"1\"");
    store.delete("t/1", Some(&version), &meter).await.unwrap();
    for _ in 0..2 {
        let changed = store.delete("t/1", Some(&version), &meter).await;
        assert_eq!(changed.unwrap_err().reason(), Reason::Changed);
    }
    store.delete("t/1", None, &meter).await.unwrap();
    let conditions: Vec<_> = script.arrived();
    let conditions = conditions.iter().map(|a| a.header("if-match"));
    assert_eq!(
        conditions.collect::<Vec<_>>(),
        [Some("\"1\""), Some("\"1\""), Some("\"1\""), None]
    );

    let copying = |status, progress| Reply::status(status).header("x-ms-copy-status", progress);
    let script = Script::new([copying(202, "pending"), copying(200, "success")]);
    let store: Arc<dyn Backend> = Arc::new(backend(&script));
    let copied = store.copy(&store, "t/a b", "t/2", Condition::Absent, &meter);
    copied.await.unwrap();
    assert_eq!(
        script.lines(),
        ["PUT /account/box/t/2", "HEAD /account/box/t/2"]
    );
    let sent = &script.arrived()[0];
    assert_eq!(
        sent.header("x-ms-copy-source"),
        Some("http://store.test/account/box/t/a%20b")
    );
    assert_eq!(sent.header("if-none-match"), Some("*"));
}

/// The server goes on with it after its answer.
#[tokio::test(start_paused = true)]
async fn a_copy_of_which_no_end_is_seen_is_in_doubt() {
    let pending = || Reply::status(202).header("x-ms-copy-status", "pending");
    for (script, reason) in [
        (vec![pending(); 500], Reason::Indeterminate),
        (
            vec![
                pending(),
                Reply::status(503),
                Reply::status(503),
                Reply::status(503),
                Reply::status(503),
            ],
            Reason::Indeterminate,
        ),
        (
            vec![
                pending(),
                Reply::status(200).header("x-ms-copy-status", "failed"),
            ],
            Reason::Other,
        ),
        // Nothing says that it began.
        (vec![Reply::status(200); 4], Reason::Indeterminate),
    ] {
        let script = Script::new(script);
        let store: Arc<dyn Backend> = Arc::new(backend(&script));
        let meter = Meter::default();
        let copied = store.copy(&store, "t/1", "t/2", Condition::None, &meter);
        let error = copied.await.unwrap_err();
        assert_eq!(error.reason(), reason, "{error:?}");
        assert!(script.lines().len() < 200, "it waits for ever");
    }
}

#[tokio::test]
async fn the_container_is_made_and_asked_for() {
    let script = Script::new([
        Reply::status(201),
        refusal(409, "ContainerAlreadyExists"),
        refusal(409, "ContainerBeingDeleted"),
        Reply::status(200),
        refusal(404, "ContainerNotFound"),
    ]);
    let (store, meter) = (backend(&script), Meter::default());
    store.create(&meter).await.unwrap();
    store.create(&meter).await.unwrap();
    assert!(store.create(&meter).await.is_err());
    assert!(store.exists(&meter).await.unwrap());
    assert!(!store.exists(&meter).await.unwrap());
    assert_eq!(script.lines()[0], "PUT /account/box?restype=container");
    assert_eq!(script.lines()[3], "HEAD /account/box?restype=container");
}

#[tokio::test]
async fn names_that_azure_does_not_take_are_refused_before_a_request() {
    for (name, fits) in [
        ("author", true),
        ("a_b1", true),
        ("a-b", false),
        ("a.b", false),
        ("1a", false),
    ] {
        let script = Script::new([written("\"1\"")]);
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::Metadata(name.into()), "x".into());
        let request = PutRequest {
            attributes,
            ..PutRequest::default()
        };
        let (store, meter) = (backend(&script), Meter::default());
        let put = store.put("t/1", Bytes::new(), request, &meter).await;
        match (put, fits) {
            (Ok(_), true) => {}
            (Err(error), false) => {
                assert_eq!(error.reason(), Reason::InvalidConfig);
                assert!(error.to_string().contains(name), "{error}");
                assert!(script.lines().is_empty());
            }
            (put, _) => panic!("{name}: {put:?}"),
        }
    }
}

#[test]
fn hostile_listings_are_errors() {
    for body in [
        "",
        "<",
        "<Other></Other>",
        "<EnumerationResults>",
        "<EnumerationResults><Blobs><Blob></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults><Blobs><Blob><Name>a</Name><Properties><Content-Length>many</Content-Length>\
         </Properties></Blob></Blobs></EnumerationResults>",
        "<EnumerationResults>&nonsense;</EnumerationResults>",
    ] {
        assert!(parse(body.as_bytes()).is_err(), "{body}");
    }
    assert!(parse(b"\xff\xfe").is_err());
}

#[tokio::test]
async fn large_bodies_are_given_up() {
    large_bodies(backend).await;
}
