//! Many writers at once, and listings of a table that changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use crate::*;

const TASKS: u32 = 64;

/// Adds one, however many races it takes.
async fn count_up(items: &Items) -> u64 {
    let change = |row: &mut Item| {
        let value: u32 = row.text.parse().unwrap();
        row.text = (value + 1).to_string();
    };
    for conflicts in 0.. {
        match items.modify(("a", 1), change).await {
            Ok(_) => return conflicts,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}"),
        }
    }
    unreachable!("conflicts end")
}

async fn contend(wire: Wire, tasks: u32) {
    wire.put_raw(1, "0");
    let wire = Arc::new(wire);
    let mut counting = JoinSet::new();
    for _ in 0..tasks {
        let wire = Arc::clone(&wire);
        counting.spawn(async move { count_up(&wire.items).await });
    }
    bounded(counting.join_all()).await;
    assert_eq!(wire.stored(1).unwrap(), body(&tasks.to_string()));
    // Each success is one PUT that the server took, and no more were taken.
    let taken = wire.server.log();
    let taken = taken
        .iter()
        .filter(|logged| logged.operation == Operation::Put && logged.status == Some(200));
    assert_eq!(taken.count(), tasks as usize);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_writers_count_exactly() {
    contend(wire(), TASKS).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_count_exactly_while_answers_get_lost() {
    let wire = wire();
    // The server gives these up midway; the operation id tells whether it had applied them. With a reset in their place
    // an attempt may land at any later time, and the count could only be bounded.
    let lost = Action::apply_then_respond(500, "InternalError");
    wire.inject(always(lost, RequestClass::Put).probability(0.2));
    wire.inject(always(Action::respond(503, "SlowDown"), RequestClass::Put).probability(0.2));
    wire.put_raw(1, "0");
    let wire = Arc::new(wire);
    let mut counting = JoinSet::new();
    for _ in 0..16 {
        let wire = Arc::clone(&wire);
        counting.spawn(async move {
            let change = |row: &mut Item| {
                let value: u32 = row.text.parse().unwrap();
                row.text = (value + 1).to_string();
            };
            wire.items.modify(("a", 1), change).await
        });
    }
    let (mut applied, mut unclear) = (0, 0);
    for counted in bounded(counting.join_all()).await {
        match counted.map_err(|error| error.kind()) {
            Ok(_) => applied += 1,
            Err(ErrorKind::Indeterminate) => unclear += 1,
            Err(ErrorKind::Conflict | ErrorKind::Unavailable) => {}
            Err(kind) => panic!("{kind:?}"),
        }
    }
    let stored: Item = wire.items.select(("a", 1)).await.unwrap().unwrap();
    let value: u32 = stored.text.parse().unwrap();
    assert!(
        (applied..=applied + unclear).contains(&value),
        "{applied} acknowledged, {unclear} unclear, {value} stored"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_inserts_of_one_key_one_succeeds() {
    let wire = Arc::new(wire());
    wire.inject(once(Action::ApplyThenReset, RequestClass::Put).times(3));
    let mut inserting = JoinSet::new();
    for n in 0..TASKS {
        let wire = Arc::clone(&wire);
        inserting.spawn(async move { (n, wire.items.insert(&item(1, &n.to_string())).await) });
    }
    let mut won = Vec::new();
    for (n, inserted) in bounded(inserting.join_all()).await {
        match inserted.map_err(|error| error.kind()) {
            Ok(_) => won.push(n),
            // A lost answer may hide a refusal.
            Err(ErrorKind::AlreadyExists | ErrorKind::Indeterminate) => {}
            Err(kind) => panic!("{kind:?}"),
        }
    }
    assert_eq!(won.len(), 1);
    assert_eq!(wire.stored(1).unwrap(), body(&won[0].to_string()));
}

/// Lists a table of several pages while rows come and go between the ones that stay.
async fn list_while_it_changes(concurrency: usize) {
    let wire = Arc::new(wire());
    // Even ids stay untouched.
    let even = (0..5_000).map(|n| (path(n * 2), body("stays")));
    wire.server.seed(BUCKET, even);
    let stop = Arc::new(AtomicBool::new(false));
    let changing = std::thread::spawn({
        let (wire, stop) = (Arc::clone(&wire), Arc::clone(&stop));
        move || {
            let mut rng = fastrand::Rng::with_seed(7);
            while !stop.load(Ordering::Relaxed) {
                let id = rng.u32(0..5_000) * 2 + 1;
                if rng.bool() {
                    wire.put_raw(id, "comes");
                } else {
                    wire.server.remove(BUCKET, &path(id));
                }
                // The server must get at its objects too.
                std::thread::yield_now();
            }
        }
    });
    for _ in 0..5 {
        let query = wire.items.query().concurrency(concurrency);
        let keys = bounded(query.keys()).await.unwrap();
        assert!(keys.is_sorted());
        let mut seen: HashMap<u32, u32> = HashMap::new();
        for key in keys {
            *seen.entry(key.id).or_default() += 1;
        }
        assert!(seen.values().all(|times| *times == 1), "a row came twice");
        for n in 0..5_000 {
            assert!(seen.contains_key(&(n * 2)), "row {} is missing", n * 2);
        }
    }
    stop.store(true, Ordering::Relaxed);
    changing.join().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn untouched_rows_are_listed_once_while_others_change() {
    list_while_it_changes(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn untouched_rows_are_listed_once_by_many_workers_while_others_change() {
    list_while_it_changes(16).await;
}

#[tokio::test]
async fn a_loser_whose_first_attempt_failed_goes_on() {
    let wire = wire();
    let other = database(&wire.server, |options| options).table::<Item>();
    wire.items.insert(&item(1, "0")).await.unwrap();
    // Not applied, but that is not what the answer says.
    wire.inject(once(
        Action::respond(500, "InternalError"),
        RequestClass::Put,
    ));
    let mut first = true;
    let changed = wire.items.modify(("a", 1), |row| {
        if std::mem::take(&mut first) {
            // Another writer comes in between.
            let other = other.clone();
            let theirs = std::thread::spawn(move || {
                let runtime = tokio::runtime::Runtime::new().unwrap();
                let change = |row: &mut Item| row.text.push('b');
                runtime.block_on(other.modify(("a", 1), change)).map(drop)
            });
            theirs.join().unwrap().unwrap();
        }
        row.text.push('a');
    });
    assert_eq!(changed.await.unwrap().text, "0ba");
    assert_eq!(wire.stored(1).unwrap(), body("0ba"));

    // So does an update, which is refused and not in doubt.
    let read = wire.items.select_versioned(("a", 1)).await.unwrap();
    let mut read = read.unwrap();
    other
        .modify(("a", 1), |row| row.text.push('c'))
        .await
        .unwrap();
    wire.inject(once(
        Action::respond(500, "InternalError"),
        RequestClass::Put,
    ));
    read.row.text.push('d');
    assert_kind(wire.items.update(&read).await, ErrorKind::Conflict);
    assert_eq!(wire.stored(1).unwrap(), body("0bac"));
}
