//! Raw tables of a database.

use std::sync::Arc;

use super::RawTable;
use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::key::decode_segment;
use crate::rows::Rows;
use crate::schema::{ColumnSchema, Schema};
use crate::store::ListRequest;

/// How many objects are looked at for one that tells a table's columns.
const SAMPLE: usize = 16;

impl Database {
    /// A table without a struct: its columns are named here and its rows are bytes. Sends no
    /// request.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if the table's name is empty or reserved, if there are no columns, or
    /// if two have one name; `InvalidKey` if the name is longer than any path.
    pub fn raw_table<C>(&self, name: impl Into<String>, columns: C) -> Result<RawTable>
    where
        C: IntoIterator,
        C::Item: Into<String>,
    {
        let name = name.into();
        let columns: Vec<String> = columns.into_iter().map(Into::into).collect();
        let fail = |message: &str| {
            Err(Error::new(ErrorKind::InvalidConfig, message)
                .in_database(self.name())
                .in_table(&name))
        };
        self.check_table_name(&name)?;
        if columns.is_empty() {
            return fail("a table needs at least one key column");
        }
        for (i, column) in columns.iter().enumerate() {
            if column.is_empty() || columns[..i].contains(column) {
                return fail("each key column needs a name of its own");
            }
        }
        let columns = columns.into_iter().map(ColumnSchema::text).collect();
        Ok(RawTable::new(
            self.clone(),
            Arc::new(Schema::raw(name, columns)),
        ))
    }

    /// The table of this name, whose columns the program does not know.
    ///
    /// Their names and types are those of the stored schema. The first write to a table that was
    /// opened by [`open_table`](Self::open_table) stores it. A table without a stored schema is
    /// there if it holds an object. Its columns are then text and named `column_0`, `column_1` and
    /// so on, as many as its first row has. Sends 1 request, and 1 more if there is no stored
    /// schema.
    ///
    /// If the stored schema requires of writers what this release does not know, the table can be read
    /// and its writes fail with `Unsupported`.
    ///
    /// # Errors
    ///
    /// `SchemaMismatch` if the stored schema is of a later release; `NotFound` if the bucket is
    /// not there; `PermissionDenied`; `Unavailable`; for the name as
    /// [`raw_table`](Self::raw_table).
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # use s3aads::ColumnType;
    /// #[derive(S3Table)]
    /// #[s3(table = "days")]
    /// struct Day { #[s3(key)] city: String, #[s3(key)] year: u16 }
    ///
    /// db.open_table::<Day>().await?.insert(&Day { city: "Oslo".into(), year: 2020 }).await?;
    /// let days = db.get_table("days").await?.expect("the table has a schema");
    /// assert_eq!(days.columns(), ["city", "year"]);
    /// assert_eq!(days.schema().columns()[1].column_type(), ColumnType::Unsigned(16));
    /// # });
    /// ```
    pub async fn get_table(&self, name: &str) -> Result<Option<RawTable>> {
        self.check_table_name(name)?;
        if let Some(stored) = self.session().stored_schema(name).await? {
            let schema = Arc::new(stored.schema.clone());
            let rows = Rows::new(Arc::clone(self.session()), schema).checked();
            return Ok(Some(RawTable::of(self.clone(), Arc::new(rows))));
        }
        let root = self.root(name);
        let request = ListRequest {
            prefix: root.clone(),
            max_keys: Some(SAMPLE),
            ..ListRequest::default()
        };
        let page = self.backend().list(request, self.meter()).await;
        let page = page.map_err(|error| self.fail(error, "look for the table").in_table(name))?;
        let paths = page.objects.iter();
        let paths: Vec<&str> = paths.filter_map(|o| o.key.strip_prefix(&root)).collect();
        let is_row = |path: &&&str| path.split('/').all(|part| decode_segment(part).is_some());
        let Some(first) = paths.iter().find(is_row).or(paths.first()) else {
            return Ok(None);
        };
        let depth = first.split('/').count();
        self.raw_table(name, (0..depth).map(|i| format!("column_{i}")))
            .map(Some)
    }
}
