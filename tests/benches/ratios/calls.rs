//! Single calls and listings in CPU time: this library's by `object_store`'s.

use std::cell::Cell;

use tokio::runtime::Runtime;

use crate::bucket::Bucket;
use crate::core::OneCore;
use crate::paired::{Compared, compare};
use crate::report::{Table, micros};
use crate::rows;
use crate::sides::{Ours, Raw, cpu_of_calls, http_server, one_thread, seed};

const ROUNDS: usize = 101;
/// Those of the long listings.
const LONG_ROUNDS: usize = 11;
const PAGE: u64 = 1000;
const MANY: u64 = 100_000;
/// The id of the inserted rows.
const INSERTED: u64 = 1_000_001;

/// Two sides over one transport, and how many calls make a round that the clock can measure.
struct Stage {
    runtime: Runtime,
    ours: Ours,
    raw: Raw,
    calls: u64,
    inserted: Cell<u64>,
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

    /// `id` is whether the other side gives its writes an id, too.
    fn insert(&self, id: bool) -> Compared {
        compare(
            ROUNDS,
            || cpu_of_calls(&self.runtime, self.calls, |_| self.ours.insert(self.free())),
            || {
                cpu_of_calls(&self.runtime, self.calls, async |_| {
                    if id {
                        self.raw.insert_with_id(self.free()).await
                    } else {
                        self.raw.insert(self.free()).await
                    }
                })
            },
        )
    }

    fn add_all(&self, table: &mut Table, transport: &str) {
        const LISTS: u64 = 20;
        let mut add = |call: &str, compared, calls| add(table, call, transport, compared, calls);
        add("select", self.select(), self.calls);
        add("list 1,000 keys", self.list(ROUNDS, LISTS), LISTS);
        add("insert", self.insert(false), self.calls);
        add("insert, both with an id", self.insert(true), self.calls);
    }

    /// A key that no row has.
    fn free(&self) -> rows::Key {
        rows::key(INSERTED, self.inserted.replace(self.inserted.get() + 1))
    }

    fn list(&self, rounds: usize, lists: u64) -> Compared {
        compare(
            rounds,
            || cpu_of_calls(&self.runtime, lists, |_| self.ours.list()),
            || cpu_of_calls(&self.runtime, lists, |_| self.raw.list()),
        )
    }

    fn objects(&self) -> Compared {
        compare(
            LONG_ROUNDS,
            || cpu_of_calls(&self.runtime, 1, |_| self.ours.objects()),
            || cpu_of_calls(&self.runtime, 1, |_| self.raw.list_parsed()),
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
        inserted: Cell::new(0),
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
        inserted: Cell::new(0),
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
    let _core = OneCore::new();
    let mut table = table("Calls against raw object_store");
    let (stage, _server) = over_http(PAGE);
    stage.add_all(&mut table, HTTP);
    in_process(PAGE).add_all(&mut table, IN_PROCESS);
    table.print();
}

/// 100,000 typed keys against `object_store`'s listing of the same objects.
pub(crate) fn listing() {
    let _core = OneCore::new();
    let mut table = table("Listing 100,000 typed keys against raw object_store");
    let whole = "keys, against paths that are not parsed";
    let parsed = "keys and meta data, against paths that are parsed";
    let (stage, _server) = over_http(MANY);
    add(&mut table, whole, HTTP, stage.list(LONG_ROUNDS, 1), 1);
    add(&mut table, parsed, HTTP, stage.objects(), 1);
    let stage = in_process(MANY);
    add(&mut table, whole, IN_PROCESS, stage.list(LONG_ROUNDS, 1), 1);
    add(&mut table, parsed, IN_PROCESS, stage.objects(), 1);
    table.print();
}
