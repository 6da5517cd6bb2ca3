//! What a pass would move, found out before anything is moved.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, TryStreamExt};

use super::mapping::Target;
use super::{Moving, RekeyPlan};
use crate::error::{Error, ErrorKind, Result};
use crate::raw::Selection;
use crate::rows::search::{ReadKey, Search};
use crate::schema::fnv1a;
use crate::store::{Object, ObjectEntry};

/// How many problems are told; more of them than this are counted.
const TOLD: usize = 100;

/// The rows that can be moved, as hashes of their paths: from the new one to the old one.
#[derive(Debug, Default)]
pub(super) struct Planned(HashMap<u64, u64>);

impl Planned {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this row was planned to go there.
    pub(super) fn has(&self, from: &str, to: &str) -> bool {
        self.0.get(&fnv1a(to.as_bytes())) == Some(&fnv1a(from.as_bytes()))
    }
}

/// The old table's rows, and the search that finds them.
type Rows<'a> = (Arc<Search<()>>, BoxStream<'a, Result<OldRow>>);

/// A row of the old table.
#[derive(Debug)]
pub(super) struct OldRow {
    /// Its path below the old table.
    pub from: String,
    /// As it is listed.
    pub entry: ObjectEntry,
    /// As it was read, if it had to be.
    pub object: Option<Object>,
    /// What is to become of it.
    pub target: Result<Target>,
}

impl RekeyPlan {
    pub(super) fn add(&mut self, problem: Error) {
        self.refused += 1;
        if self.problems.len() < TOLD {
            self.problems.push(problem);
        }
    }
}

impl Moving<'_> {
    /// What can be moved, and what can't. Sends the LISTs of both tables, and a GET for each row of
    /// the old one if rows must be read.
    pub(super) async fn plan(&self) -> Result<(Planned, RekeyPlan)> {
        let (search, mut rows) = self.rows(self.mapping.reads())?;
        let (mut planned, mut plan) = (HashMap::new(), RekeyPlan::default());
        // New paths that more than one row has, as far as hashes tell.
        let mut shared = HashSet::new();
        while let Some(row) = rows.try_next().await? {
            plan.rows += 1;
            match &row.target {
                Ok(target) => {
                    let (from, to) = (row.from.as_bytes(), target.path.as_bytes());
                    if planned.insert(fnv1a(to), fnv1a(from)).is_some() {
                        shared.insert(fnv1a(to));
                    }
                }
                Err(_) => plan.add(self.unmappable(row)),
            }
        }
        plan.foreign = search.foreign();
        if planned.is_empty() {
            return Ok((Planned::default(), plan));
        }
        let anything = ReadKey::new(|_| Ok(()), |_| Ok(()));
        let mut taken = Selection::new(Arc::clone(&self.new)).found(anything);
        while let Some(row) = taken.try_next().await? {
            let hash = fnv1a(row.path().as_bytes());
            if planned.contains_key(&hash) {
                shared.insert(hash);
            }
        }
        if !shared.is_empty() {
            for to in self.tell_shared(&shared, &mut plan).await? {
                planned.remove(&fnv1a(to.as_bytes()));
            }
        }
        Ok((Planned(planned), plan))
    }

    /// The rows of the old table in order, with what is to become of them; read if that is said.
    pub(super) fn rows(&self, read: bool) -> Result<Rows<'_>> {
        let search = Selection::new(Arc::clone(&self.old)).search(self.mapping.keys())?;
        let rows = search.stream().map(move |found| async move {
            let found = found?;
            let from = found.path().into_owned();
            let (_, entry) = found.into_entry();
            let mut object = None;
            if read {
                object = self.old.get(&from, self.meter()).await?;
                if object.is_none() {
                    // Deleted since it was listed.
                    return Ok(None);
                }
            }
            let target = self.target(&from, object.as_ref());
            Ok(Some(OldRow {
                from,
                entry,
                object,
                target,
            }))
        });
        let rows = rows.buffered(self.concurrency);
        let rows = rows.try_filter_map(|row| std::future::ready(Ok(row)));
        Ok((search, rows.boxed()))
    }

    /// Looks again at the rows whose new paths may be shared, and gives those paths that are.
    async fn tell_shared(
        &self,
        shared: &HashSet<u64>,
        plan: &mut RekeyPlan,
    ) -> Result<Vec<String>> {
        let mut claims: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (_, mut rows) = self.rows(self.mapping.reads())?;
        while let Some(row) = rows.try_next().await? {
            if let Ok(target) = &row.target
                && shared.contains(&fnv1a(target.path.as_bytes()))
            {
                let claim = claims.entry(target.path.clone()).or_default();
                claim.push(row.from);
            }
        }
        let heads = claims.keys().map(|to| self.new.head(to).boxed());
        let heads = self.all(heads.collect()).await?;
        let mut refused = Vec::new();
        for ((to, from), head) in claims.into_iter().zip(heads) {
            match (&from[..], head.is_some()) {
                ([first, others @ ..], false) if !others.is_empty() => {
                    for other in others {
                        plan.add(self.shared(first, other, &to));
                    }
                }
                (all, true) => {
                    for from in all {
                        plan.add(self.taken(from, &to));
                    }
                }
                _ => continue,
            }
            refused.push(to);
        }
        Ok(refused)
    }

    fn unmappable(&self, row: OldRow) -> Error {
        match row.target {
            Err(error) => error,
            Ok(_) => self.old.error(ErrorKind::Other, "the row can be moved"),
        }
        .at_key(row.from)
    }

    fn shared(&self, first: &str, other: &str, to: &str) -> Error {
        let message = format!(
            "the rows {first:?} and {other:?} would both get the key {to:?} of the table {:?}",
            self.new.schema().table()
        );
        self.old.error(ErrorKind::Conflict, message).at_key(other)
    }

    pub(super) fn taken(&self, from: &str, to: &str) -> Error {
        let message = format!(
            "the table {:?} has another row of the key {to:?} that this row would get",
            self.new.schema().table()
        );
        self.old.error(ErrorKind::Conflict, message).at_key(from)
    }
}
