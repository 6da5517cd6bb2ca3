//! What runs a query.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt, StreamExt, TryStreamExt};

use super::{Query, encoding_of};
use crate::body::BodyError;
use crate::error::{Error, ErrorKind, Result};
use crate::explain::{Analysis, Explain};
use crate::raw::{Cursor, Deleted, ObjectInfo};
use crate::rows::search::{Found, Read, ReadKey, Search};
use crate::rows::{Rows, kept};
use crate::scan::Evidence;
use crate::store::Object;
use crate::table::{Column, ColumnSet, S3Table, Versioned};

impl<T: S3Table> Query<T> {
    /// The keys of the rows, in key order; no row is read. Sends `ceil(n/1000)` LISTs if the
    /// filters bind the leading columns to values, else what [`explain`](Self::explain) says.
    ///
    /// # Errors
    ///
    /// `InvalidKey` for a filter by a value that the column can't hold; `InvalidCursor` for a cursor
    /// of another query; `NotFound` if the bucket is not there; `PermissionDenied`; `Unavailable`;
    /// `BudgetExceeded`.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let keys = days.filter_by_year(2021..).keys().await?;
    /// assert_eq!(keys[0].to_string(), "2/2021");
    /// # });
    /// ```
    pub async fn keys(&self) -> Result<Vec<T::Key>> {
        self.selection.keys(ReadKey::typed()).await
    }

    /// The rows' objects as the listing tells them: key, size, time and ETag; no row is read. Sends
    /// what [`keys`](Self::keys) sends.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let objects = days.filter_by_id(1).objects().await?;
    /// assert_eq!((objects[0].key.year, objects[0].size), (2020, 12));
    /// # });
    /// ```
    pub async fn objects(&self) -> Result<Vec<ObjectInfo<T::Key>>> {
        let rows = self.selection.collect(ReadKey::typed()).await?;
        Ok(rows.into_iter().map(ObjectInfo::of).collect())
    }

    /// The rows, in key order. Sends what [`keys`](Self::keys) sends and 1 GET for each row,
    /// [`concurrency`](Self::concurrency) at once. A row that is deleted between the two is left
    /// out.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys); `InvalidRow` for the first row that does not decode.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let rows = days.filter_by_id([1, 2]).rows().await?;
    /// assert_eq!(rows.iter().map(|day| day.rain).sum::<f64>(), 2.0);
    /// # });
    /// ```
    pub async fn rows(&self) -> Result<Vec<T>> {
        let rows = self.selection.rows();
        let read = |read| row_of(rows, read);
        self.selection.collect_rows(ReadKey::typed(), read).await
    }

    /// The keys of the rows as they are listed, in key order. Holds a page or two, not the table.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # use futures_util::TryStreamExt;
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64 }
    /// # let items = db.table::<Item>();
    /// # for id in 0..5 { items.insert(&Item { id }).await?; }
    /// let mut keys = items.query().stream_keys();
    /// while let Some(key) = keys.try_next().await? {
    ///     println!("{key}");
    /// }
    /// # });
    /// ```
    pub fn stream_keys(&self) -> BoxStream<'static, Result<T::Key>> {
        self.selection.stream_keys(ReadKey::typed())
    }

    /// The rows as they are read, in key order: up to [`concurrency`](Self::concurrency) GETs run
    /// behind the listing, and wait if the reader is slow.
    ///
    /// A row that does not decode is that item's `InvalidRow` error, and the stream goes on.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut rows = days.query().stream();
    /// let mut rain = 0.0;
    /// while let Some(day) = rows.try_next().await? {
    ///     rain += day.rain;
    /// }
    /// assert_eq!(rain, 2.0);
    /// # });
    /// ```
    pub fn stream(&self) -> BoxStream<'static, Result<T>> {
        let rows = Arc::clone(self.selection.rows());
        self.selection
            .read(ReadKey::typed())
            .map(move |read| read.and_then(|read| row_of(&rows, read)))
            .boxed()
    }

    /// [`stream`](Self::stream) with each row's version, to be given to
    /// [`Table::update`](crate::Table::update) or
    /// [`delete_versioned`](crate::Table::delete_versioned).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// use futures_util::TryStreamExt;
    ///
    /// let mut rows = days.query().stream_versioned();
    /// while let Some(mut day) = rows.try_next().await? {
    ///     day.rain *= 2.0;
    ///     days.update(&day).await?;
    /// }
    /// # });
    /// ```
    pub fn stream_versioned(&self) -> BoxStream<'static, Result<Versioned<T>>> {
        let rows = Arc::clone(self.selection.rows());
        self.selection
            .read(ReadKey::typed())
            .map(move |read| {
                let (key, object) = read?.into_object();
                read_versioned(&rows, key, &object)
            })
            .boxed()
    }

    /// How many rows there are; no row is read. Sends what [`keys`](Self::keys) sends.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.filter_by_id(1).count().await?, 1);
    /// # });
    /// ```
    pub async fn count(&self) -> Result<u64> {
        self.selection.count(ReadKey::<T::Key>::typed()).await
    }

    /// Whether there are no rows. Sends 1 LIST if the filters bind the leading columns.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert!(days.filter_by_id(7).is_empty().await?);
    /// # });
    /// ```
    pub async fn is_empty(&self) -> Result<bool> {
        Ok(self.limit(1).keys().await?.is_empty())
    }

    /// The first row in key order. Sends what [`is_empty`](Self::is_empty) sends and 1 GET.
    ///
    /// # Errors
    ///
    /// As [`rows`](Self::rows).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.query().first().await?.map(|day| day.id), Some(1));
    /// # });
    /// ```
    pub async fn first(&self) -> Result<Option<T>> {
        let mut query = self.with(|selection| selection.limit(1));
        loop {
            let search = query.selection.search(ReadKey::typed())?;
            let found = search.collect().await?;
            let Some(path) = found.first().map(|row| row.path().into_owned()) else {
                return Ok(None);
            };
            if let Some(row) = self.read(&search, found).try_next().await? {
                return Ok(Some(row));
            }
            // It was deleted after it was listed, so the first row is the next one.
            let cursor = Cursor::new(&query.selection.identity(), &path);
            query = query.with(|selection| selection.after(cursor));
        }
    }

    /// The distinct values of one or more columns, sorted; no row is read. For the first column
    /// that is not bound to a value, sends 1 LIST for each 1,000 of its values. For more or later
    /// columns it lists keys or folders, whichever got further by the last requests. That costs
    /// about as much as the cheaper of the two.
    ///
    /// A folder counts whatever is in it. So one with nothing but objects that are no rows gives a
    /// value that no row has. [`distinct_exact`](Self::distinct_exact) gives those of rows alone,
    /// for more requests.
    ///
    /// A [`limit`](Self::limit) counts values here, as in SQL's `SELECT DISTINCT`.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.query().distinct(Day::COLUMNS.year).await?, [2020, 2021]);
    /// assert_eq!(days.years().await?, [2020, 2021]); // the same, generated
    /// # });
    /// ```
    pub fn distinct<'a, C>(&'a self, columns: C) -> BoxFuture<'a, Result<Vec<C::Values>>>
    where
        C: ColumnSet<T> + 'a,
    {
        self.values_of(columns, Evidence::Folders).boxed()
    }

    /// [`distinct`](Self::distinct), of rows alone: a folder without rows does not count. It lists
    /// keys and skips from one combination of values to the next, so that it sends about 1 LIST for
    /// each combination and never more than `ceil(N/1000)`, where N are the rows below the bound
    /// columns.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// # db.raw_table("day", ["id", "year", "file"])?.upsert(["7", "2020", "notes"], "").await?;
    /// let query = days.query();
    /// // Another program wrote day/7/2020/notes.
    /// assert_eq!(query.distinct(Day::COLUMNS.id).await?, [1, 2, 7]);
    /// assert_eq!(query.distinct_exact(Day::COLUMNS.id).await?, [1, 2]);
    /// # });
    /// ```
    pub fn distinct_exact<'a, C>(&'a self, columns: C) -> BoxFuture<'a, Result<Vec<C::Values>>>
    where
        C: ColumnSet<T> + 'a,
    {
        self.values_of(columns, Evidence::Rows).boxed()
    }

    async fn values_of<C: ColumnSet<T>>(
        &self,
        columns: C,
        evidence: Evidence,
    ) -> Result<Vec<C::Values>> {
        let texts = self.texts(&columns.indices(), evidence).await?;
        let mut values: Vec<C::Values> = texts
            .iter()
            .filter_map(|texts| {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                // A folder whose name is no value holds no rows, only foreign objects.
                columns.decode(&texts).ok()
            })
            .collect();
        values.sort_unstable();
        values.truncate(self.most_values());
        Ok(values)
    }

    /// [`distinct`](Self::distinct) of one column, for the generated methods.
    pub(crate) async fn values<C>(&self, column: Column<T, C>) -> Result<Vec<C>> {
        let texts = self.texts(&[column.index()], Evidence::Folders).await?;
        let mut values = column.values(&texts, encoding_of(column));
        values.truncate(self.most_values());
        Ok(values)
    }

    async fn texts(&self, columns: &[usize], evidence: Evidence) -> Result<Vec<Vec<String>>> {
        if self.most_values() == 0 {
            return Ok(Vec::new());
        }
        let texts = self
            .selection
            .distinct(columns, evidence, ReadKey::<T::Key>::typed());
        texts.await
    }

    /// A limit is one on values.
    fn most_values(&self) -> usize {
        let limit = self.selection.limited_to();
        limit
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(usize::MAX)
    }

    /// Deletes the rows, and returns how many, with the keys of those that it spared. Sends what
    /// [`keys`](Self::keys) sends, and a bulk delete for each 1,000 rows if the store has them, else
    /// 1 DELETE for each.
    ///
    /// A row that was changed since it was listed is spared if the store honours the condition of
    /// a delete; elsewhere it is deleted with the others. On Amazon S3 that condition takes the
    /// permission `s3:GetObject`.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys); if some rows could not be deleted, the error names the keys that
    /// are still there.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let deleted = days.filter_by_year(..2021).delete().await?;
    /// assert_eq!((deleted.rows, deleted.spared.len()), (1, 0));
    /// assert_eq!(days.count().await?, 1);
    /// # });
    /// ```
    pub async fn delete(&self) -> Result<Deleted<T::Key>> {
        let (rows, spared) = self.selection.delete(ReadKey::typed()).await?;
        Ok(Deleted { rows, spared })
    }

    /// What the query would send, and why; sends nothing itself.
    ///
    /// # Errors
    ///
    /// `InvalidKey` for a filter by a value that the column can't hold; `InvalidCursor` for a cursor
    /// of another query.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let plan = days.filter_by_id(1).explain()?;
    /// assert_eq!(plan.prefix(), "day/1/");
    /// println!("{}", plan.assume_rows(1_000_000));
    /// # });
    /// ```
    pub fn explain(&self) -> Result<Explain> {
        self.selection.explain(ReadKey::<T::Key>::typed())
    }

    /// Runs the query as [`keys`](Self::keys) does, and returns its plan with what was really sent
    /// and read.
    ///
    /// # Errors
    ///
    /// As [`keys`](Self::keys).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let analysis = days.filter_by_id(1).analyze().await?;
    /// assert_eq!((analysis.rows(), analysis.usage().total()), (1, 1));
    /// println!("{analysis}");
    /// # });
    /// ```
    pub async fn analyze(&self) -> Result<Analysis> {
        self.selection.analyze(ReadKey::<T::Key>::typed()).await
    }

    /// The rows that a search has found, on its budget.
    pub(super) fn read(
        &self,
        search: &Search<T::Key>,
        found: Vec<Found<T::Key>>,
    ) -> BoxStream<'static, Result<T>> {
        let rows = Arc::clone(self.selection.rows());
        let found = stream::iter(found.into_iter().map(Ok)).boxed();
        search
            .read(found)
            .map(move |read| read.and_then(|read| row_of(&rows, read)))
            .boxed()
    }
}

/// The row of a key and its object, with its version.
pub(crate) fn read_versioned<T: S3Table>(
    rows: &Rows,
    key: T::Key,
    object: &Object,
) -> Result<Versioned<T>> {
    let entries = if rows.is_indexed() {
        let path = object.entry.key.strip_prefix(rows.root());
        path.map(|path| rows.entries_of(path, object)).transpose()?
    } else {
        None
    };
    let row = read_row(rows, key, &object.body)?;
    Ok(Versioned {
        row,
        version: object.entry.version.clone(),
        kept: kept(object),
        entries,
    })
}

fn row_of<T: S3Table>(rows: &Rows, read: Read<T::Key>) -> Result<T> {
    let (key, body, at) = read.into_parts();
    T::read_body(key, &body).map_err(|error| undecodable(rows, error).at_key(at.path(rows)))
}

/// The row of a key and its body.
pub(crate) fn read_row<T: S3Table>(rows: &Rows, key: T::Key, body: &Bytes) -> Result<T> {
    let shown = key.clone();
    T::read_body(key, body).map_err(|error| undecodable(rows, error).at_key(shown))
}

fn undecodable(rows: &Rows, error: BodyError) -> Error {
    let (field, source) = error.into_parts();
    let message = "the stored body is not one of this table's rows";
    let error = rows.error(ErrorKind::InvalidRow, message).because(source);
    match field {
        Some(field) => error.in_column(&field),
        None => error,
    }
}
