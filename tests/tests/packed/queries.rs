//! Queries over packs: order, cursors in the middle of a pack, tables that are one object, raw tables.

use std::sync::Arc;

use futures_util::TryStreamExt;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use s3aads::{Database, KeyColumn, S3Table};

use crate::weather::{Weather, days, packs};

/// A database in memory that holds these objects.
pub(crate) async fn holding<P, B>(objects: impl IntoIterator<Item = (P, B)>) -> Database
where
    P: Into<String>,
    B: Into<String>,
{
    let store = Arc::new(InMemory::new());
    for (path, body) in objects {
        let path = Path::parse(path.into()).unwrap();
        store.put(&path, body.into().into()).await.unwrap();
    }
    Database::with_store("packs", store as Arc<dyn ObjectStore>)
}

#[tokio::test]
async fn pages_of_any_size_make_up_the_table() {
    let db = holding(packs()).await;
    let table = db.table::<Weather>();
    let all = days();
    for size in [1, 7, 365, 366, 367, 1000, 2921, 2922, 5000] {
        if size == 1 {
            continue;
        }
        let mut query = table.query();
        let mut seen = Vec::new();
        loop {
            let page = query.page(size).await.unwrap();
            assert!(page.rows.len() as u64 == size || page.cursor.is_none());
            seen.extend(page.rows);
            match page.cursor {
                Some(cursor) => query = query.after(cursor),
                None => break,
            }
        }
        assert_eq!(seen, all, "{size}");
    }
}

#[tokio::test]
async fn a_cursor_outlives_its_row_and_its_pack() {
    let db = holding(packs()).await;
    let table = db.table::<Weather>().filter_by_month([2, 7]);
    let first = table.page(30).await.unwrap();
    let last = first.rows.last().unwrap().clone();
    let cursor = first.cursor.unwrap();
    let rest: Vec<Weather> = days()
        .into_iter()
        .filter(|day| [2, 7].contains(&day.month))
        .skip(30)
        .collect();
    assert_eq!(table.after(&cursor).rows().await.unwrap(), rest);
    assert_eq!(
        table.after(&cursor).count().await.unwrap(),
        rest.len() as u64
    );
    assert_eq!(table.after(&cursor).days().await.unwrap().len(), 31);

    // The pack of the page's last row is gone, and so is the row.
    let others = packs();
    let others = others.into_iter().filter(|(path, _)| {
        !path.contains(&format!("location={}/year={}/", last.location, last.year))
    });
    let db = holding(others).await;
    let table = db.table::<Weather>().filter_by_month([2, 7]);
    let rest: Vec<Weather> = rest
        .into_iter()
        .filter(|day| day.year != last.year || day.location != last.location)
        .collect();
    assert_eq!(table.after(&cursor).rows().await.unwrap(), rest);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
enum State {
    Todo,
    Doing,
    Done,
}

/// A table that is one object.
#[derive(Debug, Clone, PartialEq, S3Table)]
struct Task {
    #[s3(key, packed)]
    state: State,
    #[s3(key, packed)]
    number: i32,
    #[s3(key, packed, rename = "of")]
    owner: String,
    #[s3(text)]
    text: String,
}

#[tokio::test]
async fn a_table_with_all_columns_packed_is_one_object() {
    let line = |state: &str, number: i32, owner: &str| {
        format!("{{\"state\":\"{state}\",\"number\":{number},\"of\":\"{owner}\",\"text\":\"x\"}}\n")
    };
    let lines = [
        line("todo", -10, "b"),
        line("todo", -2, "a"),
        line("todo", 9, "a/b"),
        line("todo", 10, ""),
        line("doing", 3, "é"),
        line("done", 0, "a"),
    ];
    let db = holding([("task/rows.ndjson", lines.concat())]).await;
    let tasks = db.table::<Task>();
    let keys: Vec<String> = tasks
        .keys()
        .await
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    // By the values: the enum as it is declared, numbers as numbers.
    let expected = [
        "todo/-10/b",
        "todo/-2/a",
        "todo/9/a%2Fb",
        "todo/10/%_",
        "doing/3/%C3%A9",
        "done/0/a",
    ];
    assert_eq!(keys, expected);
    assert_eq!(
        tasks.states().await.unwrap(),
        [State::Todo, State::Doing, State::Done]
    );
    assert_eq!(tasks.filter_by_number(-5..=9).count().await.unwrap(), 4);
    assert_eq!(
        tasks
            .filter_by_number(..)
            .filter_by_owner("")
            .count()
            .await
            .unwrap(),
        1
    );
    let some = tasks
        .filter_by_owner(s3aads::starts_with("a"))
        .rows()
        .await
        .unwrap();
    assert_eq!(some.len(), 3);
    assert_eq!(some[1].text, "x");

    let raw = tasks.raw();
    let rows = raw
        .filter("number", "0"..)
        .filter("state", ["todo", "done"])
        .rows()
        .await
        .unwrap();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0].0.values(), ["todo", "9", "a/b"]);
    assert_eq!(rows[0].1, r#"{"text":"x"}"#);
    assert_eq!(
        raw.column_values("of").await.unwrap(),
        ["", "a", "a/b", "b", "é"]
    );
    assert_eq!(
        holding([("task/x", "")])
            .await
            .table::<Task>()
            .count()
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn the_stored_schema_tells_raw_tables_of_packs() {
    const SCHEMA: &str = r#"{
        "format": 1,
        "requires": ["packed"],
        "table": "weather",
        "columns": [
            { "name": "location", "type": "string", "encoding": "plain" },
            { "name": "year", "type": "u16", "encoding": "plain" },
            { "name": "month", "type": "u8", "encoding": "plain" },
            { "name": "day", "type": "u8", "encoding": "plain" }
        ],
        "packed": ["month", "day"],
        "layout": "hive",
        "body": "object"
    }"#;

    let mut objects = packs();
    objects.push(("_s3aads/schema/weather.json".to_owned(), SCHEMA.to_owned()));
    let db = holding(objects).await;
    let _opened = db.open_table::<Weather>().await.unwrap();
    let raw = db.get_table("weather").await.unwrap().unwrap();
    assert_eq!(raw.schema(), Weather::SCHEMA);
    assert_eq!(raw.schema().packed(), 2);
    let page = raw
        .filter("month", "2")
        .filter("day", "29")
        .page(1)
        .await
        .unwrap();
    assert_eq!(page.rows[0].0.values(), ["New York", "2012", "2", "29"]);
    assert_eq!(page.rows[0].1, r#"{"temp_max":2.29}"#);
    let cursor = page.cursor.unwrap();
    let rest = raw
        .filter("month", "2")
        .filter("day", "29")
        .after(cursor)
        .keys()
        .await
        .unwrap();
    assert_eq!(
        rest[0].path(),
        "location=Seattle/year=2012/month=2/day=29/row.json"
    );
    let keys: Vec<_> = raw.all().stream_keys().try_collect().await.unwrap();
    assert_eq!(keys.len(), 2922);
}

#[tokio::test]
async fn an_emptied_pack_is_in_no_query() {
    let mut objects = packs();
    objects.push((
        "weather/location=Oslo/year=2020/rows.ndjson".to_owned(),
        String::new(),
    ));
    let db = holding(objects).await;
    let table = db.table::<Weather>();
    assert_eq!(table.locations().await.unwrap(), ["New York", "Seattle"]);
    assert_eq!(
        table
            .distinct_exact(Weather::COLUMNS.year)
            .await
            .unwrap()
            .len(),
        4
    );
    assert_eq!(table.years().await.unwrap().len(), 4);
    assert_eq!(table.count().await.unwrap(), 2922);
    let oslo = table.filter_by_location("Oslo");
    assert!(oslo.filter_by_year(2020).is_empty().await.unwrap());
    assert!(oslo.is_empty().await.unwrap());
}
