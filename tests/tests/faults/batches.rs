//! Batches on a store that fails.

use std::time::Duration;

use futures_util::StreamExt;
use s3aads::testing::{Action, Rule};
use s3aads::{ErrorKind, RequestClass, Stopped};

use super::{item, wire};

fn put(action: Action) -> Rule {
    Rule::new(action).class(RequestClass::Put)
}

#[tokio::test]
async fn a_batch_ends_after_so_many_failures() {
    let wire = wire();
    wire.inject(put(Action::respond(403, "AccessDenied")).key("/00000"));
    let rows: Vec<_> = (0..1_000).map(|id| item(id, "x")).collect();
    let report = wire.items.upsert_all(&rows).concurrency(1).max_failures(4);
    let report = report.await;
    assert_eq!(report.stopped(), Some(Stopped::Failures));
    assert_eq!((report.outcomes().len(), report.failed()), (4, 4));
    assert!(wire.server.keys("faults").is_empty());
    wire.faults.clear();
    let begun = report.outcomes().len();
    let rest = wire.items.upsert_all(&rows[begun..]).max_failures(1).await;
    assert_eq!(rest.stopped(), None);
    assert_eq!(rest.into_result().unwrap().len(), rows.len() - begun);
}

#[tokio::test]
async fn a_batch_ends_at_its_deadline_and_says_what_is_known() {
    let wire = wire();
    wire.inject(put(Action::Delay(Duration::from_secs(3_600))).key("/000003"));
    let rows: Vec<_> = (0..1_000).map(|id| item(id, "x")).collect();
    let batch = wire.items.insert_all(&rows).concurrency(1);
    let report = batch.deadline(Duration::from_secs(3)).await;
    assert_eq!(report.stopped(), Some(Stopped::Deadline));
    for (id, outcome) in (0..).zip(report.outcomes()) {
        assert_eq!(outcome.key.id, id);
        match &outcome.result {
            Ok(_) => assert!(wire.stored(id).is_some()),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Indeterminate, "{error}");
                assert_eq!(id as usize, report.outcomes().len() - 1, "the last one");
            }
        }
    }
    assert_eq!(report.failed(), 1);
    for id in report.outcomes().len() as u32..1_000 {
        assert_eq!(wire.stored(id), None, "it was not begun");
    }
    assert!(report.into_result().is_err());
}

#[tokio::test]
async fn a_dropped_batch_leaves_what_was_acknowledged_with_its_reader() {
    let wire = wire();
    wire.inject(put(Action::Delay(Duration::from_secs(3_600))).key("/000000"));
    let rows: Vec<_> = (0..100).map(|id| item(id, "x")).collect();
    let mut outcomes = wire.items.insert_all(&rows).concurrency(8).stream();
    let mut written = Vec::new();
    // The first row hangs, which keeps none of the others from being told.
    while written.len() < 50 {
        let outcome = outcomes.next().await.unwrap();
        outcome.result.unwrap();
        written.push(outcome.key.id);
    }
    drop(outcomes);
    for id in written {
        assert!(wire.stored(id).is_some());
    }
}
