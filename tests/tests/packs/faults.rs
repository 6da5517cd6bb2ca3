//! Commits whose answers are lost, that land late, or that the store does not take.

use futures_util::future::join_all;

use crate::*;

fn losses() -> [Action; 4] {
    [
        Action::ApplyThenReset,
        Action::ApplyThenTimeout,
        Action::apply_then_respond(500, "InternalError"),
        Action::apply_then_respond(503, ""),
    ]
}

fn once(action: Action) -> Rule {
    Rule::new(action).class(RequestClass::Put).times(1)
}

#[tokio::test]
async fn a_group_that_was_applied_stays_a_success() {
    for loss in losses() {
        let wire = wire();
        wire.begin().await;
        let accounts = wire.db.table::<Account>();
        for (bank, known) in [(1, false), (2, true)] {
            if known {
                accounts.insert(&account(bank, 100)).await.unwrap();
            }
            wire.server.clear_log();
            wire.faults.add(once(loss.clone()));
            let rows: Vec<Account> = (0..8).map(|name| account(bank, name)).collect();
            let done = join_all(rows.iter().map(|row| accounts.insert(row))).await;
            assert!(done.iter().all(Result::is_ok), "{loss} {done:?}");
            let counted = accounts.pack(bank).rows().await.unwrap().len();
            assert_eq!(counted, 8 + usize::from(known));
        }
    }
}

/// The answer is lost, and others commit before the library looks: each of their commits keeps the
/// ids of those before it, the one that this handle made from memory too.
#[tokio::test]
async fn an_own_success_is_found_though_others_committed_since() {
    let wire = wire();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    let theirs = wire.other().await.table::<Account>();
    accounts.insert(&account(1, 1)).await.unwrap();
    for round in 0..4u32 {
        // The first attempt is applied and not answered; before the second one, others write.
        wire.faults.add(once(Action::ApplyThenReset));
        wire.faults.add(
            Rule::new(Action::Delay(Duration::from_millis(80)))
                .class(RequestClass::Put)
                .times(1),
        );
        let row = account(1, 100 + round);
        let mine = accounts.insert(&row);
        let others = async {
            let path = "accounts/1/rows.ndjson";
            while !wire
                .text(path)
                .is_some_and(|text| text.contains(&format!("\"name\":{}", 100 + round)))
            {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            for name in 0..5 {
                theirs
                    .insert(&account(1, 1000 + round * 10 + name))
                    .await
                    .unwrap();
            }
        };
        let (mine, ()) = tokio::join!(mine, others);
        mine.unwrap();
    }
    assert_eq!(accounts.pack(1).rows().await.unwrap().len(), 1 + 4 + 20);
}

/// A handle that writes on what it wrote itself never read the ids of that; it leaves them all the same,
/// so that another one, whose attempt got no clear answer, learns that it was not carried out.
#[tokio::test]
async fn a_commit_from_memory_keeps_the_ids_of_those_before_it() {
    let wire = wire();
    wire.begin().await;
    let mine = wire.db.table::<Account>();
    let theirs = wire.other().await.table::<Account>();
    theirs.insert(&account(1, 1)).await.unwrap();
    mine.select((1, 1)).await.unwrap();
    wire.server.clear_log();
    wire.faults.add(once(Action::respond(500, "InternalError")));
    let delay = Action::Delay(Duration::from_millis(300));
    wire.faults.add(once(delay));
    let row = account(1, 2);
    let others = async {
        while wire.faults.log().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        theirs.insert(&account(1, 3)).await.unwrap();
    };
    let (inserted, ()) = tokio::join!(mine.insert(&row), others);
    inserted.unwrap();
    let log = wire.take_log();
    let expected = ["PUT 200", "PUT 412", "HEAD 200", "GET 200", "PUT 200"];
    assert_eq!(log, expected, "theirs from memory, then mine");
    assert_eq!(mine.pack(1).rows().await.unwrap().len(), 3);
}

/// Whoever gave a write up may have written the row again since: the write does not come after that.
#[tokio::test]
async fn a_write_that_was_given_up_does_not_come_after_a_later_one() {
    let wire = wire();
    wire.begin().await;
    let mine = wire.db.table::<Account>();
    let theirs = wire.other().await.table::<Account>();
    mine.insert(&account(1, 1)).await.unwrap();
    let with = |cents| Account {
        cents,
        ..account(1, 1)
    };
    let (old, new) = (with(1), with(2));
    wire.faults
        .add(once(Action::Delay(Duration::from_millis(300))));
    let begun = async {
        while wire.faults.log().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        () = begun => (),
        done = mine.upsert(&old) => drop(done.unwrap()),
    }
    theirs.upsert(&new).await.unwrap();
    // It waits for the commit that was given up, which loses.
    mine.insert(&account(1, 2)).await.unwrap();
    assert_eq!(mine.select((1, 1)).await.unwrap(), Some(new));
}

#[tokio::test]
async fn refusals_of_the_moment_and_storms_are_got_over() {
    for answer in [
        (409, "ConditionalRequestConflict"),
        (503, "SlowDown"),
        (500, "InternalError"),
        (412, "PreconditionFailed"),
    ] {
        let wire = wire();
        wire.begin().await;
        let accounts = wire.db.table::<Account>();
        accounts.insert(&account(1, 100)).await.unwrap();
        let action = Action::respond(answer.0, answer.1);
        wire.faults
            .add(Rule::new(action).class(RequestClass::Put).times(2));
        let rows: Vec<Account> = (0..8).map(|name| account(1, name)).collect();
        let done = join_all(rows.iter().map(|row| accounts.insert(row))).await;
        assert!(done.iter().all(Result::is_ok), "{answer:?} {done:?}");
        assert_eq!(accounts.pack(1).rows().await.unwrap().len(), 9);
    }
}

/// A PUT that was given up lands after others have committed: it is refused by then, and those who
/// were told that nobody knows were told the truth.
#[tokio::test]
async fn a_commit_that_lands_late_undoes_nothing() {
    let wire = wire();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    accounts.insert(&account(1, 1)).await.unwrap();
    wire.faults
        .add(Rule::new(Action::Hold).class(RequestClass::Put).times(4));
    assert_eq!(
        kind(accounts.insert(&account(1, 2)).await),
        ErrorKind::Indeterminate
    );
    accounts.insert(&account(1, 3)).await.unwrap();
    accounts.delete((1, 1)).await.unwrap();
    wire.faults.release().await;
    let names: Vec<u32> = accounts
        .pack(1)
        .rows()
        .await
        .unwrap()
        .iter()
        .map(|row| row.name)
        .collect();
    assert_eq!(names, [3]);

    // If nobody wrote since, it may yet be carried out.
    wire.faults
        .add(Rule::new(Action::Hold).class(RequestClass::Put).times(4));
    assert_eq!(
        kind(accounts.insert(&account(1, 4)).await),
        ErrorKind::Indeterminate
    );
    wire.faults.release().await;
    let there = accounts.select((1, 4)).await.unwrap();
    assert_eq!(there, Some(account(1, 4)));
    accounts.insert(&account(1, 5)).await.unwrap();
    assert_eq!(accounts.pack(1).rows().await.unwrap().len(), 3);
}

/// The control: on a store that ignores conditions, and is believed, handles overwrite each other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_ignores_conditions_is_found_out() {
    let wire = wire_with(Options {
        ignore_conditions: true,
        // So that they are at it at one time.
        latency: Duration::from_millis(2),
        ..Options::default()
    });
    let believed = || {
        let db = database(&wire.server, None);
        db.with_conditions(s3aads::Conditions::Assumed)
    };
    let processes = (0..4u32).map(|process| {
        let db = believed();
        tokio::spawn(async move {
            for round in 0..25 {
                let name = process * 100 + round;
                db.table::<Account>()
                    .insert(&account(1, name))
                    .await
                    .unwrap();
            }
        })
    });
    for process in processes.collect::<Vec<_>>() {
        process.await.unwrap();
    }
    let left = believed()
        .table::<Account>()
        .pack(1)
        .rows()
        .await
        .unwrap()
        .len();
    assert!(left < 100, "nothing was overwritten");
}
