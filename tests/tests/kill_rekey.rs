//! `kill -9` of a rekey at any moment: each row is in the old table, the new one, or both, and the next run goes on.
//!
//! The test starts itself again as a child that moves the rows of a local database from one table to another and back,
//! for ever, while a task of it counts in the rows of the table that is being emptied; and kills it, again and again.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use s3aads::{Database, ErrorKind, S3Table};

const FOLDER: &str = "S3AADS_KILL_REKEY_FOLDER";
/// How many children are killed.
const TRIALS: &str = "S3AADS_KILL_TRIALS";
const ROWS: u32 = 60;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "here")]
struct Here {
    #[s3(key)]
    group: u8,
    #[s3(key, width = 4)]
    id: u32,
    count: u64,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "there")]
struct There {
    #[s3(key)]
    id: u32,
    #[s3(key)]
    group: u8,
    count: u64,
}

fn there(key: HereKey) -> ThereKey {
    (key.id, key.group).into()
}

fn here(key: ThereKey) -> HereKey {
    (key.group, key.id).into()
}

fn group(id: u32) -> u8 {
    u8::try_from(id % 5).unwrap()
}

fn open(folder: &Path) -> Database {
    let url = url::Url::from_file_path(folder.join("db")).unwrap();
    Database::open(url.as_str()).unwrap()
}

/// Which table is being emptied: what an earlier child began is ended first.
fn is_going_there(folder: &Path) -> bool {
    fs::read_to_string(folder.join("direction")).unwrap() == "there"
}

fn turn(folder: &Path, direction: &str) {
    fs::write(folder.join("next"), direction).unwrap();
    fs::rename(folder.join("next"), folder.join("direction")).unwrap();
}

/// Counts in the rows of the table that is being emptied, and logs what was acknowledged.
async fn count(db: Database, folder: &Path) {
    let mut log = File::options()
        .append(true)
        .open(folder.join("log"))
        .unwrap();
    loop {
        let id = fastrand::u32(..ROWS);
        let counted = if is_going_there(folder) {
            let table = db.table::<Here>();
            let counted = table.modify((group(id), id), |row| row.count += 1).await;
            counted.map(|row| row.count)
        } else {
            let table = db.table::<There>();
            let counted = table.modify((id, group(id)), |row| row.count += 1).await;
            counted.map(|row| row.count)
        };
        match counted {
            Ok(count) => log.write_all(format!("{id} {count}\n").as_bytes()).unwrap(),
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error}"),
        }
        tokio::task::yield_now().await;
    }
}

async fn one_way(db: &Database, folder: &Path) {
    let report = if is_going_there(folder) {
        db.rekey::<Here, There>(there).concurrency(4).await
    } else {
        db.rekey::<There, Here>(here).concurrency(4).await
    };
    report.unwrap();
}

#[tokio::test]
#[ignore = "the child process of the test below"]
async fn child() {
    let folder = std::env::var_os(FOLDER).unwrap();
    let folder = Path::new(&folder);
    let db = open(folder);
    fs::write(folder.join("began"), "").unwrap();
    let rekeying = async {
        loop {
            one_way(&db, folder).await;
            turn(
                folder,
                if is_going_there(folder) {
                    "here"
                } else {
                    "there"
                },
            );
        }
    };
    tokio::join!(rekeying, count(db.clone(), folder));
}

/// The counts of the rows, of the table that is being emptied where a row is in both.
async fn counts(folder: &Path) -> BTreeMap<u32, u64> {
    let db = open(folder);
    let heres = db.table::<Here>().rows().await.unwrap().into_iter();
    let heres = heres.map(|row| (row.id, row.count));
    let theres = db.table::<There>().rows().await.unwrap().into_iter();
    let theres = theres.map(|row| (row.id, row.count));
    if is_going_there(folder) {
        theres.chain(heres).collect()
    } else {
        heres.chain(theres).collect()
    }
}

fn check(counts: &BTreeMap<u32, u64>, log: &str) -> Result<(), String> {
    let mut acknowledged: BTreeMap<u32, u64> = (0..ROWS).map(|id| (id, 0)).collect();
    let whole_lines = log.rfind('\n').map_or("", |end| &log[..end]);
    for line in whole_lines.lines() {
        let (id, count) = line.split_once(' ').expect("a whole line");
        acknowledged.insert(id.parse().unwrap(), count.parse().unwrap());
    }
    for (id, least) in acknowledged {
        match counts.get(&id) {
            // One more may have been under way.
            Some(&count) if count == least || count == least + 1 => {}
            found => return Err(format!("row {id} has {found:?} and was told {least}")),
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_killed_rekey_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let db = open(folder);
    db.create().await.unwrap();
    let rows = (0..ROWS).map(|id| Here {
        group: group(id),
        id,
        count: 0,
    });
    db.table::<Here>()
        .upsert_all(rows)
        .await
        .into_result()
        .unwrap();
    turn(folder, "there");
    fs::write(folder.join("log"), "").unwrap();
    let (mut both, mut copying, mut deleting, mut told) = (0, 0, 0, 0);
    let kills = std::env::var(TRIALS).map_or(20, |trials| trials.parse().unwrap());
    for kill in 0..kills {
        let _ = fs::remove_file(folder.join("began"));
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["child", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        while !folder.join("began").exists() {
            assert_eq!(
                child.try_wait().unwrap(),
                None,
                "the child failed before it began"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_micros(fastrand::u64(..40_000)));
        assert_eq!(child.try_wait().unwrap(), None, "{kill}: the child failed");
        child.kill().unwrap();
        child.wait().unwrap();
        let db = open(folder);
        let heres = db.table::<Here>().count().await.unwrap();
        let theres = db.table::<There>().count().await.unwrap();
        both += u64::from(heres + theres > u64::from(ROWS));
        for pair in ["here/there", "there/here"] {
            let journal = folder.join(format!("db/_s3aads/rekey/{pair}.json"));
            let journal = fs::read_to_string(journal).unwrap_or_default();
            copying += u32::from(journal.contains("\"copying\",\"rows\":[{"));
            deleting += u32::from(journal.contains("\"deleting\""));
        }
        let log = fs::read_to_string(folder.join("log")).unwrap();
        let found = counts(folder).await;
        check(&found, &log).unwrap_or_else(|why| panic!("{kill}: {why}"));
        told += log
            .lines()
            .count()
            .saturating_sub(if kill == 0 { 0 } else { ROWS as usize });
        // What was under way is what it goes on from.
        let found: String = found
            .iter()
            .map(|(id, count)| format!("{id} {count}\n"))
            .collect();
        fs::write(folder.join("log"), found).unwrap();
    }
    one_way(&db, folder).await;
    let log = fs::read_to_string(folder.join("log")).unwrap();
    check(&counts(folder).await, &log).unwrap();
    let heres = db.table::<Here>().count().await.unwrap();
    let theres = db.table::<There>().count().await.unwrap();
    let (full, empty) = if is_going_there(folder) {
        (theres, heres)
    } else {
        (heres, theres)
    };
    assert_eq!((full, empty), (u64::from(ROWS), 0));
    println!(
        "{kills} kills: {told} counts acknowledged, {copying} left while rows were copied, {deleting} while they were deleted, rows in both tables {both} times"
    );
    assert!(copying + deleting > 0, "no kill met a rekey under way");
}

/// The check refuses what it is there to find.
#[test]
fn losses_are_found() {
    let whole: BTreeMap<u32, u64> = (0..ROWS).map(|id| (id, 0)).collect();
    assert!(check(&whole, "").is_ok());
    let mut lost = whole.clone();
    lost.remove(&3);
    assert!(check(&lost, "").is_err());
    assert!(check(&whole, "3 7\n").is_err());
    let mut counted = whole;
    counted.insert(3, 7);
    assert!(check(&counted, "3 7\n").is_ok());
    assert!(check(&counted, "").is_err());
}
