//! Stores that misbehave, and objects that are no rows.

use super::*;
use crate::ErrorKind;

fn faulty(fault: Fault) -> Bench {
    let mut model = Model::new((0..50).map(|n| format!("{}/{n:02}", n % 3)), 7);
    model.fault = fault;
    Bench::new(model, 2, Layout::Plain)
}

#[test]
fn a_listing_that_does_not_go_on_is_an_error() {
    for fault in [Fault::RepeatsFirstPage, Fault::EmptyPages] {
        let bench = faulty(fault);
        let error = run(bench.collect(&spec(vec![]))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other);
        assert!(error.to_string().contains("does not go on"), "{error}");
        assert!(bench.requests() < 110);
    }
}

#[test]
fn a_spent_budget_stops_the_scan() {
    let mut bench = faulty(Fault::None);
    bench.source.meter = bench.source.meter.scope(Some(2));
    let error = run(bench.count(&spec(vec![]))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert_eq!((error.database(), error.table()), (Some("db"), Some("t")));
    assert_eq!(bench.requests(), 2);
}

#[test]
fn foreign_objects_are_counted_or_named() {
    let objects = ["", "1/", "1/2", "1/2/3", "1/%zz", "README"].map(str::to_owned);
    let bench = Bench::new(Model::new(objects, 10), 2, Layout::Plain);
    let scan = bench.scan(&spec(vec![]));
    assert_eq!(run(scan.count()).unwrap(), 1);
    let report = scan.report();
    assert_eq!((report.foreign(), report.matched()), (5, 1));
    assert_eq!(report.foreign_names()[0], "p/t/");

    let fail = Spec {
        on_foreign: OnForeign::Fail,
        ..spec(vec![values(["1"]), values(["2", "3"])])
    };
    let error = run(bench.collect(&fail)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ForeignObject);
    assert_eq!(error.key(), Some("1/2/3"));
}

#[test]
fn keys_right_before_the_start_of_a_seek_do_not_hold_it_up() {
    // Between the start-after text and the place that is meant are keys of other programs.
    let others = (0..40).map(|n| format!("1.\u{10FFFF}{n:02}"));
    let rows = (0..5).map(|n| format!("1/{n}"));
    let bench = Bench::new(Model::new(others.chain(rows), 7), 2, Layout::Plain);
    let one = spec(vec![values(["1", "2"])]);
    assert_eq!(run(bench.collect(&one)).unwrap().len(), 5);
    let paged = bench.requests();
    assert!(paged <= 7, "{paged} requests");
}
