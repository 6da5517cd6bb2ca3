//! Single calls and listings in CPU time: this library's by `object_store`'s.

use std::cell::Cell;

use tokio::runtime::Runtime;

use crate::bucket::Bucket;
use crate::paired::{Compared, compare};
use crate::report::{Table, micros};
use crate::rows;
use crate::sides::{Ours, Raw, cpu_of_calls, http_server, one_thread, seed};

const ROUNDS: usize = 31;
const PAGE: u64 = 1000;
const MANY: u64 = 100_000;
/// Ids of the inserted rows, of the same length on both sides.
const INSERTED: (u64, u64) = (1_000_001, 1_000_002);

/// Two sides over one transport, and how many calls make a round that the clock can measure.
struct Stage {
    runtime: Runtime,
    ours: Ours,
    raw: Raw,
    calls: u64,
}

impl Stage {
    fn select(&self) -> Compared {
        let key = |number| rows::key(0, number % PAGE);
        compare(
            ROUNDS,
            || cpu_of_calls(&self.runtime, self.calls, |n| self.ours.select(key(n))),
            || cpu_of_calls(&self.runtime, self.calls, |n| self.raw.select(key(n))),
        )
    }

    fn insert(&self) -> Compared {
        // The call's number starts again with every round, and each key can be inserted once.
        let (ours, theirs) = (Cell::new(0), Cell::new(0));
        let next = |id, day: &Cell<u64>| rows::key(id, day.replace(day.get() + 1));
        compare(
            ROUNDS,
            || {
                cpu_of_calls(&self.runtime, self.calls, |_| {
                    self.ours.insert(next(INSERTED.0, &ours))
                })
            },
            || {
                cpu_of_calls(&self.runtime, self.calls, |_| {
                    self.raw.insert(next(INSERTED.1, &theirs))
                })
            },
        )
    }

    fn list(&self, lists: u64) -> Compared {
        compare(
            ROUNDS,
            || cpu_of_calls(&self.runtime, lists, |_| self.ours.list()),
            || cpu_of_calls(&self.runtime, lists, |_| self.raw.list()),
        )
    }

    fn objects(&self, lists: u64) -> Compared {
        compare(
            ROUNDS,
            || cpu_of_calls(&self.runtime, lists, |_| self.ours.objects()),
            || cpu_of_calls(&self.runtime, lists, |_| self.raw.list_parsed()),
        )
    }
}

fn over_http(days: u64) -> (Stage, s3aads_tests::server::Server) {
    let server = http_server();
    seed(&server, rows::keys(1, days));
    let stage = Stage {
        runtime: one_thread(),
        ours: Ours::over_http(&server),
        raw: Raw::over_http(&server),
        calls: 300,
    };
    (stage, server)
}

fn in_process(days: u64) -> Stage {
    let bucket = Bucket::instant(rows::keys(1, days).map(rows::path), rows::body());
    Stage {
        runtime: one_thread(),
        ours: Ours::in_process(&bucket),
        raw: Raw::in_process(&bucket),
        calls: 1000,
    }
}

fn table(title: &str) -> Table {
    Table::new(
        title,
        &[
            "call",
            "transport",
            "ratio of CPU time (quartiles)",
            "s3aads",
            "object_store",
        ],
    )
}

fn add(table: &mut Table, call: &str, transport: &str, compared: Compared, calls: u64) {
    let (ours, theirs) = compared.times;
    table.row(&[
        call,
        transport,
        &compared.ratio.to_string(),
        &micros(ours, calls),
        &micros(theirs, calls),
    ]);
}

const HTTP: &str = "HTTP";
const IN_PROCESS: &str = "none";

/// `select`, `insert` and the listing of a page against the same calls of `object_store`.
pub(crate) fn calls() {
    let mut table = table("Calls against raw object_store");
    let (stage, _server) = over_http(PAGE);
    add(&mut table, "select", HTTP, stage.select(), stage.calls);
    add(&mut table, "list 1,000 keys", HTTP, stage.list(20), 20);
    add(&mut table, "insert", HTTP, stage.insert(), stage.calls);
    let stage = in_process(PAGE);
    add(
        &mut table,
        "select",
        IN_PROCESS,
        stage.select(),
        stage.calls,
    );
    add(
        &mut table,
        "list 1,000 keys",
        IN_PROCESS,
        stage.list(20),
        20,
    );
    add(
        &mut table,
        "insert",
        IN_PROCESS,
        stage.insert(),
        stage.calls,
    );
    table.print();
}

/// 100,000 typed keys against `object_store`'s listing of the same objects.
pub(crate) fn listing() {
    let mut table = table("Listing 100,000 typed keys against raw object_store");
    let whole = "keys, against paths that are not parsed";
    let parsed = "keys and meta data, against paths that are parsed";
    let (stage, _server) = over_http(MANY);
    add(&mut table, whole, HTTP, stage.list(1), 1);
    add(&mut table, parsed, HTTP, stage.objects(1), 1);
    let stage = in_process(MANY);
    add(&mut table, whole, IN_PROCESS, stage.list(1), 1);
    add(&mut table, parsed, IN_PROCESS, stage.objects(1), 1);
    table.print();
}
