//! Split scans: exact, within their promise, and much faster where requests take time.

use std::time::Duration;

use super::*;

const MILLION: u64 = 1_000_000;

/// What a split count of these rows sends and how many rounds of latency it takes.
fn measure(rows: impl Iterator<Item = String>, columns: usize) -> (usize, u128) {
    const LATENCY: Duration = Duration::from_millis(20);

    let mut model = Model::new(rows, 1000);
    model.latency = LATENCY;
    let bench = Bench::new(model, columns, Layout::Plain);
    let wide = Spec {
        concurrency: 64,
        ..Spec::default()
    };
    let time = run(async {
        let start = tokio::time::Instant::now();
        assert_eq!(bench.count(&wide).await.unwrap(), MILLION);
        start.elapsed()
    });
    (bench.requests(), time.as_nanos() / LATENCY.as_nanos())
}

#[test]
fn a_store_that_asks_for_time_is_asked_one_page_at_a_time() {
    const LATENCY: Duration = Duration::from_millis(20);

    let mut model = Model::new((0..100_000).map(|n| format!("{n:06}")), 1000);
    model.latency = LATENCY;
    model.fault = Fault::SlowDown;
    let bench = Bench::new(model, 1, Layout::Plain);
    let wide = Spec {
        concurrency: 64,
        ..Spec::default()
    };
    let time = run(async {
        let start = tokio::time::Instant::now();
        assert_eq!(bench.count(&wide).await.unwrap(), 100_000);
        start.elapsed()
    });
    let rounds = time.as_nanos() / LATENCY.as_nanos();
    assert!(rounds >= 90, "100 pages in {rounds} rounds");
}

fn check(name: &str, rows: impl Iterator<Item = String>, columns: usize) {
    let (requests, rounds) = measure(rows, columns);
    println!("{name}: {requests} requests in {rounds} rounds");
    assert!(requests <= 1700, "{name}: {requests} requests");
    // Paging takes 1,000 rounds.
    assert!(rounds <= 50, "{name}: {rounds} rounds");
}

#[test]
fn a_flat_numeric_column() {
    check("numbers", (0..MILLION).map(|n| n.to_string()), 1);
    check("padded", (0..MILLION).map(|n| format!("user-{n:09}")), 1);
}

#[test]
fn a_table_of_three_levels() {
    let rows = (0..MILLION).map(|n| format!("{}/{}/{}", n / 100_000, n / 1000 % 100, n % 1000));
    check("10 x 100 x 1000", rows, 3);
}

#[test]
fn a_table_of_two_levels() {
    check(
        "1000 x 1000",
        (0..MILLION).map(|n| format!("{}/{}", n / 1000, n % 1000)),
        2,
    );
    check(
        "5000 x 200",
        (0..MILLION).map(|n| format!("{}/{}", n / 200, n % 200)),
        2,
    );
    check(
        "a million folders",
        (0..MILLION).map(|n| format!("{n:x}/a")),
        2,
    );
}

#[test]
fn a_table_with_one_large_folder() {
    let rows = (0..MILLION).map(|n| match n % 20 {
        0 => format!("{}/{n}", n % 997),
        _ => format!("500/{n:07}"),
    });
    check("skewed", rows, 2);
}

#[test]
fn random_hexadecimal_keys() {
    let mut random = fastrand::Rng::with_seed(7);
    let rows: Vec<String> = (0..MILLION)
        .map(|_| {
            let id = format!("{:032x}", random.u128(..));
            format!("{}-{}-{}", &id[..8], &id[8..12], &id[12..])
        })
        .collect();
    check("uuids", rows.into_iter(), 1);
}

#[test]
fn a_small_table_costs_one_request() {
    let rows = (0..900).map(|n| format!("{}/{n}", n % 7));
    let bench = Bench::new(Model::new(rows, 1000), 2, Layout::Plain);
    let wide = Spec {
        concurrency: 64,
        ..Spec::default()
    };
    assert_eq!(run(bench.count(&wide)).unwrap(), 900);
    assert_eq!(bench.requests(), 1);
}

#[test]
fn a_scan_that_ends_before_it_is_split_costs_what_one_worker_sends() {
    for pages in [29, 30, 31, 200] {
        let rows = (0..pages * 1000).map(|n| format!("{}/{:03}", 1000 + n / 500, n % 500));
        let bench = Bench::new(Model::new(rows, 1000), 2, Layout::Plain);
        let wide = Spec {
            concurrency: 32,
            unsplit: 30,
            ..Spec::default()
        };
        assert_eq!(run(bench.count(&wide)).unwrap(), pages * 1000);
        let requests = bench.requests() as u64;
        match pages {
            ..=30 => assert_eq!(requests, pages),
            31 => assert!(requests <= 33, "{requests}"),
            _ => assert!(
                (pages + 1..=pages * 17 / 10).contains(&requests),
                "{requests}"
            ),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_split_scan_finds_the_same_within_its_promise(
        table in table(),
        predicates in prop::collection::vec(predicate(), 4),
        page in 1usize..5,
        concurrency in 2usize..20,
    ) {
        let expected = table.matching(&predicates);
        let sequential = spec(predicates);
        let bench = table.bench(page);
        run(bench.collect(&sequential)).unwrap();
        let one = bench.requests();
        let wide = Spec { concurrency, ..sequential };
        let scan = bench.scan(&wide);
        let rows = run(scan.collect()).unwrap();
        let paths: Vec<String> = rows.iter().map(|row| row.path().to_owned()).collect();
        prop_assert_eq!(&paths, &expected);
        prop_assert_eq!(scan.report().matched(), expected.len() as u64);
        let split = bench.requests();
        prop_assert!(split as f64 <= 1.7 * one as f64, "{} and {}", split, one);

        let mut model = Model::new(
            table.rows.iter().map(|row| table.path(row)).chain(table.others()),
            page,
        );
        model.fault = Fault::SlowDown;
        let bench = Bench::new(model, table.columns, table.layout);
        prop_assert_eq!(run(bench.count(&wide)).unwrap(), expected.len() as u64);
    }
}

/// A store on this machine, where each worker would read the same folders again.
#[test]
fn a_store_without_a_network_is_read_page_by_page() {
    let wide = Spec {
        concurrency: 64,
        ..Spec::default()
    };
    let requests = |remote| {
        let mut model = Model::new((0..100_000).map(|n| format!("{n:06}")), 1000);
        model.remote = remote;
        let bench = Bench::new(model, 1, Layout::Plain);
        assert_eq!(run(bench.count(&wide)).unwrap(), 100_000);
        let log = bench.model.log.lock().unwrap();
        let seeks = log.iter().filter(|request| request.start_after.is_some());
        (log.len(), seeks.count())
    };
    assert_eq!(requests(false), (100, 0));
    let (remote, seeks) = requests(true);
    assert!(remote > 100 && seeks > 0, "the control: {remote} requests");
}
