//! Listings of one folder on the local disk, against plain passes over it.
//!
//! `S3AADS_BENCH_ROWS` sets how many rows the largest folder has: a million, which take some minutes to write.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use s3aads::{Database, Durability, S3Table, Server};
use tokio::runtime::Builder;

use crate::paired::compare;
use crate::report::{Table, micros, seconds};

const ROWS: &str = "S3AADS_BENCH_ROWS";
const ROUNDS: usize = 7;

#[derive(Debug, S3Table)]
#[s3(table = "rows")]
struct Row {
    #[s3(key, width = 10)]
    number: u64,
}

/// A table in one folder, with no `rows` but empty files.
fn folder(root: &Path, rows: u64) -> Database {
    let server = Server::local_with(root, Durability::Relaxed);
    let table = root.join("db/rows");
    fs::create_dir_all(&table).expect("a folder");
    for number in 0..rows {
        // Not in the order of their names.
        let number = number * 7_919 % rows;
        fs::write(table.join(format!("{number:010}")), "").expect("a row");
    }
    server.database("db").expect("a database")
}

/// Everything in a folder with its size and time, as a program without this library would read it.
fn plain_pass(table: &Path) -> Duration {
    let start = Instant::now();
    let mut bytes = 0;
    for entry in fs::read_dir(table).expect("the folder") {
        bytes += entry.expect("an entry").metadata().expect("its size").len();
    }
    std::hint::black_box(bytes);
    start.elapsed()
}

/// The names in a folder.
fn names(table: &Path) -> Duration {
    let start = Instant::now();
    let entries = fs::read_dir(table).expect("the folder");
    let names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    std::hint::black_box(names);
    start.elapsed()
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

/// A line of `/proc/self/status` in kilobytes, if there is one.
fn memory(line: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let value = status.lines().find_map(|found| found.strip_prefix(line));
    let digits = value.map(|value| {
        value
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    });
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

pub(crate) fn disk() {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let most =
        std::env::var(ROWS).map_or(1_000_000, |rows| rows.parse().expect("a number of rows"));
    let mut counts = Table::new(
        "Counting the rows of one folder, against a plain pass over it (names, sizes and times)",
        &[
            "rows",
            "concurrency",
            "count",
            "plain pass",
            "ratio (quartiles)",
            "memory above the start",
        ],
    );
    let mut firsts = Table::new(
        "The first rows of one folder, against reading its names once",
        &["rows", "what", "time", "names", "ratio (quartiles)"],
    );
    for rows in [most / 10, most] {
        let root = tempfile::tempdir().expect("a temporary folder");
        let table = root.path().join("db/rows");
        let days = folder(root.path(), rows).table::<Row>();
        for concurrency in [1, 16, 64] {
            let start = memory("VmRSS");
            let count = || {
                let counted = runtime.block_on(days.query().concurrency(concurrency).count());
                assert_eq!(counted.expect("a count"), rows);
            };
            let rounds = if rows > 200_000 { 3 } else { ROUNDS };
            let compared = compare(rounds, || timed(count), || plain_pass(&table));
            let above = memory("VmHWM").saturating_sub(start) as f64 / 1024.0;
            counts.row(&[
                &rows.to_string(),
                &concurrency.to_string(),
                &seconds(compared.times.0),
                &seconds(compared.times.1),
                &compared.ratio.to_string(),
                &format!("{above:.0} MiB"),
            ]);
        }
        let page = || timed(|| runtime.block_on(days.query().page(20)).expect("a page"));
        let first = || timed(|| runtime.block_on(days.query().first()).expect("a row"));
        for (what, compared) in [
            ("`page(20)`", compare(ROUNDS, page, || names(&table))),
            ("`first()`", compare(ROUNDS, first, || names(&table))),
        ] {
            firsts.row(&[
                &rows.to_string(),
                what,
                &micros(compared.times.0, 1),
                &micros(compared.times.1, 1),
                &compared.ratio.to_string(),
            ]);
        }
    }
    counts.print();
    firsts.print();
}
