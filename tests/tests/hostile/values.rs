//! Key values.

use std::collections::BTreeSet;

use s3aads::{ErrorKind, Result, S3Table, starts_with};

use crate::stores::{Store, stores};
use crate::{HOSTILE, Pair};

/// What any accepted row goes through.
async fn round_trip(store: &Store, row: &Pair) {
    let pairs = store.db.table::<Pair>();
    let (a, b) = (row.a.as_str(), row.b.as_str());
    let at = format!("{} {a:?} {b:?}", store.name);
    pairs
        .insert(row)
        .await
        .unwrap_or_else(|e| panic!("{at}: {e}"));
    assert_eq!(
        pairs.select((a, b)).await.unwrap().as_ref(),
        Some(row),
        "{at}"
    );
    let again = pairs.insert(row).await.unwrap_err();
    assert_eq!(again.kind(), ErrorKind::AlreadyExists, "{at}");
    assert!(pairs.exists((a, b)).await.unwrap(), "{at}");
    let key = pairs.keys().await.unwrap().pop().unwrap();
    assert_eq!((key.a.as_str(), key.b.as_str()), (a, b), "{at}");
    let text = key.to_string();
    assert_eq!(text.parse().ok(), Some(key), "{at}");
    assert_eq!(
        store.keys().await,
        BTreeSet::from([format!("pairs/{text}")]),
        "{at}"
    );
    assert_eq!(text.split('/').count(), 2, "{at}");
    assert!(
        !text
            .split('/')
            .any(|segment| matches!(segment, "" | "." | "..")),
        "{at}"
    );
    for found in [
        pairs.filter_by_a(a).rows().await,
        pairs.filter_by_b(b).rows().await,
        pairs.filter_by_a(a).filter_by_b([b, "other"]).rows().await,
        pairs.filter_by_a(starts_with(a)).rows().await,
        pairs.filter_by_a(a..=a).rows().await,
    ] {
        assert_eq!(found.unwrap(), std::slice::from_ref(row), "{at}");
    }
    assert_eq!(pairs.distinct(Pair::COLUMNS.b).await.unwrap(), [b], "{at}");
    pairs.copy((a, b)).to(&pairs, ("copy", b)).await.unwrap();
    assert_eq!(
        pairs.filter_by_a("copy").delete().await.unwrap().rows,
        1,
        "{at}"
    );
    assert_eq!(store.db.tables().await.unwrap(), ["pairs"], "{at}");
    assert_eq!(
        pairs
            .filter_by_a(a)
            .filter_by_b(b)
            .delete()
            .await
            .unwrap()
            .rows,
        1,
        "{at}"
    );
    assert!(store.keys().await.is_empty(), "{at}");
}

#[tokio::test]
async fn what_is_accepted_comes_back_as_it_was() {
    for store in stores().await {
        for value in HOSTILE {
            round_trip(&store, &Pair::new(value, "plain")).await;
            round_trip(&store, &Pair::new("plain", value)).await;
        }
    }
}

#[tokio::test]
async fn all_at_once_they_stay_apart_and_in_order() {
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        let rows: Vec<Pair> = HOSTILE
            .iter()
            .flat_map(|a| ["x", *a, "../y"].map(|b| Pair::new(a, b)))
            .collect();
        let distinct: BTreeSet<(&str, &str)> = rows
            .iter()
            .map(|row| (row.a.as_str(), row.b.as_str()))
            .collect();
        let report = pairs.upsert_all(&rows).await;
        assert_eq!(report.failed(), 0, "{}", store.name);
        let found = pairs.rows().await.unwrap();
        let read: BTreeSet<(&str, &str)> = found
            .iter()
            .map(|row| (row.a.as_str(), row.b.as_str()))
            .collect();
        assert_eq!(read, distinct, "{}", store.name);
        assert_eq!(found.len(), distinct.len(), "{}", store.name);
        let paths: Vec<String> = pairs
            .keys()
            .await
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(paths.is_sorted(), "{}", store.name);
        assert!(
            store
                .keys()
                .await
                .iter()
                .all(|key| key.starts_with("pairs/"))
        );
        for value in HOSTILE {
            let of_value = distinct.iter().filter(|(a, _)| a == value).count();
            assert_eq!(
                pairs.filter_by_a(*value).count().await.unwrap(),
                of_value as u64
            );
        }
        assert_eq!(
            pairs.query().delete().await.unwrap().rows,
            distinct.len() as u64
        );
        assert!(store.keys().await.is_empty(), "{}", store.name);
    }
}

fn refused<T: std::fmt::Debug>(result: Result<T>, what: &str) {
    let error = result.expect_err(what);
    assert_eq!(error.kind(), ErrorKind::InvalidKey, "{what}: {error}");
    assert_eq!(error.table(), Some("pairs"), "{what}: {error}");
    assert!(
        format!("{error} {error:?}").len() < 4_000,
        "{what}: the message is as long as the key"
    );
}

#[tokio::test]
async fn what_no_store_can_hold_is_refused_before_a_request() {
    let megabyte = "x".repeat(1 << 20);
    // Each of its characters takes three bytes, that is nine once they are encoded.
    let wide = "\u{20ac}".repeat(200);
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        let (counted, arrived) = (store.db.usage(), store.requests());
        for value in [megabyte.as_str(), &wide, &"/".repeat(400)] {
            for row in [Pair::new(value, "b"), Pair::new("a", value)] {
                let key = || (row.a.clone(), row.b.clone());
                refused(pairs.insert(&row).await, "insert");
                refused(pairs.upsert(&row).await, "upsert");
                refused(pairs.select(key()).await, "select");
                refused(pairs.select_versioned(key()).await, "select_versioned");
                refused(pairs.exists(key()).await, "exists");
                refused(pairs.meta(key()).await, "meta");
                refused(pairs.delete(key()).await, "delete");
                refused(pairs.modify(key(), |_| {}).await, "modify");
                refused(pairs.copy(key()).to(&pairs, ("a", "b")).await, "copy from");
                refused(pairs.copy(("a", "b")).to(&pairs, key()).await, "copy to");
                refused(pairs.rename(key(), ("a", "b")).await, "rename from");
                refused(pairs.rename(("a", "b"), key()).await, "rename to");
                for report in [
                    pairs.insert_all([&row]).await,
                    pairs.upsert_all([&row]).await,
                ] {
                    refused(report.into_result(), "a batch");
                }
                refused(
                    pairs.delete_all([row.to_key()]).await.into_result(),
                    "delete_all",
                );
                refused(
                    pairs.select_all([row.to_key()]).await.into_result(),
                    "select_all",
                );
            }
            refused(pairs.filter_by_a(value).keys().await, "filter_by_a");
            refused(pairs.filter_by_b(value).keys().await, "filter_by_b");
            refused(pairs.filter_by_b(["x", value]).count().await, "a set");
            refused(
                pairs.filter_by_b(starts_with(value)).first().await,
                "starts_with",
            );
            refused(pairs.filter_by_a(value).explain(), "explain");
        }
        let half = "h".repeat(600);
        refused(
            pairs.filter_by_a(&half).filter_by_b(&half).keys().await,
            "both too long",
        );
        assert_eq!(store.db.usage(), counted, "{}", store.name);
        assert_eq!(store.requests(), arrived, "{}", store.name);
        assert!(store.keys().await.is_empty(), "{}", store.name);
    }
}

#[tokio::test]
async fn the_longest_segment_of_a_file_system() {
    for store in stores().await {
        let pairs = store.db.table::<Pair>();
        round_trip(&store, &Pair::new(&"l".repeat(255), "b")).await;
        round_trip(&store, &Pair::new("a", &"l".repeat(255))).await;
        let long = "l".repeat(256);
        for row in [Pair::new(&long, "b"), Pair::new("a", &long)] {
            if !store.is_local() {
                round_trip(&store, &row).await;
                continue;
            }
            for written in [pairs.insert(&row).await, pairs.upsert(&row).await] {
                let error = written.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidKey, "{error}");
                assert!(error.to_string().contains("255"), "{error}");
            }
            // Nothing of that name can be there, and that is all that a reader asks.
            let key = (row.a.as_str(), row.b.as_str());
            assert_eq!(pairs.select(key).await.unwrap(), None);
            assert!(!pairs.exists(key).await.unwrap());
            pairs.delete(key).await.unwrap();
            assert_eq!(pairs.filter_by_a(row.a.as_str()).count().await.unwrap(), 0);
            assert!(store.keys().await.is_empty());
        }
    }
}

/// An escaped character takes three bytes of the 255.
#[tokio::test]
async fn the_limit_is_of_the_encoded_segment() {
    for store in stores().await {
        round_trip(&store, &Pair::new(&"/".repeat(85), "b")).await;
        let row = Pair::new(&"/".repeat(86), "b");
        let written = store.db.table::<Pair>().insert(&row).await;
        if store.is_local() {
            assert_eq!(written.unwrap_err().kind(), ErrorKind::InvalidKey)
        } else {
            drop(written.unwrap())
        }
    }
}
