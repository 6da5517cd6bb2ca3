//! A `tracing` span for each operation on a table, with what was sent for it: the feature `tracing`.
//!
//! An operation that is under way is known to whatever runs within it, so that it counts what goes out
//! without being handed down. A task that it spawns belongs to it by [`within`]. Operations nest: a
//! `modify` has a `select` and an `update` in it, and what these send is counted on it too.
//!
//! Without the feature all of this is nothing: futures and streams are handed back as they are.

use std::fmt::Display;
use std::future::Future;

use futures_util::stream::BoxStream;

/// Where an operation is at work.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, reason = "only a span tells it")
)]
pub(crate) struct Place<'a> {
    pub database: &'a str,
    pub table: &'a str,
    /// The key's path below the table; empty for an operation on many rows.
    pub key: &'a dyn Display,
}

/// What goes out or comes back.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    not(feature = "tracing"),
    allow(dead_code, reason = "only a span counts it")
)]
pub(crate) enum Event {
    Request,
    /// A request is to be sent again.
    #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
    Retry,
    BytesRead(u64),
    BytesWritten(u64),
}

#[cfg(not(feature = "tracing"))]
mod imp {
    use super::*;

    /// An operation on a table.
    #[derive(Debug)]
    pub(crate) struct Operation;

    impl Operation {
        pub(crate) fn new(_: &'static str, _: Place<'_>) -> Self {
            Self
        }

        pub(crate) fn run<F: Future>(self, future: F) -> F {
            future
        }

        pub(crate) fn run_many<F: Future>(self, future: F) -> F {
            future
        }

        pub(crate) fn stream<T>(self, stream: BoxStream<'_, T>) -> BoxStream<'_, T> {
            stream
        }
    }

    pub(crate) fn within<F: Future>(future: F) -> F {
        future
    }

    pub(crate) fn note(_: Event) {}
}

#[cfg(feature = "tracing")]
mod imp {
    use std::pin::Pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::task::{Context, Poll};
    use std::time::Instant;

    use futures_util::{Stream, StreamExt};
    use tracing::field::{Empty, display};
    use tracing::{Instrument, Span};

    use super::*;

    tokio::task_local! {
        static CURRENT: Arc<UnderWay>;
    }

    /// An operation on a table; none if nobody listens to its span.
    #[derive(Debug)]
    pub(crate) struct Operation(Option<Arc<UnderWay>>);

    /// An operation that is under way. Its span is complete when the last that belongs to it has ended.
    #[derive(Debug)]
    struct UnderWay {
        span: Span,
        started: Instant,
        requests: AtomicU64,
        retries: AtomicU64,
        bytes_read: AtomicU64,
        bytes_written: AtomicU64,
        /// What it is a part of.
        outer: Option<Arc<UnderWay>>,
    }

    impl UnderWay {
        fn note(&self, event: Event) {
            let (counter, by) = match event {
                Event::Request => (&self.requests, 1),
                #[cfg(any(feature = "s3", feature = "gcs", feature = "azure"))]
                Event::Retry => (&self.retries, 1),
                Event::BytesRead(bytes) => (&self.bytes_read, bytes),
                Event::BytesWritten(bytes) => (&self.bytes_written, bytes),
            };
            counter.fetch_add(by, Ordering::Relaxed);
            if let Some(outer) = &self.outer {
                outer.note(event);
            }
        }

        fn failed(&self, error: &dyn Display) {
            self.span.record("error", display(error));
        }
    }

    impl Drop for UnderWay {
        fn drop(&mut self) {
            let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
            self.span
                .record("requests", load(&self.requests))
                .record("retries", load(&self.retries))
                .record("bytes_read", load(&self.bytes_read))
                .record("bytes_written", load(&self.bytes_written))
                .record(
                    "milliseconds",
                    self.started.elapsed().as_micros() as f64 / 1e3,
                );
        }
    }

    impl Operation {
        pub(crate) fn new(name: &'static str, place: Place<'_>) -> Self {
            let span = tracing::debug_span!(
                target: "s3aads",
                "operation",
                name,
                database = place.database,
                table = place.table,
                key = Empty,
                requests = Empty,
                retries = Empty,
                bytes_read = Empty,
                bytes_written = Empty,
                milliseconds = Empty,
                error = Empty,
            );
            if span.is_disabled() {
                return Self(None);
            }
            let key = place.key.to_string();
            if !key.is_empty() {
                span.record("key", key);
            }
            Self(Some(Arc::new(UnderWay {
                span,
                started: Instant::now(),
                requests: AtomicU64::new(0),
                retries: AtomicU64::new(0),
                bytes_read: AtomicU64::new(0),
                bytes_written: AtomicU64::new(0),
                outer: CURRENT.try_with(Arc::clone).ok(),
            })))
        }

        pub(crate) async fn run<T, E: Display>(
            self,
            future: impl Future<Output = Result<T, E>>,
        ) -> Result<T, E> {
            let operation = self.0.clone();
            let result = self.run_many(future).await;
            if let (Some(operation), Err(error)) = (operation, &result) {
                operation.failed(error);
            }
            result
        }

        /// Runs what has many outcomes or none.
        pub(crate) async fn run_many<F: Future>(self, future: F) -> F::Output {
            match self.0 {
                None => future.await,
                Some(operation) => {
                    let future = future.instrument(operation.span.clone());
                    CURRENT.scope(operation, future).await
                }
            }
        }

        pub(crate) fn stream<'a, T, E>(
            self,
            stream: BoxStream<'a, Result<T, E>>,
        ) -> BoxStream<'a, Result<T, E>>
        where
            T: Send + 'a,
            E: Display + Send + 'a,
        {
            match self.0 {
                None => stream,
                Some(operation) => Observed { stream, operation }.boxed(),
            }
        }
    }

    /// A stream that runs within an operation.
    struct Observed<'a, T> {
        stream: BoxStream<'a, T>,
        operation: Arc<UnderWay>,
    }

    impl<T, E: Display> Stream for Observed<'_, Result<T, E>> {
        type Item = Result<T, E>;

        fn poll_next(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
        ) -> Poll<Option<Self::Item>> {
            let operation = Arc::clone(&self.operation);
            let next = operation.span.in_scope(|| {
                CURRENT.sync_scope(Arc::clone(&operation), || {
                    self.stream.poll_next_unpin(context)
                })
            });
            if let Poll::Ready(Some(Err(error))) = &next {
                operation.failed(error);
            }
            next
        }
    }

    /// A future that is to be spawned, as a part of the operation that spawns it.
    pub(crate) fn within<F: Future>(future: F) -> impl Future<Output = F::Output> {
        Operation(CURRENT.try_with(Arc::clone).ok()).run_many(future)
    }

    /// Counts on the operation that is under way.
    pub(crate) fn note(event: Event) {
        let _ = CURRENT.try_with(|operation| operation.note(event));
    }
}

pub(crate) use imp::{Operation, note, within};
