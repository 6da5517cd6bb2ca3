//! CopyObject.

use super::*;

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
