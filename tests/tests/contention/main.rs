//! Many writers of the same rows, and a server that is killed under them: what was acknowledged is there, once.
//!
//! These run on every store, with few rounds in this process and with many on a real server, where each round is a
//! race between its threads. `S3AADS_TEST_SERVER_PID_FILE` and `S3AADS_TEST_SERVER_START` name how the server can be
//! killed and started again, and `S3AADS_TEST_NODES_...` how all nodes of a cluster but one can.

mod killed;
mod process;
mod quorum;
mod races;

use s3aads::S3Table;
use s3aads_tests::stores::{Store, run_any as run};

/// A row that is counted up.
#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
struct Counter {
    #[s3(key)]
    name: String,
    value: u64,
}

fn counter(name: impl Into<String>, value: u64) -> Counter {
    let name = name.into();
    Counter { name, value }
}

/// How much is done, by whether it is done in this process or on a real server.
fn rounds(store: &Store, here: u64, there: u64) -> u64 {
    if store.is_real() { there } else { here }
}
