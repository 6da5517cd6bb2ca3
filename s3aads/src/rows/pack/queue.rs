//! The writes of this process that wait for one pack.
//!
//! Whoever comes while no commit of the pack is under way starts one, on a task of its own, so that no
//! caller who goes away takes the others' commit along. Whoever comes while one is under way waits for
//! the next, which takes all that have come by then: nobody waits for more than two, races with other
//! processes aside.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use object_store::Attributes;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::commit;
use super::edit::{Edit, Outcome, Read, Refused, apply_all};
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Draft, Pack, Written};
use crate::rows::Rows;
use crate::store::Version;
use crate::store::observe::within;

/// One pack, and who waits for it.
#[derive(Debug)]
pub(super) struct Queue {
    /// Its path below the table.
    pub(super) path: String,
    state: Mutex<State>,
    /// When it was last used, by the clock of [`Packs`](super::Packs).
    pub(super) used: AtomicU64,
    /// Bytes of the pack that it keeps.
    pub(super) kept: AtomicUsize,
}

#[derive(Debug, Default)]
pub(super) struct State {
    jobs: VecDeque<Job>,
    /// Whether a commit is under way.
    running: bool,
    /// The pack as it was last seen.
    pub(super) base: Option<Base>,
    /// The pack as it will be if all that waits is carried out: what a transaction is tried on first.
    pub(super) head: Option<Draft>,
    /// Orders arrivals and reads.
    clock: u64,
}

/// A pack as it was seen in the store.
#[derive(Debug, Clone)]
pub(super) struct Base {
    pub(super) pack: Arc<Pack>,
    /// None if there is no object.
    pub(super) version: Option<Version>,
    /// What goes with the object and stays with it.
    pub(super) attributes: Attributes,
    /// When the request for it was begun, by the queue's clock; 0 if it is only believed to be so.
    pub(super) read_at: u64,
}

/// What one caller wants.
#[derive(Debug)]
pub(super) struct Job {
    work: Work,
    reply: oneshot::Sender<Reply>,
    pub(super) arrived: u64,
    /// How many races it has lost.
    pub(super) lost: u32,
}

#[derive(Debug)]
pub(super) enum Work {
    /// To see the pack.
    View,
    /// Changes, each on its own.
    Edits(Vec<Edit>),
    /// Changes that are made together, if what was read is still so.
    Transaction {
        reads: Vec<Read>,
        writes: Vec<(Vec<String>, Option<Written>)>,
    },
}

#[derive(Debug)]
pub(super) enum Reply {
    View(View),
    Edits(Vec<Outcome>),
    Transaction(Verdict),
    Failed(Error),
}

/// A pack to try a transaction on.
#[derive(Debug)]
pub(super) struct View {
    pub(super) draft: Draft,
    /// Whether it is what the store held at some time since it was asked for.
    pub(super) fresh: bool,
}

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Committed,
    /// What it read is not so any more.
    Outdated,
    Refused(Refused),
}

impl State {
    /// Whether nobody waits.
    pub(super) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
    }
}

impl Job {
    /// Does its work on the draft.
    pub(super) fn apply(&self, draft: &mut Draft, limit: usize) -> Reply {
        match &self.work {
            Work::View => Reply::View(View {
                draft: draft.clone(),
                fresh: false,
            }),
            Work::Edits(edits) => {
                let outcomes = edits.iter().map(|edit| edit.apply(draft, limit));
                Reply::Edits(outcomes.collect())
            }
            Work::Transaction { reads, writes } => {
                let verdict = if reads.iter().all(|read| read.holds(draft)) {
                    match apply_all(writes, draft, limit) {
                        Ok(()) => Verdict::Committed,
                        Err(refused) => Verdict::Refused(refused),
                    }
                } else {
                    Verdict::Outdated
                };
                Reply::Transaction(verdict)
            }
        }
    }

    /// Whether the caller has gone away.
    fn is_given_up(&self) -> bool {
        self.reply.is_closed()
    }

    /// Whether it changes anything at all.
    pub(super) fn writes(&self) -> bool {
        match &self.work {
            Work::View => false,
            Work::Edits(edits) => !edits.is_empty(),
            Work::Transaction { writes, .. } => !writes.is_empty(),
        }
    }

    pub(super) fn answer(self, reply: Reply) {
        // Nobody may be there any more.
        let _ = self.reply.send(reply);
    }
}

impl Queue {
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            state: Mutex::default(),
            used: AtomicU64::new(0),
            kept: AtomicUsize::new(0),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has edits made, each on its own; the outcomes are in their order.
    pub(super) async fn edit(
        self: &Arc<Self>,
        rows: &Rows,
        edits: Vec<Edit>,
    ) -> Result<Vec<Outcome>> {
        match self.submit(rows, Work::Edits(edits))?.await {
            Ok(Reply::Edits(outcomes)) => Ok(outcomes),
            other => Err(failure(rows, &self.path, other)),
        }
    }

    /// The pack with all that waits for it, or as it is in the store.
    pub(super) async fn view(self: &Arc<Self>, rows: &Rows) -> Result<View> {
        if let Some(head) = &self.lock().head {
            return Ok(View {
                draft: head.clone(),
                fresh: false,
            });
        }
        match self.submit(rows, Work::View)?.await {
            Ok(Reply::View(view)) => Ok(view),
            other => Err(failure(rows, &self.path, other)),
        }
    }

    /// Has a transaction committed.
    pub(super) async fn commit(
        self: &Arc<Self>,
        rows: &Rows,
        reads: Vec<Read>,
        writes: Vec<(Vec<String>, Option<Written>)>,
    ) -> Result<Verdict> {
        // Sooner than by a request.
        let head = self.lock().head.clone();
        if head.is_some_and(|head| !reads.iter().all(|read| read.holds(&head))) {
            return Ok(Verdict::Outdated);
        }
        match self
            .submit(rows, Work::Transaction { reads, writes })?
            .await
        {
            Ok(Reply::Transaction(verdict)) => Ok(verdict),
            other => Err(failure(rows, &self.path, other)),
        }
    }

    /// Puts work in the queue, and sets off a commit if none is under way.
    fn submit(self: &Arc<Self>, rows: &Rows, work: Work) -> Result<oneshot::Receiver<Reply>> {
        let runtime = Handle::try_current().map_err(|_| {
            let message = "packed rows are written within a Tokio runtime, and there is none";
            rows.error(ErrorKind::InvalidConfig, message)
        })?;
        let (reply, answer) = oneshot::channel();
        let mut state = self.lock();
        state.clock += 1;
        let job = Job {
            work,
            reply,
            arrived: state.clock,
            lost: 0,
        };
        if let Some(head) = &mut state.head {
            job.apply(head, rows.session().max_pack_size());
        }
        state.jobs.push_back(job);
        if !state.running {
            state.running = true;
            runtime.spawn(within(commit::run(Arc::clone(self), rows.clone())));
        }
        Ok(answer)
    }

    /// Adds all that waits to what is to be done again, those whose callers have gone away aside: who
    /// gave a write up may have made a later one by now. If nothing is left, no commit is under way any more.
    pub(super) fn take(&self, batch: &mut Vec<Job>) {
        let mut state = self.lock();
        batch.retain(|job| !job.is_given_up());
        let waiting = state.jobs.drain(..);
        batch.extend(waiting.filter(|job| !job.is_given_up()));
        if batch.is_empty() {
            state.running = false;
        }
    }

    /// Begins a read of the pack: what came before it may be answered by it.
    pub(super) fn tick(&self) -> u64 {
        let mut state = self.lock();
        state.clock += 1;
        state.clock
    }

    /// The commit that is under way leaves this behind it, and so do those that wait.
    pub(super) fn set_head(&self, draft: &Draft, limit: usize) {
        let mut state = self.lock();
        let mut head = draft.clone();
        for job in &state.jobs {
            job.apply(&mut head, limit);
        }
        state.head = Some(head);
    }

    /// What is there now is not known.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        (state.base, state.head) = (None, None);
        self.kept.store(0, Ordering::Relaxed);
    }

    /// What is there now, as far as this process knows. A pack with a flaw is read each time: only others
    /// can put it right.
    pub(super) fn remember(&self, base: Base) {
        if base.pack.flaw().is_some() {
            return;
        }
        let mut state = self.lock();
        self.kept.store(base.pack.size(), Ordering::Relaxed);
        state.base = Some(base);
    }

    /// Keeps what somebody has read, unless a commit knows better.
    pub(super) fn offer(&self, base: Base) {
        let mut state = self.lock();
        let known = state.base.as_ref().map(|known| &known.version);
        if !state.running && known != Some(&base.version) {
            self.kept.store(base.pack.size(), Ordering::Relaxed);
            state.head = Some(Draft::new(Arc::clone(&base.pack)));
            state.base = Some(base);
        }
    }

    /// The commit is over, whatever became of it: those who wait learn that it was cut off.
    pub(super) fn cut_off(&self) {
        let mut state = self.lock();
        if state.running {
            *state = State {
                clock: state.clock,
                ..State::default()
            };
        }
    }
}

/// The error of an answer that is none.
fn failure(rows: &Rows, path: &str, answer: Result<Reply, oneshot::error::RecvError>) -> Error {
    match answer {
        Ok(Reply::Failed(error)) => error,
        _ => rows
            .error(
                ErrorKind::Indeterminate,
                "the runtime that wrote the pack was shut down, so the row may have been written; read \
                 it before writing it again",
            )
            .at_key(path),
    }
}
