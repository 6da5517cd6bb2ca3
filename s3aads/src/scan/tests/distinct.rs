//! Distinct values by the cheaper of folders and keys.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;

fn expected(table: &Table, predicates: &[Predicate], columns: &[usize]) -> Vec<Vec<String>> {
    let matching = table
        .rows
        .iter()
        .filter(|row| row.iter().zip(predicates).all(|(s, p)| p.matches(s)));
    let texts: BTreeSet<Vec<String>> = matching
        .map(|row| {
            let text = |i: &usize| crate::key::decode_segment(&row[*i]).unwrap().into_owned();
            columns.iter().map(text).collect()
        })
        .collect();
    texts.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn distinct_is_exact(
        table in table(),
        predicates in prop::collection::vec(predicate(), 4),
        page in 1usize..5,
        wanted in prop::collection::vec(0usize..3, 1..3),
        seeks in any::<bool>(),
    ) {
        let columns: Vec<usize> = wanted.into_iter().map(|c| c % table.columns).collect();
        let rows = table.rows.iter().map(|row| table.path(row));
        let mut model = Model::new(rows, page);
        model.seeks = seeks;
        let bench = Bench::new(model, table.columns, table.layout);
        let spec = spec(predicates.clone());
        let found = run(bench.distinct(&spec, &columns)).unwrap();
        prop_assert_eq!(found, expected(&table, &predicates, &columns));
        let paging = Table { others: vec![], ..table }.paging(&predicates, page);
        let requests = bench.requests();
        // A few folders too many where the table changes its shape.
        prop_assert!(requests <= 2 * paging + 16, "{} requests, paging {}", requests, paging);
    }
}

fn days() -> Bench {
    let rows = (0..200_000).map(|n| {
        let (id, rest) = (n / 20_000, n % 20_000);
        format!("{id}/{}/{}", 1000 + rest / 200, rest % 200)
    });
    Bench::new(Model::new(rows, 1000), 3, Layout::Plain)
}

#[test]
fn leading_columns_cost_a_page_of_values_each() {
    let bench = days();
    assert_eq!(run(bench.distinct(&spec(vec![]), &[0])).unwrap().len(), 10);
    assert_eq!(bench.requests(), 1);
    let of_one = spec(vec![values(["3"])]);
    assert_eq!(run(bench.distinct(&of_one, &[1])).unwrap().len(), 100);
    assert_eq!(bench.requests(), 1);
    let starts = Predicate::range(
        Bound::Included("105".to_owned()),
        Bound::Excluded("106".to_owned()),
    );
    let narrow = spec(vec![values(["3"]), starts]);
    assert_eq!(run(bench.distinct(&narrow, &[1])).unwrap().len(), 10);
    assert_eq!(bench.requests(), 1);

    let many = (0..2500).map(|n| format!("{n}/a"));
    let bench = Bench::new(Model::new(many, 1000), 2, Layout::Plain);
    assert_eq!(
        run(bench.distinct(&spec(vec![]), &[0])).unwrap().len(),
        2500
    );
    assert_eq!(bench.requests(), 3);
}

#[test]
fn later_columns_go_down_the_folders_where_that_is_cheaper() {
    let bench = days();
    // A page of keys, one listing for the ids and one for the years of each.
    assert_eq!(run(bench.distinct(&spec(vec![]), &[1])).unwrap().len(), 100);
    assert_eq!(bench.requests(), 1 + 1 + 10);
    let three = spec(vec![values(["1", "2", "3"])]);
    assert_eq!(run(bench.distinct(&three, &[0, 1])).unwrap().len(), 300);
    assert_eq!(bench.requests(), 1 + 3);
    // A filter on a later column needs the keys.
    let filtered = spec(vec![values(["1"]), values(["1000"]), values(["7"])]);
    assert_eq!(run(bench.distinct(&filtered, &[1])).unwrap(), [["1000"]]);
    assert_eq!(bench.requests(), 1);
}

/// The requests for the distinct values of the first two of three columns; each folder of the first has so many values
/// of the second and each of these so many rows.
fn requests_for_pairs(folders: impl IntoIterator<Item = (usize, usize)>) -> usize {
    let folders = folders.into_iter().enumerate();
    let (mut rows, mut pairs) = (Vec::new(), 0);
    for (folder, (values, rows_each)) in folders {
        pairs += values;
        for value in 0..values {
            rows.extend((0..rows_each).map(|row| format!("{folder:06}/{value:04}/{row:04}")));
        }
    }
    let bench = Bench::new(Model::new(rows, 1000), 3, Layout::Plain);
    let found = run(bench.distinct(&spec(vec![]), &[0, 1])).unwrap();
    assert_eq!(found.len(), pairs);
    bench.requests()
}

#[test]
fn folders_that_are_known_are_asked_for_at_once() {
    const LATENCY: Duration = Duration::from_millis(20);

    let rows = (0..200_000).map(|n| format!("{:03}/{}/{}", n / 2000, n / 200 % 10, n % 200));
    let mut model = Model::new(rows, 1000);
    model.latency = LATENCY;
    let bench = Bench::new(model, 3, Layout::Plain);
    let rounds = |concurrency| {
        let spec = Spec {
            concurrency,
            ..Spec::default()
        };
        run(async {
            let start = tokio::time::Instant::now();
            let pairs = bench.distinct(&spec, &[0, 1]).await.unwrap();
            assert_eq!(pairs.len(), 1000);
            (start.elapsed().as_nanos() / LATENCY.as_nanos()) as usize
        })
    };
    assert_eq!((rounds(1), bench.requests()), (108, 108));
    assert_eq!((rounds(32), bench.requests()), (19, 108));
}

#[test]
fn the_cheaper_way_is_found() {
    let alike = |folders, values, rows| std::iter::repeat_n((values, rows), folders);
    // One page of everything.
    assert_eq!(requests_for_pairs(alike(10, 10, 10)), 1);
    // Keys alone would take 2,400 pages, folders alone 1 + 400 requests.
    assert_eq!(requests_for_pairs(alike(400, 6, 1000)), 1 + 1 + 400 + 24);
    // Keys alone take 20 pages, folders alone 20 + 20,000 requests.
    assert_eq!(requests_for_pairs(alike(20_000, 1, 1)), 20);
    // A large folder first, for which folders are cheaper, and then small ones.
    let mixed = alike(1, 20, 300).chain(alike(10_000, 1, 1));
    assert_eq!(requests_for_pairs(mixed), 14);
    // The other way round: each large folder takes a request, and the first one a page of keys.
    let mixed = alike(10_000, 1, 1).chain(alike(20, 20, 300));
    assert_eq!(requests_for_pairs(mixed), 33);
}
