//! Raw tables of a database.

use std::sync::Arc;

use super::RawTable;
use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{decode_segment, decode_text};
use crate::rows::Rows;
use crate::schema::{ColumnSchema, HIVE_OBJECT, Layout, Schema};
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

    /// A table of a schema that is known at run time, as that of [`Schema`]'s `FromStr`. It is what
    /// [`open_table`](Self::open_table) is to a struct: the first write stores the schema, and is refused
    /// if another one is stored. Sends no request.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if the table's name is empty or reserved; `InvalidKey` if it is longer than any
    /// path.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// let days = db.raw_table_of("days(city: string, month: u8 width 2) body text".parse()?)?;
    /// days.insert_by_key(days.key_of(["Oslo", "7"])?, "dry").await?;
    /// let days = db.get_table("days").await?.expect("its schema is stored");
    /// assert_eq!(days.filter("month", "7").count().await?, 1);
    /// # });
    /// ```
    pub fn raw_table_of(&self, schema: Schema) -> Result<RawTable> {
        self.check_table_name(schema.table())?;
        let rows = Rows::new(Arc::clone(self.session()), Arc::new(schema)).checked();
        Ok(RawTable::of(self.clone(), Arc::new(rows)))
    }

    /// The table of this name, whose columns the program does not know.
    ///
    /// Their names and types are those of the stored schema. The first write to a table that was
    /// opened by [`open_table`](Self::open_table) stores it. A table without a stored schema is
    /// there if it holds an object. Its columns are then text. In the hive layout the paths name them;
    /// in the plain one they are `column_0`, `column_1` and so on, as many as its first row has. Sends
    /// 1 request, and 1 more if there is no stored schema.
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
        if let Some(columns) = hive_columns(first) {
            let columns = columns.into_iter().map(ColumnSchema::text).collect();
            let schema = Schema::raw(name.to_owned(), columns).in_hive_layout();
            return Ok(Some(RawTable::new(self.clone(), Arc::new(schema))));
        }
        let depth = first.split('/').count();
        self.raw_table(name, (0..depth).map(|i| format!("column_{i}")))
            .map(Some)
    }

    /// The schema that is stored for a table, if one is. Sends 1 request.
    ///
    /// # Errors
    ///
    /// As [`get_table`](Self::get_table).
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # #[s3(table = "days")]
    /// # struct Day { #[s3(key)] city: String, #[s3(key)] year: u16 }
    /// assert_eq!(db.stored_schema("days").await?, None);
    /// db.open_table::<Day>().await?.insert(&Day { city: "Oslo".into(), year: 2020 }).await?;
    /// assert_eq!(db.stored_schema("days").await?.as_ref(), Some(Day::SCHEMA));
    /// # });
    /// ```
    pub async fn stored_schema(&self, table: &str) -> Result<Option<Schema>> {
        self.check_table_name(table)?;
        let stored = self.session().stored_schema(table).await?;
        Ok(stored.map(|stored| stored.schema.clone()))
    }
}

/// The names of the columns, if the path is one of the hive layout.
fn hive_columns(path: &str) -> Option<Vec<String>> {
    let (folders, object) = path.rsplit_once('/')?;
    let names = folders.split('/').map(|folder| {
        let (name, _) = folder.split_once('=')?;
        decode_text(Layout::Hive, name).map(std::borrow::Cow::into_owned)
    });
    let names: Vec<String> = names.collect::<Option<_>>()?;
    let each_once = names
        .iter()
        .enumerate()
        .all(|(i, name)| !names[..i].contains(name));
    (object == HIVE_OBJECT && each_once && !names.iter().any(String::is_empty)).then_some(names)
}
