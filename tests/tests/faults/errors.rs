//! Each kind of error says in one line what happened and why.

use s3aads::{Database, Error, OnForeign};
use s3aads_tests::errors::assert_told_well;

use crate::*;

/// The items' table with its key columns the other way round.
#[derive(Debug, S3Table)]
#[s3(table = "items")]
struct Swapped {
    #[s3(key)]
    id: u32,
    #[s3(key)]
    shelf: String,
}

/// An error of each kind, with what its line must say.
async fn errors() -> Vec<(ErrorKind, &'static str, Error)> {
    let wire = wire();
    let items = &wire.items;
    items.insert(&item(1, "one")).await.unwrap();
    let stale = items.select_versioned(("a", 1)).await.unwrap().unwrap();
    items.upsert(&item(1, "two")).await.unwrap();
    wire.server.put_raw(BUCKET, &path(2), "{}");
    wire.server.put_raw(BUCKET, "items/README", "");
    let opened = wire.db.open_table::<Item>().await.unwrap();
    opened.delete(("a", 3)).await.unwrap();
    let cursor = items.query().page(1).await.unwrap().cursor.unwrap();

    let mut found = vec![
        (
            ErrorKind::AlreadyExists,
            "there already",
            items.insert(&item(1, "")).await.unwrap_err(),
        ),
        (
            ErrorKind::Conflict,
            "since it was read",
            items.update(&stale).await.unwrap_err(),
        ),
        (
            ErrorKind::InvalidKey,
            "digits",
            items.insert(&item(10_000_000, "")).await.unwrap_err(),
        ),
        (
            ErrorKind::InvalidRow,
            "missing field `text`",
            items.select(("a", 2)).await.unwrap_err(),
        ),
        (
            ErrorKind::SchemaMismatch,
            "u32 width 6",
            wire.db.open_table::<Swapped>().await.unwrap_err(),
        ),
        (
            ErrorKind::InvalidCursor,
            "another query",
            items
                .filter_by_id(1)
                .after(cursor)
                .keys()
                .await
                .unwrap_err(),
        ),
        (
            ErrorKind::ForeignObject,
            "items/README",
            items
                .query()
                .on_foreign(OnForeign::Fail)
                .keys()
                .await
                .unwrap_err(),
        ),
        (
            ErrorKind::BudgetExceeded,
            "the budget of 0 requests is spent",
            items.query().request_budget(0).keys().await.unwrap_err(),
        ),
        (
            ErrorKind::InvalidConfig,
            "1 or more",
            items.query().page(0).await.unwrap_err(),
        ),
        (
            ErrorKind::InvalidConfig,
            "s3://bucket",
            Database::open("bucket").unwrap_err(),
        ),
        (
            ErrorKind::InvalidCursor,
            "damaged",
            items.query().after("%").keys().await.unwrap_err(),
        ),
    ];
    let absent = database(&wire.server, |options| options);
    wire.server
        .put_raw(BUCKET, "items/latin/000003", &b"\xff"[..]);
    let text = absent.raw_table("items", ["shelf", "id"]).unwrap();
    let text = text.select_string(["latin", "000003"]).await.unwrap_err();
    found.push((ErrorKind::InvalidRow, "UTF-8", text));

    let elsewhere = s3aads::Server::s3()
        .endpoint(wire.server.endpoint())
        .region(wire.server.region());
    let nowhere = elsewhere
        .clone()
        .credentials(wire.server.access_key(), wire.server.secret_key())
        .build()
        .unwrap();
    let nowhere = nowhere.database("nowhere").unwrap().table::<Item>();
    found.push((
        ErrorKind::NotFound,
        "`Database::create`",
        nowhere.keys().await.unwrap_err(),
    ));
    let nobody = elsewhere.credentials("nobody", "nothing").build().unwrap();
    let nobody = nobody.database(BUCKET).unwrap().table::<Item>();
    found.push((
        ErrorKind::PermissionDenied,
        "can't",
        nobody.keys().await.unwrap_err(),
    ));

    wire.inject(once(Action::ApplyThenReset, RequestClass::Put));
    wire.inject(always(Action::respond(503, "SlowDown"), RequestClass::Head));
    let doubtful = items.insert(&item(4, "")).await.unwrap_err();
    found.push((ErrorKind::Indeterminate, "took effect", doubtful));
    wire.inject(always(Action::respond(503, "SlowDown"), RequestClass::Get));
    let busy = items.select(("a", 1)).await.unwrap_err();
    found.push((ErrorKind::Unavailable, "try again later", busy));
    wire.inject(always(Action::respond(400, "Strange"), RequestClass::List));
    found.push((ErrorKind::Other, "Strange", items.keys().await.unwrap_err()));

    let later = r#"{"format":1,"requires":["packs"],"table":"items","layout":"plain","body":"object","columns":[
        {"name":"shelf","type":"string","encoding":"plain"},{"name":"id","type":"u32","encoding":{"width":6}}]}"#;
    wire.server
        .put_raw(BUCKET, "_s3aads/schema/items.json", later);
    wire.faults.clear();
    let opened = wire.db.open_table::<Item>().await.unwrap();
    let unknown = opened.upsert(&item(1, "")).await.unwrap_err();
    found.push((ErrorKind::Unsupported, "packs", unknown));
    found
}

#[tokio::test]
async fn every_kind_says_in_one_line_what_happened_and_why() {
    let errors = bounded(errors()).await;
    for (kind, part, error) in &errors {
        assert_eq!(error.kind(), *kind, "{error:?}");
        assert!(
            error.to_string().contains(part),
            "{part:?} is not in {error}"
        );
        assert_told_well(error);
    }
    for kind in [
        ErrorKind::NotFound,
        ErrorKind::AlreadyExists,
        ErrorKind::Conflict,
        ErrorKind::InvalidKey,
        ErrorKind::InvalidRow,
        ErrorKind::SchemaMismatch,
        ErrorKind::Unsupported,
        ErrorKind::Indeterminate,
        ErrorKind::ForeignObject,
        ErrorKind::InvalidCursor,
        ErrorKind::BudgetExceeded,
        ErrorKind::PermissionDenied,
        ErrorKind::Unavailable,
        ErrorKind::InvalidConfig,
        ErrorKind::Other,
    ] {
        assert!(errors.iter().any(|(of, _, _)| *of == kind), "{kind}");
    }
}
