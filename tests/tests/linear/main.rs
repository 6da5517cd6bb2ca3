//! Many tasks change the same rows at once: no change is lost, and each row behaves as if all
//! calls on it were made one after another.

mod checker;
mod history;
mod packs;
mod work;

use std::path::Path;
use std::process::Command;

use s3aads::{Database, Durability, Server};
use s3aads_tests::server::Options;
use tokio::task::JoinSet;

use checker::{Step, check};
use history::Log;
use work::{FIRST_TOKEN, FREE, Worker, counted, free, prepare};

const TASKS: u32 = 64;
const PROCESSES: u32 = 4;
/// How often each task counts the counter.
const ROUNDS: &str = "S3AADS_LINEAR_ROUNDS";

/// The folder of a child's database and log, and the number of its first task.
const FOLDER: &str = "S3AADS_LINEAR_FOLDER";
const FIRST_TASK: &str = "S3AADS_LINEAR_FIRST_TASK";
/// Set if it is rows of packs that the child changes.
const PACKED: &str = "S3AADS_LINEAR_PACKED";

fn rounds() -> usize {
    std::env::var(ROUNDS).map_or(8, |rounds| rounds.parse().expect("a number of rounds"))
}

/// Runs these tasks to their end.
async fn run(db: &Database, log: &Log, tasks: std::ops::Range<u32>) {
    let mut running = JoinSet::new();
    for task in tasks {
        running.spawn(Worker::new(db, log, task).run(rounds()));
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a task ends well");
    }
}

/// Holds the sums and the history to what [`TASKS`] tasks must have left.
async fn verify(db: &Database, log: &Log, path: &Path) {
    // What is there at the end is read as a part of the history: a lost write shows at the latest there.
    let observer = Worker::new(db, log, TASKS);
    for name in counted().chain((0..FREE).map(free)) {
        observer.read(&name).await;
    }
    let history = history::read(path);
    let mut sum = 0;
    for name in counted() {
        let cell = observer
            .cells
            .select(&*name)
            .await
            .expect("a read")
            .expect("the row");
        let swaps = history[&name].iter();
        let swaps = swaps
            .filter(|call| matches!(call.step, Step::Swap(..)))
            .count();
        assert_eq!(cell.value, swaps as u64, "{name} counts its modifications");
        sum += swaps;
        check(Some(FIRST_TOKEN), &history[&name]).expect(&name);
    }
    assert_eq!(
        sum,
        2 * TASKS as usize * rounds(),
        "every task has counted all its rounds"
    );
    assert_eq!(
        history["counter"]
            .iter()
            .filter(|call| matches!(call.step, Step::Swap(..)))
            .count(),
        TASKS as usize * rounds()
    );
    for number in 0..FREE {
        check(None, &history[&free(number)]).expect("a linearizable history");
    }
    let calls: usize = history.values().map(Vec::len).sum();
    println!("{calls} calls on {} rows are linearizable", history.len());
}

/// A database on the server of this crate.
fn wire(server: &s3aads_tests::server::Server) -> Database {
    let client = Server::s3()
        .endpoint(server.endpoint())
        .region(server.region())
        .credentials(server.access_key(), server.secret_key())
        .conditional_put(s3aads::ConditionalPut::ETag)
        .build();
    let db = client.expect("a server").database("app");
    db.expect("a database")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_the_wire() {
    let server = s3aads_tests::server::Server::start();
    let db = wire(&server);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let log = Log::open(&path);
    prepare(&db).await;
    run(&db, &log, 0..TASKS).await;
    verify(&db, &log, &path).await;
}

/// Two handles, which know as little of each other as processes do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_packs_on_the_wire() {
    let server = s3aads_tests::server::Server::start();
    let handles = [wire(&server), wire(&server)];
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    let log = Log::open(&path);
    packs::prepare(&handles[0]).await;
    packs::run(&handles, &log, 0..TASKS).await;
    let verified = packs::verify(&wire(&server), &log, &path).await;
    verified.expect("a linearizable history");
    packs::move_in_two_steps(&handles[0]).await;
}

/// The whole arrangement finds out a store that loses updates.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tasks_on_a_store_that_ignores_conditions_are_found_out() {
    let server = s3aads_tests::server::Server::start_with(Options {
        ignore_conditions: true,
        ..Options::default()
    });
    let db = wire(&server);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log");
    prepare(&db).await;
    run(&db, &Log::open(&path), 0..TASKS).await;
    let history = history::read(&path);
    let refused = check(Some(FIRST_TOKEN), &history[work::COUNTER]);
    println!("{}", refused.expect_err("updates were lost"));
}

/// The database in a folder; another process's crash is not at issue here.
fn local(folder: &Path) -> Database {
    let server = Server::local_with(folder, Durability::Relaxed);
    server.database("db").expect("a database")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child process of the test below"]
async fn child() {
    let folder = std::env::var_os(FOLDER).expect("a folder");
    let folder = Path::new(&folder);
    let first = std::env::var(FIRST_TASK).expect("a task");
    let first: u32 = first.parse().expect("a number");
    let log = Log::open(&folder.join("log"));
    let tasks = first..first + TASKS / PROCESSES;
    match std::env::var_os(PACKED) {
        Some(_) => packs::run(&[local(folder)], &log, tasks).await,
        None => run(&local(folder), &log, tasks).await,
    }
}

/// Starts the processes and waits for them.
fn run_children(folder: &Path, packed: bool) {
    let children: Vec<_> = (0..PROCESSES)
        .map(|process| {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command
                .args(["child", "--exact", "--ignored"])
                .env(FOLDER, folder)
                .env(FIRST_TASK, (process * TASKS / PROCESSES).to_string());
            if packed {
                command.env(PACKED, "1");
            }
            command.spawn().expect("a child")
        })
        .collect();
    for mut child in children {
        assert!(child.wait().expect("an end").success());
    }
}

#[tokio::test]
async fn tasks_of_several_processes_on_packs_on_the_local_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = local(folder.path());
    packs::prepare(&db).await;
    run_children(folder.path(), true);
    let path = folder.path().join("log");
    let verified = packs::verify(&db, &Log::open(&path), &path).await;
    verified.expect("a linearizable history");
}

#[tokio::test]
async fn tasks_of_several_processes_on_the_local_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let db = local(folder.path());
    prepare(&db).await;
    run_children(folder.path(), false);
    let path = folder.path().join("log");
    verify(&db, &Log::open(&path), &path).await;
}
