//! Conditions that do not hold, and conflicts that pass or do not.

use std::time::{Duration, SystemTime};

use crate::*;

#[tokio::test]
async fn a_clean_refusal_costs_one_request() {
    let wire = wire();
    wire.put_raw(1, "theirs");
    let read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    wire.server.clear_log();
    assert_kind(
        wire.items.insert(&item(1, "ours")).await,
        ErrorKind::AlreadyExists,
    );
    assert_eq!(wire.log(), ["PUT 412"]);

    wire.put_raw(1, "changed");
    wire.server.clear_log();
    assert_kind(wire.items.update(&read).await, ErrorKind::Conflict);
    assert_eq!(wire.log(), ["PUT 412"]);

    wire.server.remove(BUCKET, &path(1));
    wire.server.clear_log();
    assert_kind(wire.items.update(&read).await, ErrorKind::Conflict);
    assert_eq!(wire.log(), ["PUT 404"]);
    assert_eq!(wire.stored(1), None);
}

#[tokio::test]
async fn a_conflict_on_a_create_of_a_free_key_is_retried() {
    let wire = wire();
    let conflict = Action::respond(409, "ConditionalRequestConflict");
    wire.inject(once(conflict.clone(), RequestClass::Put).times(2));
    wire.items.insert(&item(1, "one")).await.unwrap();
    assert_eq!(wire.log(), ["PUT 200"]);
    assert_eq!(wire.faults.log().len(), 2);

    // Never lifted: the key is still free, so it is not that the row exists.
    wire.inject(always(conflict, RequestClass::Put));
    wire.server.clear_log();
    assert_kind(
        wire.items.insert(&item(2, "two")).await,
        ErrorKind::Unavailable,
    );
    assert_eq!(wire.log(), ["HEAD 404"]);
    // And where it is taken, it is.
    assert_kind(
        wire.items.insert(&item(1, "two")).await,
        ErrorKind::AlreadyExists,
    );
    assert_eq!(wire.stored(1).unwrap(), body("one"));
}

#[tokio::test]
async fn a_conflict_on_an_update_ends_as_a_conflict() {
    let wire = wire();
    wire.put_raw(1, "old");
    let mut read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    read.row.text = "new".to_owned();
    let conflict = Action::respond(409, "ConditionalRequestConflict");
    wire.inject(once(conflict.clone(), RequestClass::Put));
    read.version = wire.items.update(&read).await.unwrap();
    assert_eq!(wire.stored(1).unwrap(), body("new"));

    wire.inject(always(conflict, RequestClass::Put));
    read.row.text = "newer".to_owned();
    let sent = wire.db.usage().total();
    assert_kind(wire.items.update(&read).await, ErrorKind::Conflict);
    assert_eq!(wire.db.usage().total() - sent, u64::from(RETRIES) + 1);
    let change = |row: &mut Item| row.text.push('+');
    assert_kind(
        bounded(wire.items.modify(("a", 1), change)).await,
        ErrorKind::Conflict,
    );
    assert_eq!(wire.stored(1).unwrap(), body("new"));
}

#[tokio::test]
async fn an_old_row_proves_that_a_failed_insert_was_not_applied() {
    let wire = wire();
    wire.put_raw(1, "theirs");
    let failure = Action::respond(500, "InternalError");
    wire.inject(once(failure.clone(), RequestClass::Put));
    // Written within the precision of clocks, it may have overwritten ours.
    assert_kind(
        wire.items.insert(&item(1, "ours")).await,
        ErrorKind::Indeterminate,
    );
    let earlier = SystemTime::now() - Duration::from_secs(60);
    assert!(wire.server.set_last_modified(BUCKET, &path(1), earlier));
    wire.inject(once(failure, RequestClass::Put));
    wire.server.clear_log();
    assert_kind(
        wire.items.insert(&item(1, "ours")).await,
        ErrorKind::AlreadyExists,
    );
    assert_eq!(wire.log(), ["PUT 412", "HEAD 200"]);
    assert_eq!(wire.stored(1).unwrap(), body("theirs"));
}

#[tokio::test]
async fn an_unchanged_row_proves_that_a_failed_update_was_not_applied() {
    let wire = wire();
    wire.put_raw(1, "old");
    let mut read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    read.row.text = "new".to_owned();
    wire.inject(always(
        Action::respond(500, "InternalError"),
        RequestClass::Put,
    ));
    assert_kind(wire.items.update(&read).await, ErrorKind::Unavailable);
    assert_eq!(wire.stored(1).unwrap(), body("old"));
    // Another's row in its place proves nothing: it may have overwritten ours.
    wire.put_raw(1, "theirs");
    assert_kind(wire.items.update(&read).await, ErrorKind::Indeterminate);
    assert_eq!(wire.stored(1).unwrap(), body("theirs"));
}

#[tokio::test]
async fn a_modify_that_changes_nothing_sends_no_put() {
    let wire = wire();
    wire.put_raw(1, "same");
    wire.items.modify(("a", 1), |_| {}).await.unwrap();
    assert_eq!(wire.log(), ["GET 200"]);
    wire.server.clear_log();
    assert_kind(
        wire.items.modify(("a", 2), |_| {}).await,
        ErrorKind::NotFound,
    );
    assert_eq!(wire.log(), ["GET 404"]);
}
