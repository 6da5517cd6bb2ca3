//! Pages of rows.

use futures_util::StreamExt;

use super::Query;
use crate::error::{ErrorKind, Result};
use crate::raw::Page;
use crate::rows::search::ReadKey;
use crate::table::S3Table;

impl<T: S3Table> Query<T> {
    /// The next `size` rows, and a cursor for the page after them. Sends the LISTs of their keys
    /// and 1 GET for each row.
    ///
    /// A row that does not decode does not keep the others from being read: its error is in
    /// [`Page::invalid`], and the next pages can be reached.
    ///
    /// Rows that are inserted or deleted between two pages neither repeat nor hide others. A
    /// [`limit`](Self::limit) counts from the start of each page.
    ///
    /// # Errors
    ///
    /// `InvalidKey`, `InvalidCursor` for a cursor of another query, `InvalidConfig` for a size of 0,
    /// `NotFound` if the bucket is not there, `PermissionDenied`, `Unavailable`, `BudgetExceeded`.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64 }
    /// # let items = db.table::<Item>();
    /// # for id in 0..5 { items.insert(&Item { id }).await?; }
    /// let mut query = items.query();
    /// let mut seen = 0;
    /// loop {
    ///     let page = query.page(2).await?;
    ///     seen += page.rows.len();
    ///     match page.cursor {
    ///         Some(cursor) => query = query.after(cursor),
    ///         None => break,
    ///     }
    /// }
    /// assert_eq!(seen, 5);
    /// # });
    /// ```
    pub async fn page(&self, size: u64) -> Result<Page<T>> {
        let page = self.read_page(size);
        self.selection.operation("page").run(page).await
    }

    async fn read_page(&self, size: u64) -> Result<Page<T>> {
        let page = self.selection.page(size, ReadKey::typed()).await?;
        let (mut rows, mut invalid) = (Vec::new(), page.invalid);
        let mut read = self.read(&page.search, page.rows);
        while let Some(row) = read.next().await {
            match row {
                Ok(row) => rows.push(row),
                Err(error) if error.kind() == ErrorKind::InvalidRow => invalid.push(error),
                Err(error) => return Err(error),
            }
        }
        Ok(Page {
            rows,
            invalid,
            cursor: page.cursor,
        })
    }
}
