//! Servers and databases: made, listed, dropped, and their tables.

use s3aads::{Database, ErrorKind, S3Table};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{Counter, DailyData, counter, day};
use crate::refused;

async fn a_database_is_there_once_it_is_created(store: &Store) {
    let name = store.unused_name();
    let db = store.database(&name);
    assert_eq!(db.name(), name);
    assert!(!db.exists().await.unwrap());
    if let Some(server) = store.server() {
        assert!(!server.list_databases().await.unwrap().contains(&name));
    }

    db.create().await.unwrap();
    assert!(db.exists().await.unwrap());
    db.create().await.expect("creating it again is no error");

    let Some(server) = store.server() else { return };
    let names = server.list_databases().await.unwrap();
    assert!(names.contains(&name) && names.contains(&store.db().name().to_owned()));
    assert!(names.is_sorted(), "{names:?}");
}

async fn nothing_can_be_done_in_a_database_that_is_not_there(store: &Store) {
    let db = store.database(&store.unused_name());
    let days = db.table::<DailyData>();
    let row = day(1, 2020, 1, 1);
    let errors = [
        refused(days.upsert(&row).await, ErrorKind::NotFound),
        refused(days.insert(&row).await, ErrorKind::NotFound),
        refused(days.select(&row).await, ErrorKind::NotFound),
        refused(days.delete(&row).await, ErrorKind::NotFound),
        refused(days.keys().await, ErrorKind::NotFound),
        refused(days.count().await, ErrorKind::NotFound),
        refused(days.ids().await, ErrorKind::NotFound),
        refused(db.tables().await, ErrorKind::NotFound),
        refused(db.get_table("daily-data").await, ErrorKind::NotFound),
        refused(db.drop_table("daily-data").await, ErrorKind::NotFound),
        refused(db.open_table::<DailyData>().await, ErrorKind::NotFound),
    ];
    for error in errors {
        assert_eq!(error.database(), Some(db.name()), "{error}");
    }
    // The answer to a HEAD has no body, so S3 and Google can't say which of the two is missing.
    let silent = store.signed().is_some() || store.google_server().is_some();
    if silent {
        assert!(!days.exists(&row).await.unwrap())
    } else {
        drop(refused(days.exists(&row).await, ErrorKind::NotFound))
    }
}

async fn tables_are_listed_by_name_and_the_reserved_one_is_not(store: &Store) {
    let db = store.db();
    assert_eq!(db.tables().await.unwrap(), Vec::<String>::new());
    let days = db.open_table::<DailyData>().await.unwrap();
    assert_eq!(db.tables().await.unwrap(), Vec::<String>::new());
    // Its first change stores the schema, which is no table.
    days.delete((1, 2020, 1, 1)).await.unwrap();
    assert_eq!(db.tables().await.unwrap(), Vec::<String>::new());
    days.upsert(&day(1, 2020, 1, 1)).await.unwrap();
    db.table::<Counter>()
        .upsert(&counter("a", 1))
        .await
        .unwrap();
    for name in ["with/slash", "zz top", "Ünï"] {
        let table = db.raw_table(name, ["id"]).unwrap();
        table.upsert(["1"], "x").await.unwrap();
    }
    let mut tables = db.tables().await.unwrap();
    tables.sort();
    assert_eq!(
        tables,
        ["counter", "daily-data", "with/slash", "zz top", "Ünï"]
    );
}

async fn get_table_finds_a_table_and_how_many_columns_it_has(store: &Store) {
    let db = store.db();
    assert!(db.get_table("daily-data").await.unwrap().is_none());
    db.table::<DailyData>()
        .upsert(&day(1, 2020, 1, 1))
        .await
        .unwrap();
    let table = db.get_table("daily-data").await.unwrap().unwrap();
    assert_eq!(table.name(), "daily-data");
    assert_eq!(table.columns().len(), 4);
    assert_eq!(table.count().await.unwrap(), 1);
    // A table is a whole folder, not the start of one.
    assert!(db.get_table("daily").await.unwrap().is_none());
}

async fn drop_table_takes_one_table_and_says_how_much_it_was(store: &Store) {
    let db = store.db();
    let days = db.open_table::<DailyData>().await.unwrap();
    for month in 1..=12 {
        days.upsert(&day(1, 2020, month, 1)).await.unwrap();
    }
    let longer = db.raw_table("daily-data-2", ["id"]).unwrap();
    longer.upsert(["1"], "stays").await.unwrap();

    assert_eq!(db.drop_table("daily-data").await.unwrap(), 12);
    assert_eq!(days.count().await.unwrap(), 0);
    assert_eq!(db.tables().await.unwrap(), ["daily-data-2"]);
    assert_eq!(db.drop_table("daily-data").await.unwrap(), 0);
    // Its schema went with it: the name is free for another one, which is then no more the first's.
    let others = db.open_table::<OtherDays>().await.unwrap();
    let other = OtherDays { year: 2020, id: 1 };
    others.upsert(&other).await.unwrap();
    let error = refused(
        days.upsert(&day(1, 2020, 1, 1)).await,
        ErrorKind::SchemaMismatch,
    );
    assert!(error.to_string().contains("\"month\""), "{error}");
    refused(
        days.delete((1, 2020, 1, 1)).await,
        ErrorKind::SchemaMismatch,
    );
    assert_eq!(others.rows().await.unwrap(), [other]);

    refused(db.drop_table("_s3aads").await, ErrorKind::InvalidConfig);
    refused(db.drop_table("").await, ErrorKind::InvalidConfig);
}

/// `DailyData`'s table with other key columns.
#[derive(Debug, PartialEq, S3Table)]
#[s3(table = "daily-data")]
struct OtherDays {
    #[s3(key)]
    year: u16,
    #[s3(key)]
    id: u64,
}

async fn open_table_refuses_another_schema_and_shows_both(store: &Store) {
    let db = store.db();
    let days = db.open_table::<DailyData>().await.unwrap();
    days.upsert(&day(1, 2020, 1, 1)).await.unwrap();
    let days = db.open_table::<DailyData>().await.unwrap();
    assert_eq!(days.count().await.unwrap(), 1);

    let error = refused(
        db.open_table::<OtherDays>().await,
        ErrorKind::SchemaMismatch,
    );
    let message = error.to_string();
    for part in ["id", "year", "u16", "u64", "width 2", "daily-data"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
}

async fn of_two_that_open_a_new_table_the_first_to_write_says_what_it_is(store: &Store) {
    let name = store.another().await.name().to_owned();
    // Two programs: their handles share nothing.
    let (one, other) = (store.database(&name), store.database(&name));
    let days = one.open_table::<DailyData>().await.unwrap();
    let others = other.open_table::<OtherDays>().await.unwrap();
    assert!(one.get_table("daily-data").await.unwrap().is_none());
    // Both may read before the first row.
    assert_eq!(days.count().await.unwrap(), 0);
    assert_eq!(others.count().await.unwrap(), 0);

    days.upsert(&day(1, 2020, 1, 1)).await.unwrap();
    let found = one.get_table("daily-data").await.unwrap().unwrap();
    assert_eq!(found.schema(), DailyData::SCHEMA);
    for error in [
        refused(
            others.upsert(&OtherDays { year: 2020, id: 1 }).await,
            ErrorKind::SchemaMismatch,
        ),
        refused(others.delete((2020, 1)).await, ErrorKind::SchemaMismatch),
    ] {
        assert_eq!(error.table(), Some("daily-data"), "{error}");
    }
    assert_eq!(
        one.raw_table("daily-data", ["a", "b"])
            .unwrap()
            .count()
            .await
            .unwrap(),
        0
    );

    // Two that agree may begin at once.
    let (one, other) = (store.database(&name), store.database(&name));
    let a = one.open_table::<Counter>().await.unwrap();
    let b = other.open_table::<Counter>().await.unwrap();
    let (first, second) = (counter("a", 1), counter("b", 1));
    let (x, y) = tokio::join!(a.upsert(&first), b.upsert(&second));
    assert!(x.is_ok() && y.is_ok(), "{x:?} {y:?}");
    assert_eq!(a.count().await.unwrap(), 2);
}

async fn raw_tables_need_columns_with_names_of_their_own(store: &Store) {
    let db = store.db();
    let none: [&str; 0] = [];
    refused(db.raw_table("t", none), ErrorKind::InvalidConfig);
    refused(db.raw_table("t", ["a", "a"]), ErrorKind::InvalidConfig);
    refused(db.raw_table("t", [""]), ErrorKind::InvalidConfig);
    refused(db.raw_table("", ["a"]), ErrorKind::InvalidConfig);
    refused(db.raw_table("_s3aads", ["a"]), ErrorKind::InvalidConfig);
}

async fn databases_of_one_bucket_do_not_see_each_other(store: &Store) {
    let name = store.db().name();
    let a = store.database_at(name, "tenants/a");
    let b = store.database_at(name, "tenants/b");
    a.table::<Counter>().upsert(&counter("x", 1)).await.unwrap();
    b.table::<Counter>().upsert(&counter("y", 2)).await.unwrap();
    assert_eq!(a.tables().await.unwrap(), ["counter"]);
    assert_eq!(a.table::<Counter>().names().await.unwrap(), ["x"]);
    assert_eq!(b.table::<Counter>().names().await.unwrap(), ["y"]);
    assert_eq!(a.drop_table("counter").await.unwrap(), 1);
    assert_eq!(b.table::<Counter>().count().await.unwrap(), 1);
    assert_eq!(store.db().tables().await.unwrap(), ["tenants"]);
}

async fn a_check_cleans_up_and_tells_what_the_store_honours(store: &Store) {
    let db = store.another().await;
    let found = db.check().await.unwrap();
    let (creates, updates) = (
        store.lacks(Capability::Creates),
        store.lacks(Capability::Updates),
    );
    // If competing conditions are honoured by luck, so is this.
    if !(store.lacks(Capability::AtomicCreates) || creates || updates) {
        assert!(found.conditional_writes(), "{found}");
    }
    if creates || updates {
        assert!(!found.conditional_writes(), "{found}");
    }
    assert_eq!(found.to_string().lines().count(), 10, "{found}");
    assert_eq!(db.drop_table("daily-data").await.unwrap(), 0);
    if let Some(wire) = store.wire_server() {
        assert_eq!(wire.keys(db.name()), Vec::<String>::new());
    }
}

async fn handles_are_opened_without_a_request(store: &Store) {
    let before = store.db().usage();
    let days = store.db().table::<DailyData>();
    let query = days.filter_by_id(1).filter_by_year(2019..).limit(3);
    let raw = days.raw();
    assert_eq!(raw.columns(), ["id", "year", "month", "day"]);
    assert_eq!(days.columns(), raw.columns());
    assert_eq!(days.name(), "daily-data");
    query.explain().unwrap();
    assert_eq!(store.db().usage(), before);
}

on_every_store!(
    a_database_is_there_once_it_is_created,
    nothing_can_be_done_in_a_database_that_is_not_there,
    tables_are_listed_by_name_and_the_reserved_one_is_not,
    get_table_finds_a_table_and_how_many_columns_it_has,
    drop_table_takes_one_table_and_says_how_much_it_was,
    open_table_refuses_another_schema_and_shows_both,
    of_two_that_open_a_new_table_the_first_to_write_says_what_it_is,
    raw_tables_need_columns_with_names_of_their_own,
    databases_of_one_bucket_do_not_see_each_other,
    a_check_cleans_up_and_tells_what_the_store_honours,
    handles_are_opened_without_a_request,
);

#[tokio::test]
async fn urls_open_databases() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}/mine", folder.path().display());
    let db = Database::open(&url).unwrap();
    assert_eq!(db.name(), "mine");
    db.create().await.unwrap();
    db.table::<Counter>()
        .insert(&counter("a", 1))
        .await
        .unwrap();
    let again = s3aads::Server::local(folder.path())
        .database("mine")
        .unwrap();
    assert_eq!(again.table::<Counter>().names().await.unwrap(), ["a"]);

    let memory = Database::open("memory:///notes").unwrap();
    assert!(!memory.exists().await.unwrap());
    let missing = memory.table::<Counter>().insert(&counter("a", 1)).await;
    refused(missing, ErrorKind::NotFound);
    memory.create().await.unwrap();
    memory
        .table::<Counter>()
        .insert(&counter("a", 1))
        .await
        .unwrap();
    let clone = memory.clone();
    assert_eq!(clone.table::<Counter>().count().await.unwrap(), 1);
    for url in ["", "nonsense", "ftp://x", "s3://", "memory:///a?b=c"] {
        refused(Database::open(url), ErrorKind::InvalidConfig);
    }
}
