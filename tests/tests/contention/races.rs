//! Competing writers.

use s3aads::ErrorKind;
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};
use tokio::task::JoinSet;

use crate::{Counter, CounterTable, counter, rounds};

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

/// Moves a row while others modify it; the rounds in which an acknowledged change was lost, or the
/// row was under both keys.
async fn moved_under_modifies<M, F>(counters: &CounterTable, rounds: u64, mover: M) -> Vec<String>
where
    M: Fn(CounterTable, String, String) -> F,
    F: Future<Output = s3aads::Result<()>>,
{
    let (mut renamed, mut lost) = (0, Vec::new());
    for round in 0..rounds {
        let (old, new) = (format!("{round:03}-old"), format!("{round:03}-new"));
        counters.upsert(&counter(&*old, 0)).await.unwrap();
        let mut running = JoinSet::new();
        for _ in 0..MODIFIERS {
            let (counters, old) = (counters.clone(), old.clone());
            running.spawn(async move {
                let mut acknowledged = 0;
                while acknowledged < 20 {
                    match counters.modify(&*old, |row| row.value += 1).await {
                        Ok(_) => acknowledged += 1,
                        Err(error) if error.kind() == ErrorKind::Conflict => {}
                        Err(error) if error.kind() == ErrorKind::NotFound => break,
                        Err(error) => panic!("{error:?}"),
                    }
                    tokio::task::yield_now().await;
                }
                acknowledged
            });
        }
        tokio::task::yield_now().await;
        // The rename is refused if others were faster too often, and must then have done nothing.
        let moved = mover(counters.clone(), old.clone(), new.clone()).await;
        let mut acknowledged = 0;
        while let Some(ended) = running.join_next().await {
            acknowledged += ended.expect("a task ends well");
        }
        let left = counters.select(&*old).await.unwrap();
        let arrived = counters.select(&*new).await.unwrap();
        match &moved {
            Ok(()) => renamed += 1,
            Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error:?}"),
        }
        let there = [&left, &arrived].map(Option::is_some);
        let found = left.or(arrived).map(|row| row.value);
        if found != Some(acknowledged) || there != [moved.is_err(), moved.is_ok()] {
            lost.push(format!(
                "round {round}: {found:?} of {acknowledged} changes, under {there:?}"
            ));
        }
    }
    println!("{renamed} of {rounds} renames went through");
    lost
}

async fn a_rename_loses_no_change(store: &Store) {
    if store.lacks(Capability::AtomicCreates) || store.lacks(Capability::AtomicUpdates) {
        return;
    }
    let counters = store.db().table::<Counter>();
    if store.lacks(Capability::ConditionalDeletes) {
        counters.upsert(&counter("old", 1)).await.unwrap();
        let refused = counters.rename("old", "new").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Unsupported, "{refused:?}");
        assert_eq!(counters.names().await.unwrap(), ["old"]);
        return;
    }
    let rename = |counters: CounterTable, old: String, new: String| async move {
        counters.rename(&*old, &*new).await
    };
    let lost = moved_under_modifies(&counters, rounds(store, 10, 60), rename).await;
    assert!(lost.is_empty(), "{lost:#?}");
}

/// The control: a rename that deletes whatever is under the old key is found out.
#[tokio::test]
async fn a_rename_that_loses_changes_is_found_out() {
    let store = Store::memory().await.expect("it is always there");
    let counters = store.db().table::<Counter>();
    let careless = |counters: CounterTable, old: String, new: String| async move {
        let mut row = counters.select(&*old).await?.expect("the row");
        tokio::task::yield_now().await;
        row.name = new;
        counters.insert(&row).await?;
        tokio::task::yield_now().await;
        counters.delete(&*old).await
    };
    let lost = moved_under_modifies(&counters, 10, careless).await;
    assert!(!lost.is_empty());
}

async fn of_two_renames_of_a_row_one_moves_it(store: &Store) {
    let lacks = [
        Capability::AtomicCreates,
        Capability::AtomicUpdates,
        Capability::ConditionalDeletes,
    ];
    if lacks.into_iter().any(|lack| store.lacks(lack)) {
        return;
    }
    let counters = store.db().table::<Counter>();
    for round in 0..rounds(store, 20, 100) {
        let name = |end: &str| format!("{round:03}-{end}");
        counters.upsert(&counter(name("old"), round)).await.unwrap();
        let renames = ["a", "b"].map(|end| {
            let (counters, old, new) = (counters.clone(), name("old"), name(end));
            tokio::spawn(async move { counters.rename(&*old, &*new).await })
        });
        let mut moved = Vec::new();
        for (end, rename) in ["a", "b"].into_iter().zip(renames) {
            match rename.await.expect("a task ends well") {
                Ok(()) => moved.push(counter(name(end), round)),
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}"),
            }
        }
        assert_eq!(moved.len(), 1, "round {round}");
        let mut there = counters.rows().await.unwrap();
        there.retain(|row| row.name.starts_with(&name("")));
        assert_eq!(there, moved, "round {round}");
    }
}

on_every_store!(
    of_many_inserts_of_a_key_one_wins,
    modifies_of_many_tasks_are_all_counted,
    a_rename_loses_no_change,
    of_two_renames_of_a_row_one_moves_it,
);
