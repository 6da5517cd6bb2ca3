//! Pages of rows.

use super::Cursor;
use crate::error::Error;

/// One page of a query's rows, and where it ended.
#[derive(Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, in key order.
    pub rows: Vec<T>,
    /// The rows of the page that do not decode, each as the `InvalidRow` error that names its key.
    pub invalid: Vec<Error>,
    /// What [`Query::after`](crate::Query::after) takes for the next page; none on the last one.
    pub cursor: Option<Cursor>,
}
