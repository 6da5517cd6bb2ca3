//! Large tables, and budgets.

use super::*;

#[tokio::test]
async fn deletes_cost_the_listing_and_a_bulk_delete_for_each_thousand() {
    let store = Counted::new().await;
    seed(&store, 2, 15, 100);
    let table = store.db().table::<Reading>();
    let query = table.filter_by_site(1).concurrency(1);
    let (deleted, log) = store.of(query.delete()).await;
    assert_eq!(deleted.rows, 1_500);
    assert_eq!(
        (
            count(&log, Operation::List),
            count(&log, Operation::Post),
            log.len()
        ),
        (2, 2, 4)
    );

    let (dropped, log) = store.of(store.db().drop_table("readings")).await;
    assert_eq!(dropped, 1_500);
    assert_eq!(
        (
            count(&log, Operation::List),
            count(&log, Operation::Post),
            log.len()
        ),
        // One for the entries of indexes that nobody has told of.
        (2 + 1, 2, 5)
    );
    assert_eq!(store.wire().object_count(store.db().name()), 0);

    // The schema behind a full page costs no bulk delete of its own.
    seed(&store, 1, 20, 100);
    let (dropped, log) = store.of(store.db().drop_table("readings")).await;
    assert_eq!(dropped, 2_000);
    assert_eq!(
        (
            count(&log, Operation::List),
            count(&log, Operation::Post),
            count(&log, Operation::Delete),
            log.len()
        ),
        (2 + 1, 2, 1, 6)
    );

    seed(&store, 1, 15, 100);
    let keys = table.keys().await.unwrap();
    let (report, log) = store.of(async { Ok(table.delete_all(keys).await) }).await;
    assert_eq!(report.succeeded(), 1_500);
    assert_eq!((count(&log, Operation::Post), log.len()), (2, 2));
}

#[tokio::test]
async fn tens_of_pages_cost_what_one_worker_sends() {
    let store = Counted::new().await;
    seed(&store, 2, 600, 50);
    let table = store.db().table::<Reading>();
    // 30,000 rows of a site, 30 pages, at the default concurrency.
    let query = table.filter_by_site(1);
    let keys = store.only(Operation::List, 30, query.keys()).await;
    assert_eq!(keys.len(), 30_000);
    let count = store.only(Operation::List, 30, query.count()).await;
    assert_eq!(count, 30_000);
    let query = query.filter_by_hour(10..).filter_by_hour(..590);
    let (keys, log) = store.of(query.keys()).await;
    assert_eq!(keys.len(), 29_000);
    assert!(log.len() <= 30, "{}", log.len());
}

#[tokio::test]
async fn a_budget_that_one_worker_keeps_is_kept() {
    let store = Counted::new().await;
    seed(&store, 2, 700, 50);
    let table = store.db().table::<Reading>();
    // 70,000 rows, 70 pages, at the default concurrency.
    let query = table.query().request_budget(70);
    let keys = store.only(Operation::List, 70, query.keys()).await;
    assert_eq!(keys.len(), 70_000);
    let count = store.only(Operation::List, 70, query.count()).await;
    assert_eq!(count, 70_000);
    let query = table.query().request_budget(69);
    assert_eq!(
        query.count().await.unwrap_err().kind(),
        s3aads::ErrorKind::BudgetExceeded
    );
}

#[tokio::test]
async fn a_large_table_is_split_at_the_cost_of_at_most_seven_tenths_more() {
    let store = Counted::new().await;
    seed(&store, 10, 100, 50);
    let table = store.db().table::<Reading>();
    // 50,000 rows, 50 pages.
    for workers in [1, 2, 8, 32] {
        let query = table.query().concurrency(workers);
        for _ in 0..2 {
            let (rows, log) = store.of(query.count()).await;
            assert_eq!(rows, 50_000);
            let most = if workers == 1 { 50 } else { 85 };
            assert!(log.len() <= most, "{workers} workers sent {}", log.len());
        }
    }
    let (keys, log) = store.of(table.keys()).await;
    assert_eq!(keys.len(), 50_000);
    assert!(keys.is_sorted_by_key(ToString::to_string));
    assert!(log.len() <= 85, "{}", log.len());
}

#[tokio::test]
async fn a_budget_is_kept_to_the_request() {
    let store = Counted::new().await;
    seed(&store, 1, 100, 50);
    let table = store.db().table::<Reading>();
    for budget in 0..5 {
        store.wire().clear_log();
        let query = table.query().request_budget(budget);
        let error = query.count().await.unwrap_err();
        assert_eq!(error.kind(), s3aads::ErrorKind::BudgetExceeded);
        assert!(store.wire().requests() as u64 <= budget, "{budget}");
        store.wire().clear_log();
        query.clone().page(1_000).await.unwrap_err();
        assert!(store.wire().requests() as u64 <= budget, "{budget}");
    }
}
