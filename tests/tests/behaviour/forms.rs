//! Every form of body, layout and key column is written and read back, and its filters work.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use s3aads::{KeyColumn, S3Table, starts_with};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, S3Table)]
struct Blob {
    #[s3(key)]
    id: u64,
    #[s3(bytes)]
    data: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
struct Page {
    #[s3(key)]
    path: String,
    #[s3(text)]
    html: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
struct Mark {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    tag: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[serde(rename_all = "camelCase")]
struct Profile {
    #[s3(key)]
    user: String,
    full_name: String,
    #[serde(default)]
    logins: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    nick_name: Option<String>,
    attributes: BTreeMap<String, Vec<f64>>,
}

async fn each_body_format_comes_back(store: &Store) {
    let db = store.db();
    let blobs = db.table::<Blob>();
    for (id, data) in [vec![], vec![0, 255, 10, 13], vec![7; 300_000]]
        .into_iter()
        .enumerate()
    {
        let row = Blob {
            id: id as u64,
            data,
        };
        blobs.upsert(&row).await.unwrap();
        assert_eq!(blobs.select(row.id).await.unwrap(), Some(row));
    }
    let pages = db.table::<Page>();
    for (path, html) in [("empty", ""), ("index", "<p>Zürich\n\u{1F980}</p>")] {
        let row = Page {
            path: path.into(),
            html: html.into(),
        };
        pages.upsert(&row).await.unwrap();
        assert_eq!(pages.select(path).await.unwrap(), Some(row));
    }
    assert_eq!(
        &pages.raw().select(["index"]).await.unwrap().unwrap()[..4],
        b"<p>Z"
    );
    let marks = db.table::<Mark>();
    let mark = Mark {
        id: 1,
        tag: "x".into(),
    };
    marks.upsert(&mark).await.unwrap();
    assert_eq!(marks.select(&mark).await.unwrap(), Some(mark));
    assert_eq!(marks.objects().await.unwrap()[0].size, 0);

    let profiles = db.table::<Profile>();
    let profile = Profile {
        user: "ada".into(),
        full_name: "Ada".into(),
        logins: 3,
        nick_name: None,
        attributes: BTreeMap::from([("x".into(), vec![0.5, -1.0])]),
    };
    profiles.upsert(&profile).await.unwrap();
    assert_eq!(profiles.select("ada").await.unwrap(), Some(profile.clone()));
    let stored = profiles
        .raw()
        .select_string(["ada"])
        .await
        .unwrap()
        .unwrap();
    let stored: serde_json::Value = serde_json::from_str(&stored).unwrap();
    let expected =
        serde_json::json!({"fullName": "Ada", "logins": 3, "attributes": {"x": [0.5, -1.0]}});
    assert_eq!(stored, expected);
    profiles
        .raw()
        .upsert(["bob"], r#"{"fullName":"Bob","attributes":{},"later":1}"#)
        .await
        .unwrap();
    let bob = profiles.select("bob").await.unwrap().unwrap();
    assert_eq!((bob.full_name.as_str(), bob.logins), ("Bob", 0));

    if !store.lacks(Capability::ContentHeaders) {
        let types = [
            blobs
                .meta(1)
                .await
                .unwrap()
                .unwrap()
                .content_type()
                .map(str::to_owned),
            pages
                .meta("index")
                .await
                .unwrap()
                .unwrap()
                .content_type()
                .map(str::to_owned),
            profiles
                .meta("ada")
                .await
                .unwrap()
                .unwrap()
                .content_type()
                .map(str::to_owned),
        ];
        let expected = [
            "application/octet-stream",
            "text/plain; charset=utf-8",
            "application/json",
        ];
        assert_eq!(types, expected.map(|text| Some(text.to_owned())));
    }
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "partitioned", layout = "hive")]
struct Partitioned {
    #[s3(key)]
    region: String,
    #[s3(key, rename = "yr")]
    year: u16,
    sum: f64,
}

async fn hive_layout_names_its_columns(store: &Store) {
    let table = store.db().table::<Partitioned>();
    let mut rows = Vec::new();
    for region in ["eu", "eu west", "us/east", "são=%"] {
        rows.extend([2019, 2020].map(|year| Partitioned {
            region: region.into(),
            year,
            sum: 0.5,
        }));
    }
    table.upsert_all(&rows).await.into_result().unwrap();
    assert_eq!(table.count().await.unwrap(), 8);
    for row in &rows {
        assert_eq!(table.select(row).await.unwrap().as_ref(), Some(row));
    }
    assert_eq!(
        table.regions().await.unwrap(),
        ["eu", "eu west", "são=%", "us/east"]
    );
    assert_eq!(table.filter_by_region("eu").count().await.unwrap(), 2);
    assert_eq!(
        table
            .filter_by_region(starts_with("eu"))
            .count()
            .await
            .unwrap(),
        4
    );
    assert_eq!(
        table.filter_by_year(2020..).regions().await.unwrap().len(),
        4
    );
    assert_eq!(
        table.filter_by_region("us/east").years().await.unwrap(),
        [2019, 2020]
    );
    let key = rows[0].to_key().to_string();
    assert_eq!(key, "region=eu/yr=2019/row.json");
    let found = store
        .db()
        .raw_table("partitioned", ["region", "year", "object"])
        .unwrap();
    let listed = found.keys().await.unwrap();
    assert!(
        listed.iter().any(|listed| listed.path() == key),
        "{listed:?}"
    );
    assert_eq!(table.query().delete().await.unwrap().rows, 8);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
enum Level {
    Low,
    VeryHigh,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Sensor(u32);

#[derive(Debug, Clone, PartialEq, S3Table)]
struct Reading {
    #[s3(key)]
    sensor: Sensor,
    #[s3(key)]
    level: Level,
    #[s3(key)]
    day: NaiveDate,
    #[s3(key)]
    at: DateTime<Utc>,
    #[s3(key)]
    id: Uuid,
    #[s3(key)]
    valid: bool,
    #[s3(key, ordered)]
    delta: i16,
    #[s3(key)]
    unit: char,
    value: f64,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
struct Slot {
    #[s3(key)]
    day: jiff::civil::Date,
    #[s3(key)]
    from: jiff::Timestamp,
}

async fn each_key_type_comes_back_and_can_be_filtered(store: &Store) {
    let readings = store.db().table::<Reading>();
    let date = |day| NaiveDate::from_ymd_opt(2020, 2, day).unwrap();
    let mut rows = Vec::new();
    for (n, level) in [Level::Low, Level::VeryHigh, Level::Low]
        .into_iter()
        .enumerate()
    {
        let n32 = u32::try_from(n).unwrap();
        rows.push(Reading {
            sensor: Sensor(n32 + 8),
            level,
            day: date(n32 + 1),
            at: DateTime::from_timestamp(1_580_000_000 + i64::from(n32), 123_456_789).unwrap(),
            id: Uuid::from_u128(n as u128),
            valid: n == 1,
            delta: i16::try_from(n).unwrap() - 1,
            unit: ['a', '/', '°'][n],
            value: 0.5,
        });
    }
    readings.upsert_all(&rows).await.into_result().unwrap();
    for row in &rows {
        assert_eq!(readings.select(row).await.unwrap().as_ref(), Some(row));
    }
    let expect = |indices: &[usize]| -> Vec<Reading> {
        let mut expected: Vec<_> = indices.iter().map(|&index| rows[index].clone()).collect();
        expected.sort_by_key(|row| row.to_key().to_string());
        expected
    };
    let queries = [
        (readings.filter_by_sensor(Sensor(9)..), &[1, 2][..]),
        (readings.filter_by_level(Level::Low), &[0, 2]),
        (readings.filter_by_level([Level::VeryHigh]), &[1]),
        (readings.filter_by_day(date(2)..=date(3)), &[1, 2]),
        (readings.filter_by_at(..rows[2].at), &[0, 1]),
        (readings.filter_by_id(Uuid::from_u128(1)), &[1]),
        (readings.filter_by_valid(false), &[0, 2]),
        (readings.filter_by_delta(..0), &[0]),
        (readings.filter_by_unit('/'), &[1]),
    ];
    for (query, indices) in queries {
        assert_eq!(query.rows().await.unwrap(), expect(indices), "{query:?}");
    }
    assert_eq!(
        readings.levels().await.unwrap(),
        [Level::Low, Level::VeryHigh]
    );
    assert_eq!(readings.deltas().await.unwrap(), [-1, 0, 1]);
    assert_eq!(
        readings.sensors().await.unwrap(),
        [Sensor(8), Sensor(9), Sensor(10)]
    );

    let slots = store.db().table::<Slot>();
    let slot = Slot {
        day: jiff::civil::date(2020, 2, 29),
        from: jiff::Timestamp::from_second(1_580_000_000).unwrap(),
    };
    slots.upsert(&slot).await.unwrap();
    assert_eq!(slots.select(&slot).await.unwrap(), Some(slot.clone()));
    assert_eq!(
        slots.filter_by_day(slot.day..).froms().await.unwrap(),
        [slot.from]
    );
}

on_every_store!(
    each_body_format_comes_back,
    hive_layout_names_its_columns,
    each_key_type_comes_back_and_can_be_filtered,
);
