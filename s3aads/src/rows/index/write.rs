//! Writes of rows with entries.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use object_store::{Attributes, TagSet};

use super::entries::{Change, Entries};
use super::{Rows, is_same};
use crate::backoff;
use crate::body::{Stamp, stamp};
use crate::error::{Error, ErrorKind, Result};
use crate::store::{Condition, Meter, PutRequest, Reason, StoreError, Version, operation};

/// How long after the first entry was begun the row may still be sent. Who sweeps up takes what was
/// written long before for the work of somebody who never will.
const DEADLINE: Duration = Duration::from_secs(60);

/// How often other writers may be faster before that is a `Conflict`.
pub(super) const TRIES: u32 = 32;

/// How often a row is created anew after an attempt that may have created it.
const CREATES: u32 = 4;

/// A row that is to be written.
#[derive(Debug, Clone)]
pub(in crate::rows) struct Write<'a> {
    pub path: &'a str,
    pub body: Bytes,
    pub attributes: Attributes,
    pub tags: TagSet,
}

/// Why a row was not written.
enum Unwritten {
    /// Others were faster: the row is another one, or there is one.
    Beaten(Error),
    /// It may have been, or may still be.
    Open(Error),
    Failed(Error),
}

impl Unwritten {
    fn into_error(self) -> Error {
        match self {
            Self::Beaten(error) | Self::Open(error) | Self::Failed(error) => error,
        }
    }
}

impl Rows {
    /// Writes a row and its entries. `read` are those that it had if they are known, of the version
    /// that the condition names.
    ///
    /// A create sends the entries and then the row; a write over what was read only the row if no
    /// indexed value changes. One over whatever is there reads it first.
    pub(in crate::rows) async fn put_indexed(
        &self,
        write: Write<'_>,
        condition: Condition,
        read: Option<&Entries>,
    ) -> Result<Version> {
        // What is wrong with it is said before anything is sent.
        self.change(write.path, &write.body, &Entries::default())?;
        match condition {
            Condition::None => self.upsert(write).await,
            Condition::Absent => self.create(&write).await.map_err(Unwritten::into_error),
            Condition::Unchanged(version) => {
                let old = match read {
                    Some(read) if read.are_of(&version) => read.clone(),
                    _ => self.entries_as_read(write.path, &version).await?,
                };
                let replaced = self.replace(&write, version, &old).await;
                replaced.map_err(Unwritten::into_error)
            }
        }
    }

    /// The entries of the version that was read elsewhere. Sends 1 request.
    async fn entries_as_read(&self, path: &str, version: &Version) -> Result<Entries> {
        match self.object(path, self.session.meter()).await? {
            Some(object) if is_same(&object.entry.version, version) => {
                self.entries_of(path, &object)
            }
            _ => Err(self.changed(path)),
        }
    }

    /// Writes a row over the one that is there, or anew, whatever happens meanwhile.
    async fn upsert(&self, write: Write<'_>) -> Result<Version> {
        let path = write.path;
        for lost in 0..TRIES {
            let written = match self.object(path, self.session.meter()).await? {
                None => self.create(&write).await,
                Some(object) => {
                    let version = object.entry.version.clone();
                    if !version.is_known() {
                        return Err(self.unversioned(path));
                    }
                    let mut over = write.clone();
                    operation::inherit(&object.attributes, &mut over.attributes);
                    let old = self.entries_of(path, &object)?;
                    self.replace(&over, version, &old).await
                }
            };
            match written {
                Err(Unwritten::Beaten(_)) => backoff::pause(lost).await,
                written => return written.map_err(Unwritten::into_error),
            }
        }
        let message = format!("other writers were faster {TRIES} times in a row; try again later");
        Err(self.error(ErrorKind::Conflict, message).at_key(path))
    }

    /// Writes a row that is not there yet.
    ///
    /// An attempt that may have created it is not sent again: the row may have been deleted since, with its
    /// entries, and would be there without any. The next attempt has entries of its own.
    async fn create(&self, write: &Write<'_>) -> Result<Version, Unwritten> {
        let mut own: Vec<String> = Vec::new();
        for lost in 1..=CREATES {
            let change = self.change(write.path, &write.body, &Entries::default());
            let change = change.map_err(Unwritten::Failed)?;
            own.push(change.stamp.write().to_owned());
            let open = match self.commit(write, change, Condition::Absent).await {
                Err(Unwritten::Open(error)) => error,
                // An earlier attempt of ours may be what is in the way.
                Err(Unwritten::Beaten(error)) if lost > 1 => error,
                written => return written,
            };
            match self.object(write.path, self.session.meter()).await {
                Ok(Some(object)) => {
                    let by = stamp(&object.body);
                    return match by {
                        Some(by) if own.iter().any(|own| by.has(own)) => Ok(object.entry.version),
                        _ => Err(Unwritten::Open(open.into_kind(ErrorKind::Indeterminate))),
                    };
                }
                Ok(None) if lost < CREATES => backoff::pause(lost).await,
                _ => return Err(Unwritten::Open(open)),
            }
        }
        Err(Unwritten::Failed(self.changed(write.path)))
    }

    /// Writes a row over the version that was read, and removes the entries that are no longer its own.
    async fn replace(
        &self,
        write: &Write<'_>,
        version: Version,
        old: &Entries,
    ) -> Result<Version, Unwritten> {
        let change = self.change(write.path, &write.body, old);
        let change = change.map_err(Unwritten::Failed)?;
        let replaced = change.old.clone();
        let written = self
            .commit(write, change, Condition::Unchanged(version))
            .await?;
        self.remove_entries(replaced, self.session.meter()).await;
        Ok(written)
    }

    /// The entries, and when all of them are there the row.
    async fn commit(
        &self,
        write: &Write<'_>,
        change: Change,
        condition: Condition,
    ) -> Result<Version, Unwritten> {
        let Change { stamp, new, .. } = change;
        let began = Instant::now();
        let meter = self.session.meter();
        let added = new.iter().map(|key| self.add_entry(write.path, key));
        let added = join_all(added.collect::<Vec<_>>()).await;
        if let Err(error) = added.into_iter().collect::<Result<()>>() {
            // The row was not sent, and never will be with this id.
            self.remove_entries(new, meter).await;
            return Err(Unwritten::Failed(error));
        }
        if began.elapsed() > DEADLINE {
            let message =
                "the row's entries took so long to write that the row was not written; try again";
            let error = self.error(ErrorKind::Unavailable, message);
            self.remove_entries(new, meter).await;
            return Err(Unwritten::Failed(error.at_key(write.path)));
        }
        let attempts = meter.scope(None);
        match self.send_row(write, &stamp, condition, &attempts).await {
            Ok(version) => Ok(version),
            Err(Refused { error, reason }) => Err(match reason {
                Some(Reason::AlreadyExists | Reason::Changed) => {
                    // One request and its answer: nothing is under way that could still be applied.
                    if attempts.usage().total() == 1 {
                        self.remove_entries(new, meter).await;
                    }
                    Unwritten::Beaten(error)
                }
                Some(Reason::Indeterminate) => Unwritten::Open(error),
                _ => Unwritten::Failed(error),
            }),
        }
    }

    async fn send_row(
        &self,
        write: &Write<'_>,
        stamp: &Stamp,
        condition: Condition,
        meter: &Meter,
    ) -> Result<Version, Refused> {
        let unsent = |error| Refused {
            error,
            reason: None,
        };
        let full = self.full(write.path).map_err(unsent)?;
        let body = stamp.put_on(&write.body).map_err(|error| {
            let message = format!("the row's body can't be written: {error}");
            unsent(
                self.error(ErrorKind::InvalidRow, message)
                    .at_key(write.path),
            )
        })?;
        let request = PutRequest {
            once: condition == Condition::Absent,
            condition,
            attributes: write.attributes.clone(),
            tags: write.tags.clone(),
            ..PutRequest::default()
        };
        let put = self.session.backend().put(&full, body, request, meter);
        put.await.map_err(|error| Refused {
            reason: Some(error.reason()),
            error: self.fail(error, "write the row", write.path),
        })
    }

    async fn add_entry(&self, path: &str, key: &str) -> Result<()> {
        let (backend, meter) = (self.session.backend(), self.session.meter());
        let put = backend.put(key, Bytes::new(), PutRequest::default(), meter);
        let added = put.await.map(drop);
        added.map_err(|error: StoreError| {
            // The row itself was surely not written.
            let kind = (error.reason() == Reason::Indeterminate).then_some(ErrorKind::Unavailable);
            let error = self.fail(error, "write the row's entry in an index", path);
            match kind {
                Some(kind) => error.into_kind(kind),
                None => error,
            }
        })
    }
}

/// A row that the store did not take, and why if it was sent.
struct Refused {
    error: Error,
    reason: Option<Reason>,
}
