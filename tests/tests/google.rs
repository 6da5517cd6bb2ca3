//! What queries send to Google Cloud Storage, counted by the server and by the library.

use s3aads::{ErrorKind, RequestClass, S3Table};
use s3aads_tests::stores::Store;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "readings")]
struct Reading {
    #[s3(key, ordered)]
    site: u16,
    #[s3(key, width = 5)]
    number: u32,
}

/// 5,000 rows, 50 of each of 100 sites.
async fn filled() -> (Store, ReadingTable) {
    let store = Store::google().await.expect("it is always there");
    for site in 0..100 {
        for number in 0..50 {
            let key = format!("readings/{site:05}/{number:05}");
            store.plant(&key, b"{}").await;
        }
    }
    let readings = store.db().table::<Reading>();
    (store, readings)
}

/// What was sent: LISTs by the server's log and by the library's count, and everything.
fn sent(store: &Store, before: &s3aads::Usage) -> (usize, u64, u64) {
    let server = store.google_server().expect("Google's");
    let lists = server.requests();
    let lists = lists.iter().filter(|line| line.contains("list-type=2"));
    let usage = store.db().usage().since(before);
    (lists.count(), usage.get(RequestClass::List), usage.total())
}

#[tokio::test]
async fn a_query_reads_the_pages_that_it_needs() {
    let (store, readings) = filled().await;
    let server = store.google_server().expect("Google's");
    for (what, lists) in [("limit", 1), ("count", 5), ("seek", 1), ("folders", 1)] {
        server.clear_log();
        let before = store.db().usage();
        match what {
            "limit" => assert_eq!(readings.query().limit(1).keys().await.unwrap().len(), 1),
            "count" => assert_eq!(readings.count().await.unwrap(), 5_000),
            "seek" => {
                let late = readings.filter_by_site(80..90);
                assert_eq!(late.count().await.unwrap(), 500);
            }
            _ => assert_eq!(readings.sites().await.unwrap().len(), 100),
        }
        let (logged, counted, total) = sent(&store, &before);
        assert!(
            logged <= lists,
            "{what}: {logged} LISTs: {:?}",
            server.requests()
        );
        assert_eq!((counted, total), (logged as u64, logged as u64), "{what}");
    }
}

#[tokio::test]
async fn a_budget_stops_before_the_next_page() {
    let (store, readings) = filled().await;
    let before = store.db().usage();
    let counted = readings.query().request_budget(1).count().await;
    assert_eq!(counted.unwrap_err().kind(), ErrorKind::BudgetExceeded);
    assert_eq!(sent(&store, &before), (1, 1, 1));
    let counted = readings.query().request_budget(5).count().await;
    assert_eq!(counted.unwrap(), 5_000);
}
