//! Rows that are moved to other key columns, encodings and layouts.

use std::collections::BTreeSet;

use s3aads::{Database, ErrorKind, S3Table, WriteOptions};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{Counter, CounterKey, DailyData, DailyDataKey, counter, day};
use crate::refused;

/// `DailyData` in another order and other encodings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, S3Table)]
#[s3(table = "by-day")]
struct ByDay {
    #[s3(key, ordered)]
    year: u16,
    #[s3(key, width = 2)]
    month: u8,
    #[s3(key)]
    day: u8,
    #[s3(key, width = 6)]
    id: u64,
    #[s3(data)]
    data: Vec<String>,
}

impl From<DailyDataKey> for ByDayKey {
    fn from(key: DailyDataKey) -> Self {
        (key.year, key.month, key.day, key.id).into()
    }
}

impl From<DailyData> for ByDay {
    fn from(row: DailyData) -> Self {
        Self {
            year: row.year,
            month: row.month,
            day: row.day,
            id: row.id,
            data: row.data,
        }
    }
}

/// Fewer key columns: days of one year share a key.
#[derive(Debug, PartialEq, S3Table)]
#[s3(table = "years")]
struct Yearly {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
    #[s3(data)]
    data: Vec<String>,
}

/// The layout of engines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, S3Table)]
#[s3(table = "hive-days", layout = "hive")]
struct HiveDay {
    #[s3(key)]
    year: u16,
    #[s3(key)]
    id: u64,
    #[s3(key)]
    day: String,
    #[s3(data)]
    data: Vec<String>,
}

/// A key column that was in the body.
#[derive(Debug, PartialEq, S3Table)]
#[s3(table = "first-data")]
struct FirstData {
    #[s3(key)]
    first: String,
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
    #[s3(key)]
    at: String,
    count: usize,
}

/// Whether the store can move rows; if not, it is shown how the library refuses.
async fn can_rekey(store: &Store) -> bool {
    let able = [
        Capability::Creates,
        Capability::Updates,
        Capability::ConditionalDeletes,
    ];
    if able.into_iter().all(|able| !store.lacks(able)) {
        return true;
    }
    let days = store.db().table::<DailyData>();
    days.upsert(&day(1, 2020, 1, 1)).await.unwrap();
    let rekey = store.db().rekey::<DailyData, ByDay>(ByDayKey::from);
    refused(rekey.await, ErrorKind::Unsupported);
    assert_eq!(days.count().await.unwrap(), 1);
    assert!(store.db().table::<ByDay>().is_empty().await.unwrap());
    false
}

fn days() -> Vec<DailyData> {
    let ids = [7, 70, 700, 100_000].into_iter();
    ids.flat_map(|id| (1..=12).map(move |month| day(id, 2020, month, month + 1)))
        .collect()
}

async fn rows_get_their_new_keys_and_stay_what_they_are(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let db = store.db();
    let old = db.open_table::<DailyData>().await.unwrap();
    old.upsert_all(days()).await.into_result().unwrap();
    let noted = WriteOptions::new().metadata("station", "42");
    if !store.lacks(Capability::Metadata) {
        old.upsert_with(&days()[0], &noted).await.unwrap();
    }
    let planted = store.plant("daily-data/readme.txt", b"days").await;

    let plan = db.rekey::<DailyData, ByDay>(ByDayKey::from).dry_run();
    let plan = plan.await.unwrap();
    assert_eq!((plan.rows, plan.refused), (48, 0), "{plan:?}");
    assert_eq!(old.count().await.unwrap(), 48);
    let seen = std::sync::Mutex::new(Vec::new());
    let rekey = db.rekey::<DailyData, ByDay>(ByDayKey::from).concurrency(8);
    let rekey = rekey.on_progress(|report| seen.lock().unwrap().push(report.moved));
    let report = rekey.await.unwrap();
    assert_eq!((report.moved, report.resumed), (48, 0), "{report}");
    assert_eq!(report.foreign, u64::from(planted), "{report}");
    assert_eq!(*seen.lock().unwrap(), [48]);

    assert_eq!(old.count().await.unwrap(), 0);
    let new = db.table::<ByDay>();
    let mut expected: Vec<ByDay> = days().into_iter().map(ByDay::from).collect();
    expected.sort();
    assert_eq!(new.rows().await.unwrap(), expected);
    // Its schema is stored.
    let found = db.get_table("by-day").await.unwrap().unwrap();
    assert_eq!(found.schema(), ByDay::SCHEMA);
    if !store.lacks(Capability::Metadata) {
        let first = ByDay::from(days()[0].clone());
        let meta = new.meta(&first).await.unwrap().unwrap();
        assert_eq!(meta.metadata()["station"], "42");
    }
    // Nothing is left to do, and rows that came later are moved by the next one.
    let rekey = || db.rekey::<DailyData, ByDay>(ByDayKey::from);
    assert_eq!(rekey().await.unwrap().moved, 0);
    old.upsert(&day(8, 2021, 1, 1)).await.unwrap();
    assert_eq!(rekey().await.unwrap().moved, 1);
    assert_eq!(new.count().await.unwrap(), 49);
}

async fn a_table_goes_to_the_hive_layout_and_back(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let db = store.db();
    let old = db.table::<DailyData>();
    old.upsert_all(days()).await.into_result().unwrap();
    let there = db.rekey::<DailyData, HiveDay>(|key| HiveDayKey {
        year: key.year,
        id: key.id,
        day: format!("{}/{}", key.month, key.day),
    });
    assert_eq!(there.await.unwrap().moved, 48);
    let hive = db.table::<HiveDay>();
    assert_eq!(hive.count().await.unwrap(), 48);
    let raw = hive.raw().select(["2020", "7", "1/2"]).await.unwrap();
    // A line, as rows of that layout are written.
    assert_eq!(raw.as_deref(), Some(&b"[\"a\",\"7-2020\"]\n"[..]));

    let back = db.rekey::<HiveDay, DailyData>(|key| {
        let (month, day) = key.day.split_once('/').unwrap();
        DailyDataKey {
            id: key.id,
            year: key.year,
            month: month.parse().unwrap(),
            day: day.parse().unwrap(),
        }
    });
    assert_eq!(back.await.unwrap().moved, 48);
    let rows: BTreeSet<_> = old.rows().await.unwrap().into_iter().collect();
    assert_eq!(rows, days().into_iter().collect());
    assert!(hive.is_empty().await.unwrap());
    let raw = old.raw().select(["7", "2020", "01", "02"]).await.unwrap();
    assert_eq!(raw.as_deref(), Some(&b"[\"a\",\"7-2020\"]"[..]));
}

/// Rows that share objects.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, S3Table)]
#[s3(table = "packed-counters")]
struct PackedCounter {
    #[s3(key)]
    initial: char,
    #[s3(key, packed)]
    name: String,
    value: i64,
    note: Option<String>,
}

async fn a_table_is_packed_and_unpacked(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let db = store.db();
    let old = db.table::<Counter>();
    let names = ('a'..='c').flat_map(|initial| (0..8).map(move |i| format!("{initial}{i}")));
    let mut rows: Vec<Counter> = names.map(|name| counter(&name, 1)).collect();
    rows[0].note = Some("noted".to_owned());
    old.upsert_all(&rows).await.into_result().unwrap();
    let pack = db.rekey::<Counter, PackedCounter>(|key| PackedCounterKey {
        initial: key.name.chars().next().unwrap(),
        name: key.name,
    });
    assert_eq!(pack.await.unwrap().moved, 24);
    assert!(old.is_empty().await.unwrap());
    let packed = db.table::<PackedCounter>();
    assert_eq!(packed.initials().await.unwrap(), ['a', 'b', 'c']);
    let first = packed.select(('a', "a0")).await.unwrap().unwrap();
    assert_eq!(first.note.as_deref(), Some("noted"));
    assert_eq!(packed.count().await.unwrap(), 24);

    let unpack = db.rekey::<PackedCounter, Counter>(|key| CounterKey { name: key.name });
    assert_eq!(unpack.await.unwrap().moved, 24);
    assert!(packed.is_empty().await.unwrap());
    assert_eq!(old.rows().await.unwrap(), rows);
}

async fn fields_move_between_key_and_body(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let db = store.db();
    let old = db.table::<DailyData>();
    old.upsert_all(days()).await.into_result().unwrap();
    let rekey = || {
        db.rekey_rows::<DailyData, FirstData>(|row| FirstData {
            first: row.data[0].clone(),
            id: row.id,
            year: row.year,
            at: format!("{}-{}", row.month, row.day),
            count: row.data.len(),
        })
    };
    assert_eq!(rekey().dry_run().await.unwrap().rows, 48);
    assert_eq!(rekey().await.unwrap().moved, 48);
    assert!(old.is_empty().await.unwrap());
    let new = db.table::<FirstData>();
    let row = new.select(("a", 70, 2020, "3-4")).await.unwrap();
    assert_eq!(row.map(|row| row.count), Some(2));
    assert_eq!(new.count().await.unwrap(), 48);
    let raw = new.raw().select(["a", "70", "2020", "3-4"]).await.unwrap();
    assert_eq!(raw.as_deref(), Some(&br#"{"count":2}"#[..]));

    // A row that does not decode is told, and nothing is moved.
    old.upsert(&day(1, 2020, 1, 1)).await.unwrap();
    let broken = old.raw();
    broken
        .upsert(["2", "2020", "01", "01"], "no list")
        .await
        .unwrap();
    let plan = rekey().dry_run().await.unwrap();
    assert_eq!((plan.rows, plan.refused), (2, 1));
    assert_eq!(plan.problems[0].kind(), ErrorKind::InvalidRow);
    let error = refused(rekey().await, ErrorKind::InvalidRow);
    assert_eq!(error.key(), Some("2/2020/01/01"), "{error}");
    assert_eq!(old.count().await.unwrap(), 2);
}

async fn two_rows_for_one_key_are_both_named_and_nothing_is_moved(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let db = store.db();
    let old = db.table::<DailyData>();
    let rows = [
        day(1, 2019, 1, 1),
        day(1, 2020, 1, 1),
        day(1, 2020, 2, 1),
        day(2, 2020, 1, 1),
        day(2, 2020, 2, 1),
        day(2, 2020, 3, 1),
    ];
    old.upsert_all(&rows).await.into_result().unwrap();
    let rekey = || db.rekey::<DailyData, Yearly>(|key| (key.id, key.year).into());
    let plan = rekey().dry_run().await.unwrap();
    assert_eq!((plan.rows, plan.refused), (6, 3), "{plan:?}");
    let error = refused(rekey().await, ErrorKind::Conflict);
    let message = error.to_string();
    for part in [
        "1/2020/01/01",
        "1/2020/02/01",
        "\"1/2020\"",
        "years",
        "2 more",
        "nothing was",
    ] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    assert_eq!(old.rows().await.unwrap(), rows);
    assert!(db.table::<Yearly>().is_empty().await.unwrap());

    // The same if the new table has the key already.
    let new = db.table::<Yearly>();
    let there = Yearly {
        id: 1,
        year: 2019,
        data: Vec::new(),
    };
    new.upsert(&there).await.unwrap();
    for row in &rows[2..] {
        old.delete(row).await.unwrap();
    }
    let error = refused(rekey().await, ErrorKind::Conflict);
    let message = error.to_string();
    for part in ["1/2019/01/01", "\"1/2019\"", "another row", "nothing was"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    assert_eq!(old.count().await.unwrap(), 2);
    assert_eq!(new.rows().await.unwrap(), [there]);
    new.delete((1, 2019)).await.unwrap();
    assert_eq!(rekey().await.unwrap().moved, 2);
}

async fn what_can_t_be_stored_is_refused_before_anything_is_moved(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let db = store.db();
    let old = db.table::<DailyData>();
    let rows = [day(1, 2020, 1, 1), day(1_000_000, 2020, 1, 1)];
    old.upsert_all(&rows).await.into_result().unwrap();
    let rekey = db.rekey::<DailyData, ByDay>(ByDayKey::from);
    let error = refused(rekey.await, ErrorKind::InvalidKey);
    assert!(error.to_string().contains("1000000/2020"), "{error}");
    assert_eq!(old.rows().await.unwrap(), rows);
    assert!(db.table::<ByDay>().is_empty().await.unwrap());

    let before = db.usage();
    refused(
        db.rekey::<DailyData, DailyData>(|key| key).await,
        ErrorKind::InvalidConfig,
    );
    let bodies = db.rekey::<DailyData, FirstData>(|key| ("", key.id, key.year, "").into());
    let error = refused(bodies.await, ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("rekey_rows"), "{error}");
    assert_eq!(db.usage().since(&before).total(), 0);
}

/// Changes rows of the old table until they are moved, and gives what was acknowledged of each: its row, or none if it
/// was deleted.
async fn change(store: &Store, rows: Vec<DailyData>) -> Vec<(DailyDataKey, Option<DailyData>)> {
    let old = store.db().table::<DailyData>();
    let mut acknowledged = Vec::new();
    for mut row in rows {
        let key = DailyDataKey::from(&row);
        let mut deleted = false;
        for round in 0..4 {
            let Some(mut read) = old.select_versioned(key.clone()).await.unwrap() else {
                break;
            };
            assert_eq!(read.row, row, "an acknowledged change is what is read");
            if fastrand::u8(..6) == 0 {
                match old.delete_versioned(&read).await {
                    Ok(()) => {
                        deleted = true;
                        break;
                    }
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
                }
            }
            read.row.data.push(format!("round {round}"));
            match old.update(&read).await {
                Ok(_) => row = read.row,
                Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict, "{error}"),
            }
        }
        acknowledged.push((key, (!deleted).then_some(row)));
    }
    acknowledged
}

async fn what_others_change_meanwhile_is_moved_as_they_left_it(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let db = store.db();
    let old = db.table::<DailyData>();
    old.upsert_all(days()).await.into_result().unwrap();
    let groups = [0, 1, 2, 3].map(|group| days().split_off(group * 12)[..12].to_vec());
    let [a, b, c, d] = groups.map(|rows| change(store, rows));
    let late = day(9, 1999, 9, 9);
    let insert = async { old.insert(&late).await.map(drop) };
    let rekey = async {
        db.rekey::<DailyData, ByDay>(ByDayKey::from)
            .concurrency(2)
            .await
    };
    let (report, inserted, a, b, c, d) = tokio::join!(rekey, insert, a, b, c, d);
    inserted.unwrap();
    report.unwrap();
    // What came behind the last listing.
    db.rekey::<DailyData, ByDay>(ByDayKey::from).await.unwrap();
    assert_eq!(old.rows().await.unwrap(), []);
    let mut expected: BTreeSet<ByDay> = [ByDay::from(late)].into();
    let acknowledged = [a, b, c, d].concat().into_iter();
    expected.extend(acknowledged.filter_map(|(_, row)| row.map(ByDay::from)));
    let moved: BTreeSet<_> = db
        .table::<ByDay>()
        .rows()
        .await
        .unwrap()
        .into_iter()
        .collect();
    assert_eq!(moved, expected);
}

/// Changes each row until it is moved, and gives the last acknowledged text of each.
async fn add(db: &Database, rows: Vec<DailyData>) -> Vec<DailyData> {
    let old = db.table::<DailyData>();
    let mut acknowledged = Vec::new();
    for mut row in rows {
        for round in 0..4 {
            let text = format!("round {round}");
            let changed = old.modify(&row, |row| row.data.push(text.clone())).await;
            match changed {
                Ok(changed) => row = changed,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
                    break;
                }
            }
        }
        acknowledged.push(row);
    }
    acknowledged
}

async fn two_rekeys_at_once_lose_and_double_nothing(store: &Store) {
    if !can_rekey(store).await {
        return;
    }
    let (db, other) = (store.db(), store.database(store.db().name()));
    let old = db.table::<DailyData>();
    let new = db.table::<ByDay>();
    for changed in [false, true] {
        old.upsert_all(days()).await.into_result().unwrap();
        let rekey = async |db: &Database| {
            let rekey = db.rekey::<DailyData, ByDay>(ByDayKey::from);
            rekey.concurrency(4).await
        };
        let change = async || {
            if changed {
                add(db, days()).await
            } else {
                days()
            }
        };
        let (one, two, rows) = tokio::join!(rekey(db), rekey(&other), change());
        // One of them may find that it is not alone.
        for ran in [one, two] {
            if let Err(error) = ran {
                assert_eq!(error.kind(), ErrorKind::Conflict, "{error}");
            }
        }
        rekey(db).await.unwrap();
        assert_eq!(old.rows().await.unwrap(), []);
        let mut expected: Vec<_> = rows.into_iter().map(ByDay::from).collect();
        expected.sort();
        assert_eq!(new.rows().await.unwrap(), expected);
        new.delete_all(&expected).await.into_result().unwrap();
    }
}

on_every_store!(
    rows_get_their_new_keys_and_stay_what_they_are,
    a_table_goes_to_the_hive_layout_and_back,
    a_table_is_packed_and_unpacked,
    fields_move_between_key_and_body,
    two_rows_for_one_key_are_both_named_and_nothing_is_moved,
    what_can_t_be_stored_is_refused_before_anything_is_moved,
    what_others_change_meanwhile_is_moved_as_they_left_it,
    two_rekeys_at_once_lose_and_double_nothing,
);
