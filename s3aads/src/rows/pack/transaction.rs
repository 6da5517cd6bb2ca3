//! Changes of rows of one pack that are made together or not at all.
//!
//! A transaction is tried on what the pack will be once all that waits for it is carried out, and
//! notes what it read. It is committed with whatever else waits, if all of that is still so then;
//! else it is tried again. So it needs no lock, and those of one process that meet on a row do not
//! cost a round trip each.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::edit::Read;
use super::queue::Verdict;
use crate::error::{ErrorKind, Result};
use crate::pack::{Draft, LineError, Row, Writer, Written};
use crate::rows::Rows;

/// How often a transaction is tried before it is a `Conflict`.
const TRIES: u32 = 1_000;

/// One trial of a transaction.
#[derive(Debug)]
pub(crate) struct Transaction {
    /// The pack without what is done here.
    view: Draft,
    /// The pack with it.
    draft: Draft,
    writer: Arc<Writer>,
    /// What was read: rows, and the first rows after others. Each once, since the view stays as it is.
    seen: BTreeMap<Vec<String>, Option<Bytes>>,
    passed: BTreeMap<Option<Vec<String>>, Option<Row>>,
    writes: BTreeMap<Vec<String>, Option<Written>>,
}

/// The rows that a transaction leaves, and none for those that it takes out.
type Writes = Vec<(Vec<String>, Option<Written>)>;

impl Transaction {
    fn new(view: &Draft, writer: &Arc<Writer>) -> Self {
        Self {
            view: view.clone(),
            draft: view.clone(),
            writer: Arc::clone(writer),
            seen: BTreeMap::new(),
            passed: BTreeMap::new(),
            writes: BTreeMap::new(),
        }
    }

    /// The body of a row.
    pub(crate) fn get(&mut self, texts: &[String]) -> Option<Bytes> {
        if let Some(written) = self.writes.get(texts) {
            return written.as_ref().map(|written| written.body().clone());
        }
        let body = self.view.get(texts);
        self.seen.insert(texts.to_vec(), body.clone());
        body
    }

    /// The first row after these texts, or the first of all.
    pub(crate) fn after(&mut self, after: Option<&[String]>) -> Option<Row> {
        let row = self.draft.after(after);
        // What was there before: all that was passed over, since it was taken out here, up to the
        // first that was not.
        let mut from = after.map(<[String]>::to_vec);
        loop {
            let seen = self.view.after(from.as_deref());
            self.passed.insert(from, seen.clone());
            match seen {
                Some(seen) if self.writes.contains_key(&seen.texts) => from = Some(seen.texts),
                _ => return row,
            }
        }
    }

    /// Puts a row in, over the one that is there.
    ///
    /// # Errors
    ///
    /// For a body that no line can hold.
    pub(crate) fn put(&mut self, texts: &[String], body: &[u8]) -> Result<(), LineError> {
        let written = self.writer.write(texts, body)?;
        self.draft.put(texts, written.clone());
        self.writes.insert(texts.to_vec(), Some(written));
        Ok(())
    }

    /// Takes a row out; false if it is not there.
    pub(crate) fn remove(&mut self, texts: &[String]) -> bool {
        let there = self.get(texts).is_some();
        if there {
            self.draft.remove(texts);
            self.writes.insert(texts.to_vec(), None);
        }
        there
    }

    /// What was read, and what is to be written. A write that changes nothing is a read of what it
    /// leaves as it is.
    fn finish(self) -> (Vec<Read>, Writes) {
        let mut writes = Vec::new();
        let seen = self.seen.into_iter();
        let seen = seen.map(|(texts, body)| Read::Row(texts, body));
        let passed = self.passed.into_iter();
        let passed = passed.map(|(after, row)| Read::Next(after, row));
        let mut reads: Vec<Read> = seen.chain(passed).collect();
        for (texts, written) in self.writes {
            let before = self.view.get(&texts);
            if before.as_ref() == written.as_ref().map(Written::body) {
                reads.push(Read::Row(texts, before));
            } else {
                writes.push((texts, written));
            }
        }
        (reads, writes)
    }
}

impl Rows {
    /// Runs a transaction until it is committed, and returns what it gave; if that is an error, nothing
    /// is written. Sends 1 request if the pack is known to this process, else 2; 2 more for each
    /// race that is lost to another one.
    pub(crate) async fn transact<R: Send, E: Send>(
        &self,
        pack: &str,
        run: impl FnMut(&mut Transaction) -> std::result::Result<R, E> + Send,
    ) -> Result<std::result::Result<R, E>> {
        let done = self.transact_pack(pack, run);
        self.operation("transact", pack).run(done).await
    }

    async fn transact_pack<R: Send, E: Send>(
        &self,
        pack: &str,
        mut run: impl FnMut(&mut Transaction) -> std::result::Result<R, E> + Send,
    ) -> Result<std::result::Result<R, E>> {
        self.may_write(pack).await?;
        let queue = self.queue(pack)?;
        let writer = Arc::new(Writer::new(self.shared_schema(), pack));
        for _ in 0..TRIES {
            let view = queue.view(self).await?;
            let mut trial = Transaction::new(&view.draft, &writer);
            let result = run(&mut trial);
            if result.is_err() {
                trial.writes.clear();
            }
            let (reads, writes) = trial.finish();
            if writes.is_empty() && (view.fresh || reads.is_empty()) {
                return Ok(result);
            }
            drop(view);
            match queue.commit(self, reads, writes).await? {
                Verdict::Committed => return Ok(result),
                Verdict::Outdated => tokio::task::consume_budget().await,
                Verdict::Refused(refused) => {
                    return Err(self.error(refused.kind, refused.message).at_key(pack));
                }
            }
        }
        let message =
            format!("other writers changed what was read, {TRIES} times in a row; try again later");
        Err(self.error(ErrorKind::Conflict, message).at_key(pack))
    }

    /// Runs a transaction on the pack of the row of this key path; `run` is given the row's texts.
    pub(crate) async fn transact_row<R: Send, E: Send>(
        &self,
        path: &str,
        mut run: impl FnMut(&mut Transaction, &[String]) -> std::result::Result<R, E> + Send,
    ) -> Result<std::result::Result<R, E>> {
        let place = self.packed_place(path)?;
        let result = self.transact(&place.pack, |rows| run(rows, &place.texts));
        result.await.map_err(|error| error.at_key(path))
    }
}
