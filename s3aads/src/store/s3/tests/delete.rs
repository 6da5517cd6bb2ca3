//! DeleteObject and DeleteObjects.

use super::*;

/// Deletes in bulk, and by itself what is left to that.
async fn delete_all(store: &S3Backend, deletions: &[Deletion], meter: &Meter) -> Vec<Result<()>> {
    let outcomes = store.delete_many(deletions, meter).await;
    let mut all = Vec::new();
    for (Deletion { key, version }, outcome) in deletions.iter().zip(outcomes) {
        all.push(match outcome {
            Some(outcome) => outcome,
            None => store.delete(key, version.as_ref(), meter).await,
        });
    }
    all
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
    let outcomes = delete_all(&script.backend(), &paths, &meter).await;
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
    let outcomes = delete_all(&script.backend(), &paths, &Meter::default()).await;
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
    let outcomes = delete_all(&script.backend(), &paths, &meter).await;
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
    let outcomes = delete_all(&script.backend(), &["t/a".into()], &meter).await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    assert_eq!(meter.usage().to_string(), "2 POST, 1 DELETE");
}

#[tokio::test]
async fn a_store_without_bulk_delete_deletes_one_by_one() {
    let script = Script::new([
        Reply::error(501, "NotImplemented"),
        Reply::body(204, ""),
        Reply::error(404, "NoSuchKey"),
        Reply::body(204, ""),
    ]);
    let backend = script.backend();
    assert!(backend.features().bulk_delete);
    let meter = Meter::default();
    let paths = ["t/a", "t/b"].map(Deletion::from);
    let outcomes = delete_all(&backend, &paths, &meter).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert!(!backend.features().bulk_delete);
    assert!(delete_all(&backend, &paths[..1], &meter).await[0].is_ok());
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
    let outcomes = delete_all(&backend, &deletions, &meter).await;
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
    let outcomes = delete_all(&backend, &deletions[..2], &meter).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(delete_all(&backend, &deletions[..1], &meter).await[0].is_ok());
    assert!(backend.features().bulk_delete, "others still go in bulk");
    assert_eq!(meter.usage().to_string(), "2 POST, 3 DELETE");
    assert_eq!(script.arrived()[4].header("if-match"), Some("t/a"));
}

#[tokio::test]
async fn a_bulk_delete_that_was_given_up_names_only_what_is_left() {
    let lost = || Reply::Broken(HttpErrorKind::Timeout);
    let script = Script::new([lost(), lost(), lost(), lost(), page(&["t/a", "t/b"], None)]);
    let paths = ["t/a", "t/c"].map(Deletion::from);
    let meter = Meter::default();
    let outcomes = delete_all(&script.backend(), &paths, &meter).await;
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
    let outcomes = delete_all(&backend(&options), &paths[..1], &Meter::default()).await;
    assert!(outcomes[0].is_ok(), "{outcomes:?}");

    // What the server gave up midway, and did not say was turned away, may be done.
    let halfway = "<DeleteResult><Error><Key>t/a</Key><Code>ServiceUnavailable</Code></Error>\
                   </DeleteResult>";
    let replies = vec![Reply::body(200, halfway); 4];
    let script = Script::new(replies);
    let outcomes = delete_all(&script.backend(), &paths[..1], &Meter::default()).await;
    assert!(fails(&outcomes[0], Reason::Indeterminate), "{outcomes:?}");
}
