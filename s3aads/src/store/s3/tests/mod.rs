use ::http::header::HeaderValue;
use object_store::Attribute;
use object_store::client::HttpErrorKind;

pub(crate) mod script;

use super::*;
use crate::store::{PageToken, Reason, RequestClass};
use script::{OPERATION, Reply, Script, backend};

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
    /// Done, and no longer what is there.
    Replaced,
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
        Ok(version) if *version == Version::replaced() => End::Replaced,
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
        // Another's write, built on the one that we built on.
        (
            unchanged(),
            vec![
                broken_down(),
                refused(),
                Reply::object("\"e\"", "beaten", NOW, ""),
            ],
            End::Changed,
        ),
        // Others have built on ours since.
        (
            unchanged(),
            vec![
                broken_down(),
                refused(),
                Reply::object("\"e\"", "replaced", NOW, ""),
            ],
            End::Replaced,
        ),
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
        if let (Ok(answer), End::Done) = (put, expected) {
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
        Reply::put("\"e\""),
    ]);
    let answer = put(&script, Condition::None).await.unwrap();
    assert_eq!(answer.e_tag(), Some("\"e\""));
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
    assert!(unsaid.reason() == Reason::Unavailable, "{unsaid}");
    assert_eq!(script.lines(), ["POST /db?delete="; 2]);
}

const COPIED: &str = "<CopyObjectResult><ETag>&quot;c&quot;</ETag></CopyObjectResult>";

#[tokio::test]
async fn copies_name_the_source_bucket_and_see_late_errors() {
    let script = Script::new([
        Reply::error(200, "InternalError"),
        Reply::body(200, COPIED),
        // A copy that had begun is not void, whatever the code.
        Reply::error(200, "SlowDown"),
        Reply::error(403, "AccessDenied"),
    ]);
    let (source, target) = buckets(&script);
    assert_eq!(source.server_id(), target.server_id());
    let meter = Meter::default();
    let copied = target.copy(&source, "t/%2F é", "t/2", Condition::None, &meter);
    assert_eq!(copied.await.unwrap().target.e_tag(), Some("\"c\""));
    let arrived = script.arrived();
    assert_eq!(arrived[1].line, "PUT /db/t/2");
    assert_eq!(
        arrived[1].header("x-amz-copy-source"),
        Some("/other/t/%252F%20%C3%A9")
    );
    let doubtful = target.copy(&source, "t/1", "t/2", Condition::None, &meter);
    assert!(fails(&doubtful.await, Reason::Indeterminate));
    assert_eq!(meter.usage().to_string(), "4 COPY");
}

#[tokio::test]
async fn a_copy_on_a_condition_bears_an_id_and_is_of_what_was_seen() {
    let seen = || {
        let mut seen = Reply::object("\"s\"", "theirs", OLD, "");
        if let Reply::Answer(_, headers, _) = &mut seen {
            headers.push(("content-type", "text/plain".into()));
            headers.push(("x-amz-meta-a", "1".into()));
            headers.push(("x-amz-storage-class", "STANDARD_IA".into()));
        }
        seen
    };
    let refused = || Reply::error(412, "PreconditionFailed");
    let broken_down = || Reply::error(500, "InternalError");
    let mine = || Reply::object("\"c\"", "mine", NOW, "");
    let theirs = || Reply::object("\"x\"", "theirs", NOW, "");
    for (condition, replies, expected) in [
        (Condition::Absent, vec![Reply::body(200, COPIED)], None),
        (
            Condition::Absent,
            vec![refused(), theirs()],
            Some(Reason::AlreadyExists),
        ),
        // Not the target was in the way: the source is another by now.
        (
            Condition::Absent,
            vec![refused(), Reply::body(404, "")],
            Some(Reason::Changed),
        ),
        (unchanged(), vec![refused()], Some(Reason::Changed)),
        (
            Condition::Absent,
            vec![broken_down(), refused(), mine()],
            None,
        ),
        (unchanged(), vec![broken_down(), refused(), mine()], None),
        (
            unchanged(),
            vec![broken_down(), refused(), theirs()],
            Some(Reason::Indeterminate),
        ),
    ] {
        let told = format!("{condition:?} {replies:?}");
        let script = Script::new([seen()].into_iter().chain(replies));
        let (source, target) = buckets(&script);
        let creates = condition == Condition::Absent;
        let meter = Meter::default();
        let copied = target.copy(&source, "t/1", "t/2", condition, &meter).await;
        assert_eq!(script.left(), 0, "{told}");
        if let Ok(copied) = &copied {
            assert_eq!(copied.source.e_tag(), Some("\"s\""));
            assert_eq!(copied.target.e_tag(), Some("\"c\""));
        }
        assert_eq!(copied.err().map(|error| error.reason()), expected, "{told}");
        let arrived = script.arrived();
        assert_eq!(arrived[0].line, "HEAD /other/t/1");
        for (name, value) in [
            ("x-amz-copy-source-if-match", Some("\"s\"")),
            ("if-none-match", creates.then_some("*")),
            ("if-match", (!creates).then_some("\"old\"")),
            ("x-amz-metadata-directive", Some("REPLACE")),
            ("content-type", Some("text/plain")),
            ("x-amz-meta-a", Some("1")),
            ("x-amz-storage-class", Some("STANDARD_IA")),
        ] {
            assert_eq!(arrived[1].header(name), value, "{name}");
        }
        assert!(
            arrived[1]
                .header(OPERATION)
                .is_some_and(|id| id != "theirs")
        );
    }
}

fn buckets(script: &Script) -> (Arc<dyn Backend>, Arc<S3Backend>) {
    let server = S3Server::with_environment(&script.options(), &Environment::new()).unwrap();
    (
        server.backend("other").unwrap(),
        server.backend("db").unwrap(),
    )
}

#[tokio::test]
async fn a_conditional_delete_ends_as_the_answers_prove() {
    let refused = || Reply::error(412, "PreconditionFailed");
    let broken_down = || Reply::error(500, "InternalError");
    let gone = || Reply::error(404, "NoSuchKey");
    let same = || Reply::object("\"old\"", "theirs", OLD, "");
    let older = || Reply::object("\"x\"", "theirs", OLD, "");
    for (replies, expected) in [
        (vec![Reply::body(204, "")], None),
        (vec![refused()], Some(Reason::Changed)),
        (vec![gone()], Some(Reason::Changed)),
        (
            vec![Reply::error(404, "NoSuchBucket")],
            Some(Reason::NoDatabase),
        ),
        (
            vec![Reply::error(501, "NotImplemented")],
            Some(Reason::Unsupported),
        ),
        (vec![broken_down(), Reply::body(204, "")], None),
        // Gone, by us or by another.
        (
            vec![broken_down(), gone(), Reply::body(404, "")],
            Some(Reason::Indeterminate),
        ),
        (
            vec![broken_down(), refused(), older()],
            Some(Reason::Changed),
        ),
        (
            [vec![broken_down(); 4], vec![same()]].concat(),
            Some(Reason::Unavailable),
        ),
    ] {
        let told = format!("{replies:?}");
        let script = Script::new(replies);
        let version = Version::new(Some("\"old\"".into()), None);
        let meter = Meter::default();
        let deleted = script.backend().delete("t/1", Some(&version), &meter).await;
        assert_eq!(script.left(), 0, "{told}");
        assert_eq!(script.arrived()[0].header("if-match"), Some("\"old\""));
        assert_eq!(
            deleted.err().map(|error| error.reason()),
            expected,
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_bulk_delete_spares_what_changed() {
    let script = Script::new([Reply::body(
        200,
        "<DeleteResult><Deleted><Key>t/a</Key></Deleted><Deleted><Key>t/d</Key></Deleted>\
         <Error><Key>t/b</Key><Code>PreconditionFailed</Code></Error>\
         <Error><Key>t/c</Key><Code>NoSuchKey</Code></Error></DeleteResult>",
    )]);
    let doomed = |key: &str| Deletion {
        key: key.to_owned(),
        version: Some(Version::new(Some(format!("\"{key}\"")), None)),
    };
    let deletions = [doomed("t/a"), doomed("t/b"), doomed("t/c"), "t/d".into()];
    let meter = Meter::default();
    let backend = script.backend();
    let outcomes = backend.delete_many(&deletions, &meter).await;
    assert!(outcomes[0].is_ok() && outcomes[3].is_ok());
    assert!(fails(&outcomes[1], Reason::Changed) && fails(&outcomes[2], Reason::Changed));
    let body = script.arrived()[0].body.clone().unwrap();
    let body = std::str::from_utf8(&body).unwrap().to_owned();
    assert!(
        body.contains("<Key>t/a</Key><ETag>&quot;t/a&quot;</ETag></Object>"),
        "{body}"
    );
    assert!(body.contains("<Key>t/d</Key></Object>"), "{body}");

    assert!(backend.set_e_tag_form(crate::store::ETagForm::Bare));
    // A store that knows no ETags there gets single deletes, from then on at once.
    script.then([
        Reply::error(400, "MalformedXML"),
        Reply::body(204, ""),
        Reply::error(412, "PreconditionFailed"),
        Reply::body(204, ""),
    ]);
    let outcomes = backend.delete_many(&deletions[..2], &meter).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(backend.delete_many(&deletions[..1], &meter).await[0].is_ok());
    assert!(backend.traits().bulk_delete, "others still go in bulk");
    assert_eq!(meter.usage().to_string(), "2 POST, 3 DELETE");
    assert_eq!(script.arrived()[4].header("if-match"), Some("t/a"));
}

#[tokio::test]
async fn a_bulk_delete_that_was_given_up_names_only_what_is_left() {
    let lost = || Reply::Broken(HttpErrorKind::Timeout);
    let script = Script::new([lost(), lost(), lost(), lost(), page(&["t/a", "t/b"], None)]);
    let paths = ["t/a", "t/c"].map(Deletion::from);
    let meter = Meter::default();
    let outcomes = script.backend().delete_many(&paths, &meter).await;
    assert!(fails(&outcomes[0], Reason::Indeterminate), "{outcomes:?}");
    assert!(outcomes[1].is_ok(), "{outcomes:?}");
    assert_eq!(meter.usage().to_string(), "4 POST, 1 LIST");

    // Once more, though the first attempt took all the time there was.
    let script = Script::new([
        lost(),
        Reply::body(
            200,
            "<DeleteResult><Deleted><Key>t/a</Key></Deleted></DeleteResult>",
        ),
    ]);
    let options = script.options().retry(object_store::RetryConfig {
        retry_timeout: std::time::Duration::ZERO,
        ..object_store::RetryConfig::default()
    });
    let outcomes = backend(&options)
        .delete_many(&paths[..1], &Meter::default())
        .await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");

    // What the server gave up midway, and did not say was turned away, may be done.
    let halfway = "<DeleteResult><Error><Key>t/a</Key><Code>ServiceUnavailable</Code></Error>\
                   </DeleteResult>";
    let replies = vec![Reply::body(200, halfway); 4];
    let script = Script::new(replies);
    let outcomes = script
        .backend()
        .delete_many(&paths[..1], &Meter::default())
        .await;
    assert!(fails(&outcomes[0], Reason::Indeterminate), "{outcomes:?}");
}

#[tokio::test]
async fn what_is_no_answer_is_no_success() {
    let html = "<!DOCTYPE html><html><body>It works</body></html>";
    let page = |e_tag: bool| {
        let mut headers = vec![
            ("content-type", "text/html".to_owned()),
            ("content-length", html.len().to_string()),
        ];
        if e_tag {
            headers.push(("etag", "\"e\"".into()));
        }
        Reply::Answer(200, headers, html.into())
    };
    let partial = || {
        let mut partial = Reply::object("\"e\"", "theirs", NOW, "part");
        if let Reply::Answer(status, headers, _) = &mut partial {
            *status = 206;
            headers.push(("content-range", "bytes 0-3/9".into()));
        }
        partial
    };
    let meter = Meter::default();
    for reply in [
        page(false),
        page(true),
        Reply::body(200, ""),
        Reply::body(206, ""),
    ] {
        let script = Script::new(vec![reply.clone(); 5]);
        let backend = script.backend();
        let put = backend.put("t/1", "x".into(), write(Condition::None), &meter);
        assert!(fails(&put.await, Reason::Indeterminate), "{reply:?}");
        let script = Script::new([vec![reply; 4], vec![Reply::body(404, "")]].concat());
        let backend = script.backend();
        let put = backend.put("t/1", "x".into(), write(Condition::Absent), &meter);
        assert!(fails(&put.await, Reason::Unavailable));
    }
    let script = Script::new(vec![page(true); 4]);
    let deleted = script.backend().delete("t/1", None, &meter).await;
    assert!(fails(&deleted, Reason::Indeterminate), "{deleted:?}");
    let script = Script::new(vec![page(true); 4]);
    assert!(script.backend().create(&meter).await.is_err());
    let script = Script::new(vec![partial(); 4]);
    let read = script.backend().get("t/1", &meter).await;
    assert!(fails(&read, Reason::Unavailable), "{read:?}");
}

#[tokio::test]
async fn bodies_without_end_are_not_read_to_it() {
    let endless = "<ListBucketResult>".to_owned() + &"x".repeat(17 << 20);
    let script = Script::new(vec![Reply::body(200, endless); 4]);
    let backend = script.backend();
    let listed = backend
        .list(ListRequest::default(), &Meter::default())
        .await;
    let error = listed.unwrap_err();
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    assert!(cause.is_some_and(|cause| cause.contains("more than 16777216 bytes")));

    let meter = Meter::default();
    meter.set_most_body(9);
    for (body, announced) in [("ten bytes!", "10"), ("ten bytes!", "3")] {
        let mut object = Reply::object("\"e\"", "theirs", NOW, body);
        if let Reply::Answer(_, headers, _) = &mut object {
            headers.retain(|(name, _)| *name != "content-length");
            headers.push(("content-length", announced.into()));
        }
        let script = Script::new([object]);
        let read = script.backend().get("t/1", &meter).await.unwrap_err();
        assert_eq!(read.reason(), Reason::TooLarge, "{read:?}");
        assert!(read.to_string().contains("may have 9"), "{read}");
    }
}

#[tokio::test]
async fn a_redirect_is_an_error_that_says_where_it_points() {
    let moved = |status, code: &str, location: Option<&str>, region: Option<&str>| {
        let mut headers = vec![];
        headers.extend(location.map(|to| ("location", to.to_owned())));
        headers.extend(region.map(|region| ("x-amz-bucket-region", region.to_owned())));
        Reply::Answer(
            status,
            headers,
            format!("<Error><Code>{code}</Code></Error>"),
        )
    };
    for (reply, said) in [
        (
            moved(
                307,
                "TemporaryRedirect",
                Some("https://b.s3-eu-west-2.x/k?X-Sig=1"),
                None,
            ),
            ["pointing to https://b.s3-eu-west-2.x/k;", "AWS_REGION"],
        ),
        (
            moved(301, "PermanentRedirect", None, Some("eu-west-2")),
            ["region eu-west-2;", "AWS_REGION"],
        ),
        (
            Reply::Answer(
                303,
                vec![("location", "http://other.test/".into())],
                "<html>".into(),
            ),
            ["pointing to http://other.test/;", "AWS_ENDPOINT_URL"],
        ),
        (
            Reply::body(
                301,
                "<Error><Code>PermanentRedirect</Code><Endpoint>b.other.test</Endpoint></Error>",
            ),
            ["pointing to b.other.test;", "AWS_REGION"],
        ),
    ] {
        let script = Script::new(vec![reply; 4]);
        let (backend, meter) = (script.backend(), Meter::default());
        let put = backend.put("t/1", "x".into(), write(Condition::None), &meter);
        let errors = [
            put.await.map(drop).unwrap_err(),
            backend.get("t/1", &meter).await.map(drop).unwrap_err(),
            backend.delete("t/1", None, &meter).await.unwrap_err(),
            backend
                .list(ListRequest::default(), &meter)
                .await
                .map(drop)
                .unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.reason(), Reason::InvalidConfig, "{error:?}");
            for part in said {
                assert!(error.to_string().contains(part), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn a_space_in_a_tag_is_no_plus() {
    let script = Script::new([Reply::put("\"e\"")]);
    let mut request = write(Condition::None);
    request.tags.push("a b", "c+d e");
    let backend = script.backend();
    backend
        .put("t/1", "x".into(), request, &Meter::default())
        .await
        .unwrap();
    let arrived = script.arrived();
    assert_eq!(arrived[0].header("x-amz-tagging"), Some("a%20b=c%2Bd%20e"));
    let signed = arrived[0].header("authorization").unwrap();
    assert!(signed.contains("x-amz-tagging"), "{signed}");
    assert_eq!(arrived[0].body.as_deref(), Some(&b"x"[..]));
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
