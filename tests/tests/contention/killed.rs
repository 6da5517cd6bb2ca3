//! A server that is killed in the middle of a batch.

use std::collections::BTreeMap;
use std::sync::mpsc;
use std::time::Duration;

use s3aads::ErrorKind;
use s3aads_tests::on_store;
use s3aads_tests::stores::{Capability, Store};

use crate::process::Processes;
use crate::{Counter, CounterTable, counter};

const ROWS: u64 = 3_000;
/// The server is killed when so many rows are done.
const KILLED_AT: u64 = 1_000;
/// How long it is away: the rows of that time find nobody to talk to.
const AWAY: Duration = Duration::from_secs(1);

const SERVER: &str = "S3AADS_TEST_SERVER";

/// Kills the server when told, and starts it again; none if the environment does not say how.
fn killer() -> Option<(mpsc::Sender<()>, std::thread::JoinHandle<()>)> {
    let server = Processes::of(SERVER)?;
    let (kill, killed) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        killed.recv().expect("the batch comes so far");
        server.kill();
        std::thread::sleep(AWAY);
        server.start();
    });
    Some((kill, thread))
}

async fn a_batch_tells_the_truth_of_every_row(store: &Store) {
    for create in [false, true] {
        if create && store.lacks(Capability::Creates) {
            return;
        }
        let Some((kill, killer)) = killer() else {
            return;
        };
        let prefix = if create { "insert" } else { "upsert" };
        let counters = store.db().table::<Counter>();
        let rows: Vec<Counter> = (0..ROWS)
            .map(|value| counter(format!("{prefix}-{value:04}"), value))
            .collect();
        let batch = if create {
            counters.insert_all(&rows)
        } else {
            counters.upsert_all(&rows)
        };
        let mut kill = Some(kill);
        let report = batch
            .concurrency(32)
            .on_progress(|progress| {
                if progress.done >= KILLED_AT
                    && let Some(kill) = kill.take()
                {
                    kill.send(()).expect("the killer waits");
                }
            })
            .await;
        killer.join().expect("the server was killed");

        let stored = settled(&counters, prefix).await;
        let mut outcomes = BTreeMap::<String, u64>::new();
        let mut wrong = Vec::new();
        for (outcome, row) in report.outcomes().iter().zip(&rows) {
            let there = stored.get(&row.name) == Some(&row.value);
            let kind = match &outcome.result {
                Ok(_) => None,
                Err(error) => Some(error.kind()),
            };
            let told = match kind {
                None => there,
                Some(ErrorKind::Unavailable | ErrorKind::AlreadyExists) => !there,
                Some(ErrorKind::Indeterminate) => true,
                Some(_) => false,
            };
            if !told {
                wrong.push((&row.name, there, &outcome.result));
            }
            let kind = kind.map_or("written".to_owned(), |kind| kind.to_string());
            *outcomes.entry(kind).or_default() += 1;
        }
        println!("{prefix} of {ROWS} rows: {outcomes:?}");
        assert!(
            wrong.is_empty(),
            "{} rows are not as reported: {:?}",
            wrong.len(),
            wrong.first()
        );
    }
}

/// What is stored once the server is back and answers.
async fn settled(counters: &CounterTable, prefix: &str) -> BTreeMap<String, u64> {
    let mut tries = 0;
    let rows = loop {
        let query = counters.filter_by_name(s3aads::starts_with(prefix));
        match query.rows().await {
            Ok(rows) => break rows,
            Err(error) if tries < 60 && error.kind() == ErrorKind::Unavailable => tries += 1,
            Err(error) => panic!("{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    rows.into_iter().map(|row| (row.name, row.value)).collect()
}

on_store!(real_server, a_batch_tells_the_truth_of_every_row);
