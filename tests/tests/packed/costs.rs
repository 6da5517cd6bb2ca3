//! What reads of a packed table cost, by the server's log: `n` packs take `ceil(n/1000)` LISTs and one GET each.

use futures_util::TryStreamExt;
use s3aads::{ErrorKind, S3Table, Table};
use s3aads_tests::counted::{Counted, count};
use s3aads_tests::server::Operation;

use crate::weather::{Weather, days, days_in, packs};

async fn weather() -> (Counted, Table<Weather>) {
    let store = Counted::new().await;
    let packs = packs().into_iter();
    store.wire().seed(
        store.db().name(),
        packs.map(|(path, lines)| (path, lines.into_bytes())),
    );
    let table = store.db().table::<Weather>();
    (store, table)
}

/// Asserts what was sent: so many LISTs and so many GETs.
macro_rules! sends {
    ($store:expr, $lists:expr, $gets:expr, $operation:expr) => {{
        let (result, log) = $store.of($operation).await;
        let sent = (count(&log, Operation::List), count(&log, Operation::Get));
        assert_eq!(sent, ($lists, $gets), "{log:#?}");
        assert_eq!(log.len(), $lists + $gets, "{log:#?}");
        result
    }};
}

#[tokio::test]
async fn every_row_is_one_get_for_each_pack() {
    let (store, table) = weather().await;
    let all = days();
    assert_eq!(all.len(), 2922);
    let rows = sends!(store, 1, 8, table.rows());
    assert_eq!(rows, all);
    let keys = sends!(store, 1, 8, table.keys());
    assert!(keys.iter().zip(&all).all(|(key, day)| *key == day.into()));
    assert_eq!(sends!(store, 1, 8, table.count()), 2922);
    assert_eq!(sends!(store, 1, 8, table.objects()).len(), 2922);
    let one_at_a_time = table.concurrency(1);
    assert_eq!(sends!(store, 1, 8, one_at_a_time.rows()), all);
    let versioned = table.query();
    let versioned = sends!(
        store,
        1,
        8,
        versioned.stream_versioned().try_collect::<Vec<_>>()
    );
    assert_eq!(versioned.len(), 2922);
    assert_eq!(sends!(store, 1, 8, table.raw().count()), 2922);
}

#[tokio::test]
async fn a_pack_that_the_filters_name_is_read_without_a_list() {
    let (store, table) = weather().await;
    let seattle = table.filter_by_location("Seattle");
    let rows = sends!(store, 0, 1, seattle.filter_by_year(2012).rows());
    assert_eq!(rows, days_in("Seattle", 2012));
    let july = seattle.filter_by_year(2012).filter_by_month(7);
    assert_eq!(sends!(store, 0, 1, july.rows()).len(), 31);
    assert_eq!(sends!(store, 0, 1, july.count()), 31);
    assert_eq!(sends!(store, 0, 1, july.days()).len(), 31);
    // Of values one by one and of short ranges all names are known too.
    let years = seattle.filter_by_year([2012, 2013, 2020]);
    assert_eq!(sends!(store, 0, 3, years.count()), 731);
    let range = table
        .filter_by_location(["Seattle", "New York"])
        .filter_by_year(2013..=2015);
    assert_eq!(sends!(store, 0, 6, range.count()), 2190);
    // More names than a LIST is worth.
    let many = seattle.filter_by_year(2000..=2013);
    let (rows, log) = store.of(many.count()).await;
    assert_eq!((rows, count(&log, Operation::Get)), (731, 2));
}

#[tokio::test]
async fn columns_of_the_path_are_listed_and_no_pack_is_read() {
    let (store, table) = weather().await;
    assert_eq!(sends!(store, 1, 0, table.years()), [2012, 2013, 2014, 2015]);
    assert_eq!(
        sends!(store, 1, 0, table.locations()),
        ["New York", "Seattle"]
    );
    let columns = (Weather::COLUMNS.location, Weather::COLUMNS.year);
    assert_eq!(sends!(store, 1, 0, table.distinct(columns)).len(), 8);
    let seattle = table.filter_by_location("Seattle");
    assert_eq!(sends!(store, 1, 0, seattle.years()).len(), 4);
    // Those of the lines are read, and so are those of the path if lines are filtered.
    assert_eq!(sends!(store, 1, 8, table.months()).len(), 12);
    let leap = table.filter_by_month(2).filter_by_day(29);
    assert_eq!(sends!(store, 1, 8, leap.years()), [2012]);
}

#[tokio::test]
async fn filters_on_packed_columns_save_no_request_but_those_in_vain() {
    let (store, table) = weather().await;
    assert_eq!(
        sends!(store, 1, 8, table.filter_by_month(7).rows()).len(),
        8 * 31
    );
    let seattle = table.filter_by_location("Seattle");
    assert_eq!(
        sends!(store, 1, 4, seattle.filter_by_day(31..).count()),
        4 * 7
    );
    let none: [u8; 0] = [];
    assert_eq!(sends!(store, 0, 0, table.filter_by_day(none).count()), 0);
    assert_eq!(sends!(store, 0, 0, table.limit(0).rows()), []);
}

#[tokio::test]
async fn who_asks_for_few_rows_reads_few_packs() {
    let (store, table) = weather().await;
    let all = days();
    assert_eq!(sends!(store, 1, 1, table.first()).as_ref(), all.first());
    assert!(!sends!(store, 1, 1, table.is_empty()));
    assert_eq!(sends!(store, 1, 1, table.limit(366).rows()), all[..366]);
    assert_eq!(sends!(store, 1, 2, table.limit(367).rows()), all[..367]);
    assert_eq!(sends!(store, 1, 8, table.limit(9999).rows()), all);
    // A page looks for one row more than it has.
    let page = sends!(store, 1, 1, table.page(100));
    assert_eq!(page.rows, all[..100]);
    let second = table.after(page.cursor.unwrap());
    let second = sends!(store, 1, 1, second.page(100));
    assert_eq!(second.rows, all[100..200]);
    // Packs that are not there count as none.
    let one = table.filter_by_location(["Bern", "Oslo", "Seattle"]);
    let one = one.filter_by_year(2012).limit(1);
    assert_eq!(sends!(store, 0, 3, one.rows()).len(), 1);
    let named = table.filter_by_location("Seattle").filter_by_year(2014);
    assert_eq!(
        sends!(store, 0, 1, named.page(10)).rows,
        days_in("Seattle", 2014)[..10]
    );
}

#[tokio::test]
async fn a_budget_is_kept() {
    let (store, table) = weather().await;
    assert_eq!(
        sends!(store, 1, 8, table.request_budget(9).rows()).len(),
        2922
    );
    let error = table.request_budget(8).rows().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert!(error.to_string().contains("rows by then"), "{error}");
    let named = table.filter_by_location("Seattle").filter_by_year(2014);
    assert_eq!(named.request_budget(1).count().await.unwrap(), 365);
}
