//! A row under another key.
//!
//! The copy is made first, under a free key, and the original goes by a delete of the version that
//! was copied. If that one was changed meanwhile, the copy is taken back, again only as it was
//! written, and all is done anew; so no acknowledged change is lost, and whoever stops half-way
//! leaves the row under both keys, never under none.

use super::{Need, Rows, Write, kept};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Condition, Reason, StoreError};
use object_store::TagSet;

use crate::backoff;

/// How often a row may be changed while it is moved before that is a `Conflict`.
const TRIES: u32 = 32;

impl Rows {
    /// Moves the row to a free key; false if there is none.
    pub(crate) async fn rename(&self, from: &str, to: &str) -> Result<bool> {
        let moved = self.rename_row(from, to);
        self.operation("rename", from).run(moved).await
    }

    async fn rename_row(&self, from: &str, to: &str) -> Result<bool> {
        if self.is_packed() {
            return self.rename_packed(from, to).await;
        }
        if self.is_indexed() {
            return self.rename_by_writes(from, to).await;
        }
        // Before the row is read for nothing.
        let (from_full, to_full) = (self.full(from)?, self.full(to)?);
        self.require(&[Need::Create, Need::Delete], from).await?;
        self.admit().await?;
        let (backend, meter) = (self.session.backend(), self.session.meter());
        for lost in 0..TRIES {
            let Some(object) = self.get(from, meter).await? else {
                return Ok(false);
            };
            let read = object.entry.version.clone();
            if !read.is_known() {
                return Err(self.error(ErrorKind::Unsupported, UNKNOWN).at_key(from));
            }
            let attributes = kept(&object);
            let write = Write {
                path: to,
                body: object.body,
                attributes,
                tags: TagSet::default(),
            };
            let written = self.send(write, Condition::Absent, None).await?;
            let failed = match backend.delete(&from_full, Some(&read), meter).await {
                Ok(()) => return Ok(true),
                // The original may be gone by our doing, so the copy must stay.
                Err(error) if error.reason() == Reason::Indeterminate => {
                    return Err(self.fail(error, "delete the row under its old key", from));
                }
                Err(error) => error,
            };
            let taken_back = if written.is_known() {
                backend.delete(&to_full, Some(&written), meter).await
            } else {
                Err(StoreError::new(Reason::Changed, UNKNOWN))
            };
            match (failed.reason(), taken_back) {
                (Reason::Changed, Ok(())) => backoff::pause(lost).await,
                (_, Ok(())) => {
                    return Err(self.fail(failed, "delete the row under its old key", from));
                }
                (_, Err(error)) => return Err(self.under_both(failed, error, from, to)),
            }
        }
        Err(self
            .error(
                ErrorKind::Conflict,
                format!("the row was changed {TRIES} times in a row while it was moved"),
            )
            .at_key(from))
    }

    /// The same by the writes and deletes of rows that are more than one object each.
    pub(super) async fn rename_by_writes(&self, from: &str, to: &str) -> Result<bool> {
        for lost in 0..TRIES {
            let Some(row) = self.fetch(from, self.session.meter()).await? else {
                return Ok(false);
            };
            let written = self.put_kept(to, &row, Condition::Absent).await?;
            let failed = match self.delete_row(from, Some(&row.entry.version)).await {
                Ok(()) => return Ok(true),
                // The original may be gone by our doing, so the copy must stay.
                Err(error) if error.kind() == ErrorKind::Indeterminate => return Err(error),
                Err(error) => error,
            };
            match (failed.kind(), self.delete_row(to, Some(&written)).await) {
                (ErrorKind::Conflict, Ok(())) => backoff::pause(lost).await,
                (_, Ok(())) => return Err(failed),
                (_, Err(error)) => {
                    let note =
                        format!("and its copy may be left under {to:?}: {}", error.message());
                    return Err(failed.note(note));
                }
            }
        }
        let message = format!("the row was changed {TRIES} times in a row while it was moved");
        Err(self.error(ErrorKind::Conflict, message).at_key(from))
    }

    /// The error where the row is under both keys: the original was changed and the copy too.
    fn under_both(&self, failed: StoreError, error: StoreError, from: &str, to: &str) -> Error {
        let changed = [&failed, &error].map(|error| error.reason() == Reason::Changed);
        let what = match changed {
            [true, true] => format!(
                "the row was changed under its old key while it was moved, and under the new one \
                 ({to:?}) as well; both were left as they are"
            ),
            _ => format!("the row could not be moved, and its copy may be left under {to:?}"),
        };
        let kind = match changed {
            [true, true] => ErrorKind::Conflict,
            [true, false] => self.session.fail(error, "").kind(),
            [false, _] => self.session.fail(failed, "").kind(),
        };
        self.error(kind, what).at_key(from)
    }
}

const UNKNOWN: &str = "the store told no ETag or version of the row";
