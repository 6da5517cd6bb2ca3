//! Moves rows page by page, and goes on with the pages that an earlier run left.
//!
//! A row is copied to its new key, which must be free, and then deleted under its old one as it was
//! copied. If it was changed meanwhile, the copy is brought up to date, by its version; if it was
//! deleted meanwhile, the copy is taken back. So a row is never under none of its keys.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::journal::{Entry, Journal, Stored};
use super::mapping::{Mapping, Target};
use super::plan::{Planned, Row};
use super::settle::{Copy, Fate};
use super::{RekeyPlan, RekeyReport};
use crate::error::{Error, ErrorKind, Result};
use crate::rows::conditions::Capability;
use crate::rows::{Need, Rows};
use crate::store::{Condition, Deletion, Meter, Object, PAGE_SIZE, Reason, Version};

/// How often the old table is listed for rows that others wrote meanwhile.
const PASSES: usize = 16;

/// How many bytes of rows that were read a page holds at most, but for its last row.
const PAGE_BYTES: usize = 32 << 20;

/// One rekey.
pub(super) struct Moving<'a> {
    pub old: Arc<Rows>,
    pub new: Arc<Rows>,
    pub mapping: Box<dyn Mapping + 'a>,
    pub concurrency: usize,
    pub progress: Box<dyn Fn(RekeyReport) + Send + Sync + 'a>,
}

/// What became of a row's delete under its old key.
pub(super) enum Removal {
    Done,
    /// Others changed or deleted it.
    Changed,
    /// No answer told whether it took effect.
    Unclear,
    Failed(Error),
}

impl Moving<'_> {
    pub(super) fn meter(&self) -> &Meter {
        self.old.session().meter()
    }

    /// What becomes of a row, with the old table and its key in an error.
    pub(super) fn target(&self, path: &str, object: Option<&Object>) -> Result<Target> {
        let target = self.mapping.target(path, object);
        let target = target.and_then(|target| self.new.full(&target.path).map(|_| target));
        target.map_err(|error| self.old.place(error).at_key(path))
    }

    /// Refuses what the store can't be trusted with, and tables that are stored otherwise.
    pub(super) async fn prepare(&self) -> Result<()> {
        let needs = [Need::Create, Need::Update, Need::Delete];
        let session = self.old.session();
        let able = session.require(&needs).await;
        able.map_err(|error| self.old.place(error))?;
        session.agree_on_schema(self.old.schema()).await?;
        session.agree_on_schema(self.new.schema()).await
    }

    pub(super) async fn run(&self) -> Result<RekeyReport> {
        self.prepare().await?;
        let mut report = RekeyReport::default();
        let journal = Journal::new(&self.old, &self.new);
        let mut left = RekeyPlan::default();
        for path in journal.left().await? {
            if let Some(stored) = journal.take_over(&path).await? {
                report.resumed += stored.page.rows.len() as u64;
                self.go_on(&journal, &stored, &mut report, &mut left)
                    .await?;
            }
        }
        for _ in 0..PASSES {
            if left.refused > 0 {
                return Err(self.refused(left, &report));
            }
            let (planned, plan) = self.plan().await?;
            report.foreign = plan.foreign;
            if plan.refused > 0 {
                return Err(self.refused(plan, &report));
            }
            if planned.is_empty() {
                return Ok(report);
            }
            self.pass(&journal, &planned, &mut report, &mut left)
                .await?;
        }
        let message = format!(
            "others write to the old table as fast as its rows are moved; {report}; call it again \
             when they have stopped"
        );
        Err(self.old.error(ErrorKind::Conflict, message))
    }

    fn refused(&self, plan: RekeyPlan, report: &RekeyReport) -> Error {
        let more = plan.refused.saturating_sub(1);
        let mut problems = plan.problems.into_iter();
        let first = problems.next();
        let first = first.unwrap_or_else(|| self.old.error(ErrorKind::Conflict, "rows are left"));
        let first = match more {
            0 => first,
            more => first.note(format!("{more} more rows can't be moved")),
        };
        match report.moved {
            0 => first.note("nothing was moved"),
            moved => first.note(format!("{moved} rows were moved")),
        }
    }

    /// Moves the planned rows.
    async fn pass(
        &self,
        journal: &Journal<'_>,
        planned: &Planned,
        report: &mut RekeyReport,
        left: &mut RekeyPlan,
    ) -> Result<()> {
        let (_, mut rows) = self.rows(!self.mapping.copies())?;
        let (mut page, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.try_next().await? {
            // What was not planned is for the next pass.
            let Ok(target) = &row.target else { continue };
            if !planned.has(&row.from, &target.path) {
                continue;
            }
            bytes += row.object.as_ref().map_or(0, |object| object.body.len());
            page.push(row);
            if page.len() == PAGE_SIZE || bytes >= PAGE_BYTES {
                bytes = 0;
                let page = std::mem::take(&mut page);
                self.move_page(journal, page, report, left).await?;
            }
        }
        if page.is_empty() {
            return Ok(());
        }
        self.move_page(journal, page, report, left).await
    }

    async fn move_page(
        &self,
        journal: &Journal<'_>,
        page: Vec<Row>,
        report: &mut RekeyReport,
        left: &mut RekeyPlan,
    ) -> Result<()> {
        let entry = |row: &Row| {
            Some(Entry {
                from: row.from.clone(),
                to: row.target.as_ref().ok()?.path.clone(),
                version: row.entry.version.to_string(),
            })
        };
        let stored = journal.begin(page.iter().filter_map(entry).collect());
        let stored = stored.await?;
        let rows = page.into_iter().zip(&stored.page.rows);
        let places = rows.map(|(row, entry)| self.place(row, entry).boxed());
        let placed = self.all(places.collect()).await?;
        let mut copied = Vec::new();
        for (entry, placed) in stored.page.rows.iter().zip(placed) {
            match placed {
                Ok((source, copy)) => copied.push((entry, source, copy)),
                Err(fate) => self.count(fate, report, left),
            }
        }
        let removals = self.remove(&copied).await?;
        let mut moved = Vec::new();
        let mut unsettled = Vec::new();
        for ((entry, _, copy), removal) in copied.into_iter().zip(removals) {
            let copy = match removal {
                Removal::Done => {
                    moved.push(Fate::Moved);
                    continue;
                }
                Removal::Changed => Copy::Ours(copy),
                // If the row is gone, it may be by this run's delete.
                Removal::Unclear => Copy::Doubtful,
                Removal::Failed(error) => return Err(error),
            };
            unsettled.push(self.settle(journal, &stored, entry, copy).boxed());
        }
        moved.extend(self.all(unsettled).await?);
        for fate in moved {
            self.count(fate, report, left);
        }
        journal.end(&stored).await?;
        (self.progress)(*report);
        Ok(())
    }

    /// Goes on with a page of an earlier run.
    async fn go_on(
        &self,
        journal: &Journal<'_>,
        stored: &Stored,
        report: &mut RekeyReport,
        left: &mut RekeyPlan,
    ) -> Result<()> {
        let entries = stored.page.rows.iter();
        let settle = |entry| {
            let settled = self.settle(journal, stored, entry, Copy::Doubtful);
            settled.boxed()
        };
        let settled = self.all(entries.map(settle).collect()).await?;
        for fate in settled {
            self.count(fate, report, left);
        }
        journal.end(stored).await?;
        (self.progress)(*report);
        Ok(())
    }

    /// Runs them, so many at once, up to the first error.
    pub(super) async fn all<T>(&self, futures: Vec<BoxFuture<'_, Result<T>>>) -> Result<Vec<T>> {
        let all = stream::iter(futures).buffered(self.concurrency);
        all.try_collect().await
    }

    fn count(&self, fate: Fate, report: &mut RekeyReport, left: &mut RekeyPlan) {
        match fate {
            Fate::Moved => report.moved += 1,
            Fate::Gone => {}
            Fate::Left(error) => left.add(error),
        }
    }

    /// Copies a row to its new key, and gives the versions of what was copied and of the copy.
    async fn place(
        &self,
        row: Row,
        entry: &Entry,
    ) -> Result<std::result::Result<(Version, Version), Fate>> {
        let listed = row.entry.version.clone();
        let placed = match (row.object, row.target?.body) {
            (Some(object), Some(body)) => {
                let absent = Condition::Absent;
                let put = self.new.put_moved(&entry.to, body, absent, &object, None);
                put.await.map(|copy| (object.entry.version, copy))
            }
            _ => {
                let copy = self
                    .old
                    .copy(&entry.from, &self.new, &entry.to, Condition::Absent);
                copy.await.map(|copied| {
                    let known = copied.source.is_known();
                    let source = if known { copied.source } else { listed };
                    (source, copied.target)
                })
            }
        };
        match placed {
            Ok(versions) => Ok(Ok(versions)),
            Err(error) => match error.kind() {
                ErrorKind::AlreadyExists => Ok(Err(Fate::Left(self.taken(&entry.from, &entry.to)))),
                // It is gone, or was changed between the copy's look at it and the copy: the next
                // pass sees what is there.
                ErrorKind::NotFound | ErrorKind::Conflict => Ok(Err(Fate::Gone)),
                _ => Err(error),
            },
        }
    }

    /// Deletes rows under their old keys as they were copied.
    async fn remove(&self, copied: &[(&Entry, Version, Version)]) -> Result<Vec<Removal>> {
        let session = self.old.session();
        let honoured = session.honoured().await?;
        let bulk = session.backend().features().bulk_delete;
        if self.old.is_packed() || !bulk || honoured.bulk_deletes != Capability::Honoured {
            let delete = |(entry, source, _): &'_ (&Entry, Version, Version)| {
                let (from, source) = (entry.from.clone(), source.clone());
                async move {
                    let deleted = self.old.delete(&from, Some(&source)).await;
                    Ok(deleted.map_or_else(Removal::of, |()| Removal::Done))
                }
                .boxed()
            };
            return self.all(copied.iter().map(delete).collect()).await;
        }
        let deletions = copied.iter().map(|(entry, source, _)| {
            Ok(Deletion {
                key: self.old.full(&entry.from)?,
                version: Some(source.clone()),
            })
        });
        let deletions: Result<Vec<Deletion>> = deletions.collect();
        let deleter = self.old.deleter(self.meter(), self.concurrency).await?;
        let outcomes = deleter.delete(deletions?).await;
        let removals = outcomes.into_iter().zip(copied);
        let removals = removals.map(|(outcome, (entry, ..))| match outcome {
            Ok(()) => Removal::Done,
            Err(error) if error.reason() == Reason::Changed => Removal::Changed,
            Err(error) => Removal::of(self.old.fail(error, "delete the moved row", &entry.from)),
        });
        Ok(removals.collect())
    }
}

impl Removal {
    pub(super) fn of(error: Error) -> Self {
        match error.kind() {
            ErrorKind::Conflict => Self::Changed,
            ErrorKind::Indeterminate => Self::Unclear,
            _ => Self::Failed(error),
        }
    }
}
