//! Queries by texts.

use std::fmt;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};

use super::filter::compile_texts;
use super::{Cursor, Deleted, ObjectInfo, Page, RawKey, RawTable, Selection, key};
use crate::error::Result;
use crate::explain::{Analysis, Explain};
use crate::key::IntoFilter;
use crate::rows::search::{Found, Read, ReadKey};
use crate::scan::{Evidence, OnForeign};

/// A query over a [`RawTable`]: what [`Query`](crate::Query) is to a typed table, with columns named
/// at run time, values as texts and rows as bytes. Nothing is sent until one of its terminals is
/// called.
///
/// A table that was opened by [`Database::get_table`](crate::Database::get_table) and has a stored
/// schema, or that came from a typed table by [`Table::raw`](crate::Table::raw), knows its columns'
/// types: numbers are compared as numbers, however they are written, and an enum's names in its order.
/// Columns of other raw tables are text, in byte order.
///
/// ```
/// # doc_examples::memory!(|db| {
/// #[derive(S3Table)]
/// #[s3(table = "days")]
/// struct Day { #[s3(key)] city: String, #[s3(key)] year: u16, #[s3(text)] note: String }
///
/// let days = db.open_table::<Day>().await?;
/// for year in [900, 1066, 2020] {
///     days.insert(&Day { city: "Bern".into(), year, note: "dry".into() }).await?;
/// }
/// // Elsewhere, without the struct:
/// let raw = db.get_table("days").await?.expect("the table is there");
/// let query = raw.filter("city", "Bern").filter("year", "900"..="1100");
/// assert_eq!(query.count().await?, 2);
/// let page = query.page(1).await?;
/// assert_eq!(page.rows[0].0.path(), "Bern/1066"); // in the order of the stored texts
/// # });
/// ```
#[derive(Clone)]
#[must_use = "a query does nothing until one of its results is asked for"]
pub struct RawQuery {
    selection: Selection,
}

impl fmt::Debug for RawQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.selection.fmt(f)
    }
}

impl RawTable {
    /// A query for every row, to be narrowed by filters.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # let fruit = db.raw_table("fruit", ["name"])?;
    /// # fruit.upsert(["apple"], "red").await?;
    /// assert_eq!(fruit.all().limit(10).keys().await?.len(), 1);
    /// # });
    /// ```
    pub fn all(&self) -> RawQuery {
        RawQuery {
            selection: self.selection(),
        }
    }

    /// A query for the rows whose column holds what the filter allows: a text, several, a range, or
    /// [`starts_with`](crate::starts_with).
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # let fruit = db.raw_table("fruit", ["name"])?;
    /// # fruit.upsert(["apple"], "red").await?;
    /// let rows = fruit.filter("name", "a".."c").rows().await?;
    /// assert_eq!(&rows[0].1[..], b"red");
    /// # });
    /// ```
    pub fn filter(&self, column: &str, filter: impl IntoFilter<String>) -> RawQuery {
        self.all().filter(column, filter)
    }
}

impl RawQuery {
    fn with(&self, change: impl FnOnce(&mut Selection)) -> Self {
        let mut query = self.clone();
        change(&mut query.selection);
        query
    }

    fn read_key(&self) -> ReadKey<RawKey> {
        key::reader(self.selection.rows())
    }

    /// Only the rows whose column holds what the filter allows; a second filter on a column narrows
    /// the first.
    ///
    /// A column that the table does not have, or a text that is no value of the column's type, is an
    /// `InvalidKey` error of the terminal, before a request is sent.
    pub fn filter(&self, column: &str, filter: impl IntoFilter<String>) -> Self {
        let schema = self.selection.rows().schema();
        let columns = schema.columns();
        let place = columns.iter().position(|known| known.name() == column);
        let Some((place, known)) = place.and_then(|at| Some((at, columns.get(at)?))) else {
            let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
            let message = format!("the table has no such column; it has {}", names.join(", "));
            return self.with(|selection| selection.reject(Some(column.to_owned()), message));
        };
        let predicate = compile_texts(&filter.into_filter(), known, schema.layout());
        self.with(|selection| selection.narrow(place, predicate))
    }

    /// At most this many rows, the first in key order.
    pub fn limit(&self, rows: u64) -> Self {
        self.with(|selection| selection.limit(rows))
    }

    /// Only the rows after a page of this same query; see [`page`](Self::page).
    pub fn after(&self, cursor: impl Into<Cursor>) -> Self {
        self.with(|selection| selection.after(cursor.into()))
    }

    /// How many requests may be under way at once, as [`Query::concurrency`](crate::Query::concurrency).
    pub fn concurrency(&self, requests: usize) -> Self {
        self.with(|selection| selection.concurrency(requests))
    }

    /// How many requests each terminal may send, as
    /// [`Query::request_budget`](crate::Query::request_budget).
    pub fn request_budget(&self, requests: u64) -> Self {
        self.with(|selection| selection.request_budget(requests))
    }

    /// What to do with objects in the table's folder that are not rows.
    pub fn on_foreign(&self, policy: OnForeign) -> Self {
        self.with(|selection| selection.on_foreign(policy))
    }

    /// The keys of the rows, in key order. Sends what [`Query::keys`](crate::Query::keys) sends.
    ///
    /// # Errors
    ///
    /// As [`Query::keys`](crate::Query::keys).
    pub async fn keys(&self) -> Result<Vec<RawKey>> {
        let rows = self.selection.collect(self.read_key()).await?;
        Ok(rows.into_iter().map(Found::into_key).collect())
    }

    /// The rows' objects as the listing tells them. Sends what [`keys`](Self::keys) sends.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub async fn objects(&self) -> Result<Vec<ObjectInfo<RawKey>>> {
        let rows = self.selection.collect(self.read_key()).await?;
        Ok(rows.into_iter().map(ObjectInfo::of).collect())
    }

    /// The rows, in key order. Sends what [`keys`](Self::keys) sends and 1 GET for each row,
    /// [`concurrency`](Self::concurrency) at once.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub async fn rows(&self) -> Result<Vec<(RawKey, Bytes)>> {
        self.stream().try_collect().await
    }

    /// The keys of the rows as they are listed, in key order. Holds a page or two, not the table.
    pub fn stream_keys(&self) -> BoxStream<'static, Result<RawKey>> {
        let rows = self.selection.found(self.read_key());
        rows.map_ok(Found::into_key).boxed()
    }

    /// The rows as they are read, in key order: up to [`concurrency`](Self::concurrency) GETs run
    /// behind the listing, and wait if the reader is slow.
    pub fn stream(&self) -> BoxStream<'static, Result<(RawKey, Bytes)>> {
        let rows = self.selection.read(self.read_key());
        rows.map_ok(Read::into_body).boxed()
    }

    /// How many rows there are. Sends what [`keys`](Self::keys) sends.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub async fn count(&self) -> Result<u64> {
        self.selection.count(self.read_key()).await
    }

    /// Whether there are no rows. Sends 1 LIST if the filters bind the leading columns.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.limit(1).keys().await?.is_empty())
    }

    /// The first row in key order. Sends what [`is_empty`](Self::is_empty) sends and 1 GET.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub async fn first(&self) -> Result<Option<(RawKey, Bytes)>> {
        // One that is deleted between the two requests is no row any more.
        self.concurrency(1).stream().try_next().await
    }

    /// The distinct texts of these columns, each combination once, sorted. Sends what
    /// [`Query::distinct`](crate::Query::distinct) sends. As there, folders count too, and
    /// [`distinct_exact`](Self::distinct_exact) gives those of rows alone.
    ///
    /// # Errors
    ///
    /// `InvalidKey` for an unknown column; otherwise as [`keys`](Self::keys).
    pub async fn distinct<'a, I>(&self, columns: I) -> Result<Vec<Vec<String>>>
    where
        I: IntoIterator<Item = &'a str>,
    {
        self.texts(columns, Evidence::Folders).await
    }

    /// [`distinct`](Self::distinct), of rows alone. Sends what
    /// [`Query::distinct_exact`](crate::Query::distinct_exact) sends.
    ///
    /// # Errors
    ///
    /// As [`distinct`](Self::distinct).
    pub async fn distinct_exact<'a, I>(&self, columns: I) -> Result<Vec<Vec<String>>>
    where
        I: IntoIterator<Item = &'a str>,
    {
        self.texts(columns, Evidence::Rows).await
    }

    async fn texts<'a, I>(&self, columns: I, evidence: Evidence) -> Result<Vec<Vec<String>>>
    where
        I: IntoIterator<Item = &'a str>,
    {
        let rows = self.selection.rows();
        let columns = columns.into_iter().map(|name| rows.column(name));
        let columns: Vec<usize> = columns.collect::<Result<_>>()?;
        let (limit, keys) = (self.selection.limited_to(), self.read_key());
        if limit == Some(0) {
            return Ok(Vec::new());
        }
        let texts = self.selection.distinct(&columns, evidence, keys).await;
        let mut texts = texts?;
        texts.sort_unstable();
        let most = limit.and_then(|limit| usize::try_from(limit).ok());
        texts.truncate(most.unwrap_or(usize::MAX));
        Ok(texts)
    }

    /// The next `size` rows, and a cursor for the page after them, as
    /// [`Query::page`](crate::Query::page).
    ///
    /// # Errors
    ///
    /// `InvalidConfig` for a size of 0; otherwise as [`keys`](Self::keys).
    pub async fn page(&self, size: u64) -> Result<Page<(RawKey, Bytes)>> {
        let page = self.read_page(size);
        self.selection.operation("page").run(page).await
    }

    async fn read_page(&self, size: u64) -> Result<Page<(RawKey, Bytes)>> {
        let page = self.selection.page(size, self.read_key()).await?;
        let found = stream::iter(page.rows.into_iter().map(Ok)).boxed();
        let rows = page.search.read(found).map_ok(Read::into_body);
        Ok(Page {
            rows: rows.try_collect().await?,
            invalid: page.invalid,
            cursor: page.cursor,
        })
    }

    /// Deletes the rows, and returns how many, with the keys of those that it spared, as
    /// [`Query::delete`](crate::Query::delete).
    ///
    /// # Errors
    ///
    /// As [`Query::delete`](crate::Query::delete).
    pub async fn delete(&self) -> Result<Deleted<RawKey>> {
        let (rows, spared) = self.selection.delete(self.read_key()).await?;
        Ok(Deleted { rows, spared })
    }

    /// What the query would send, and why; sends nothing itself.
    ///
    /// # Errors
    ///
    /// `InvalidKey` for an unknown column or a text that is no value of it; `InvalidCursor` for a
    /// cursor of another query.
    pub fn explain(&self) -> Result<Explain> {
        self.selection.explain(self.read_key())
    }

    /// Runs the query as [`keys`](Self::keys) does, and returns its plan with what was really sent
    /// and read.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    pub async fn analyze(&self) -> Result<Analysis> {
        self.selection.analyze(self.read_key()).await
    }
}
