//! Rows of packs in CPU time: this library's by serde_json's on the same lines.

use std::fmt::Write as _;

use bytes::Bytes;
use s3aads::{Database, S3Table};
use serde::Deserialize;
use tokio::runtime::Runtime;

use crate::core::OneCore;
use crate::paired::{Compared, compare, cpu_of};
use crate::report::{Table, micros};
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

/// A line as a program without this library would read it.
#[derive(Debug, Deserialize)]
#[allow(dead_code, reason = "it is read and dropped, as rows are")]
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
}

/// `rows` of packs against serde_json.
pub(crate) fn packs() {
    let _core = OneCore::new();
    let mut table = Table::new(
        "Reading packs of 1,000 rows against serde_json",
        &[
            "call",
            "ratio of CPU time (quartiles)",
            "s3aads, a row",
            "serde_json, a row",
        ],
    );
    let rows = Stage::new().rows();
    let (ours, theirs) = rows.times;
    let calls = u64::from(PACKS * ROWS);
    table.row(&[
        "rows",
        &rows.ratio.to_string(),
        &micros(ours, calls),
        &micros(theirs, calls),
    ]);
    table.print();
}
