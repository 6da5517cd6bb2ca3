//! Rows at random.

use futures_util::TryStreamExt;

use super::{S3Table, Table};
use crate::error::Result;

impl<T: S3Table> Table<T> {
    /// A random key, each as likely as any other; `None` if the table is empty. Sends 1 LIST for
    /// each 1,000 rows, since no store can pick one at random.
    ///
    /// # Errors
    ///
    /// As [`Query::keys`](crate::Query::keys).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert!(days.random_key().await?.is_some_and(|key| key.id == 1 || key.id == 2));
    /// # });
    /// ```
    pub async fn random_key(&self) -> Result<Option<T::Key>> {
        Ok(self.sample_keys(1).await?.pop())
    }

    /// A random row, each as likely as any other; `None` if the table is empty. Sends what
    /// [`random_key`](Self::random_key) sends and 1 GET.
    ///
    /// # Errors
    ///
    /// As [`Query::rows`](crate::Query::rows).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert!(days.random().await?.is_some());
    /// # });
    /// ```
    pub async fn random(&self) -> Result<Option<T>> {
        Ok(self.sample(1).await?.pop())
    }

    /// Up to `n` different rows, each set of them as likely as any other, in random order. Sends 1
    /// LIST for each 1,000 rows and 1 GET for each row returned.
    ///
    /// # Errors
    ///
    /// As [`Query::rows`](crate::Query::rows).
    ///
    /// ```
    /// # doc_examples::days!(|db, days| {
    /// assert_eq!(days.sample(10).await?.len(), 2);
    /// # });
    /// ```
    pub async fn sample(&self, n: usize) -> Result<Vec<T>> {
        let keys = self.sample_keys(n).await?;
        let mut rows = Vec::with_capacity(keys.len());
        for outcome in self.select_all(keys).await {
            rows.extend(outcome.result?);
        }
        Ok(rows)
    }

    /// Reservoir sampling: one pass, and memory for `n` keys.
    async fn sample_keys(&self, n: usize) -> Result<Vec<T::Key>> {
        let mut chosen = Vec::new();
        let mut seen = 0;
        let mut keys = self.stream_keys();
        while let Some(key) = keys.try_next().await? {
            seen += 1;
            if chosen.len() < n {
                chosen.push(key);
            } else if let Some(place) = chosen.get_mut(fastrand::usize(..seen)) {
                *place = key;
            }
        }
        fastrand::shuffle(&mut chosen);
        Ok(chosen)
    }
}
