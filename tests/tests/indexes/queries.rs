//! Queries by indexes.

use futures_util::TryStreamExt;
use s3aads::{ErrorKind, S3Table as _, starts_with};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::Store;

use crate::model::{Follow, Order, State, follow, order};
use crate::{refused, takes_indexes};

/// 40 orders: in 4 shops, by 5 customers, on 8 days, in 3 states.
fn some() -> Vec<Order> {
    let orders = (0..40).map(|id| Order {
        parcel: (id % 4 == 0).then_some(id as u16 * 3),
        day: (id % 8) as u16,
        state: [State::Open, State::Paid, State::Shipped][id as usize % 3],
        ..order(&format!("shop {}", id % 4), id, &format!("c{}", id % 5))
    });
    orders.collect()
}

fn sorted(mut rows: Vec<Order>) -> Vec<u32> {
    rows.sort_by_key(|row| row.id);
    rows.iter().map(|row| row.id).collect()
}

async fn filters_say_what_a_scan_says(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    let all = some();
    orders.insert_all(&all).await.into_result().unwrap();
    let q = || orders.query();
    type Passes = fn(&Order) -> bool;
    let cases: Vec<(_, Passes)> = vec![
        (q().filter_by_customer("c2"), |o| o.customer == "c2"),
        (q().filter_by_customer(["c2", "c4"]), |o| {
            ["c2", "c4"].contains(&&*o.customer)
        }),
        (q().filter_by_customer(starts_with("c")), |_| true),
        (
            q().filter_by_customer("c1".to_owned().."c3".to_owned()),
            |o| ["c1", "c2"].contains(&&*o.customer),
        ),
        (q().filter_by_parcel(10..=60), |o| {
            o.parcel.is_some_and(|p| (10..=60).contains(&p))
        }),
        (q().filter_by_day(2..4), |o| (2..4).contains(&o.day)),
        (q().filter_by_day(3).filter_by_state(State::Paid), |o| {
            o.day == 3 && o.state == State::Paid
        }),
        (q().filter_by_state(State::Shipped), |o| {
            o.state == State::Shipped
        }),
        (
            q().filter_by_customer("c0").filter_by_state(State::Open),
            |o| o.customer == "c0" && o.state == State::Open,
        ),
        (q().filter_by_customer("c0").filter_by_shop("shop 0"), |o| {
            o.customer == "c0" && o.shop == "shop 0"
        }),
        (q().filter_by_customer("c3").filter_by_id(10..30), |o| {
            o.customer == "c3" && (10..30).contains(&o.id)
        }),
        (q().filter_by_id(7), |o| o.id == 7),
        (q().filter_by_id(7..9), |o| (7..9).contains(&o.id)),
        (
            q().filter_by_id(7)
                .filter_by_shop("shop 3")
                .filter_by_customer("c2"),
            |o| o.id == 7,
        ),
        (
            q().filter_by_id(7)
                .filter_by_shop("shop 3")
                .filter_by_customer("c1"),
            |_| false,
        ),
        (q().filter_by_customer("nobody"), |_| false),
    ];
    for (query, passes) in cases {
        let expected: Vec<u32> = all.iter().filter(|o| passes(o)).map(|o| o.id).collect();
        let shown = query.explain().unwrap().to_string();
        assert_eq!(sorted(query.rows().await.unwrap()), expected, "{shown}");
        let mut keys: Vec<u32> = query.keys().await.unwrap().iter().map(|k| k.id).collect();
        keys.sort_unstable();
        assert_eq!(keys, expected, "{shown}");
        assert_eq!(
            query.count().await.unwrap(),
            expected.len() as u64,
            "{shown}"
        );
        assert_eq!(
            query.objects().await.unwrap().len(),
            expected.len(),
            "{shown}"
        );
        assert_eq!(
            query.is_empty().await.unwrap(),
            expected.is_empty(),
            "{shown}"
        );
        assert_eq!(
            query.first().await.unwrap().is_none(),
            expected.is_empty(),
            "{shown}"
        );
        let streamed: Vec<Order> = query.stream().try_collect().await.unwrap();
        assert_eq!(sorted(streamed), expected, "{shown}");
        assert_eq!(query.analyze().await.unwrap().rows(), expected.len() as u64);
        for size in [1, 3, 40] {
            let (mut rows, mut next) = (Vec::new(), query.clone());
            loop {
                let page = next.page(size).await.unwrap();
                assert!(page.rows.len() as u64 <= size);
                rows.extend(page.rows);
                match page.cursor {
                    Some(cursor) => next = query.after(cursor),
                    None => break,
                }
            }
            assert_eq!(sorted(rows), expected, "pages of {size}: {shown}");
        }
        assert_eq!(
            query.limit(2).rows().await.unwrap().len(),
            expected.len().min(2)
        );
        assert!(query.limit(0).rows().await.unwrap().is_empty());
    }
}

async fn values_of_fields_are_told(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    assert!(orders.customers().await.unwrap().is_empty());
    orders.insert_all(&some()).await.into_result().unwrap();
    assert_eq!(
        orders.customers().await.unwrap(),
        ["c0", "c1", "c2", "c3", "c4"]
    );
    assert_eq!(
        orders.parcels().await.unwrap(),
        [0, 12, 24, 36, 48, 60, 72, 84, 96, 108]
    );
    assert_eq!(orders.days().await.unwrap(), (0..8).collect::<Vec<u16>>());
    assert_eq!(
        orders.states().await.unwrap(),
        [State::Open, State::Paid, State::Shipped]
    );
    let two = orders.filter_by_shop("shop 0").customers().await.unwrap();
    assert_eq!(two.len(), 5);
    let one = orders
        .filter_by_customer(["c1", "c2"])
        .customers()
        .await
        .unwrap();
    assert_eq!(one, ["c1", "c2"]);
    let exact = orders
        .query()
        .distinct_exact(Order::COLUMNS.customer)
        .await
        .unwrap();
    assert_eq!(exact.len(), 5);
    let columns = (Order::COLUMNS.day, Order::COLUMNS.state);
    assert_eq!(orders.distinct(columns).await.unwrap().len(), 24);
    let columns = (Order::COLUMNS.customer, Order::COLUMNS.shop);
    let pairs = orders.distinct(columns).await.unwrap();
    assert_eq!(pairs.len(), 20);
    assert!(pairs.contains(&("c0".to_owned(), "shop 0".to_owned())));
    assert_eq!(orders.shops().await.unwrap().len(), 4);
    assert_eq!(
        orders
            .query()
            .limit(2)
            .distinct(Order::COLUMNS.customer)
            .await
            .unwrap()
            .len(),
        2
    );
}

async fn cursors_are_of_one_query(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let orders = store.db().table::<Order>();
    orders.insert_all(&some()).await.into_result().unwrap();
    let page = orders.filter_by_customer("c1").page(2).await.unwrap();
    let cursor = page.cursor.unwrap();
    refused(
        orders
            .filter_by_customer("c2")
            .after(cursor.clone())
            .rows()
            .await,
        ErrorKind::InvalidCursor,
    );
    refused(
        orders.query().after(cursor.clone()).rows().await,
        ErrorKind::InvalidCursor,
    );
    // A row that is changed or deleted between two pages keeps the others where they are.
    orders.delete(&page.rows[1]).await.unwrap();
    let rest = orders
        .filter_by_customer("c1")
        .after(cursor)
        .rows()
        .await
        .unwrap();
    assert_eq!(rest.len(), 6);
}

async fn an_index_of_key_columns_tells_keys(store: &Store) {
    if !takes_indexes(store) {
        return;
    }
    let follows = store.db().table::<Follow>();
    for (who, whom) in [
        ("ada", "eve"),
        ("bob", "eve"),
        ("bob", "ada"),
        ("eve", "ada bob"),
    ] {
        follows.insert(&follow(who, whom)).await.unwrap();
    }
    let of_eve = follows.filter_by_whom("eve");
    assert_eq!(
        of_eve.rows().await.unwrap(),
        [follow("ada", "eve"), follow("bob", "eve")]
    );
    assert_eq!(of_eve.count().await.unwrap(), 2);
    let whos: Vec<String> = of_eve
        .keys()
        .await
        .unwrap()
        .into_iter()
        .map(|key| key.who)
        .collect();
    assert_eq!(whos, ["ada", "bob"]);
    assert_eq!(of_eve.limit(1).keys().await.unwrap().len(), 1);
    assert_eq!(follows.whoms().await.unwrap(), ["ada", "ada bob", "eve"]);
    follows.delete(("ada", "eve")).await.unwrap();
    assert_eq!(of_eve.count().await.unwrap(), 1);
    assert_eq!(follows.filter_by_who("bob").count().await.unwrap(), 2);
}

on_every_store!(
    filters_say_what_a_scan_says,
    values_of_fields_are_told,
    cursors_are_of_one_query,
    an_index_of_key_columns_tells_keys,
);
