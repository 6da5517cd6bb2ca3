//! Brings a row to its end that may be in both tables.

use super::journal::{Entry, Journal};
use super::moving::{InBoth, Moving, Removal};
use crate::backoff;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Condition, Object, Version};

/// How often a row may be changed while it is moved.
const TRIES: u32 = 32;

/// What is known of the copy of a row.
#[derive(Debug, Clone)]
pub(super) enum Copy {
    /// This run made it, and it was this, as far as the store told.
    Ours(Version),
    /// An earlier run may have made it, and has not deleted the row.
    Begun,
    /// An earlier run made it, and may have deleted the row.
    Doubtful,
}

/// What became of a row.
#[derive(Debug)]
pub(super) enum End {
    /// It is under its new key alone.
    Moved,
    /// Others deleted it.
    Gone,
    /// It is as it was, for this reason.
    Left(Error),
}

/// What an attempt to copy a row came to.
enum Attempt {
    /// Both keys have the row as it is.
    Copied(InBoth),
    /// Nothing is left to do.
    Ended(End),
    /// Others were faster, or no answer told.
    Lost,
}

impl Moving<'_> {
    /// Copies a row that an earlier run may have copied; none of it may have been deleted.
    pub(super) async fn copy_again(
        &self,
        journal: &Journal<'_>,
        entry: &Entry,
    ) -> Result<std::result::Result<InBoth, End>> {
        let mut copy = Copy::Begun;
        for lost in 0..TRIES {
            match self.attempt(journal, entry, &mut copy).await? {
                Attempt::Copied(copied) => return Ok(Ok(copied)),
                Attempt::Ended(end) => return Ok(Err(end)),
                Attempt::Lost => backoff::pause(lost).await,
            }
        }
        Ok(Err(self.given_up(&entry.from)))
    }

    /// Brings a row to its end that was copied, and may have been deleted or changed since.
    pub(super) async fn settle(
        &self,
        journal: &Journal<'_>,
        entry: &Entry,
        mut copy: Copy,
    ) -> Result<End> {
        let from = &entry.from;
        for lost in 0..TRIES {
            match self.attempt(journal, entry, &mut copy).await? {
                Attempt::Copied(copied) => {
                    let deleted = self.old.delete(from, Some(&copied.source)).await;
                    match deleted.map_err(Removal::of) {
                        Ok(()) => return Ok(End::Moved),
                        Err(Removal::Failed(error)) => return Err(error),
                        Err(Removal::Unclear) => copy = Copy::Doubtful,
                        Err(Removal::Changed | Removal::Done) => backoff::pause(lost).await,
                    }
                }
                Attempt::Ended(end) => return Ok(end),
                Attempt::Lost => backoff::pause(lost).await,
            }
        }
        Ok(self.given_up(from))
    }

    fn given_up(&self, from: &str) -> End {
        let message = format!("the row was changed {TRIES} times in a row while it was moved");
        End::Left(self.old.error(ErrorKind::Conflict, message).at_key(from))
    }

    /// Makes the copy of a row what the row is now.
    async fn attempt(
        &self,
        journal: &Journal<'_>,
        entry: &Entry,
        copy: &mut Copy,
    ) -> Result<Attempt> {
        let Entry { from, to, version } = entry;
        let planned: Version = version.parse()?;
        // The copy first: if another run changes it after this, the write below is refused.
        let found = self.new.get(to, self.meter()).await?;
        let Some(source) = self.old.get(from, self.meter()).await? else {
            let end = match (&copy, &found) {
                // An earlier run has moved it.
                (Copy::Doubtful, Some(_)) => End::Moved,
                _ => self.take_back(journal, to, copy, found).await?,
            };
            return Ok(Attempt::Ended(end));
        };
        let unchanged = same(&source.entry.version, &planned);
        let target = self.target(from, Some(&source))?;
        if target.path != *to {
            if unchanged || !self.mapping.reads() {
                return Err(self.another_key(entry, &target.path));
            }
            // It was changed so that it goes elsewhere, as the next pass will see.
            let end = match (&copy, &found) {
                (Copy::Doubtful, Some(_)) => End::Left(self.astray(entry, &target.path)),
                _ => self.take_back(journal, to, copy, found).await?,
            };
            return Ok(Attempt::Ended(end));
        }
        let body = target.body.unwrap_or_else(|| source.body.clone());
        let condition = match &found {
            None => Condition::Absent,
            Some(found) if found.body == body => {
                let (source, copy) = (source.entry.version, found.entry.version.clone());
                return Ok(Attempt::Copied(InBoth::new(entry.clone(), source, copy)));
            }
            Some(found) => {
                let replaceable = match &copy {
                    Copy::Ours(copy) => !copy.is_known() || same(copy, &found.entry.version),
                    Copy::Begun | Copy::Doubtful => !unchanged,
                };
                if !replaceable {
                    return Ok(Attempt::Ended(End::Left(self.taken(from, to))));
                }
                Condition::Unchanged(found.entry.version.clone())
            }
        };
        let over = found.as_ref().map(|found| &found.attributes);
        let put = self.new.put_moved(to, body, condition, &source, over);
        match put.await {
            Ok(version) => {
                *copy = Copy::Ours(version.clone());
                let source = source.entry.version;
                Ok(Attempt::Copied(InBoth::new(entry.clone(), source, version)))
            }
            Err(error) if is_lost(&error) => Ok(Attempt::Lost),
            Err(error) => Err(error),
        }
    }

    /// Others deleted the row, or it goes elsewhere now: its copy goes too.
    async fn take_back(
        &self,
        journal: &Journal<'_>,
        to: &str,
        copy: &Copy,
        found: Option<Object>,
    ) -> Result<End> {
        // Not if another run has gone on with the row and deleted it.
        if !journal.is_ours().await? {
            return Err(journal.contended());
        }
        let Some(found) = found else {
            return Ok(End::Gone);
        };
        let version = match copy {
            Copy::Ours(copy) if copy.is_known() => copy,
            _ => &found.entry.version,
        };
        match self.new.delete(to, Some(version)).await {
            Ok(()) => Ok(End::Gone),
            // Others have written the new row: it is theirs.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(End::Gone),
            Err(error) => Err(error),
        }
    }

    fn another_key(&self, entry: &Entry, now: &str) -> Error {
        let message = format!(
            "an earlier rekey of these tables began to give this row the key {:?}, and this one would \
             give it {now:?}; call it as before until it is done",
            entry.to
        );
        let error = self.old.error(ErrorKind::InvalidConfig, message);
        error.at_key(&entry.from)
    }

    fn astray(&self, entry: &Entry, now: &str) -> Error {
        let message = format!(
            "the row was changed while it was moved, and gets the key {now:?} now; a copy of what it \
             was may be left under {:?}",
            entry.to
        );
        let error = self.old.error(ErrorKind::Conflict, message);
        error.at_key(&entry.from)
    }
}

/// Whether what is there must be looked at again: others were faster, or no answer told.
fn is_lost(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Conflict | ErrorKind::AlreadyExists | ErrorKind::Indeterminate
    )
}

/// Whether two versions are of one writing; a listing may tell less of it than a read.
fn same(one: &Version, other: &Version) -> bool {
    one == other || (one.e_tag().is_some() && one.e_tag() == other.e_tag())
}
