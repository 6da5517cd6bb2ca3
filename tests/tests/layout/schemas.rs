//! The stored schemas, byte for byte, against `fixtures/schemas/`, and what they forbid.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::memory::InMemory;
use object_store::path::Path as StorePath;
use object_store::{ObjectStore, ObjectStoreExt};
use s3aads::{Database, ErrorKind, S3Table};

use crate::{objects, tables};

/// What the first change of a table stores is the fixture's file, and the fixture's file is read as
/// that table.
async fn holds<T: S3Table>(file: &str) {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/schemas");
    let expected = fs::read_to_string(fixtures.join(file)).unwrap_or_default();
    let store = Arc::new(InMemory::new());
    let db = Database::with_store("schemas", store.clone());
    let opened = db.open_table::<T>().await.unwrap();
    assert!(objects(&store).await.is_empty());
    let key = vec!["1"; T::SCHEMA.columns().len()];
    opened.raw().delete(key).await.unwrap();
    let stored = objects(&store).await;
    assert_eq!(stored.len(), 1);
    assert_eq!(stored[0].path, format!("_s3aads/schema/{file}"));
    assert_eq!(stored[0].content_type.as_deref(), Some("application/json"));
    assert_eq!(String::from_utf8_lossy(&stored[0].body), expected, "{file}");

    let store = Arc::new(InMemory::new());
    let path = StorePath::parse(format!("_s3aads/schema/{file}")).unwrap();
    store.put(&path, expected.into()).await.unwrap();
    let db = Database::with_store("schemas", store);
    let _opened = db.open_table::<T>().await.unwrap();
    let raw = db.get_table(T::SCHEMA.table()).await.unwrap().unwrap();
    assert_eq!(raw.schema(), T::SCHEMA);
}

#[tokio::test]
async fn schemas_are_stored_so() {
    holds::<tables::DailyData>("daily-data.json").await;
    holds::<tables::PlainIntegers>("plain_integers.json").await;
    holds::<tables::OrderedIntegers>("ordered_integers.json").await;
    holds::<tables::Station>("stations.json").await;
    holds::<tables::Blob>("blobs.json").await;
    holds::<tables::ChronoEvent>("events.json").await;
    holds::<tables::JiffEvent>("events.json").await;
    holds::<tables::MonthlyWeather>("weather.json").await;
    holds::<tables::EscapedTable>("na%C3%AFve%7Etable.json").await;
}

/// A database whose stored schema of `daily-data` is this text.
async fn with_schema(text: &str) -> Database {
    let store = Arc::new(InMemory::new());
    let path = StorePath::from("_s3aads/schema/daily-data.json");
    let body = Bytes::from(text.to_owned());
    store.put(&path, body.into()).await.unwrap();
    Database::with_store("schemas", store as Arc<dyn ObjectStore>)
}

#[tokio::test]
async fn what_a_later_release_stored_is_refused_by_name() {
    let stored = include_str!("../../fixtures/schemas/daily-data.json");
    let requires = stored.replace(r#""requires": []"#, r#""requires": ["packs", "triggers"]"#);
    let db = with_schema(&requires).await;
    // A program that did not look.
    let days = db.table::<tables::DailyData>();
    let row = tables::DailyData {
        id: 1,
        year: 2020,
        month: 1,
        day: 1,
        data: Vec::new(),
    };
    days.insert(&row).await.unwrap();
    let read = days.select_versioned(&row).await.unwrap().unwrap();

    // Once it looked, it may read and not write, whichever of its handles it takes.
    let opened = db.open_table::<tables::DailyData>().await.unwrap();
    let raw = db.get_table("daily-data").await.unwrap().unwrap();
    assert_eq!(raw.columns().len(), 4);
    let named = db.raw_table("daily-data", ["id", "year", "month", "day"]);
    let named = named.unwrap();
    assert_eq!(opened.rows().await.unwrap().len(), 1);
    assert_eq!(
        (raw.count().await.unwrap(), days.count().await.unwrap()),
        (1, 1)
    );
    let key = ["1", "2020", "01", "01"];
    let before = db.usage();
    for days in [&opened, &days] {
        let refusals = [
            days.insert(&row).await.map(drop),
            days.upsert(&row).await.map(drop),
            days.update(&read).await.map(drop),
            days.delete(&row).await,
            days.copy(&row).to(days, (2, 2020, 1, 1)).await,
            days.copy(&row).to_new(days, (2, 2020, 1, 1)).await,
            days.upsert_all([&row]).await.into_result().map(drop),
            days.delete_all([&row]).await.into_result().map(drop),
            days.raw().upsert(key, "x").await.map(drop),
            raw.upsert(key, "x").await.map(drop),
            raw.insert(key, "x").await.map(drop),
            raw.delete(key).await,
            named.upsert(key, "x").await.map(drop),
            db.drop_table("daily-data").await.map(drop),
        ];
        for refusal in refusals {
            let error = refusal.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            assert!(error.to_string().contains("packs, triggers"), "{error}");
            assert_eq!(error.table(), Some("daily-data"));
        }
    }
    assert_eq!(db.usage().since(&before).total(), 0);
    for error in [
        opened
            .modify(&row, |row| row.data.push("x".into()))
            .await
            .map(drop)
            .unwrap_err(),
        opened.query().delete().await.map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
    }
    assert_eq!(opened.rows().await.unwrap(), [row]);

    for (from, to, part) in [
        (r#""format": 1"#, r#""format": 2"#, "format 2"),
        (r#""u64""#, r#""u256""#, "type \"u256\" of column \"id\""),
        (r#""width""#, r#""girth""#, "is none"),
        (r#""plain""#, r#""sparse""#, "encoding \"sparse\""),
        (r#""daily-data""#, r#""other""#, "of the table \"other\""),
        ("{", "", "is none"),
    ] {
        assert!(stored.contains(from), "{from}");
        let db = with_schema(&stored.replacen(from, to, 1)).await;
        for error in [
            db.open_table::<tables::DailyData>().await.unwrap_err(),
            db.get_table("daily-data").await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::SchemaMismatch, "{error}");
            assert!(error.to_string().contains(part), "{to}: {error}");
            assert_eq!(error.table(), Some("daily-data"));
        }
    }
}
