//! What narrows a query, and how it is asked for.

use super::{Query, encoding_of};
use crate::key::IntoFilter;
use crate::plan::Form;
use crate::raw::Cursor;
use crate::scan::OnForeign;
use crate::table::{Column, S3Table};

impl<T: S3Table> Query<T> {
    /// Only the rows whose column holds what the filter allows.
    ///
    /// A value that the column can't store (a third digit with `width = 2`) is an `InvalidKey` error
    /// of the terminal, before a request is sent.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let query = days.query().filter(Day::COLUMNS.year, 2020..=2021);
    /// assert_eq!(query.count().await?, 2);
    /// # });
    /// ```
    #[must_use]
    pub fn filter<C>(&self, column: Column<T, C>, filter: impl IntoFilter<C>) -> T::Query {
        let form = Form {
            encoding: encoding_of(column),
            layout: T::SCHEMA.layout(),
        };
        let predicate = column.compile(&filter.into_filter(), form);
        self.with(|selection| selection.narrow(column.index(), predicate))
            .into()
    }

    /// At most this many rows, the first in key order.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.query().limit(1).keys().await?.len(), 1);
    /// # });
    /// ```
    #[must_use]
    pub fn limit(&self, rows: u64) -> T::Query {
        self.with(|selection| selection.limit(rows)).into()
    }

    /// Only the rows after a page of this same query; see [`page`](Self::page).
    ///
    /// A cursor of another query, or a damaged one, is an `InvalidCursor` error of the terminal.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let page = days.query().page(1).await?;
    /// let cursor = page.cursor.expect("there is another page");
    /// let rest = days.query().after(cursor).rows().await?;
    /// assert_eq!(rest[0].id, 2);
    /// # });
    /// ```
    #[must_use]
    pub fn after(&self, cursor: impl Into<Cursor>) -> T::Query {
        self.with(|selection| selection.after(cursor.into())).into()
    }

    /// How many requests may be under way at once; 32 by default.
    ///
    /// With 1, listings are read page by page. With more, a listing of over 30 pages (30,000 keys) is
    /// split over that many workers, which sends at most 1.7 times the requests of one; up to 30 pages
    /// it sends exactly those. As many rows are read at once, however long the listing is.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.query().concurrency(64).rows().await?.len(), 2);
    /// # });
    /// ```
    #[must_use]
    pub fn concurrency(&self, requests: usize) -> T::Query {
        self.with(|selection| selection.concurrency(requests))
            .into()
    }

    /// How many requests each terminal may send, retries included. A terminal that needs one more
    /// fails with `BudgetExceeded` and says how far it got.
    ///
    /// A query with a budget pages through its listing with one worker, so it never fails because
    /// of requests that only [splitting](Self::concurrency) would send. Rows are still read
    /// concurrently.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let error = days.query().request_budget(1).rows().await.unwrap_err();
    /// assert_eq!(error.kind(), s3aads::ErrorKind::BudgetExceeded);
    /// # });
    /// ```
    #[must_use]
    pub fn request_budget(&self, requests: u64) -> T::Query {
        self.with(|selection| selection.request_budget(requests))
            .into()
    }

    /// What to do with objects in the table's folder that are not rows. By default they are
    /// skipped, counted and warned of.
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// let query = days.query().on_foreign(s3aads::OnForeign::Fail);
    /// assert_eq!(query.count().await?, 2); // there is none
    /// # });
    /// ```
    #[must_use]
    pub fn on_foreign(&self, policy: OnForeign) -> T::Query {
        self.with(|selection| selection.on_foreign(policy)).into()
    }
}
