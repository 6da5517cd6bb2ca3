//! What a query lists and reads.

use super::*;

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
