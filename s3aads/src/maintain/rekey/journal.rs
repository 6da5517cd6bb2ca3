//! What is under way of a rekey, `_s3aads/rekey/<old>/<new>.json`:
//!
//! ```json
//! {"format":1,"owner":"5f0a","from":"days","to":"days_by_year","stage":"copying","rows":[
//!  {"from":"1/2020","to":"2020/1","version":"vIjUi"}]}
//! ```
//!
//! It is one object, and each write of it replaces the one before, by its version. So it has one
//! owner: a run that finds a journal writes itself into it, and the run that had it is refused at its
//! next write.
//!
//! 1. A run takes the journal, and only then plans: no other run fills a key that the plan found free.
//! 2. `copying` names up to 1,000 rows, which are then copied. Nothing is deleted at this stage, so if an
//!    old row is gone, others deleted it, and its copy is taken back.
//! 3. `deleting` names those that were copied, as they were copied. They are then deleted under their
//!    old keys, so if an old row is gone, the rekey has moved it, and the new row stays.
//! 4. The next thousand rows follow, and after the last ones the journal is deleted.
//!
//! After a run that was stopped while `deleting`, nobody can tell its deletes from those of others: a
//! row that others deleted then stays under its new key, as if they had come a moment later.

use bytes::Bytes;
use object_store::{Attribute, Attributes};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::rows::{RESERVED, Rows};
use crate::store::{Condition, PutRequest, Reason, StoreError, Version};

/// The form that this release writes and reads.
const FORMAT: u32 = 1;

/// One row that is moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its path below the old table.
    pub from: String,
    /// Its path below the new one.
    pub to: String,
    /// Its version as text: as it was listed, and once it is copied as it was copied.
    pub version: String,
}

/// What is done with the rows of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    Copying,
    Deleting,
}

/// Rows that are moved together.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journaled {
    format: u32,
    owner: String,
    from: String,
    to: String,
    /// What is done with the rows.
    pub stage: Stage,
    /// The rows.
    pub rows: Vec<Entry>,
}

/// The journal of a run.
#[derive(Debug)]
pub(super) struct Journal<'a> {
    old: &'a Rows,
    path: String,
    owner: String,
    from: &'a str,
    to: &'a str,
    /// What this run wrote last.
    written: Version,
}

impl<'a> Journal<'a> {
    /// Makes the journal this run's own, with what an earlier run had under way. Sends 1 GET and 1
    /// PUT.
    pub(super) async fn take(old: &'a Rows, new: &'a Rows) -> Result<(Self, Journaled)> {
        let (from, to) = (old.schema().table(), new.schema().table());
        let path = format!(
            "{}rekey/{}/{}.json",
            old.session().root(RESERVED),
            encode_segment(from),
            encode_segment(to)
        );
        let mut journal = Self {
            old,
            path,
            owner: format!("{:032x}", fastrand::u128(..)),
            from,
            to,
            written: Version::default(),
        };
        let (stage, rows, condition) = match journal.read().await? {
            Some((page, version)) => (page.stage, page.rows, Condition::Unchanged(version)),
            None => (Stage::Copying, Vec::new(), Condition::Absent),
        };
        let page = journal.put(stage, rows, condition).await?;
        Ok((journal, page))
    }

    /// Writes what is done next, with which rows. Sends 1 PUT.
    pub(super) async fn write(&mut self, stage: Stage, rows: Vec<Entry>) -> Result<Journaled> {
        let condition = Condition::Unchanged(self.written.clone());
        self.put(stage, rows, condition).await
    }

    /// Deletes the journal: nothing is under way. Sends 1 DELETE.
    pub(super) async fn close(self) -> Result<()> {
        let session = self.old.session();
        let deleted = session
            .backend()
            .delete(&self.path, Some(&self.written), session.meter());
        let deleted = deleted.await;
        deleted.map_err(|error| self.fail(error, "clear the rekey's journal"))
    }

    /// Whether no other run has taken the journal. Sends 1 GET.
    pub(super) async fn is_ours(&self) -> Result<bool> {
        let page = self.read().await?;
        Ok(page.is_some_and(|(page, _)| page.owner == self.owner))
    }

    /// The error of a run that met another one.
    pub(super) fn contended(&self) -> Error {
        let message = "another rekey of the same tables is under way; wait for its end, and call it \
                       again";
        self.old.error(ErrorKind::Conflict, message)
    }

    async fn read(&self) -> Result<Option<(Journaled, Version)>> {
        let (session, path) = (self.old.session(), &self.path);
        let object = match session.backend().get(path, session.meter()).await {
            Ok(object) => object,
            Err(error) if error.reason() == Reason::NotFound => return Ok(None),
            Err(error) => return Err(self.fail(error, "read the rekey's journal")),
        };
        let unknown = |why: &dyn std::fmt::Display| {
            let message = format!("the object {path:?} is no journal of a rekey: {why}");
            self.old.error(ErrorKind::Other, message)
        };
        let page: Journaled =
            serde_json::from_slice(&object.body).map_err(|error| unknown(&error))?;
        if page.format != FORMAT || page.from != self.from || page.to != self.to {
            return Err(unknown(&"it is of another form or of other tables"));
        }
        Ok(Some((page, object.entry.version)))
    }

    async fn put(
        &mut self,
        stage: Stage,
        rows: Vec<Entry>,
        condition: Condition,
    ) -> Result<Journaled> {
        let page = Journaled {
            format: FORMAT,
            owner: self.owner.clone(),
            from: self.from.to_owned(),
            to: self.to.to_owned(),
            stage,
            rows,
        };
        let written = self.send(&page, condition).await;
        self.written = written.map_err(|error| self.fail(error, "write the rekey's journal"))?;
        Ok(page)
    }

    async fn send(&self, page: &Journaled, condition: Condition) -> Result<Version, StoreError> {
        let json = serde_json::to_vec(page)
            .map_err(|error| StoreError::new(Reason::Other, error.to_string()))?;
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/json".into());
        let request = PutRequest {
            condition,
            attributes,
            ..PutRequest::default()
        };
        let (session, body) = (self.old.session(), Bytes::from(json));
        let put = session
            .backend()
            .put(&self.path, body, request, session.meter());
        put.await
    }

    fn fail(&self, error: StoreError, doing: &str) -> Error {
        match error.reason() {
            Reason::Changed | Reason::AlreadyExists | Reason::NotFound => self.contended(),
            _ => self.old.place(self.old.session().fail(error, doing)),
        }
    }
}
