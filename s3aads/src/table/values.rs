//! The values of one column, as the generated `<column>s` methods give them.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{Column, S3Table};
use crate::error::Result;
use crate::query::Query;

/// The distinct values of a key column, in order: what a generated `<column>s` method gives when it
/// is awaited. [`Query::distinct`] says what it sends.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # #[derive(S3Table)]
/// # struct Day { #[s3(key)] id: u64, #[s3(key)] year: u16 }
/// let days = db.table::<Day>();
/// days.insert(&Day { id: 1, year: 2020 }).await?;
/// let years: Vec<u16> = days.years().await?;
/// assert_eq!(years, [2020]);
/// # });
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Values<C>(BoxFuture<'static, Result<Vec<C>>>);

impl<C: 'static> Values<C> {
    /// The values of a column in the rows of a query.
    #[doc(hidden)]
    pub fn new<T: S3Table>(query: &Query<T>, column: Column<T, C>) -> Self {
        let query = query.clone();
        Self(async move { query.values(column).await }.boxed())
    }
}

impl<C> Future for Values<C> {
    type Output = Result<Vec<C>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(context)
    }
}

impl<C> fmt::Debug for Values<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").finish_non_exhaustive()
    }
}
