//! Random sequences of all operations, against a map: each answer must be the model's.
//!
//! A failing sequence is shrunk to a short one before it is shown.

mod answer;
mod filters;
mod operation;
mod reference;
mod rows;
mod subject;

use std::cell::Cell;

use proptest::test_runner::{Config, TestCaseError, TestCaseResult, TestRunner};
use proptest_state_machine::ReferenceStateMachine;
use s3aads::{Durability, Server};
use s3aads_tests::server::{self, Options};

use operation::Operation;
use reference::{Kind, Reference, State};
use subject::Subject;

/// How many operations are done on each store.
const OPERATIONS: &str = "S3AADS_MODEL_OPERATIONS";
/// How many operations a sequence has, on a database of its own.
const LENGTH: usize = 100;

struct Memory;

impl Kind for Memory {
    const HASHED_ETAGS: bool = false;
    const LONGEST_SEGMENT: usize = usize::MAX;
}

struct Local;

impl Kind for Local {
    const HASHED_ETAGS: bool = false;
    /// What file systems have for a file's name.
    const LONGEST_SEGMENT: usize = 255;
}

struct Wire;

impl Kind for Wire {
    const HASHED_ETAGS: bool = true;
    const LONGEST_SEGMENT: usize = usize::MAX;
}

/// Runs one sequence on two databases that nobody has used.
async fn run(
    server: &Server,
    number: usize,
    mut state: State,
    operations: &[Operation],
    apply: fn(State, &Operation) -> State,
    done: impl Fn(),
) -> Result<(), String> {
    let database = |name| server.database(&format!("{name}-{number}"));
    let explain = |error: s3aads::Error| error.to_string();
    let (db, other) = (
        database("db").map_err(explain)?,
        database("other").map_err(explain)?,
    );
    let mut subject = Subject::new(db, &other).await.map_err(explain)?;
    for operation in operations {
        done();
        state = apply(state, operation);
        let answer = subject.run(operation, state.value).await;
        if !state.expected.allows(&answer) {
            return Err(format!(
                "{operation:?} must answer\n{:?} and answered\n{answer:?}",
                state.expected
            ));
        }
    }
    subject.clean_up().await.map_err(explain)
}

fn operations() -> usize {
    std::env::var(OPERATIONS).map_or(10_000, |operations| {
        operations.parse().expect("a number of operations")
    })
}

/// Runs sequences on one server; `after` each.
fn hold_to_the_model<K: Kind>(server: &Server, operations: usize, after: impl Fn()) {
    let cases = operations.div_ceil(LENGTH);
    let config = Config {
        cases: cases.try_into().expect("a number of cases"),
        failure_persistence: None,
        max_shrink_iters: 5000,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let (sequences, done) = (Cell::new(0), Cell::new(0));
    let test = |(state, operations, seen): (State, Vec<Operation>, Option<_>)| -> TestCaseResult {
        sequences.set(sequences.get() + 1);
        let seen: Option<std::sync::Arc<std::sync::atomic::AtomicUsize>> = seen;
        let count = || {
            done.set(done.get() + 1);
            if let Some(seen) = &seen {
                seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        };
        let apply = Reference::<K>::apply;
        let sequence = run(server, sequences.get(), state, &operations, apply, count);
        let result = runtime.block_on(sequence);
        after();
        result.map_err(TestCaseError::fail)
    };
    let strategy = Reference::<K>::sequential_strategy(LENGTH..=LENGTH);
    if let Err(error) = TestRunner::new(config).run(&strategy, test) {
        panic!("{error}");
    }
    assert_eq!(done.get(), cases * LENGTH);
    println!("{} operations in {} sequences", done.get(), sequences.get());
}

#[test]
fn memory_does_what_the_model_does() {
    hold_to_the_model::<Memory>(&Server::memory(), operations(), || {});
}

#[test]
fn local_does_what_the_model_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::local_with(folder.path(), Durability::Relaxed);
    hold_to_the_model::<Local>(&server, operations(), || {});
}

fn hold_wire_to_the_model(options: Options, operations: usize) {
    let wire = server::Server::start_with(options);
    let server = Server::s3()
        .endpoint(wire.endpoint())
        .region(wire.region())
        .credentials(wire.access_key(), wire.secret_key())
        .conditional_put(s3aads::ConditionalPut::ETag)
        .build();
    hold_to_the_model::<Wire>(&server.expect("a server"), operations, || wire.clear_log());
}

#[test]
fn wire_does_what_the_model_does() {
    hold_wire_to_the_model(Options::default(), operations());
}

/// So that few rows have many pages, between which is all that listings do: seeks, descents, splits.
#[test]
fn wire_with_small_pages_does_what_the_model_does() {
    let options = Options {
        page_size: Some(3),
        ..Options::default()
    };
    hold_wire_to_the_model(options, operations() / 4);
}

#[test]
fn wire_that_ignores_start_after_does_what_the_model_does() {
    let options = Options {
        page_size: Some(3),
        ignore_start_after: true,
        ..Options::default()
    };
    hold_wire_to_the_model(options, operations() / 4);
}
