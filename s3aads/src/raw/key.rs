//! Keys of raw tables.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::RawTable;
use crate::error::{Error, ErrorKind, Result};
use crate::key::{check_length, push_segment, segment_text};
use crate::rows::Rows;
use crate::rows::search::ReadKey;
use crate::schema::{ColumnSchema, HIVE_OBJECT, Layout, Schema};

/// A raw row's key: the texts of its columns, in key order, and its path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RawKey {
    path: String,
    values: Vec<String>,
}

impl RawKey {
    /// The columns' texts, in key order.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// The path below the table, as stored: `1/2020/01/01`.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for RawKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

impl AsRef<str> for RawKey {
    fn as_ref(&self) -> &str {
        &self.path
    }
}

impl<'a> IntoIterator for &'a RawKey {
    type Item = &'a String;
    type IntoIter = std::slice::Iter<'a, String>;

    fn into_iter(self) -> Self::IntoIter {
        self.values.iter()
    }
}

/// What [`RawTable::query_by_key`] sorts by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SortBy {
    /// The path, in byte order.
    #[default]
    Key,
    /// When the row was last written, the oldest first.
    LastModified,
    /// The ETag.
    ETag,
    /// Bytes of the body, the smallest first.
    Size,
    /// The storage class.
    StorageClass,
}

/// The key of a path below a table; an error names the foreign segment.
pub(super) fn parse(schema: &Schema, path: &str) -> Result<RawKey> {
    check_length(path).map_err(|error| error.in_table(schema.table()))?;
    let fail = |message: String| {
        Err(Error::new(ErrorKind::InvalidKey, message)
            .in_table(schema.table())
            .at_key(path))
    };
    let mut segments = path.split('/');
    let mut values = Vec::with_capacity(schema.columns().len());
    for column in schema.columns() {
        let Some(segment) = segments.next() else {
            return fail(format!("the path ends before column {:?}", column.name()));
        };
        let Some(text) = segment_text(segment, schema.layout(), column) else {
            return fail(format!("no text is stored as {segment:?}"));
        };
        values.push(Cow::into_owned(text));
    }
    let whole = match schema.layout() {
        Layout::Plain => segments.next().is_none(),
        Layout::Hive => segments.next() == Some(HIVE_OBJECT) && segments.next().is_none(),
    };
    if !whole {
        return fail(format!(
            "a key of this table has {} columns",
            schema.columns().len()
        ));
    }
    Ok(RawKey {
        path: path.to_owned(),
        values,
    })
}

/// The key of the columns' stored texts, in key order.
fn of_texts(schema: &Schema, texts: &[&str]) -> Result<RawKey> {
    let mut path = String::new();
    for (column, text) in schema.columns().iter().zip(texts) {
        push_segment(&mut path, schema.layout(), column, text).map_err(|error| {
            Error::new(ErrorKind::InvalidKey, error.to_string())
                .in_table(schema.table())
                .in_column(column.name())
        })?;
    }
    if schema.layout() == Layout::Hive {
        path.push('/');
        path.push_str(HIVE_OBJECT);
    }
    Ok(RawKey {
        path,
        values: texts.iter().map(|&text| text.to_owned()).collect(),
    })
}

/// The values of the key of a path below a table, as people write them.
pub(crate) fn values(schema: &Schema, path: &str) -> Result<Vec<String>> {
    let key = parse(schema, path)?;
    let columns = schema.columns().iter().zip(&key.values);
    let value = |(column, text): (&ColumnSchema, &String)| {
        column.value_text(text).ok_or_else(|| {
            let kind = column.column_type();
            let message = format!("{text:?} is not how a {kind} of this column is stored");
            Error::new(ErrorKind::InvalidKey, message)
                .in_table(schema.table())
                .at_key(path)
                .in_column(column.name())
        })
    };
    columns.map(value).collect()
}

/// The key of the columns' values, given as people write them.
pub(crate) fn of_values(schema: &Schema, values: &[String]) -> Result<RawKey> {
    let columns = schema.columns().iter().zip(values);
    let text = |(column, value): (&ColumnSchema, &String)| {
        column.stored_text(value).map_err(|error| {
            Error::new(ErrorKind::InvalidKey, error.to_string())
                .in_table(schema.table())
                .in_column(column.name())
        })
    };
    let texts: Vec<String> = columns.map(text).collect::<Result<_>>()?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    of_texts(schema, &texts)
}

/// How queries read the table's keys.
pub(super) fn reader(rows: &Arc<Rows>) -> ReadKey<RawKey> {
    let (by_path, by_texts) = (Arc::clone(rows), Arc::clone(rows));
    ReadKey::new(
        move |path| parse(by_path.schema(), path),
        move |texts| of_texts(by_texts.schema(), texts),
    )
}

impl RawTable {
    /// The key of these columns, given by name in any order.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if a column is missing, unknown or named twice.
    ///
    /// ```
    /// # use s3aads::Database;
    /// let days = Database::open("memory:///to-key")?.raw_table("days", ["id", "year"])?;
    /// let key = days.to_key([("year", "2020"), ("id", "a/b")])?;
    /// assert_eq!(key.path(), "a%2Fb/2020");
    /// # Ok::<(), s3aads::Error>(())
    /// ```
    pub fn to_key<'a, I>(&self, columns: I) -> Result<RawKey>
    where
        I: IntoIterator<Item = (&'a str, &'a str)>,
    {
        let mut values: Vec<Option<&str>> = vec![None; self.rows.schema().columns().len()];
        for (name, value) in columns {
            let place = self.column(name)?;
            if let Some(slot) = values.get_mut(place) {
                if slot.is_some() {
                    return Err(self.invalid("the column is given twice").in_column(name));
                }
                *slot = Some(value);
            }
        }
        let columns = self.rows.schema().columns();
        let values: Result<Vec<&str>> = values
            .into_iter()
            .zip(columns)
            .map(|(value, column)| {
                value.ok_or_else(|| {
                    self.invalid("the column is missing")
                        .in_column(column.name())
                })
            })
            .collect();
        self.key(values?)
    }

    /// The key of these values, given in key order as people write them: 7 for a column of width 2, where
    /// the other methods take what is stored, `07`. [`values`](Self::values) is the way back.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if there are more or fewer values than columns, or if one is no value of its column.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// let days = db.raw_table_of("days(city: string, month: u8 width 2)".parse()?)?;
    /// let key = days.key_of(["Oslo", "7"])?;
    /// assert_eq!(key.path(), "Oslo/07");
    /// assert_eq!(days.values(&key)?, ["Oslo", "7"]);
    /// # });
    /// ```
    pub fn key_of<I>(&self, values: I) -> Result<RawKey>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let values: Vec<String> = values.into_iter().map(Into::into).collect();
        self.check_count(values.len())?;
        of_values(self.rows.schema(), &values).map_err(|error| self.rows.place(error))
    }

    /// The values of a key's columns, in key order as people write them.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if a text is no value of its column, as may be if the row was written by its path.
    pub fn values(&self, key: &RawKey) -> Result<Vec<String>> {
        values(self.rows.schema(), key.path()).map_err(|error| self.rows.place(error))
    }

    fn check_count(&self, given: usize) -> Result<()> {
        let columns = self.rows.schema().columns().len();
        if given == columns {
            return Ok(());
        }
        Err(self.invalid(&format!(
            "a key of this table has {columns} columns and {given} were given"
        )))
    }

    /// The key of these columns' texts, given in key order.
    pub(super) fn key<I>(&self, values: I) -> Result<RawKey>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let schema = self.rows.schema();
        let values: Vec<String> = values
            .into_iter()
            .map(|value| value.as_ref().to_owned())
            .collect();
        self.check_count(values.len())?;
        let texts: Vec<&str> = values.iter().map(String::as_str).collect();
        of_texts(schema, &texts).map_err(|error| self.rows.place(error))
    }

    /// The column's place in the key.
    pub(super) fn column(&self, name: &str) -> Result<usize> {
        self.rows.column(name)
    }

    pub(super) fn invalid(&self, message: &str) -> Error {
        self.rows.error(ErrorKind::InvalidKey, message)
    }
}
