//! Writes that are carried out without their answer coming back, and writes that arrive late.

use crate::*;

/// What a lost answer looks like, and what the server's log says of the request.
fn losses() -> [Action; 4] {
    [
        Action::ApplyThenReset,
        Action::ApplyThenTimeout,
        Action::apply_then_respond(500, "InternalError"),
        Action::apply_then_respond(503, ""),
    ]
}

#[tokio::test]
async fn an_insert_that_was_applied_stays_a_success() {
    for loss in losses() {
        let wire = wire();
        wire.inject(once(loss.clone(), RequestClass::Put));
        wire.items.insert(&item(1, "one")).await.unwrap();
        assert_eq!(wire.stored(1).unwrap(), body("one"));
        // The second attempt is refused, and the operation id proves the first one ours.
        assert_eq!(wire.log(), ["PUT 200", "PUT 412", "HEAD 200"], "{loss}");
    }
}

#[tokio::test]
async fn an_update_that_was_applied_stays_a_success() {
    for loss in losses() {
        let wire = wire();
        wire.put_raw(1, "old");
        let mut read = wire
            .items
            .select_versioned(("a", 1))
            .await
            .unwrap()
            .unwrap();
        wire.server.clear_log();
        wire.inject(once(loss.clone(), RequestClass::Put));
        read.row.text = "new".to_owned();
        let version = wire.items.update(&read).await.unwrap();
        assert_eq!(wire.stored(1).unwrap(), body("new"));
        assert_eq!(wire.log(), ["PUT 200", "PUT 412", "HEAD 200"], "{loss}");
        // The version is that of the write, so the next update needs no read.
        read.version = version;
        read.row.text = "newer".to_owned();
        wire.items.update(&read).await.unwrap();
        assert_eq!(wire.stored(1).unwrap(), body("newer"));
    }
}

#[tokio::test]
async fn a_modify_that_was_applied_is_not_applied_twice() {
    for loss in losses() {
        let wire = wire();
        wire.put_raw(1, "0");
        wire.inject(once(loss, RequestClass::Put));
        let change = |row: &mut Item| row.text.push('+');
        wire.items.modify(("a", 1), change).await.unwrap();
        assert_eq!(wire.stored(1).unwrap(), body("0+"));
    }
}

#[tokio::test]
async fn upserts_and_deletes_are_sent_again() {
    for loss in losses() {
        let wire = wire();
        wire.inject(once(loss.clone(), RequestClass::Put));
        wire.items.upsert(&item(1, "one")).await.unwrap();
        assert_eq!(wire.stored(1).unwrap(), body("one"));
        assert_eq!(wire.log(), ["PUT 200", "PUT 200"], "{loss}");
        wire.inject(once(loss.clone(), RequestClass::Delete));
        wire.items.delete(("a", 1)).await.unwrap();
        assert_eq!(wire.stored(1), None);
    }
}

#[tokio::test]
async fn a_write_whose_answers_all_get_lost_is_never_called_refused() {
    for loss in losses() {
        let wire = wire();
        wire.inject(always(loss.clone(), RequestClass::Put));
        wire.inject(always(loss.clone(), RequestClass::Delete));
        // The HEAD finds what the first attempt wrote.
        wire.items.insert(&item(1, "one")).await.unwrap();
        assert_eq!(wire.stored(1).unwrap(), body("one"));
        // Nothing tells an unconditional write's own success.
        assert_kind(
            wire.items.upsert(&item(1, "two")).await,
            ErrorKind::Indeterminate,
        );
        assert_eq!(wire.stored(1).unwrap(), body("two"));
        assert_kind(wire.items.delete(("a", 1)).await, ErrorKind::Indeterminate);
        assert_eq!(wire.stored(1), None);
    }
}

#[tokio::test]
async fn a_head_that_fails_leaves_it_indeterminate() {
    for loss in losses() {
        let wire = wire();
        wire.inject(once(loss, RequestClass::Put));
        wire.inject(always(Action::respond(503, "SlowDown"), RequestClass::Head));
        let said = assert_kind(
            wire.items.insert(&item(1, "one")).await,
            ErrorKind::Indeterminate,
        );
        assert!(said.contains("can't be checked"), "{said}");
        assert_eq!(wire.stored(1).unwrap(), body("one"));
    }
}

#[tokio::test]
async fn a_late_insert_is_never_called_refused() {
    let wire = wire();
    wire.inject(always(Action::Hold, RequestClass::Put));
    let said = assert_kind(
        wire.items.insert(&item(1, "late")).await,
        ErrorKind::Indeterminate,
    );
    assert!(said.contains("may yet be carried out"), "{said}");
    assert_eq!(wire.log(), ["HEAD 404"]);
    assert_eq!(wire.faults.release().await, RETRIES as usize + 1);
    assert_eq!(wire.stored(1).unwrap(), body("late"));
}

#[tokio::test]
async fn a_late_insert_of_a_key_that_was_taken_meanwhile_is_indeterminate() {
    let wire = wire();
    wire.inject(once(Action::Hold, RequestClass::Put));
    wire.put_raw(1, "theirs");
    assert_kind(
        wire.items.insert(&item(1, "ours")).await,
        ErrorKind::Indeterminate,
    );
    // The key becomes free again before the first attempt arrives.
    wire.server.remove(BUCKET, &path(1));
    assert_eq!(wire.faults.release().await, 1);
    assert_eq!(wire.stored(1).unwrap(), body("ours"));
}

#[tokio::test]
async fn a_late_attempt_does_no_harm_after_a_success() {
    let wire = wire();
    wire.inject(once(Action::Hold, RequestClass::Put));
    wire.items.insert(&item(1, "one")).await.unwrap();
    let mut read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    read.row.text = "two".to_owned();
    read.version = wire.items.update(&read).await.unwrap();
    assert_eq!(wire.faults.release().await, 1);
    assert_eq!(wire.stored(1).unwrap(), body("two"));

    wire.inject(once(Action::Hold, RequestClass::Put));
    read.row.text = "three".to_owned();
    read.version = wire.items.update(&read).await.unwrap();
    read.row.text = "four".to_owned();
    wire.items.update(&read).await.unwrap();
    assert_eq!(wire.faults.release().await, 1);
    assert_eq!(wire.stored(1).unwrap(), body("four"));
}

#[tokio::test]
async fn a_late_update_or_upsert_is_indeterminate() {
    let wire = wire();
    wire.put_raw(1, "old");
    let mut read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    wire.inject(always(Action::Hold, RequestClass::Put));
    wire.inject(always(Action::Hold, RequestClass::Delete));
    read.row.text = "updated".to_owned();
    assert_kind(wire.items.update(&read).await, ErrorKind::Indeterminate);
    assert_eq!(wire.stored(1).unwrap(), body("old"));
    wire.faults.release().await;
    assert_eq!(wire.stored(1).unwrap(), body("updated"));

    assert_kind(
        wire.items.upsert(&item(1, "upserted")).await,
        ErrorKind::Indeterminate,
    );
    wire.faults.release().await;
    assert_eq!(wire.stored(1).unwrap(), body("upserted"));
    assert_kind(wire.items.delete(("a", 1)).await, ErrorKind::Indeterminate);
    wire.faults.release().await;
    assert_eq!(wire.stored(1), None);
}

#[tokio::test]
async fn a_copy_whose_answers_all_get_lost_is_indeterminate() {
    let wire = wire();
    wire.put_raw(1, "one");
    wire.inject(once(Action::ApplyThenReset, RequestClass::Copy));
    wire.items
        .copy(("a", 1))
        .to(&wire.items, ("a", 2))
        .await
        .unwrap();
    assert_eq!(wire.stored(2).unwrap(), body("one"));
    wire.inject(always(Action::ApplyThenReset, RequestClass::Copy));
    let copied = wire.items.copy(("a", 1)).to(&wire.items, ("a", 3)).await;
    assert_kind(copied, ErrorKind::Indeterminate);
    assert_eq!(wire.stored(3).unwrap(), body("one"));
}
