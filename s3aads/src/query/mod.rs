//! Typed queries: which rows of a table, asked for lazily.

// In the order in which the documentation shows their methods.
mod filters;

mod terminals;

mod page;

use std::fmt;
use std::marker::PhantomData;

pub(crate) use terminals::{read_row, read_versioned};

use crate::key::Encoding;
use crate::raw::Selection;
use crate::table::{Column, S3Table};

/// A query over the table of `T`: nothing is sent until one of its terminals is called.
///
/// [`Table::query`](crate::Table::query), [`filter`](Self::filter) and the generated
/// `filter_by_<column>` make one; a table has the latter two as well. More filters narrow it. It
/// can be cloned, and run again. Filters on different columns all hold; a second filter on a column
/// narrows the first. A filter is never ignored, whichever columns are bound;
/// [`explain`](Self::explain) tells what it costs.
///
/// Results come in the byte order of the stored keys, column by column. That is the order of the
/// values for integers that are `ordered` or padded to one `width`, and for dates, timestamps,
/// UUIDs and `bool`; the opposite order for `descending` columns. Integers that are not padded
/// come as their digits do, 10 before 9, and strings by their bytes.
///
/// ```
/// # doc_examples::no_days!(|db, days| {
/// days.insert(&Day { id: 1, year: 2019, rain: 0.5 }).await?;
/// days.insert(&Day { id: 1, year: 2020, rain: 1.5 }).await?;
/// let query = days.filter_by_id(1).filter_by_year(2020..);
/// assert_eq!(query.count().await?, 1);
/// assert_eq!(query.rows().await?[0].rain, 1.5);
/// # });
/// ```
pub struct Query<T> {
    selection: Selection,
    marker: PhantomData<fn() -> T>,
}

impl<T> Clone for Query<T> {
    fn clone(&self) -> Self {
        Self {
            selection: self.selection.clone(),
            marker: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.selection.fmt(f)
    }
}

impl<T: S3Table> Query<T> {
    pub(crate) fn new(selection: Selection) -> Self {
        Self {
            selection,
            marker: PhantomData,
        }
    }

    fn with(&self, change: impl FnOnce(&mut Selection)) -> Self {
        let mut query = self.clone();
        change(&mut query.selection);
        query
    }
}

/// How a column's values are written.
fn encoding_of<T: S3Table, C>(column: Column<T, C>) -> Encoding {
    T::SCHEMA
        .column_at(column.index())
        .map(|column| column.encoding())
        .unwrap_or_default()
}
