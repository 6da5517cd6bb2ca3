//! What each operation costs, counted by the server that gets the requests: one test for each line of the table of costs in
//! the guide. `Database::usage` must tell the same.

use s3aads::{S3Table, starts_with};
use s3aads_tests::counted::{Counted, count};
use s3aads_tests::server::Operation;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "readings")]
struct Reading {
    #[s3(key)]
    site: u32,
    #[s3(key, ordered)]
    hour: u32,
    #[s3(key)]
    sensor: String,
    value: i64,
}

fn reading(site: u32, hour: u32, sensor: &str) -> Reading {
    Reading {
        site,
        hour,
        sensor: sensor.to_owned(),
        value: 1,
    }
}

/// `sites` sites of `hours` hours of `sensors` sensors, written past HTTP.
fn seed(store: &Counted, sites: u32, hours: u32, sensors: u32) {
    let rows = (0..sites).flat_map(move |site| {
        (0..hours).flat_map(move |hour| {
            (0..sensors).map(move |sensor| {
                let key = reading(site, hour, &format!("s{sensor:03}")).to_key();
                (format!("readings/{key}"), &br#"{"value":1}"#[..])
            })
        })
    });
    store.wire().seed(store.db().name(), rows);
}

#[tokio::test]
async fn one_row_is_one_request() {
    let store = Counted::new().await;
    let table = store.db().table::<Reading>();
    let row = reading(1, 2, "a");
    store.only(Operation::Put, 1, table.insert(&row)).await;
    store.only(Operation::Put, 1, table.upsert(&row)).await;
    assert!(
        store
            .only(Operation::Get, 1, table.select(&row))
            .await
            .is_some()
    );
    assert!(
        store
            .only(Operation::Get, 1, table.select((9, 9, "x")))
            .await
            .is_none()
    );
    assert!(store.only(Operation::Head, 1, table.exists(&row)).await);
    assert!(
        store
            .only(Operation::Head, 1, table.meta(&row))
            .await
            .is_some()
    );
    store
        .only(Operation::Copy, 1, table.copy(&row).to(&table, (1, 3, "a")))
        .await;
    store.only(Operation::Delete, 1, table.delete(&row)).await;
    store.only(Operation::Delete, 1, table.delete(&row)).await;
}

#[tokio::test]
async fn an_update_is_one_request_and_a_modify_two() {
    let store = Counted::new().await;
    let table = store.db().table::<Reading>();
    let row = reading(1, 2, "a");
    table.upsert(&row).await.unwrap();
    let read = store
        .only(Operation::Get, 1, table.select_versioned(&row))
        .await
        .unwrap();
    store.only(Operation::Put, 1, table.update(&read)).await;
    let (_, log) = store.of(table.modify(&row, |row| row.value += 1)).await;
    assert_eq!(
        (
            count(&log, Operation::Get),
            count(&log, Operation::Put),
            log.len()
        ),
        (1, 1, 2)
    );
    store
        .only(Operation::Get, 1, table.modify(&row, |_| {}))
        .await;
    let (_, log) = store.of(table.rename(&row, (1, 3, "a"))).await;
    assert_eq!(log.len(), 3, "{log:#?}");
}

#[tokio::test]
async fn databases_and_tables_are_one_request_each() {
    let store = Counted::new().await;
    seed(&store, 1, 10, 1);
    let db = store.db();
    store.only(Operation::Put, 1, db.create()).await;
    assert!(store.only(Operation::Head, 1, db.exists()).await);
    store.only(Operation::List, 1, db.tables()).await;
    let (_, log) = store.of(db.get_table("readings")).await;
    let looked = (count(&log, Operation::Get), count(&log, Operation::List));
    assert_eq!((looked, log.len()), ((1, 1), 2), "{log:#?}");
    let opened = store
        .only(Operation::Get, 1, db.open_table::<Reading>())
        .await;
    // The first write stores the schema, of however many there are at once.
    let rows = (0..8).map(|hour| reading(7, hour, "a"));
    let first = async { opened.insert_all(rows).await.into_result() };
    store.only(Operation::Put, 9, first).await;
    let second = reading(7, 9, "a");
    store.only(Operation::Put, 1, opened.insert(&second)).await;
    let found = store
        .only(Operation::Get, 1, db.get_table("readings"))
        .await
        .unwrap();
    let raw = found.delete(["7", "0000000009", "a"]);
    store.only(Operation::Delete, 1, raw).await;
    let _opened = store
        .only(Operation::Get, 1, db.open_table::<Reading>())
        .await;
    let clone = db.clone();
    store
        .only(Operation::List, 1, async move {
            clone.table::<Reading>().is_empty().await
        })
        .await;
}

#[tokio::test]
async fn bound_leading_columns_are_listed_by_exactly_their_prefix() {
    let store = Counted::new().await;
    seed(&store, 3, 100, 25);
    let table = store.db().table::<Reading>();
    // 2,500 rows of a site, 25 of an hour.
    for (query, prefix, rows) in [
        (table.filter_by_site(1), "readings/1/", 2_500),
        (
            table.filter_by_site(1).filter_by_hour(7),
            "readings/1/0000000007/",
            25,
        ),
        (table.query(), "readings/", 7_500),
    ] {
        let query = query.concurrency(1);
        let pages = usize::div_ceil(rows, 1_000);
        let keys = store.only(Operation::List, pages, query.keys()).await;
        assert_eq!(keys.len(), rows);
        assert_eq!(
            store.only(Operation::List, pages, query.count()).await,
            rows as u64
        );
        assert_eq!(
            store
                .only(Operation::List, pages, query.objects())
                .await
                .len(),
            rows
        );
        let (_, log) = store.of(query.keys()).await;
        for request in &log {
            assert_eq!(request.list.prefix.as_deref(), Some(prefix), "{request}");
        }
        assert!(!store.only(Operation::List, 1, query.is_empty()).await);
    }
    assert!(
        store
            .only(Operation::List, 1, table.filter_by_site(9).is_empty())
            .await
    );
    assert_eq!(
        store
            .only(Operation::List, 1, table.filter_by_site(9).keys())
            .await,
        []
    );
}

#[tokio::test]
async fn a_range_on_the_next_ordered_column_is_listed_from_its_start_to_its_end() {
    let store = Counted::new().await;
    seed(&store, 2, 500, 10);
    let table = store.db().table::<Reading>();
    // 5,000 rows of the site; the ranges hold 2,000, 10 and 3,000 of them.
    for (query, rows) in [
        (table.filter_by_site(1).filter_by_hour(100..300), 2_000),
        (table.filter_by_site(1).filter_by_hour(499..), 10),
        (table.filter_by_site(1).filter_by_hour(..300), 3_000),
    ] {
        let query = query.concurrency(1);
        let (keys, log) = store.of(query.keys()).await;
        assert_eq!(keys.len(), rows);
        assert!(
            log.len() <= rows.div_ceil(1_000) + 1,
            "{rows} rows: {log:#?}"
        );
        assert!(
            log.iter()
                .all(|request| request.operation == Operation::List)
        );
    }
}

#[tokio::test]
async fn a_string_prefix_is_the_listing_s_prefix() {
    let store = Counted::new().await;
    seed(&store, 1, 2, 999);
    let table = store.db().table::<Reading>();
    let query = table
        .filter_by_site(0)
        .filter_by_hour(1)
        .filter_by_sensor(starts_with("s01"));
    let (keys, log) = store.of(query.keys()).await;
    assert_eq!(keys.len(), 10);
    assert!(log.len() <= 2, "{log:#?}");
    assert_eq!(
        log[0].list.prefix.as_deref(),
        Some("readings/0/0000000001/s01")
    );
}

#[tokio::test]
async fn no_filter_costs_more_than_paging_through_the_bound_prefix() {
    let store = Counted::new().await;
    seed(&store, 5, 40, 50);
    let table = store.db().table::<Reading>();
    // 10,000 rows, 2,000 of each site.
    for (query, below, rows) in [
        (table.filter_by_sensor("s007"), 10_000, 200),
        (table.filter_by_hour(7), 10_000, 250),
        (table.filter_by_hour(..20), 10_000, 5_000),
        (table.filter_by_site(3..), 10_000, 4_000),
        (table.filter_by_site(2).filter_by_sensor("s007"), 2_000, 40),
        (table.filter_by_site(2).filter_by_hour([1, 39]), 2_000, 100),
        (table.filter_by_sensor(starts_with("s04")), 10_000, 2_000),
        (
            table.filter_by_hour(7).filter_by_sensor("nothing"),
            10_000,
            0,
        ),
    ] {
        let query = query.concurrency(1);
        let (keys, log) = store.of(query.keys()).await;
        assert_eq!(keys.len(), rows, "{query:?}");
        let most = usize::div_ceil(below, 1_000);
        let plan = query.explain().unwrap();
        assert!(
            log.len() <= most,
            "{} LISTs, {most} allowed: {plan}",
            log.len()
        );
    }
    // Few leading values: a seek for each, and not a page for each thousand rows.
    let (_, log) = store
        .of(table.filter_by_hour(7).concurrency(1).keys())
        .await;
    assert!(log.len() <= 6, "{log:#?}");
}

#[tokio::test]
async fn a_set_of_values_is_one_list_for_each() {
    let store = Counted::new().await;
    seed(&store, 40, 30, 30);
    let table = store.db().table::<Reading>();
    let (keys, log) = store
        .of(table.filter_by_site([3, 17, 39]).filter_by_hour(5).keys())
        .await;
    assert_eq!(keys.len(), 90);
    assert!(log.len() <= 3, "{log:#?}");
    let (keys, log) = store
        .of(table.filter_by_site([3, 17, 39, 77]).concurrency(1).keys())
        .await;
    assert_eq!(keys.len(), 2_700);
    assert!(log.len() <= 4, "{log:#?}");
}

#[tokio::test]
async fn distinct_leading_values_are_listed_by_delimiter() {
    let store = Counted::new().await;
    seed(&store, 1_500, 2, 2);
    let table = store.db().table::<Reading>();
    let (sites, log) = store.of(table.sites()).await;
    assert_eq!(sites, (0..1_500).collect::<Vec<_>>());
    assert_eq!(log.len(), 2, "{log:#?}");
    assert!(
        log.iter()
            .all(|request| request.list.delimiter.as_deref() == Some("/"))
    );
    let hours = store
        .only(Operation::List, 1, async {
            table.filter_by_site(7).hours().await
        })
        .await;
    assert_eq!(hours, [0, 1]);
    let query = table.filter_by_site(7).filter_by_hour(1);
    let sensors = store
        .only(Operation::List, 1, async { query.sensors().await })
        .await;
    assert_eq!(sensors, ["s000", "s001"]);
}

#[tokio::test]
async fn rows_cost_the_listing_and_a_get_each() {
    let store = Counted::new().await;
    seed(&store, 2, 10, 130);
    let table = store.db().table::<Reading>();
    let (rows, log) = store.of(table.filter_by_site(1).rows()).await;
    assert_eq!(rows.len(), 1_300);
    assert_eq!(
        (
            count(&log, Operation::List),
            count(&log, Operation::Get),
            log.len()
        ),
        (2, 1_300, 1_302)
    );
    let query = table.filter_by_site(1);
    let (page, log) = store.of(query.page(10)).await;
    assert_eq!(page.rows.len(), 10);
    assert_eq!(
        (
            count(&log, Operation::List),
            count(&log, Operation::Get),
            log.len()
        ),
        (1, 10, 11)
    );
    let (_, log) = store.of(table.first()).await;
    assert_eq!(
        (
            count(&log, Operation::List),
            count(&log, Operation::Get),
            log.len()
        ),
        (1, 1, 2)
    );
}

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
        (2, 2, 4)
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
        (2, 2, 1, 5)
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
async fn batches_cost_one_request_for_each_row() {
    let store = Counted::new().await;
    let table = store.db().table::<Reading>();
    let rows: Vec<_> = (0..50).map(|hour| reading(1, hour, "a")).collect();
    store
        .only(Operation::Put, 50, async {
            table.insert_all(&rows).await.into_result()
        })
        .await;
    store
        .only(Operation::Put, 50, async {
            table.upsert_all(&rows).await.into_result()
        })
        .await;
    store
        .only(Operation::Get, 50, async {
            table.select_all(&rows).await.into_result()
        })
        .await;
    store
        .only(Operation::Post, 1, async {
            table.delete_all(&rows).await.into_result()
        })
        .await;
}

#[tokio::test]
async fn retries_are_counted_as_the_server_sees_them() {
    use s3aads_tests::server::{Failure, Fault, When};

    let store = Counted::new().await;
    let table = store.db().table::<Reading>();
    let row = reading(1, 1, "a");
    let fault = |operation| Fault {
        operation,
        when: When::Before,
        failure: Failure::Status(503),
    };
    let failing = async {
        store.wire().fail_next(fault(Operation::Put), 2);
        table.upsert(&row).await
    };
    let (_, log) = store.of(failing).await;
    assert_eq!(log.len(), 3, "{log:#?}");
    let failing = async {
        store.wire().fail_next(fault(Operation::List), 1);
        table.keys().await
    };
    let (keys, log) = store.of(failing).await;
    assert_eq!((keys.len(), log.len()), (1, 2), "{log:#?}");
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
