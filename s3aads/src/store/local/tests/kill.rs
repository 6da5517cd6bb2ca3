//! `kill -9` at any moment: a row is the old one or the new one.
//!
//! The test starts itself again as a child that writes, updates and deletes rows, and kills it.
//! The child logs each operation before it begins and after it was acknowledged; a row must then
//! be what the log's last acknowledged operation left, or what the one after that would leave.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Result as IoResult, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use super::{open, unchanged};
use crate::store::local::{Durability, LocalBackend};
use crate::store::{Backend, Condition, ListRequest, Meter, PutRequest};

/// The folder of the child's trial; its durability is relaxed where [`RELAXED`] is set too.
const FOLDER: &str = "S3AADS_KILL_FOLDER";
const RELAXED: &str = "S3AADS_KILL_RELAXED";
/// How many children are killed.
const TRIALS: &str = "S3AADS_KILL_TRIALS";

const TASKS: usize = 4;
const KEYS_PER_TASK: usize = 3;

/// The table under trial, as far as the trial needs one.
struct Rows {
    backend: LocalBackend,
    meter: Meter,
}

impl Rows {
    fn open(folder: &Path, durability: Durability) -> Self {
        let backend = LocalBackend::open(folder, durability).expect("a database");
        Self {
            backend,
            meter: Meter::default(),
        }
    }

    async fn put(&self, key: &str, body: &str, condition: Condition) {
        let request = PutRequest {
            condition,
            ..PutRequest::default()
        };
        let body = body.to_owned().into();
        self.backend
            .put(key, body, request, &self.meter)
            .await
            .expect("a write");
    }

    async fn insert(&self, key: &str, body: &str) {
        self.put(key, body, Condition::Absent).await;
    }

    async fn upsert(&self, key: &str, body: &str) {
        self.put(key, body, Condition::None).await;
    }

    async fn update(&self, key: &str, body: &str) {
        let (entry, _) = self.backend.head(key, &self.meter).await.expect("the row");
        self.put(key, body, unchanged(&entry.e_tag.expect("an ETag")))
            .await;
    }

    async fn delete(&self, key: &str) {
        self.backend
            .delete(key, &self.meter)
            .await
            .expect("a delete");
    }

    async fn all(&self) -> BTreeMap<String, String> {
        let list = self
            .backend
            .list(ListRequest::default(), &self.meter)
            .await
            .expect("a page");
        let mut rows = BTreeMap::new();
        for entry in list.objects {
            let object = self
                .backend
                .get(&entry.key, &self.meter)
                .await
                .expect("a listed row");
            assert_eq!(object.entry, entry);
            rows.insert(
                entry.key,
                String::from_utf8(object.body.to_vec()).expect("text"),
            );
        }
        rows
    }
}

/// A body that tells its value and whether it is whole.
fn body(value: u64) -> String {
    let repeats = 1 + value % 2000;
    format!("{value:016x}").repeat(usize::try_from(repeats).unwrap_or(1))
}

/// The value of a whole body.
fn value(text: &str) -> u64 {
    let value = text
        .get(..16)
        .and_then(|value| u64::from_str_radix(value, 16).ok());
    let value = value.unwrap_or_else(|| panic!("a torn row of {} bytes", text.len()));
    assert!(text == body(value), "a torn row of {} bytes", text.len());
    value
}

/// Appends a line in one write, which the operating system keeps whatever becomes of the child.
fn log(mut log: &File, line: &str) {
    log.write_all(format!("{line}\n").as_bytes())
        .expect("a log");
}

/// Writes its keys until it is killed.
async fn write_for_ever(
    rows: Arc<Rows>,
    mut stored: BTreeMap<String, String>,
    log_file: Arc<File>,
    task: usize,
) {
    loop {
        let key = format!("t/{}/{task}", fastrand::usize(..KEYS_PER_TASK));
        let new = fastrand::u64(..);
        let exists = stored.contains_key(&key);
        let delete = exists && fastrand::u8(..4) == 0;
        let change = if delete {
            "-".to_owned()
        } else {
            new.to_string()
        };
        log(&log_file, &format!("begin {key} {change}"));
        match (exists, fastrand::bool()) {
            _ if delete => rows.delete(&key).await,
            (_, true) => rows.upsert(&key, &body(new)).await,
            (true, false) => rows.update(&key, &body(new)).await,
            (false, false) => rows.insert(&key, &body(new)).await,
        }
        log(&log_file, &format!("done {key} {change}"));
        if delete {
            stored.remove(&key);
        } else {
            stored.insert(key, String::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the test below"]
async fn child() {
    let folder = std::env::var_os(FOLDER).expect("a trial");
    let relaxed = std::env::var_os(RELAXED).is_some();
    let durability = if relaxed {
        Durability::Relaxed
    } else {
        Durability::Synced
    };
    let folder = Path::new(&folder);
    let rows = Arc::new(Rows::open(&folder.join("db"), durability));
    let log_file = File::options()
        .append(true)
        .open(folder.join("log"))
        .expect("a log");
    let log_file = Arc::new(log_file);
    let stored = rows.all().await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let (rows, log_file) = (Arc::clone(&rows), Arc::clone(&log_file));
        tasks.spawn(write_for_ever(rows, stored.clone(), log_file, task));
    }
    // Only a failed task ends.
    tasks
        .join_next()
        .await
        .expect("a task")
        .expect("no end but the kill");
}

/// Runs a child on `folder` until it has begun, and a random moment longer.
fn run_and_kill(folder: &Path, relaxed: bool) -> IoResult<()> {
    let log = folder.join("log");
    fs::write(&log, "")?;
    let name = format!(
        "{}::child",
        module_path!().split_once("::").map_or("", |(_, path)| path)
    );
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args([&name, "--exact", "--ignored", "--nocapture"])
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

/// What each key may hold after the log: the last acknowledged value, and one under way.
fn check_against_log(before: &BTreeMap<String, u64>, log: &str, after: &BTreeMap<String, u64>) {
    let mut acknowledged: BTreeMap<&str, Option<u64>> = before
        .iter()
        .map(|(key, value)| (key.as_str(), Some(*value)))
        .collect();
    let mut begun = BTreeMap::new();
    // A child killed in the middle of a line has not begun what the line says.
    let whole_lines = log.rfind('\n').map_or("", |end| &log[..end]);
    for line in whole_lines.lines() {
        let [step, key, change] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a torn log: {line}")
        };
        let change = change.parse::<u64>().ok();
        if step == "begin" {
            begun.insert(key, change);
        } else {
            begun.remove(key);
            acknowledged.insert(key, change);
        }
    }
    let keys = acknowledged.keys().chain(begun.keys()).copied();
    for key in keys.chain(after.keys().map(String::as_str)) {
        let stored = after.get(key).copied();
        let old = acknowledged.get(key).copied().flatten();
        let allowed = stored == old || begun.get(key) == Some(&stored);
        assert!(
            allowed,
            "{key} holds {stored:?}; acknowledged {old:?}, under way {:?}\n{log}",
            begun.get(key)
        );
    }
}

#[tokio::test]
async fn a_killed_writer_loses_tears_and_resurrects_nothing() -> IoResult<()> {
    let trials = std::env::var(TRIALS)
        .ok()
        .and_then(|trials| trials.parse().ok())
        .unwrap_or(60);
    let folder = tempfile::tempdir()?;
    let db = folder.path().join("db");
    fs::create_dir(&db)?;
    let mut before = BTreeMap::new();
    let (mut operations, mut leftovers) = (0, 0);
    for trial in 0..trials {
        run_and_kill(folder.path(), trial % 2 == 0)?;
        let staged = || fs::read_dir(db.join("_s3aads/tmp")).map_or(0, Iterator::count);
        leftovers += staged();
        let rows = Rows {
            backend: open(&db),
            meter: Meter::default(),
        };
        assert_eq!(staged(), 0, "leftovers are cleaned");
        let rows = rows.all().await;
        let after = rows
            .into_iter()
            .map(|(key, text)| (key, value(&text)))
            .collect();
        let log = fs::read_to_string(folder.path().join("log"))?;
        operations += log.lines().filter(|line| line.starts_with("done")).count();
        check_against_log(&before, &log, &after);
        before = after;
    }
    println!("{trials} kills, {operations} acknowledged operations, {leftovers} leftovers");
    assert!(operations > 0);
    Ok(())
}
