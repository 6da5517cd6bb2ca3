//! Sequences of operations, run on a server and held to the model.

use std::cell::{Cell, RefCell};

use proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestCaseResult, TestRng, TestRunner,
};
use proptest_state_machine::ReferenceStateMachine;
use s3aads::Server;
use s3aads_tests::server::{self, Options};

use super::operation::Operation;
use super::reference::{Kind, Reference, State};
use super::subject::Subject;

/// How many operations are done on each store.
const OPERATIONS: &str = "S3AADS_MODEL_OPERATIONS";
/// How many operations a sequence has, on a database of its own.
const LENGTH: usize = 100;

pub(crate) struct Memory;

impl Kind for Memory {
    const HASHED_ETAGS: bool = false;
    const LONGEST_SEGMENT: usize = usize::MAX;
}

pub(crate) struct Local;

impl Kind for Local {
    const HASHED_ETAGS: bool = false;
    /// What file systems have for a file's name.
    const LONGEST_SEGMENT: usize = 255;
}

pub(crate) struct Wire;

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
    mut done: impl FnMut(&Operation, &super::answer::Answer),
) -> Result<(), String> {
    let database = |name| server.database(&format!("{name}-{number}"));
    let explain = |error: s3aads::Error| error.to_string();
    let (db, other) = (
        database("db").map_err(explain)?,
        database("other").map_err(explain)?,
    );
    let mut subject = Subject::new(db, &other).await.map_err(explain)?;
    for operation in operations {
        state = apply(state, operation);
        let answer = subject.run(operation, state.value).await;
        done(operation, &answer);
        if !state.expected.allows(&answer) {
            return Err(format!(
                "{operation:?} must answer\n{:?} and answered\n{answer:?}",
                state.expected
            ));
        }
    }
    subject.clean_up().await.map_err(explain)
}

pub(crate) fn operations() -> usize {
    std::env::var(OPERATIONS).map_or(10_000, |operations| {
        operations.parse().expect("a number of operations")
    })
}

fn run_all<K: Kind>(
    mut runner: TestRunner,
    server: &Server,
    after: impl Fn(),
    see: impl Fn(&Operation, &super::answer::Answer),
) -> usize {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime");
    let (sequences, done) = (Cell::new(0), Cell::new(0));
    let test = |(state, operations, seen): (State, Vec<Operation>, Option<_>)| -> TestCaseResult {
        sequences.set(sequences.get() + 1);
        let seen: Option<std::sync::Arc<std::sync::atomic::AtomicUsize>> = seen;
        let count = |operation: &Operation, answer: &_| {
            done.set(done.get() + 1);
            see(operation, answer);
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
    if let Err(error) = runner.run(&strategy, test) {
        panic!("{error}");
    }
    println!("{} operations in {} sequences", done.get(), sequences.get());
    done.get()
}

fn config(operations: usize) -> Config {
    Config {
        cases: operations
            .div_ceil(LENGTH)
            .try_into()
            .expect("a number of cases"),
        failure_persistence: None,
        max_shrink_iters: 5000,
        ..Config::default()
    }
}

/// Runs sequences on one server; `after` each.
pub(crate) fn hold_to_the_model<K: Kind>(server: &Server, operations: usize, after: impl Fn()) {
    let runner = TestRunner::new(config(operations));
    let done = run_all::<K>(runner, server, after, |_, _| {});
    assert_eq!(done, operations.div_ceil(LENGTH) * LENGTH);
}

/// Runs sequences that depend on the seed alone on a server of this crate, and tells each operation and what it answered.
pub(crate) fn answers_on_wire(
    operations: usize,
    seed: [u8; 32],
) -> Vec<(Operation, super::answer::Answer)> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let runner = TestRunner::new_with_rng(config(operations), rng);
    let seen = RefCell::new(Vec::new());
    let see = |operation: &Operation, answer: &super::answer::Answer| {
        seen.borrow_mut().push((operation.clone(), answer.clone()));
    };
    let wire = server::Server::start();
    run_all::<Wire>(runner, &client(&wire), || wire.clear_log(), see);
    seen.into_inner()
}

fn client(wire: &server::Server) -> Server {
    let server = Server::s3()
        .endpoint(wire.endpoint())
        .region(wire.region())
        .credentials(wire.access_key(), wire.secret_key())
        .conditional_put(s3aads::ConditionalPut::ETag)
        .build();
    server.expect("a server")
}

/// The same on a server of this crate.
pub(crate) fn hold_wire_to_the_model(options: Options, operations: usize) {
    let wire = server::Server::start_with(options);
    hold_to_the_model::<Wire>(&client(&wire), operations, || wire.clear_log());
}
