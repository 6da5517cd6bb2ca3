//! Programs as a new user writes them, with `s3aads` alone: that they compile is most of what is tested.

use std::collections::{BTreeSet, HashSet};
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use s3aads::stream::TryStreamExt;
use s3aads::{Cursor, Database, KeyColumn, Result, S3Table, Version, Versioned, starts_with};

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "daily-data")]
struct DailyData {
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

async fn memory() -> Result<Database> {
    let db = Database::open("memory:///joeyism-test")?;
    db.create().await?;
    Ok(db)
}

fn row(id: u64) -> DailyData {
    DailyData {
        id,
        year: 2020,
        month: 1,
        day: 1,
        data: vec!["a".into(), "b".into()],
    }
}

/// The first README's program, with what the changelog says has changed since: a `delete` of a query returns `Deleted`.
#[tokio::test]
async fn the_first_program_still_compiles() -> Result<()> {
    let db = memory().await?;
    let days = db.table::<DailyData>();

    let row = row(1);
    days.insert(&row).await?;
    days.upsert(&row).await?;
    let found = days.select((1, 2020, 1, 1)).await?;
    assert_eq!(found, Some(row.clone()));

    let ids: Vec<u64> = days.ids().await?;
    let keys = days
        .filter_by_id(1)
        .filter_by_year(2019..=2021)
        .keys()
        .await?;
    let rows = days
        .filter_by_id([1, 2, 3])
        .filter_by_month(1)
        .rows()
        .await?;
    assert_eq!((ids.len(), keys.len(), rows.len()), (1, 1, 1));

    days.modify((1, 2020, 1, 1), |day| day.data.push("c".into()))
        .await?;
    days.delete((1, 2020, 1, 1)).await?;

    // What its tables name.
    days.insert(&row).await?;
    assert_eq!(row.to_key(), "1/2020/01/01".parse::<DailyDataKey>()?);
    assert_eq!(db.tables().await?, ["daily-data"]);
    assert_eq!(days.count().await?, 1);
    assert!(!days.is_empty().await? && days.exists(&row).await?);
    assert_eq!(days.meta(&row).await?.map(|meta| meta.size()), Some(9));
    assert_eq!(days.objects().await?.len(), 1);
    let columns = (DailyData::COLUMNS.id, DailyData::COLUMNS.year);
    assert_eq!(days.distinct(columns).await?, [(1, 2020)]);
    assert!(days.random_key().await?.is_some() && days.random().await?.is_some());
    assert_eq!(days.sample(2).await?.len(), 1);
    assert!(db.get_table("daily-data").await?.is_some());
    let other = db.open_table::<DailyData>().await?;
    days.copy(&row).to(&other, (2, 2020, 1, 1)).await?;
    let raw = db.raw_table("daily-data", ["id", "year", "month", "day"])?;
    raw.upsert(["3", "2020", "01", "01"], "[]").await?;
    raw.upsert_by_key("3/2020/01/01", "[]").await?;
    raw.insert_by_key("4/2020/01/01", "[]").await?;
    let text = raw.select_string(["4", "2020", "01", "01"]).await?;
    assert_eq!(text.as_deref(), Some("[]"));
    assert_eq!(raw.query([("id", "4")]).await?.len(), 1);
    assert_eq!(raw.filter_objects_by([("month", "01")]).await?.len(), 4);
    assert_eq!(raw.distinct(["id"]).await?.len(), 4);
    assert_eq!(raw.column_values("year").await?, ["2020"]);
    raw.copy("4/2020/01/01").to(&raw, "5/2020/01/01").await?;
    raw.delete_by_key("5/2020/01/01").await?;
    println!("{}", days.filter_by_year(2020).explain()?);
    println!("{}", db.usage().cost(&s3aads::Pricing::default()));
    assert_eq!(days.request_budget(10).analyze().await?.rows(), 4);
    assert_eq!(days.filter_by_id(4..).delete().await?.rows, 1);
    assert_eq!(db.drop_table("daily-data").await?, 3);
    Ok(())
}

/// The first rows of any table.
async fn first<T: S3Table>(db: &Database, rows: u64) -> Result<Vec<T>> {
    let table = db.table::<T>();
    let first = table.query().limit(rows).rows().await?;
    assert_eq!(table.limit(rows).count().await?, first.len() as u64);
    let mut pages = 0;
    let mut page = table.page(1).await?;
    while let Some(cursor) = page.cursor {
        pages += page.rows.len();
        page = table.after(cursor).page(1).await?;
    }
    assert!(pages + page.rows.len() >= first.len());
    Ok(first)
}

#[tokio::test]
async fn one_function_is_for_any_table() -> Result<()> {
    let db = memory().await?;
    let rows = (0..5).map(row);
    db.table::<DailyData>()
        .insert_all(rows)
        .await
        .into_result()?;
    assert_eq!(first::<DailyData>(&db, 3).await?.len(), 3);
    assert_eq!(first::<Visit>(&db, 3).await?.len(), 0);
    Ok(())
}

/// An HTTP service's `ETag` and `If-Match`.
#[tokio::test]
async fn a_version_goes_to_a_client_and_back() -> Result<()> {
    let db = memory().await?;
    let days = db.table::<DailyData>();
    let e_tag: String = days.insert(&row(1)).await?.to_string();
    let version: Version = e_tag.parse()?;
    let newer = days.update(&Versioned::new(row(1), version)).await?;
    let listed: Vec<Versioned<DailyData>> = days.query().stream_versioned().try_collect().await?;
    assert_eq!(listed[0].version, newer);
    Ok(())
}

type Page = String;

macro_rules! visits {
    ($page:ty, $city:ty) => {
        #[derive(Debug, Clone, PartialEq, S3Table)]
        struct Visit {
            #[s3(key)]
            city: $city,
            #[s3(key)]
            page: $page,
            #[s3(key, ordered)]
            from: IpAddr,
            #[s3(key)]
            at: SystemTime,
            #[s3(key, plural = "numbers")]
            number: Number,
        }
    };
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, KeyColumn)]
#[s3(ord)]
struct City(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, KeyColumn)]
#[s3(ord)]
struct Number(NonZeroU64);

visits!(Page, City);

#[tokio::test]
async fn filters_take_what_a_program_has() -> Result<()> {
    let db = memory().await?;
    let visits = db.table::<Visit>();
    let visit = |city: &str, page: &str| Visit {
        city: City(city.into()),
        page: page.into(),
        from: [127, 0, 0, 1].into(),
        at: SystemTime::UNIX_EPOCH + Duration::from_secs(1),
        number: Number(NonZeroU64::MIN),
    };
    let rows = [
        visit("Oslo", "/a"),
        visit("Oslo", "/b"),
        visit("Rome", "/a"),
    ];
    visits.insert_all(&rows).await.into_result()?;

    let wanted: HashSet<String> = ["/a".to_owned()].into();
    assert_eq!(visits.filter_by_page(&wanted).count().await?, 2);
    let wanted: BTreeSet<&str> = ["/a", "/b"].into();
    assert_eq!(visits.filter_by_page(wanted).count().await?, 3);
    assert_eq!(visits.filter_by_city(starts_with("O")).count().await?, 2);
    let last = SystemTime::now();
    assert_eq!(visits.filter_by_at(..last).count().await?, 3);
    let local = IpAddr::from([127, 0, 0, 0])..IpAddr::from([128, 0, 0, 0]);
    assert_eq!(visits.filter_by_from(&local).count().await?, 3);

    let cursor = visits.page(1).await?.cursor;
    let cursor: Cursor = cursor.expect("there are more").to_string().parse()?;
    assert_eq!(visits.after(cursor).count().await?, 2);
    Ok(())
}

#[test]
fn what_is_public_tells_what_it_is() {
    let classes: &[s3aads::RequestClass] = s3aads::RequestClass::ALL;
    assert!(!classes.is_empty());
    let plan = |db: &Database| db.table::<DailyData>().filter_by_id(1).explain();
    let db = Database::open("memory:///prices").unwrap();
    let plan = plan(&db).unwrap().assume_rows(10);
    let s3aads::Price { least, most, .. } = plan.price(&s3aads::Pricing::default());
    assert!(Some(least) <= most);
    let key = serde_json::to_string(&row(1).to_key()).unwrap();
    assert_eq!(key, r#"{"id":1,"year":2020,"month":1,"day":1}"#);
    let key: DailyDataKey = serde_json::from_str(&key).unwrap();
    assert_eq!(key.to_string(), "1/2020/01/01");
}
