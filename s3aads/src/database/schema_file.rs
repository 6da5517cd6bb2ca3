//! A table's stored schema: `_s3aads/schema/<table>.json`.

use bytes::Bytes;
use object_store::{Attribute, Attributes};
use serde::{Deserialize, Serialize};

use super::{Database, RESERVED};
use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::schema::Schema;
use crate::store::{self, Condition, PutRequest, Reason, StoreError};

/// The file's form. Fields that a later release adds are ignored by this one.
#[derive(Debug, Serialize, Deserialize)]
struct SchemaFile {
    /// The form's version, 1.
    version: u32,
    table: String,
    /// What [`Schema::fingerprint`] is made of, for people to read.
    keys: String,
    fingerprint: String,
}

impl SchemaFile {
    const VERSION: u32 = 1;

    fn new(schema: &Schema) -> Self {
        Self {
            version: Self::VERSION,
            table: schema.table().to_owned(),
            keys: schema.key_text(),
            fingerprint: schema.fingerprint(),
        }
    }
}

impl Database {
    pub(super) fn schema_path(&self, table: &str) -> String {
        format!(
            "{}schema/{}.json",
            self.root(RESERVED),
            encode_segment(table)
        )
    }

    /// Compares a table's stored schema with a program's, and stores it where there is none.
    pub(crate) async fn agree_on_schema(&self, schema: &Schema) -> Result<()> {
        let fail = |error, doing| self.fail(error, doing).in_table(schema.table());
        let path = self.schema_path(schema.table());
        let stored = match self.backend().get(&path, self.meter()).await {
            Ok(object) => object.body,
            Err(error) if error.reason() == Reason::NotFound => {
                match self.write_schema(&path, schema).await {
                    Ok(()) => return Ok(()),
                    // Somebody else was first: theirs is the one to agree with.
                    Err(error) if error.reason() == Reason::AlreadyExists => {
                        let object = self.backend().get(&path, self.meter()).await;
                        object
                            .map_err(|error| fail(error, "read the table's schema"))?
                            .body
                    }
                    Err(error) => return Err(fail(error, "write the table's schema")),
                }
            }
            Err(error) => return Err(fail(error, "read the table's schema")),
        };
        self.compare(&stored, schema)
    }

    fn compare(&self, stored: &[u8], schema: &Schema) -> Result<()> {
        let fail = |message: String| {
            Error::new(ErrorKind::SchemaMismatch, message)
                .in_database(self.name())
                .in_table(schema.table())
        };
        let file: SchemaFile = serde_json::from_slice(stored).map_err(|error| {
            fail("the table's stored schema can't be read".to_owned()).with_source(error)
        })?;
        if file.version != SchemaFile::VERSION {
            return Err(fail(format!(
                "the table's stored schema has version {}, and this release reads version {}",
                file.version,
                SchemaFile::VERSION
            )));
        }
        if file.fingerprint != schema.fingerprint() {
            return Err(fail(format!(
                "the table is stored as {} and the program's struct is {}; change the struct back, \
                 or give it another table",
                file.keys,
                schema.key_text()
            )));
        }
        Ok(())
    }

    async fn write_schema(&self, path: &str, schema: &Schema) -> store::Result<()> {
        let file = serde_json::to_vec_pretty(&SchemaFile::new(schema)).map_err(|error| {
            StoreError::new(Reason::Other, "the schema can't be written as JSON").with_source(error)
        })?;
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::ContentType, "application/json".into());
        let condition = match self.conditions().honoured() {
            Some(false) => Condition::None,
            _ => Condition::Absent,
        };
        let request = PutRequest {
            condition,
            attributes,
            ..PutRequest::default()
        };
        self.backend()
            .put(path, Bytes::from(file), request, self.meter())
            .await
            .map(drop)
    }
}
