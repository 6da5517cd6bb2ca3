//! Rows of packs in CPU time, read and written: this library's by serde_json's on the same lines.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;
use object_store::memory::InMemory;
use object_store::throttle::{ThrottleConfig, ThrottledStore};
use s3aads::{Database, RequestClass, S3Table};
use serde::{Deserialize, Serialize};
use tokio::runtime::Runtime;
use tokio::time::Instant;

use crate::core::OneCore;
use crate::latency::{Clock, LATENCY};
use crate::paired::{Compared, compare, cpu_of};
use crate::report::{Table, micros, seconds};
use crate::sides::one_thread;

const ROUNDS: usize = 101;
const PACKS: u32 = 20;
/// Rows of a pack.
const ROWS: u32 = 1000;

/// Weather by the hour.
#[derive(Debug, S3Table)]
#[s3(table = "weather")]
struct Packed {
    #[s3(key)]
    station: String,
    #[s3(key)]
    month: u32,
    #[s3(key, packed)]
    hour: u32,
    temp: f64,
    wind: f64,
    rain: Option<f64>,
    sky: String,
}

/// A line as a program without this library would read and write it.
#[derive(Debug, Deserialize, Serialize)]
struct Line {
    station: String,
    month: u32,
    hour: u32,
    temp: f64,
    wind: f64,
    rain: Option<f64>,
    sky: String,
}

fn pack(month: u32) -> String {
    (0..ROWS).fold(String::new(), |mut lines, hour| {
        let temp = f64::from(hour % 311) / 10.0;
        let _ = writeln!(
            lines,
            r#"{{"station":"Bern-Zollikofen","month":{month},"hour":{hour},"temp":{temp},"wind":3.4,"rain":null,"sky":"overcast"}}"#
        );
        lines
    })
}

struct Stage {
    runtime: Runtime,
    db: Database,
    packs: Vec<Bytes>,
}

impl Stage {
    fn new() -> Self {
        let runtime = one_thread();
        let db = Database::open("memory:///packs").expect("a database");
        let packs: Vec<Bytes> = (0..PACKS).map(|month| pack(month).into()).collect();
        runtime.block_on(async {
            db.create().await.expect("made");
            let columns = ["station", "month", "object"];
            let objects = db.raw_table("weather", columns).expect("a table");
            for (month, pack) in packs.iter().enumerate() {
                let key = ["Bern-Zollikofen", &month.to_string(), "rows.ndjson"];
                let written = objects.upsert(key, pack.clone()).await;
                written.expect("written");
            }
        });
        Self { runtime, db, packs }
    }

    fn rows(&self) -> Compared {
        let table = self.db.table::<Packed>();
        compare(
            ROUNDS,
            || {
                cpu_of(|| {
                    let rows = self.runtime.block_on(table.rows()).expect("rows");
                    assert_eq!(rows.len(), (PACKS * ROWS) as usize);
                })
            },
            || {
                cpu_of(|| {
                    let lines = self
                        .packs
                        .iter()
                        .flat_map(|pack| pack.split(|b| *b == b'\n'));
                    let lines = lines.filter(|line| !line.is_empty());
                    let rows = lines.map(|line| serde_json::from_slice(line).expect("a row"));
                    let rows: Vec<Line> = rows.collect();
                    assert_eq!(rows.len(), (PACKS * ROWS) as usize);
                })
            },
        )
    }

    /// All packs written over, each in one commit.
    fn upsert_all(&self) -> Compared {
        let table = self.db.table::<Packed>();
        let rows = self.runtime.block_on(table.rows()).expect("rows");
        let lines: Vec<Line> = self
            .packs
            .iter()
            .flat_map(|pack| serde_json::Deserializer::from_slice(pack).into_iter())
            .map(|line| line.expect("a row"))
            .collect();
        compare(
            ROUNDS,
            || {
                cpu_of(|| {
                    let written = self
                        .runtime
                        .block_on(async { table.upsert_all(&rows).await });
                    assert_eq!(written.failed(), 0);
                })
            },
            || {
                cpu_of(|| {
                    let packs = lines.chunks(ROWS as usize).map(|lines| {
                        let mut pack = Vec::new();
                        for line in lines {
                            serde_json::to_writer(&mut pack, line).expect("a line");
                            pack.push(b'\n');
                        }
                        pack
                    });
                    assert_eq!(packs.collect::<Vec<_>>().len(), PACKS as usize);
                })
            },
        )
    }
}

/// What packs cost.
pub(crate) fn packs() {
    rows();
    commits();
}

/// A row that one task writes again and again.
#[derive(Debug, S3Table)]
#[s3(table = "counters")]
struct Counter {
    #[s3(key)]
    pack: u32,
    #[s3(key, packed)]
    task: u32,
    value: u32,
}

/// Many packs, each written by many tasks, against one commit of each in every round trip.
fn commits() {
    const TASKS: u32 = 64;
    const WRITES: u32 = 50;
    let mut table = Table::new(
        "64 packs, each written by 64 tasks, at 20 ms for each request",
        &[
            "clock",
            "time",
            "rows per second",
            "rows of a commit",
            "part of 64 commits per 20 ms",
        ],
    );
    for clock in [Clock::Virtual, Clock::Real] {
        let (elapsed, commits) = clock.runtime().block_on(async {
            let slow = ThrottleConfig {
                wait_get_per_call: LATENCY,
                wait_put_per_call: LATENCY,
                ..ThrottleConfig::default()
            };
            let store = ThrottledStore::new(InMemory::new(), slow);
            let db = Database::with_store("packs", Arc::new(store) as Arc<dyn ObjectStore>);
            let counters = db.table::<Counter>();
            let counter = |pack, task, value| Counter { pack, task, value };
            let first = (0..TASKS).flat_map(|pack| (0..TASKS).map(move |task| (pack, task)));
            let first = first.map(|(pack, task)| counter(pack, task, 0));
            let made = counters.upsert_all(first).concurrency(64).await;
            assert_eq!(made.failed(), 0);
            let before = db.usage();
            let begun = Instant::now();
            let tasks = (0..TASKS * TASKS).map(|number| {
                let (counters, pack, task) = (counters.clone(), number / TASKS, number % TASKS);
                tokio::spawn(async move {
                    for value in 1..=WRITES {
                        let written = counters.upsert(&Counter { pack, task, value }).await;
                        written.expect("it is written");
                    }
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await.expect("a task");
            }
            let (elapsed, sent) = (begun.elapsed(), db.usage().since(&before));
            assert_eq!(
                sent.total(),
                sent.get(RequestClass::Put),
                "every pack is known"
            );
            (elapsed, sent.total())
        });
        let rows = f64::from(TASKS * TASKS * WRITES);
        let trips = elapsed.as_secs_f64() / LATENCY.as_secs_f64();
        table.row(&[
            clock.name(),
            &seconds(elapsed),
            &format!("{:.0}", rows / elapsed.as_secs_f64()),
            &format!("{:.1}", rows / commits as f64),
            &format!("{:.3}", commits as f64 / trips / f64::from(TASKS)),
        ]);
    }
    table.print();
}

/// Packs that are read, and written over, against serde_json.
fn rows() {
    let _core = OneCore::new();
    let mut table = Table::new(
        "Packs of 1,000 rows against serde_json",
        &[
            "call",
            "ratio of CPU time (quartiles)",
            "s3aads, a row",
            "serde_json, a row",
        ],
    );
    let stage = Stage::new();
    for (call, compared) in [("rows", stage.rows()), ("upsert_all", stage.upsert_all())] {
        let (ours, theirs) = compared.times;
        let calls = u64::from(PACKS * ROWS);
        table.row(&[
            call,
            &compared.ratio.to_string(),
            &micros(ours, calls),
            &micros(theirs, calls),
        ]);
    }
    table.print();
}
