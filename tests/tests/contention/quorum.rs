//! A cluster of three nodes of which two are killed: what can't be acknowledged may have been written.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use object_store::RetryConfig;
use s3aads::ErrorKind;
use s3aads_tests::on_store;
use s3aads_tests::stores::Store;

use crate::process::Processes;
use crate::{Counter, CounterTable, counter};

const NODES: &str = "S3AADS_TEST_NODES";
const ROWS: u64 = 3_000;
/// The nodes are killed when so many rows are done: of those under way then some have come to one node.
const KILLED_AT: u64 = 200;
/// So many rows that fail show enough.
const FAILURES: u64 = 200;
/// Whether some were written is a matter of moments: so many times it is tried.
const MOST_ROUNDS: usize = 5;
/// Long enough that an answer is asked for again, and soon given up.
const PATIENCE: Duration = Duration::from_secs(2);

async fn no_row_without_a_quorum_is_said_to_be_unwritten(store: &Store) {
    let (Some(nodes), Some(signed)) = (Processes::of(NODES), store.signed()) else {
        return;
    };
    let options = signed.options().retry(RetryConfig {
        retry_timeout: PATIENCE,
        ..RetryConfig::default()
    });
    let client = options.build().expect("the settings are complete");
    let db = client.database(store.db().name()).expect("the database");
    let counters = db.table::<Counter>();
    counters.upsert(&counter("before", 0)).await.unwrap();
    let mut unseen = 0;
    for round in 0..MOST_ROUNDS {
        let rows: Vec<Counter> = (0..ROWS)
            .map(|value| counter(format!("{round}-{value:04}"), value))
            .collect();
        let mut nodes_live = true;
        let report = counters
            .upsert_all(&rows)
            .concurrency(64)
            .max_failures(FAILURES)
            .on_progress(|progress| {
                if progress.done >= KILLED_AT && std::mem::take(&mut nodes_live) {
                    nodes.kill();
                }
            })
            .await;
        assert!(report.failed() > 0, "the nodes were killed too late");
        nodes.start();
        let stored = settled(&counters).await;

        let mut kinds = BTreeMap::<String, u64>::new();
        let mut outcomes = Vec::new();
        for (outcome, row) in report.outcomes().iter().zip(&rows) {
            let kind = outcome.result.as_ref().err().map(s3aads::Error::kind);
            let name = kind.map_or("written".to_owned(), |kind| kind.to_string());
            *kinds.entry(name).or_default() += 1;
            outcomes.push((&*row.name, kind));
        }
        let is_written = |name: &str| stored.contains(name);
        let wrong = untrue(&outcomes, is_written);
        assert!(wrong.is_empty(), "{kinds:?}: {wrong:?}");

        // The control: to say of all that failed that nothing was written is found to be untrue.
        let careless =
            |&(name, kind): &(_, Option<_>)| (name, kind.map(|_| ErrorKind::Unavailable));
        let careless: Vec<_> = outcomes.iter().map(careless).collect();
        unseen += untrue(&careless, is_written).len();
        println!("{kinds:?}; {unseen} rows were written and not acknowledged");
        if unseen > 0 {
            break;
        }
    }
    assert!(
        unseen > 0,
        "no row was written without a quorum: this showed nothing"
    );
    deletes_without_a_quorum(&counters, &nodes).await;
}

/// A delete that came to one node comes to the others in time: it is not said that nothing was deleted.
async fn deletes_without_a_quorum(counters: &CounterTable, nodes: &Processes) {
    let names: Vec<String> = (0..FAILURES).map(|n| format!("deleted-{n:03}")).collect();
    let rows = names.iter().map(|name| counter(name, 0));
    let written = counters.upsert_all(rows).await;
    written.into_result().expect("the rows are written");
    nodes.kill();
    let report = counters.delete_all(names.iter().map(String::as_str)).await;
    nodes.start();
    let left = settled(counters).await;
    let kinds = report.outcomes().iter();
    let kinds = kinds.map(|outcome| outcome.result.as_ref().err().map(s3aads::Error::kind));
    let outcomes: Vec<_> = names.iter().map(String::as_str).zip(kinds).collect();
    assert!(report.failed() > 0, "the nodes were not killed");
    let wrong = untrue(&outcomes, |name| !left.contains(name));
    assert!(wrong.is_empty(), "{wrong:?}");
    let gone = names.iter().filter(|name| !left.contains(*name)).count();
    println!(
        "{} deletes failed and {gone} rows are gone",
        report.failed()
    );
}

/// The rows that are not as was reported, `is_done` being what was to be done to each.
fn untrue<'a>(
    outcomes: &[(&'a str, Option<ErrorKind>)],
    is_done: impl Fn(&str) -> bool,
) -> Vec<(&'a str, Option<ErrorKind>)> {
    let is_untrue = |(name, kind): &&(&str, Option<ErrorKind>)| match kind {
        None => !is_done(name),
        Some(ErrorKind::Unavailable) => is_done(name),
        Some(kind) => *kind != ErrorKind::Indeterminate,
    };
    outcomes.iter().filter(is_untrue).copied().collect()
}

/// The rows that are stored once the cluster is whole. A row that only one node has is seen by those readers who ask that
/// node: it counts.
async fn settled(counters: &CounterTable) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let (mut passes, mut tries) = (0, 0);
    while passes < 5 {
        match counters.names().await {
            Ok(found) => {
                passes += 1;
                names.extend(found);
            }
            Err(error) if tries < 60 && error.kind() == ErrorKind::Unavailable => tries += 1,
            Err(error) => panic!("{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    names
}

on_store!(real_server, no_row_without_a_quorum_is_said_to_be_unwritten);
