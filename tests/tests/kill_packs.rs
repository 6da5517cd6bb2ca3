//! `kill -9` at any moment of a writer of packs: a transaction of several rows is there or not, and one
//! that was acknowledged is.
//!
//! The test starts itself again as a child whose tasks share one pack and so their commits. Each task has
//! rows of its own, and writes all of them anew in each transaction: how many there are, and their
//! generation. It logs a transaction before it begins and after it was acknowledged.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use s3aads::{Database, S3Table};

/// The folder of the child's trial.
const FOLDER: &str = "S3AADS_KILL_PACKS_FOLDER";
/// How many children are killed.
const TRIALS: &str = "S3AADS_KILL_TRIALS";

const TASKS: u8 = 4;
/// The most rows of a task.
const ROWS: u64 = 6;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "parts")]
struct Part {
    #[s3(key)]
    pack: u8,
    #[s3(key, packed)]
    task: u8,
    #[s3(key, packed)]
    number: u64,
    generation: u64,
    text: String,
}

/// The rows of a task's generation: their number tells it too.
fn parts(task: u8, generation: u64) -> Vec<Part> {
    let part = |number| Part {
        pack: 0,
        task,
        number,
        generation,
        text: format!("{generation:x}").repeat((generation % 200) as usize),
    };
    (0..=generation % ROWS).map(part).collect()
}

fn open(folder: &Path) -> Database {
    let url = url::Url::from_file_path(folder.join("db")).expect("an absolute path");
    Database::open(url.as_str()).expect("a database")
}

async fn write_for_ever(table: PartTable, mut generation: u64, log: Arc<File>, task: u8) {
    let line = |step: &str, generation: u64| {
        let written = (&*log).write_all(format!("{step} {task} {generation}\n").as_bytes());
        written.expect("the log is written");
    };
    loop {
        generation += 1;
        line("begin", generation);
        let pack = table.pack(0);
        let done = pack.transact(|rows| {
            for old in rows.range((task, 0)..=(task, u64::MAX))? {
                rows.remove((task, old.number))?;
            }
            parts(task, generation)
                .iter()
                .try_for_each(|part| rows.insert(part))
        });
        done.await.expect("a transaction");
        line("done", generation);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the test below"]
async fn child() {
    let folder = std::env::var_os(FOLDER).expect("a trial");
    let folder = Path::new(&folder);
    let table = open(folder).table::<Part>();
    let log = File::options().append(true).open(folder.join("log"));
    let log = Arc::new(log.expect("a log"));
    let stored = generations(&table.pack(0).rows().await.expect("the rows")).expect("whole rows");
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let generation = stored.get(&task).copied().unwrap_or(0);
        tasks.spawn(write_for_ever(
            table.clone(),
            generation,
            Arc::clone(&log),
            task,
        ));
    }
    let ended = tasks.join_next().await.expect("a task");
    ended.expect("no end but the kill");
}

/// The generation of each task, whose rows must all be there and of no other.
fn generations(rows: &[Part]) -> Result<BTreeMap<u8, u64>, String> {
    let mut of_tasks: BTreeMap<u8, Vec<Part>> = BTreeMap::new();
    for row in rows {
        of_tasks.entry(row.task).or_default().push(row.clone());
    }
    let whole = |(task, rows): (u8, Vec<Part>)| {
        let generation = rows.first().map_or(0, |row| row.generation);
        if rows == parts(task, generation) {
            Ok((task, generation))
        } else {
            Err(format!("half a transaction of task {task}: {rows:?}"))
        }
    };
    of_tasks.into_iter().map(whole).collect()
}

/// Each task's rows are of its last acknowledged transaction or of the one under way.
fn check_against_log(
    before: &BTreeMap<u8, u64>,
    log: &str,
    after: &BTreeMap<u8, u64>,
) -> Result<(), String> {
    let (mut acknowledged, mut begun) = (before.clone(), BTreeMap::new());
    let whole_lines = log.rfind('\n').map_or("", |end| &log[..end]);
    for line in whole_lines.lines() {
        let [step, task, generation] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a torn log: {line}")
        };
        let task: u8 = task.parse().expect("a task");
        let generation: u64 = generation.parse().expect("a generation");
        match step {
            "begin" => begun.insert(task, generation),
            _ => acknowledged.insert(task, generation),
        };
    }
    for task in 0..TASKS {
        let (stored, old) = (after.get(&task), acknowledged.get(&task));
        if stored != old && stored != begun.get(&task) {
            return Err(format!(
                "task {task} left {stored:?}; acknowledged {old:?}\n{log}"
            ));
        }
    }
    Ok(())
}

fn run_and_kill(folder: &Path) -> std::io::Result<()> {
    let log = folder.join("log");
    fs::write(&log, "")?;
    let mut child = Command::new(std::env::current_exe()?)
        .args(["child", "--exact", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .spawn()?;
    while fs::metadata(&log)?.len() == 0 {
        assert_eq!(child.try_wait()?, None, "the child failed before it began");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_micros(fastrand::u64(..60_000)));
    assert_eq!(child.try_wait()?, None, "the child failed");
    child.kill()?;
    child.wait()?;
    Ok(())
}

#[tokio::test]
async fn a_killed_writer_leaves_whole_transactions() -> Result<(), Box<dyn std::error::Error>> {
    let trials = std::env::var(TRIALS).map_or(20, |trials| trials.parse().expect("a number"));
    let folder = tempfile::tempdir()?;
    open(folder.path()).create().await?;
    let mut before = BTreeMap::new();
    let (mut acknowledged, mut cut_off) = (0, 0);
    for _ in 0..trials {
        run_and_kill(folder.path())?;
        let rows = open(folder.path()).table::<Part>().pack(0).rows().await?;
        let after = generations(&rows)?;
        let log = fs::read_to_string(folder.path().join("log"))?;
        let lines = |step: &str| log.lines().filter(|line| line.starts_with(step)).count();
        acknowledged += lines("done");
        cut_off += lines("begin") - lines("done");
        check_against_log(&before, &log, &after)?;
        before = after;
    }
    println!("{trials} kills: {acknowledged} acknowledged transactions, {cut_off} cut off");
    assert!(
        acknowledged > 0 && cut_off > 0,
        "the kills met no transaction"
    );
    Ok(())
}

/// The checks refuse what they are there to find.
#[test]
fn half_and_lost_transactions_are_found() {
    let whole = [parts(0, 4), parts(1, 9)].concat();
    assert_eq!(
        generations(&whole).unwrap(),
        BTreeMap::from([(0, 4), (1, 9)])
    );
    assert!(generations(&whole[1..]).is_err(), "a row is missing");
    let mut mixed = whole.clone();
    mixed[2].generation = 5;
    assert!(generations(&mixed).is_err(), "a row of another transaction");
    let left = |generation| BTreeMap::from([(0, generation)]);
    let log = "begin 0 2\ndone 0 2\nbegin 0 3\n";
    assert!(check_against_log(&left(1), log, &left(2)).is_ok());
    assert!(check_against_log(&left(1), log, &left(3)).is_ok());
    assert!(check_against_log(&left(1), log, &left(1)).is_err(), "lost");
    assert!(
        check_against_log(&left(1), log, &BTreeMap::new()).is_err(),
        "lost"
    );
}
