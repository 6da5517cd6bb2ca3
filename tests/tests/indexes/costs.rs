//! What indexes cost, by the server's log.

use s3aads::S3Table;
use s3aads_tests::counted::{Counted, count};
use s3aads_tests::server::{Logged, Operation};

use crate::model::{Follow, Order, follow, order};

#[derive(Debug, Clone, PartialEq, S3Table)]
struct Item {
    #[s3(key)]
    id: u32,
    #[s3(index)]
    name: String,
    #[s3(index)]
    place: String,
    count: u32,
}

fn item(id: u32, name: &str) -> Item {
    Item {
        id,
        name: name.to_owned(),
        place: "here".to_owned(),
        count: 0,
    }
}

/// How many requests of these kinds, and that there were no others.
#[track_caller]
fn sent(log: &[Logged], kinds: &[(Operation, usize)]) {
    for (kind, expected) in kinds {
        assert_eq!(count(log, *kind), *expected, "{log:#?}");
    }
    let all: usize = kinds.iter().map(|(_, expected)| expected).sum();
    assert_eq!(log.len(), all, "{log:#?}");
}

use Operation::{Delete, Get, List, Post, Put};

#[tokio::test]
async fn a_write_is_one_request_and_one_for_each_entry() {
    let store = Counted::new().await;
    let items = store.db().table::<Item>();
    // The first write of a table looks for its schema and stores it.
    let (_, log) = store.of(items.insert(&item(1, "cup"))).await;
    sent(&log, &[(Get, 1), (List, 2), (Put, 1 + 2 + 1)]);
    let (_, log) = store.of(items.insert(&item(2, "cup"))).await;
    sent(&log, &[(Put, 2 + 1)]);
    let keys: Vec<&str> = log
        .iter()
        .filter_map(|logged| logged.key.as_deref())
        .collect();
    assert_eq!(keys.last(), Some(&"item/2"), "the row is last: {keys:?}");

    let mut read = items.select_versioned(2).await.unwrap().unwrap();
    read.count += 1;
    let (version, log) = store.of(items.update(&read)).await;
    sent(&log, &[(Put, 1)]);
    read.version = version;
    let (_, log) = store.of(items.modify(2, |item| item.count += 1)).await;
    sent(&log, &[(Get, 1), (Put, 1)]);
    let (_, log) = store.of(items.modify(2, |_| {})).await;
    sent(&log, &[(Get, 1)]);
    // A changed value: its new entry, the row, and the old entry's delete.
    let (_, log) = store
        .of(items.modify(2, |item| item.name = "pot".to_owned()))
        .await;
    sent(&log, &[(Get, 1), (Put, 2), (Delete, 1)]);
    let (_, log) = store.of(items.upsert(&item(2, "pot"))).await;
    sent(&log, &[(Get, 1), (Put, 1)]);
    let (_, log) = store.of(items.upsert(&item(3, "pot"))).await;
    sent(&log, &[(Get, 1), (Put, 3)]);
    let (_, log) = store.of(items.delete(3)).await;
    sent(&log, &[(Get, 1), (Delete, 1), (Post, 1)]);
    let (_, log) = store.of(items.delete(3)).await;
    sent(&log, &[(Get, 1)]);
}

#[tokio::test]
async fn a_filter_by_an_indexed_value_reads_the_rows_that_have_it() {
    let store = Counted::new().await;
    let orders = store.db().table::<Order>();
    let rows: Vec<Order> = (0..60)
        .map(|id| order("a", id, if id % 6 == 0 { "ada" } else { "bob" }))
        .collect();
    orders.insert_all(&rows).await.into_result().unwrap();
    let (found, log) = store.of(orders.filter_by_customer("ada").rows()).await;
    assert_eq!(found.len(), 10);
    sent(&log, &[(List, 1), (Get, 10)]);
    let (_, log) = store.of(orders.filter_by_customer("ada").keys()).await;
    sent(&log, &[(List, 1), (Get, 10)]);
    let (_, log) = store.of(orders.filter_by_customer("nobody").count()).await;
    sent(&log, &[(List, 1)]);
    let (_, log) = store
        .of(orders.filter_by_customer("ada").filter_by_id(..30).rows())
        .await;
    sent(&log, &[(List, 1), (Get, 5)]);
    let (_, log) = store
        .of(orders.filter_by_customer("ada").limit(3).rows())
        .await;
    sent(&log, &[(List, 1), (Get, 3)]);
    let (_, log) = store.of(orders.customers()).await;
    sent(&log, &[(List, 1)]);
    let one = orders
        .filter_by_customer("ada")
        .filter_by_shop("a")
        .filter_by_id(0);
    let (_, log) = store.of(one.rows()).await;
    sent(&log, &[(List, 1), (Get, 1)]);
    // Another program's first query looks whether the table has the index.
    let orders = store.again().table::<Order>();
    store.wire().clear_log();
    orders.filter_by_customer("ada").rows().await.unwrap();
    sent(&store.wire().take_log(), &[(List, 1), (Get, 1 + 10)]);
}

#[tokio::test]
async fn an_index_of_key_columns_answers_by_its_listing() {
    let store = Counted::new().await;
    let follows = store.db().table::<Follow>();
    let rows: Vec<Follow> = (0..30)
        .map(|i| follow(&format!("f{i}"), ["a", "b"][i % 2]))
        .collect();
    follows.insert_all(&rows).await.into_result().unwrap();
    let (keys, log) = store.of(follows.filter_by_whom("a").keys()).await;
    assert_eq!(keys.len(), 15);
    sent(&log, &[(List, 1)]);
    let (counted, log) = store.of(follows.filter_by_whom("a").count()).await;
    assert_eq!(counted, 15);
    sent(&log, &[(List, 1)]);
    let (_, log) = store.of(follows.whoms()).await;
    sent(&log, &[(List, 1)]);
    let (_, log) = store.of(follows.filter_by_whom("a").rows()).await;
    sent(&log, &[(List, 1), (Get, 15)]);
}

#[tokio::test]
async fn a_query_deletes_rows_as_they_were_found() {
    let store = Counted::new().await;
    let items = store.db().table::<Item>();
    for id in 0..4 {
        items
            .insert(&item(id, ["cup", "pot"][id as usize % 2]))
            .await
            .unwrap();
    }
    let (deleted, log) = store.of(items.filter_by_name("cup").delete()).await;
    assert_eq!(deleted.rows, 2);
    // Each is read to be found, and again to be deleted as it is then.
    sent(&log, &[(List, 1), (Get, 2 + 2), (Delete, 2), (Post, 2)]);
    let (_, log) = store.of(store.db().drop_table("item")).await;
    sent(&log, &[(List, 2), (Post, 2)]);
}
