//! What is under way of a rekey, `_s3aads/rekey/<old>/<new>/<id>.json`:
//!
//! ```json
//! {"format":1,"owner":"5f0a","from":"days","to":"days_by_year","rows":[
//!  {"from":"1/2020","to":"2020/1","version":"vIjUi"}]}
//! ```
//!
//! A page is written before its rows are copied, when none of their new keys was taken, and removed
//! once they are gone under their old ones. So a row under both keys that stands in a page was most
//! likely copied by its owner, and one that stands in none was not. Whoever goes on with another's
//! page makes it his own first, by its version, and the other notices before it takes anything back.

use bytes::Bytes;
use object_store::{Attribute, Attributes};
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::rows::{RESERVED, Rows};
use crate::store::{
    Condition, ListRequest, ListingProgress, PutRequest, Reason, StoreError, Version,
};

/// The form that this release writes and reads.
const FORMAT: u32 = 1;

/// One row that is moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    /// Its path below the old table.
    pub from: String,
    /// Its path below the new one.
    pub to: String,
    /// Its version as it was listed, as text.
    pub version: String,
}

/// Rows that are moved together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Page {
    format: u32,
    owner: String,
    from: String,
    to: String,
    /// The rows.
    pub rows: Vec<Entry>,
}

/// A page as it is stored.
#[derive(Debug)]
pub(super) struct Stored {
    path: String,
    /// The page.
    pub page: Page,
}

/// The journal of the rekeys from one table to another.
#[derive(Debug)]
pub(super) struct Journal<'a> {
    old: &'a Rows,
    folder: String,
    owner: String,
    from: String,
    to: String,
}

impl<'a> Journal<'a> {
    /// That of a run which begins now.
    pub(super) fn new(old: &'a Rows, new: &Rows) -> Self {
        let (from, to) = (old.schema().table(), new.schema().table());
        let folder = format!(
            "{}rekey/{}/{}/",
            old.session().root(RESERVED),
            encode_segment(from),
            encode_segment(to)
        );
        Self {
            old,
            folder,
            owner: format!("{:032x}", fastrand::u128(..)),
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    /// Writes a page of rows that are about to be copied. Sends 1 PUT.
    pub(super) async fn begin(&self, rows: Vec<Entry>) -> Result<Stored> {
        let page = Page {
            format: FORMAT,
            owner: self.owner.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            rows,
        };
        let path = format!("{}{:032x}.json", self.folder, fastrand::u128(..));
        match self.put(&path, &page, Condition::Absent).await {
            Ok(_) => Ok(Stored { path, page }),
            Err(error) => Err(self.fail(error, "write the rekey's journal")),
        }
    }

    /// Removes the page of rows that are moved. Sends 1 DELETE.
    pub(super) async fn end(&self, stored: &Stored) -> Result<()> {
        let session = self.old.session();
        let deleted = session
            .backend()
            .delete(&stored.path, None, session.meter());
        let deleted = deleted.await;
        deleted.map_err(|error| self.fail(error, "clear the rekey's journal"))
    }

    /// Whether nobody else has gone on with this page. Sends 1 GET.
    pub(super) async fn is_ours(&self, stored: &Stored) -> Result<bool> {
        let page = self.read(&stored.path).await?;
        Ok(page.is_some_and(|(page, _)| page.owner == self.owner))
    }

    /// The paths of what earlier runs left. Sends 1 LIST for each 1,000 pages.
    pub(super) async fn left(&self) -> Result<Vec<String>> {
        let session = self.old.session();
        let mut request = ListRequest {
            prefix: self.folder.clone(),
            ..ListRequest::default()
        };
        let (mut progress, mut paths) = (ListingProgress::default(), Vec::new());
        loop {
            let page = session.backend().list(request.clone(), session.meter());
            let page = page.await.and_then(|page| progress.follow(page));
            let page = page.map_err(|error| self.fail(error, "list the rekey's journal"))?;
            let keys = page.objects.into_iter().map(|object| object.key);
            paths.extend(keys.filter(|key| key.starts_with(&self.folder)));
            match page.next {
                Some(token) => request.token = Some(token),
                None => return Ok(paths),
            }
        }
    }

    /// Makes a page one's own; none if it is gone by now. Sends 1 GET and 1 PUT.
    pub(super) async fn take_over(&self, path: &str) -> Result<Option<Stored>> {
        let Some((mut page, version)) = self.read(path).await? else {
            return Ok(None);
        };
        page.owner.clone_from(&self.owner);
        match self.put(path, &page, Condition::Unchanged(version)).await {
            Ok(_) => Ok(Some(Stored {
                path: path.to_owned(),
                page,
            })),
            Err(error) if error.reason() == Reason::Changed => Err(self.contended()),
            Err(error) => Err(self.fail(error, "go on with the rekey's journal")),
        }
    }

    /// The error of a run that met another one.
    pub(super) fn contended(&self) -> Error {
        let message = "another rekey of the same tables is under way; wait for its end, and call it \
                       again";
        self.old.error(ErrorKind::Conflict, message)
    }

    async fn read(&self, path: &str) -> Result<Option<(Page, Version)>> {
        let session = self.old.session();
        let object = match session.backend().get(path, session.meter()).await {
            Ok(object) => object,
            Err(error) if error.reason() == Reason::NotFound => return Ok(None),
            Err(error) => return Err(self.fail(error, "read the rekey's journal")),
        };
        let unknown = |why: &dyn std::fmt::Display| {
            let message = format!("the object {path:?} is no page of a rekey's journal: {why}");
            self.old.error(ErrorKind::Other, message)
        };
        let page: Page = serde_json::from_slice(&object.body).map_err(|error| unknown(&error))?;
        if page.format != FORMAT || page.from != self.from || page.to != self.to {
            return Err(unknown(&"it is of another form or of other tables"));
        }
        Ok(Some((page, object.entry.version)))
    }

    async fn put(
        &self,
        path: &str,
        page: &Page,
        condition: Condition,
    ) -> Result<Version, StoreError> {
        let json = serde_json::to_vec(page)
            .map_err(|error| StoreError::new(Reason::Other, error.to_string()))?;
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/json".into());
        let request = PutRequest {
            condition,
            attributes,
            ..PutRequest::default()
        };
        let session = self.old.session();
        let put = session.backend();
        put.put(path, Bytes::from(json), request, session.meter())
            .await
    }

    fn fail(&self, error: StoreError, doing: &str) -> Error {
        self.old.place(self.old.session().fail(error, doing))
    }
}
