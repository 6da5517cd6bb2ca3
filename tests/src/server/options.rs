//! How the server misbehaves: slow, lying or incomplete stores, and single failures.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::log::Operation;

/// What sets a server apart from S3. The default is S3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Every request is answered this much later.
    pub latency: Duration,
    /// Requests of this operation wait until so many of them were under way at once, but not for ever.
    pub together: Option<(Operation, usize)>,
    /// `If-Match` and `If-None-Match` of writes are accepted and ignored: a store that lies.
    pub ignore_conditions: bool,
    /// `If-Match` of a write is ignored if there is no such object.
    pub ignore_conditions_on_absent: bool,
    /// `If-Match` of a delete, and the ETags of a bulk delete, are accepted and ignored.
    pub ignore_delete_conditions: bool,
    /// `If-Match` and `If-None-Match` of a copy are accepted and ignored.
    pub ignore_copy_conditions: bool,
    /// A bulk delete that names an ETag is answered 400 `MalformedXML`.
    pub no_bulk_conditions: bool,
    /// Conditional writes are answered 501, nothing is written.
    pub refuse_conditional_puts: bool,
    /// `start-after` is accepted and ignored.
    pub ignore_start_after: bool,
    /// `POST ?delete` is answered 501.
    pub no_bulk_delete: bool,
    /// A page of `ListObjectsV2` has at most this many entries, whatever was asked for.
    pub page_size: Option<usize>,
}

/// A failure of the next requests of one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Which requests.
    pub operation: Operation,
    /// Whether the request is carried out before it fails.
    pub when: When,
    /// What the client sees.
    pub failure: Failure,
}

/// When a [`Fault`] strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Nothing was done.
    Before,
    /// The request was carried out, its answer is lost.
    After,
}

/// What the client sees of a [`Fault`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// An answer with this HTTP status and an empty body.
    Status(u16),
    /// The connection is closed without an answer.
    Hangup,
    /// A redirect of this status to the same path on another server.
    Redirect(u16, SocketAddr),
}

/// Faults that have not struck yet, in the order they were asked for.
#[derive(Debug, Default)]
pub(super) struct Faults(VecDeque<Fault>);

impl Faults {
    pub(super) fn push(&mut self, fault: Fault, times: usize) {
        self.0.extend(std::iter::repeat_n(fault, times));
    }

    pub(super) fn take(&mut self, operation: Operation) -> Option<Fault> {
        let next = self.0.iter().position(|f| f.operation == operation)?;
        self.0.remove(next)
    }
}
