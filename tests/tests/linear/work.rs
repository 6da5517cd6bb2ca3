//! What the tasks do to the shared rows.

use std::sync::atomic::{AtomicU64, Ordering};

use s3aads::{Database, ErrorKind, S3Table};

use super::checker::Step;
use super::history::Log;

/// Rows that are only counted up, by `modify`.
pub(crate) const COUNTER: &str = "counter";
pub(crate) const SHARED: usize = 16;
/// Rows on which everything is done.
pub(crate) const FREE: usize = 4;

/// What the counted rows hold at first.
pub(crate) const FIRST_TOKEN: u64 = 0;

#[derive(Debug, S3Table)]
#[s3(table = "cells")]
pub(crate) struct Cell {
    #[s3(key)]
    pub(crate) name: String,
    pub(crate) value: u64,
    /// Which write the row is from: no two have the same.
    pub(crate) token: u64,
}

pub(crate) fn shared(number: usize) -> String {
    format!("shared-{number}")
}

pub(crate) fn free(number: usize) -> String {
    format!("free-{number}")
}

/// The counted rows.
pub(crate) fn counted() -> impl Iterator<Item = String> {
    (0..SHARED).map(shared).chain([COUNTER.to_owned()])
}

/// Writes the counted rows at zero.
pub(crate) async fn prepare(db: &Database) {
    db.create().await.expect("the database is made");
    let cells = db.table::<Cell>();
    for name in counted() {
        let cell = Cell {
            name,
            value: 0,
            token: FIRST_TOKEN,
        };
        cells.insert(&cell).await.expect("an insert");
    }
}

/// One task, which does one thing after another.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) cells: CellTable,
    pub(crate) log: Log,
    pub(crate) task: u32,
    /// How many tokens it has used.
    tokens: AtomicU64,
}

impl Worker {
    pub(crate) fn new(db: &Database, log: &Log, task: u32) -> Self {
        Self {
            cells: db.table::<Cell>(),
            log: log.clone(),
            task,
            tokens: AtomicU64::new(1),
        }
    }

    fn token(&self) -> u64 {
        u64::from(self.task) << 32 | self.tokens.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts each round the counter and one of the shared rows, reads one of them, and does
    /// something to one of the free rows.
    pub(crate) async fn run(self, rounds: usize) {
        for _ in 0..rounds {
            self.count(COUNTER).await;
            self.count(&shared(fastrand::usize(..SHARED))).await;
            self.read(&shared(fastrand::usize(..SHARED))).await;
            self.read(COUNTER).await;
            let free = free(fastrand::usize(..FREE));
            match fastrand::u8(..5) {
                0 => self.upsert(&free).await,
                1 => self.insert(&free).await,
                2 => self.delete(&free).await,
                3 => self.modify(&free).await,
                _ => self.read(&free).await,
            }
        }
    }

    /// Modifies the row, and again where other writers were faster: that did nothing, or the token
    /// of the refused write would turn up in the history.
    async fn count(&self, name: &str) {
        while !self.try_modify(name).await {}
    }

    async fn modify(&self, name: &str) {
        self.try_modify(name).await;
    }

    async fn try_modify(&self, name: &str) -> bool {
        let (mut found, mut left) = (0, 0);
        self.log.begin(self.task, name);
        let modified = self.cells.modify(name, |cell| {
            // A new token for each try: one that was refused must never be seen.
            (found, left) = (cell.token, self.token());
            cell.token = left;
            cell.value += 1;
        });
        let step = match modified.await {
            Ok(cell) => {
                assert_eq!(cell.token, left, "it returns the row as it was written");
                Some(Step::Swap(Some(found), Some(left)))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Some(Step::Read(None)),
            Err(error) if error.kind() == ErrorKind::Conflict => None,
            Err(error) => panic!("{error}"),
        };
        self.log.end(self.task, step);
        step.is_some()
    }

    pub(crate) async fn read(&self, name: &str) {
        self.log.begin(self.task, name);
        let cell = self.cells.select(name).await.expect("a read");
        self.log
            .end(self.task, Some(Step::Read(cell.map(|cell| cell.token))));
    }

    async fn upsert(&self, name: &str) {
        let token = self.token();
        let cell = Cell {
            name: name.to_owned(),
            value: 0,
            token,
        };
        self.log.begin(self.task, name);
        self.cells.upsert(&cell).await.expect("an upsert");
        self.log.end(self.task, Some(Step::Write(Some(token))));
    }

    async fn insert(&self, name: &str) {
        let token = self.token();
        let cell = Cell {
            name: name.to_owned(),
            value: 0,
            token,
        };
        self.log.begin(self.task, name);
        let step = match self.cells.insert(&cell).await {
            Ok(_) => Step::Swap(None, Some(token)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Step::Taken,
            Err(error) => panic!("{error}"),
        };
        self.log.end(self.task, Some(step));
    }

    async fn delete(&self, name: &str) {
        self.log.begin(self.task, name);
        self.cells.delete(name).await.expect("a delete");
        self.log.end(self.task, Some(Step::Write(None)));
    }
}
