//! The same of rows that share an object: calls on each of them are linearizable, and whoever reads the
//! pack sees all of a transaction or nothing of it.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use s3aads::{Database, ErrorKind, S3Table};
use tokio::task::JoinSet;

use super::checker::{Step, check};
use super::history::{self, Log};
use super::{TASKS, rounds};

const CELLS: usize = 12;
const PURSES: u8 = 16;
const CENTS: i64 = 100;

#[derive(Debug, S3Table)]
#[s3(table = "packed-cells")]
struct PackedCell {
    #[s3(key)]
    pack: u8,
    #[s3(key, packed)]
    name: String,
    /// Which write the row is from: no two have the same.
    token: u64,
}

#[derive(Debug, S3Table)]
#[s3(table = "purses")]
struct Purse {
    #[s3(key)]
    bank: u8,
    #[s3(key, packed)]
    name: u8,
    cents: i64,
}

fn cell(number: usize) -> String {
    format!("cell-{number}")
}

pub(crate) async fn prepare(db: &Database) {
    db.create().await.expect("the database is made");
    let purse = |name| Purse {
        bank: 0,
        name,
        cents: CENTS,
    };
    let purses = db.table::<Purse>();
    let inserted = purses.insert_all((0..PURSES).map(purse)).await;
    inserted.into_result().expect("the purses");
}

/// One task: it logs its calls on the cells, and moves money between purses.
struct Worker {
    cells: PackedCellTable,
    purses: PurseTable,
    log: Log,
    task: u32,
    tokens: AtomicU64,
}

impl Worker {
    fn token(&self) -> u64 {
        u64::from(self.task) << 32 | self.tokens.fetch_add(1, Ordering::Relaxed)
    }

    async fn run(self, rounds: usize) {
        for _ in 0..rounds {
            for _ in 0..2 {
                let name = cell(fastrand::usize(..CELLS));
                self.log.begin(self.task, &name);
                let step = self.call(&name).await;
                self.log.end(self.task, step);
            }
            self.transfer().await;
            self.look().await;
        }
    }

    async fn call(&self, name: &str) -> Option<Step> {
        let token = self.token();
        let row = PackedCell {
            pack: 0,
            name: name.to_owned(),
            token,
        };
        match fastrand::u8(..6) {
            0 => match self.cells.insert(&row).await {
                Ok(_) => Some(Step::Swap(None, Some(token))),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Some(Step::Taken),
                Err(error) => panic!("{error}"),
            },
            1 => {
                self.cells.upsert(&row).await.expect("an upsert");
                Some(Step::Write(Some(token)))
            }
            2 => {
                self.cells.delete((0, name)).await.expect("a delete");
                Some(Step::Write(None))
            }
            3 | 4 => {
                let (mut found, mut left) = (0, 0);
                let change = |cell: &mut PackedCell| {
                    // A new token for each trial: one that was not committed must never be seen.
                    (found, left) = (cell.token, self.token());
                    cell.token = left;
                };
                match self.cells.modify((0, name), change).await {
                    Ok(_) => Some(Step::Swap(Some(found), Some(left))),
                    Err(error) if error.kind() == ErrorKind::NotFound => Some(Step::Read(None)),
                    Err(error) if error.kind() == ErrorKind::Conflict => None,
                    Err(error) => panic!("{error}"),
                }
            }
            _ => self.read(name).await,
        }
    }

    async fn read(&self, name: &str) -> Option<Step> {
        let cell = self.cells.select((0, name)).await.expect("a read");
        Some(Step::Read(cell.map(|cell| cell.token)))
    }

    /// Moves an amount from one purse to another, if it is there.
    async fn transfer(&self) {
        let (from, to) = (fastrand::u8(..PURSES), fastrand::u8(..PURSES));
        let amount = fastrand::i64(1..40);
        let bank = self.purses.pack(0);
        let moved = bank.transact(|rows| {
            let (Some(mut giver), Some(mut taker)) = (rows.get(from)?, rows.get(to)?) else {
                panic!("a purse is gone");
            };
            if from == to || giver.cents < amount {
                return Ok(false);
            }
            giver.cents -= amount;
            taker.cents += amount;
            rows.upsert(&giver)?;
            rows.upsert(&taker)?;
            Ok::<_, s3aads::Error>(true)
        });
        moved.await.expect("a transfer");
    }

    /// A snapshot has exactly the money that there is.
    async fn look(&self) {
        assert_eq!(
            held(&self.purses).await,
            CENTS * i64::from(PURSES),
            "money was made or lost"
        );
    }
}

async fn held(purses: &PurseTable) -> i64 {
    let rows = purses.pack(0).rows().await.expect("a snapshot");
    assert!(rows.iter().all(|row| row.cents >= 0), "{rows:?}");
    rows.iter().map(|row| row.cents).sum()
}

/// Runs these tasks, each on one of the handles, to their end.
pub(crate) async fn run(handles: &[Database], log: &Log, tasks: std::ops::Range<u32>) {
    let mut running = JoinSet::new();
    for task in tasks {
        let db = &handles[task as usize % handles.len()];
        let worker = Worker {
            cells: db.table::<PackedCell>(),
            purses: db.table::<Purse>(),
            log: log.clone(),
            task,
            tokens: AtomicU64::new(1),
        };
        running.spawn(worker.run(rounds()));
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("a task ends well");
    }
}

/// Holds the history to one order of all calls.
pub(crate) async fn verify(db: &Database, log: &Log, path: &Path) -> Result<(), String> {
    let observer = db.table::<PackedCell>();
    for name in (0..CELLS).map(cell) {
        log.begin(TASKS, &name);
        let cell = observer.select((0, &*name)).await.expect("a read");
        log.end(TASKS, Some(Step::Read(cell.map(|cell| cell.token))));
    }
    let history = history::read(path);
    for name in (0..CELLS).map(cell) {
        check(None, &history[&name]).map_err(|why| format!("{name}: {why}"))?;
    }
    let purses = db.table::<Purse>();
    assert_eq!(held(&purses).await, CENTS * i64::from(PURSES));
    let calls: usize = history.values().map(Vec::len).sum();
    println!("{calls} calls on {CELLS} rows of one pack are linearizable");
    Ok(())
}

/// The control of the snapshots: money that is moved by two writes is missed in between, or the other
/// way round.
pub(crate) async fn move_in_two_steps(db: &Database) {
    let purses = db.table::<Purse>();
    let stop = AtomicU64::new(0);
    let movers = async {
        for _ in 0..200 {
            purses
                .modify((0, 0), |purse| purse.cents -= 1)
                .await
                .expect("a change");
            purses
                .modify((0, 1), |purse| purse.cents += 1)
                .await
                .expect("a change");
        }
        stop.store(1, Ordering::Relaxed);
    };
    let reader = async {
        let mut wrong = 0;
        while stop.load(Ordering::Relaxed) == 0 {
            let rows = purses.pack(0).rows().await.expect("a snapshot");
            let held: i64 = rows.iter().map(|row| row.cents).sum();
            wrong += u32::from(held != CENTS * i64::from(PURSES));
        }
        wrong
    };
    let (wrong, ()) = tokio::join!(reader, movers);
    assert!(wrong > 0, "the reader finds what is no transaction");
}
