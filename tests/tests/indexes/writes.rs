//! Every way to write, and that indexes tell what was written.

use s3aads::{ErrorKind, WriteOptions};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::Store;

use crate::model::{Order, Visit, order, visit};
use crate::{refused, takes_indexes};

/// The ids of a customer's orders.
async fn ids(store: &Store, customer: &str) -> Vec<u32> {
    let orders = store.db().table::<Order>();
    let rows = orders.filter_by_customer(customer).rows().await.unwrap();
    assert!(rows.iter().all(|row| row.customer == customer));
    let keys = orders.filter_by_customer(customer).keys().await.unwrap();
    let ids: Vec<u32> = rows.iter().map(|row| row.id).collect();
    assert_eq!(keys.iter().map(|key| key.id).collect::<Vec<_>>(), ids);
    ids
}

async fn rows_are_found_by_what_they_were_written_with(store: &Store) {
    let orders = store.db().table::<Order>();
    if !takes_indexes(store) {
        refused(
            orders.insert(&order("a", 1, "ada")).await,
            ErrorKind::Unsupported,
        );
        refused(
            orders.upsert(&order("a", 1, "ada")).await,
            ErrorKind::Unsupported,
        );
        return;
    }
    orders.insert(&order("a", 1, "ada")).await.unwrap();
    orders.insert(&order("a", 2, "bob")).await.unwrap();
    orders.insert(&order("b", 3, "ada")).await.unwrap();
    assert_eq!(ids(store, "ada").await, [1, 3]);
    assert_eq!(ids(store, "bob").await, [2]);
    assert!(ids(store, "ad").await.is_empty());
    assert_eq!(
        orders.select(("a", 1)).await.unwrap(),
        Some(order("a", 1, "ada"))
    );

    refused(
        orders.insert(&order("a", 1, "eve")).await,
        ErrorKind::AlreadyExists,
    );
    assert!(ids(store, "eve").await.is_empty());
    assert_eq!(ids(store, "ada").await, [1, 3]);

    orders.upsert(&order("a", 1, "bob")).await.unwrap();
    orders.upsert(&order("c", 4, "bob")).await.unwrap();
    assert_eq!(ids(store, "ada").await, [3]);
    assert_eq!(ids(store, "bob").await, [1, 2, 4]);

    orders.delete(("a", 1)).await.unwrap();
    orders.delete(("a", 1)).await.unwrap();
    assert_eq!(ids(store, "bob").await, [2, 4]);
}

async fn updates_move_rows_between_values(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    orders.insert(&order("a", 1, "ada")).await.unwrap();
    let mut read = orders.select_versioned(("a", 1)).await.unwrap().unwrap();
    let stale = read.clone();
    read.cents += 1;
    read.version = orders.update(&read).await.unwrap();
    assert_eq!(ids(store, "ada").await, [1]);
    read.customer = "bob".to_owned();
    read.version = orders.update(&read).await.unwrap();
    assert_eq!(
        (ids(store, "ada").await, ids(store, "bob").await),
        (vec![], vec![1])
    );
    // The version that was given back is the one of the values that were written.
    read.customer = "ada".to_owned();
    read.version = orders.update(&read).await.unwrap();
    read.cents += 1;
    read.version = orders.update(&read).await.unwrap();
    assert_eq!(
        (ids(store, "ada").await, ids(store, "bob").await),
        (vec![1], vec![])
    );
    read.customer = "bob".to_owned();
    let options = WriteOptions::new();
    orders.update_with(&read, &options).await.unwrap();
    assert_eq!(
        (ids(store, "ada").await, ids(store, "bob").await),
        (vec![], vec![1])
    );

    refused(orders.update(&stale).await, ErrorKind::Conflict);
    let mut stale = stale;
    stale.customer = "eve".to_owned();
    refused(orders.update(&stale).await, ErrorKind::Conflict);
    assert!(ids(store, "eve").await.is_empty());

    let changed = orders.modify(("a", 1), |order| order.customer = "eve".to_owned());
    assert_eq!(changed.await.unwrap().customer, "eve");
    assert_eq!(
        (ids(store, "bob").await, ids(store, "eve").await),
        (vec![], vec![1])
    );
    let new = || order("z", 9, "eve");
    let made = orders
        .insert_or_modify(("z", 9), new, |_| {})
        .await
        .unwrap();
    assert_eq!(made.customer, "eve");
    assert_eq!(ids(store, "eve").await, [1, 9]);
}

async fn an_update_of_a_version_that_came_from_elsewhere_finds_the_entries(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    let version = orders.insert(&order("a", 1, "ada")).await.unwrap();
    let bob = s3aads::Versioned::new(order("a", 1, "bob"), version.clone());
    orders.update(&bob).await.unwrap();
    assert_eq!(
        (ids(store, "ada").await, ids(store, "bob").await),
        (vec![], vec![1])
    );
    let late = s3aads::Versioned::new(order("a", 1, "eve"), version);
    refused(orders.update(&late).await, ErrorKind::Conflict);
    assert_eq!(ids(store, "bob").await, [1]);
}

async fn an_optional_field_is_in_the_index_if_it_has_a_value(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    let mut row = order("a", 1, "ada");
    orders.insert(&row).await.unwrap();
    orders
        .insert(&Order {
            parcel: Some(7),
            ..order("a", 2, "ada")
        })
        .await
        .unwrap();
    let found = || async { orders.filter_by_parcel(..).keys().await.unwrap().len() };
    let of = |parcel: u16| {
        let query = orders.filter_by_parcel(parcel);
        async move {
            query
                .rows()
                .await
                .unwrap()
                .iter()
                .map(|row| row.id)
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(of(7).await, [2]);
    row.parcel = Some(7);
    orders.upsert(&row).await.unwrap();
    assert_eq!(of(7).await, [1, 2]);
    row.parcel = None;
    orders.upsert(&row).await.unwrap();
    assert_eq!(of(7).await, [2]);
    // A filter that allows every value is no filter.
    assert_eq!(found().await, 2);
    let error = refused(
        orders
            .upsert(&Order {
                parcel: Some(10_000),
                ..row
            })
            .await,
        ErrorKind::InvalidKey,
    );
    assert_eq!(error.column(), Some("parcel"));
}

async fn copies_and_renames_have_entries_of_their_own(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    orders.insert(&order("a", 1, "ada")).await.unwrap();
    orders.copy(("a", 1)).to(&orders, ("a", 2)).await.unwrap();
    orders
        .copy(("a", 1))
        .to_new(&orders, ("a", 3))
        .await
        .unwrap();
    assert_eq!(ids(store, "ada").await, [1, 2, 3]);
    refused(
        orders.copy(("a", 1)).to_new(&orders, ("a", 2)).await,
        ErrorKind::AlreadyExists,
    );
    refused(
        orders.copy(("q", 1)).to(&orders, ("a", 2)).await,
        ErrorKind::NotFound,
    );
    orders.upsert(&order("a", 4, "bob")).await.unwrap();
    orders.copy(("a", 4)).to(&orders, ("a", 2)).await.unwrap();
    assert_eq!(
        (ids(store, "ada").await, ids(store, "bob").await),
        (vec![1, 3], vec![2, 4])
    );
    orders.delete(("a", 1)).await.unwrap();
    assert_eq!(ids(store, "ada").await, [3]);
    if store.lacks(s3aads_tests::stores::Capability::ConditionalDeletes) {
        return;
    }
    orders.rename(("a", 3), ("b", 3)).await.unwrap();
    assert_eq!(
        orders.select(("b", 3)).await.unwrap(),
        Some(order("b", 3, "ada"))
    );
    assert_eq!(ids(store, "ada").await, [3]);
    refused(
        orders.rename(("b", 3), ("a", 4)).await,
        ErrorKind::AlreadyExists,
    );
    assert_eq!(
        (ids(store, "ada").await, ids(store, "bob").await),
        (vec![3], vec![2, 4])
    );
}

async fn batches_and_queries_write_entries_and_remove_them(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    let rows: Vec<Order> = (0..12)
        .map(|id| order("a", id, if id % 3 == 0 { "ada" } else { "bob" }))
        .collect();
    orders.insert_all(&rows).await.into_result().unwrap();
    assert_eq!(ids(store, "ada").await, [0, 3, 6, 9]);
    let again: Vec<Order> = rows[..4]
        .iter()
        .map(|row| order("a", row.id, "eve"))
        .collect();
    orders.upsert_all(&again).await.into_result().unwrap();
    assert_eq!(
        (ids(store, "ada").await, ids(store, "eve").await),
        (vec![6, 9], vec![0, 1, 2, 3])
    );
    let deleted = orders.delete_all([("a", 0), ("a", 1), ("a", 77)]).await;
    assert_eq!(deleted.failed(), 0);
    assert_eq!(ids(store, "eve").await, [2, 3]);
    let deleted = orders.filter_by_customer("bob").delete().await.unwrap();
    assert_eq!((deleted.rows, deleted.spared.len()), (6, 0));
    assert!(ids(store, "bob").await.is_empty());
    let deleted = orders.filter_by_id(3..).delete().await.unwrap();
    assert_eq!(deleted.rows, 3);
    assert_eq!(orders.count().await.unwrap(), 1);
    assert_eq!(
        (ids(store, "ada").await, ids(store, "eve").await),
        (vec![], vec![2])
    );
    assert_eq!(store.db().drop_table("order").await.unwrap(), 1);
    assert!(ids(store, "eve").await.is_empty());
    // Nothing of the old table's entries is left to the new one.
    orders.insert(&order("a", 2, "ada")).await.unwrap();
    assert!(ids(store, "eve").await.is_empty());
    assert_eq!(orders.filter_by_id(2).count().await.unwrap(), 1);
}

async fn rows_of_the_hive_layout_are_found_too(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let visits = store.db().table::<Visit>();
    for (id, country) in [(1, "côte d'ivoire"), (2, "a/b=c"), (3, "a/b=c")] {
        visits.insert(&visit("x y", id, country)).await.unwrap();
    }
    refused(
        visits.insert(&visit("x", 4, "")).await,
        ErrorKind::InvalidKey,
    );
    let found = visits.filter_by_country("a/b=c").rows().await.unwrap();
    assert_eq!(found, [visit("x y", 2, "a/b=c"), visit("x y", 3, "a/b=c")]);
    assert_eq!(visits.countrys().await.unwrap(), ["a/b=c", "côte d'ivoire"]);
    visits.delete(("x y", 2)).await.unwrap();
    let found = visits
        .filter_by_country(s3aads::starts_with("a"))
        .keys()
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(visits.rows().await.unwrap().len(), 2);
}

async fn writers_that_compete_leave_each_row_in_one_place(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    let names = ["ada", "bob", "eve"];
    let writers = (0..24_usize).map(|i| {
        let orders = orders.clone();
        async move {
            let row = order("a", (i % 2) as u32, names[i % 3]);
            match i % 4 {
                0 => orders.upsert(&row).await.map(drop),
                1 => orders.insert(&row).await.map(drop),
                2 => orders.delete(&row).await,
                _ => orders
                    .insert_or_modify(
                        &row,
                        || row.clone(),
                        |old| old.customer = row.customer.clone(),
                    )
                    .await
                    .map(drop),
            }
        }
    });
    for written in futures_util::future::join_all(writers).await {
        match written.map_err(|error| error.kind()) {
            Ok(()) | Err(ErrorKind::AlreadyExists | ErrorKind::Conflict) => {}
            Err(kind) => panic!("{kind}"),
        }
    }
    let rows = orders.rows().await.unwrap();
    let mut found = Vec::new();
    for name in names {
        found.extend(orders.filter_by_customer(name).rows().await.unwrap());
    }
    found.sort_by_key(|row| row.id);
    assert_eq!(found, rows);
}

on_every_store!(
    rows_are_found_by_what_they_were_written_with,
    updates_move_rows_between_values,
    an_update_of_a_version_that_came_from_elsewhere_finds_the_entries,
    an_optional_field_is_in_the_index_if_it_has_a_value,
    copies_and_renames_have_entries_of_their_own,
    batches_and_queries_write_entries_and_remove_them,
    rows_of_the_hive_layout_are_found_too,
    writers_that_compete_leave_each_row_in_one_place,
);
