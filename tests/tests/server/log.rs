use futures_util::TryStreamExt;
use futures_util::stream::{self, StreamExt};
use http::Method;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode};
use s3aads_tests::server::{ListQuery, Logged, Operation};

use crate::{BUCKET, send, server};

fn logged(operation: Operation, key: Option<&str>, status: u16) -> Logged {
    Logged {
        operation,
        bucket: Some(BUCKET.to_owned()),
        key: key.map(str::to_owned),
        list: ListQuery::default(),
        if_match: None,
        if_none_match: None,
        status: Some(status),
    }
}

#[tokio::test]
async fn every_request_is_recorded_as_it_was() {
    let (server, client) = server();
    let (a, b) = (Path::from("t/a b/ä%"), Path::from("t/b"));
    client.put(&a, "1".into()).await.unwrap();
    let create = PutMode::Create.into();
    client.put_opts(&a, "2".into(), create).await.unwrap_err();
    client.get(&a).await.unwrap();
    client.head(&b).await.unwrap_err();
    client.copy(&a, &b).await.unwrap();
    let page = PaginatedListOptions {
        offset: Some("t/a".to_owned()),
        delimiter: Some("/".into()),
        max_keys: Some(1),
        ..Default::default()
    };
    let page = client.list_paginated(Some("t/"), page).await.unwrap();
    let rest = PaginatedListOptions {
        page_token: page.page_token.clone(),
        ..Default::default()
    };
    client.list_paginated(None, rest).await.unwrap();
    let both = stream::iter([Ok(a.clone()), Ok(b)]).boxed();
    let deleted: Vec<_> = client.delete_stream(both).try_collect().await.unwrap();
    assert_eq!(deleted.len(), 2);
    send(&server, Method::DELETE, "/tables/x", &[], "").await;
    send(&server, Method::GET, "/", &[], "").await;
    send(&server, Method::PUT, "/other", &[], "").await;
    send(&server, Method::HEAD, "/other", &[], "").await;
    send(&server, Method::POST, "/tables/x?uploads", &[], "").await;

    // As the client sends it: its paths percent-encode what keys keep.
    let a = a.as_ref();
    let expected = [
        logged(Operation::Put, Some(a), 200),
        Logged {
            if_none_match: Some("*".to_owned()),
            ..logged(Operation::Put, Some(a), 412)
        },
        logged(Operation::Get, Some(a), 200),
        logged(Operation::Head, Some("t/b"), 404),
        logged(Operation::Copy, Some("t/b"), 200),
        Logged {
            list: ListQuery {
                prefix: Some("t/".to_owned()),
                start_after: Some("t/a".to_owned()),
                delimiter: Some("/".to_owned()),
                max_keys: Some(1),
                token: None,
            },
            ..logged(Operation::List, None, 200)
        },
        Logged {
            list: ListQuery {
                token: page.page_token,
                ..ListQuery::default()
            },
            ..logged(Operation::List, None, 200)
        },
        logged(Operation::Post, None, 200),
        logged(Operation::Delete, Some("x"), 204),
        Logged {
            bucket: None,
            ..logged(Operation::List, None, 200)
        },
        Logged {
            bucket: Some("other".to_owned()),
            ..logged(Operation::Put, None, 200)
        },
        Logged {
            bucket: Some("other".to_owned()),
            ..logged(Operation::Head, None, 200)
        },
        logged(Operation::Other, Some("x"), 501),
    ];
    let log = server.log();
    for (logged, expected) in log.iter().zip(&expected) {
        assert_eq!(logged, expected);
    }
    assert_eq!(log.len(), expected.len());
    assert_eq!(server.count(Operation::List), 3);
    assert_eq!(server.requests(), 13);
    assert_eq!(
        log[5].to_string(),
        r#"LIST tables prefix="t/" start-after="t/a" delimiter="/" max-keys=1 200"#
    );

    assert_eq!(server.take_log(), log);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn the_side_door_is_not_recorded() {
    let (server, _client) = server();
    server.put_raw(BUCKET, "a", "1");
    server.seed(BUCKET, [("b", "2")]);
    assert_eq!(server.keys(BUCKET), ["a", "b"]);
    assert_eq!(server.requests(), 0);
}
