//! Interruption: Ctrl-C ends a command at once, but one that has asked to end what it has begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const FREE: u8 = 0;
const GRACEFUL: u8 = 1;
const ASKED: u8 = 2;

/// Whether the command was asked to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop(Arc<AtomicU8>);

impl Stop {
    /// From here on the command looks at [`is_asked`](Self::is_asked) and ends by itself.
    pub(crate) fn is_handled(&self) {
        let _ = self.change(FREE, GRACEFUL);
    }

    /// Whether the command is to begin nothing more.
    pub(crate) fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst) == ASKED
    }

    /// Asks the command to stop; false if it does not listen, or was asked before.
    pub(crate) fn ask(&self) -> bool {
        self.change(GRACEFUL, ASKED).is_ok()
    }

    fn change(&self, from: u8, to: u8) -> Result<u8, u8> {
        self.0
            .compare_exchange(from, to, Ordering::SeqCst, Ordering::SeqCst)
    }
}
