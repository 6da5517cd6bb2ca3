//! What workers make of a store that takes its time: each request 20 ms, as S3 takes for small ones.
//!
//! In real time, the machine's own speed counts too, and what else it does. On a virtual clock, which stands still while
//! anything computes, only the requests that wait for each other count: that time repeats.

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

use crate::bucket::Bucket;
use crate::report::{Table, seconds};
use crate::rows;
use crate::sides::Ours;

pub(crate) const LATENCY: Duration = Duration::from_millis(20);
const ROUNDS: usize = 5;

/// Which clock a table's times are from.
#[derive(Clone, Copy)]
pub(crate) enum Clock {
    Real,
    Virtual,
}

impl Clock {
    pub(crate) fn runtime(self) -> Runtime {
        let runtime = match self {
            Self::Real => Builder::new_multi_thread().enable_all().build(),
            Self::Virtual => Builder::new_current_thread()
                .enable_all()
                .start_paused(true)
                .build(),
        };
        runtime.expect("a runtime")
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Virtual => "virtual",
        }
    }

    fn rounds(self) -> usize {
        match self {
            Self::Real => ROUNDS,
            Self::Virtual => 1,
        }
    }

    /// The median time of some runs.
    fn time<F: Future>(self, rounds: usize, mut run: impl FnMut(usize) -> F) -> Duration {
        let runtime = self.runtime();
        let mut times: Vec<Duration> = (0..rounds)
            .map(|round| {
                runtime.block_on(async {
                    let start = Instant::now();
                    run(round).await;
                    start.elapsed()
                })
            })
            .collect();
        times.sort_unstable();
        times[times.len() / 2]
    }
}

/// Counting a million rows by 64 workers, against paging through them.
pub(crate) fn count() {
    const IDS: u64 = 100;
    const ROWS: u64 = 1_000_000;
    const WORKERS: usize = 64;
    let bucket = Bucket::slow(rows::keys(IDS, ROWS / IDS).map(rows::path), LATENCY);
    let ours = Ours::in_process(&bucket);
    let mut table = Table::new(
        "Counting 1,000,000 rows at 20 ms for each LIST",
        &["clock", "paging", "64 workers", "times as fast", "requests"],
    );
    for clock in [Clock::Virtual, Clock::Real] {
        let count = async |workers: usize| {
            let counted = ours.days.query().concurrency(workers).count().await;
            assert_eq!(counted.expect("a count"), ROWS);
        };
        bucket.take_requests();
        let paging = clock.time(1, |_| count(1));
        let (pages, _) = bucket.take_requests();
        let rounds = clock.rounds();
        let split = clock.time(rounds, |_| count(WORKERS));
        let (requests, _) = bucket.take_requests();
        table.row(&[
            clock.name(),
            &seconds(paging),
            &seconds(split),
            &format!("{:.1}", paging.as_secs_f64() / split.as_secs_f64()),
            &format!("{pages} and {}", requests / rounds as u64),
        ]);
    }
    table.print();
}

/// Inserting many rows by bounded workers, against what so many workers could do at that latency.
pub(crate) fn inserts() {
    const ROWS: u64 = 10_000;
    let bucket = Bucket::slow(std::iter::empty(), LATENCY);
    let ours = Ours::in_process(&bucket);
    let mut table = Table::new(
        "Inserting 10,000 rows at 20 ms for each",
        &[
            "clock",
            "workers",
            "time",
            "rows per second",
            "part of workers / 20 ms",
            "part of workers / latency as it was",
        ],
    );
    for clock in [Clock::Virtual, Clock::Real] {
        for workers in [32, 64, 256] {
            bucket.take_requests();
            let elapsed = clock.time(clock.rounds(), |_| async {
                let rows = rows::keys(1, ROWS).map(rows::row);
                let report = ours.days.insert_all(rows).concurrency(workers).await;
                assert_eq!(report.failed(), 0);
            });
            let (_, waited) = bucket.take_requests();
            let rate = ROWS as f64 / elapsed.as_secs_f64();
            let part = |latency: Duration| rate * latency.as_secs_f64() / workers as f64;
            table.row(&[
                clock.name(),
                &workers.to_string(),
                &seconds(elapsed),
                &format!("{rate:.0}"),
                &format!("{:.3}", part(LATENCY)),
                &format!("{:.3}", part(waited)),
            ]);
        }
    }
    table.print();
}

/// A filter on the second column, with seeks and as a filter over everything that is listed.
pub(crate) fn seeks() {
    const IDS: u64 = 10;
    const ROWS: u64 = 200_000;
    const YEAR: u16 = 1930;
    let bucket = Bucket::slow(rows::keys(IDS, ROWS / IDS).map(rows::path), LATENCY);
    let ours = Ours::in_process(&bucket);
    let mut table = Table::new(
        "A filter on the second column of 200,000 rows, with 10 leading values, at 20 ms for each LIST",
        &["filter", "concurrency", "rows", "requests", "real time"],
    );
    for workers in [1, 32] {
        let sought = async || {
            let query = ours.days.query().filter_by_year(YEAR);
            query.concurrency(workers).keys().await.expect("keys").len()
        };
        let paged = async || {
            let keys = ours.days.query().concurrency(workers).keys().await;
            let keys = keys.expect("keys").into_iter();
            keys.filter(|key| key.year == YEAR).count()
        };
        let runtime = Clock::Real.runtime();
        let expected = runtime.block_on(paged());
        for (name, seeking) in [
            ("by the program, over all keys", false),
            ("with seeks", true),
        ] {
            bucket.take_requests();
            let elapsed = Clock::Real.time(ROUNDS, |_| async {
                let found = if seeking {
                    sought().await
                } else {
                    paged().await
                };
                assert_eq!(found, expected);
            });
            let (requests, _) = bucket.take_requests();
            table.row(&[
                name,
                &workers.to_string(),
                &expected.to_string(),
                &(requests / ROUNDS as u64).to_string(),
                &seconds(elapsed),
            ]);
        }
    }
    table.print();
}
