//! A table's stored schema in its database: `_s3aads/schema/<table>.json`.

use bytes::Bytes;
use object_store::{Attribute, Attributes};

use super::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::rows::{Need, RESERVED};
use crate::schema::{Schema, StoredSchema, Unreadable};
use crate::store::{Condition, PutRequest, Reason};

impl Database {
    pub(super) fn schema_path(&self, table: &str) -> String {
        format!(
            "{}schema/{}.json",
            self.root(RESERVED),
            encode_segment(table)
        )
    }

    fn mismatch(&self, table: &str, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::SchemaMismatch, message)
            .in_database(self.name())
            .in_table(table)
    }

    /// A table's stored schema, where there is one. Sends 1 request.
    pub(crate) async fn stored_schema(&self, table: &str) -> Result<Option<StoredSchema>> {
        let path = self.schema_path(table);
        let stored = match self.backend().get(&path, self.meter()).await {
            Ok(object) => object.body,
            Err(error) if error.reason() == Reason::NotFound => return Ok(None),
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
        match stored.schema.table() {
            named if named == table => Ok(Some(stored)),
            named => Err(self.mismatch(
                table,
                format!("the table's stored schema {path:?} is one of the table {named:?}"),
            )),
        }
    }

    /// Compares a table's stored schema with a program's, and stores it where there is none. Sends 1
    /// request, and 1 or 2 more where there is none.
    pub(crate) async fn agree_on_schema(&self, schema: &Schema) -> Result<()> {
        let stored = match self.stored_schema(schema.table()).await? {
            Some(stored) => Some(stored),
            None if self.write_schema(schema).await? => return Ok(()),
            // Somebody else was first: theirs is the one to agree with.
            None => self.stored_schema(schema.table()).await?,
        };
        match stored {
            Some(stored) => self.compare(&stored, schema),
            None => Ok(()),
        }
    }

    fn compare(&self, stored: &StoredSchema, schema: &Schema) -> Result<()> {
        if stored.schema.key_text() != schema.key_text() {
            return Err(self.mismatch(
                schema.table(),
                format!(
                    "the table is stored as {} and the program's struct is {}; change the struct back, \
                     or give it another table",
                    stored.schema.key_text(),
                    schema.key_text()
                ),
            ));
        }
        let unknown = stored.unknown();
        if unknown.is_empty() {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Unsupported,
            format!(
                "the table requires what this release does not know ({}), so it must not write to it; \
                 `Database::table` reads it, and a later release writes to it",
                unknown.join(", ")
            ),
        );
        Err(error.in_database(self.name()).in_table(schema.table()))
    }

    /// Stores a schema where there is none yet; false where there is one by now.
    async fn write_schema(&self, schema: &Schema) -> Result<bool> {
        let file = StoredSchema::write(schema).map_err(|error| {
            self.mismatch(schema.table(), "the schema can't be written as JSON")
                .because(error)
        })?;
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/json".into());
        let honoured = self.session().honoured().await?;
        let condition = match honoured.meets(Need::Create) {
            true => Condition::Absent,
            false => Condition::None,
        };
        let request = PutRequest {
            condition,
            attributes,
            ..PutRequest::default()
        };
        let path = self.schema_path(schema.table());
        let put = self
            .backend()
            .put(&path, Bytes::from(file), request, self.meter())
            .await;
        match put {
            Ok(_) => Ok(true),
            Err(error) if error.reason() == Reason::AlreadyExists => Ok(false),
            Err(error) => Err(self
                .fail(error, "write the table's schema")
                .in_table(schema.table())),
        }
    }
}
