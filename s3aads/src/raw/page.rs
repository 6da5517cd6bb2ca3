//! Pages of rows.

use super::Cursor;

/// One page of a query's rows, and where it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, in key order.
    pub rows: Vec<T>,
    /// What [`Query::after`](crate::Query::after) takes for the next page; none on the last one.
    pub cursor: Option<Cursor>,
}
