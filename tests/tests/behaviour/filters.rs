//! Filters of every kind on every column give exactly the rows that a naive filter of all rows gives, in key order.

use std::collections::{BTreeSet, HashSet};
use std::ops::Bound;

use s3aads::{ErrorKind, Filter, KeyColumn, S3Table, any_of, starts_with};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::Store;

use crate::model::{DailyData, DailyDataQuery, day, place};
use crate::refused;

/// Ids and years whose texts are prefixes of each other, and out of order as text.
const IDS: [u64; 5] = [7, 10, 70, 700, u64::MAX];
const YEARS: [u16; 4] = [9, 202, 2019, 2020];
const MONTHS: [u8; 3] = [1, 2, 12];
const DAYS: [u8; 3] = [1, 9, 31];

/// All rows, in key order.
fn all() -> Vec<DailyData> {
    let mut rows = Vec::new();
    for id in IDS {
        for year in YEARS {
            for month in MONTHS {
                rows.extend(DAYS.map(|of_month| day(id, year, month, of_month)));
            }
        }
    }
    rows.sort_by_key(|row| place(&row.to_key()));
    rows
}

/// Asserts that the query's keys are those of the rows that pass, in key order, with all other terminals agreeing.
#[track_caller]
fn check<'a>(
    query: DailyDataQuery,
    pass: impl Fn(&DailyData) -> bool + Send + 'a,
) -> impl Future<Output = ()> + 'a {
    let at = std::panic::Location::caller();
    async move {
        let expected: Vec<_> = all()
            .iter()
            .filter(|row| pass(row))
            .map(S3Table::to_key)
            .collect();
        let keys = query.keys().await.unwrap();
        assert_eq!(keys, expected, "{at}: {}", query.explain().unwrap());
        assert_eq!(query.count().await.unwrap(), expected.len() as u64, "{at}");
        assert_eq!(query.is_empty().await.unwrap(), expected.is_empty(), "{at}");
        let one = query.clone().concurrency(1).keys().await.unwrap();
        assert_eq!(one, expected, "{at}");
        let first = query.clone().limit(1).keys().await.unwrap();
        assert_eq!(first.first(), expected.first(), "{at}");
        let mut years: Vec<u16> = expected.iter().map(|key| key.year).collect();
        years.sort_unstable();
        years.dedup();
        assert_eq!(query.years().await.unwrap(), years, "{at}");
        let mut pairs: Vec<(u8, u64)> = expected.iter().map(|key| (key.month, key.id)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let columns = (DailyData::COLUMNS.month, DailyData::COLUMNS.id);
        assert_eq!(query.distinct(columns).await.unwrap(), pairs, "{at}");
    }
}

async fn filled(store: &Store) -> s3aads::Table<DailyData> {
    let days = store.db().table::<DailyData>();
    let report = days.upsert_all(all()).await;
    report.into_result().unwrap();
    days
}

async fn every_kind_of_filter_is_exact_on_every_column(store: &Store) {
    let days = filled(store).await;
    let query = || days.query();
    check(query(), |_| true).await;
    check(query().filter_by_id(..), |_| true).await;

    check(query().filter_by_id(7), |r| r.id == 7).await;
    let seventy = 70;
    let by_reference: &u64 = &seventy;
    check(query().filter_by_id(by_reference), |r| r.id == 70).await;
    check(query().filter_by_id(1), |_| false).await;
    check(query().filter_by_id([10, 7, 7, 8]), |r| {
        r.id == 10 || r.id == 7
    })
    .await;
    check(query().filter_by_id(&[700][..]), |r| r.id == 700).await;
    check(query().filter_by_id(vec![u64::MAX, 70]), |r| {
        r.id == u64::MAX || r.id == 70
    })
    .await;
    check(query().filter_by_id(Vec::<u64>::new()), |_| false).await;
    check(query().filter_by_id(BTreeSet::from([7, 70])), |r| {
        r.id == 7 || r.id == 70
    })
    .await;
    let ids = HashSet::from([7, 9]);
    check(query().filter_by_id(&ids), |r| r.id == 7).await;
    assert_eq!(ids.len(), 2);
    check(query().filter_by_id(any_of((0..=700).step_by(70))), |r| {
        r.id % 70 == 0 && r.id <= 700
    })
    .await;
    check(query().filter_by_id([7..9, 10..11, 70..700]), |r| {
        (7..11).contains(&r.id) || (70..700).contains(&r.id)
    })
    .await;
    let days = [1..=2, 28..=31];
    check(query().filter_by_day(&days), |r| r.day <= 2 || r.day >= 28).await;
    let range = 2..=3;
    check(query().filter_by_month(&range), |r| {
        range.contains(&r.month)
    })
    .await;
    let mixed = any_of([any_of([700]), any_of([..8])]);
    check(query().filter_by_id(mixed), |r| r.id == 700 || r.id < 8).await;
    check(query().filter_by_id(7..70), |r| (7..70).contains(&r.id)).await;
    check(query().filter_by_id(8..=70), |r| (8..=70).contains(&r.id)).await;
    check(query().filter_by_id(70..), |r| r.id >= 70).await;
    check(query().filter_by_id(..70), |r| r.id < 70).await;
    check(query().filter_by_id(..0), |_| false).await;
    check(query().filter_by_id(..=70), |r| r.id <= 70).await;
    let open = (Bound::Excluded(7), Bound::Excluded(700));
    check(query().filter_by_id(open), |r| r.id > 7 && r.id < 700).await;

    check(query().filter_by_year(2020), |r| r.year == 2020).await;
    check(query().filter_by_year(10..2020), |r| {
        (10..2020).contains(&r.year)
    })
    .await;
    check(query().filter_by_year([9, 2019]), |r| {
        r.year == 9 || r.year == 2019
    })
    .await;
    check(query().filter_by_month(2..), |r| r.month >= 2).await;
    check(query().filter_by_month(12), |r| r.month == 12).await;
    check(query().filter_by_day(9), |r| r.day == 9).await;
    check(query().filter_by_day(..=9), |r| r.day <= 9).await;
    check(query().filter_by_day([31, 1]), |r| r.day != 9).await;
    check(query().filter(DailyData::COLUMNS.day, 9), |r| r.day == 9).await;
    check(query().filter_by_day(Filter::values([1, 9])), |r| {
        r.day != 31
    })
    .await;
}

async fn filters_on_several_columns_all_hold(store: &Store) {
    let days = filled(store).await;
    let query = || days.query();
    check(query().filter_by_id(7).filter_by_year(2019), |r| {
        r.id == 7 && r.year == 2019
    })
    .await;
    check(query().filter_by_year(2019).filter_by_id(7), |r| {
        r.id == 7 && r.year == 2019
    })
    .await;
    check(query().filter_by_id(7).filter_by_day(9), |r| {
        r.id == 7 && r.day == 9
    })
    .await;
    check(query().filter_by_id(8..).filter_by_month(1), |r| {
        r.id >= 8 && r.month == 1
    })
    .await;
    check(
        query()
            .filter_by_id([7, 700])
            .filter_by_year(200..=2019)
            .filter_by_month(2..)
            .filter_by_day(1),
        |r| {
            (r.id == 7 || r.id == 700)
                && (200..=2019).contains(&r.year)
                && r.month >= 2
                && r.day == 1
        },
    )
    .await;
    check(
        query()
            .filter_by_id(70)
            .filter_by_year(2020)
            .filter_by_month(12)
            .filter_by_day(31),
        |r| r.to_key() == (70, 2020, 12, 31).into(),
    )
    .await;
}

async fn a_second_filter_on_a_column_narrows_the_first(store: &Store) {
    let days = filled(store).await;
    let query = || days.query();
    check(query().filter_by_id(8..).filter_by_id(..700), |r| {
        (8..700).contains(&r.id)
    })
    .await;
    check(query().filter_by_id([7, 70]).filter_by_id(70..), |r| {
        r.id == 70
    })
    .await;
    check(query().filter_by_id([7, 70]).filter_by_id([70, 700]), |r| {
        r.id == 70
    })
    .await;
    check(query().filter_by_day(..9).filter_by_day(1..), |r| r.day < 9).await;
    check(query().filter_by_id(7).filter_by_id(70), |_| false).await;
}

async fn what_no_row_can_pass_sends_no_request(store: &Store) {
    let days = filled(store).await;
    #[allow(clippy::reversed_empty_ranges, reason = "they are the case")]
    let impossible = [
        days.filter_by_id(9..3),
        days.filter_by_id(9..=3),
        days.filter_by_id(9..9),
        days.filter_by_id([0; 0]),
        days.filter_by_id(7).filter_by_id(8),
        days.filter_by_id(7..10).filter_by_id(10..),
        days.filter_by_day(9..9),
        days.filter_by_id(7).filter_by_day([0; 0]),
    ];
    for query in impossible {
        let before = store.db().usage();
        assert_eq!(query.keys().await.unwrap(), []);
        assert_eq!(query.rows().await.unwrap(), []);
        assert_eq!(query.count().await.unwrap(), 0);
        assert!(query.is_empty().await.unwrap());
        assert_eq!(query.first().await.unwrap(), None);
        assert_eq!(query.ids().await.unwrap(), Vec::<u64>::new());
        assert_eq!(query.delete().await.unwrap().rows, 0);
        let sent = store.db().usage().since(&before);
        assert_eq!(sent.total(), 0, "{sent}: {query:?}");
    }
}

async fn a_limit_of_no_rows_sends_no_request(store: &Store) {
    let query = filled(store).await.query().limit(0);
    let before = store.db().usage();
    assert_eq!(query.keys().await.unwrap(), []);
    assert_eq!(query.rows().await.unwrap(), []);
    assert_eq!(query.count().await.unwrap(), 0);
    assert_eq!(query.first().await.unwrap(), None);
    assert_eq!(query.delete().await.unwrap().rows, 0);
    assert_eq!(store.db().usage(), before);
}

async fn a_filter_by_what_the_column_can_t_hold_is_refused(store: &Store) {
    let days = store.db().table::<DailyData>();
    let before = store.db().usage();
    for query in [
        days.filter_by_month(100),
        days.filter_by_id(1).filter_by_day([1, 100]),
    ] {
        let error = refused(query.keys().await, ErrorKind::InvalidKey);
        assert!(error.column().is_some(), "{error}");
        refused(query.explain(), ErrorKind::InvalidKey);
        refused(query.rows().await, ErrorKind::InvalidKey);
        refused(query.delete().await, ErrorKind::InvalidKey);
    }
    assert_eq!(store.db().usage(), before);
}

/// A table of texts and ordered integers.
#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
struct Entry {
    #[s3(key)]
    name: String,
    #[s3(key, ordered)]
    offset: i32,
    #[s3(key)]
    part: String,
}

/// Around `/` in byte order, escaped, empty, and starts of each other.
const NAMES: [&str; 12] = [
    "",
    "a",
    "a!",
    "a.",
    "a/",
    "a/b",
    "a0",
    "ab",
    "b%",
    "é",
    "日本",
    "\u{10FFFF}",
];
const OFFSETS: [i32; 5] = [i32::MIN, -1, 0, 1, 1000];
const PARTS: [&str; 4] = ["", "x", "x y", "xx"];

async fn texts_with_adversarial_segments_are_exact_too(store: &Store) {
    let entries = store.db().table::<Entry>();
    let mut all = Vec::new();
    for name in NAMES {
        for offset in OFFSETS {
            all.extend(PARTS.map(|part| Entry {
                name: name.into(),
                offset,
                part: part.into(),
            }));
        }
    }
    all.sort_by_key(|row| row.to_key().to_string());
    entries.upsert_all(&all).await.into_result().unwrap();

    let query = || entries.query();
    type Case<'a> = (EntryQuery, Box<dyn Fn(&Entry) -> bool + Send + Sync>);
    let mut cases: Vec<Case<'_>> = vec![
        (query(), Box::new(|_| true)),
        (
            query().filter_by_name(starts_with("a")),
            Box::new(|r| r.name.starts_with('a')),
        ),
        (
            query().filter_by_name(starts_with("a/")),
            Box::new(|r| r.name.starts_with("a/")),
        ),
        (query().filter_by_name(starts_with("")), Box::new(|_| true)),
        (
            query().filter_by_name("a".."a0"),
            Box::new(|r| ("a".."a0").contains(&&*r.name)),
        ),
        (
            query().filter_by_name("a/"..),
            Box::new(|r| &*r.name >= "a/"),
        ),
        (
            query().filter_by_name(..="b%"),
            Box::new(|r| &*r.name <= "b%"),
        ),
        (query().filter_by_name(..""), Box::new(|_| false)),
        (query().filter_by_offset(-1..), Box::new(|r| r.offset >= -1)),
        (query().filter_by_offset(..0), Box::new(|r| r.offset < 0)),
        (
            query().filter_by_part(starts_with("x")),
            Box::new(|r| r.part.starts_with('x')),
        ),
        (query().filter_by_part(""), Box::new(|r| r.part.is_empty())),
        (
            query()
                .filter_by_name(starts_with("a"))
                .filter_by_offset(0..=1)
                .filter_by_part(starts_with("x ")),
            Box::new(|r| r.name.starts_with('a') && (0..=1).contains(&r.offset) && r.part == "x y"),
        ),
    ];
    for name in NAMES {
        cases.push((
            query().filter_by_name(name),
            Box::new(move |r| r.name == name),
        ));
        cases.push((
            query().filter_by_name(name).filter_by_offset(0..),
            Box::new(move |r| r.name == name && r.offset >= 0),
        ));
    }
    for (query, pass) in cases {
        let expected: Vec<Entry> = all.iter().filter(|row| pass(row)).cloned().collect();
        let keys: Vec<EntryKey> = expected.iter().map(S3Table::to_key).collect();
        let plan = query.explain().unwrap();
        assert_eq!(query.keys().await.unwrap(), keys, "{plan}");
        assert_eq!(
            query.clone().concurrency(1).keys().await.unwrap(),
            keys,
            "{plan}"
        );
        assert_eq!(query.rows().await.unwrap(), expected, "{plan}");
        let mut names: Vec<String> = expected.iter().map(|row| row.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(query.names().await.unwrap(), names, "{plan}");
        let mut offsets: Vec<i32> = expected.iter().map(|row| row.offset).collect();
        offsets.sort_unstable();
        offsets.dedup();
        assert_eq!(query.offsets().await.unwrap(), offsets, "{plan}");
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Tag(String);

type Text = String;

/// A row whose types are known by other names, as an alias or a macro's parameter gives them.
macro_rules! tagged {
    ($name:ident, $table:literal, $text:ty) => {
        #[derive(Debug, Clone, PartialEq, S3Table)]
        #[s3(table = $table)]
        struct $name {
            #[s3(key)]
            name: $text,
        }
    };
}

tagged!(Named, "named", String);
tagged!(Aliased, "aliased", Text);

#[derive(Debug, Clone, PartialEq, S3Table)]
struct Tagged {
    #[s3(key)]
    tag: Tag,
    #[s3(key)]
    name: Text,
}

#[allow(
    clippy::needless_borrows_for_generic_args,
    reason = "references are what is tested"
)]
async fn texts_are_given_as_they_come(store: &Store) {
    let tagged = store.db().table::<Tagged>();
    let rows = [("a b", "x"), ("ab", "y"), ("b", "x")].map(|(tag, name)| Tagged {
        tag: Tag(tag.into()),
        name: name.into(),
    });
    tagged.upsert_all(&rows).await.into_result().unwrap();
    let start = starts_with("a");
    let count = |query: TaggedQuery| async move { query.count().await.unwrap() };
    assert_eq!(count(tagged.filter_by_tag(&start)).await, 2);
    assert_eq!(
        count(tagged.filter_by_tag([starts_with("a "), starts_with("b")])).await,
        2
    );
    let names: Vec<String> = vec!["x".into(), "z".into()];
    let refs: Vec<&String> = names.iter().collect();
    let texts: Vec<&str> = names.iter().map(String::as_str).collect();
    assert_eq!(count(tagged.filter_by_name(&names)).await, 2);
    assert_eq!(count(tagged.filter_by_name(refs)).await, 2);
    assert_eq!(count(tagged.filter_by_name(&texts)).await, 2);
    assert_eq!(count(tagged.filter_by_name(&texts[0])).await, 2);
    assert_eq!(count(tagged.filter_by_name(&("w".."y"))).await, 2);
    assert_eq!(count(tagged.filter_by_name(["w".."x", "y".."z"])).await, 1);
    assert_eq!(count(tagged.filter_by_name(any_of(texts.iter()))).await, 2);

    let row = tagged.select((Tag("b".into()), "x")).await.unwrap();
    assert_eq!(row, Some(rows[2].clone()));
    let named = store.db().table::<Named>();
    named.upsert(&Named { name: "n".into() }).await.unwrap();
    assert!(named.exists("n").await.unwrap());
    let aliased = store.db().table::<Aliased>();
    aliased.upsert(&Aliased { name: "a".into() }).await.unwrap();
    assert!(aliased.exists("a").await.unwrap());
    assert_eq!(aliased.filter_by_name("a").count().await.unwrap(), 1);
}

on_every_store!(
    texts_are_given_as_they_come,
    every_kind_of_filter_is_exact_on_every_column,
    filters_on_several_columns_all_hold,
    a_second_filter_on_a_column_narrows_the_first,
    what_no_row_can_pass_sends_no_request,
    a_limit_of_no_rows_sends_no_request,
    a_filter_by_what_the_column_can_t_hold_is_refused,
    texts_with_adversarial_segments_are_exact_too,
);
