//! The handle to one table.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::stream::BoxStream;

use super::{Column, ColumnSet, S3Table};
use crate::database::Database;
use crate::error::Result;
use crate::key::{IntoFilter, KeyColumn};
use crate::query::Query;
use crate::raw::{Core, ObjectInfo, RawTable, Selection};

/// A table of rows of type `T`.
///
/// What [`Database::table`] returns derefs to it and adds, for each key column, a
/// `filter_by_<column>` and a `<column>s` method. Cloning it is cheap; it holds no connection and
/// no state of its own.
///
/// | method | requests |
/// |---|---|
/// | `insert`, `upsert`, `select`, `delete`, `exists`, `meta`, `update` | 1 |
/// | `modify` | 2 without a race |
/// | `keys`, `objects`, `count` | 1 for each 1,000 rows |
/// | `rows` | those, and 1 for each row |
/// | `copy(..).to(..)` | 1 |
/// | `rename` | 3 |
pub struct Table<T> {
    core: Arc<Core>,
    marker: PhantomData<fn() -> T>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            core: Arc::clone(&self.core),
            marker: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("database", self.core.db())
            .field("schema", &self.core.schema().to_string())
            .finish()
    }
}

impl<T: S3Table> Table<T> {
    pub(crate) fn new(db: Database) -> Self {
        Self {
            core: Arc::new(Core::new(db, Arc::new(T::SCHEMA.clone()))),
            marker: PhantomData,
        }
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// The table's name.
    pub fn name(&self) -> &'static str {
        T::SCHEMA.table()
    }

    /// The stored names of the key columns, in key order.
    pub fn columns(&self) -> Vec<&'static str> {
        T::SCHEMA
            .columns()
            .iter()
            .map(|column| column.name())
            .collect()
    }

    /// The database that the table is in.
    pub fn database(&self) -> &Database {
        self.core.db()
    }

    /// The same table without its struct: columns are texts and rows are bytes.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(Debug, Clone, PartialEq, S3Table)]
    /// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, rain: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// # let days = Database::open("memory:///example")?.table::<Day>();
    /// # days.insert(&Day { id: 1, year: 2020, rain: 0.5 }).await?;
    /// # days.insert(&Day { id: 2, year: 2021, rain: 1.5 }).await?;
    /// assert_eq!(days.raw().select_string(["1", "2020"]).await?.as_deref(), Some(r#"{"rain":0.5}"#));
    /// # Ok(())
    /// # }
    /// ```
    pub fn raw(&self) -> RawTable {
        RawTable::from_core(Arc::clone(&self.core))
    }

    fn all(&self) -> Query<T> {
        Query::new(Selection::new(Arc::clone(&self.core)))
    }

    /// A query for every row, to be narrowed by filters.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(Debug, Clone, PartialEq, S3Table)]
    /// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, rain: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// # let days = Database::open("memory:///example")?.table::<Day>();
    /// # days.insert(&Day { id: 1, year: 2020, rain: 0.5 }).await?;
    /// # days.insert(&Day { id: 2, year: 2021, rain: 1.5 }).await?;
    /// assert_eq!(days.query().filter_by_year(2020).count().await?, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn query(&self) -> T::Query {
        self.all().into()
    }

    /// A query for the rows whose column holds what the filter allows; what the generated
    /// `filter_by_<column>` methods call.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// # #[derive(Debug, Clone, PartialEq, S3Table)]
    /// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16, rain: f64 }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> s3aads::Result<()> {
    /// # let days = Database::open("memory:///example")?.table::<Day>();
    /// # days.insert(&Day { id: 1, year: 2020, rain: 0.5 }).await?;
    /// # days.insert(&Day { id: 2, year: 2021, rain: 1.5 }).await?;
    /// assert_eq!(days.filter(Day::COLUMNS.id, 1).count().await?, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn filter<C: KeyColumn>(
        &self,
        column: Column<T, C>,
        filter: impl IntoFilter<C>,
    ) -> T::Query {
        self.all().filter(column, filter).into()
    }

    /// [`Query::keys`] of every row.
    ///
    /// # Errors
    ///
    /// As [`Query::keys`].
    pub async fn keys(&self) -> Result<Vec<T::Key>> {
        self.all().keys().await
    }

    /// [`Query::objects`] of every row.
    ///
    /// # Errors
    ///
    /// As [`Query::objects`].
    pub async fn objects(&self) -> Result<Vec<ObjectInfo<T::Key>>> {
        self.all().objects().await
    }

    /// [`Query::rows`] of the whole table.
    ///
    /// # Errors
    ///
    /// As [`Query::rows`].
    pub async fn rows(&self) -> Result<Vec<T>> {
        self.all().rows().await
    }

    /// [`Query::stream_keys`] of every row.
    pub fn stream_keys(&self) -> BoxStream<'static, Result<T::Key>> {
        self.all().stream_keys()
    }

    /// [`Query::stream`] of every row.
    pub fn stream(&self) -> BoxStream<'static, Result<T>> {
        self.all().stream()
    }

    /// [`Query::count`] of every row.
    ///
    /// # Errors
    ///
    /// As [`Query::count`].
    pub async fn count(&self) -> Result<u64> {
        self.all().count().await
    }

    /// [`Query::is_empty`] of the whole table.
    ///
    /// # Errors
    ///
    /// As [`Query::is_empty`].
    pub async fn is_empty(&self) -> Result<bool> {
        self.all().is_empty().await
    }

    /// [`Query::first`] of the whole table.
    ///
    /// # Errors
    ///
    /// As [`Query::first`].
    pub async fn first(&self) -> Result<Option<T>> {
        self.all().first().await
    }

    /// [`Query::distinct`] over the whole table; what the generated `<column>s` methods call.
    ///
    /// # Errors
    ///
    /// As [`Query::distinct`].
    pub async fn distinct<C: ColumnSet<T>>(&self, columns: C) -> Result<Vec<C::Values>> {
        self.all().distinct(columns).await
    }
}
