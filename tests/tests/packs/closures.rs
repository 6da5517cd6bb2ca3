//! What the closures of transactions may do, and what becomes of a commit whose runtime ends.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::join_all;

use crate::*;

/// Whoever panics has changed nothing, and the others of its commit are not harmed.
#[tokio::test]
async fn a_closure_that_panics_changes_nothing() {
    let wire = wire();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    accounts.insert(&account(1, 1)).await.unwrap();
    let bank = accounts.pack(1);
    let panics = async {
        let panicked = bank.transact(|rows| -> s3aads::Result<()> {
            rows.remove(1)?;
            rows.insert(&account(1, 2))?;
            panic!("on purpose")
        });
        let panicked = AssertUnwindSafe(panicked).catch_unwind().await;
        assert!(panicked.is_err());
        let modified = accounts.modify((1, 1), |_| panic!("on purpose"));
        assert!(AssertUnwindSafe(modified).catch_unwind().await.is_err());
    };
    let rows: Vec<Account> = (10..14).map(|name| account(1, name)).collect();
    let others = join_all(rows.iter().map(|row| accounts.insert(row)));
    let ((), others) = tokio::join!(panics, others);
    assert!(others.iter().all(Result::is_ok), "{others:?}");
    let names: Vec<u32> = bank
        .rows()
        .await
        .unwrap()
        .iter()
        .map(|row| row.name)
        .collect();
    assert_eq!(names, [1, 10, 11, 12, 13]);
    bank.transact(|rows| rows.remove(1)).await.unwrap();
    assert_eq!(bank.rows().await.unwrap().len(), 4);
}

/// A closure that waits for other transactions: of another pack, and of its own, which it then must see.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_closure_may_wait_for_other_transactions() {
    let wire = wire();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    for bank in [1, 2] {
        accounts.insert(&account(bank, 1)).await.unwrap();
    }
    let wait = |bank: u32, name: u32| {
        let inner = accounts.pack(bank).transact(move |rows| {
            let mut row = rows.get(name)?.unwrap_or(account(bank, name));
            row.cents += 1;
            rows.upsert(&row)?;
            Ok::<_, s3aads::Error>(row.cents)
        });
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(inner))
    };
    let mut runs = 0;
    let bank = accounts.pack(1);
    let seen = bank.transact(|rows| {
        runs += 1;
        let before = rows.get(1)?.map(|row| row.cents);
        let other = wait(2, 1)?;
        if runs < 3 {
            wait(1, 1)?;
        }
        rows.upsert(&account(1, 9))?;
        Ok::<_, s3aads::Error>((before, other))
    });
    let seen = seen.await.unwrap();
    assert_eq!(
        (seen, runs),
        ((Some(102), 103), 3),
        "it ran until what it read held"
    );
    let cents: Vec<_> = bank
        .rows()
        .await
        .unwrap()
        .iter()
        .map(|row| (row.name, row.cents))
        .collect();
    assert_eq!(cents, [(1, 102), (9, 100)]);
}

/// As many rows as fit a pack, put in, looked through again and again, and taken out one by one.
#[tokio::test]
async fn a_transaction_may_be_as_large_as_a_pack() {
    const ROWS: u32 = 20_000;
    let wire = wire();
    wire.begin().await;
    let accounts = wire.db.table::<Account>();
    let bank = accounts.pack(1);
    bank.transact(|rows| (0..ROWS).try_for_each(|name| rows.insert(&account(1, name))))
        .await
        .unwrap();
    assert_eq!(wire.take_log(), ["GET 404", "PUT 200"]);
    let taken = bank.transact(|rows| {
        for _ in 0..3 {
            assert_eq!(rows.all()?.len(), ROWS as usize);
        }
        let mut taken = 0;
        for name in (0..ROWS).step_by(2) {
            // The first that is left, behind all that were taken out.
            let first = rows.range(name..=name)?;
            taken += u32::from(rows.remove(first[0].name)?);
        }
        assert_eq!(rows.range(..100)?.len(), 50);
        Ok::<_, s3aads::Error>(taken)
    });
    assert_eq!(taken.await.unwrap(), ROWS / 2);
    assert_eq!(wire.take_log(), ["PUT 200"]);
    assert_eq!(bank.rows().await.unwrap().len(), ROWS as usize / 2);
    let all = bank.transact(|rows| {
        for row in rows.all()? {
            rows.remove(row.name)?;
        }
        rows.all()
    });
    assert_eq!(all.await.unwrap(), []);
    assert_eq!(wire.text("accounts/1/rows.ndjson"), None);
}

/// Somebody's editor saves the pack between a read and the commit that rests on it.
#[tokio::test]
async fn a_pack_that_is_edited_by_hand_meanwhile_is_read_again() {
    let wire = wire();
    wire.begin().await;
    let days = wire.db.table::<Weather>();
    days.insert(&weather(1, 1)).await.unwrap();
    let mut read = days
        .select_versioned(&weather(1, 0))
        .await
        .unwrap()
        .unwrap();
    read.row.temp = 5;
    wire.put_raw(PACK, &format!("{}\n{}", line(3, 3), line(1, 1).trim_end()));
    days.update(&read).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), [line(1, 5), line(3, 3)].concat());
    for (edited, cause) in [
        ("{\"day\":1", "line 1 is not one of the pack's rows"),
        (
            &*[line(1, 1), line(1, 2)].concat(),
            "lines 1, 2 have one key",
        ),
        (
            &*line(1, 1).replace("Rome", "Oslo"),
            "the object's path says \"Rome\"",
        ),
    ] {
        wire.put_raw(PACK, edited);
        wire.take_log();
        let error = days.upsert(&weather(4, 4)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRow);
        assert!(error.to_string().contains(cause), "{error}");
        let gets = wire.take_log().into_iter().filter(|sent| sent == "GET 200");
        assert_eq!(gets.count(), 1, "it is read once, and for nobody not again");
        assert_eq!(wire.text(PACK).as_deref(), Some(edited));
    }
    // Put right, or taken away, it is written again.
    wire.put_raw(PACK, &line(2, 2));
    days.upsert(&weather(4, 4)).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), [line(2, 2), line(4, 4)].concat());
    wire.server.remove(BUCKET, PACK);
    days.upsert(&weather(5, 5)).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), line(5, 5));
}

/// A commit runs on the runtime of whoever set it off. If that ends, those of other runtimes who wait for it are told that
/// nobody knows, and the next ones get on.
#[test]
fn a_runtime_that_ends_in_a_commit_leaves_nobody_waiting() {
    let runtime = || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(1).enable_all().build().unwrap()
    };
    let (first, second) = (runtime(), runtime());
    let wire = wire();
    second.block_on(wire.begin());
    let accounts = wire.db.table::<Account>();
    wire.faults.add(
        Rule::new(Action::Delay(Duration::from_secs(60)))
            .class(RequestClass::Put)
            .times(1),
    );
    let mine = accounts.clone();
    first.spawn(async move { mine.insert(&account(1, 1)).await.map(drop) });
    while wire.faults.log().is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let waiting = accounts.clone();
    let waiting = second.spawn(async move { waiting.insert(&account(1, 2)).await.map(drop) });
    std::thread::sleep(Duration::from_millis(50));
    drop(first);
    second.block_on(async {
        let told = waiting.await.unwrap();
        assert_eq!(kind(told), ErrorKind::Indeterminate);
        accounts.insert(&account(1, 3)).await.unwrap();
        let names: Vec<u32> = accounts
            .pack(1)
            .rows()
            .await
            .unwrap()
            .iter()
            .map(|row| row.name)
            .collect();
        assert_eq!(names, [3], "the first two were never sent");
    });
}
