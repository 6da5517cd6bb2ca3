//! Databases, and whole tables.

use super::*;

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

/// `Reading` by sensor.
#[derive(Debug, PartialEq, S3Table)]
#[s3(table = "by-sensor")]
struct BySensor {
    #[s3(key)]
    sensor: String,
    #[s3(key, width = 5)]
    site: u32,
    #[s3(key)]
    hour: u32,
    value: i64,
}

/// `Reading` with its value in the key.
#[derive(Debug, PartialEq, S3Table)]
#[s3(table = "by-value")]
struct ByValue {
    #[s3(key)]
    value: i64,
    #[s3(key)]
    site: u32,
    #[s3(key)]
    hour: u32,
    #[s3(key)]
    sensor: String,
}

#[tokio::test]
async fn a_rekey_copies_and_deletes_each_row_once() {
    let store = Counted::new().await;
    seed(&store, 2, 25, 50);
    let rekey = || {
        let key = |key: ReadingKey| (key.sensor, key.site, key.hour).into();
        store.db().rekey::<Reading, BySensor>(key)
    };
    let plan = store.only(Operation::List, 4, rekey().dry_run()).await;
    assert_eq!(plan.rows, 2_500);
    let (report, log) = store.of(async { rekey().await }).await;
    assert_eq!(report.moved, 2_500);
    // The two schemas and the journal; the old table twice, the new one, and the old one once more.
    assert_eq!(count(&log, Operation::Get), 3);
    assert_eq!(count(&log, Operation::List), 3 + 3 + 1 + 1);
    assert_eq!(count(&log, Operation::Head), 2_500);
    assert_eq!(count(&log, Operation::Copy), 2_500);
    assert_eq!(count(&log, Operation::Post), 3);
    // The schemas, as by any first change, and the journal: taken, and twice for each page.
    assert_eq!(count(&log, Operation::Put), 2 + 1 + 6);
    assert_eq!(count(&log, Operation::Delete), 1);
    assert_eq!(log.len(), 3 + 8 + 5_000 + 3 + 9 + 1);

    let (report, log) = store.of(async { rekey().await }).await;
    assert_eq!(report.moved, 0);
    assert_eq!(
        (count(&log, Operation::Get), count(&log, Operation::List)),
        (3, 1)
    );
    assert_eq!(log.len(), 6, "{log:#?}");
}

#[tokio::test]
async fn a_rekey_of_whole_rows_reads_each_twice() {
    let store = Counted::new().await;
    seed(&store, 1, 10, 20);
    let by_value = |row: Reading| ByValue {
        value: row.value,
        site: row.site,
        hour: row.hour,
        sensor: row.sensor,
    };
    let rekey = store.db().rekey_rows::<Reading, ByValue>(by_value);
    let (report, log) = store.of(async { rekey.await }).await;
    assert_eq!(report.moved, 200);
    assert_eq!(count(&log, Operation::Get), 3 + 200 + 200);
    assert_eq!(count(&log, Operation::List), 1 + 1 + 1 + 1);
    assert_eq!(count(&log, Operation::Put), 200 + 2 + 1 + 2);
    assert_eq!(count(&log, Operation::Post), 1);
    assert_eq!(count(&log, Operation::Delete), 1);
    assert_eq!(log.len(), 403 + 4 + 205 + 2, "{log:#?}");
}
