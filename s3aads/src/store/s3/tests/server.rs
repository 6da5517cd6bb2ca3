//! Buckets, signatures, credentials and budgets.

use super::*;

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
    assert!(fails(&put, Reason::Indeterminate), "{put:?}");
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
