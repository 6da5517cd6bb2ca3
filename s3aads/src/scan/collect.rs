//! All rows at once, or their number.

use std::sync::Arc;

use super::split::{self, Gathered};
use super::walk::Walk;
use super::{Listed, Scan};
use crate::error::Result;

impl<K: Send + 'static> Scan<K> {
    /// The rows in the order of their paths.
    pub(crate) async fn collect(self: &Arc<Self>) -> Result<Vec<Listed<K>>> {
        Ok(self.find(true).await?.kept)
    }

    /// The number of rows.
    pub(crate) async fn count(self: &Arc<Self>) -> Result<u64> {
        Ok(self.find(false).await?.count)
    }

    async fn find(self: &Arc<Self>, keep: bool) -> Result<Gathered<K>> {
        let spec = &self.spec;
        let walk = Walk::new(Arc::clone(self), spec.after.as_deref(), spec.limit);
        // Rows that are asked for by number are those of the first pages; where a listing can't
        // start in its middle, every shard would read what is before it; and where no request takes
        // its time on the way, workers don't wait for one another, and each would read the same folders.
        let features = self.source.backend.features();
        let parallel = spec.limit.is_none() && features.seeks && features.remote;
        let workers = if parallel { spec.concurrency.max(1) } else { 1 };
        split::run(Arc::clone(self), walk, workers, keep).await
    }
}
