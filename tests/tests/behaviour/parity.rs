//! What the Python library of the same name can do, method by method, raw and typed; and its faults, which are not kept.

use s3aads::{ErrorKind, S3Table, SortBy};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{DailyData, DailyDataTable, day};
use crate::refused;

const COLUMNS: [&str; 4] = ["id", "year", "month", "day"];

/// The same table, raw and typed.
fn tables(store: &Store) -> (s3aads::RawTable, DailyDataTable) {
    let raw = store.db().raw_table("daily-data", COLUMNS).unwrap();
    (raw, store.db().table::<DailyData>())
}

/// Three rows, of 7, 70 and 7.
async fn filled(store: &Store) -> (s3aads::RawTable, DailyDataTable) {
    let (raw, days) = tables(store);
    for (key, data) in [
        (["7", "2020", "01", "31"], r#"["first"]"#),
        (["70", "2020", "02", "01"], r#"["second, longer"]"#),
        (["7", "2021", "03", "01"], "[]"),
    ] {
        raw.upsert(key, data).await.unwrap();
    }
    (raw, days)
}

fn paths(keys: &[s3aads::RawKey]) -> Vec<&str> {
    keys.iter().map(s3aads::RawKey::path).collect()
}

async fn database_name(store: &Store) {
    let db = store.database(store.db().name());
    assert_eq!(db.name(), store.db().name());
}

async fn database_create_and_list_databases(store: &Store) {
    let name = store.unused_name();
    store.database(&name).create().await.unwrap();
    if let Some(server) = store.server() {
        assert!(server.list_databases().await.unwrap().contains(&name));
    }
}

async fn database_tables_and_get_table(store: &Store) {
    let _tables = filled(store).await;
    assert_eq!(store.db().tables().await.unwrap(), ["daily-data"]);
    let table = store.db().get_table("daily-data").await.unwrap().unwrap();
    assert_eq!(table.count().await.unwrap(), 3);
    assert!(store.db().get_table("absent").await.unwrap().is_none());
}

async fn database_drop_table(store: &Store) {
    let _tables = filled(store).await;
    assert_eq!(store.db().drop_table("daily-data").await.unwrap(), 3);
    assert_eq!(store.db().tables().await.unwrap(), Vec::<String>::new());
}

async fn table_name_and_columns(store: &Store) {
    let (raw, days) = tables(store);
    assert_eq!((raw.name(), days.name()), ("daily-data", "daily-data"));
    assert_eq!(raw.columns(), COLUMNS);
    assert_eq!(days.columns(), COLUMNS);
}

async fn table_keys_and_objects(store: &Store) {
    let (raw, days) = filled(store).await;
    let expected = ["7/2020/01/31", "7/2021/03/01", "70/2020/02/01"];
    assert_eq!(paths(&raw.keys().await.unwrap()), expected);
    let typed = days.keys().await.unwrap();
    assert_eq!(
        typed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        expected
    );
    let (objects, of_days) = (raw.objects().await.unwrap(), days.objects().await.unwrap());
    let sizes = [9, 2, 18];
    assert_eq!(
        objects.iter().map(|object| object.size).collect::<Vec<_>>(),
        sizes
    );
    assert_eq!(
        of_days.iter().map(|object| object.size).collect::<Vec<_>>(),
        sizes
    );
    assert_eq!(objects[0].key.values(), ["7", "2020", "01", "31"]);
}

async fn table_insert_and_select(store: &Store) {
    let (raw, days) = tables(store);
    let key = ["1", "2020", "01", "02"];
    if store.lacks(Capability::Creates) {
        refused(raw.insert(key, "[]").await, ErrorKind::Unsupported);
        refused(raw.insert_string(key, "[]").await, ErrorKind::Unsupported);
        refused(
            raw.insert_by_key("1/2020/01/02", "[]").await,
            ErrorKind::Unsupported,
        );
        raw.upsert(key, r#"["x"]"#).await.unwrap();
    } else {
        raw.insert(key, r#"["x"]"#).await.unwrap();
        refused(raw.insert(key, "[]").await, ErrorKind::AlreadyExists);
        days.insert(&day(2, 2020, 1, 2)).await.unwrap();
    }
    assert_eq!(
        raw.select(key).await.unwrap().as_deref(),
        Some(&br#"["x"]"#[..])
    );
    let row = days.select((1, 2020, 1, 2)).await.unwrap().unwrap();
    assert_eq!(row.data, ["x"]);
    // What Python's `insert` does is to overwrite.
    raw.upsert(key, "[]").await.unwrap();
    days.upsert(&day(1, 2020, 1, 2)).await.unwrap();
    assert_eq!(
        days.select((1, 2020, 1, 2)).await.unwrap(),
        Some(day(1, 2020, 1, 2))
    );
}

async fn table_insert_string_and_select_string(store: &Store) {
    let raw = store.db().raw_table("texts", ["name"]).unwrap();
    if store.lacks(Capability::Creates) {
        raw.upsert(["a"], "Zürich\n").await.unwrap();
    } else {
        raw.insert_string(["a"], "Zürich\n").await.unwrap();
        refused(raw.insert_string(["a"], "").await, ErrorKind::AlreadyExists);
    }
    assert_eq!(
        raw.select_string(["a"]).await.unwrap().as_deref(),
        Some("Zürich\n")
    );
    raw.upsert(["b"], &b"\xff"[..]).await.unwrap();
    let error = refused(raw.select_string(["b"]).await, ErrorKind::InvalidRow);
    assert_eq!(error.key(), Some("b"), "{error}");
}

async fn an_absent_key_is_none(store: &Store) {
    let (raw, days) = filled(store).await;
    assert_eq!(raw.select(["9", "9", "09", "09"]).await.unwrap(), None);
    assert_eq!(
        raw.select_string(["9", "9", "09", "09"]).await.unwrap(),
        None
    );
    assert_eq!(raw.select_by_key("9/9/09/09").await.unwrap(), None);
    assert_eq!(days.select((9, 9, 9, 9)).await.unwrap(), None);
}

async fn table_delete(store: &Store) {
    let (raw, days) = filled(store).await;
    raw.delete(["70", "2020", "02", "01"]).await.unwrap();
    raw.delete(["70", "2020", "02", "01"]).await.unwrap();
    days.delete((7, 2021, 3, 1)).await.unwrap();
    assert_eq!(paths(&raw.keys().await.unwrap()), ["7/2020/01/31"]);
}

async fn table_query(store: &Store) {
    let (raw, days) = filled(store).await;
    let found = raw.query([("id", "7"), ("year", "2020")]).await.unwrap();
    assert_eq!(paths(&found), ["7/2020/01/31"]);
    let found = days
        .filter_by_id(7)
        .filter_by_year(2020)
        .keys()
        .await
        .unwrap();
    assert_eq!(found, [(7, 2020, 1, 31).into()]);
    let error = refused(raw.query([("yaer", "2020")]).await, ErrorKind::InvalidKey);
    assert!(
        error.to_string().contains("id, year, month, day"),
        "{error}"
    );
    assert_eq!(error.column(), Some("yaer"));
}

async fn table_to_key(store: &Store) {
    let (raw, _) = tables(store);
    let columns = [
        ("year", "2020"),
        ("id", "7"),
        ("day", "31"),
        ("month", "01"),
    ];
    let key = raw.to_key(columns).unwrap();
    assert_eq!(key.path(), "7/2020/01/31");
    assert_eq!(day(7, 2020, 1, 31).to_key().to_string(), key.path());
    refused(raw.to_key([("id", "7")]), ErrorKind::InvalidKey);
    refused(
        raw.to_key([("id", "7"), ("id", "8")]),
        ErrorKind::InvalidKey,
    );
    refused(raw.to_key([("no", "7")]), ErrorKind::InvalidKey);
    refused(raw.select(["7", "2020"]).await, ErrorKind::InvalidKey);
}

async fn table_by_key(store: &Store) {
    let (raw, days) = tables(store);
    if store.lacks(Capability::Creates) {
        raw.upsert_by_key("1/2020/01/02", "[]").await.unwrap();
    } else {
        raw.insert_by_key("1/2020/01/02", "[]").await.unwrap();
        refused(
            raw.insert_by_key("1/2020/01/02", "[]").await,
            ErrorKind::AlreadyExists,
        );
    }
    raw.upsert_by_key("1/2020/01/02", r#"["by key"]"#)
        .await
        .unwrap();
    let found = raw.select_by_key("1/2020/01/02").await.unwrap();
    assert_eq!(found.as_deref(), Some(&br#"["by key"]"#[..]));
    let key: <DailyData as S3Table>::Key = "1/2020/01/02".parse().unwrap();
    assert_eq!(days.select(&key).await.unwrap().unwrap().data, ["by key"]);
    for path in [
        "",
        "1",
        "1/2020/01/02/x",
        "1//01/02",
        "1/2020/01/%31",
        "../../../x",
    ] {
        refused(raw.select_by_key(path).await, ErrorKind::InvalidKey);
        refused(raw.insert_by_key(path, "x").await, ErrorKind::InvalidKey);
        refused(raw.upsert_by_key(path, "x").await, ErrorKind::InvalidKey);
        refused(raw.delete_by_key(path).await, ErrorKind::InvalidKey);
    }
    raw.delete_by_key("1/2020/01/02").await.unwrap();
    assert_eq!(raw.count().await.unwrap(), 0);
}

async fn table_query_by_key(store: &Store) {
    let (raw, days) = filled(store).await;
    let by_key = raw.query_by_key("", SortBy::Key).await.unwrap();
    assert_eq!(
        paths(&by_key),
        ["7/2020/01/31", "7/2021/03/01", "70/2020/02/01"]
    );
    let by_size = raw.query_by_key("", SortBy::Size).await.unwrap();
    assert_eq!(
        paths(&by_size),
        ["7/2021/03/01", "7/2020/01/31", "70/2020/02/01"]
    );
    let objects = raw.objects().await.unwrap();
    let e_tag = |key: &s3aads::RawKey| {
        objects
            .iter()
            .find(|object| object.key == *key)
            .unwrap()
            .e_tag
            .clone()
    };
    let by_e_tag = raw.query_by_key("", SortBy::ETag).await.unwrap();
    assert!(by_e_tag.is_sorted_by_key(e_tag));
    let time = |key: &s3aads::RawKey| {
        objects
            .iter()
            .find(|object| object.key == *key)
            .unwrap()
            .last_modified
    };
    let by_time = raw.query_by_key("", SortBy::LastModified).await.unwrap();
    assert!(by_time.is_sorted_by_key(time));
    // All of one class: the order of the keys stays.
    let by_class = raw.query_by_key("", SortBy::StorageClass).await.unwrap();
    assert_eq!(by_class, by_key);

    let of_seven = raw.query_by_key("7", SortBy::Key).await.unwrap();
    assert_eq!(paths(&of_seven), ["7/2020/01/31", "7/2021/03/01"]);
    assert_eq!(raw.query_by_key("7/", SortBy::Key).await.unwrap(), of_seven);
    assert_eq!(
        raw.query_by_key("7/2021", SortBy::Key).await.unwrap().len(),
        1
    );
    assert_eq!(raw.query_by_key("7/202", SortBy::Key).await.unwrap(), []);
    assert_eq!(days.filter_by_id(7).count().await.unwrap(), 2);
    refused(
        raw.query_by_key("7//01", SortBy::Key).await,
        ErrorKind::InvalidKey,
    );
    refused(
        raw.query_by_key("1/2/3/4/5", SortBy::Key).await,
        ErrorKind::InvalidKey,
    );
}

async fn table_distinct_and_column_values(store: &Store) {
    let (raw, days) = filled(store).await;
    let pairs = raw.distinct(["id", "year"]).await.unwrap();
    assert_eq!(pairs, [["7", "2020"], ["7", "2021"], ["70", "2020"]]);
    let columns = (DailyData::COLUMNS.id, DailyData::COLUMNS.year);
    assert_eq!(
        days.distinct(columns).await.unwrap(),
        [(7, 2020), (7, 2021), (70, 2020)]
    );
    // A later column alone is that column.
    assert_eq!(
        raw.distinct(["month"]).await.unwrap(),
        [["01"], ["02"], ["03"]]
    );
    assert_eq!(
        raw.column_values("month").await.unwrap(),
        ["01", "02", "03"]
    );
    assert_eq!(days.months().await.unwrap(), [1, 2, 3]);
    assert_eq!(raw.column_values("id").await.unwrap(), ["7", "70"]);
    assert_eq!(days.ids().await.unwrap(), [7, 70]);
    refused(raw.column_values("no").await, ErrorKind::InvalidKey);
}

async fn table_random_and_random_key(store: &Store) {
    let (raw, days) = filled(store).await;
    let keys = raw.keys().await.unwrap();
    assert!(keys.contains(&raw.random_key().await.unwrap().unwrap()));
    let (key, data) = raw.random().await.unwrap().unwrap();
    assert_eq!(raw.select_by_key(&key).await.unwrap(), Some(data));
    assert!(
        days.exists(days.random_key().await.unwrap().unwrap())
            .await
            .unwrap()
    );
    assert!(days.random().await.unwrap().is_some());
    let empty = store.db().raw_table("empty", ["id"]).unwrap();
    assert_eq!(empty.random_key().await.unwrap(), None);
    assert_eq!(empty.random().await.unwrap(), None);
}

async fn table_count(store: &Store) {
    let (raw, days) = filled(store).await;
    assert_eq!(raw.count().await.unwrap(), 3);
    assert_eq!(days.count().await.unwrap(), 3);
}

async fn table_filter_objects_by(store: &Store) {
    let (raw, days) = filled(store).await;
    let found = raw.filter_objects_by([("id", "7")]).await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].key.path(), found[0].size), ("7/2020/01/31", 9));
    let typed = days.filter_by_id(7).objects().await.unwrap();
    assert_eq!(
        typed.iter().map(|object| object.size).collect::<Vec<_>>(),
        [9, 2]
    );
}

async fn a_filter_on_a_later_column_is_never_ignored(store: &Store) {
    let (raw, days) = filled(store).await;
    assert_eq!(
        paths(&raw.query([("month", "02")]).await.unwrap()),
        ["70/2020/02/01"]
    );
    let found = raw
        .filter_objects_by([("id", "7"), ("day", "01")])
        .await
        .unwrap();
    assert_eq!((found.len(), found[0].key.path()), (1, "7/2021/03/01"));
    assert_eq!(days.filter_by_month(2).ids().await.unwrap(), [70]);
    assert_eq!(
        days.filter_by_id(7).filter_by_day(1).count().await.unwrap(),
        1
    );
}

async fn a_value_with_a_slash_stays_one_segment(store: &Store) {
    let raw = store.db().raw_table("files", ["path", "part"]).unwrap();
    raw.upsert(["a/b", "1"], "x").await.unwrap();
    raw.upsert(["a", "b"], "y").await.unwrap();
    assert_eq!(raw.count().await.unwrap(), 2);
    assert_eq!(
        paths(&raw.query([("path", "a/b")]).await.unwrap()),
        ["a%2Fb/1"]
    );
    assert_eq!(raw.column_values("path").await.unwrap(), ["a", "a/b"]);
    assert_eq!(
        raw.select_string(["a/b", "1"]).await.unwrap().as_deref(),
        Some("x")
    );
}

async fn table_copy_to(store: &Store) {
    let (raw, days) = filled(store).await;
    let other = store.another().await;
    let (raw_there, days_there) = (
        other.raw_table("daily-data", COLUMNS).unwrap(),
        other.table::<DailyData>(),
    );
    raw.copy("7/2020/01/31")
        .to(&raw_there, "8/2020/01/31")
        .await
        .unwrap();
    days.copy((70, 2020, 2, 1))
        .to(&days_there, (9, 2020, 2, 1))
        .await
        .unwrap();
    assert_eq!(days_there.ids().await.unwrap(), [8, 9]);
    let copy = days_there.select((8, 2020, 1, 31)).await.unwrap().unwrap();
    assert_eq!(copy.data, ["first"]);
    refused(
        raw.copy("9/9/09/09").to(&raw_there, "1/1/01/01").await,
        ErrorKind::NotFound,
    );
}

on_every_store!(
    database_name,
    database_create_and_list_databases,
    database_tables_and_get_table,
    database_drop_table,
    table_name_and_columns,
    table_keys_and_objects,
    table_insert_and_select,
    table_insert_string_and_select_string,
    an_absent_key_is_none,
    table_delete,
    table_query,
    table_to_key,
    table_by_key,
    table_query_by_key,
    table_distinct_and_column_values,
    table_random_and_random_key,
    table_count,
    table_filter_objects_by,
    a_filter_on_a_later_column_is_never_ignored,
    a_value_with_a_slash_stays_one_segment,
    table_copy_to,
);
