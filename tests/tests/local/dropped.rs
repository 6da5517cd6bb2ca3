//! A write whose future was dropped is never seen after a later one.

use std::time::Duration;

use futures_util::FutureExt;

use super::*;

const ROUNDS: u32 = 40;

/// A large row takes longer to write than a small one, which comes after it.
const LARGE: usize = 2 << 20;

/// A write that is given up is followed by one that is acknowledged: whatever became of the first one, it must not come
/// back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_was_given_up_does_not_land_later() {
    let (_folder, db) = fresh().await;
    let rows = db.table::<Row>();
    let mut timeouts = 0;
    for round in 0..ROUNDS {
        let (old, new) = (row(1, &"x".repeat(LARGE)), row(1, &format!("new {round}")));
        let wait = Duration::from_micros(u64::from(round * 137 % 1000));
        // However fast the disk is, some are given up as soon as they have begun.
        let given_up = match round % 4 {
            0 => rows.upsert(&old).now_or_never().is_none(),
            _ => tokio::time::timeout(wait, rows.upsert(&old)).await.is_err(),
        };
        timeouts += u32::from(given_up);
        rows.upsert(&new).await.expect("an upsert");
        // What is still on its way has the time to land.
        tokio::time::sleep(Duration::from_millis(10)).await;
        let stored = rows.select(1).await.expect("a select").expect("the row");
        assert!(
            stored == new,
            "round {round}: a row of {} bytes",
            stored.text.len()
        );
    }
    println!("{timeouts} of {ROUNDS} writes were given up");
    assert!(timeouts > 0, "no write was given up");
}

/// A write that waits in a queue when it is given up is never begun.
#[test]
fn a_write_that_has_not_begun_never_does() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let (_folder, db) = fresh().await;
        let rows = db.table::<Row>();
        let (block, blocked) = std::sync::mpsc::channel::<()>();
        let busy = tokio::task::spawn_blocking(move || blocked.recv());
        let wait = Duration::from_millis(20);
        let given_up = tokio::time::timeout(wait, rows.upsert(&row(1, "never"))).await;
        assert!(given_up.is_err());
        drop(block);
        busy.await
            .expect("no panic")
            .expect_err("the channel's end");
        assert_eq!(rows.select(1).await.expect("a select"), None);
    });
}
