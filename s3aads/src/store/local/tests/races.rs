//! Writers that are at work at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::Durability;
use super::super::folder::Folder;
use super::super::staging;
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_creates_one_wins() {
    let db = Arc::new(Database::new());
    for round in 0..20 {
        let key = format!("t/{round}");
        let tasks = (0..8).map(|task| {
            let (db, key) = (Arc::clone(&db), key.clone());
            // A backend of its own has locks of its own, as another process does.
            let own = open(db.folder.path());
            tokio::spawn(async move {
                let request = PutRequest {
                    condition: Condition::Absent,
                    ..PutRequest::default()
                };
                let body = task.to_string().into();
                own.put(&key, body, request, &db.meter)
                    .await
                    .is_ok()
                    .then_some(task)
            })
        });
        let mut winners = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            winners.extend(task.await.expect("a task"));
        }
        assert_eq!(winners.len(), 1, "{winners:?}");
        assert_eq!(db.text(&key).await, Some(winners[0].to_string()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn concurrent_updates_lose_nothing_and_no_reader_sees_half_a_row() {
    const TASKS: u32 = 8;
    const ROUNDS: u32 = 40;
    // Long enough for a torn read to show.
    let row = |count: u32| format!("{count:08}").repeat(4096);
    let db = Arc::new(Database::new());
    db.set("t/counter", &row(0)).await;
    let lost = Arc::new(AtomicUsize::new(0));
    let tasks = (0..TASKS).map(|_| {
        let (db, lost) = (Arc::clone(&db), Arc::clone(&lost));
        let own = open(db.folder.path());
        tokio::spawn(async move {
            for _ in 0..ROUNDS {
                loop {
                    let read = own.get("t/counter", &db.meter).await.expect("the counter");
                    let text = String::from_utf8(read.body.to_vec()).expect("text");
                    let count: u32 = text[..8].parse().expect("a number");
                    assert_eq!(text, row(count));
                    let request = PutRequest {
                        condition: unchanged(read.entry.version.e_tag().expect("an ETag")),
                        ..PutRequest::default()
                    };
                    match own
                        .put("t/counter", row(count + 1).into(), request, &db.meter)
                        .await
                    {
                        Ok(_) => break,
                        Err(error) if error.reason() == Reason::Changed => {
                            lost.fetch_add(1, Ordering::Relaxed)
                        }
                        Err(error) => panic!("{error}"),
                    };
                }
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("a task");
    }
    assert_eq!(db.text("t/counter").await, Some(row(TASKS * ROUNDS)));
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_and_deleters_of_one_folder_don_t_disturb_each_other() {
    let db = Arc::new(Database::new());
    let tasks = (0..4).map(|task| {
        let db = Arc::clone(&db);
        tokio::spawn(async move {
            let key = format!("t/a/b/{task}");
            for _ in 0..100 {
                db.put(&key, "x", Condition::Absent)
                    .await
                    .expect("a create");
                db.backend
                    .delete(&key, None, &db.meter)
                    .await
                    .expect("a delete");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("a task");
    }
    assert!(
        !db.path("t").exists(),
        "the empty folders went with the last object"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cleaners_and_writers_don_t_disturb_each_other() {
    let db = Arc::new(Database::new());
    let cleaner = {
        let folder = Folder::new(db.folder.path().to_owned(), Durability::Relaxed);
        let db = Arc::downgrade(&db);
        std::thread::spawn(move || {
            while db.strong_count() > 0 {
                let _ = staging::clean(&folder);
            }
        })
    };
    for round in 0..500 {
        db.put(&format!("t/{round}"), "x", Condition::Absent)
            .await
            .expect("a create");
    }
    drop(db);
    cleaner.join().expect("the cleaner");
}
