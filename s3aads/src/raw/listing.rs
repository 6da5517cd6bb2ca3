//! Requests for many raw rows.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;

use super::{ObjectInfo, RawKey, RawTable, Selection, SortBy, key};
use crate::error::Result;
use crate::key::{Filter, check_length, segment_text};
use crate::plan::{Form, compile};
use crate::rows::search::{Found, ReadKey};
use crate::scan::Evidence;

impl RawTable {
    pub(crate) fn selection(&self) -> Selection {
        Selection::new(Arc::clone(&self.rows))
    }

    /// Columns are filtered by their texts, whatever encoding these have.
    fn form(&self) -> Form {
        Form {
            layout: self.rows.schema().layout(),
            ..Form::default()
        }
    }

    fn read_key(&self) -> ReadKey<RawKey> {
        key::reader(&self.rows)
    }

    /// The rows whose columns have these texts.
    fn filtered<'a, I>(&self, filters: I) -> Result<Selection>
    where
        I: IntoIterator<Item = (&'a str, &'a str)>,
    {
        let mut selection = self.selection();
        for (name, text) in filters {
            let column = self.column(name)?;
            let filter = Filter::<String>::values([text.to_owned()]);
            selection.narrow(column, compile(&filter, self.form()));
        }
        Ok(selection)
    }

    async fn list(&self, selection: &Selection) -> Result<Vec<ObjectInfo<RawKey>>> {
        let rows = selection.collect(self.read_key()).await?;
        Ok(rows.into_iter().map(ObjectInfo::of).collect())
    }

    /// Every key, in path order. Sends 1 LIST for each 1,000 rows.
    ///
    /// # Errors
    ///
    /// As [`Query::keys`](crate::Query::keys).
    pub async fn keys(&self) -> Result<Vec<RawKey>> {
        self.query([]).await
    }

    /// Every row's object as the listing tells it, in path order. Sends 1 LIST for each 1,000 rows.
    ///
    /// # Errors
    ///
    /// As [`Query::keys`](crate::Query::keys).
    pub async fn objects(&self) -> Result<Vec<ObjectInfo<RawKey>>> {
        self.filter_objects_by([]).await
    }

    /// The keys whose columns have these texts, in path order. Sends 1 LIST for each 1,000 keys
    /// found if the leading columns are given.
    ///
    /// # Errors
    ///
    /// `InvalidKey` for an unknown column; otherwise as [`Query::keys`](crate::Query::keys).
    pub async fn query<'a, I>(&self, columns: I) -> Result<Vec<RawKey>>
    where
        I: IntoIterator<Item = (&'a str, &'a str)>,
    {
        let objects = self.filter_objects_by(columns).await?;
        Ok(objects.into_iter().map(|object| object.key).collect())
    }

    /// The objects whose columns have these texts, in path order. Sends what
    /// [`query`](Self::query) sends.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn filter_objects_by<'a, I>(&self, columns: I) -> Result<Vec<ObjectInfo<RawKey>>>
    where
        I: IntoIterator<Item = (&'a str, &'a str)>,
    {
        self.list(&self.filtered(columns)?).await
    }

    /// The keys below a path of whole segments (`1/2020`; empty for all), sorted. Sends 1 LIST for
    /// each 1,000 keys found.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if the path has more segments than the table has columns, or one that is no
    /// text's; otherwise as [`Query::keys`](crate::Query::keys).
    pub async fn query_by_key(
        &self,
        prefix: impl AsRef<str>,
        sort_by: SortBy,
    ) -> Result<Vec<RawKey>> {
        let prefix = prefix.as_ref();
        let mut selection = self.selection();
        check_length(prefix).map_err(|error| self.rows.place(error))?;
        if !prefix.is_empty() {
            for (place, segment) in prefix
                .strip_suffix('/')
                .unwrap_or(prefix)
                .split('/')
                .enumerate()
            {
                let schema = self.rows.schema();
                let text = schema
                    .columns()
                    .get(place)
                    .and_then(|column| segment_text(segment, schema.layout(), column));
                let Some(text) = text else {
                    return Err(self
                        .invalid("the path is not the start of a key of this table")
                        .at_key(prefix));
                };
                let filter = Filter::<String>::values([text.into_owned()]);
                selection.narrow(place, compile(&filter, self.form()));
            }
        }
        let mut objects = self.list(&selection).await?;
        match sort_by {
            SortBy::Key => {}
            SortBy::LastModified => objects.sort_by_key(|object| object.last_modified),
            SortBy::ETag => objects.sort_by(|a, b| a.e_tag.cmp(&b.e_tag)),
            SortBy::Size => objects.sort_by_key(|object| object.size),
            SortBy::StorageClass => objects.sort_by(|a, b| a.storage_class.cmp(&b.storage_class)),
        }
        Ok(objects.into_iter().map(|object| object.key).collect())
    }

    /// The distinct texts of these columns, sorted. Sends what
    /// [`Query::distinct`](crate::Query::distinct) sends.
    ///
    /// # Errors
    ///
    /// `InvalidKey` for an unknown column; otherwise as [`Query::keys`](crate::Query::keys).
    pub async fn distinct<'a, I>(&self, columns: I) -> Result<Vec<Vec<String>>>
    where
        I: IntoIterator<Item = &'a str>,
    {
        let columns: Result<Vec<usize>> =
            columns.into_iter().map(|name| self.column(name)).collect();
        let (columns, keys) = (columns?, self.read_key());
        let texts = self
            .selection()
            .distinct(&columns, Evidence::Folders, keys)
            .await;
        let mut texts = texts?;
        texts.sort_unstable();
        Ok(texts)
    }

    /// The distinct texts of one column, sorted: what the Python library's `<column>s` gives. Sends
    /// what [`distinct`](Self::distinct) sends.
    ///
    /// # Errors
    ///
    /// As [`distinct`](Self::distinct).
    pub async fn column_values(&self, column: &str) -> Result<Vec<String>> {
        let texts = self.distinct([column]).await?;
        Ok(texts.into_iter().flatten().collect())
    }

    /// How many rows there are. Sends 1 LIST for each 1,000.
    ///
    /// # Errors
    ///
    /// As [`Query::count`](crate::Query::count).
    pub async fn count(&self) -> Result<u64> {
        self.selection().count(self.read_key()).await
    }

    /// A random key, each as likely as any other; `None` if the table is empty. Sends 1 LIST for
    /// each 1,000 rows.
    ///
    /// # Errors
    ///
    /// As [`Query::keys`](crate::Query::keys).
    pub async fn random_key(&self) -> Result<Option<RawKey>> {
        let mut rows = self.selection().found(self.read_key());
        let (mut chosen, mut seen) = (None, 0);
        while let Some(row) = rows.try_next().await? {
            seen += 1;
            if fastrand::usize(..seen) == 0 {
                chosen = Some(Found::into_key(row));
            }
        }
        Ok(chosen)
    }

    /// A random row, each as likely as any other; `None` if the table is empty. Sends what
    /// [`random_key`](Self::random_key) sends and 1 GET.
    ///
    /// # Errors
    ///
    /// As [`random_key`](Self::random_key) and [`select`](Self::select).
    pub async fn random(&self) -> Result<Option<(RawKey, Bytes)>> {
        while let Some(key) = self.random_key().await? {
            // A row that is deleted between the two is drawn again.
            if let Some(data) = self.select_by_key(&key).await? {
                return Ok(Some((key, data)));
            }
        }
        Ok(None)
    }
}
