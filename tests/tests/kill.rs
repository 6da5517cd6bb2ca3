//! `kill -9` at any moment: a row is the old one or the new one.
//!
//! The test starts itself again as a child that writes, updates and deletes rows of a local
//! database, and kills it. The child logs each operation before it begins and after it was
//! acknowledged; a row must then be what the log's last acknowledged operation left, or what the
//! one under way would leave. A trial goes on with what the trials before it left.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{Result as IoResult, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use s3aads::{Database, Durability, S3Table, Server};

/// The folder of the child's trial; its durability is relaxed where [`RELAXED`] is set too.
const FOLDER: &str = "S3AADS_KILL_FOLDER";
const RELAXED: &str = "S3AADS_KILL_RELAXED";
/// How many children are killed.
const TRIALS: &str = "S3AADS_KILL_TRIALS";

const TASKS: u8 = 4;
const KEYS_PER_TASK: u8 = 3;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "rows")]
struct Row {
    #[s3(key)]
    task: u8,
    #[s3(key)]
    number: u8,
    #[s3(text)]
    text: String,
}

type Key = (u8, u8);

impl Row {
    /// A row whose text tells its value and whether it is whole.
    fn new((task, number): Key, value: u64) -> Self {
        let repeats = 1 + value % 2000;
        let text = format!("{value:016x}").repeat(usize::try_from(repeats).unwrap_or(1));
        Self { task, number, text }
    }

    fn key(&self) -> Key {
        (self.task, self.number)
    }

    /// The value of a whole row.
    fn value(&self) -> Result<u64, String> {
        let value = self.text.get(..16);
        let value = value.and_then(|value| u64::from_str_radix(value, 16).ok());
        value
            .filter(|value| *self == Self::new(self.key(), *value))
            .ok_or_else(|| {
                format!(
                    "{:?} is a torn row of {} bytes",
                    self.key(),
                    self.text.len()
                )
            })
    }
}

fn open(folder: &Path, relaxed: bool) -> Database {
    if relaxed {
        let server = Server::local_with(folder, Durability::Relaxed);
        return server.database("db").expect("a database");
    }
    let url = url::Url::from_file_path(folder.join("db")).expect("an absolute path");
    Database::open(url.as_str()).expect("a database")
}

/// Appends a line in one write, which the operating system keeps whatever becomes of the child.
fn log(mut log: &File, line: &str) {
    let written = log.write_all(format!("{line}\n").as_bytes());
    written.expect("the log is written");
}

/// Writes the rows of one task until it is killed.
async fn write_for_ever(rows: RowTable, mut stored: Vec<Key>, log_file: Arc<File>, task: u8) {
    loop {
        let key = (task, fastrand::u8(..KEYS_PER_TASK));
        let value = fastrand::u64(..);
        let row = Row::new(key, value);
        let exists = stored.contains(&key);
        let delete = exists && fastrand::u8(..4) == 0;
        let change = if delete {
            "-".to_owned()
        } else {
            value.to_string()
        };
        let line = format!("{} {} {change}", key.0, key.1);
        log(&log_file, &format!("begin {line}"));
        match (exists, fastrand::u8(..3)) {
            _ if delete => rows.delete(key).await.expect("a delete"),
            (true, 0) => {
                let read = rows.select_versioned(key).await.expect("a read");
                let mut read = read.expect("the row is there");
                read.row = row;
                rows.update(&read).await.expect("an update");
            }
            (true, 1) => {
                let text = row.text;
                let modified = rows.modify(key, |row| row.text.clone_from(&text)).await;
                modified.expect("a modification");
            }
            (false, 0 | 1) => drop(rows.insert(&row).await.expect("an insert")),
            _ => drop(rows.upsert(&row).await.expect("an upsert")),
        }
        log(&log_file, &format!("done {line}"));
        if delete {
            stored.retain(|other| *other != key);
        } else if !exists {
            stored.push(key);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the test below"]
async fn child() {
    let folder = std::env::var_os(FOLDER).expect("a trial");
    let folder = Path::new(&folder);
    let rows = open(folder, std::env::var_os(RELAXED).is_some()).table::<Row>();
    let log_file = File::options().append(true).open(folder.join("log"));
    let log_file = Arc::new(log_file.expect("a log"));
    let stored: Vec<Key> = rows
        .keys()
        .await
        .expect("the keys")
        .iter()
        .map(|key| (key.task, key.number))
        .collect();
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        tasks.spawn(write_for_ever(
            rows.clone(),
            stored.clone(),
            Arc::clone(&log_file),
            task,
        ));
    }
    // Only a failed task ends.
    let ended = tasks.join_next().await.expect("a task");
    ended.expect("no end but the kill");
}

/// Runs a child on `folder` until it has begun, and a random moment longer.
fn run_and_kill(folder: &Path, relaxed: bool) -> IoResult<()> {
    let log = folder.join("log");
    fs::write(&log, "")?;
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(["child", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder);
    if relaxed {
        command.env(RELAXED, "1");
    }
    let mut child = command.stdout(Stdio::null()).spawn()?;
    while fs::metadata(&log)?.len() == 0 {
        assert_eq!(child.try_wait()?, None, "the child failed before it began");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_micros(fastrand::u64(..20_000)));
    assert_eq!(child.try_wait()?, None, "the child failed");
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Holds each key to the log: the last acknowledged value, or the one under way.
fn check_against_log(
    before: &BTreeMap<Key, u64>,
    log: &str,
    after: &BTreeMap<Key, u64>,
) -> Result<(), String> {
    let mut acknowledged: BTreeMap<Key, Option<u64>> = before
        .iter()
        .map(|(key, value)| (*key, Some(*value)))
        .collect();
    let mut begun = BTreeMap::new();
    // A child killed in the middle of a line has not begun what the line says.
    let whole_lines = log.rfind('\n').map_or("", |end| &log[..end]);
    for line in whole_lines.lines() {
        let [step, task, number, change] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a torn log: {line}")
        };
        let key = (
            task.parse().expect("a task"),
            number.parse().expect("a number"),
        );
        let change = change.parse::<u64>().ok();
        if step == "begin" {
            begun.insert(key, change);
        } else {
            begun.remove(&key);
            acknowledged.insert(key, change);
        }
    }
    let keys = acknowledged.keys().chain(begun.keys()).chain(after.keys());
    for key in keys {
        let stored = after.get(key).copied();
        let old = acknowledged.get(key).copied().flatten();
        let under_way = begun.get(key);
        if stored != old && under_way != Some(&stored) {
            return Err(format!(
                "{key:?} holds {stored:?}; acknowledged {old:?}, under way {under_way:?}\n{log}"
            ));
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_killed_writer_loses_tears_and_resurrects_nothing() -> Result<(), Box<dyn Error>> {
    let trials =
        std::env::var(TRIALS).map_or(100, |trials| trials.parse().expect("a number of trials"));
    let folder = tempfile::tempdir()?;
    let staged = || fs::read_dir(folder.path().join("db/_s3aads/tmp")).map_or(0, Iterator::count);
    open(folder.path(), false)
        .create()
        .await
        .expect("the database is made");
    let mut before = BTreeMap::new();
    let (mut operations, mut cut_off, mut leftovers) = (0, 0, 0);
    for trial in 0..trials {
        run_and_kill(folder.path(), trial % 2 == 0)?;
        leftovers += staged();
        let rows = open(folder.path(), false).table::<Row>();
        assert_eq!(
            staged(),
            0,
            "opening the database removes what killed writers left"
        );
        let keys = rows.keys().await.expect("the keys");
        let stored = rows.rows().await.expect("the rows");
        assert_eq!(keys.len(), stored.len(), "every listed row can be read");
        let after: Result<_, String> = stored
            .iter()
            .map(|row| Ok((row.key(), row.value()?)))
            .collect();
        let after = after?;
        let log = fs::read_to_string(folder.path().join("log"))?;
        let lines = |step: &str| log.lines().filter(|line| line.starts_with(step)).count();
        operations += lines("done");
        cut_off += lines("begin") - lines("done");
        check_against_log(&before, &log, &after)?;
        before = after;
    }
    println!(
        "{trials} kills: {operations} acknowledged operations, {cut_off} cut off, {leftovers} leftovers removed"
    );
    assert!(operations > 0 && cut_off > 0, "the kills met no operation");
    Ok(())
}

/// The check refuses what it is there to find.
#[test]
fn losses_and_resurrections_are_found() {
    let row = |value: u64| BTreeMap::from([((0, 0), value)]);
    let none = BTreeMap::new();
    let refused = |before: &BTreeMap<Key, u64>, log: &str, after: &BTreeMap<Key, u64>| {
        check_against_log(before, log, after).is_err()
    };
    let acknowledged = "begin 0 0 2\ndone 0 0 2\n";
    assert!(!refused(&row(1), acknowledged, &row(2)));
    assert!(refused(&row(1), acknowledged, &row(1)), "a lost update");
    assert!(refused(&none, acknowledged, &none), "a lost row");
    let deleted = "begin 0 0 -\ndone 0 0 -\n";
    assert!(!refused(&row(1), deleted, &none));
    assert!(refused(&row(1), deleted, &row(1)), "a resurrected row");
    let under_way = "begin 0 0 2\n";
    assert!(!refused(&row(1), under_way, &row(1)) && !refused(&row(1), under_way, &row(2)));
    assert!(refused(&row(1), under_way, &none), "a lost row");
    assert!(refused(&none, "", &row(1)), "a row from nowhere");
    let torn = Row {
        text: "0".repeat(17),
        ..Row::new((0, 0), 0)
    };
    assert!(torn.value().is_err(), "a torn row");
}
