//! What a query can be asked for: rows, streams, firsts, pages, counts, samples.

use futures_util::{StreamExt, TryStreamExt};
use s3aads::{Cursor, ErrorKind, S3Table};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::Store;

use crate::model::{Counter, DailyData, DailyDataTable, body, counter, day, place};
use crate::refused;

async fn filled(store: &Store) -> DailyDataTable {
    let days = store.db().table::<DailyData>();
    let rows = (1..=30).map(|n| day(n % 3, 2020, 1, u8::try_from(n).unwrap()));
    days.upsert_all(rows).await.into_result().unwrap();
    days
}

async fn terminals_agree_and_come_in_key_order(store: &Store) {
    let days = filled(store).await;
    let keys = days.keys().await.unwrap();
    assert_eq!(keys.len(), 30);
    assert!(keys.is_sorted_by_key(place), "{keys:?}");

    let rows = days.rows().await.unwrap();
    assert_eq!(rows.iter().map(S3Table::to_key).collect::<Vec<_>>(), keys);
    assert_eq!(days.stream().try_collect::<Vec<_>>().await.unwrap(), rows);
    assert_eq!(
        days.stream_keys().try_collect::<Vec<_>>().await.unwrap(),
        keys
    );
    assert_eq!(days.query().concurrency(2).rows().await.unwrap(), rows);
    let objects = days.objects().await.unwrap();
    assert_eq!(
        objects
            .iter()
            .map(|object| object.key.clone())
            .collect::<Vec<_>>(),
        keys
    );
    for (object, row) in objects.iter().zip(&rows) {
        assert_eq!(object.size, body(row).len() as u64);
        assert!(object.e_tag.is_some());
    }
    assert_eq!(days.count().await.unwrap(), 30);
    assert!(!days.is_empty().await.unwrap());
    assert_eq!(days.first().await.unwrap().as_ref(), rows.first());
    assert_eq!(
        days.filter_by_id(2).first().await.unwrap(),
        Some(day(2, 2020, 1, 2))
    );
    assert_eq!(days.ids().await.unwrap(), [0, 1, 2]);
}

async fn an_empty_table_is_no_error(store: &Store) {
    let days = store.db().table::<DailyData>();
    assert_eq!(days.keys().await.unwrap(), []);
    assert_eq!(days.rows().await.unwrap(), []);
    assert_eq!(days.objects().await.unwrap(), []);
    assert_eq!(days.count().await.unwrap(), 0);
    assert!(days.is_empty().await.unwrap());
    assert_eq!(days.first().await.unwrap(), None);
    assert_eq!(days.ids().await.unwrap(), Vec::<u64>::new());
    assert_eq!(days.random().await.unwrap(), None);
    assert_eq!(days.random_key().await.unwrap(), None);
    assert_eq!(days.sample(3).await.unwrap(), []);
    assert_eq!(days.query().delete().await.unwrap().rows, 0);
    let page = days.query().page(10).await.unwrap();
    assert!(page.rows.is_empty() && page.cursor.is_none());
}

async fn limit_takes_the_first_rows(store: &Store) {
    let days = filled(store).await;
    let keys = days.keys().await.unwrap();
    for limit in [1, 2, 29, 30, 31, u64::MAX] {
        let expected = &keys[..usize::try_from(limit.min(30)).unwrap()];
        let query = days.query().limit(limit);
        assert_eq!(query.keys().await.unwrap(), expected);
        assert_eq!(query.rows().await.unwrap().len(), expected.len());
        assert_eq!(
            query.count().await.unwrap(),
            expected.len() as u64,
            "limit {limit}"
        );
        assert_eq!(
            query.concurrency(1).stream_keys().count().await,
            expected.len()
        );
    }
    // The smaller of two limits counts, in either order.
    assert_eq!(
        days.query().limit(3).limit(5).keys().await.unwrap().len(),
        3
    );
    assert_eq!(
        days.query().limit(5).limit(3).keys().await.unwrap().len(),
        3
    );
    assert_eq!(days.query().limit(4).delete().await.unwrap().rows, 4);
    assert_eq!(days.keys().await.unwrap(), keys[4..]);
}

async fn pages_go_on_where_they_ended(store: &Store) {
    let days = filled(store).await;
    let all = days.filter_by_id([0, 2]).rows().await.unwrap();
    for size in [1, 7, 10, 19, 20, 21] {
        let mut query = days.filter_by_id([0, 2]);
        let mut seen = Vec::new();
        loop {
            let page = query.page(size).await.unwrap();
            assert!(page.rows.len() as u64 <= size);
            seen.extend(page.rows);
            let Some(cursor) = page.cursor else { break };
            let text = cursor.to_string();
            assert!(
                text.bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
                "{text}"
            );
            // As after a restart: another handle, and nothing but the text.
            query = store
                .db()
                .table::<DailyData>()
                .filter_by_id([0, 2])
                .after(text);
        }
        assert_eq!(seen, all, "pages of {size}");
    }
}

async fn a_page_passes_rows_that_do_not_decode(store: &Store) {
    let counters = store.db().table::<Counter>();
    let good = ["a", "e", "f"].map(|name| counter(name, 1));
    counters.upsert_all(&good).await.into_result().unwrap();
    for bad in ["b", "c", "d"] {
        counters.raw().upsert([bad], "no json").await.unwrap();
    }
    let mut query = counters.query();
    for (names, bad) in [
        (&["a"][..], &["b"][..]),
        (&[], &["c", "d"]),
        (&["e", "f"], &[]),
    ] {
        let page = query.page(2).await.unwrap();
        let read: Vec<&str> = page.rows.iter().map(|row| &*row.name).collect();
        let passed: Vec<_> = page.invalid.iter().map(|error| error.key()).collect();
        assert_eq!(read, names, "{:?}", page.invalid);
        assert_eq!(passed, bad.iter().copied().map(Some).collect::<Vec<_>>());
        for error in page.invalid {
            refused(Err::<(), _>(error), ErrorKind::InvalidRow);
        }
        match page.cursor {
            Some(cursor) => query = query.after(cursor),
            None => assert_eq!(names, ["e", "f"]),
        }
    }
    // Only a page passes them.
    let error = refused(counters.query().rows().await, ErrorKind::InvalidRow);
    assert_eq!(error.key(), Some("b"), "{error}");
}

async fn a_cursor_of_another_query_or_a_damaged_one_is_refused(store: &Store) {
    let days = filled(store).await;
    let cursor = days.filter_by_id(1).page(2).await.unwrap().cursor.unwrap();
    let before = store.db().usage();
    let others = [
        days.query(),
        days.filter_by_id(2),
        days.filter_by_id(1).filter_by_year(2020),
    ];
    for other in others {
        let error = refused(other.after(&cursor).keys().await, ErrorKind::InvalidCursor);
        assert!(error.to_string().contains("another query"), "{error}");
    }
    let other_table = store.db().table::<Counter>();
    refused(
        other_table.query().after(&cursor).keys().await,
        ErrorKind::InvalidCursor,
    );
    let text = cursor.to_string();
    let tampered = [
        String::new(),
        "nonsense".into(),
        text[1..].into(),
        text[..text.len() - 1].into(),
        format!("{text}A"),
        text.chars().rev().collect(),
    ];
    for text in tampered {
        let query = days.filter_by_id(1).after(Cursor::from(text));
        let error = refused(query.rows().await, ErrorKind::InvalidCursor);
        assert!(error.to_string().contains("damaged"), "{error}");
        refused(query.page(1).await, ErrorKind::InvalidCursor);
        refused(
            query.stream_keys().try_next().await,
            ErrorKind::InvalidCursor,
        );
    }
    assert_eq!(store.db().usage(), before);
}

/// A cursor is bound to what the filters mean, not to how they were spelt.
async fn a_cursor_is_good_for_every_spelling_of_its_query(store: &Store) {
    let days = filled(store).await;
    let query = days.filter_by_id([0, 2]).filter_by_year(2019..=2021);
    let cursor = query.page(3).await.unwrap().cursor.unwrap();
    let rest = query.after(&cursor).keys().await.unwrap();
    for same in [
        days.filter_by_id([2, 0, 2]).filter_by_year(2019..=2021),
        days.filter_by_year(2019..=2021).filter_by_id([0, 2]),
        days.filter_by_id([0, 2, 3])
            .filter_by_id([2, 1, 0])
            .filter_by_year(2019..=2021),
        days.filter_by_id([0, 2])
            .filter_by_year(2019..=2021)
            .filter_by_month(..)
            .filter_by_day(..),
        days.filter_by_id([0, 2])
            .filter_by_id(..)
            .filter_by_year(2019..=2021),
    ] {
        let explained = same.explain().unwrap().to_string();
        let keys = same.after(&cursor).keys().await;
        assert_eq!(keys.expect(&explained), rest, "{explained}");
    }
}

async fn a_page_of_no_rows_is_refused(store: &Store) {
    let days = filled(store).await;
    let before = store.db().usage();
    let error = refused(days.query().page(0).await, ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("1 or more"), "{error}");
    assert_eq!(store.db().usage(), before);
}

async fn rows_that_come_and_go_between_pages_move_no_others(store: &Store) {
    let days = store.db().table::<DailyData>();
    let even = (1..=14).map(|n| day(1, 2020, 1, n * 2));
    days.upsert_all(even).await.into_result().unwrap();
    let page = days.query().page(5).await.unwrap();
    assert_eq!(page.rows.last().unwrap().day, 10);
    // Before the page's end, at it and after it.
    days.upsert(&day(1, 2020, 1, 3)).await.unwrap();
    days.delete((1, 2020, 1, 10)).await.unwrap();
    days.delete((1, 2020, 1, 12)).await.unwrap();
    days.upsert(&day(1, 2020, 1, 15)).await.unwrap();
    let rest = days
        .query()
        .after(page.cursor.unwrap())
        .rows()
        .await
        .unwrap();
    let rest: Vec<u8> = rest.iter().map(|row| row.day).collect();
    assert_eq!(rest, [14, 15, 16, 18, 20, 22, 24, 26, 28]);
}

async fn delete_by_query_takes_what_the_filters_say(store: &Store) {
    let days = filled(store).await;
    assert_eq!(
        days.filter_by_id(1)
            .filter_by_day(..=10)
            .delete()
            .await
            .unwrap()
            .rows,
        4
    );
    assert_eq!(days.filter_by_id(1).count().await.unwrap(), 6);
    assert_eq!(days.count().await.unwrap(), 26);
    assert_eq!(
        days.filter_by_id(1)
            .filter_by_day(..=10)
            .delete()
            .await
            .unwrap()
            .rows,
        0
    );
    assert_eq!(days.query().delete().await.unwrap().rows, 26);
    assert!(days.is_empty().await.unwrap());
}

async fn distinct_gives_the_columns_asked_for(store: &Store) {
    let days = filled(store).await;
    let columns = DailyData::COLUMNS;
    assert_eq!(days.distinct(columns.id).await.unwrap(), [0, 1, 2]);
    assert_eq!(
        days.distinct((columns.id, columns.year)).await.unwrap(),
        [(0, 2020), (1, 2020), (2, 2020)]
    );
    assert_eq!(days.days().await.unwrap(), (1..=30).collect::<Vec<u8>>());
    let of_one = days.filter_by_id(1).distinct(columns.day).await.unwrap();
    assert_eq!(of_one, [1, 4, 7, 10, 13, 16, 19, 22, 25, 28]);
    let turned = days
        .filter_by_day(..=2)
        .distinct((columns.day, columns.id))
        .await
        .unwrap();
    assert_eq!(turned, [(1, 1), (2, 2)]);
}

async fn a_request_budget_stops_before_the_next_request(store: &Store) {
    let days = filled(store).await;
    let before = store.db().usage();
    let query = days.query().request_budget(5);
    let error = refused(query.rows().await, ErrorKind::BudgetExceeded);
    let message = error.to_string();
    assert!(
        message.contains("budget of 5") && message.contains("found"),
        "{message}"
    );
    assert!(store.db().usage().since(&before).total() <= 5);

    let enough = days.query().request_budget(100).concurrency(1);
    assert_eq!(enough.rows().await.unwrap().len(), 30);
    // Each terminal has the whole budget.
    assert_eq!(enough.rows().await.unwrap().len(), 30);
    let none = days.query().request_budget(0);
    let before = store.db().usage();
    refused(none.count().await, ErrorKind::BudgetExceeded);
    refused(none.delete().await, ErrorKind::BudgetExceeded);
    refused(
        none.distinct(DailyData::COLUMNS.id).await,
        ErrorKind::BudgetExceeded,
    );
    refused(none.page(3).await, ErrorKind::BudgetExceeded);
    assert_eq!(store.db().usage(), before);
    refused(
        days.query().request_budget(3).page(10).await,
        ErrorKind::BudgetExceeded,
    );
}

async fn samples_are_rows_of_the_table_each_at_most_once(store: &Store) {
    let days = filled(store).await;
    let all = days.rows().await.unwrap();
    let mut sample = days.sample(10).await.unwrap();
    sample.sort();
    sample.dedup();
    assert_eq!(sample.len(), 10);
    assert!(sample.iter().all(|row| all.contains(row)));
    assert_eq!(days.sample(100).await.unwrap().len(), 30);
    assert_eq!(days.sample(0).await.unwrap(), []);
    assert!(all.contains(&days.random().await.unwrap().unwrap()));
    let keys = days.keys().await.unwrap();
    assert!(keys.contains(&days.random_key().await.unwrap().unwrap()));

    // Both rows of a table of two come up: 2 in 2^64 runs of this test fail.
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 1)).await.unwrap();
    counters.upsert(&counter("b", 2)).await.unwrap();
    let mut seen = [false; 2];
    for _ in 0..64 {
        let key = counters.random_key().await.unwrap().unwrap();
        seen[usize::from(key.name == "b")] = true;
    }
    assert_eq!(seen, [true; 2]);
}

async fn more_than_a_page_of_rows_is_listed_whole(store: &Store) {
    // On real servers, and one by one, the writes and deletes take too long for what they would show.
    let slow = store.is_real() || store.google_server().is_some();
    let rows = if slow { 1_100 } else { 2_300 };
    let counters = store.db().table::<Counter>();
    let all: Vec<Counter> = (0..rows).map(|n| counter(&format!("{n:05}"), n)).collect();
    counters.upsert_all(&all).await.into_result().unwrap();
    for concurrency in [1, 32] {
        let query = counters.query().concurrency(concurrency);
        assert_eq!(query.count().await.unwrap(), all.len() as u64);
        let keys = query.keys().await.unwrap();
        assert!(
            keys.iter()
                .map(|key| &key.name)
                .eq(all.iter().map(|row| &row.name))
        );
    }
    let tail = counters
        .filter_by_name("00990"..)
        .limit(20)
        .rows()
        .await
        .unwrap();
    assert_eq!(tail, all[990..1010]);
    assert_eq!(
        counters.query().delete().await.unwrap().rows,
        all.len() as u64
    );
    assert!(counters.is_empty().await.unwrap());
}

on_every_store!(
    terminals_agree_and_come_in_key_order,
    an_empty_table_is_no_error,
    limit_takes_the_first_rows,
    pages_go_on_where_they_ended,
    a_page_passes_rows_that_do_not_decode,
    a_cursor_of_another_query_or_a_damaged_one_is_refused,
    a_cursor_is_good_for_every_spelling_of_its_query,
    a_page_of_no_rows_is_refused,
    rows_that_come_and_go_between_pages_move_no_others,
    delete_by_query_takes_what_the_filters_say,
    distinct_gives_the_columns_asked_for,
    a_request_budget_stops_before_the_next_request,
    samples_are_rows_of_the_table_each_at_most_once,
    more_than_a_page_of_rows_is_listed_whole,
);
