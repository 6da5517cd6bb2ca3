//! Copies to another key, table, database and store.

use s3aads::{ErrorKind, RequestClass, S3Table, Server, WriteOptions};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{Counter, DailyData, counter, day};
use crate::refused;

async fn a_row_is_copied_to_another_key_by_one_request(store: &Store) {
    let days = store.db().table::<DailyData>();
    let row = day(1, 2020, 1, 1);
    days.upsert(&row).await.unwrap();
    let before = store.db().usage();
    days.copy(&row).to(&days, (2, 2020, 1, 1)).await.unwrap();
    let sent = store.db().usage().since(&before);
    assert_eq!(
        (sent.get(RequestClass::Copy), sent.total()),
        (1, 1),
        "{sent}"
    );

    let copy = days.select((2, 2020, 1, 1)).await.unwrap().unwrap();
    assert_eq!(copy.data, row.data);
    assert_eq!(days.select(&row).await.unwrap(), Some(row.clone()));
    // A copy overwrites.
    let mut newer = row.clone();
    newer.data.clear();
    days.upsert(&newer).await.unwrap();
    days.copy(&newer).to(&days, (2, 2020, 1, 1)).await.unwrap();
    let copy = days.select((2, 2020, 1, 1)).await.unwrap().unwrap();
    assert_eq!(copy.data, newer.data);

    let error = refused(
        days.copy((9, 9, 9, 9)).to(&days, (8, 8, 8, 8)).await,
        ErrorKind::NotFound,
    );
    assert_eq!(error.key(), Some("9/9/09/09"), "{error}");
    assert!(!days.exists((8, 8, 8, 8)).await.unwrap());
}

async fn a_row_is_copied_to_another_database_of_the_server(store: &Store) {
    let other = store.another().await;
    let (from, to) = (store.db().table::<Counter>(), other.table::<Counter>());
    let options = if store.lacks(Capability::Metadata) {
        WriteOptions::new()
    } else {
        WriteOptions::new().metadata("author", "ada")
    };
    let row = counter("a/b c%", 1);
    from.upsert_with(&row, &options).await.unwrap();
    from.copy(&row).to(&to, "copied \u{1F980}").await.unwrap();

    let copy = to.select("copied \u{1F980}").await.unwrap().unwrap();
    assert_eq!(copy.value, 1);
    assert_eq!(from.count().await.unwrap(), 1);
    assert_eq!(to.count().await.unwrap(), 1);
    if !store.lacks(Capability::Metadata) {
        let meta = to.meta("copied \u{1F980}").await.unwrap().unwrap();
        assert_eq!(meta.metadata()["author"], "ada");
    }
    if let Some(sent) = store
        .wire_server()
        .map(|_| other.usage().since(&Default::default()))
    {
        assert_eq!(sent.get(RequestClass::Copy), 1, "{sent}");
    }
    let absent = store.database(&store.unused_name());
    let nowhere = absent.table::<Counter>();
    refused(from.copy(&row).to(&nowhere, "x").await, ErrorKind::NotFound);
}

async fn a_row_is_copied_to_another_store_through_this_process(store: &Store) {
    let elsewhere = Server::memory().database("elsewhere").unwrap();
    elsewhere.create().await.unwrap();
    let (here, there) = (store.db().table::<Counter>(), elsewhere.table::<Counter>());
    let row = counter("a", 5);
    here.upsert(&row).await.unwrap();
    here.copy("a").to(&there, "b").await.unwrap();
    assert_eq!(there.select("b").await.unwrap(), Some(counter("b", 5)));
    there.copy("b").to(&here, "c").await.unwrap();
    assert_eq!(here.select("c").await.unwrap(), Some(counter("c", 5)));
    refused(there.copy("zz").to(&here, "d").await, ErrorKind::NotFound);

    let folder = tempfile::tempdir().unwrap();
    let disk = Server::local(folder.path()).database("disk").unwrap();
    disk.create().await.unwrap();
    here.copy("a")
        .to(&disk.table::<Counter>(), "a")
        .await
        .unwrap();
    assert_eq!(
        disk.table::<Counter>().select("a").await.unwrap(),
        Some(row)
    );
}

/// The same rows under another name.
#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
#[s3(table = "archive")]
struct Archived {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
    #[s3(key, width = 2)]
    month: u8,
    #[s3(key, width = 2)]
    day: u8,
    #[s3(data)]
    data: Vec<String>,
}

async fn raw_tables_copy_between_tables_of_other_names(store: &Store) {
    let (days, archive) = (
        store.db().table::<DailyData>(),
        store.db().table::<Archived>(),
    );
    let row = day(1, 2020, 1, 1);
    days.upsert(&row).await.unwrap();
    let key = row.to_key().to_string();
    days.raw()
        .copy(&key)
        .to(&archive.raw(), &key)
        .await
        .unwrap();
    let copy = archive.select((1, 2020, 1, 1)).await.unwrap().unwrap();
    assert_eq!(copy.data, row.data);
    refused(
        days.raw().copy("1/2020").to(&archive.raw(), &key).await,
        ErrorKind::InvalidKey,
    );
    refused(
        days.raw().copy(&key).to(&archive.raw(), "1//1/1").await,
        ErrorKind::InvalidKey,
    );
}

on_every_store!(
    a_row_is_copied_to_another_key_by_one_request,
    a_row_is_copied_to_another_database_of_the_server,
    a_row_is_copied_to_another_store_through_this_process,
    raw_tables_copy_between_tables_of_other_names,
);
