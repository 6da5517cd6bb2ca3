//! Plans as people read them.

#![allow(
    clippy::reversed_empty_ranges,
    reason = "filters by them are what is tested"
)]

use std::sync::Arc;
use std::time::Duration;

use object_store::memory::InMemory;

use super::*;
use crate::key::{ColumnType, Encoding, IntoFilter, KeyColumn};
use crate::plan::{Form, compile};
use crate::scan::{Decode, Scan, Source};
use crate::schema::{BodyFormat, ColumnSchema, Layout, Schema};
use crate::store::{GenericBackend, Meter};

fn predicate<T: KeyColumn>(filter: impl IntoFilter<T>, encoding: Encoding) -> Predicate {
    let form = Form {
        encoding,
        ..Form::default()
    };
    compile(&filter.into_filter(), form).unwrap()
}

static COLUMNS: [ColumnSchema; 4] = [
    ColumnSchema::new("id", ColumnType::Unsigned(64), Encoding::Plain),
    ColumnSchema::new("year", ColumnType::Unsigned(16), Encoding::Width(4)),
    ColumnSchema::new("month", ColumnType::Unsigned(8), Encoding::Width(2)),
    ColumnSchema::new("day", ColumnType::Unsigned(8), Encoding::Plain),
];

fn scan(predicates: [Predicate; 4], seeks: bool, change: impl Fn(&mut Spec)) -> Arc<Scan<()>> {
    let backend: Arc<dyn crate::store::Backend> = if seeks {
        crate::scan::seeking_model()
    } else {
        Arc::new(GenericBackend::new(
            Arc::new(InMemory::new()),
            "memory",
            true,
            false,
        ))
    };
    let source = Source {
        backend,
        meter: Meter::default(),
        root: "daily-data/".to_owned(),
        schema: Arc::new(Schema::new(
            "daily-data",
            &COLUMNS,
            Layout::Plain,
            BodyFormat::Data,
        )),
        database: "joeyism-test".to_owned(),
    };
    let mut spec = Spec {
        predicates: predicates.into(),
        concurrency: 32,
        ..Spec::default()
    };
    change(&mut spec);
    let decode: Decode<()> = Arc::new(|_| Ok(()));
    Scan::new(source, spec, decode)
}

fn explain(predicates: [Predicate; 4], seeks: bool, change: impl Fn(&mut Spec)) -> Explain {
    Explain::new(&scan(predicates, seeks, change))
}

fn any() -> Predicate {
    Predicate::default()
}

fn id() -> Predicate {
    predicate::<u64>(1, Encoding::Plain)
}

#[test]
fn a_plan_prints_as_a_tree() {
    let years = predicate::<u16>(2019..=2021, Encoding::Width(4));
    let month = predicate::<u8>([1, 2], Encoding::Width(2));
    let day = predicate::<u8>(3.., Encoding::Plain);
    let plan = explain([id(), years.clone(), month, day], true, |_| ());
    assert_eq!(
        plan.to_string(),
        "\
list daily-data in joeyism-test
├─ prefix \"daily-data/1/20\"
├─ from \"daily-data/1/2019\" below \"daily-data/1/20210\"
├─ id = 1: pushed down as prefix
├─ year 2019..=2021: pushed down as bounds
├─ month in [01, 02]: skipped to by seeks
├─ day 3..: tested key by key; store the column `ordered`, or give the range two ends at most 1000 values apart
├─ at most ceil(N/1000) LIST, N rows lie below the prefix
├─ beyond 30 pages up to 32 at once, then at most 1.7 times as many
└─ $0.005 per 1000 LIST, and $0.0004 per 1000 rows if they are read"
    );
    assert!(plan.seeks());
    let plan = explain([id(), years, any(), any()], true, |spec| {
        spec.concurrency = 1
    });
    assert_eq!(
        plan.assume_rows(2500).to_string(),
        "\
list daily-data in joeyism-test
├─ prefix \"daily-data/1/20\"
├─ from \"daily-data/1/2019\" below \"daily-data/1/20210\"
├─ id = 1: pushed down as prefix
├─ year 2019..=2021: pushed down as bounds
├─ 1 to 3 LIST for 2500 rows (at most ceil(n/1000) + 1), n rows match
└─ $0.000005 to $0.000015, and $0.0004 per 1000 rows if they are read"
    );
}

#[test]
fn exact_plans_say_so() {
    let lists = |plan: &Explain| (plan.lists().least(), plan.lists().most());
    let bound = explain([id(), any(), any(), any()], true, |spec| {
        spec.concurrency = 1
    });
    assert_eq!(lists(&bound), (1, None));
    assert_eq!(bound.lists().formula(), "ceil(n/1000)");
    assert_eq!(lists(&bound.clone().assume_rows(2001)), (3, Some(3)));
    let wide = explain([id(), any(), any(), any()], true, |_| ());
    assert_eq!(lists(&wide.clone().assume_rows(30_000)), (30, Some(30)));
    assert_eq!(lists(&wide.assume_rows(40_000)), (40, Some(67)));

    let impossible = predicate::<u16>(2021..2019, Encoding::Width(4));
    let nothing = explain([id(), impossible, any(), any()], true, |_| ());
    assert_eq!(lists(&nothing), (0, Some(0)));
    assert_eq!(nothing.price(&Pricing::default()).to_string(), "$0");

    let first = explain([id(), any(), any(), any()], true, |spec| {
        spec.limit = Some(1)
    });
    assert_eq!(
        first.to_string(),
        "\
list daily-data in joeyism-test
├─ prefix \"daily-data/1/\"
├─ id = 1: pushed down as prefix
├─ 1 LIST
└─ $0.000005, and $0.0004 per 1000 rows if they are read"
    );
}

#[test]
fn a_store_that_does_not_seek_does_not_pretend_to() {
    let month = predicate::<u8>(1, Encoding::Width(2));
    let plan = explain([id(), any(), month, any()], false, |_| ());
    assert!(!plan.seeks());
    assert_eq!(
        (plan.workers(), plan.columns()[1].pushdown()),
        (1, Pushdown::Tested)
    );
    assert!(plan.columns()[1].advice().unwrap().contains("this store"));
}

#[test]
fn an_analysis_adds_what_was_sent() {
    let scan = scan([id(), any(), any(), any()], true, |spec| {
        spec.concurrency = 1
    });
    for _ in 0..2 {
        scan.source().meter.send(RequestClass::List).unwrap();
    }
    let analysis = Analysis::new(&scan, 1200, Duration::from_micros(41_250));
    assert_eq!(
        analysis.to_string(),
        "\
list daily-data in joeyism-test
├─ prefix \"daily-data/1/\"
├─ id = 1: pushed down as prefix
├─ ceil(n/1000) LIST, n rows match
├─ $0.005 per 1000 LIST, and $0.0004 per 1000 rows if they are read
├─ sent 2 LIST for $0.00001 in 41.2ms
└─ 0 keys listed, 1200 rows matched"
    );
}
