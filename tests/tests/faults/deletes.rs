//! Bulk deletes that fail, in part or as a whole.

use crate::*;

fn denied(containing: &str) -> Rule {
    always(
        Action::FailDeletes {
            containing: containing.to_owned(),
            code: "AccessDenied".to_owned(),
        },
        RequestClass::Post,
    )
}

#[tokio::test]
async fn a_query_names_the_rows_it_could_not_delete() {
    let wire = wire();
    wire.seed(0..1_500);
    wire.inject(denied("/000007"));
    let said = assert_kind(
        wire.items.query().delete().await,
        ErrorKind::PermissionDenied,
    );
    assert!(said.contains("1499 rows were deleted"), "{said}");
    assert!(said.contains("still there are a/000007"), "{said}");
    assert_eq!(wire.server.keys(BUCKET), [path(7)]);
    assert_eq!(wire.server.count(Operation::Post), 2);
    wire.faults.clear();
    assert_eq!(wire.items.query().delete().await.unwrap().rows, 1);
}

#[tokio::test]
async fn a_batch_has_the_right_outcome_for_each_row() {
    let wire = wire();
    wire.seed(0..20);
    wire.inject(denied("5"));
    let report = wire.items.delete_all((0..25).map(|id| ("a", id))).await;
    assert_eq!(report.outcomes().len(), 25);
    for (id, outcome) in (0..25).zip(report.outcomes()) {
        assert_eq!(outcome.key.id, id);
        match &outcome.result {
            // A key that is not there is as good as deleted, were it not denied.
            Ok(()) => assert!(id % 10 != 5),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::PermissionDenied);
                assert_eq!(error.key(), Some(&*format!("a/{id:06}")));
                assert_eq!(id % 10, 5);
            }
        }
    }
    assert_eq!(wire.server.keys(BUCKET), [path(5), path(15)]);
}

#[tokio::test]
async fn a_dropped_table_names_what_is_left_and_goes_on_behind_it() {
    let wire = wire();
    wire.seed(0..2_500);
    // On the first page and on the last.
    let locked = ["items/A/locked", "items/z/locked"];
    for key in locked {
        wire.server.put_raw(BUCKET, key, "");
    }
    wire.inject(denied("locked"));
    let said = assert_kind(
        wire.db.drop_table("items").await,
        ErrorKind::PermissionDenied,
    );
    assert!(said.contains("items/A/locked, items/z/locked"), "{said}");
    assert_eq!(wire.server.keys(BUCKET), locked);
    wire.faults.clear();
    assert_eq!(wire.db.drop_table("items").await.unwrap(), 2);
    assert!(wire.server.keys(BUCKET).is_empty());
}

#[tokio::test]
async fn keys_that_fail_in_passing_are_sent_again_and_the_others_are_not() {
    let wire = wire();
    wire.seed(0..10);
    let busy = Action::FailDeletes {
        containing: "/00000".to_owned(),
        code: "SlowDown".to_owned(),
    };
    wire.inject(once(busy.clone(), RequestClass::Post).times(2));
    assert_eq!(wire.items.query().delete().await.unwrap().rows, 10);
    assert!(wire.server.keys(BUCKET).is_empty());

    wire.seed(0..10);
    let busy = Action::FailDeletes {
        containing: "/000003".to_owned(),
        code: "SlowDown".to_owned(),
    };
    wire.inject(always(busy, RequestClass::Post));
    let said = assert_kind(wire.items.query().delete().await, ErrorKind::Unavailable);
    assert!(said.contains("a/000003"), "{said}");
    assert_eq!(wire.server.keys(BUCKET), [path(3)]);
}

#[tokio::test]
async fn a_bulk_delete_that_fails_whole_deletes_nothing_and_says_so() {
    let wire = wire();
    wire.seed(0..10);
    wire.inject(always(Action::respond(503, "SlowDown"), RequestClass::Post));
    let said = assert_kind(wire.items.query().delete().await, ErrorKind::Unavailable);
    assert!(said.contains("0 rows were deleted"), "{said}");
    assert!(said.contains("a/000000, a/000001"), "{said}");
    let report = wire.items.delete_all((0..10).map(|id| ("a", id))).await;
    assert_eq!(report.failed(), 10);
    assert_kind(wire.db.drop_table("items").await, ErrorKind::Unavailable);
    assert_eq!(wire.server.object_count(BUCKET), 10);
}

#[tokio::test]
async fn a_bulk_delete_whose_answer_is_lost_is_sent_again_or_in_doubt() {
    for lost in [
        Action::ApplyThenReset,
        Action::apply_then_respond(500, "InternalError"),
        Action::CutBody(20),
    ] {
        let wire = wire();
        wire.seed(0..10);
        wire.inject(once(lost, RequestClass::Post));
        assert_eq!(wire.items.query().delete().await.unwrap().rows, 10);
        assert!(wire.server.keys(BUCKET).is_empty());
        assert_eq!(wire.server.count(Operation::Post), 2);
    }
    let wire = wire();
    wire.seed(0..10);
    wire.inject(always(Action::ApplyThenReset, RequestClass::Post));
    // Gone already, and nobody said so but a listing.
    assert_eq!(wire.items.query().delete().await.unwrap().rows, 10);
    assert!(wire.server.keys(BUCKET).is_empty());
}

#[tokio::test]
async fn a_bulk_delete_that_may_have_been_begun_is_never_called_void() {
    let quorum = "ServiceUnavailable";
    // Carried out before a quorum was lost, in part or not at all.
    for (lost, left) in [
        (Action::apply_then_respond(503, quorum), 0),
        (Action::respond(503, quorum), 10),
    ] {
        let wire = wire();
        wire.seed(0..10);
        wire.inject(always(lost, RequestClass::Post));
        let deleted = wire.items.query().delete().await;
        match left {
            0 => assert_eq!(deleted.unwrap().rows, 10),
            // On a condition, which still holds.
            _ => drop(assert_kind(deleted, ErrorKind::Unavailable)),
        }
        assert_eq!(wire.server.object_count(BUCKET), left);
        // Without one, some of the server's nodes may have heard of it, and in time the others do.
        if left > 0 {
            let report = wire.items.delete_all((0..10).map(|id| ("a", id))).await;
            for outcome in report.outcomes() {
                let kind = outcome.result.as_ref().unwrap_err().kind();
                assert_eq!(kind, ErrorKind::Indeterminate);
            }
            let dropped = wire.db.drop_table("items").await;
            assert_kind(dropped, ErrorKind::Indeterminate);
        }
    }
}

#[tokio::test]
async fn a_store_without_bulk_deletes_gets_single_ones() {
    let options = Options {
        no_bulk_delete: true,
        ..Options::default()
    };
    let wire = wire_with(options, |options| options);
    wire.seed(0..30);
    let denied = Action::respond(403, "AccessDenied");
    wire.inject(always(denied, RequestClass::Delete).key("/000007"));
    let said = assert_kind(
        wire.items.query().delete().await,
        ErrorKind::PermissionDenied,
    );
    assert!(said.contains("29 rows were deleted"), "{said}");
    assert!(said.contains("still there are a/000007"), "{said}");
    assert_eq!(wire.server.keys(BUCKET), [path(7)]);
    // It is asked once whether it can.
    assert_eq!(wire.server.count(Operation::Post), 1);
    assert_eq!(wire.server.count(Operation::Delete), 29);
    wire.faults.clear();
    let report = wire.items.delete_all([("a", 7)]).await;
    assert_eq!(report.failed(), 0);
    assert_eq!(wire.server.count(Operation::Post), 1);
}

#[tokio::test]
async fn a_dropped_table_goes_by_many_requests_at_once() {
    let at_once = 4;
    let wire = wire_with(
        Options {
            together: Some((Operation::Post, at_once)),
            ..Options::default()
        },
        |options| options,
    );
    wire.seed(0..5_000);
    assert_eq!(wire.db.drop_table("items").await.unwrap(), 5_000);
    assert!(wire.server.most_under_way(Operation::Post) >= at_once);
    assert_eq!(wire.server.count(Operation::Post), 5);
    assert!(wire.server.keys(BUCKET).is_empty());
}

/// Whether it has bulk deletes is found out under way, by many requests at once.
#[tokio::test]
async fn single_deletes_keep_to_the_concurrency() {
    const AT_ONCE: usize = 6;
    let options = Options {
        no_bulk_delete: true,
        latency: Duration::from_millis(1),
        together: Some((Operation::Delete, AT_ONCE)),
        ..Options::default()
    };
    for what in ["query", "batch"] {
        let wire = wire_with(options, |options| options);
        wire.seed(0..3_000);
        match what {
            "query" => {
                let rows = wire.items.query().concurrency(AT_ONCE);
                assert_eq!(rows.delete().await.unwrap().rows, 3_000);
            }
            _ => {
                let keys = (0..3_000).map(|id| ("a", id));
                let report = wire.items.delete_all(keys).concurrency(AT_ONCE).await;
                assert_eq!(report.failed(), 0);
            }
        }
        let at_once = [Operation::Delete, Operation::Post]
            .map(|operation| wire.server.most_under_way(operation));
        assert_eq!(at_once[0], AT_ONCE, "{what}");
        assert!(at_once[1] <= AT_ONCE, "{what}: {at_once:?}");
        assert!(wire.server.keys(BUCKET).is_empty());
    }
    // A table is dropped with as many as a query has by default.
    let options = Options {
        together: Some((Operation::Delete, 32)),
        ..options
    };
    let wire = wire_with(options, |options| options);
    wire.seed(0..3_000);
    assert_eq!(wire.db.drop_table("items").await.unwrap(), 3_000);
    assert_eq!(wire.server.most_under_way(Operation::Delete), 32);
}
