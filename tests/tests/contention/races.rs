//! Competing writers.

use s3aads::ErrorKind;
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};
use tokio::task::JoinSet;

use crate::{Counter, counter, rounds};

const INSERTERS: u64 = 16;
const TASKS: u64 = 32;
/// How many modify a row while it is renamed.
const MODIFIERS: u64 = 4;

async fn of_many_inserts_of_a_key_one_wins(store: &Store) {
    if store.lacks(Capability::AtomicCreates) {
        return;
    }
    let counters = store.db().table::<Counter>();
    for round in 0..rounds(store, 10, 100) {
        let mut running = JoinSet::new();
        for value in 0..INSERTERS {
            let counters = counters.clone();
            running.spawn(async move {
                let row = counter(format!("{round:03}"), value);
                (value, counters.insert(&row).await)
            });
        }
        let mut won = Vec::new();
        while let Some(ended) = running.join_next().await {
            match ended.expect("a task ends well") {
                (value, Ok(_)) => won.push(value),
                (_, Err(error)) => {
                    assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error:?}");
                }
            }
        }
        assert_eq!(won.len(), 1, "round {round}: {won:?}");
        let stored = counters.select(format!("{round:03}")).await.unwrap();
        assert_eq!(stored, Some(counter(format!("{round:03}"), won[0])));
    }
}

async fn modifies_of_many_tasks_are_all_counted(store: &Store) {
    if store.lacks(Capability::AtomicUpdates) {
        return;
    }
    let each = rounds(store, 5, 50);
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 0)).await.unwrap();
    let mut running = JoinSet::new();
    for _ in 0..TASKS {
        let counters = counters.clone();
        running.spawn(async move {
            let (mut done, mut conflicts) = (0, 0);
            while done < each {
                match counters.modify("a", |row| row.value += 1).await {
                    Ok(_) => done += 1,
                    // The number of tries of one call is bounded; nothing was written.
                    Err(error) if error.kind() == ErrorKind::Conflict => conflicts += 1,
                    Err(error) => panic!("{error:?}"),
                }
            }
            conflicts
        });
    }
    let mut conflicts = 0;
    while let Some(ended) = running.join_next().await {
        conflicts += ended.expect("a task ends well");
    }
    let stored = counters.select("a").await.unwrap();
    println!("{} modifies, {conflicts} calls gave up first", TASKS * each);
    assert_eq!(stored, Some(counter("a", TASKS * each)));
}

async fn a_rename_loses_no_change(store: &Store) {
    let conditions = [
        Capability::AtomicCreates,
        Capability::AtomicUpdates,
        // Without these a rename is refused.
        Capability::ConditionalDeletes,
    ];
    if conditions.into_iter().any(|needed| store.lacks(needed)) {
        return;
    }
    let counters = store.db().table::<Counter>();
    let rounds = rounds(store, 10, 60);
    let (mut renamed, mut lost) = (0, Vec::new());
    for round in 0..rounds {
        let (old, new) = (format!("{round:03}-old"), format!("{round:03}-new"));
        counters.upsert(&counter(&*old, 0)).await.unwrap();
        let mut running = JoinSet::new();
        for _ in 0..MODIFIERS {
            let (counters, old) = (counters.clone(), old.clone());
            running.spawn(async move {
                let mut acknowledged = 0;
                loop {
                    match counters.modify(&*old, |row| row.value += 1).await {
                        Ok(_) => acknowledged += 1,
                        Err(error) if error.kind() == ErrorKind::Conflict => {}
                        Err(error) if error.kind() == ErrorKind::NotFound => break acknowledged,
                        Err(error) => panic!("{error:?}"),
                    }
                    if acknowledged == 20 {
                        break acknowledged;
                    }
                }
            });
        }
        // The rename is refused if others were faster, and must then have done nothing.
        let moved = counters.rename(&*old, &*new).await;
        let mut acknowledged = 0;
        while let Some(ended) = running.join_next().await {
            acknowledged += ended.expect("a task ends well");
        }
        let left = counters.select(&*old).await.unwrap();
        let arrived = counters.select(&*new).await.unwrap();
        match &moved {
            Ok(_) => {
                renamed += 1;
                assert_eq!(left, None, "round {round}");
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}");
                assert_eq!(arrived, None, "round {round}");
            }
        }
        let value = left.or(arrived).map_or(0, |row| row.value);
        if value != acknowledged {
            lost.push((round, value, acknowledged));
        }
    }
    println!("{renamed} of {rounds} renames went through");
    assert!(
        lost.is_empty(),
        "changes were acknowledged and lost: (round, found, acknowledged) {lost:?}"
    );
}

on_every_store!(
    of_many_inserts_of_a_key_one_wins,
    modifies_of_many_tasks_are_all_counted,
    a_rename_loses_no_change,
);
