//! Rows that share objects: every read and write of a row of a packed table.
//!
//! - [`reads`]: rows by their keys
//! - [`edit`]: a change of a row, and whether it may be made
//! - [`queue`]: who waits for a pack; [`commit`]: one compare-and-swap for all of them
//! - [`transaction`]: changes that are made together
//! - [`deletes`]: the rows that a query found
//! - [`moves`]: renames and copies; [`shared`]: one error for all whom it befell

mod commit;
mod deletes;
mod edit;
mod moves;
mod queue;
mod reads;
mod shared;
pub(crate) mod transaction;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::{Need, Rows};
use crate::error::{Error, ErrorKind, Result};
use crate::key::check_length;
use crate::options::WriteOptions;
use crate::pack::{Line, LineError, Place, Writer, place};
use crate::store::{Condition, Object, ObjectEntry, Version};
use edit::{Edit, Outcome, When};
use queue::Queue;

/// The most bytes of a pack unless it is set.
const MAX_PACK_SIZE: usize = 8 << 20;

/// The most bytes of packs that an open database keeps, so that a write need not read first.
const MOST_KEPT: usize = 32 << 20;

/// The most packs that it keeps.
const MOST_QUEUES: usize = 256;

/// The packs of an open database that are written or were lately.
#[derive(Debug)]
pub(crate) struct Packs {
    queues: Mutex<HashMap<String, Arc<Queue>>>,
    clock: AtomicU64,
    max_size: AtomicUsize,
}

impl Default for Packs {
    fn default() -> Self {
        Self {
            queues: Mutex::default(),
            clock: AtomicU64::new(0),
            max_size: AtomicUsize::new(MAX_PACK_SIZE),
        }
    }
}

impl Packs {
    /// The most bytes of a pack.
    pub(super) fn max_size(&self) -> usize {
        self.max_size.load(Ordering::Relaxed)
    }

    pub(super) fn set_max_size(&self, bytes: usize) {
        self.max_size.store(bytes, Ordering::Relaxed);
    }

    /// The queue of a pack: `full` is its path in the store, `path` below its table.
    fn queue(&self, full: String, path: &str) -> Arc<Queue> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queues
            .entry(full)
            .or_insert_with(|| Arc::new(Queue::new(path)));
        queue.used.store(now, Ordering::Relaxed);
        let queue = Arc::clone(queue);
        let kept = |queues: &HashMap<String, Arc<Queue>>| {
            let kept = queues
                .values()
                .map(|queue| queue.kept.load(Ordering::Relaxed));
            kept.sum::<usize>()
        };
        if queues.len() > MOST_QUEUES || kept(&queues) > MOST_KEPT {
            let mut idle: Vec<(u64, String)> = queues
                .iter()
                // Nobody else has them, so nobody waits for them either.
                .filter(|(_, queue)| Arc::strong_count(queue) == 1)
                .map(|(full, queue)| (queue.used.load(Ordering::Relaxed), full.clone()))
                .collect();
            idle.sort_unstable();
            for (_, full) in idle {
                if queues.len() <= MOST_QUEUES / 2 && kept(&queues) <= MOST_KEPT / 2 {
                    break;
                }
                queues.remove(&full);
            }
        }
        queue
    }
}

/// What a request for a row of its own would have answered for a row of a pack.
pub(crate) fn row_object(pack: &Object, line: Line<'_>) -> Object {
    let body = line.body();
    Object {
        entry: ObjectEntry {
            key: pack.entry.key.clone(),
            size: body.len() as u64,
            last_modified: pack.entry.last_modified,
            version: crate::pack::version_of(&body),
            storage_class: pack.entry.storage_class.clone(),
        },
        attributes: pack.attributes.clone(),
        body,
    }
}

impl Rows {
    /// Whether rows share objects.
    pub(crate) fn is_packed(&self) -> bool {
        self.schema().packed() > 0
    }

    fn queue(&self, pack: &str) -> Result<Arc<Queue>> {
        let full = self.full(pack)?;
        Ok(self.session().packs.queue(full, pack))
    }

    /// The place of the row of a key path.
    fn packed_place(&self, path: &str) -> Result<Place> {
        let length = check_length(path);
        let place = length.and_then(|()| place(self.schema(), path));
        place.map_err(|error| self.place(error))
    }

    /// Refuses what the store or the table can't be trusted with.
    async fn may_write(&self, path: &str) -> Result<()> {
        self.require(&[Need::Create, Need::Update], path).await?;
        self.admit().await
    }

    pub(super) async fn put_packed(
        &self,
        path: &str,
        body: Bytes,
        condition: Condition,
        options: &WriteOptions,
    ) -> Result<Version> {
        let operation = self.operation(condition.write(), path);
        let written = self.put_line(path, body, condition, options);
        operation.run(written).await
    }

    async fn put_line(
        &self,
        path: &str,
        body: Bytes,
        condition: Condition,
        options: &WriteOptions,
    ) -> Result<Version> {
        if *options != WriteOptions::default() {
            let message = "content headers, metadata, tags and a storage class go with an object, and \
                           a packed row shares its object with others; write the row without them";
            return Err(self.error(ErrorKind::Unsupported, message).at_key(path));
        }
        let place = self.packed_place(path)?;
        let writer = Writer::new(self.shared_schema(), &place.pack);
        let edit = self.put_edit(path, place.texts, &writer, &body, condition)?;
        let outcome = self.edit_one(path, &place.pack, edit).await?;
        Ok(outcome.unwrap_or_default())
    }

    pub(super) async fn delete_packed(&self, path: &str, version: Option<&Version>) -> Result<()> {
        let Place { pack, texts } = self.packed_place(path)?;
        let version = version.cloned();
        self.edit_one(path, &pack, Edit::Remove { texts, version })
            .await?;
        Ok(())
    }

    fn put_edit(
        &self,
        path: &str,
        texts: Vec<String>,
        writer: &Writer,
        body: &Bytes,
        condition: Condition,
    ) -> Result<Edit> {
        let fits = self.session().meter().fits(body.len() as u64);
        fits.map_err(|error| self.fail(error, "write the row", path))?;
        let row = writer
            .write(&texts, body)
            .map_err(|why| self.unwritable(&why, path))?;
        let when = match condition {
            Condition::None => When::Always,
            Condition::Absent => When::Absent,
            Condition::Unchanged(version) => When::Unchanged(version),
        };
        Ok(Edit::Put { texts, row, when })
    }

    /// The error of a row that can't be a line.
    pub(crate) fn unwritable(&self, why: &LineError, path: &str) -> Error {
        let message = format!("the row can't be a line of a pack: {why}");
        self.error(ErrorKind::InvalidRow, message).at_key(path)
    }

    async fn edit_one(&self, path: &str, pack: &str, edit: Edit) -> Result<Option<Version>> {
        let at = |error: Error| error.at_key(path);
        self.may_write(path).await?;
        let queue = self.queue(pack)?;
        let outcomes = queue.edit(self, vec![edit]).await.map_err(at)?;
        let outcome = outcomes.into_iter().next().unwrap_or(Ok(None));
        self.outcome(outcome, path)
    }

    fn outcome(&self, outcome: Outcome, path: &str) -> Result<Option<Version>> {
        outcome.map_err(|refused| self.error(refused.kind, refused.message).at_key(path))
    }

    /// Puts many rows in, `concurrency` packs at a time, each in one commit. The outcomes are in the
    /// rows' order.
    pub(crate) async fn put_all(
        &self,
        rows: Vec<Result<(String, Bytes)>>,
        condition: &Condition,
        concurrency: usize,
    ) -> Vec<Result<Version>> {
        let mut writers: BTreeMap<String, Writer> = BTreeMap::new();
        let edits = rows.into_iter().map(|row| {
            let (path, body) = row?;
            let Place { pack, texts } = self.packed_place(&path)?;
            let writer = writers
                .entry(pack.clone())
                .or_insert_with(|| Writer::new(self.shared_schema(), &pack));
            let edit = self.put_edit(&path, texts, writer, &body, condition.clone())?;
            Ok((path, pack, edit))
        });
        let edits = edits.collect();
        let operation = self.operation(condition.write(), "");
        let outcomes = operation.run_many(self.edit_all(edits, concurrency));
        let outcomes = outcomes.await;
        let versions = outcomes.into_iter();
        versions
            .map(|outcome| Ok(outcome?.unwrap_or_default()))
            .collect()
    }

    /// Takes many rows out, as [`put_all`](Self::put_all) puts them in; with a version only that one.
    pub(crate) async fn delete_all(
        &self,
        rows: Vec<Result<(String, Option<Version>)>>,
        concurrency: usize,
    ) -> Vec<Result<()>> {
        let edits = rows.into_iter().map(|row| {
            let (path, version) = row?;
            let Place { pack, texts } = self.packed_place(&path)?;
            Ok((path, pack, Edit::Remove { texts, version }))
        });
        let edits = self.edit_all(edits.collect(), concurrency);
        let outcomes = self.operation("delete", "").run_many(edits).await;
        outcomes
            .into_iter()
            .map(|outcome| outcome.map(drop))
            .collect()
    }

    /// Makes edits of many packs: key path, pack and edit of each.
    async fn edit_all(
        &self,
        edits: Vec<Result<(String, String, Edit)>>,
        concurrency: usize,
    ) -> Vec<Result<Option<Version>>> {
        let mut outcomes = Vec::with_capacity(edits.len());
        // Places among the outcomes, key paths and edits of each pack.
        let mut packs: BTreeMap<String, Vec<(usize, String, Edit)>> = BTreeMap::new();
        for (at, edit) in edits.into_iter().enumerate() {
            match edit {
                Err(error) => outcomes.push(Err(error)),
                Ok((path, pack, edit)) => {
                    outcomes.push(Ok(None));
                    packs.entry(pack).or_default().push((at, path, edit));
                }
            }
        }
        let of_packs = packs
            .into_iter()
            .map(|(pack, edits)| self.edit_pack(pack, edits));
        let mut of_packs = stream::iter(of_packs).buffer_unordered(concurrency.max(1));
        while let Some(of_pack) = of_packs.next().await {
            for (at, outcome) in of_pack {
                if let Some(place) = outcomes.get_mut(at) {
                    *place = outcome;
                }
            }
        }
        outcomes
    }

    async fn edit_pack(
        &self,
        pack: String,
        edits: Vec<(usize, String, Edit)>,
    ) -> Vec<(usize, Result<Option<Version>>)> {
        let (places, edits): (Vec<(usize, String)>, Vec<Edit>) = edits
            .into_iter()
            .map(|(at, path, edit)| ((at, path), edit))
            .unzip();
        let outcomes = async {
            let path = places.first().map_or("", |(_, path)| path.as_str());
            self.may_write(path).await?;
            self.queue(&pack)?.edit(self, edits).await
        };
        match outcomes.await {
            Ok(outcomes) => {
                let outcomes = places.into_iter().zip(outcomes);
                let of = |((at, path), outcome): ((usize, String), Outcome)| {
                    (at, self.outcome(outcome, &path))
                };
                outcomes.map(of).collect()
            }
            Err(error) => {
                let error = Arc::new(error);
                let of = |(at, path): (usize, String)| (at, Err(shared::same(&error).at_key(path)));
                places.into_iter().map(of).collect()
            }
        }
    }
}
