//! The commits of one pack: read it if it is not known, do what waits, and write it by
//! compare-and-swap, until nothing waits.

use std::sync::Arc;

use object_store::{Attribute, Attributes};

use super::queue::{Base, Job, Queue, Reply};
use super::shared::same;
use crate::backoff;
use crate::error::{Error, ErrorKind, Result};
use crate::pack::{Draft, Pack, content_type};
use crate::rows::{Need, Rows, kept};
use crate::store::{Condition, PutRequest, Reason, StoreError, Version, operation};

/// How many races with other processes a write may lose before it is a `Conflict`. With as many
/// processes as a handful on one pack, one of them loses so often about never.
const TRIES: u32 = 100;

/// Answers all who wait for the pack.
pub(super) async fn run(queue: Arc<Queue>, rows: Rows) {
    let mut over = CutOff {
        queue: &queue,
        is_over: false,
    };
    let mut batch: Vec<Job> = Vec::new();
    loop {
        let waits = !queue.lock().is_idle();
        if waits {
            // Those who were answered by the last commit have their turn, so that they share the next one.
            tokio::task::yield_now().await;
        }
        let known = queue.lock().base.clone();
        let base = match known {
            Some(base) => base,
            None => {
                // For nobody, nothing is read.
                queue.take(&mut batch);
                if batch.is_empty() {
                    break;
                }
                match load(&queue, &rows).await {
                    Ok(base) => base,
                    Err(error) => {
                        queue.take(&mut batch);
                        fail(batch.drain(..), error);
                        continue;
                    }
                }
            }
        };
        queue.take(&mut batch);
        if batch.is_empty() {
            break;
        }
        if let Some(fault) = base.pack.flaw() {
            // Who came after the read may have come after the pack was put right.
            queue.forget();
            let before = batch.extract_if(.., |job| job.arrived < base.read_at);
            fail(before, rows.place(base.pack.error(fault)));
            continue;
        }
        commit(&queue, &rows, base, &mut batch).await;
    }
    over.is_over = true;
}

/// Tells those who wait if the task is dropped before it is over.
struct CutOff<'a> {
    queue: &'a Queue,
    is_over: bool,
}

impl Drop for CutOff<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.queue.cut_off();
        }
    }
}

/// Reads the pack.
async fn load(queue: &Queue, rows: &Rows) -> Result<Base> {
    let read_at = queue.tick();
    let base = rows.read_base(&queue.path, read_at).await?;
    queue.remember(base.clone());
    Ok(base)
}

/// One attempt to commit a batch. Who is answered is taken out of it.
async fn commit(queue: &Queue, rows: &Rows, base: Base, batch: &mut Vec<Job>) {
    let limit = rows.session().max_pack_size();
    let mut draft = Draft::new(Arc::clone(&base.pack));
    let replies: Vec<Reply> = batch
        .iter()
        .map(|job| job.apply(&mut draft, limit))
        .collect();
    queue.set_head(&draft, limit);
    if !draft.is_changed() {
        // Nothing is to be written, so what was read must be newer than the question.
        let jobs = std::mem::take(batch);
        for (job, reply) in jobs.into_iter().zip(replies) {
            match (job.arrived < base.read_at, reply) {
                (true, Reply::View(mut view)) => {
                    view.fresh = true;
                    job.answer(Reply::View(view));
                }
                (true, reply) | (false, reply @ Reply::View(_)) => job.answer(reply),
                (false, _) => batch.push(job),
            }
        }
        if !batch.is_empty() {
            queue.forget();
        }
        return;
    }
    // Who only looks does not wait for the commit.
    let mut replies: Vec<Option<Reply>> = replies.into_iter().map(Some).collect();
    let mut waiting = Vec::new();
    for (job, reply) in std::mem::take(batch).into_iter().zip(&mut replies) {
        match reply.take() {
            Some(view @ Reply::View(_)) => job.answer(view),
            other => {
                *reply = other;
                waiting.push(job);
            }
        }
    }
    *batch = waiting;
    match write(rows, &queue.path, &base, &draft).await {
        Ok(base) => {
            match base {
                Some(base) => queue.remember(base),
                None => queue.forget(),
            }
            let jobs = batch.drain(..).zip(replies.into_iter().flatten());
            jobs.for_each(|(job, reply)| job.answer(reply));
            settle(queue);
        }
        Err(error) if matches!(error.reason(), Reason::Changed | Reason::AlreadyExists) => {
            queue.forget();
            lose(rows, &queue.path, batch).await;
        }
        Err(error) => {
            queue.forget();
            fail(
                batch.drain(..),
                rows.fail(error, "write the pack", &queue.path),
            );
        }
    }
}

/// If nothing waits, what comes next begins from the pack as it is.
fn settle(queue: &Queue) {
    let mut state = queue.lock();
    if state.is_idle() {
        let base = state.base.as_ref();
        state.head = base.map(|base| Draft::new(Arc::clone(&base.pack)));
    }
}

/// Writes the draft over the pack that it was made of. What is there then is told, if it is known.
async fn write(
    rows: &Rows,
    path: &str,
    base: &Base,
    draft: &Draft,
) -> Result<Option<Base>, StoreError> {
    let session = rows.session();
    let (backend, meter) = (session.backend(), session.meter());
    let full = format!("{}{path}", rows.root());
    if draft.len() == 0 {
        let Some(version) = &base.version else {
            return Ok(Some(base.clone()));
        };
        if session.knows_to_meet(Need::Delete) {
            backend.delete(&full, Some(version), meter).await?;
            return Ok(Some(Base {
                pack: Arc::new(Pack::empty(rows.shared_schema(), path)),
                version: None,
                attributes: Attributes::new(),
                read_at: 0,
            }));
        }
    }
    let body = draft.write().map_err(|error| {
        StoreError::new(Reason::Other, format!("it can't be compressed: {error}"))
    })?;
    meter.fits(body.len() as u64)?;
    warn(rows, path, base.pack.size(), draft.size());
    let mut attributes = base.attributes.clone();
    attributes.insert(Attribute::ContentType, content_type(rows.schema()).into());
    let mut request = PutRequest {
        condition: match &base.version {
            None => Condition::Absent,
            Some(version) => Condition::Unchanged(version.clone()),
        },
        attributes,
        operation: Some(operation::new_id()),
        ..PutRequest::default()
    };
    let features = backend.features();
    let attributes = if features.remote && features.attributes {
        operation::marked(&request)
    } else {
        request.attributes.clone()
    };
    if !features.attributes {
        request.operation = None;
    }
    let version = backend.put(&full, body.clone(), request, meter).await?;
    // One that was replaced already is of no use.
    let known = version.is_known() && version != Version::replaced();
    Ok(known.then(|| Base {
        pack: Arc::new(
            Pack::read(rows.shared_schema(), path, body, meter.most_body()).without_flaw(),
        ),
        version: Some(version),
        attributes,
        read_at: 0,
    }))
}

/// Says in time that a pack will be too large.
fn warn(rows: &Rows, path: &str, before: usize, after: usize) {
    let limit = rows.session().max_pack_size();
    let from = limit / 10;
    if before < from && after >= from {
        tracing::warn!(
            database = rows.session().name(),
            table = rows.schema().table(),
            pack = path,
            bytes = after,
            limit,
            "a pack is read and written as a whole, and this one has become large; bind one more key \
             column, so that fewer rows share an object"
        );
    }
}

/// Another process was faster: all is done again on what it wrote, save what has lost too often.
async fn lose(rows: &Rows, path: &str, batch: &mut Vec<Job>) {
    let mut most = 0;
    let jobs = std::mem::take(batch);
    let mut given_up = Vec::new();
    for mut job in jobs {
        most = most.max(job.lost);
        job.lost += 1;
        if job.lost < TRIES {
            batch.push(job);
        } else {
            given_up.push(job);
        }
    }
    let message =
        format!("other processes wrote the pack first, {TRIES} times in a row; try again later");
    fail(
        given_up,
        rows.error(ErrorKind::Conflict, message).at_key(path),
    );
    backoff::pause(most).await;
}

/// Tells an error to all of these.
fn fail(jobs: impl IntoIterator<Item = Job>, error: Error) {
    let error = Arc::new(error);
    for job in jobs {
        let mut own = same(&error);
        if own.kind() == ErrorKind::Indeterminate && !job.writes() {
            own = own.into_kind(ErrorKind::Unavailable);
        }
        job.answer(Reply::Failed(own));
    }
}

impl Rows {
    /// Reads a pack to write it. Sends 1 request.
    pub(super) async fn read_base(&self, path: &str, read_at: u64) -> Result<Base> {
        let (backend, meter) = (self.session().backend(), self.session().meter());
        let full = self.full(path)?;
        match backend.get(&full, meter).await {
            Ok(object) if !object.entry.version.is_known() => {
                let message = "the store told no ETag or version of the pack";
                Err(self.error(ErrorKind::Unsupported, message).at_key(path))
            }
            Ok(object) => Ok(Base {
                version: Some(object.entry.version.clone()),
                attributes: kept(&object),
                pack: Arc::new(Pack::read(
                    self.shared_schema(),
                    path,
                    object.body,
                    meter.most_body(),
                )),
                read_at,
            }),
            Err(error) if error.reason() == Reason::NotFound => Ok(Base {
                pack: Arc::new(Pack::empty(self.shared_schema(), path)),
                version: None,
                attributes: Attributes::new(),
                read_at,
            }),
            Err(error) => Err(self.fail(error, "read the pack", path)),
        }
    }
}
