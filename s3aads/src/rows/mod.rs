//! The one way to row objects: what is read, written, copied or deleted goes through here, of typed
//! and raw tables alike.
//!
//! - [`session`]: the open database
//! - [`conditions`], [`probe`]: which conditions of writes may be believed
//! - [`stored_schema`]: what a table requires of whoever writes to it
//! - [`pack`]: rows that share objects
//! - [`versioned`]: a row with the version it was read at
//! - [`index`]: what rows are found by besides their key
//! - [`rename`]: a row under another key; [`delete`]: many rows, and what is left

pub(crate) mod conditions;
pub(crate) mod delete;
pub(crate) mod index;
pub(crate) mod pack;
mod presign;
pub(crate) mod probe;
mod rename;
pub(crate) mod search;
pub(crate) mod session;
mod stored_schema;
pub(crate) mod versioned;

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use object_store::{Attribute, Attributes, TagSet};

pub(crate) use conditions::Need;
pub(crate) use index::Entries;
use index::{ReadFields, Write};
pub(crate) use session::{RESERVED, Session};

use crate::error::{Error, ErrorKind, Result};
use crate::key::MAX_PATH_BYTES;
use crate::options::WriteOptions;
use crate::scan::Source;
use crate::schema::Schema;
use crate::store::observe::{Operation, Place};
use crate::store::{
    Condition, Copied, Meter, Object, ObjectEntry, PutRequest, Reason, StoreError, Version,
    operation,
};

/// The rows of one table. Paths given to it are below the table.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    session: Arc<Session>,
    schema: Arc<Schema>,
    root: String,
    /// Whether its schema is to be stored with the first row and compared before each write.
    checked: bool,
    /// What tells a row's entries in indexes.
    fields: Option<ReadFields>,
}

impl Rows {
    pub(crate) fn new(session: Arc<Session>, schema: Arc<Schema>) -> Self {
        let root = session.root(schema.table());
        let checked = !schema.requires().is_empty();
        Self {
            session,
            schema,
            root,
            checked,
            fields: None,
        }
    }

    /// The same, of a table whose stored schema was looked at.
    pub(crate) fn checked(mut self) -> Self {
        self.checked = true;
        self
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) fn shared_schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Where the table's keys start in the store; ends in `/`.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// For the listing layer; requests are counted on `meter`.
    pub(crate) fn source(&self, meter: Meter) -> Source {
        Source {
            backend: Arc::clone(self.session.backend()),
            meter,
            root: self.root.clone(),
            schema: Arc::clone(&self.schema),
            database: self.session.name().to_owned(),
        }
    }

    /// An operation on the row of this key path, or on many rows if that is empty.
    pub(crate) fn operation(&self, name: &'static str, key: impl Display) -> Operation {
        Operation::new(
            name,
            Place {
                database: self.session.name(),
                table: self.schema.table(),
                key: &key,
            },
        )
    }

    /// Names database and table in an error.
    pub(crate) fn place(&self, error: Error) -> Error {
        error
            .in_database(self.session.name())
            .in_table(self.schema.table())
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: impl Into<String>) -> Error {
        self.place(Error::new(kind, message))
    }

    /// Names database, table and key in a store's error.
    pub(crate) fn fail(&self, error: StoreError, doing: &str, path: &str) -> Error {
        self.place(self.session.fail(error, doing)).at_key(path)
    }

    /// The place in the key of the column of this name.
    pub(crate) fn column(&self, name: &str) -> Result<usize> {
        let names = || self.schema.columns().iter().map(|column| column.name());
        names().position(|column| column == name).ok_or_else(|| {
            let names: Vec<&str> = names().collect();
            let names = names.join(", ");
            let message = format!("the table has no such column; it has {names}");
            self.error(ErrorKind::InvalidKey, message).in_column(name)
        })
    }

    /// The full key of a path below the table.
    ///
    /// # Errors
    ///
    /// `InvalidKey` where it is longer than any store takes.
    pub(crate) fn full(&self, path: &str) -> Result<String> {
        let full = format!("{}{path}", self.root);
        self.fits(&full, path)?;
        Ok(full)
    }

    /// Refuses an object's key, on behalf of a row, that is longer than any store takes.
    fn fits(&self, full: &str, path: &str) -> Result<()> {
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
        Ok(())
    }

    /// Refuses what the store can't be trusted with; sends what [`Session::honoured`] sends.
    pub(crate) async fn require(&self, needs: &[Need], path: &str) -> Result<()> {
        let met = self.session.require(needs).await;
        met.map_err(|error| self.place(error).at_key(path))
    }

    /// The object at a path, which is a row or a pack of rows.
    async fn object(&self, path: &str, meter: &Meter) -> Result<Option<Object>> {
        let doing = if self.is_packed() {
            "read the pack"
        } else {
            "read the row"
        };
        match self.session.backend().get(&self.full(path)?, meter).await {
            Ok(object) => Ok(Some(object)),
            Err(error) if error.reason() == Reason::NotFound => Ok(None),
            Err(error) => Err(self.fail(error, doing, path)),
        }
    }

    pub(crate) async fn get(&self, path: &str, meter: &Meter) -> Result<Option<Object>> {
        let got = self.fetch(path, meter);
        self.operation("select", path).run(got).await
    }

    async fn fetch(&self, path: &str, meter: &Meter) -> Result<Option<Object>> {
        if self.is_packed() {
            self.get_packed(path, meter).await
        } else {
            self.object(path, meter).await
        }
    }

    pub(crate) async fn head(&self, path: &str) -> Result<Option<(ObjectEntry, Attributes)>> {
        self.operation("meta", path).run(self.look(path)).await
    }

    async fn look(&self, path: &str) -> Result<Option<(ObjectEntry, Attributes)>> {
        if self.is_packed() {
            return self.head_packed(path).await;
        }
        let (backend, meter) = (self.session.backend(), self.session.meter());
        match backend.head(&self.full(path)?, meter).await {
            Ok(head) => Ok(Some(head)),
            Err(error) if error.reason() == Reason::NotFound => Ok(None),
            Err(error) => Err(self.fail(error, "look for the row", path)),
        }
    }

    /// Writes a row with what the options say.
    pub(crate) async fn put(
        &self,
        path: &str,
        body: Bytes,
        condition: Condition,
        options: &WriteOptions,
    ) -> Result<Version> {
        self.put_with(path, body, condition, options, None, None)
            .await
    }

    /// Writes a row with what the options say, over one that had these attributes and entries.
    pub(crate) async fn put_with(
        &self,
        path: &str,
        body: Bytes,
        condition: Condition,
        options: &WriteOptions,
        read: Option<&Attributes>,
        entries: Option<&Entries>,
    ) -> Result<Version> {
        if self.is_packed() {
            return self.put_packed(path, body, condition, options).await;
        }
        let place = |error| self.place(error).at_key(path);
        let content_type = self.schema.body().content_type();
        let mut attributes = options.attributes(content_type).map_err(place)?;
        if let Some(read) = read {
            operation::inherit(read, &mut attributes);
        }
        let tags = options.tags().map_err(place)?;
        let write = Write {
            path,
            body,
            attributes,
            tags,
        };
        self.send(write, condition, entries).await
    }

    /// Writes a row over the one that was read, with the content headers, user metadata and storage
    /// class that it had. Its entries are read again if they are not told.
    pub(crate) async fn put_over(
        &self,
        path: &str,
        body: Bytes,
        version: Version,
        read: &Attributes,
        entries: Option<&Entries>,
    ) -> Result<Version> {
        if self.is_packed() {
            let (condition, options) = (Condition::Unchanged(version), WriteOptions::default());
            return self.put_packed(path, body, condition, &options).await;
        }
        let mut attributes = Attributes::new();
        if let Some(content_type) = self.schema.body().content_type() {
            attributes.insert(Attribute::ContentType, content_type.into());
        }
        for (name, value) in read {
            attributes.insert(name.clone(), value.clone());
        }
        let write = Write {
            path,
            body,
            attributes,
            tags: TagSet::default(),
        };
        self.send(write, Condition::Unchanged(version), entries)
            .await
    }

    /// Writes what a row of another table becomes here, with the content headers, user metadata and
    /// storage class that it had, over an object of these attributes if there is one.
    pub(crate) async fn put_moved(
        &self,
        path: &str,
        body: Bytes,
        condition: Condition,
        row: &Object,
        over: Option<&Attributes>,
    ) -> Result<Version> {
        if self.is_packed() {
            let options = WriteOptions::default();
            return self.put_packed(path, body, condition, &options).await;
        }
        let mut attributes = kept(row);
        operation::inherit(over.unwrap_or(&Attributes::new()), &mut attributes);
        match self.schema.body().content_type() {
            Some(own) => drop(attributes.insert(Attribute::ContentType, own.into())),
            None => drop(attributes.remove(&Attribute::ContentType)),
        }
        let write = Write {
            path,
            body,
            attributes,
            tags: TagSet::default(),
        };
        self.send(write, condition, None).await
    }

    /// Writes a row that was read as it is, under another key.
    async fn put_kept(&self, path: &str, row: &Object, condition: Condition) -> Result<Version> {
        let body = row.body.clone();
        if self.is_packed() {
            let options = WriteOptions::default();
            return self.put_packed(path, body, condition, &options).await;
        }
        let write = Write {
            path,
            body,
            attributes: kept(row),
            tags: TagSet::default(),
        };
        self.send(write, condition, None).await
    }

    /// Every write of a row that has an object of its own, over one that had these entries as far as it is
    /// known.
    async fn send(
        &self,
        write: Write<'_>,
        condition: Condition,
        entries: Option<&Entries>,
    ) -> Result<Version> {
        let operation = self.operation(condition.write(), write.path);
        let written = self.send_body(write, condition, entries);
        operation.run(written).await
    }

    async fn send_body(
        &self,
        write: Write<'_>,
        condition: Condition,
        entries: Option<&Entries>,
    ) -> Result<Version> {
        let Write { path, ref body, .. } = write;
        let full = self.full(path)?;
        let meter = self.session.meter();
        let fits = meter.fits(body.len() as u64);
        fits.map_err(|error| self.fail(error, "write the row", path))?;
        if self.is_indexed() {
            self.require(&[Need::Create, Need::Update], path).await?;
            self.admit().await?;
            // Boxed, so that writes without entries are not as large.
            return Box::pin(self.put_indexed(write, condition, entries)).await;
        }
        match condition {
            Condition::None => {}
            Condition::Absent => self.require(&[Need::Create], path).await?,
            Condition::Unchanged(_) => self.require(&[Need::Update], path).await?,
        }
        self.admit().await?;
        let request = PutRequest {
            condition,
            attributes: write.attributes,
            tags: write.tags,
            ..PutRequest::default()
        };
        let put = self
            .session
            .backend()
            .put(&full, write.body, request, meter);
        put.await
            .map_err(|error| self.fail(error, "write the row", path))
    }

    /// Deletes a row; with a version only that one.
    pub(crate) async fn delete(&self, path: &str, version: Option<&Version>) -> Result<()> {
        let deleted = self.delete_row(path, version);
        self.operation("delete", path).run(deleted).await
    }

    async fn delete_row(&self, path: &str, version: Option<&Version>) -> Result<()> {
        if self.is_packed() {
            return self.delete_packed(path, version).await;
        }
        let full = self.full(path)?;
        if version.is_some() {
            self.require(&[Need::Delete], path).await?;
        }
        self.admit().await?;
        let (backend, meter) = (self.session.backend(), self.session.meter());
        if self.is_indexed() {
            return Box::pin(self.delete_indexed(path, version, meter)).await;
        }
        let deleted = backend.delete(&full, version, meter).await;
        deleted.map_err(|error| self.fail(error, "delete the row", path))
    }

    /// Copies a row on the server where both tables are on one, else through this process, and gives
    /// the versions of both as far as the store tells them.
    pub(crate) async fn copy(
        &self,
        from: &str,
        target: &Self,
        to: &str,
        condition: Condition,
    ) -> Result<Copied> {
        let copied = self.copy_row(from, target, to, condition);
        self.operation("copy", from).run(copied).await
    }

    async fn copy_row(
        &self,
        from: &str,
        target: &Self,
        to: &str,
        condition: Condition,
    ) -> Result<Copied> {
        if self.is_packed() || target.is_packed() {
            let copied = self.copy_packed(from, target, to, condition).await;
            return copied.map(|()| Copied::default());
        }
        if target.is_indexed() {
            return Box::pin(self.copy_to_indexed(from, target, to, condition)).await;
        }
        let (source, destination) = (self.session.backend(), target.session.backend());
        let (from_full, to_full) = (self.full(from)?, target.full(to)?);
        let meter = target.session.meter();
        let one_server = source.server_id() == destination.server_id();
        let by_server = match condition {
            Condition::None => one_server,
            _ => one_server && target.session.honoured().await?.meets(Need::Copy),
        };
        if condition != Condition::None && !by_server {
            target.require(&[Need::Create], to).await?;
        }
        target.admit().await?;
        if by_server {
            let copied = destination
                .copy(source, &from_full, &to_full, condition, meter)
                .await;
            return copied.map_err(|error| self.fail(error, "copy the row", from));
        }
        let object = source.get(&from_full, self.session.meter()).await;
        let object = object.map_err(|error| self.fail(error, "read the row to copy", from))?;
        let request = PutRequest {
            condition,
            attributes: kept(&object),
            ..PutRequest::default()
        };
        let put = destination.put(&to_full, object.body, request, meter).await;
        let copy = put.map_err(|error| target.fail(error, "write the copied row", to))?;
        Ok(Copied {
            source: object.entry.version,
            target: copy,
        })
    }
}

/// What goes with an object and is to stay when its body is written anew. Tags are not in it: a GET
/// does not tell them.
pub(crate) fn kept(object: &Object) -> Attributes {
    let mut attributes = object.attributes.clone();
    if let Some(class) = &object.entry.storage_class {
        attributes.insert(Attribute::StorageClass, class.clone().into());
    }
    attributes
}
