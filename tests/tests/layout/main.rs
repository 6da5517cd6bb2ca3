//! The stored layout, byte for byte, against `fixtures/layout.txt`: what is inserted is stored as
//! the fixture's objects, and the fixture's objects are read as the rows.

mod fixture;
mod rows;
mod schemas;
mod tables;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::Path;
use std::slice;
use std::sync::Arc;

use bytes::Bytes;
use fixture::Stored;
use futures_util::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path as StorePath;
use object_store::{Attribute, Attributes, ObjectStore, ObjectStoreExt, PutOptions};
use s3aads::{Database, ErrorKind, S3Table};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

/// Every object of a store, with its Content-Type.
async fn objects(store: &InMemory) -> Vec<Stored> {
    let listed: Vec<_> = store.list(None).try_collect().await.unwrap();
    let mut objects = Vec::new();
    for object in listed {
        // What the library remembers of the store is not part of a table.
        if object.location.as_ref().starts_with("_s3aads/conditions/") {
            continue;
        }
        let got = store.get(&object.location).await.unwrap();
        let content_type = got.attributes.get(&Attribute::ContentType);
        objects.push(Stored {
            path: object.location.to_string(),
            content_type: content_type.map(|value| value.as_ref().to_owned()),
            body: got.bytes().await.unwrap().to_vec(),
        });
    }
    objects.sort();
    objects
}

/// Every file of a folder but what the library keeps for itself.
fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path == root.join("_s3aads") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                files.push((name.to_owned(), fs::read(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn open_folder(folder: &TempDir) -> Database {
    Database::open(&format!("file://{}", folder.path().display())).unwrap()
}

/// Each row, inserted alone, is stored as its object of the fixture and nothing else.
async fn is_stored_so<T: S3Table>(pairs: &[(T, Stored)]) {
    for (row, stored) in pairs {
        let store = Arc::new(InMemory::new());
        let db = Database::with_store("layout", store.clone());
        db.table::<T>().insert(row).await.unwrap();
        assert_eq!(objects(&store).await, slice::from_ref(stored));
        db.table::<T>().upsert(row).await.unwrap();
        assert_eq!(objects(&store).await, slice::from_ref(stored));
    }
    let folder = TempDir::new().unwrap();
    let db = open_folder(&folder);
    db.create().await.unwrap();
    for (row, _) in pairs {
        db.table::<T>().insert(row).await.unwrap();
    }
    let mut expected: Vec<_> = pairs
        .iter()
        .map(|(_, stored)| (stored.path.clone(), stored.body.clone()))
        .collect();
    expected.sort();
    assert_eq!(files(folder.path()), expected);
}

/// A database of the fixture's objects holds the rows, in the order of their paths.
async fn is_read_so<T: S3Table + Debug + PartialEq>(db: &Database, pairs: &[(T, Stored)]) {
    let table = db.table::<T>();
    let mut in_order: Vec<_> = pairs.iter().collect();
    in_order.sort_by(|a, b| a.1.path.cmp(&b.1.path));
    let expected: Vec<&T> = in_order.into_iter().map(|(row, _)| row).collect();
    let read = table.rows().await.unwrap();
    assert_eq!(read.iter().collect::<Vec<_>>(), expected);
    for (row, _) in pairs {
        let read = table.select(row.to_key()).await.unwrap();
        assert_eq!(read.as_ref(), Some(row));
    }
}

async fn holds<T: S3Table + Debug + PartialEq>(folder: &str, rows: Vec<T>)
where
    T::Key: Serialize + DeserializeOwned,
{
    for row in &rows {
        let json = serde_json::to_string(&row.to_key()).unwrap();
        let key: T::Key = serde_json::from_str(&json).unwrap();
        assert_eq!(key, row.to_key(), "{json}");
    }
    let stored = fixture::of(folder);
    assert_eq!(rows.len(), stored.len(), "rows of {folder}");
    let pairs: Vec<_> = rows.into_iter().zip(stored).collect();
    is_stored_so(&pairs).await;

    let store = Arc::new(InMemory::new());
    for (_, stored) in &pairs {
        let mut attributes = Attributes::new();
        if let Some(content_type) = &stored.content_type {
            attributes.insert(Attribute::ContentType, content_type.clone().into());
        }
        let path = StorePath::parse(&stored.path).unwrap();
        let body = Bytes::from(stored.body.clone());
        store
            .put_opts(&path, body.into(), PutOptions::from(attributes))
            .await
            .unwrap();
    }
    is_read_so(&Database::with_store("layout", store), &pairs).await;

    let folder = TempDir::new().unwrap();
    for (_, stored) in &pairs {
        let file = folder.path().join(&stored.path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, &stored.body).unwrap();
    }
    is_read_so(&open_folder(&folder), &pairs).await;
}

/// A test for each table, and the list of their folders.
macro_rules! tables {
    ($($name:ident: $folder:literal;)*) => {
        const FOLDERS: &[&str] = &[$($folder),*];

        $(
            #[tokio::test]
            async fn $name() {
                holds($folder, rows::$name()).await;
            }
        )*
    };
}

tables! {
    daily_data: "daily-data";
    plain_integers: "plain_integers";
    ordered_integers: "ordered_integers";
    padded_integers: "padded_integers";
    stations: "stations";
    names: "names";
    blobs: "blobs";
    site_visits: "site_visit";
    chrono_events: "events";
    jiff_events: "events";
    newest: "newest";
    others: "others";
    monthly_weather: "weather";
    hive_text: "hive_text";
    hive_data: "hive_data";
    hive_empty: "hive_empty";
    escaped_table: "na%C3%AFve%7Etable";
    long: "long";
}

#[test]
fn every_row_of_the_fixture_is_checked() {
    let stored = fixture::all();
    assert!(stored.len() >= 40, "{} rows", stored.len());
    let stored: BTreeSet<_> = stored.iter().map(Stored::folder).collect();
    assert_eq!(stored, FOLDERS.iter().copied().collect());
}

#[test]
fn a_key_is_a_struct_of_its_columns_to_serde() {
    let json = |key| serde_json::to_string(&key).unwrap();
    let stations = rows::stations();
    assert_eq!(
        serde_json::to_value(stations[0].to_key()).unwrap(),
        serde_json::json!({
            "id": stations[0].id.0,
            "floor": stations[0].floor.0,
            "weather": "sun",
            "covered": stations[0].covered,
            "grade": stations[0].grade,
        })
    );
    let newest = rows::newest().remove(0).to_key();
    assert_eq!(
        serde_json::to_value(&newest).unwrap(),
        serde_json::json!({
            "a": 255,
            "b": 127,
            "c": 2020,
            "day": "2020-01-31",
            "at": "20200131T235959.123456789Z",
            "id": newest.id.to_string(),
        })
    );
    let weather = rows::monthly_weather().remove(0).to_key();
    let text = r#"{"city":"Seattle","year":2015,"month":7,"état~":"dry"}"#;
    assert_eq!(json(weather.clone()), text);
    type Key = <tables::MonthlyWeather as S3Table>::Key;
    let read = |text: &str| serde_json::from_str::<Key>(text);
    // Numbers as texts, as a form or a URL's query has them, in any order, among others.
    let other = r#"{"x":[1],"état~":"dry","month":"7","year":"2015","city":"Seattle"}"#;
    assert_eq!(read(other).unwrap(), weather);
    assert_eq!(read(r#"["Seattle",2015,7,"dry"]"#).unwrap(), weather);
    for (wrong, why) in [
        (
            r#"{"city":"Seattle","year":2015,"month":7}"#,
            "missing field `état~`",
        ),
        (r#"{"city":"a","city":"b"}"#, "duplicate field `city`"),
        (r#"["Seattle",2015,300,"dry"]"#, "300"),
        (r#"["Seattle",2015,null,"dry"]"#, "a key column of type u8"),
        (r#"7"#, "a key of the columns city, year, month, état~"),
    ] {
        let error = read(wrong).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

/// What a reader of the hive layout takes for NULL, whatever escapes are in it.
#[tokio::test]
async fn a_text_that_means_null_is_refused_before_any_request() {
    let store = Arc::new(InMemory::new());
    let db = Database::with_store("layout", store.clone());
    let table = db.table::<tables::MonthlyWeather>();
    for text in ["", "__HIVE_DEFAULT_PARTITION__", "\\N"] {
        let mut row = rows::monthly_weather().remove(0);
        row.city = text.to_owned();
        let raw = table.raw();
        let errors = [
            table.insert(&row).await.unwrap_err(),
            table.upsert(&row).await.unwrap_err(),
            table.select(row.to_key()).await.unwrap_err(),
            table.filter_by_city(text).keys().await.unwrap_err(),
            raw.upsert([text, "2015", "07", "dry"], "")
                .await
                .unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::InvalidKey, "{error}");
            assert_eq!(error.column(), Some("city"), "{error}");
            let said = format!("{text:?} can't be stored in the hive layout");
            assert!(error.to_string().contains(&said), "{error}");
        }
        let path = format!("city={text}/year=2015/month=07/état~=dry/row.json");
        let key = path.parse::<<tables::MonthlyWeather as S3Table>::Key>();
        assert_eq!(key.unwrap_err().kind(), ErrorKind::InvalidKey);
        // Others begin as it does.
        let all = table.filter_by_city(s3aads::starts_with(text));
        assert_eq!(all.count().await.unwrap(), 0);
    }
    assert_eq!(objects(&store).await, []);
}

#[tokio::test]
async fn a_path_of_one_byte_more_than_the_longest_is_refused_before_any_request() {
    let longest = &fixture::of("long")[0];
    assert_eq!(longest.path.len(), 1024);
    let mut row = rows::long().remove(0);
    row.d.push('d');

    let store = Arc::new(InMemory::new());
    let db = Database::with_store("layout", store.clone());
    let table = db.table::<tables::Long>();
    let errors = [
        table.insert(&row).await.unwrap_err(),
        table.upsert(&row).await.unwrap_err(),
        table.select(row.to_key()).await.unwrap_err(),
        table.delete(row.to_key()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidKey, "{error}");
        assert_eq!(error.table(), Some("long"), "{error}");
    }
    assert_eq!(db.usage().total(), 0);
    assert_eq!(objects(&store).await, []);
}
