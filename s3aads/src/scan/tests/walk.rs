//! Exact results and never more requests than paging.

use futures_util::TryStreamExt;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_walk_finds_what_a_look_at_every_row_finds(
        table in table(),
        predicates in prop::collection::vec(predicate(), 4),
        page in 1usize..8,
        seeks in any::<bool>(),
        start in proptest::option::of(segment()),
        limit in proptest::option::of(0u64..20),
    ) {
        let mut expected = table.matching(&predicates);
        let bench = table.bench(page);
        let mut spec = spec(predicates.clone());
        prop_assert_eq!(&run(bench.collect(&spec)).unwrap(), &expected);
        let requests = bench.requests();
        prop_assert!(requests <= table.paging(&predicates, page), "{} requests", requests);

        if let Some(start) = start {
            expected.retain(|path| *path > start);
            spec.after = Some(start);
        }
        if let Some(limit) = limit {
            expected.truncate(limit as usize);
            spec.limit = Some(limit);
        }
        let mut model = Model::new(
            table.rows.iter().map(|row| table.path(row)).chain(table.others()),
            page,
        );
        model.seeks = seeks;
        model.fault = if seeks { Fault::IgnoresStart } else { Fault::None };
        let bench = Bench::new(model, table.columns, table.layout);
        prop_assert_eq!(&run(bench.collect(&spec)).unwrap(), &expected);
        prop_assert_eq!(run(bench.count(&spec)).unwrap(), expected.len() as u64);
        let streamed: Vec<String> = run(
            bench.scan(&spec)
                .stream()
                .map_ok(|row| row.path().to_owned())
                .try_collect(),
        )
        .unwrap();
        prop_assert_eq!(&streamed, &expected);
    }
}

fn big() -> Bench {
    let rows = (0..200_000).map(|n| format!("{}/{:03}/{:03}", n % 10, n / 10 % 100, n / 1000));
    Bench::new(Model::new(rows, 1000), 3, Layout::Plain)
}

#[test]
fn a_filter_on_the_second_column_skips_what_is_between() {
    let bench = big();
    for concurrency in [1, 32, 64] {
        let second = Spec {
            concurrency,
            ..spec(vec![Predicate::default(), values(["042"])])
        };
        assert_eq!(run(bench.collect(&second)).unwrap().len(), 2000);
        let requests = bench.requests();
        assert!(requests <= 21, "{requests} requests");
    }
    run(bench.collect(&spec(vec![]))).unwrap();
    assert_eq!(bench.requests(), 200);
}

#[test]
fn bound_columns_are_the_prefix_of_the_listing() {
    let bench = big();
    let bound = spec(vec![values(["3"]), values(["042"])]);
    assert_eq!(run(bench.count(&bound)).unwrap(), 200);
    let sent = std::mem::take(&mut *bench.model.log.lock().unwrap());
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].prefix, "p/t/3/042/");
    assert_eq!(sent[0].start_after, None);

    let key = spec(vec![values(["3"]), values(["042"]), values(["007"])]);
    assert_eq!(run(bench.collect(&key)).unwrap(), ["3/042/007"]);
    let sent = std::mem::take(&mut *bench.model.log.lock().unwrap());
    assert_eq!((sent.len(), sent[0].max_keys), (1, Some(1)));
    assert_eq!(sent[0].prefix, "p/t/3/042/007");
}

#[test]
fn a_range_on_the_next_column_costs_one_page_more_at_most() {
    let bench = big();
    let range = |low: &str, high: &str| {
        let bounds = (
            Bound::Included(low.to_owned()),
            Bound::Included(high.to_owned()),
        );
        spec(vec![values(["3"]), Predicate::range(bounds.0, bounds.1)])
    };
    assert_eq!(run(bench.count(&range("010", "014"))).unwrap(), 1000);
    assert!(bench.requests() <= 2);
    assert_eq!(run(bench.count(&range("010", "028"))).unwrap(), 3800);
    assert!(bench.requests() <= 5);
    assert_eq!(run(bench.count(&range("9", "8"))).unwrap(), 0);
    assert_eq!(bench.requests(), 0);
}

#[test]
fn sets_cost_one_request_for_each_value_or_less() {
    let bench = big();
    let far = spec(vec![values(["1"]), values(["000", "050", "099"])]);
    assert_eq!(run(bench.count(&far)).unwrap(), 600);
    assert!(bench.requests() <= 3);
    let near = spec(vec![values(["1"]), values(["020", "021", "022", "023"])]);
    assert_eq!(run(bench.count(&near)).unwrap(), 800);
    assert_eq!(bench.requests(), 1);
}

#[test]
fn a_limit_asks_for_few_keys_where_every_key_matches() {
    let bench = big();
    let first = Spec {
        limit: Some(1),
        ..spec(vec![values(["3"])])
    };
    assert_eq!(run(bench.collect(&first)).unwrap(), ["3/000/000"]);
    let sent = std::mem::take(&mut *bench.model.log.lock().unwrap());
    assert_eq!((sent.len(), sent[0].max_keys), (1, Some(17)));
    let none = Spec {
        limit: Some(0),
        ..first
    };
    assert!(run(bench.collect(&none)).unwrap().is_empty());
    assert_eq!(bench.requests(), 0);
}

#[test]
fn a_stream_that_is_dropped_early_has_asked_for_no_page_ahead() {
    let bench = big();
    let taken: Vec<_> = run(async {
        use futures_util::StreamExt;
        let rows = bench.scan(&spec(vec![])).stream();
        rows.take(400).collect().await
    });
    assert_eq!(taken.len(), 400);
    assert_eq!(bench.requests(), 1);
}
