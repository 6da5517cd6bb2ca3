//! Conditions are believed only where they are known, and found out elsewhere.

use std::sync::Arc;

use s3aads::{Conditions, Database, ErrorKind, RequestClass, S3Options};
use s3aads_tests::connector::{Outcome, Scripted};
use s3aads_tests::server::{Options, Server};

use super::{BUCKET, Item, assert_kind, body, database, item, path};

fn started(options: Options) -> Server {
    let server = Server::start_with(options);
    server.create_bucket(BUCKET);
    server
}

/// A handle that knows nothing of the server.
fn unknown(server: &Server) -> Database {
    unknown_with(server, |options| options)
}

fn unknown_with(server: &Server, change: impl FnOnce(S3Options) -> S3Options) -> Database {
    let options = s3aads::Server::s3()
        .endpoint(server.endpoint())
        .region(server.region())
        .credentials(server.access_key(), server.secret_key());
    let client = change(options).build().unwrap();
    client.database(BUCKET).unwrap()
}

/// What is left besides rows.
fn remembered(server: &Server) -> Vec<String> {
    let keys = server.keys(BUCKET).into_iter();
    keys.filter(|key| key.starts_with("_s3aads/")).collect()
}

#[tokio::test]
async fn nothing_is_overwritten_on_a_store_that_ignores_conditions() {
    let server = started(Options {
        ignore_conditions: true,
        ..Options::default()
    });
    server.put_raw(BUCKET, &path(1), body("theirs"));
    for (handle, most) in [(0, 20), (1, 1)] {
        let db = unknown(&server);
        let items = db.table::<Item>();
        let read = items.select_versioned(("a", 1)).await.unwrap().unwrap();
        let before = db.usage();
        assert_kind(items.insert(&item(1, "ours")).await, ErrorKind::Unsupported);
        let sent = db.usage().since(&before).total();
        assert!(
            (1..=most).contains(&sent),
            "handle {handle}: {sent} requests"
        );
        let before = db.usage();
        assert_kind(items.update(&read).await, ErrorKind::Unsupported);
        assert_kind(
            items.modify(("a", 1), |row| row.text.clear()).await,
            ErrorKind::Unsupported,
        );
        assert_kind(
            items.rename(("a", 1), ("a", 2)).await,
            ErrorKind::Unsupported,
        );
        assert_kind(items.delete_versioned(&read).await, ErrorKind::Unsupported);
        let sent = db.usage().since(&before);
        assert_eq!(sent.total(), 1, "only `modify` reads: {sent}");
        assert_eq!(
            server.object(BUCKET, &path(1)).unwrap().body,
            body("theirs")
        );
        items.upsert(&item(2, "ours")).await.unwrap();
    }
    assert_eq!(remembered(&server).len(), 1, "{:?}", remembered(&server));
    assert_eq!(unknown(&server).tables().await.unwrap(), ["items"]);
}

#[tokio::test]
async fn what_was_found_out_is_remembered() {
    let server = started(Options::default());
    let first = unknown(&server);
    let items = first.table::<Item>();
    let inserts = (0..8).map(|id| {
        let items = items.clone();
        async move { items.insert(&item(id, "new")).await }
    });
    futures_util::future::try_join_all(inserts).await.unwrap();
    let sent = first.usage();
    assert_eq!(
        sent.get(RequestClass::Get),
        1,
        "one of them found out: {sent}"
    );
    assert!(sent.total() <= 8 + 20, "{sent}");
    let second = unknown(&server);
    second
        .table::<Item>()
        .insert(&item(9, "new"))
        .await
        .unwrap();
    assert_eq!(second.usage().to_string(), "1 PUT, 1 GET");
    let third = unknown(&server).with_conditions(Conditions::Assumed);
    third
        .table::<Item>()
        .insert(&item(10, "new"))
        .await
        .unwrap();
    assert_eq!(third.usage().to_string(), "1 PUT");
    let fourth = unknown(&server).with_conditions(Conditions::Refused);
    let refused = fourth.table::<Item>().insert(&item(11, "new")).await;
    assert_kind(refused, ErrorKind::Unsupported);
    assert_eq!(fourth.usage().total(), 0);
    assert_eq!(remembered(&server).len(), 1, "{:?}", remembered(&server));
}

/// As MinIO did before August 2025.
#[tokio::test]
async fn a_deleted_row_does_not_come_back_on_a_store_that_updates_what_is_not_there() {
    let server = started(Options {
        ignore_conditions_on_absent: true,
        ..Options::default()
    });
    let db = unknown(&server);
    let items = db.table::<Item>();
    items.insert(&item(1, "old")).await.unwrap();
    let read = items.select_versioned(("a", 1)).await.unwrap().unwrap();
    items.delete(("a", 1)).await.unwrap();
    assert_kind(items.update(&read).await, ErrorKind::Unsupported);
    assert_eq!(items.select(("a", 1)).await.unwrap(), None);
    assert_eq!(remembered(&server).len(), 1, "{:?}", remembered(&server));
}

#[tokio::test]
async fn a_store_that_ignores_the_condition_of_a_delete_has_no_rename() {
    let server = started(Options {
        ignore_delete_conditions: true,
        ..Options::default()
    });
    let db = unknown(&server);
    let items = db.table::<Item>();
    items.insert(&item(1, "old")).await.unwrap();
    let read = items.select_versioned(("a", 1)).await.unwrap().unwrap();
    assert_kind(
        items.rename(("a", 1), ("a", 2)).await,
        ErrorKind::Unsupported,
    );
    assert_kind(items.delete_versioned(&read).await, ErrorKind::Unsupported);
    items.update(&read).await.unwrap();
    items.copy(("a", 1)).to_new(&items, ("a", 2)).await.unwrap();
    let deleted = items.query().delete().await.unwrap();
    assert_eq!((deleted.rows, deleted.spared.len()), (2, 0));
}

#[tokio::test]
async fn a_copy_to_a_free_key_overwrites_nothing() {
    for options in [
        Options::default(),
        Options {
            ignore_copy_conditions: true,
            ..Options::default()
        },
    ] {
        let server = started(options);
        let items = unknown(&server).table::<Item>();
        for id in [1, 2] {
            items.insert(&item(id, &id.to_string())).await.unwrap();
        }
        let taken = items.copy(("a", 1)).to_new(&items, ("a", 2)).await;
        assert_kind(taken, ErrorKind::AlreadyExists);
        items.copy(("a", 1)).to_new(&items, ("a", 3)).await.unwrap();
        assert_eq!(server.object(BUCKET, &path(2)).unwrap().body, body("2"));
        assert_eq!(server.object(BUCKET, &path(3)).unwrap().body, body("1"));
    }
}

#[tokio::test]
async fn a_row_that_changed_since_it_was_listed_is_spared_and_told() {
    let server = Arc::new(started(Options::default()));
    for id in 0..10 {
        server.put_raw(BUCKET, &path(id), body("old"));
    }
    let others = Arc::clone(&server);
    let meddler = Scripted::new(move |request| {
        if request.method() == http::Method::POST {
            others.put_raw(BUCKET, &path(3), body("changed"));
        }
        Outcome::Forwarded(request)
    });
    let db = database(&server, |options| options.http_connector(meddler));
    let deleted = db.table::<Item>().query().delete().await.unwrap();
    assert_eq!(deleted.rows, 9);
    let spared: Vec<u32> = deleted.spared.iter().map(|key| key.id).collect();
    assert_eq!(spared, [3]);
    assert_eq!(server.keys(BUCKET), [path(3)]);
    assert_eq!(
        server.object(BUCKET, &path(3)).unwrap().body,
        body("changed")
    );
}
