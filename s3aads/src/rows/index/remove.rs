//! Deletes of rows with entries.

use super::write::TRIES;
use super::{Rows, is_same};
use crate::backoff;
use crate::error::{ErrorKind, Result};
use crate::rows::Need;
use crate::rows::delete::{DEFAULT_CONCURRENCY, Deleter, InFlight, still_there};
use crate::store::{Deletion, Meter, Reason, Version};

impl Rows {
    /// Deletes a row, and its entries after it; with a version only that one. Sends a GET and a DELETE,
    /// and the deletes of the entries.
    pub(in crate::rows) async fn delete_indexed(
        &self,
        path: &str,
        version: Option<&Version>,
        meter: &Meter,
    ) -> Result<()> {
        let full = self.full(path)?;
        let backend = self.session.backend();
        // Where there is no condition the entries that go are still those of a version that is gone.
        let conditional = self.session.honoured().await?.meets(Need::Delete);
        // What was deleted perhaps, by an attempt whose answer was lost.
        let mut doubtful = Vec::new();
        for lost in 0..TRIES {
            let Some(object) = self.object(path, meter).await? else {
                self.remove_entries(doubtful, meter).await;
                return match version {
                    None => Ok(()),
                    Some(_) => Err(self.changed(path)),
                };
            };
            let read = &object.entry.version;
            if version.is_some_and(|version| !is_same(read, version)) {
                return Err(self.changed(path));
            }
            let condition = (conditional && read.is_known()).then_some(read);
            let entries = self.entries_of(path, &object)?;
            let keys = self.entry_keys(&entries);
            match backend.delete(&full, condition, meter).await {
                Ok(()) => {
                    self.remove_entries(keys, meter).await;
                    return Ok(());
                }
                Err(error) if version.is_none() => match error.reason() {
                    Reason::Changed => backoff::pause(lost).await,
                    Reason::Indeterminate => {
                        doubtful.extend(keys);
                        backoff::pause(lost).await;
                    }
                    _ => return Err(self.fail(error, "delete the row", path)),
                },
                Err(error) => return Err(self.fail(error, "delete the row", path)),
            }
        }
        let message = format!("the row was changed {TRIES} times in a row while it was deleted");
        Err(self.error(ErrorKind::Conflict, message).at_key(path))
    }

    /// Deletes a row as it was found, where the store can tell.
    pub(crate) async fn delete_as_found(
        &self,
        path: &str,
        version: &Version,
        meter: &Meter,
    ) -> Result<()> {
        self.admit().await?;
        let version = Some(version).filter(|version| version.is_known());
        self.delete_indexed(path, version, meter).await
    }

    /// Removes entries of which no row will ever be found. Whatever stays is a leftover that costs a
    /// read, so that a failure is only told.
    pub(super) async fn remove_entries(&self, keys: Vec<String>, meter: &Meter) {
        let deletions: Vec<Deletion> = keys.iter().map(Deletion::from).collect();
        let deleter = Deleter::new(&self.session, meter, InFlight::new(DEFAULT_CONCURRENCY));
        let outcomes = match &*deletions {
            [one] => vec![deleter.delete_alone(one).await],
            _ => deleter.delete(deletions).await,
        };
        let failed = keys.into_iter().zip(outcomes);
        let failed = failed.filter_map(|(entry, outcome)| Some((entry, outcome.err()?)));
        if let Some(error) = still_there(&self.session, failed.collect(), "remove the entries") {
            let error = self.place(error);
            tracing::warn!(%error, "entries of an index are left behind");
        }
    }
}
