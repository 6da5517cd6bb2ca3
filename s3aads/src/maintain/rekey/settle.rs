//! Brings a row to its end that may be in both tables.

use super::journal::{Entry, Journal, Stored};
use super::moving::{Moving, Removal};
use crate::backoff;
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Condition, Version};

/// How often a row may be changed while it is moved.
const TRIES: u32 = 32;

/// What is known of the copy of a row.
#[derive(Debug, Clone)]
pub(super) enum Copy {
    /// This run made it, and it was this, as far as the store told.
    Ours(Version),
    /// An earlier run may have made it.
    Doubtful,
}

/// What became of a row.
#[derive(Debug)]
pub(super) enum Fate {
    /// It is under its new key alone.
    Moved,
    /// Others deleted it.
    Gone,
    /// It is as it was, for this reason.
    Left(Error),
}

impl Moving<'_> {
    /// Brings a row to its end that may be under both keys.
    pub(super) async fn settle(
        &self,
        journal: &Journal<'_>,
        stored: &Stored,
        entry: &Entry,
        mut copy: Copy,
    ) -> Result<Fate> {
        let Entry { from, to, version } = entry;
        let planned: Version = version.parse()?;
        for lost in 0..TRIES {
            // The copy first: if another run changes it after this, the write below is refused.
            let found = self.new.get(to, self.meter()).await?;
            let Some(source) = self.old.get(from, self.meter()).await? else {
                return match copy {
                    // An earlier run has moved it, or others have deleted it.
                    Copy::Doubtful => Ok(Fate::Moved),
                    Copy::Ours(copy) => self.take_back(journal, stored, to, copy).await,
                };
            };
            let unchanged = same(&source.entry.version, &planned);
            let target = self.target(from, Some(&source))?;
            if target.path != *to {
                return self.redirected(entry, unchanged, copy, &target.path).await;
            }
            let body = target.body.unwrap_or_else(|| source.body.clone());
            let condition = match &found {
                None => Some(Condition::Absent),
                Some(found) if found.body == body => None,
                Some(found) => {
                    let replaceable = match &copy {
                        Copy::Ours(copy) => !copy.is_known() || same(copy, &found.entry.version),
                        Copy::Doubtful => !unchanged,
                    };
                    if !replaceable {
                        return Ok(Fate::Left(self.taken(from, to)));
                    }
                    Some(Condition::Unchanged(found.entry.version.clone()))
                }
            };
            if let Some(condition) = condition {
                let over = found.as_ref().map(|found| &found.attributes);
                let put = self.new.put_moved(to, body, condition, &source, over);
                match put.await {
                    Ok(version) => copy = Copy::Ours(version),
                    Err(error) if is_lost(&error) => {
                        backoff::pause(lost).await;
                        continue;
                    }
                    Err(error) => return Err(error),
                }
            }
            match self.old.delete(from, Some(&source.entry.version)).await {
                Ok(()) => return Ok(Fate::Moved),
                Err(error) => match Removal::of(error) {
                    Removal::Failed(error) => return Err(error),
                    Removal::Unclear => copy = Copy::Doubtful,
                    Removal::Changed | Removal::Done => backoff::pause(lost).await,
                },
            }
        }
        let message = format!("the row was changed {TRIES} times in a row while it was moved");
        Ok(Fate::Left(
            self.old.error(ErrorKind::Conflict, message).at_key(from),
        ))
    }

    /// Others deleted the row since this run copied it: the copy goes too.
    async fn take_back(
        &self,
        journal: &Journal<'_>,
        stored: &Stored,
        to: &str,
        mut copy: Version,
    ) -> Result<Fate> {
        // Not if another run has gone on with the page and deleted it.
        if !journal.is_ours(stored).await? {
            return Err(journal.contended());
        }
        if !copy.is_known() {
            match self.new.head(to).await? {
                Some((found, _)) => copy = found.version,
                None => return Ok(Fate::Gone),
            }
        }
        match self.new.delete(to, Some(&copy)).await {
            Ok(()) => Ok(Fate::Gone),
            // Others have written the new row: it is theirs.
            Err(error) if error.kind() == ErrorKind::Conflict => Ok(Fate::Gone),
            Err(error) => Err(error),
        }
    }

    /// The row has another new key than it had when the page was written.
    async fn redirected(
        &self,
        entry: &Entry,
        unchanged: bool,
        copy: Copy,
        now: &str,
    ) -> Result<Fate> {
        let Entry { from, to, .. } = entry;
        if unchanged || !self.mapping.reads() {
            let message = format!(
                "an earlier rekey of these tables began to give this row the key {to:?}, and this \
                 one would give it {now:?}; call it as before until it is done"
            );
            let error = self.old.error(ErrorKind::InvalidConfig, message);
            return Err(error.at_key(from));
        }
        // It was changed so that it goes elsewhere, as the next pass will see.
        match copy {
            Copy::Ours(copy) if copy.is_known() => match self.new.delete(to, Some(&copy)).await {
                Ok(()) => Ok(Fate::Gone),
                Err(error) if error.kind() == ErrorKind::Conflict => Ok(Fate::Gone),
                Err(error) => Err(error),
            },
            _ => {
                let message = format!(
                    "the row was changed while it was moved, and gets the key {now:?} now; a copy \
                     of what it was may be left under {to:?}"
                );
                let error = self.old.error(ErrorKind::Conflict, message).at_key(from);
                match self.new.head(to).await? {
                    Some(_) => Ok(Fate::Left(error)),
                    None => Ok(Fate::Gone),
                }
            }
        }
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
