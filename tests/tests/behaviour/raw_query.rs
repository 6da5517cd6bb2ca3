//! Queries by texts over tables whose columns are known from the stored schema.

use futures_util::TryStreamExt;
use s3aads::{ColumnType, ErrorKind, RawKey, RawTable, S3Table, starts_with};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::Store;

use crate::model::{DailyData, DailyDataTable, body, day};
use crate::refused;

/// A table that was opened with its struct, and the same one found without it.
async fn filled(store: &Store) -> (DailyDataTable, RawTable) {
    let days = store.db().open_table::<DailyData>().await.unwrap();
    let rows = [9, 202, 2019, 2020, 2021].into_iter().flat_map(|year| {
        [7, 70]
            .into_iter()
            .flat_map(move |id| (1..=3).map(move |month| day(id, year, month, 31)))
    });
    days.upsert_all(rows).await.into_result().unwrap();
    let raw = store.db().get_table("daily-data").await.unwrap().unwrap();
    (days, raw)
}

fn paths(keys: &[RawKey]) -> Vec<String> {
    keys.iter().map(|key| key.path().to_owned()).collect()
}

async fn a_table_is_found_with_the_names_and_types_of_its_columns(store: &Store) {
    let (days, raw) = filled(store).await;
    assert_eq!(raw.columns(), ["id", "year", "month", "day"]);
    assert_eq!(raw.schema(), DailyData::SCHEMA);
    assert_eq!(
        raw.schema().columns()[3].column_type(),
        ColumnType::Unsigned(8)
    );
    assert_eq!(raw.count().await.unwrap(), days.count().await.unwrap());
    // As it is there when its last row is gone.
    let empty = store.another().await;
    let emptied = empty.open_table::<DailyData>().await.unwrap();
    emptied.upsert(&day(1, 2020, 1, 1)).await.unwrap();
    emptied.delete((1, 2020, 1, 1)).await.unwrap();
    let raw = empty.get_table("daily-data").await.unwrap().unwrap();
    assert_eq!((raw.columns().len(), raw.count().await.unwrap()), (4, 0));
}

async fn raw_filters_mean_what_typed_ones_mean(store: &Store) {
    let (days, raw) = filled(store).await;
    let typed = [
        days.filter_by_id(7),
        days.filter_by_id([7, 70]).filter_by_month(2),
        days.filter_by_year(100..=2020),
        days.filter_by_year(2020..),
        days.filter_by_year(..202).filter_by_id(70),
        days.filter_by_month(2..3).filter_by_day(31),
        days.filter_by_month(4),
    ];
    let raw = [
        raw.filter("id", "7"),
        raw.filter("id", ["07", "70"]).filter("month", "2"),
        raw.filter("year", "100"..="2020"),
        raw.filter("year", "2020"..),
        raw.filter("year", .."202").filter("id", "70"),
        raw.filter("month", "2".."3").filter("day", "31"),
        raw.filter("month", "04"),
    ];
    for (typed, raw) in typed.iter().zip(&raw) {
        let expected: Vec<String> = typed
            .keys()
            .await
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(paths(&raw.keys().await.unwrap()), expected, "{raw:?}");
        assert_eq!(raw.count().await.unwrap(), expected.len() as u64);
        assert_eq!(raw.is_empty().await.unwrap(), expected.is_empty());
        let rows = raw.rows().await.unwrap();
        assert_eq!(
            paths(&rows.iter().map(|(key, _)| key.clone()).collect::<Vec<_>>()),
            expected
        );
        for ((_, bytes), row) in rows.iter().zip(typed.rows().await.unwrap()) {
            assert_eq!(*bytes, body(&row));
        }
        let streamed: Vec<RawKey> = raw.stream_keys().try_collect().await.unwrap();
        assert_eq!(paths(&streamed), expected);
        assert_eq!(raw.first().await.unwrap(), rows.into_iter().next());
        assert_eq!(raw.objects().await.unwrap().len(), expected.len());
        let limited = raw.clone().limit(2).concurrency(1).keys().await.unwrap();
        assert_eq!(paths(&limited), expected[..expected.len().min(2)]);
        let (plan, other) = (typed.explain().unwrap(), raw.explain().unwrap());
        assert_eq!(plan.to_string(), other.to_string());
        assert_eq!(raw.analyze().await.unwrap().rows(), expected.len() as u64);
    }
}

async fn raw_pages_go_on_where_they_ended(store: &Store) {
    let (_, raw) = filled(store).await;
    let all = raw.filter("year", "2019"..).rows().await.unwrap();
    let (mut seen, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut query = raw.filter("year", "2019"..);
        if let Some(cursor) = after {
            query = query.after(cursor);
        }
        let page = query.page(7).await.unwrap();
        seen.extend(page.rows);
        let Some(cursor) = page.cursor else { break };
        after = Some(cursor.to_string());
        refused(
            raw.all().after(cursor).count().await,
            ErrorKind::InvalidCursor,
        );
    }
    assert_eq!(seen, all);
    refused(raw.all().page(0).await, ErrorKind::InvalidConfig);
}

async fn raw_values_are_distinct_and_deletes_are_by_filter(store: &Store) {
    let (days, raw) = filled(store).await;
    let ids = raw.filter("year", "9").distinct(["id"]).await.unwrap();
    assert_eq!(ids, [["7"], ["70"]]);
    let years = raw.all().limit(2).distinct_exact(["year"]).await.unwrap();
    assert_eq!(years, [["2019"], ["202"]]);
    assert_eq!(
        raw.filter("year", "2019"..).delete().await.unwrap().rows,
        18
    );
    assert_eq!(days.years().await.unwrap(), [9, 202]);
}

async fn what_no_column_can_hold_is_refused_before_a_request(store: &Store) {
    let (_, raw) = filled(store).await;
    let before = store.db().usage();
    for (query, column, part) in [
        (raw.filter("month", "July"), "month", "no u8"),
        (raw.filter("month", "1"..="300"), "month", "no u8"),
        (raw.filter("day", "100"), "day", "digit"),
        (raw.filter("year", starts_with("20")), "year", "no prefix"),
        (raw.filter("yaer", "2020"), "yaer", "id, year, month, day"),
    ] {
        let error = refused(query.keys().await, ErrorKind::InvalidKey);
        assert_eq!(error.column(), Some(column), "{error}");
        assert!(error.to_string().contains(part), "{error}");
        refused(query.explain(), ErrorKind::InvalidKey);
    }
    let budget = raw.all().request_budget(0);
    refused(budget.count().await, ErrorKind::BudgetExceeded);
    assert_eq!(store.db().usage(), before);
}

/// A table that has no schema is text.
async fn columns_of_other_raw_tables_are_text(store: &Store) {
    let raw = store.db().raw_table("texts", ["a", "b"]).unwrap();
    for key in [["10", "x"], ["9", "x"], ["9", "xy"], ["ä/", "z"]] {
        raw.upsert(key, key[0]).await.unwrap();
    }
    let found = store.db().get_table("texts").await.unwrap().unwrap();
    assert_eq!(found.columns(), ["column_0", "column_1"]);
    let from = raw.filter("a", "10".."9").keys().await.unwrap();
    assert_eq!(paths(&from), ["10/x"]);
    let start = found.filter("column_1", starts_with("x"));
    assert_eq!(start.count().await.unwrap(), 3);
    let one = raw.filter("a", "ä/").rows().await.unwrap();
    assert_eq!(one[0].0.values(), ["ä/", "z"]);
}

on_every_store!(
    a_table_is_found_with_the_names_and_types_of_its_columns,
    raw_filters_mean_what_typed_ones_mean,
    raw_pages_go_on_where_they_ended,
    raw_values_are_distinct_and_deletes_are_by_filter,
    what_no_column_can_hold_is_refused_before_a_request,
    columns_of_other_raw_tables_are_text
);
