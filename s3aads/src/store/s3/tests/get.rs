//! GetObject and HeadObject.

use super::*;

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
