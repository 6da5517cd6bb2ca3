//! PutObject: what becomes of it, by the answers to its attempts.

use super::*;

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
