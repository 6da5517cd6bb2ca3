use http::header::HeaderValue;
use object_store::Attribute;
use object_store::client::HttpErrorKind;

use super::script::{OPERATION, Reply, Script, backend};
use super::*;
use crate::store::{PageToken, Reason, RequestClass};

const OLD: &str = "Wed, 01 May 2024 11:00:00 GMT";
const NOW: &str = "Wed, 01 May 2024 12:00:00 GMT";

fn write(condition: Condition) -> PutRequest {
    PutRequest {
        condition,
        ..PutRequest::default()
    }
}

fn unchanged() -> Condition {
    Condition::Unchanged(Version::new(Some("\"old\"".into()), None))
}

async fn put(script: &Script, condition: Condition) -> Result<Version> {
    let backend = script.backend();
    let meter = Meter::default();
    let put = backend
        .put("t/1", "{}".into(), write(condition), &meter)
        .await;
    assert_eq!(meter.usage().total(), script.lines().len() as u64);
    assert_eq!(script.left(), 0, "{:?}", script.lines());
    put
}

/// How a conditional PUT may end.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Done,
    Exists,
    Changed,
    Open,
    Unavailable,
    Unsupported,
    Denied,
    NoBucket,
}

fn end(put: &Result<Version>) -> End {
    match put {
        Ok(_) => End::Done,
        Err(error) if error.reason() == Reason::Indeterminate => End::Open,
        Err(error) if (error).reason() == Reason::Unavailable => End::Unavailable,
        Err(error) if error.reason() == Reason::NoDatabase => End::NoBucket,
        Err(error) if error.reason() == Reason::AlreadyExists => End::Exists,
        Err(error) if error.reason() == Reason::Changed => End::Changed,
        Err(error) if error.reason() == Reason::Unsupported => End::Unsupported,
        Err(error) if error.reason() == Reason::Denied => End::Denied,
        Err(error) => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_conditional_put_ends_as_the_answers_prove() {
    use Condition::Absent;
    use HttpErrorKind::{Connect, Interrupted, Request, Timeout};
    let refused = || Reply::error(412, "PreconditionFailed");
    let conflict = || Reply::error(409, "ConditionalRequestConflict");
    let slow = || Reply::error(503, "SlowDown");
    let broken_down = || Reply::error(500, "InternalError");
    let lost = Reply::Broken;
    let mine = || Reply::object("\"e\"", "mine", NOW, "");
    let theirs = || Reply::object("\"e\"", "theirs", NOW, "");
    let older = || Reply::object("\"e\"", "theirs", OLD, "");
    let nothing = || Reply::body(404, "");
    let same = || Reply::object("\"old\"", "theirs", OLD, "");
    let done = || Reply::put("\"e\"");

    for (condition, replies, expected) in [
        (Absent, vec![done()], End::Done),
        // A clean refusal costs one request.
        (Absent, vec![refused()], End::Exists),
        (unchanged(), vec![refused()], End::Changed),
        (
            unchanged(),
            vec![Reply::error(404, "NoSuchKey")],
            End::Changed,
        ),
        // What was turned away leaves no doubt.
        (Absent, vec![slow(), slow(), refused()], End::Exists),
        (Absent, vec![lost(Connect), refused()], End::Exists),
        (
            Absent,
            vec![slow(), slow(), slow(), slow()],
            End::Unavailable,
        ),
        (Absent, vec![lost(Connect); 4], End::Unavailable),
        // Applied, and the answer lost in one way or another.
        (
            Absent,
            vec![lost(Interrupted), refused(), mine()],
            End::Done,
        ),
        (Absent, vec![lost(Request), refused(), mine()], End::Done),
        (Absent, vec![lost(Timeout), refused(), mine()], End::Done),
        (Absent, vec![broken_down(), refused(), mine()], End::Done),
        (
            unchanged(),
            vec![lost(Interrupted), refused(), mine()],
            End::Done,
        ),
        (
            unchanged(),
            vec![broken_down(), Reply::error(404, "NoSuchKey"), mine()],
            End::Done,
        ),
        // Applied, and never an answer.
        (
            Absent,
            vec![
                lost(Timeout),
                lost(Timeout),
                lost(Timeout),
                lost(Timeout),
                mine(),
            ],
            End::Done,
        ),
        // Not applied, and sent again.
        (Absent, vec![lost(Interrupted), done()], End::Done),
        (unchanged(), vec![broken_down(), done()], End::Done),
        // Another's write, and ours may be below it or yet to come.
        (Absent, vec![lost(Timeout), refused(), theirs()], End::Open),
        (Absent, vec![lost(Timeout), refused(), older()], End::Open),
        (Absent, vec![broken_down(), refused(), theirs()], End::Open),
        (
            unchanged(),
            vec![broken_down(), refused(), theirs()],
            End::Open,
        ),
        (Absent, vec![lost(Timeout), refused(), nothing()], End::Open),
        // It was there before we began, so ours never was.
        (Absent, vec![broken_down(), refused(), older()], End::Exists),
        (
            unchanged(),
            vec![broken_down(), refused(), older()],
            End::Changed,
        ),
        // Nothing changed, so ours never was.
        (
            unchanged(),
            vec![
                broken_down(),
                broken_down(),
                broken_down(),
                broken_down(),
                same(),
            ],
            End::Unavailable,
        ),
        (
            Absent,
            vec![
                broken_down(),
                broken_down(),
                broken_down(),
                broken_down(),
                nothing(),
            ],
            End::Unavailable,
        ),
        (
            unchanged(),
            vec![
                lost(Timeout),
                lost(Timeout),
                lost(Timeout),
                lost(Timeout),
                same(),
            ],
            End::Open,
        ),
        // The HEAD fails too.
        (
            Absent,
            vec![lost(Timeout), refused(), Reply::error(403, "")],
            End::Open,
        ),
        // Another write under way, for a while and for ever.
        (Absent, vec![conflict(), done()], End::Done),
        (Absent, vec![conflict(), refused()], End::Exists),
        (
            Absent,
            vec![conflict(), conflict(), conflict(), conflict(), theirs()],
            End::Exists,
        ),
        (
            Absent,
            vec![conflict(), conflict(), conflict(), conflict(), nothing()],
            End::Unavailable,
        ),
        (
            unchanged(),
            vec![conflict(), conflict(), conflict(), conflict()],
            End::Changed,
        ),
        // A store that says 409 with a code of its own.
        (Absent, vec![Reply::error(409, "Odd"), done()], End::Done),
        // What no retry mends.
        (
            Absent,
            vec![Reply::error(501, "NotImplemented")],
            End::Unsupported,
        ),
        (Absent, vec![Reply::error(403, "AccessDenied")], End::Denied),
        (
            Absent,
            vec![Reply::error(404, "NoSuchBucket")],
            End::NoBucket,
        ),
        (
            unchanged(),
            vec![Reply::error(404, "NoSuchBucket")],
            End::NoBucket,
        ),
        (
            Absent,
            vec![lost(Timeout), Reply::error(403, "AccessDenied"), mine()],
            End::Done,
        ),
        (
            Absent,
            vec![lost(Timeout), Reply::error(403, "AccessDenied"), nothing()],
            End::Open,
        ),
        // Credentials that run out are asked for once more.
        (
            Absent,
            vec![Reply::error(400, "ExpiredToken"), done()],
            End::Done,
        ),
    ] {
        let told = format!("{condition:?} {replies:?}");
        let put = put(&Script::new(replies), condition).await;
        assert_eq!(end(&put), expected, "{told}\n{put:?}");
        if let Ok(answer) = put {
            assert_eq!(answer.e_tag(), Some("\"e\""));
        }
    }
}

#[tokio::test]
async fn conditions_are_sent_as_the_store_wants_them() {
    for (flavour, e_tag) in [
        (ConditionalPut::ETag, "\"old\""),
        (ConditionalPut::UnquotedETag, "old"),
    ] {
        let script = Script::new([Reply::put("\"e\""), Reply::put("\"e\"")]);
        let backend = backend(&script.options().conditional_put(flavour));
        let meter = Meter::default();
        for condition in [Condition::Absent, unchanged()] {
            let put = backend.put("t/1", "{}".into(), write(condition), &meter);
            put.await.unwrap();
        }
        let arrived = script.arrived();
        assert_eq!(arrived[0].header("if-none-match"), Some("*"));
        assert_eq!(arrived[1].header("if-match"), Some(e_tag));
        assert!(arrived[1].header(OPERATION).is_some());
    }
    let script = Script::default();
    let disabled = backend(&script.options().conditional_put(ConditionalPut::Disabled));
    let meter = Meter::default();
    for condition in [Condition::Absent, unchanged()] {
        let put = disabled.put("t/1", "{}".into(), write(condition), &meter);
        assert_eq!(end(&put.await), End::Unsupported);
    }
    let no_e_tag = Condition::Unchanged(Version::new(None, None));
    assert_eq!(end(&put(&script, no_e_tag).await), End::Unsupported);
    assert!(script.lines().is_empty());
}

#[tokio::test]
async fn an_unconditional_put_is_sent_until_it_works() {
    let script = Script::new([
        Reply::Broken(HttpErrorKind::Interrupted),
        Reply::error(500, "InternalError"),
        // No ETag: written all the same.
        Reply::body(200, ""),
    ]);
    let answer = put(&script, Condition::None).await.unwrap();
    assert_eq!(answer, Version::default());
    assert_eq!(script.lines(), ["PUT /db/t/1"; 3]);
}

#[tokio::test]
async fn a_budget_stops_the_retries_on_the_wire() {
    let script = Script::new([Reply::error(503, "SlowDown"), Reply::error(503, "SlowDown")]);
    let meter = Meter::default().scope(Some(2));
    let error = script.backend().get("t/1", &meter).await.unwrap_err();
    assert_eq!(error.reason(), Reason::BudgetSpent);
    assert_eq!(meter.usage().to_string(), "2 GET");
    assert_eq!(script.lines().len(), 2);

    // Nor is a write's open fate hidden by it.
    let script = Script::new([Reply::Broken(HttpErrorKind::Timeout)]);
    let meter = Meter::default().scope(Some(1));
    let put = script
        .backend()
        .put("t/1", "{}".into(), write(Condition::Absent), &meter)
        .await;
    assert_eq!(end(&put), End::Open);
}

#[tokio::test]
async fn a_body_that_is_not_all_there_is_fetched_again() {
    let whole = || Reply::object("\"e\"", "x", NOW, "0123456789");
    let mut cut = whole();
    if let Reply::Answer(_, _, body) = &mut cut {
        body.truncate(4);
    }
    let script = Script::new([cut.clone(), whole()]);
    let object = script
        .backend()
        .get("t/1", &Meter::default())
        .await
        .unwrap();
    assert_eq!(object.body, "0123456789");
    assert_eq!((object.entry.key.as_str(), object.entry.size), ("t/1", 10));

    let script = Script::new(vec![cut; 4]);
    let error = script
        .backend()
        .get("t/1", &Meter::default())
        .await
        .unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert!(cause.is_some_and(|cause| cause.contains("10 bytes were announced and 4 came")));
    assert_eq!(error.reason(), Reason::Unavailable);
}

#[tokio::test]
async fn a_missing_row_is_told_from_a_missing_bucket() {
    let script = Script::new([
        Reply::error(404, "NoSuchKey"),
        Reply::error(404, "NoSuchBucket"),
    ]);
    let backend = script.backend();
    let row = backend.get("t/1", &Meter::default()).await.unwrap_err();
    let bucket = backend.get("t/1", &Meter::default()).await.unwrap_err();
    assert_eq!(row.reason(), Reason::NotFound);
    assert_eq!(bucket.reason(), Reason::NoDatabase);
}

fn page(keys: &[&str], next: Option<&str>) -> Reply {
    let mut body = String::from("<ListBucketResult><EncodingType>url</EncodingType>");
    for key in keys {
        body += &format!(
            "<Contents><Key>{key}</Key><Size>1</Size>\
             <LastModified>2024-05-06T07:08:09.000Z</LastModified></Contents>"
        );
    }
    if let Some(next) = next {
        body += &format!(
            "<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>"
        );
    }
    Reply::body(200, body + "</ListBucketResult>")
}

#[tokio::test]
async fn a_listing_asks_for_exactly_its_prefix_and_survives_bad_pages() {
    let mut cut = page(&["a"], None);
    if let Reply::Answer(_, _, body) = &mut cut {
        body.truncate(60);
    }
    let script = Script::new([
        cut,
        Reply::error(503, "SlowDown"),
        Reply::error(200, "InternalError"),
        page(&["t/a%2Bb+c", "t/SlowDown", "t//..//"], Some("T1==")),
        // The same page once more, as if nothing had been asked.
        page(&["t/a"], Some("T1==")),
        page(&["t/z"], None),
    ]);
    let backend = script.backend();
    let meter = Meter::default();
    let mut request = ListRequest {
        prefix: "t/é x+&=".into(),
        start_after: Some("t/%".into()),
        delimiter: true,
        max_keys: Some(7),
        token: None,
    };
    let first = backend.list(request.clone(), &meter).await.unwrap();
    let keys: Vec<_> = first.objects.iter().map(|o| o.key.as_str()).collect();
    assert_eq!(keys, ["t/a+b c", "t/SlowDown", "t//..//"]);
    assert!(matches!(&first.next, Some(PageToken::Server(token)) if token == "T1=="));
    assert!(first.slowed, "it was told to slow down");
    request.token = first.next;
    let second = backend.list(request, &meter).await.unwrap();
    assert!(!second.slowed);
    assert_eq!(second.objects[0].key, "t/z");
    let lines = script.lines();
    assert_eq!(
        lines[3],
        "GET /db?list-type=2&encoding-type=url&start-after=t%2F%25&prefix=t%2F%C3%A9%20x%2B%26%3D\
         &delimiter=%2F&max-keys=7"
    );
    assert!(lines[5].contains("continuation-token=T1%3D%3D") && !lines[5].contains("start-after"));
    assert_eq!(meter.usage().get(RequestClass::List), 6);
}

#[tokio::test]
async fn bulk_deletes_have_an_outcome_for_every_key() {
    let script = Script::new([
        Reply::body(
            200,
            "<DeleteResult><Deleted><Key>t/SlowDown</Key></Deleted>\
             <Error><Key>t/b</Key><Code>AccessDenied</Code></Error>\
             <Error><Key>t/c</Key><Code>InternalError</Code></Error></DeleteResult>",
        ),
        // Only what failed in passing goes again.
        Reply::body(
            200,
            "<DeleteResult><Deleted><Key>t/c</Key></Deleted></DeleteResult>",
        ),
    ]);
    let paths = ["t/SlowDown", "t/b", "t/c"].map(Deletion::from);
    let meter = Meter::default();
    let outcomes = script.backend().delete_many(&paths, &meter).await;
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert!(fails(&outcomes[1], Reason::Denied));
    assert_eq!(meter.usage().to_string(), "2 POST");
    let arrived = script.arrived();
    assert_eq!(arrived[0].line, "POST /db?delete=");
    assert!(arrived[0].header("content-md5").is_some());
    let second = arrived[1].body.clone().unwrap();
    let second = std::str::from_utf8(&second).unwrap();
    assert!(second.contains("t/c") && !second.contains("t/b"));

    let script = Script::new([Reply::error(403, "AccessDenied")]);
    let outcomes = script
        .backend()
        .delete_many(&paths, &Meter::default())
        .await;
    assert_eq!(outcomes.len(), 3);
    assert!(outcomes.iter().all(|o| fails(o, Reason::Denied)));
}

#[tokio::test]
async fn a_key_that_the_answer_does_not_name_is_deleted_by_itself() {
    let script = Script::new([
        Reply::body(
            200,
            "<DeleteResult><Deleted><Key>t/b</Key></Deleted></DeleteResult>",
        ),
        Reply::body(204, ""),
        Reply::error(403, "AccessDenied"),
    ]);
    let paths = ["t/a", "t/b", "t/c"].map(Deletion::from);
    let meter = Meter::default();
    let outcomes = script.backend().delete_many(&paths, &meter).await;
    assert!(outcomes[0].is_ok() && outcomes[1].is_ok());
    assert!(fails(&outcomes[2], Reason::Denied));
    assert_eq!(meter.usage().to_string(), "1 POST, 2 DELETE");
    assert_eq!(script.arrived()[1].line, "DELETE /db/t/a");
}

#[tokio::test]
async fn what_was_deleted_alone_after_a_failed_bulk_delete_is_deleted() {
    let script = Script::new([
        Reply::error(500, "InternalError"),
        Reply::error(501, "NotImplemented"),
        Reply::body(204, ""),
    ]);
    let meter = Meter::default();
    let outcomes = script.backend().delete_many(&["t/a".into()], &meter).await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert_eq!(meter.usage().to_string(), "2 POST, 1 DELETE");
}

#[tokio::test]
async fn a_store_without_bulk_delete_deletes_one_by_one() {
    let script = Script::new([
        Reply::error(501, "NotImplemented"),
        Reply::body(204, ""),
        Reply::body(404, ""),
        Reply::body(204, ""),
    ]);
    let backend = script.backend();
    assert!(backend.traits().bulk_delete);
    let meter = Meter::default();
    let paths = ["t/a", "t/b"].map(Deletion::from);
    assert!(
        backend
            .delete_many(&paths, &meter)
            .await
            .iter()
            .all(|o| o.is_ok())
    );
    assert!(!backend.traits().bulk_delete);
    assert!(backend.delete_many(&paths[..1], &meter).await[0].is_ok());
    assert_eq!(meter.usage().to_string(), "1 POST, 3 DELETE");
    // No URL can name it, and the bucket must not be meant in its stead.
    assert!(backend.delete("t/../x", None, &meter).await.is_err());
    assert!(backend.delete("", None, &meter).await.is_err());
    assert_eq!(script.lines().len(), 4);
}

#[tokio::test]
async fn keys_that_no_url_can_name_are_deleted_in_bulk() {
    let named = "<DeleteResult><Deleted><Key>t/../x</Key></Deleted></DeleteResult>";
    let script = Script::new([Reply::body(200, named), Reply::body(200, "<DeleteResult/>")]);
    let (backend, meter) = (script.backend(), Meter::default());
    backend.delete("t/../x", None, &meter).await.unwrap();
    let unsaid = backend.delete("t/../x", None, &meter).await.unwrap_err();
    assert!((&unsaid).reason() == Reason::Unavailable, "{unsaid}");
    assert_eq!(script.lines(), ["POST /db?delete="; 2]);
}

#[tokio::test]
async fn copies_name_the_source_bucket_and_see_late_errors() {
    let done = || Reply::body(200, "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>");
    let script = Script::new([
        Reply::error(200, "InternalError"),
        done(),
        Reply::error(412, "PreconditionFailed"),
        Reply::error(500, "InternalError"),
        Reply::error(412, "PreconditionFailed"),
    ]);
    let server = S3Server::with_environment(&script.options(), &Environment::new()).unwrap();
    let source: Arc<dyn Backend> = server.backend("other").unwrap();
    let target = server.backend("db").unwrap();
    assert_eq!(source.server_id(), target.server_id());
    let meter = Meter::default();
    target
        .copy(&source, "t/%2F é", "t/2", Condition::None, &meter)
        .await
        .unwrap();
    let arrived = script.arrived();
    assert_eq!(arrived[1].line, "PUT /db/t/2");
    assert_eq!(
        arrived[1].header("x-amz-copy-source"),
        Some("/other/t/%252F%20%C3%A9")
    );
    let copy = |condition| target.copy(&source, "t/1", "t/2", condition, &meter);
    let refused = copy(Condition::Absent).await;
    assert!(fails(&refused, Reason::AlreadyExists));
    let open = copy(Condition::Absent).await.unwrap_err();
    assert_eq!(open.reason(), Reason::Indeterminate);
    assert_eq!(script.arrived()[2].header("if-none-match"), Some("*"));
    assert_eq!(meter.usage().get(RequestClass::Copy), 5);
}

#[tokio::test]
async fn buckets_are_made_found_and_listed() {
    let listing = |name: &str, token: &str| {
        Reply::body(
            200,
            format!(
                "<ListAllMyBucketsResult><Buckets><Bucket><Name>{name}</Name></Bucket></Buckets>\
                 {token}</ListAllMyBucketsResult>"
            ),
        )
    };
    let script = Script::new([
        Reply::body(200, ""),
        Reply::error(409, "BucketAlreadyOwnedByYou"),
        Reply::error(409, "BucketAlreadyExists"),
        Reply::body(403, ""),
        Reply::body(200, ""),
        Reply::body(404, ""),
        listing("a", "<ContinuationToken>n</ContinuationToken>"),
        listing("b", ""),
    ]);
    let server = S3Server::with_environment(&script.options(), &Environment::new()).unwrap();
    let backend = server.backend("db").unwrap();
    let meter = Meter::default();
    backend.create(&meter).await.unwrap();
    backend.create(&meter).await.unwrap();
    assert!(backend.create(&meter).await.is_err());
    assert!(backend.exists(&meter).await.unwrap());
    assert!(!backend.exists(&meter).await.unwrap());
    assert_eq!(server.list_buckets(&meter).await.unwrap(), ["a", "b"]);
    let arrived = script.arrived();
    let body = arrived[0].body.clone().unwrap();
    assert!(std::str::from_utf8(&body).unwrap().contains(">eu-test-1<"));
    assert_eq!(arrived[0].line, "PUT /db");
    assert_eq!(arrived[7].line, "GET /?continuation-token=n");
}

#[tokio::test]
async fn every_request_is_signed_and_none_shows_the_secret() {
    let script = Script::new([Reply::put("\"e\""), page(&[], None)]);
    let backend = script.backend();
    let request = write(Condition::Absent);
    backend
        .put("t/1", "{}".into(), request, &Meter::default())
        .await
        .unwrap();
    backend
        .list(ListRequest::default(), &Meter::default())
        .await
        .unwrap();
    for arrived in script.arrived() {
        let signed = arrived
            .headers
            .get("authorization")
            .map(HeaderValue::to_str);
        assert!(signed.unwrap().unwrap().contains("Credential=KEYID/"));
    }
    let printed = format!("{backend:#?} {:#?} {:#?}", backend.server, script.options());
    assert!(!printed.contains("topsecret"), "{printed}");
}

#[tokio::test]
async fn hostile_input_is_an_error_and_never_a_request() {
    let script = Script::default();
    let backend = script.backend();
    let meter = Meter::default();
    for path in ["", "/", "a//b", "a/../b", "./a", "a/", "/a", "a\u{0}b"] {
        assert!(backend.get(path, &meter).await.is_err(), "{path:?}");
        let put = backend.put(path, "x".into(), write(Condition::Absent), &meter);
        assert!(put.await.is_err(), "{path:?}");
    }
    for (name, value) in [
        ("a", "line\nbreak"),
        ("a", "é"),
        ("sp ace", "x"),
        ("", "x\u{0}"),
    ] {
        let mut request = PutRequest::default();
        let name = Attribute::Metadata(name.to_owned().into());
        request.attributes.insert(name, value.to_owned().into());
        let put = backend.put("t/1", "x".into(), request, &meter).await;
        assert!(fails(&put, Reason::Unsupported), "{value:?}");
    }
    assert!(script.lines().is_empty());
}

#[tokio::test]
async fn credentials_that_can_not_be_fetched_are_named_and_not_counted() {
    let script = Script::new(vec![Reply::Broken(HttpErrorKind::Connect); 3]);
    let options = S3Options::default()
        .endpoint("http://store.test")
        .instance_credentials(true)
        .http_connector(script.clone());
    let backend = backend(&options);
    let meter = Meter::default();
    let error = backend.get("t/1", &meter).await.unwrap_err();
    assert_eq!(error.reason(), Reason::Denied, "{error:?}");
    assert!(error.to_string().contains("metadata"), "{error}");
    assert_eq!(meter.usage().total(), 0);
    assert!(
        script
            .lines()
            .iter()
            .all(|line| line.starts_with("PUT /latest/api/token"))
    );
    let listed = backend.list(ListRequest::default(), &meter).await;
    assert!(fails(&listed, Reason::Denied));
}

fn fails<T>(answer: &Result<T>, reason: Reason) -> bool {
    answer.as_ref().is_err_and(|error| error.reason() == reason)
}
