//! Finds out by trying what a store really honours.

use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use futures_util::future::join_all;
use object_store::{Attribute, Attributes};

use super::{Database, RESERVED};
use crate::error::Result;
use crate::store::{
    Condition, Deletion, ListRequest, PutRequest, Reason, Result as Answer, StoreError, Version,
};

/// What one trial showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// The store does it.
    Honoured,
    /// The store accepts the request and does not do it: the dangerous answer.
    Ignored,
    /// The store refuses the request.
    Refused,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Honoured => "yes",
            Self::Ignored => "no: accepted and ignored",
            Self::Refused => "no: refused",
        })
    }
}

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
    /// A listing starts after a key; seeks need it, and are done without where it is missing.
    pub start_after: Capability,
    /// A listing rolls keys up at `/`; `distinct` on leading columns needs it.
    pub delimiter: Capability,
    /// Many objects are deleted by one request; single deletes are sent where it is missing.
    pub bulk_delete: Capability,
    /// User metadata is kept; finding out one's own success after a retry needs it.
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

/// What this handle knows of the store's conditions.
#[derive(Debug, Default)]
pub(crate) struct Known(AtomicU8);

impl Known {
    const HONOURED: u8 = 1;
    const NOT_HONOURED: u8 = 2;

    /// None until [`Database::check`] has run.
    pub(crate) fn honoured(&self) -> Option<bool> {
        match self.0.load(Ordering::Relaxed) {
            Self::HONOURED => Some(true),
            Self::NOT_HONOURED => Some(false),
            _ => None,
        }
    }

    fn set(&self, honoured: bool) {
        let value = if honoured {
            Self::HONOURED
        } else {
            Self::NOT_HONOURED
        };
        self.0.store(value, Ordering::Relaxed);
    }
}

/// How many creates of one key are sent at once.
const CONCURRENT: usize = 16;

impl Database {
    /// Finds out by trying what the store honours, under `_s3aads/check/`, and cleans up.
    ///
    /// Some stores accept a condition and ignore it. From then on this handle and its clones refuse
    /// conditional writes (`insert`, `update`, `modify`) with `Unsupported` on a store that was found
    /// not to honour them, rather than overwrite in silence; `upsert` works everywhere. Sends about
    /// 40 requests: run it once when a service starts, or when a store is chosen.
    ///
    /// # Errors
    ///
    /// `NotFound` where the bucket is not there; `PermissionDenied`; `Unavailable`.
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
        let found = found.map_err(|error| self.fail(error, "check what the store honours"))?;
        cleaned.map_err(|error| self.fail(error, "clean up after the check"))?;
        self.conditions().set(found.conditional_writes());
        Ok(found)
    }
}

struct Trial<'a> {
    db: &'a Database,
    folder: String,
}

impl Trial<'_> {
    async fn run(&self) -> Answer<Capabilities> {
        // What is asked of every store first: that it can be written and read at all.
        self.put("probe", Condition::None).await?;
        let (start_after, delimiter) = self.listing().await?;
        Ok(Capabilities {
            create_only: self.create_only().await?,
            concurrent_creates: self.concurrent_creates().await?,
            update_unchanged: self.update_unchanged().await?,
            start_after,
            delimiter,
            bulk_delete: self.bulk_delete().await?,
            metadata: self.metadata().await?,
        })
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

    async fn concurrent_creates(&self) -> Answer<Capability> {
        let creates = (0..CONCURRENT).map(|_| self.put("race", Condition::Absent));
        let mut won = 0;
        for answer in join_all(creates).await {
            match answer {
                Ok(_) => won += 1,
                Err(error) if error.reason() == Reason::AlreadyExists => {}
                Err(error) => return refused(error),
            }
        }
        Ok(if won == 1 {
            Capability::Honoured
        } else {
            Capability::Ignored
        })
    }

    async fn update_unchanged(&self) -> Answer<Capability> {
        let first = self.put("update", Condition::None).await?;
        match self
            .put("update", Condition::Unchanged(first.clone()))
            .await
        {
            Ok(_) => {}
            Err(error) if error.reason() == Reason::Changed => return Ok(Capability::Refused),
            Err(error) => return refused(error),
        }
        // The first ETag is stale by now.
        match self.put("update", Condition::Unchanged(first)).await {
            Ok(_) => Ok(Capability::Ignored),
            Err(error) if error.reason() == Reason::Changed => Ok(Capability::Honoured),
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
        let bulk = self.db.backend().traits().bulk_delete;
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
        let deleted = self.db.backend().delete_many(&all, self.db.meter()).await;
        deleted.into_iter().collect()
    }
}

/// A store that says it can't is one thing; a store that can't be asked is an error.
fn refused(error: StoreError) -> Answer<Capability> {
    match error.reason() {
        Reason::Unsupported => Ok(Capability::Refused),
        _ => Err(error),
    }
}
