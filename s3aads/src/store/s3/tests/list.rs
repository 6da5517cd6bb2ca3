//! ListObjectsV2.

use super::*;

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
