//! Finds out by trying what a store really honours.

use std::fmt;

use bytes::Bytes;
use object_store::{Attribute, Attributes};

use super::{Capability, Conditions, Database};
use crate::error::Result;
use crate::rows::RESERVED;
use crate::rows::conditions::Honoured;
use crate::rows::delete::{DEFAULT_CONCURRENCY, Deleter, InFlight};
use crate::rows::probe;
use crate::store::{
    Condition, Deletion, ListRequest, PutRequest, Reason, Result as Answer, StoreError, Version,
};

/// What [`Database::check`] found out; it prints as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Capabilities {
    /// `If-None-Match: *` refuses a second create; `insert` needs it.
    pub create_only: Capability,
    /// Of creates sent at once, exactly one succeeds; `insert` needs it.
    pub concurrent_creates: Capability,
    /// `If-Match` refuses a write over a changed object; `update` and `modify` need it.
    pub update_unchanged: Capability,
    /// `If-Match` refuses the delete of a changed object; `rename` and `delete_versioned` need it.
    pub delete_unchanged: Capability,
    /// An ETag in a bulk delete does the same; with it `Query::delete` spares changed rows.
    pub bulk_delete_unchanged: Capability,
    /// `If-None-Match: *` refuses a copy over an existing object; without it `to_new` copies through
    /// this process.
    pub create_only_copy: Capability,
    /// A listing can start after a key. Without that, queries list more, since they can't seek.
    pub start_after: Capability,
    /// A listing rolls keys up at `/`; `distinct` on leading columns needs it.
    pub delimiter: Capability,
    /// Many objects are deleted by one request; single deletes are sent if it is missing.
    pub bulk_delete: Capability,
    /// User metadata is kept; a write needs it to find out after a retry that it had succeeded.
    pub metadata: Capability,
}

impl Capabilities {
    /// Whether `insert`, `update` and `modify` are safe on this store.
    pub fn conditional_writes(&self) -> bool {
        [
            self.create_only,
            self.concurrent_creates,
            self.update_unchanged,
        ]
        .iter()
        .all(|capability| *capability == Capability::Honoured)
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = [
            ("create only (If-None-Match)", self.create_only),
            ("concurrent creates, one winner", self.concurrent_creates),
            ("update if unchanged (If-Match)", self.update_unchanged),
            ("delete if unchanged (If-Match)", self.delete_unchanged),
            (
                "bulk delete if unchanged (ETag)",
                self.bulk_delete_unchanged,
            ),
            ("copy to a free key (If-None-Match)", self.create_only_copy),
            ("listing after a key (start-after)", self.start_after),
            ("listing by folder (delimiter)", self.delimiter),
            ("bulk delete", self.bulk_delete),
            ("user metadata", self.metadata),
        ];
        for (i, (name, capability)) in rows.into_iter().enumerate() {
            let newline = if i == 0 { "" } else { "\n" };
            write!(f, "{newline}{name:<34} {capability}")?;
        }
        Ok(())
    }
}

/// How many creates of one key are sent at once.
const CONCURRENT: usize = 16;

impl Database {
    /// Tries out what the store honours, on objects under `_s3aads/check/` that it removes again.
    ///
    /// Some stores accept a condition and ignore it. After this check, the handle and its clones
    /// refuse what the store does not honour (`Unsupported`) rather than overwrite in silence;
    /// `upsert` works everywhere. On a store that is not known, the first conditional write runs a
    /// shorter check by itself. This one looks harder, and its outcome replaces the remembered one:
    /// run it when you choose a store, and after the store was changed. Sends about 50 requests.
    ///
    /// # Errors
    ///
    /// `NotFound` if the bucket is not there; `PermissionDenied`; `Unavailable`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// let db = s3aads::Database::open("memory:///check")?;
    /// db.create().await?;
    /// let capabilities = db.check().await?;
    /// assert!(capabilities.conditional_writes());
    /// println!("{capabilities}");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn check(&self) -> Result<Capabilities> {
        let trial = Trial {
            db: self,
            folder: format!("{}check/{:032x}/", self.root(RESERVED), fastrand::u128(..)),
        };
        let found = trial.run().await;
        let cleaned = trial.clean_up().await;
        let doing = "check what the store honours";
        let (found, honoured) = found.map_err(|error| self.fail(error, doing))?;
        cleaned.map_err(|error| self.fail(error, "clean up after the check"))?;
        self.session().learn(honoured);
        if self.backend().features().conditions == Conditions::Checked {
            self.session().remember(&honoured).await;
        }
        Ok(found)
    }
}

struct Trial<'a> {
    db: &'a Database,
    folder: String,
}

impl Trial<'_> {
    async fn run(&self) -> Answer<(Capabilities, Honoured)> {
        // What is asked of every store first: that it can be written and read at all.
        self.put("probe", Condition::None).await?;
        let (start_after, delimiter) = self.listing().await?;
        let create_only = self.create_only().await?;
        let mut honoured = probe::conditions(self.db.session(), CONCURRENT).await?;
        let found = Capabilities {
            create_only,
            concurrent_creates: honoured.creates,
            update_unchanged: honoured.updates,
            delete_unchanged: honoured.deletes,
            bulk_delete_unchanged: honoured.bulk_deletes,
            create_only_copy: honoured.copies,
            start_after,
            delimiter,
            bulk_delete: self.bulk_delete().await?,
            metadata: self.metadata().await?,
        };
        if create_only != Capability::Honoured {
            honoured.creates = create_only;
        }
        Ok((found, honoured))
    }

    fn path(&self, name: &str) -> String {
        format!("{}{name}", self.folder)
    }

    async fn put(&self, name: &str, condition: Condition) -> Answer<Version> {
        let request = PutRequest {
            condition,
            ..PutRequest::default()
        };
        let body = Bytes::from(format!("{:032x}", fastrand::u128(..)));
        self.db
            .backend()
            .put(&self.path(name), body, request, self.db.meter())
            .await
    }

    async fn create_only(&self) -> Answer<Capability> {
        match self.put("create", Condition::Absent).await {
            Ok(_) => {}
            Err(error) => return refused(error),
        }
        match self.put("create", Condition::Absent).await {
            Ok(_) => Ok(Capability::Ignored),
            Err(error) if error.reason() == Reason::AlreadyExists => Ok(Capability::Honoured),
            Err(error) => refused(error),
        }
    }

    async fn listing(&self) -> Answer<(Capability, Capability)> {
        for name in ["list/a/1", "list/a/2", "list/b/1"] {
            self.put(name, Condition::None).await?;
        }
        let request = ListRequest {
            prefix: self.path("list/"),
            ..ListRequest::default()
        };
        let after = ListRequest {
            start_after: Some(self.path("list/a/1")),
            ..request.clone()
        };
        let after = self.db.backend().list(after, self.db.meter()).await?;
        let rolled_up = ListRequest {
            delimiter: true,
            ..request
        };
        let rolled_up = self.db.backend().list(rolled_up, self.db.meter()).await?;
        let verdict = |honoured| {
            if honoured {
                Capability::Honoured
            } else {
                Capability::Ignored
            }
        };
        Ok((
            verdict(after.objects.len() == 2),
            verdict(rolled_up.prefixes.len() == 2),
        ))
    }

    async fn bulk_delete(&self) -> Answer<Capability> {
        let names = ["delete/1", "delete/2"];
        for name in names {
            self.put(name, Condition::None).await?;
        }
        let paths = names.map(|name| self.path(name));
        self.delete(paths.clone()).await?;
        for path in &paths {
            match self.db.backend().head(path, self.db.meter()).await {
                Err(error) if error.reason() == Reason::NotFound => {}
                Ok(_) => return Ok(Capability::Ignored),
                Err(error) => return Err(error),
            }
        }
        // The backend sends single deletes where the store has no bulk delete, and knows by now.
        let bulk = self.db.backend().features().bulk_delete;
        Ok(if bulk {
            Capability::Honoured
        } else {
            Capability::Refused
        })
    }

    async fn metadata(&self) -> Answer<Capability> {
        let name = Attribute::Metadata("trial".into());
        let mut attributes = Attributes::new();
        attributes.insert(name.clone(), "kept".into());
        let request = PutRequest {
            attributes,
            ..PutRequest::default()
        };
        let path = self.path("metadata");
        match self
            .db
            .backend()
            .put(&path, Bytes::new(), request, self.db.meter())
            .await
        {
            Ok(_) => {}
            Err(error) => return refused(error),
        }
        let (_, attributes) = self.db.backend().head(&path, self.db.meter()).await?;
        let kept = attributes
            .get(&name)
            .is_some_and(|value| value.as_ref() == "kept");
        Ok(if kept {
            Capability::Honoured
        } else {
            Capability::Ignored
        })
    }

    async fn clean_up(&self) -> Answer<()> {
        let request = ListRequest {
            prefix: self.folder.clone(),
            ..ListRequest::default()
        };
        let page = self.db.backend().list(request, self.db.meter()).await?;
        self.delete(page.objects.into_iter().map(|object| object.key))
            .await
    }

    async fn delete(&self, paths: impl IntoIterator<Item = String>) -> Answer<()> {
        let all: Vec<Deletion> = paths.into_iter().map(Deletion::from).collect();
        let limit = InFlight::new(DEFAULT_CONCURRENCY);
        let deleter = Deleter::new(&self.db.session, self.db.meter(), limit);
        deleter.delete(all).await.into_iter().collect()
    }
}

/// A store that says it can't is one thing; a store that can't be asked is an error.
fn refused(error: StoreError) -> Answer<Capability> {
    match error.reason() {
        Reason::Unsupported => Ok(Capability::Refused),
        _ => Err(error),
    }
}
