//! Group commit: writes that wait for each other go out as one, each with its own outcome.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use s3aads_tests::server::Operation;

use crate::*;

const LATENCY: Duration = Duration::from_millis(20);

fn slow() -> Wire {
    wire_with(Options {
        latency: LATENCY,
        ..Options::default()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_inserts_into_one_pack_take_few_requests() {
    let wire = slow();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    let begun = Instant::now();
    let inserts = (0..1000).map(|name| {
        let accounts = accounts.clone();
        tokio::spawn(async move { accounts.insert(&account(1, name)).await.map(drop) })
    });
    for inserted in join_all(inserts.collect::<Vec<_>>()).await {
        inserted.unwrap().unwrap();
    }
    let (took, log) = (begun.elapsed(), wire.take_log());
    println!("1000 inserts: {} requests, {took:?}", log.len());
    assert!(log.len() <= 20, "{log:?}");
    assert_eq!(accounts.pack(1).rows().await.unwrap().len(), 1000);
}

/// The tasks of each pack go out together, and the packs side by side.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_packs_commit_side_by_side() {
    let wire = slow();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    let first = (0..64).map(|bank| account(bank, 1_000_000));
    accounts
        .insert_all(first)
        .concurrency(64)
        .await
        .into_result()
        .unwrap();
    wire.server.clear_log();
    let tasks = (0..64 * 64u32).map(|task| {
        let accounts = accounts.clone();
        tokio::spawn(async move {
            let row = account(task % 64, task / 64);
            accounts.insert(&row).await.unwrap();
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let commits = wire.server.count(Operation::Put);
    println!("64 tasks on each of 64 packs: {commits} commits");
    assert_eq!(wire.server.requests(), commits, "every pack is known");
    // A pack's tasks need not keep step.
    assert!(commits <= 64 * 16, "{commits} commits of 4,096 rows");
}

/// An insert of a taken key fails alone, wherever among the others it stands.
#[tokio::test]
async fn each_caller_has_its_own_outcome() {
    let wire = slow();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    let insert = async |name| accounts.insert(&account(1, name)).await.map(drop);
    let mut big = account(1, 7);
    big.cents = i64::MAX;
    let (outcomes, upserted, deleted) = tokio::join!(
        join_all([0, 1, 0, 2, 1, 0].map(insert)),
        accounts.upsert(&big),
        accounts.delete((1, 99))
    );
    let taken = ErrorKind::AlreadyExists;
    let kinds: Vec<_> = outcomes
        .into_iter()
        .map(|done| done.err().map(|error| error.kind()))
        .collect();
    assert_eq!(
        kinds,
        [None, None, Some(taken), None, Some(taken), Some(taken)]
    );
    upserted.unwrap();
    deleted.unwrap();
    assert_eq!(wire.take_log(), ["GET 404", "PUT 200"]);
}

/// Callers that go away: their rows are in or out, and the others' are in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_harms_nobody() {
    let wire = slow();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    for round in 0..8u32 {
        let calls = (0..60).map(|name| {
            let accounts = accounts.clone();
            let name = round * 100 + name;
            tokio::spawn(async move {
                let row = account(1, name);
                let insert = accounts.insert(&row);
                match name % 3 {
                    0 => {
                        let patience = Duration::from_millis(fastrand::u64(..60));
                        match tokio::time::timeout(patience, insert).await {
                            Ok(done) => drop(done.unwrap()),
                            Err(_) => return None,
                        }
                    }
                    _ => drop(insert.await.unwrap()),
                }
                Some(name)
            })
        });
        let calls: Vec<_> = calls.collect();
        let mut acknowledged: Vec<u32> = Vec::new();
        for call in calls {
            acknowledged.extend(call.await.unwrap());
        }
        let there = accounts.pack(1).rows().await.unwrap();
        for name in acknowledged {
            assert!(
                there.iter().any(|row| row.name == name),
                "{name} was acknowledged"
            );
        }
    }
    // Whoever is left alone still gets through.
    accounts.insert(&account(1, 100_000)).await.unwrap();
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_stop_its_commit() {
    let wire = slow();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    accounts.insert(&account(1, 0)).await.unwrap();
    let (mine, other) = (account(1, 1), account(1, 2));
    let gone = async {
        let applied = async {
            let there = |text: String| text.contains(r#""name":1,"#);
            while !wire.text("accounts/1/rows.ndjson").is_some_and(there) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            () = applied => (),
            done = accounts.insert(&mine) => drop(done.unwrap()),
        }
    };
    let ((), other) = tokio::join!(gone, accounts.insert(&other));
    other.unwrap();
    assert_eq!(accounts.pack(1).rows().await.unwrap().len(), 3);
}

/// Nobody waits for more than the commit under way and the next one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_more_than_two_commits() {
    let wire = slow();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    accounts.insert(&account(1, 0)).await.unwrap();
    let puts = || wire.server.count(Operation::Put);
    let server = Arc::new(());
    let mut waits = Vec::new();
    let busy = (1..40u32).map(|task| {
        let accounts = accounts.clone();
        tokio::spawn(async move {
            for round in 0..20 {
                accounts
                    .upsert(&account(1, task * 1000 + round))
                    .await
                    .unwrap();
            }
        })
    });
    let busy: Vec<_> = busy.collect();
    for name in 0..20 {
        let before = puts();
        accounts
            .upsert(&account(1, 1_000_000 + name))
            .await
            .unwrap();
        waits.push(puts() - before);
    }
    for task in busy {
        task.await.unwrap();
    }
    drop(server);
    // One may have been logged and one answered in between.
    assert!(waits.iter().all(|commits| *commits <= 3), "{waits:?}");
}

/// Handles that know nothing of each other, as processes don't, all make progress on one pack.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_on_one_pack_make_progress() {
    let wire = wire();
    wire.begin().await;
    let mut first = account(1, 1);
    first.cents = 0;
    wire.db.table::<Account>().insert(&first).await.unwrap();
    let processes = (0..8).map(|_| {
        let db = database(&wire.server, None);
        tokio::spawn(async move {
            let accounts = db.table::<Account>();
            for _ in 0..100 {
                accounts
                    .modify((1, 1), |account| account.cents += 1)
                    .await
                    .unwrap();
            }
        })
    });
    for process in processes.collect::<Vec<_>>() {
        process.await.unwrap();
    }
    let end = wire.db.table::<Account>().select((1, 1)).await.unwrap();
    assert_eq!(end.unwrap().cents, 800);
}

#[tokio::test]
async fn a_failed_commit_fails_only_those_in_it() {
    let wire = slow();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    accounts.insert(&account(1, 0)).await.unwrap();
    wire.faults.add(
        Rule::new(Action::respond(403, "AccessDenied"))
            .class(RequestClass::Put)
            .times(1),
    );
    let rows: Vec<Account> = (1..9).map(|name| account(1, name)).collect();
    let (first, second) = rows.split_at(4);
    let first = join_all(first.iter().map(|row| accounts.insert(row)));
    let second = async {
        // The first are under way by then.
        tokio::time::sleep(LATENCY / 2).await;
        join_all(second.iter().map(|row| accounts.insert(row))).await
    };
    let (first, second) = tokio::join!(first, second);
    for failed in first {
        let error = failed.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(
            error.to_string().contains("key \"1/"),
            "it names the row: {error}"
        );
    }
    assert!(second.iter().all(Result::is_ok), "{second:?}");
    assert_eq!(accounts.pack(1).rows().await.unwrap().len(), 5);
}
