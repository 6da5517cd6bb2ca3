//! Calls that block, on threads for that.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::task::JoinSet;

use crate::store::{Reason, Result, StoreError};

/// Whether somebody still waits for what a call does.
///
/// Once its future is dropped, a call that has not begun never does, and a write that has begun
/// asks under its key's lock: so it is never seen after a write that was made later.
#[derive(Debug, Clone, Default)]
pub(super) struct Call {
    abandoned: Arc<AtomicBool>,
}

impl Call {
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::SeqCst)
    }

    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::SeqCst);
    }
}

/// Abandons a call as it is dropped.
struct Caller(Call);

impl Drop for Caller {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Runs `operation` on a thread that may block.
pub(super) async fn blocking<T: Send + 'static>(
    operation: impl FnOnce(&Call) -> Result<T> + Send + 'static,
) -> Result<T> {
    let call = Call::default();
    let caller = Caller(call.clone());
    // A set that is dropped takes its tasks out of the queue.
    let mut tasks = JoinSet::new();
    tasks.spawn_blocking(move || operation(&call));
    let done = tasks.join_next().await;
    drop(caller);
    match done {
        Some(Ok(done)) => done,
        Some(Err(stopped)) => Err(abandoned().with_source(stopped)),
        None => Err(abandoned()),
    }
}

/// What a call ends in that nobody waits for, or that was stopped as the runtime was.
pub(super) fn abandoned() -> StoreError {
    StoreError::new(Reason::Other, "the operation was stopped")
}
