//! Servers that are overloaded, and connections that don't come about.

use crate::*;

fn storm(times: u64) -> Rule {
    Rule::new(Action::respond(503, "SlowDown")).times(times)
}

#[tokio::test]
async fn a_short_storm_passes_unnoticed() {
    let wire = wire();
    let storms = || wire.inject(storm(u64::from(RETRIES)));
    storms();
    wire.items.insert(&item(1, "one")).await.unwrap();
    storms();
    wire.items.upsert(&item(2, "two")).await.unwrap();
    storms();
    let read = wire.items.select_versioned(("a", 1)).await.unwrap();
    storms();
    wire.items.update(&read.unwrap()).await.unwrap();
    storms();
    let keys = wire.items.query().keys().await.unwrap();
    assert_eq!(keys.len(), 2);
    storms();
    wire.items.delete(("a", 1)).await.unwrap();
    storms();
    assert_eq!(wire.items.query().delete().await.unwrap().rows, 1);
    assert!(wire.server.keys(BUCKET).is_empty());
    // What the storm kept away never arrived, and is counted all the same.
    assert_eq!(wire.faults.log().len(), 7 * RETRIES as usize);
    let usage = wire.db.usage();
    assert_eq!(
        usage.total(),
        wire.server.requests() as u64 + 7 * u64::from(RETRIES)
    );
}

#[tokio::test]
async fn an_endless_storm_is_unavailable_within_bounded_retries() {
    let wire = wire();
    wire.put_raw(1, "old");
    let read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    wire.server.clear_log();
    let storm = Rule::new(Action::respond(503, "SlowDown"));
    wire.inject(storm);
    let all = u64::from(RETRIES) + 1;
    let mut sent = wire.db.usage().total();
    let mut spent = || {
        let before = std::mem::replace(&mut sent, wire.db.usage().total());
        sent - before
    };

    assert_kind(
        wire.items.insert(&item(2, "x")).await,
        ErrorKind::Unavailable,
    );
    assert_eq!(spent(), all);
    assert_kind(
        wire.items.upsert(&item(1, "x")).await,
        ErrorKind::Unavailable,
    );
    assert_eq!(spent(), all);
    assert_kind(wire.items.update(&read).await, ErrorKind::Unavailable);
    assert_eq!(spent(), all);
    assert_kind(wire.items.select(("a", 1)).await, ErrorKind::Unavailable);
    assert_eq!(spent(), all);
    assert_kind(wire.items.exists(("a", 1)).await, ErrorKind::Unavailable);
    assert_eq!(spent(), all);
    assert_kind(wire.items.delete(("a", 1)).await, ErrorKind::Unavailable);
    assert_eq!(spent(), all);
    let said = assert_kind(
        bounded(wire.items.query().keys()).await,
        ErrorKind::Unavailable,
    );
    assert!(said.contains("503 SlowDown"), "{said}");
    assert_eq!(spent(), all);

    assert_eq!(wire.server.requests(), 0);
    assert_eq!(wire.stored(1).unwrap(), body("old"));
}

#[tokio::test]
async fn a_refused_connection_leaves_no_doubt() {
    let wire = wire();
    wire.inject(Rule::new(Action::Refuse));
    assert_kind(
        wire.items.insert(&item(1, "x")).await,
        ErrorKind::Unavailable,
    );
    assert_kind(
        wire.items.upsert(&item(1, "x")).await,
        ErrorKind::Unavailable,
    );
    assert_kind(wire.items.delete(("a", 1)).await, ErrorKind::Unavailable);
    wire.faults.clear();
    wire.inject(Rule::new(Action::Refuse).times(2));
    wire.items.insert(&item(1, "one")).await.unwrap();
    assert_eq!(wire.log(), ["PUT 200"]);
}

#[tokio::test]
async fn a_storm_in_a_batch_fails_only_the_rows_it_hits() {
    let wire = wire();
    wire.inject(Rule::new(Action::respond(503, "SlowDown")).key("/00000"));
    let rows = (5..15).map(|id| item(id, "x"));
    let report = wire.items.insert_all(rows).concurrency(4).await;
    let failed: Vec<u32> = report.failures().map(|failure| failure.key.id).collect();
    assert_eq!(failed, [5, 6, 7, 8, 9]);
    for failure in report.failures() {
        let error = failure.result.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
    }
    let stored: Vec<String> = (10..15).map(path).collect();
    assert_eq!(wire.server.keys(BUCKET), stored);
}
