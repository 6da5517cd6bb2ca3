//! Buckets that others write to: objects that are no rows, and rows whose bodies do not decode.

use futures_util::StreamExt;
use s3aads::{ErrorKind, OnForeign, S3Table};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{Counter, DailyData, counter, day, key_text};
use crate::refused;

/// Keys below the table that no row of `DailyData` has.
const FOREIGN: &[&str] = &[
    "readme.txt",
    "1/2020",
    "1/2020/01/01/extra",
    "1/2020/1/1",
    "01/2020/01/01",
    "1/2020/01/99999",
    "1/2020/ab/01",
    "x/2020/01/01",
    "1%2F/2020/01/01",
    "%31/2020/01/01",
    "1/2020/01/-1",
    // What object_store's own listing refuses or mends.
    "1//2020/01/01",
    "/1/2020/01/01",
    "1/./01/01",
    "1/../01/01",
    "../1/2020/01",
    "1/2020/01/02\u{1}",
    "1/2020/01/0\n3",
    "marker/",
    "1/2020/01/02/",
];

async fn foreign_objects_never_make_a_table_unreadable(store: &Store) {
    let days = store.db().table::<DailyData>();
    let mut planted = Vec::new();
    for foreign in FOREIGN {
        // On a disk, what is a folder of rows can't be a file.
        let is_folder = *foreign == "1/2020" && store.folder().is_some();
        if !is_folder && store.plant(&format!("daily-data/{foreign}"), b"[]").await {
            planted.push(*foreign);
        }
    }
    let rows = [day(1, 2020, 1, 2), day(1, 2020, 12, 31), day(2, 2020, 1, 1)];
    days.upsert_all(&rows).await.into_result().unwrap();

    assert_eq!(days.rows().await.unwrap(), rows, "{planted:?}");
    assert_eq!(days.count().await.unwrap(), 3);
    assert_eq!(days.query().concurrency(1).count().await.unwrap(), 3);
    assert_eq!(days.ids().await.unwrap(), [1, 2]);
    assert_eq!(days.years().await.unwrap(), [2020]);
    assert_eq!(days.filter_by_id(1).months().await.unwrap(), [1, 12]);
    assert_eq!(
        days.filter_by_id(1)
            .filter_by_year(2020)
            .count()
            .await
            .unwrap(),
        2
    );
    assert_eq!(days.filter_by_day(31).rows().await.unwrap(), rows[1..2]);
    assert_eq!(days.query().page(2).await.unwrap().rows, rows[..2]);
    assert_eq!(days.first().await.unwrap().as_ref(), rows.first());
    assert_eq!(days.sample(10).await.unwrap().len(), 3);
    for row in &rows {
        assert_eq!(days.select(row).await.unwrap().as_ref(), Some(row));
    }
    assert_eq!(store.db().tables().await.unwrap(), ["daily-data"]);

    if planted.is_empty() {
        return;
    }
    let fail = || days.query().on_foreign(OnForeign::Fail);
    for error in [
        refused(fail().keys().await, ErrorKind::ForeignObject),
        refused(fail().rows().await, ErrorKind::ForeignObject),
        refused(fail().count().await, ErrorKind::ForeignObject),
    ] {
        let key = error.key().unwrap().to_owned();
        let named = planted
            .iter()
            .any(|foreign| key.contains(foreign) || foreign.contains(&key));
        assert!(named, "{error}");
    }
    // Deleting rows leaves what is none; dropping the table does not.
    assert_eq!(days.query().delete().await.unwrap().rows, 3);
    assert_eq!(days.count().await.unwrap(), 0);
    let dropped = store.db().drop_table("daily-data").await.unwrap();
    // The two packs that the rows were in stay, empty, if a store can't delete them as they were read.
    let packed = DailyData::SCHEMA.packed() > 0;
    let emptied = if packed && store.lacks(Capability::ConditionalDeletes) {
        2
    } else {
        0
    };
    assert_eq!(dropped, planted.len() as u64 + emptied);
    assert!(store.db().get_table("daily-data").await.unwrap().is_none());
}

/// `verify` looks at everything and changes nothing.
async fn verify_tells_every_foreign_object_and_undecodable_row(store: &Store) {
    let counters = store.db().table::<Counter>();
    assert!(counters.verify().finish().await.unwrap().is_clean());
    let rows: Vec<Counter> = (0..40).map(|n| counter(&format!("c{n}"), n)).collect();
    counters.upsert_all(&rows).await.into_result().unwrap();
    counters.raw().upsert(["bad"], "no json").await.unwrap();
    let planted = store.plant("counter/deeper/x", b"").await;
    let mut verification = counters.verify();
    let mut found = Vec::new();
    while let Some(finding) = verification.next().await {
        let finding = finding.unwrap();
        s3aads_tests::errors::assert_told_well(&finding.error);
        assert_eq!(finding.error.table(), Some("counter"));
        found.push((finding.object, finding.error.kind()));
    }
    let mut expected = vec![("counter/bad".to_owned(), ErrorKind::InvalidRow)];
    if planted {
        expected.push(("counter/deeper/x".to_owned(), ErrorKind::ForeignObject));
    }
    found.iter_mut().for_each(|(object, _)| {
        *object = object[object.find("counter/").unwrap()..].to_owned();
    });
    assert_eq!(found, expected);
    let report = verification.report();
    let told = (report.rows, report.undecodable, report.foreign);
    assert_eq!(told, (40, 1, u64::from(planted)), "{report}");
    assert!(!report.is_clean());
    assert_eq!(counters.count().await.unwrap(), 41);
}

/// Folders tell values without a look into them; the exact answer takes the keys.
async fn values_that_no_row_has_are_told_apart(store: &Store) {
    let days = store.db().table::<DailyData>();
    days.upsert(&day(1, 2020, 1, 1)).await.unwrap();
    for foreign in ["7/notes.txt", "8/2021/README"] {
        store.plant(&format!("daily-data/{foreign}"), b"[]").await;
    }
    // A store that lists no folders tells the rows' values alone.
    let ids = days.ids().await.unwrap();
    assert!(ids == [1] || ids == [1, 7, 8], "{ids:?}");
    let all = days.query();
    let exact = all.distinct_exact(DailyData::COLUMNS.id).await;
    assert_eq!(exact.unwrap(), [1]);
    let pairs = (DailyData::COLUMNS.id, DailyData::COLUMNS.year);
    assert_eq!(all.distinct_exact(pairs).await.unwrap(), [(1, 2020)]);
}

async fn rows_that_do_not_decode_are_errors_of_their_own(store: &Store) {
    let counters = store.db().table::<Counter>();
    for name in ["a", "c"] {
        counters.upsert(&counter(name, 1)).await.unwrap();
    }
    let raw = counters.raw();
    for (name, body) in [
        ("b", &br#"{"value":"many"}"#[..]),
        ("b2", b"not json"),
        ("b3", b""),
        ("b4", b"{}"),
        ("b5", b"{\"value\":1}x"),
        ("b6", b"\xff\xfe"),
    ] {
        raw.upsert([name], body).await.unwrap();
    }
    let error = refused(counters.select("b").await, ErrorKind::InvalidRow);
    assert_eq!(error.table(), Some("counter"));
    assert_eq!(error.key(), Some("b"));
    assert_eq!(error.column(), Some("value"));
    assert!(error.to_string().contains("expected"), "{error}");
    for name in ["b2", "b3", "b4", "b5", "b6"] {
        let error = refused(counters.select(name).await, ErrorKind::InvalidRow);
        assert_eq!(error.key(), Some(name), "{error}");
    }

    let items: Vec<_> = counters.stream().collect().await;
    let names: Vec<Result<String, String>> = items
        .into_iter()
        .map(|item| match item {
            Ok(row) => Ok(row.name),
            Err(error) => Err(error.key().unwrap_or_default().to_owned()),
        })
        .collect();
    let bad = |name: &str| Err(name.to_owned());
    let expected = [
        Ok("a".to_owned()),
        bad("b"),
        bad("b2"),
        bad("b3"),
        bad("b4"),
        bad("b5"),
        bad("b6"),
        Ok("c".to_owned()),
    ];
    assert_eq!(names, expected);
    refused(counters.rows().await, ErrorKind::InvalidRow);
    // What reads no body does not mind.
    assert_eq!(counters.count().await.unwrap(), 8);
    assert_eq!(counters.names().await.unwrap().len(), 8);
    refused(
        counters.modify("b", |row| row.value = 1).await,
        ErrorKind::InvalidRow,
    );
    let report = counters.select_all(["a", "b", "c"]).await;
    assert_eq!((report.succeeded(), report.failed()), (2, 1));
    counters
        .upsert(&counter("b", 2))
        .await
        .expect("an upsert mends it");
    assert_eq!(counters.select("b").await.unwrap(), Some(counter("b", 2)));
}

async fn a_prefix_is_matched_by_whole_segments(store: &Store) {
    let days = store.db().table::<DailyData>();
    let rows = [
        day(7, 2020, 1, 1),
        day(70, 2020, 1, 1),
        day(700, 2020, 1, 1),
    ];
    days.upsert_all(&rows).await.into_result().unwrap();
    assert_eq!(days.filter_by_id(7).rows().await.unwrap(), rows[..1]);
    assert_eq!(days.filter_by_id(7).count().await.unwrap(), 1);
    assert_eq!(days.filter_by_id(7).ids().await.unwrap(), [7]);
    assert_eq!(days.filter_by_id(7).years().await.unwrap(), [2020]);
    assert_eq!(days.filter_by_id(7).delete().await.unwrap().rows, 1);
    assert_eq!(days.ids().await.unwrap(), [70, 700]);
    let longer = store.db().raw_table("daily-data-more", ["id"]).unwrap();
    longer.upsert(["7"], "x").await.unwrap();
    assert_eq!(days.count().await.unwrap(), 2);
    let key = DailyData::to_key(&rows[1]).to_string();
    assert_eq!(key, key_text("70/2020/01/01"));
}

on_every_store!(
    foreign_objects_never_make_a_table_unreadable,
    values_that_no_row_has_are_told_apart,
    verify_tells_every_foreign_object_and_undecodable_row,
    rows_that_do_not_decode_are_errors_of_their_own,
    a_prefix_is_matched_by_whole_segments,
);
