//! Two ways to do one thing, measured in turns: what the machine does besides slows both alike, so that their ratio
//! repeats where neither time does.

use std::fmt;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The CPU time that this thread has used.
pub(crate) fn cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(time.tv_nsec.try_into().unwrap_or_default())
}

/// The CPU time that this thread uses for `work`.
pub(crate) fn cpu_of(work: impl FnOnce()) -> Duration {
    let start = cpu();
    work();
    cpu() - start
}

/// How many times as much one side took as the other, over all rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    pub(crate) median: f64,
    /// A quarter of the rounds is below and a quarter above these.
    pub(crate) quartiles: (f64, f64),
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.quartiles;
        write!(f, "{:.3} ({low:.3} to {high:.3})", self.median)
    }
}

/// What comparing two sides gave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared {
    /// The first side's time by the second's.
    pub(crate) ratio: Ratio,
    /// The median times of the two sides.
    pub(crate) times: (Duration, Duration),
}

/// Runs both sides `rounds` times, the one that begins changing from round to round, after a round that is not counted.
pub(crate) fn compare(
    rounds: usize,
    mut ours: impl FnMut() -> Duration,
    mut theirs: impl FnMut() -> Duration,
) -> Compared {
    ours();
    theirs();
    let (mut firsts, mut seconds) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        if round % 2 == 0 {
            firsts.push(ours());
            seconds.push(theirs());
        } else {
            seconds.push(theirs());
            firsts.push(ours());
        }
    }
    let ratios = firsts.iter().zip(&seconds);
    let ratios = ratios.map(|(a, b)| a.as_secs_f64() / b.as_secs_f64());
    let ratios = sorted(ratios, f64::total_cmp);
    Compared {
        ratio: Ratio {
            median: at(&ratios, 2),
            quartiles: (at(&ratios, 1), at(&ratios, 3)),
        },
        times: (
            at(&sorted(firsts, Duration::cmp), 2),
            at(&sorted(seconds, Duration::cmp), 2),
        ),
    }
}

fn sorted<T>(
    values: impl IntoIterator<Item = T>,
    order: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> Vec<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort_by(order);
    values
}

/// A quartile of what is sorted.
fn at<T: Copy>(sorted: &[T], quartile: usize) -> T {
    sorted[(sorted.len() - 1) * quartile / 4]
}
