//! Several processes that write one pack: all of them get on, nothing is lost, and one that is stopped in the middle of a
//! commit neither holds the others up for ever nor undoes what they wrote when it goes on.
//!
//! The tests start their own binary again for each process.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use s3aads::{ConditionalPut, Database, ErrorKind, S3Table, Server};
use s3aads_tests::server;

/// Where a child writes: the URL of a local database, or the endpoint of a server.
const STORE: &str = "S3AADS_PACK_PROCESS_STORE";
/// The row that it counts in.
const ROW: &str = "S3AADS_PACK_PROCESS_ROW";
/// How often.
const TIMES: &str = "S3AADS_PACK_PROCESS_TIMES";
/// The server's keys and region.
const ACCESS: &str = "S3AADS_PACK_PROCESS_ACCESS";

#[derive(Debug, PartialEq, S3Table)]
#[s3(table = "counters")]
struct Counter {
    #[s3(key)]
    pack: u8,
    #[s3(key, packed)]
    name: String,
    value: u64,
}

/// Set for a child that moves amounts between the rows and counts nothing.
const MOVES: &str = "S3AADS_PACK_PROCESS_MOVES";

/// One of all processes.
fn open() -> Database {
    let store = std::env::var(STORE).expect("a store");
    let Ok(access) = std::env::var(ACCESS) else {
        return Database::open(&store).expect("a database");
    };
    let [id, secret, region] = access.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{access}")
    };
    client(&store, id, secret, region)
}

fn client(endpoint: &str, id: &str, secret: &str, region: &str) -> Database {
    let server = Server::s3()
        .endpoint(endpoint)
        .region(region)
        .credentials(id, secret)
        .conditional_put(ConditionalPut::ETag)
        .build();
    server.expect("a server").database("packs").expect("a name")
}

async fn count(db: &Database, row: &str, times: u64) {
    let counters = db.table::<Counter>();
    for _ in 0..times {
        let counted = counters.modify((1, row), |counter| counter.value += 1);
        counted.await.expect("it is counted");
    }
}

/// Moves amounts between any two rows, each by one transaction, from eight tasks at once.
async fn move_amounts(db: &Database, times: u64) {
    let counters = db.table::<Counter>();
    let pack = counters.pack(1);
    let tasks = (0..8).map(|_| async {
        for _ in 0..times {
            let (from, to, amount) = (
                fastrand::usize(..4),
                fastrand::usize(..4),
                fastrand::u64(1..9),
            );
            let moved = pack.transact(|rows| {
                let (from, to) = (ACCOUNTS[from], ACCOUNTS[to]);
                let mut payer = rows.get(from)?.expect("a row");
                payer.value -= amount.min(payer.value);
                let paid = rows.get(from)?.expect("a row").value - payer.value;
                rows.upsert(&payer)?;
                let mut payee = rows.get(to)?.expect("a row");
                payee.value += paid;
                rows.upsert(&payee)
            });
            moved.await.expect("it is moved");
        }
    });
    futures_util::future::join_all(tasks).await;
}

#[tokio::test]
#[ignore = "the child process of the tests below"]
async fn child() {
    let row = std::env::var(ROW).expect("a row");
    let times = std::env::var(TIMES).expect("a number").parse();
    let times = times.expect("a number");
    if std::env::var_os(MOVES).is_some() {
        move_amounts(&open(), times).await;
    } else {
        count(&open(), &row, times).await;
    }
}

fn start(store: &str, access: Option<&str>, row: &str, times: u64) -> Child {
    command(store, access, row, times)
        .spawn()
        .expect("a process")
}

fn command(store: &str, access: Option<&str>, row: &str, times: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["child", "--exact", "--ignored", "--nocapture"])
        .env(STORE, store)
        .env(ROW, row)
        .env(TIMES, times.to_string())
        .env_remove(ACCESS)
        .env_remove(MOVES)
        .stdout(Stdio::null());
    if let Some(access) = access {
        command.env(ACCESS, access);
    }
    command
}

async fn begin(db: &Database, rows: &[&str]) {
    db.create().await.expect("a database");
    let rows = rows.iter().map(|name| Counter {
        pack: 1,
        name: (*name).to_owned(),
        value: 0,
    });
    let made = db.table::<Counter>().insert_all(rows).await;
    made.into_result().expect("the rows");
}

async fn values(db: &Database) -> Vec<(String, u64)> {
    let rows = db.table::<Counter>().pack(1).rows().await.expect("rows");
    rows.into_iter().map(|row| (row.name, row.value)).collect()
}

/// Eight processes, 100 changes each: half of them of one row, the others of a neighbour.
async fn eight_count_to_800(db: &Database, store: &str, access: Option<&str>) {
    begin(db, &["a", "b"]).await;
    let children: Vec<Child> = (0..8)
        .map(|child| start(store, access, if child % 2 == 0 { "a" } else { "b" }, 100))
        .collect();
    for mut child in children {
        let ended = tokio::task::spawn_blocking(move || child.wait()).await;
        assert!(ended.expect("a thread").expect("a child").success());
    }
    let expected = [("a".to_owned(), 400), ("b".to_owned(), 400)];
    assert_eq!(values(db).await, expected);
}

/// The rows between which amounts are moved.
const ACCOUNTS: [&str; 4] = ["a", "b", "c", "d"];

/// Four processes of eight tasks move amounts; whoever reads the pack meanwhile sees the whole sum.
async fn no_amount_is_lost_on_the_way(db: &Database, store: &str, access: Option<&str>) {
    begin(db, &ACCOUNTS).await;
    let counters = db.table::<Counter>();
    for name in ACCOUNTS {
        let given = counters.modify((1, name), |counter| counter.value = 100);
        given.await.expect("it is given");
    }
    let mut children: Vec<Child> = (0..4)
        .map(|_| {
            let mut command = command(store, access, "", 12);
            command.env(MOVES, "1").spawn().expect("a process")
        })
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    while children
        .iter_mut()
        .any(|child| child.try_wait().expect("a child").is_none())
    {
        let snapshot = values(db).await;
        let sum: u64 = snapshot.iter().map(|(_, value)| value).sum();
        assert_eq!(sum, 400, "{snapshot:?}");
        seen.insert(snapshot);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for mut child in children {
        assert!(child.wait().expect("a child").success());
    }
    assert!(seen.len() > 1, "nothing was moved while it was looked at");
    let sum: u64 = values(db).await.iter().map(|(_, value)| value).sum();
    assert_eq!(sum, 400);
}

/// A new local database in this folder, and its URL.
fn local(folder: &Path) -> (Database, String) {
    let url = url::Url::from_file_path(folder.join("db")).expect("an absolute path");
    (
        Database::open(url.as_str()).expect("a database"),
        url.into(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_processes_count_on_the_wire() {
    let wire = server::Server::start();
    wire.create_bucket("packs");
    let access = [wire.access_key(), wire.secret_key(), wire.region()];
    let db = client(&wire.endpoint(), access[0], access[1], access[2]);
    eight_count_to_800(&db, &wire.endpoint(), Some(&access.join(" "))).await;
}

#[tokio::test]
async fn eight_processes_count_on_the_local_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, url) = local(folder.path());
    eight_count_to_800(&db, &url, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_move_amounts_on_the_wire() {
    let wire = server::Server::start();
    wire.create_bucket("packs");
    let access = [wire.access_key(), wire.secret_key(), wire.region()];
    let db = client(&wire.endpoint(), access[0], access[1], access[2]);
    no_amount_is_lost_on_the_way(&db, &wire.endpoint(), Some(&access.join(" "))).await;
}

#[tokio::test]
async fn processes_move_amounts_on_the_local_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let (db, url) = local(folder.path());
    no_amount_is_lost_on_the_way(&db, &url, None).await;
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.expect("kill runs").success());
}

/// While one process is stopped, wherever in a commit that is, this one writes the same row.
#[cfg(unix)]
#[tokio::test]
async fn a_stopped_writer_undoes_nothing_when_it_goes_on() {
    const TIMES: u64 = 60;
    let folder = tempfile::tempdir().expect("a folder");
    let (db, url) = local(folder.path());
    begin(&db, &["a"]).await;
    let mut child = start(&url, None, "a", TIMES);
    let counters = db.table::<Counter>();
    let (mut counted, mut held_up, mut stops) = (0, 0, 0);
    while child.try_wait().expect("a child").is_none() {
        std::thread::sleep(Duration::from_micros(fastrand::u64(..4_000)));
        signal(&child, "-STOP");
        stops += 1;
        let stopped = Instant::now();
        while stopped.elapsed() < Duration::from_millis(20) {
            let change = counters.modify((1, "a"), |counter| counter.value += 1);
            match tokio::time::timeout(Duration::from_millis(200), change).await {
                Ok(Ok(_)) => counted += 1,
                // The stopped one has the row's lock, and it is told so.
                Ok(Err(error)) => {
                    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
                    held_up += 1;
                }
                Err(_) => {
                    held_up += 1;
                    break;
                }
            }
        }
        signal(&child, "-CONT");
    }
    let ended = child.wait().expect("a child");
    assert!(ended.success());
    println!("{stops} stops, {counted} counted meanwhile, {held_up} held up");
    let [(_, value)] = &values(&db).await[..] else {
        panic!("one row")
    };
    let sure = TIMES + counted;
    // A write that was given up may still have been made.
    assert!(
        (sure..=sure + held_up).contains(value),
        "{value}, not {sure}"
    );
}
