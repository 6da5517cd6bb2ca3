//! A table's stored schema in its database, `_s3aads/schema/<table>.json`, and who may write by it.
//!
//! The first write or delete of a table that was opened checked, or that requires something of its
//! writers, stores the schema before it. What was learned of a stored schema holds for the open database
//! and all its handles: one whose schema lacks what the stored one requires must not write.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use object_store::{Attribute, Attributes};

use super::{Need, RESERVED, Rows, Session};
use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::schema::{Schema, StoredSchema, Unreadable};
use crate::store::{Condition, ListRequest, PutRequest, Reason};

/// What is known of the stored schemas of an open database.
#[derive(Debug, Default)]
pub(super) struct Schemas {
    known: Mutex<BTreeMap<String, Known>>,
    /// Held while a write finds out or stores one, so that the others wait for it.
    finding: tokio::sync::Mutex<()>,
}

/// What is known of one table's stored schema.
#[derive(Debug, Clone)]
enum Known {
    /// There was none.
    Absent,
    /// This one.
    Stored(Arc<StoredSchema>),
}

impl Schemas {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, table: &str) -> Option<Known> {
        self.lock().get(table).cloned()
    }

    fn learn(&self, table: &str, known: Known) {
        self.lock().insert(table.to_owned(), known);
    }
}

impl Session {
    /// Where a table's schema is stored.
    pub(crate) fn schema_path(&self, table: &str) -> String {
        format!(
            "{}schema/{}.json",
            self.root(RESERVED),
            encode_segment(table)
        )
    }

    /// A table's stored schema, where there is one. Sends 1 request.
    pub(crate) async fn stored_schema(&self, table: &str) -> Result<Option<Arc<StoredSchema>>> {
        let path = self.schema_path(table);
        let stored = match self.backend().get(&path, self.meter()).await {
            Ok(object) => object.body,
            Err(error) if error.reason() == Reason::NotFound => {
                self.schemas.learn(table, Known::Absent);
                return Ok(None);
            }
            Err(error) => {
                let error = self.fail(error, "read the table's schema");
                return Err(error.in_table(table));
            }
        };
        let stored = StoredSchema::parse(&stored).map_err(|unreadable| match unreadable {
            Unreadable::Json(source) => self
                .mismatch(table, format!("the table's stored schema {path:?} is none"))
                .because(source),
            Unreadable::Format(format) => self.mismatch(
                table,
                format!(
                    "the table's stored schema has format {format}, which this release can't read"
                ),
            ),
            Unreadable::Unknown(what) => self.mismatch(
                table,
                format!(
                    "the table's stored schema has the {what}, which this release does not know"
                ),
            ),
        })?;
        if stored.schema.table() != table {
            let named = stored.schema.table();
            return Err(self.mismatch(
                table,
                format!("the table's stored schema {path:?} is one of the table {named:?}"),
            ));
        }
        let stored = Arc::new(stored);
        self.schemas
            .learn(table, Known::Stored(Arc::clone(&stored)));
        Ok(Some(stored))
    }

    /// Compares a table's stored schema, where there is one, with a program's. Sends 1 request.
    pub(crate) async fn agree_on_schema(&self, schema: &Schema) -> Result<()> {
        match self.stored_schema(schema.table()).await? {
            Some(stored) => self.compare(&stored, schema),
            None => Ok(()),
        }
    }

    /// Looks at a table's stored schema anew when it is next needed.
    pub(crate) fn forget_schema(&self, table: &str) {
        self.schemas.lock().remove(table);
    }

    /// Refuses to drop a table of which this database knows that it requires what this release does
    /// not know: there may be more of it than its folder. Sends nothing.
    pub(crate) fn may_drop(&self, table: &str) -> Result<()> {
        match self.schemas.known(table) {
            Some(Known::Stored(stored)) => self.provides(table, &stored.unknown()),
            Some(Known::Absent) | None => Ok(()),
        }
    }

    /// Whether indexes of a table may have entries, as far as this database knows.
    pub(crate) fn may_have_entries(&self, table: &str) -> bool {
        match self.schemas.known(table) {
            Some(Known::Stored(stored)) => !stored.schema.indexes().is_empty(),
            Some(Known::Absent) | None => true,
        }
    }

    fn compare(&self, stored: &StoredSchema, schema: &Schema) -> Result<()> {
        let (stored, own) = (&stored.schema, schema);
        // The texts say it; the schemas themselves are compared sooner.
        if stored == own || stored.key_text() == own.key_text() {
            return Ok(());
        }
        Err(self.mismatch(
            schema.table(),
            format!(
                "the table is stored as {} and the program's struct is {}; change the struct back, \
                 or give it another table",
                stored.key_text(),
                own.key_text()
            ),
        ))
    }

    /// Refuses where something is lacking.
    fn provides(&self, table: &str, lacking: &[String]) -> Result<()> {
        if lacking.is_empty() {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Unsupported,
            format!(
                "the table requires of its writers what this program does not know ({}); it may read \
                 the table, and a program that knows it may write to it",
                lacking.join(", ")
            ),
        );
        Err(error.in_database(self.name()).in_table(table))
    }

    /// Stores a schema where there is none; what is there by now is forgotten, to be read again.
    ///
    /// A store that ignores conditions would overwrite another program's: there it is looked for
    /// once more (1 GET), so that only programs that begin at the same moment miss each other.
    async fn store_schema(&self, schema: &Schema) -> Result<()> {
        let table = schema.table();
        let file = StoredSchema::write(schema).map_err(|error| {
            self.mismatch(table, "the schema can't be written as JSON")
                .because(error)
        })?;
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/json".into());
        let condition = if self.honoured().await?.meets(Need::Create) {
            Condition::Absent
        } else if self.stored_schema(table).await?.is_some() {
            return Ok(());
        } else {
            Condition::None
        };
        let request = PutRequest {
            condition,
            attributes,
            ..PutRequest::default()
        };
        let (path, file) = (self.schema_path(table), Bytes::from(file));
        match self.backend().put(&path, file, request, self.meter()).await {
            Ok(_) => {
                let stored = Arc::new(StoredSchema::of(schema.clone()));
                self.schemas.learn(table, Known::Stored(stored));
                Ok(())
            }
            Err(error) => {
                self.forget_schema(table);
                let kind = match error.reason() {
                    Reason::AlreadyExists => return Ok(()),
                    // The row that was to follow was surely not written.
                    Reason::Indeterminate => Some(ErrorKind::Unavailable),
                    _ => None,
                };
                let error = self.fail(error, "write the table's schema").in_table(table);
                Err(match kind {
                    Some(kind) => error.into_kind(kind),
                    None => error,
                })
            }
        }
    }

    fn mismatch(&self, table: &str, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::SchemaMismatch, message)
            .in_database(self.name())
            .in_table(table)
    }
}

/// How often a schema may come and go while one is stored.
const TRIES: usize = 8;

impl Rows {
    /// What goes before each write and delete: refuses it if the stored schema is another one or
    /// requires what this table's lacks, and stores the schema if there is none.
    ///
    /// A table that was not opened checked and requires nothing sends nothing here: it is held to
    /// what others have learned. Any other one sends 1 GET where nothing is known yet, and 1 PUT
    /// where there is no schema.
    pub(crate) async fn admit(&self) -> Result<()> {
        let Some(stored) = self.stored().await? else {
            return Ok(());
        };
        if self.checked {
            self.session.compare(&stored, &self.schema)?;
        }
        self.knows_fields()?;
        self.has_built(&stored)?;
        let lacking = stored.lacking(&self.schema);
        self.session.provides(self.schema.table(), &lacking)
    }

    /// Refuses what goes by the table's indexes if there are not all that this program's struct has.
    /// Sends 1 GET where the stored schema is not known yet, and a LIST where there is none.
    pub(crate) async fn has_indexes(&self) -> Result<()> {
        let (session, table) = (&*self.session, self.schema.table());
        let stored = match session.schemas.known(table) {
            Some(Known::Stored(stored)) => Some(stored),
            _ => session.stored_schema(table).await?,
        };
        match stored {
            Some(stored) => self.has_built(&stored),
            None => self.may_have_indexes().await,
        }
    }

    fn has_built(&self, stored: &StoredSchema) -> Result<()> {
        match stored.unbuilt(&self.schema).first() {
            None => Ok(()),
            Some(index) => Err(self.unbuilt(&format!("the index {index}"))),
        }
    }

    /// Refuses the first indexes of a table that has rows, which stand in none of them, or entries that
    /// an earlier table of its name has left. Sends 2 LISTs, and a GET if it finds any: the first writer
    /// may have been here meanwhile.
    async fn may_have_indexes(&self) -> Result<()> {
        if !self.is_indexed() {
            return Ok(());
        }
        let (session, table) = (&*self.session, self.schema.table());
        let found = if self.has_any(self.root.clone()).await? {
            self.unbuilt("indexes")
        } else if self.has_any(session.index_root(table)).await? {
            let message = "there are entries left of a table of this name that was dropped; drop it again, \
                           which removes them";
            self.error(ErrorKind::Unsupported, message)
        } else {
            return Ok(());
        };
        match session.stored_schema(table).await? {
            Some(stored) => self.has_built(&stored),
            None => Err(found),
        }
    }

    async fn has_any(&self, prefix: String) -> Result<bool> {
        let request = ListRequest {
            prefix,
            max_keys: Some(1),
            ..ListRequest::default()
        };
        let (backend, meter) = (self.session.backend(), self.session.meter());
        let page = backend.list(request, meter).await;
        let page = page.map_err(|error| {
            let error = self.session.fail(error, "look whether the table is empty");
            self.place(error)
        })?;
        Ok(!page.objects.is_empty())
    }

    fn unbuilt(&self, what: &str) -> Error {
        let message = format!(
            "the table has rows, and no entries of {what} for them; insert them into a table that has the \
             index from its first row on, or take it from the struct"
        );
        self.error(ErrorKind::Unsupported, message)
    }

    async fn stored(&self) -> Result<Option<Arc<StoredSchema>>> {
        let (session, table) = (&*self.session, self.schema.table());
        match session.schemas.known(table) {
            Some(Known::Stored(stored)) => return Ok(Some(stored)),
            _ if !self.checked => return Ok(None),
            _ => {}
        }
        let _finding = session.schemas.finding.lock().await;
        for _ in 0..TRIES {
            match session.schemas.known(table) {
                Some(Known::Stored(stored)) => return Ok(Some(stored)),
                Some(Known::Absent) => {
                    self.may_have_indexes().await?;
                    session.store_schema(&self.schema).await?;
                }
                None => drop(session.stored_schema(table).await?),
            }
        }
        let message = "the table's schema was stored and dropped by others all the time; try again";
        Err(self.error(ErrorKind::Conflict, message))
    }
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;
    use crate::options::WriteOptions;
    use crate::schema::ColumnSchema;
    use crate::store::{GenericBackend, RequestClass, Version};

    fn session(store: &Arc<InMemory>) -> Arc<Session> {
        let backend = GenericBackend::new(Arc::clone(store) as _, "memory", true, false);
        let session = Session::new("test".to_owned(), String::new(), Arc::new(backend));
        Arc::new(session)
    }

    fn schema(packed: usize) -> Schema {
        let columns = ["a", "b"].map(|name| ColumnSchema::text(name.to_owned()));
        Schema::raw("t".to_owned(), columns.into()).with_packed(packed, None)
    }

    fn rows(session: &Arc<Session>, packed: usize) -> Rows {
        Rows::new(Arc::clone(session), Arc::new(schema(packed)))
    }

    async fn put(rows: &Rows) -> Result<Version> {
        let options = WriteOptions::new();
        rows.put("1/2", Bytes::new(), Condition::None, &options)
            .await
    }

    /// How many GETs and PUTs this sent.
    async fn sent<T>(session: &Session, doing: impl Future<Output = T>) -> (T, [u64; 2]) {
        let before = session.meter().usage();
        let done = doing.await;
        let sent = session.meter().usage().since(&before);
        (
            done,
            [RequestClass::Get, RequestClass::Put].map(|class| sent.get(class)),
        )
    }

    #[tokio::test]
    async fn a_table_that_requires_something_has_its_schema_stored_before_its_first_change() {
        let store = Arc::new(InMemory::new());
        let session_ = session(&store);
        let packed = rows(&session_, 1);
        // Many first changes at once send for it once.
        let many = futures_util::future::join_all((0..8).map(|_| packed.admit()));
        let (admitted, requests) = sent(&session_, many).await;
        assert!(admitted.iter().all(Result::is_ok));
        assert_eq!(requests, [1, 1]);
        let stored = session_.stored_schema("t").await.unwrap().unwrap();
        assert_eq!(
            (&stored.schema, &*stored.requires),
            (&schema(1), &["packed".to_owned()][..])
        );
        // It is known by now to all handles of the open database.
        assert_eq!(sent(&session_, rows(&session_, 1).admit()).await.1, [0, 0]);

        // Another one reads it, and again once the table was dropped.
        let other = session(&store);
        assert_eq!(sent(&other, rows(&other, 1).admit()).await.1, [1, 0]);
        other.forget_schema("t");
        assert_eq!(sent(&other, rows(&other, 1).admit()).await.1, [1, 0]);
    }

    #[tokio::test]
    async fn whoever_lacks_what_is_required_is_refused_once_that_was_seen() {
        let store = Arc::new(InMemory::new());
        let session_ = session(&store);
        let (plain, packed) = (rows(&session_, 0), rows(&session_, 1));
        assert_eq!(sent(&session_, put(&plain)).await.1, [0, 1]);
        packed.admit().await.unwrap();
        let (refused, requests) = sent(&session_, put(&plain)).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unsupported);
        assert_eq!(requests, [0, 0]);
        let deleted = plain.delete("1/2", None).await;
        assert_eq!(deleted.unwrap_err().kind(), ErrorKind::Unsupported);
        // A checked one is another table.
        let mismatch = rows(&session(&store), 0).checked().admit().await;
        assert_eq!(mismatch.unwrap_err().kind(), ErrorKind::SchemaMismatch);
    }
}
