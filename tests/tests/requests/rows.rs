//! Single rows and batches.

use super::*;

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
