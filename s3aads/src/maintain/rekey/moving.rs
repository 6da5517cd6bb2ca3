//! Moves rows page by page, and goes on with the page that an earlier run left.
//!
//! A row is copied to its new key, which must be free, and then deleted under its old one as it was
//! copied. If it was changed meanwhile, the copy is brought up to date, by its version; if it was
//! deleted meanwhile, the copy is taken back. So a row is never under none of its keys.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};

use super::journal::{Entry, Journal, Journaled, Stage};
use super::mapping::{Mapping, Target};
use super::plan::{OldRow, Planned};
use super::settle::{Copy, End};
use super::{RekeyPlan, RekeyReport};
use crate::error::{Error, ErrorKind, Result};
use crate::rows::conditions::Capability;
use crate::rows::delete::InFlight;
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

/// A run of it.
struct Run<'a> {
    journal: Journal<'a>,
    report: RekeyReport,
    /// Rows that can't be moved.
    left: RekeyPlan,
}

/// A row that is under both keys.
pub(super) struct InBoth {
    pub entry: Entry,
    /// The old row, as it was copied.
    pub source: Version,
    /// The new row, as far as the store told.
    pub copy: Version,
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
        let (journal, begun) = Journal::take(&self.old, &self.new).await?;
        let mut run = Run {
            journal,
            report: RekeyReport::default(),
            left: RekeyPlan::default(),
        };
        self.go_on(&mut run, begun).await?;
        let refusal = self.passes(&mut run).await?;
        run.journal.close().await?;
        match refusal {
            None => Ok(run.report),
            Some(error) => Err(error),
        }
    }

    /// Moves rows until a listing finds none, or gives why some are left.
    async fn passes(&self, run: &mut Run<'_>) -> Result<Option<Error>> {
        for _ in 0..PASSES {
            if run.left.refused > 0 {
                let left = std::mem::take(&mut run.left);
                return Ok(Some(self.refused(left, &run.report)));
            }
            let (planned, plan) = self.plan().await?;
            run.report.foreign = plan.foreign;
            if plan.refused > 0 {
                return Ok(Some(self.refused(plan, &run.report)));
            }
            if planned.is_empty() {
                return Ok(None);
            }
            self.pass(run, &planned).await?;
        }
        let message = format!(
            "others write to the old table as fast as its rows are moved; {}; call it again when they \
             have stopped",
            run.report
        );
        Ok(Some(self.old.error(ErrorKind::Conflict, message)))
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
    async fn pass(&self, run: &mut Run<'_>, planned: &Planned) -> Result<()> {
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
                self.move_page(run, std::mem::take(&mut page)).await?;
            }
        }
        if page.is_empty() {
            return Ok(());
        }
        self.move_page(run, page).await
    }

    async fn move_page(&self, run: &mut Run<'_>, page: Vec<OldRow>) -> Result<()> {
        let entry = |row: &OldRow| {
            Some(Entry {
                from: row.from.clone(),
                to: row.target.as_ref().ok()?.path.clone(),
                version: row.entry.version.to_string(),
            })
        };
        let entries = page.iter().filter_map(entry).collect();
        let entries = run.journal.write(Stage::Copying, entries).await?.rows;
        let rows = page.into_iter().zip(entries);
        let copies = rows.map(|(row, entry)| self.copy(row, entry).boxed());
        let copied = self.all(copies.collect()).await?;
        self.delete(run, copied).await
    }

    /// Goes on with what an earlier run had under way.
    async fn go_on(&self, run: &mut Run<'_>, begun: Journaled) -> Result<()> {
        if begun.rows.is_empty() {
            return Ok(());
        }
        run.report.resumed += begun.rows.len() as u64;
        let (journal, entries) = (&run.journal, begun.rows.iter());
        match begun.stage {
            Stage::Copying => {
                let copies = entries.map(|entry| self.copy_again(journal, entry).boxed());
                let copied = self.all(copies.collect()).await?;
                self.delete(run, copied).await
            }
            Stage::Deleting => {
                let settle = |entry| self.settle(journal, entry, Copy::Doubtful).boxed();
                let settled = self.all(entries.map(settle).collect()).await?;
                run.count(settled);
                (self.progress)(run.report);
                Ok(())
            }
        }
    }

    /// Deletes the rows of a page under their old keys as they were copied.
    async fn delete(
        &self,
        run: &mut Run<'_>,
        page: Vec<std::result::Result<InBoth, End>>,
    ) -> Result<()> {
        let mut copied = Vec::new();
        for row in page {
            match row {
                Ok(row) => copied.push(row),
                Err(end) => run.count([end]),
            }
        }
        if copied.is_empty() {
            return Ok(());
        }
        let entries = copied.iter().map(|row| row.entry.clone()).collect();
        run.journal.write(Stage::Deleting, entries).await?;
        let removals = self.remove(&copied).await?;
        let (mut moved, mut unsettled) = (Vec::new(), Vec::new());
        for (row, removal) in copied.iter().zip(removals) {
            let copy = match removal {
                Removal::Done => {
                    moved.push(End::Moved);
                    continue;
                }
                Removal::Changed => Copy::Ours(row.copy.clone()),
                // If the row is gone, it may be by this run's delete.
                Removal::Unclear => Copy::Doubtful,
                Removal::Failed(error) => return Err(error),
            };
            unsettled.push(self.settle(&run.journal, &row.entry, copy).boxed());
        }
        moved.extend(self.all(unsettled).await?);
        run.count(moved);
        (self.progress)(run.report);
        Ok(())
    }

    /// Runs them, so many at once, up to the first error.
    pub(super) async fn all<T>(&self, futures: Vec<BoxFuture<'_, Result<T>>>) -> Result<Vec<T>> {
        let all = stream::iter(futures).buffered(self.concurrency);
        all.try_collect().await
    }

    /// Copies a row to its new key.
    async fn copy(&self, row: OldRow, entry: Entry) -> Result<std::result::Result<InBoth, End>> {
        let listed = row.entry.version.clone();
        let absent = Condition::Absent;
        let (from, to) = (&entry.from, &entry.to);
        let versions = match (row.object, row.target?.body) {
            (Some(object), Some(body)) => {
                let put = self.new.put_moved(to, body, absent, &object, None);
                put.await.map(|copy| (object.entry.version, copy))
            }
            _ => {
                let copied = self.old.copy(from, &self.new, to, absent).await;
                copied.map(|copied| (copied.source, copied.target))
            }
        };
        match versions {
            Ok((source, copy)) => {
                let source = if source.is_known() { source } else { listed };
                Ok(Ok(InBoth::new(entry, source, copy)))
            }
            Err(error) => match error.kind() {
                ErrorKind::AlreadyExists => Ok(Err(End::Left(self.taken(from, to)))),
                // It is gone, or was changed between the copy's look at it and the copy: the next
                // pass sees what is there.
                ErrorKind::NotFound | ErrorKind::Conflict => Ok(Err(End::Gone)),
                _ => Err(error),
            },
        }
    }

    /// Deletes rows under their old keys as they were copied.
    async fn remove(&self, copied: &[InBoth]) -> Result<Vec<Removal>> {
        let session = self.old.session();
        let honoured = session.honoured().await?;
        let bulk = session.backend().features().bulk_delete;
        if self.old.is_packed() || !bulk || honoured.bulk_deletes != Capability::Honoured {
            let delete = |row: &'_ InBoth| {
                let (from, source) = (row.entry.from.clone(), row.source.clone());
                async move {
                    let deleted = self.old.delete(&from, Some(&source)).await;
                    Ok(deleted.map_or_else(Removal::of, |()| Removal::Done))
                }
                .boxed()
            };
            return self.all(copied.iter().map(delete).collect()).await;
        }
        let deletions = copied.iter().map(|row| {
            Ok(Deletion {
                key: self.old.full(&row.entry.from)?,
                version: Some(row.source.clone()),
            })
        });
        let deletions: Result<Vec<Deletion>> = deletions.collect();
        let limit = InFlight::new(self.concurrency);
        let deleter = self.old.deleter(self.meter(), limit).await?;
        let outcomes = deleter.delete(deletions?).await;
        let removals = outcomes.into_iter().zip(copied);
        let removals = removals.map(|(outcome, row)| match outcome {
            Ok(()) => Removal::Done,
            Err(error) if error.reason() == Reason::Changed => Removal::Changed,
            Err(error) => {
                let doing = "delete the moved row";
                Removal::of(self.old.fail(error, doing, &row.entry.from))
            }
        });
        Ok(removals.collect())
    }
}

impl Run<'_> {
    fn count(&mut self, ends: impl IntoIterator<Item = End>) {
        for end in ends {
            match end {
                End::Moved => self.report.moved += 1,
                End::Gone => {}
                End::Left(error) => self.left.add(error),
            }
        }
    }
}

impl InBoth {
    pub(super) fn new(entry: Entry, source: Version, copy: Version) -> Self {
        let version = source.to_string();
        Self {
            entry: Entry { version, ..entry },
            source,
            copy,
        }
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
