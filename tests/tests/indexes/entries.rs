//! The objects of entries: which there are, and that what a writer leaves behind misleads nobody.

use s3aads::{S3Table as _, Table};
use s3aads_tests::counted::Counted;

use crate::model::{Follow, Order, Visit, follow, order, visit};

/// The entries, without their ids.
fn entries(store: &Counted) -> Vec<String> {
    let keys = store.wire().keys(store.db().name()).into_iter();
    let entries = keys.filter_map(|key| {
        let key = key.strip_prefix("_s3aads/index/")?;
        let key = key.strip_suffix("/row.json").unwrap_or(key);
        Some(key.rsplit_once('/')?.0.to_owned())
    });
    let mut entries: Vec<String> = entries.collect();
    entries.sort();
    entries
}

#[tokio::test]
async fn each_row_has_its_entries_and_no_others() {
    let store = Counted::new().await;
    let db = store.db();
    let orders: Table<Order> = db.table();
    orders.insert(&order("a b", 1, "ada")).await.unwrap();
    let ada = [
        "order/by_day/00001/open/a b/0000000001",
        "order/customer/ada/a b/0000000001",
        "order/in_shops/0000000001/a b",
    ];
    assert_eq!(entries(&store), ada);
    // A refused insert takes its entries back.
    orders.insert(&order("a b", 1, "bob")).await.unwrap_err();
    assert_eq!(entries(&store), ada);
    orders.upsert(&order("a b", 1, "bob")).await.unwrap();
    orders
        .modify(("a b", 1), |order| order.parcel = Some(7))
        .await
        .unwrap();
    let bob = [
        "order/by_day/00001/open/a b/0000000001",
        "order/customer/bob/a b/0000000001",
        "order/in_shops/0000000001/a b",
        "order/parcel/0007/a b/0000000001",
    ];
    assert_eq!(entries(&store), bob);
    orders.rename(("a b", 1), ("c", 2)).await.unwrap();
    assert_eq!(entries(&store).len(), 4);
    orders.delete(("c", 2)).await.unwrap();
    assert!(entries(&store).is_empty());

    db.table::<Visit>()
        .insert(&visit("x y", 1, "a/b"))
        .await
        .unwrap();
    assert_eq!(
        entries(&store),
        ["visit/country/country=a%2Fb/site=x y/id=1"]
    );
    db.drop_table("visit").await.unwrap();
    assert!(entries(&store).is_empty());
}

#[tokio::test]
async fn a_leftover_is_no_row() {
    let store = Counted::new().await;
    let db = store.db();
    let orders: Table<Order> = db.table();
    orders.insert(&order("a", 1, "ada")).await.unwrap();
    let left = [
        // Of a writer that died before its row, of one with other values, and beside the row's own.
        "customer/ada/a/0000000002/zz",
        "customer/bob/a/0000000001/zz",
        "customer/ada/a/0000000001/zz",
        "customer/ada/a/0000000001/00",
        // No entry at all.
        "customer/ada/a",
        "customer/ada/a/x/y/z",
    ];
    for path in left {
        let path = format!("_s3aads/index/order/{path}");
        store.wire().put_raw(db.name(), &path, "");
    }
    let of = |customer: &str| {
        let query = orders.filter_by_customer(customer);
        async move { (query.rows().await.unwrap(), query.count().await.unwrap()) }
    };
    assert_eq!(of("ada").await, (vec![order("a", 1, "ada")], 1));
    assert_eq!(of("bob").await, (vec![], 0));
    let both = orders.filter_by_customer(["ada", "bob"]);
    assert_eq!(both.rows().await.unwrap().len(), 1);
    let page = both.page(1).await.unwrap();
    assert_eq!((page.rows.len(), page.cursor), (1, None));
    let exact = orders
        .query()
        .distinct_exact(Order::COLUMNS.customer)
        .await
        .unwrap();
    assert_eq!(exact, ["ada"]);

    // A later writer of that row is not misled by them either.
    orders.upsert(&order("a", 1, "bob")).await.unwrap();
    assert_eq!(of("ada").await, (vec![], 0));
    assert_eq!(of("bob").await, (vec![order("a", 1, "bob")], 1));
}

#[tokio::test]
async fn rows_bear_no_mark_that_their_struct_would_see() {
    let store = Counted::new().await;
    let db = store.db();
    let visits: Table<Visit> = db.table();
    // The struct refuses fields that it does not know.
    visits.insert(&visit("x", 1, "no")).await.unwrap();
    assert_eq!(visits.rows().await.unwrap(), [visit("x", 1, "no")]);
    let object = store.wire().object(db.name(), "visit/site=x/id=1/row.json");
    let body = object.unwrap().body;
    let body = std::str::from_utf8(&body).unwrap();
    assert!(body.starts_with(r#"{"_s3aads":{"n":""#), "{body}");
    assert!(body.ends_with("},\"country\":\"no\"}\n"), "{body}");

    let follows: Table<Follow> = db.table();
    follows.insert(&follow("a", "b")).await.unwrap();
    assert_eq!(follows.rows().await.unwrap(), [follow("a", "b")]);
    // No two versions of a row are the same bytes, whatever they say.
    let before = follows.meta(("a", "b")).await.unwrap().unwrap();
    follows.upsert(&follow("a", "b")).await.unwrap();
    let after = follows.meta(("a", "b")).await.unwrap().unwrap();
    assert_ne!(before.e_tag(), after.e_tag());
}
