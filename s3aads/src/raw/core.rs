//! What raw and typed tables share: one table's place in its database, and single-row requests.

use std::sync::Arc;

use bytes::Bytes;
use object_store::Attributes;

use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::key::MAX_PATH_BYTES;
use crate::options::WriteOptions;
use crate::scan::Source;
use crate::schema::Schema;
use crate::store::{
    Condition, Meter, Object, ObjectEntry, PutRequest, Reason, StoreError, Version,
};

/// A table's place in its database. Paths given to it are below the table.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    db: Database,
    schema: Arc<Schema>,
    root: String,
}

impl Core {
    pub(crate) fn new(db: Database, schema: Arc<Schema>) -> Self {
        let root = db.root(schema.table());
        Self { db, schema, root }
    }

    pub(crate) fn db(&self) -> &Database {
        &self.db
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// For the listing layer; requests are counted on `meter`.
    pub(crate) fn source(&self, meter: Meter) -> Source {
        Source {
            backend: Arc::clone(self.db.backend()),
            meter,
            root: self.root.clone(),
            schema: Arc::clone(&self.schema),
            database: self.db.name().to_owned(),
        }
    }

    /// Names database and table in an error.
    pub(crate) fn place(&self, error: Error) -> Error {
        error
            .in_database(self.db.name())
            .in_table(self.schema.table())
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        self.place(Error::new(kind, message))
    }

    /// Names database, table and key in a store's error.
    pub(crate) fn fail(&self, error: StoreError, doing: &str, path: &str) -> Error {
        self.place(self.db.fail(error, doing)).at_key(path)
    }

    /// The full key of a path below the table.
    ///
    /// # Errors
    ///
    /// `InvalidKey` where it is longer than any store takes.
    pub(crate) fn full(&self, path: &str) -> Result<String> {
        let full = format!("{}{path}", self.root);
        if full.len() > MAX_PATH_BYTES {
            return Err(self
                .error(
                    ErrorKind::InvalidKey,
                    format!(
                        "the object's path would have {} bytes and stores take {MAX_PATH_BYTES}",
                        full.len()
                    ),
                )
                .at_key(path));
        }
        Ok(full)
    }

    pub(crate) async fn get(&self, path: &str, meter: &Meter) -> Result<Option<Object>> {
        match self.db.backend().get(&self.full(path)?, meter).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.reason() == Reason::NotFound => Ok(None),
            Err(error) => Err(self.fail(error, "read the row", path)),
        }
    }

    pub(crate) async fn head(&self, path: &str) -> Result<Option<(ObjectEntry, Attributes)>> {
        match self
            .db
            .backend()
            .head(&self.full(path)?, self.db.meter())
            .await
        {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.reason() == Reason::NotFound => Ok(None),
            Err(error) => Err(self.fail(error, "look for the row", path)),
        }
    }

    pub(crate) async fn put(
        &self,
        path: &str,
        body: Bytes,
        condition: Condition,
        options: &WriteOptions,
    ) -> Result<Version> {
        let full = self.full(path)?;
        let attributes = options
            .attributes(self.schema.body().content_type())
            .map_err(|error| self.place(error).at_key(path))?;
        let tags = options.tags();
        let meter = self.db.meter();
        let fits = meter.fits(body.len() as u64);
        fits.map_err(|error| self.fail(error, "write the row", path))?;
        if condition != Condition::None {
            self.require_conditions(path)?;
        }
        let request = PutRequest {
            condition,
            attributes,
            tags: tags.map_err(|error| self.place(error).at_key(path))?,
        };
        let put = self
            .db
            .backend()
            .put(&full, body, request, self.db.meter())
            .await;
        put.map_err(|error| self.fail(error, "write the row", path))
    }

    /// Writes an object that was read elsewhere under a free key, with its headers and metadata.
    pub(crate) async fn move_in(&self, path: &str, object: Object) -> Result<()> {
        let full = self.full(path)?;
        self.require_conditions(path)?;
        let request = PutRequest {
            condition: Condition::Absent,
            attributes: object.attributes,
            ..PutRequest::default()
        };
        let put = self
            .db
            .backend()
            .put(&full, object.body, request, self.db.meter())
            .await;
        put.map(drop)
            .map_err(|error| self.fail(error, "write the row", path))
    }

    /// Refuses a conditional write on a store that is known not to honour conditions.
    fn require_conditions(&self, path: &str) -> Result<()> {
        if self.db.conditions().honoured() != Some(false) {
            return Ok(());
        }
        Err(self
            .error(
                ErrorKind::Unsupported,
                "this store was found not to honour conditional writes, so the row could overwrite \
                 another; use `upsert` where that is wanted",
            )
            .at_key(path))
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<()> {
        let deleted = self
            .db
            .backend()
            .delete(&self.full(path)?, None, self.db.meter())
            .await;
        deleted.map_err(|error| self.fail(error, "delete the row", path))
    }

    /// Copies a row on the server where both tables are on one, else through this process.
    pub(crate) async fn copy(&self, from: &str, target: &Self, to: &str) -> Result<()> {
        let (source, destination) = (self.db.backend(), target.db.backend());
        let (from_full, to_full) = (self.full(from)?, target.full(to)?);
        let meter = target.db.meter();
        if source.server_id() == destination.server_id() {
            let copied = destination
                .copy(source, &from_full, &to_full, Condition::None, meter)
                .await;
            return copied
                .map(drop)
                .map_err(|error| self.fail(error, "copy the row", from));
        }
        let object = source.get(&from_full, self.db.meter()).await;
        let object = object.map_err(|error| self.fail(error, "read the row to copy", from))?;
        let request = PutRequest {
            attributes: object.attributes,
            ..PutRequest::default()
        };
        let put = destination.put(&to_full, object.body, request, meter).await;
        put.map(drop)
            .map_err(|error| target.fail(error, "write the copied row", to))
    }
}
