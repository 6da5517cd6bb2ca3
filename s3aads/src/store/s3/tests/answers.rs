//! What is no answer of an S3 server.

use super::*;

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
