//! Instructions per call, by callgrind: a number that repeats from run to run, whatever else the machine does.
//!
//! Callgrind counts a whole process, so each side runs twice, with N calls and with 2 N; the difference is N calls
//! without what the process does besides. Nothing is sent: the bucket is in the process.

use std::process::{Command, Stdio};

use crate::bucket::Bucket;
use crate::report::Table;
use crate::rows;
use crate::sides::{Ours, Raw, one_thread};

/// The argument by which the benchmark calls itself.
pub(crate) const PROBE: &str = "probe";

const PAGE: u64 = 1000;
/// Each side's name of what it is called for, how it is shown, and how often.
const CALLS: [(&str, &str, &str, u64); 4] = [
    ("select", "select", "select", 500),
    ("list", "list", "list 1,000 keys", 10),
    ("insert", "insert", "insert", 500),
    ("insert", "insert-with-id", "insert, both with an id", 500),
];

/// The table, where valgrind is installed.
pub(crate) fn instructions() {
    let mut table = Table::new(
        "Instructions per call, without transport",
        &["call", "ratio", "s3aads", "object_store"],
    );
    for (ours, theirs, shown, calls) in CALLS {
        let ours = per_call("s3aads", ours, calls);
        let theirs = per_call("object_store", theirs, calls);
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => table.row(&[
                shown,
                &format!("{:.3}", ours / theirs),
                &format!("{ours:.0}"),
                &format!("{theirs:.0}"),
            ]),
            (Err(error), _) | (_, Err(error)) => {
                eprintln!("instructions can't be counted: {error}");
                return;
            }
        }
    }
    table.print();
}

fn per_call(side: &str, call: &str, calls: u64) -> Result<f64, String> {
    let once = collected(side, call, calls)?;
    let twice = collected(side, call, 2 * calls)?;
    Ok(twice.saturating_sub(once) as f64 / calls as f64)
}

/// The instructions of a process of its own.
fn collected(side: &str, call: &str, calls: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([PROBE, side, call, &calls.to_string()])
        .stdout(Stdio::null())
        .output()
        .map_err(|error| format!("valgrind does not start: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stderr);
    let count = printed
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse().ok());
    count.ok_or_else(|| format!("valgrind printed no count:\n{printed}"))
}

/// What runs below callgrind: `<side> <call> <calls>`.
pub(crate) fn probe(arguments: &[String]) {
    let [side, call, calls] = arguments else {
        panic!("a probe has a side, a call and a number of calls");
    };
    let calls: u64 = calls.parse().expect("a number of calls");
    let bucket = Bucket::instant(rows::keys(1, PAGE).map(rows::path), rows::body());
    let (ours, raw) = (Ours::in_process(&bucket), Raw::in_process(&bucket));
    one_thread().block_on(async {
        for number in 0..calls {
            let key = rows::key(0, number % PAGE);
            match (side.as_str(), call.as_str()) {
                ("s3aads", "select") => ours.select(key).await,
                ("s3aads", "insert") => ours.insert(key).await,
                ("s3aads", "list") => assert_eq!(ours.list().await as u64, PAGE),
                ("object_store", "select") => raw.select(key).await,
                ("object_store", "insert") => raw.insert(key).await,
                ("object_store", "insert-with-id") => raw.insert_with_id(key).await,
                ("object_store", "list") => assert_eq!(raw.list().await as u64, PAGE),
                _ => panic!("no probe {side} {call}"),
            }
        }
    });
}
