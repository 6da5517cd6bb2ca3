//! Operations whose requests are counted, by the server that gets them and by the library.

use s3aads::{Database, RequestClass};

use crate::server::{Logged, Operation, Server};
use crate::stores::Store;

const CLASSES: [(RequestClass, Operation); 7] = [
    (RequestClass::Put, Operation::Put),
    (RequestClass::Copy, Operation::Copy),
    (RequestClass::Post, Operation::Post),
    (RequestClass::List, Operation::List),
    (RequestClass::Get, Operation::Get),
    (RequestClass::Head, Operation::Head),
    (RequestClass::Delete, Operation::Delete),
];

/// A store on the wire, and what was sent since the last look.
#[derive(Debug)]
pub struct Counted(Store);

impl Counted {
    /// A fresh one.
    ///
    /// # Panics
    ///
    /// If the server can't be started.
    pub async fn new() -> Self {
        Self(Store::wire().await.expect("the wire is always there"))
    }

    /// Its database.
    #[must_use]
    pub fn db(&self) -> &Database {
        self.0.db()
    }

    /// The same as another program opens it, which knows nothing of it yet.
    #[must_use]
    pub fn again(&self) -> Database {
        self.0.database(self.db().name())
    }

    /// The server that it is on.
    ///
    /// # Panics
    ///
    /// Never.
    #[must_use]
    pub fn wire(&self) -> &Server {
        self.0.wire_server().expect("the store is on the wire")
    }

    /// Runs an operation and gives its result with the requests that the server saw. Asserts that
    /// the library counted the same.
    ///
    /// # Panics
    ///
    /// If the operation fails, or the library counted otherwise.
    pub async fn of<T>(
        &self,
        operation: impl Future<Output = s3aads::Result<T>>,
    ) -> (T, Vec<Logged>) {
        self.wire().clear_log();
        let before = self.db().usage();
        let result = operation.await.unwrap();
        let counted = self.db().usage().since(&before);
        let log = self.wire().take_log();
        for (class, operation) in CLASSES {
            let seen = log
                .iter()
                .filter(|request| request.operation == operation)
                .count();
            assert_eq!(
                counted.get(class),
                seen as u64,
                "{class}: counted {counted}, seen {log:#?}"
            );
        }
        assert_eq!(counted.total(), log.len() as u64, "{log:#?}");
        (result, log)
    }

    /// [`of`](Self::of), for operations whose requests are all of one class.
    ///
    /// # Panics
    ///
    /// If it sends others, or as [`of`](Self::of).
    pub async fn only<T>(
        &self,
        class: Operation,
        requests: usize,
        operation: impl Future<Output = s3aads::Result<T>>,
    ) -> T {
        let (result, log) = self.of(operation).await;
        let lines: Vec<String> = log.iter().map(ToString::to_string).collect();
        assert!(
            log.iter().all(|request| request.operation == class),
            "{lines:#?}"
        );
        assert_eq!(log.len(), requests, "{lines:#?}");
        result
    }
}

/// How many of the requests are of a class.
#[must_use]
pub fn count(log: &[Logged], operation: Operation) -> usize {
    log.iter()
        .filter(|request| request.operation == operation)
        .count()
}
