//! Many rows at once: every row's outcome, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use s3aads::{ErrorKind, Progress, from_stream};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{Counter, DailyData, DailyDataKey, counter, day};

fn names(n: i64) -> impl Iterator<Item = Counter> {
    (0..n).map(|value| counter(&format!("{value:03}"), value))
}

async fn insert_all_has_an_outcome_for_every_row(store: &Store) {
    let counters = store.db().table::<Counter>();
    counters
        .upsert_all(names(5).step_by(2))
        .await
        .into_result()
        .unwrap();
    let report = counters.insert_all(names(5)).await;
    if store.lacks(Capability::Creates) {
        assert_eq!(report.failed(), 5);
        assert!(report.failures().all(|outcome| matches!(
            &outcome.result, Err(error) if error.kind() == ErrorKind::Unsupported
        )));
        return;
    }
    let keys: Vec<&str> = report
        .outcomes()
        .iter()
        .map(|outcome| &*outcome.key.name)
        .collect();
    assert_eq!(keys, ["000", "001", "002", "003", "004"]);
    assert_eq!((report.succeeded(), report.failed()), (2, 3));
    for failure in report.failures() {
        let error = failure.result.as_ref().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert_eq!(error.key(), Some(&*failure.key.name));
    }
    let error = report.into_result().unwrap_err();
    assert!(error.to_string().contains("3 of 5 rows failed"), "{error}");
    assert_eq!(counters.count().await.unwrap(), 5);
}

async fn a_failure_inside_a_batch_does_not_stop_it(store: &Store) {
    let days = store.db().table::<DailyData>();
    let rows = [day(1, 2020, 1, 1), day(1, 2020, 200, 1), day(1, 2020, 3, 1)];
    let report = days.upsert_all(&rows).await;
    let results: Vec<Option<ErrorKind>> = report
        .into_iter()
        .map(|outcome| outcome.result.err().map(|error| error.kind()))
        .collect();
    assert_eq!(results, [None, Some(ErrorKind::InvalidKey), None]);
    assert_eq!(days.months().await.unwrap(), [1, 3]);

    let keys = rows.iter().map(DailyDataKey::from);
    let deleted = days.delete_all(keys).await;
    assert_eq!((deleted.succeeded(), deleted.failed()), (2, 1));
    assert!(deleted.outcomes()[1].result.is_err(), "{deleted:?}");
    assert!(days.is_empty().await.unwrap());
}

async fn select_all_answers_in_the_order_asked(store: &Store) {
    let counters = store.db().table::<Counter>();
    counters.upsert_all(names(20)).await.into_result().unwrap();
    let asked = ["019", "absent", "000", "007", "019"];
    let found = counters.select_all(asked).await.into_result().unwrap();
    let values: Vec<Option<i64>> = found
        .iter()
        .map(|row| row.as_ref().map(|row| row.value))
        .collect();
    assert_eq!(values, [Some(19), None, Some(0), Some(7), Some(19)]);
}

async fn batches_take_streams(store: &Store) {
    let counters = store.db().table::<Counter>();
    let rows = stream::iter(names(40)).then(|row| async {
        tokio::task::yield_now().await;
        row
    });
    let report = counters.upsert_all(from_stream(rows)).concurrency(4).await;
    assert_eq!(report.succeeded(), 40);
    let keys = stream::iter(counters.keys().await.unwrap());
    let report = counters.delete_all(from_stream(keys)).await;
    assert_eq!(report.succeeded(), 40);
    assert!(counters.is_empty().await.unwrap());
    assert_eq!(
        counters
            .upsert_all(Vec::<Counter>::new())
            .await
            .outcomes()
            .len(),
        0
    );
}

async fn delete_all_takes_absent_rows_too(store: &Store) {
    let counters = store.db().table::<Counter>();
    counters.upsert_all(names(10)).await.into_result().unwrap();
    let keys = (0..20).map(|n| format!("{n:03}"));
    let report = counters.delete_all(keys).await;
    assert_eq!(report.succeeded(), 20, "{report:?}");
    assert!(counters.is_empty().await.unwrap());
}

async fn progress_is_told_up_to_the_last_row(store: &Store) {
    let counters = store.db().table::<Counter>();
    let mut seen: Vec<Progress> = Vec::new();
    let batch = counters.upsert_all(names(25)).concurrency(3);
    batch
        .on_progress(|progress| seen.push(progress))
        .await
        .into_result()
        .unwrap();
    assert!(seen.is_sorted_by_key(|progress| progress.done));
    let last = seen.last().unwrap();
    assert_eq!((last.done, last.failed), (25, 0));
}

async fn no_more_rows_are_asked_for_than_may_be_under_way(store: &Store) {
    let counters = store.db().table::<Counter>();
    let taken = Arc::new(AtomicUsize::new(0));
    let counting = names(60).inspect({
        let taken = Arc::clone(&taken);
        move |_| {
            taken.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (mut most, mut done) = (0, 0);
    let batch = counters
        .upsert_all(counting)
        .concurrency(5)
        .on_progress(|progress| {
            let under_way = taken.load(Ordering::Relaxed) - done;
            most = most.max(under_way);
            done = usize::try_from(progress.done).unwrap();
        });
    assert_eq!(batch.await.succeeded(), 60);
    assert!(most <= 5, "{most} rows were under way");
}

async fn a_dropped_batch_leaves_whole_rows(store: &Store) {
    let counters = store.db().table::<Counter>();
    let endless = (0..).map(|value| counter(&format!("{value:06}"), value));
    let batch = counters.upsert_all(endless).concurrency(4);
    let stopped = tokio::time::timeout(Duration::from_millis(100), batch.into_future()).await;
    assert!(stopped.is_err(), "an endless batch does not end");
    for row in counters.rows().await.unwrap() {
        assert_eq!(row, counter(&format!("{:06}", row.value), row.value));
    }
}

on_every_store!(
    insert_all_has_an_outcome_for_every_row,
    a_failure_inside_a_batch_does_not_stop_it,
    select_all_answers_in_the_order_asked,
    batches_take_streams,
    delete_all_takes_absent_rows_too,
    progress_is_told_up_to_the_last_row,
    no_more_rows_are_asked_for_than_may_be_under_way,
    a_dropped_batch_leaves_whole_rows,
);
