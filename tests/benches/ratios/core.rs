//! One core for a client and its server.
//!
//! To wake a thread on another core costs tens of microseconds when that core has gone to sleep, and a few when it has
//! not: more than what is measured, and by chance. On one core a request costs the client the same each time.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Keeps the thread that made it, and those that it starts, on one core until it is dropped.
pub(crate) struct OneCore {
    before: Option<CpuSet>,
}

impl OneCore {
    pub(crate) fn new() -> Self {
        let before = sched_getaffinity(None).ok();
        let last = before.and_then(|set| (0..CpuSet::MAX_CPU).rfind(|&core| set.is_set(core)));
        if let Some(core) = last {
            let mut one = CpuSet::new();
            one.set(core);
            if let Err(error) = sched_setaffinity(None, &one) {
                eprintln!(
                    "the times vary more, since the threads can't be kept on one core: {error}"
                );
            }
        }
        Self { before }
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // If it fails, the thread is where it was before, which is worth no more than slower benchmarks.
            let _ = sched_setaffinity(None, before);
        }
    }
}
