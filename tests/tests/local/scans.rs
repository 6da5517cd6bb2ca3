//! A listing while rows are replaced all the time: every row that is there throughout is in it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use super::*;

const ROWS: u32 = 5000;
const SCANS: usize = 30;
const WRITERS: u32 = 2;

/// Replaces rows one after the other, which ones no order tells.
async fn replace_for_ever(folder: &Path, writer: u32) {
    let rows = open(folder).table::<Row>();
    let mut number = writer * 77;
    loop {
        number = (number * 1103 + 12347) % ROWS;
        rows.upsert(&row(number, "new")).await.expect("an upsert");
    }
}

#[tokio::test]
#[ignore = "the child process of the tests below"]
async fn replace_rows() {
    replace_for_ever(&given_folder(), 7).await;
}

/// Another process, which ends with the test.
struct Other(std::process::Child);

impl Drop for Other {
    fn drop(&mut self) {
        self.0.kill().expect("a kill");
        self.0.wait().expect("an end");
    }
}

/// The rows that are not listed.
fn unseen(listed: impl IntoIterator<Item = u32>) -> BTreeSet<u32> {
    let mut rows: BTreeSet<u32> = (0..ROWS).collect();
    for number in listed {
        rows.remove(&number);
    }
    rows
}

/// What a plain pass over the folder gives.
fn plain_pass(folder: &Path) -> Vec<u32> {
    let entries = std::fs::read_dir(folder.join("db/rows")).expect("the folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string());
    names
        .map(|name| name.expect("text").parse().expect("a number"))
        .collect()
}

async fn every_row_is_in_every_scan(folder: &Path) {
    let db = open(folder);
    db.create().await.expect("the database is made");
    std::fs::create_dir(folder.join("db/rows")).expect("the table");
    for number in 0..ROWS {
        std::fs::write(folder.join(format!("db/rows/{number:05}")), "old").expect("a row");
    }
    let other = child("scans::replace_rows", folder)
        .stdout(std::process::Stdio::null())
        .spawn();
    let mut other = Other(other.expect("another process"));
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let folder = folder.to_owned();
        writers.spawn(async move { replace_for_ever(&folder, writer).await });
    }

    let rows = db.table::<Row>();
    let mut incomplete = Vec::new();
    let mut plain = 0;
    for scan in 0..SCANS {
        let keys = rows
            .query()
            .concurrency(1 + scan % 4)
            .keys()
            .await
            .expect("a scan");
        let missing = unseen(keys.iter().map(|key| key.number));
        if !missing.is_empty() {
            incomplete.push(missing.len());
        }
        plain += usize::from(!unseen(plain_pass(folder)).is_empty());
        let rest = rows.query().count().await.expect("a count");
        assert_eq!(rest, u64::from(ROWS));
    }
    assert!(writers.try_join_next().is_none(), "a writer failed");
    writers.shutdown().await;
    assert!(
        other.0.try_wait().expect("a state").is_none(),
        "the other process failed"
    );
    drop(other);
    println!(
        "{}: {plain} of {SCANS} plain passes missed rows",
        folder.display()
    );
    assert!(
        incomplete.is_empty(),
        "scans missed so many rows: {incomplete:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_temporary_folder() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    every_row_is_in_every_scan(folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_memory_file_system() {
    match tempfile::tempdir_in("/dev/shm") {
        Ok(folder) => every_row_is_in_every_scan(folder.path()).await,
        Err(error) => eprintln!("not run: there is no memory file system in /dev/shm: {error}"),
    }
}

#[test]
fn a_missing_row_is_found() {
    assert!(unseen(0..ROWS).is_empty());
    assert_eq!(
        unseen((0..ROWS).filter(|number| *number != 17)),
        BTreeSet::from([17])
    );
}

/// While another row is written and deleted again and again, in and out of its folder, the folder's own comes and goes;
/// rows beside it stay in sight.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn folders_that_come_and_go_hide_no_others() {
    let (folder, db) = fresh().await;
    let table = db.raw_table("nested", ["a", "b"]).expect("a table");
    for number in 0..50 {
        let key = [format!("{number:02}"), "x".to_owned()];
        table.insert_string(key, "row").await.expect("a row");
    }
    let until = Instant::now() + Duration::from_secs(1);
    let path = folder.path().to_owned();
    let writer = tokio::spawn(async move {
        let table = open(&path)
            .raw_table("nested", ["a", "b"])
            .expect("a table");
        let mut rounds = 0_u32;
        while Instant::now() < until {
            let key = [format!("{:02}!", rounds % 50), "y".to_owned()];
            table.upsert(key.clone(), "row").await.expect("an upsert");
            table.delete(key).await.expect("a delete");
            rounds += 1;
        }
        rounds
    });
    while !writer.is_finished() {
        let keys = table.keys().await.expect("a scan");
        let stay = keys.iter().filter(|key| key.to_string().ends_with("/x"));
        assert_eq!(stay.count(), 50);
    }
    assert!(writer.await.expect("no panic") > 0);
}
