//! All rows at once, or their number.

use std::sync::Arc;

use super::split::{self, Found};
use super::walk::Walk;
use super::{Decode, Hit, Report, Scan, Spec, Target};
use crate::error::Result;

/// The rows in the order of their paths.
pub(crate) async fn collect<K: Send + 'static>(
    target: Target,
    spec: &Spec,
    decode: Decode<K>,
    report: Report,
) -> Result<Vec<Hit<K>>> {
    Ok(find(target, spec, decode, report, true).await?.hits)
}

/// The number of rows.
pub(crate) async fn count<K: Send + 'static>(
    target: Target,
    spec: &Spec,
    decode: Decode<K>,
    report: Report,
) -> Result<u64> {
    Ok(find(target, spec, decode, report, false).await?.rows)
}

async fn find<K: Send + 'static>(
    target: Target,
    spec: &Spec,
    decode: Decode<K>,
    report: Report,
    keep: bool,
) -> Result<Found<K>> {
    let scan = Scan::new(target, spec, decode, report);
    let walk = Walk::new(Arc::clone(&scan), spec.after.as_deref(), spec.limit);
    // Rows that are asked for by number are those of the first pages; and where a listing can't
    // start in its middle, every part would read what is before it.
    let parallel = spec.limit.is_none() && scan.target.backend.traits().seeks;
    let workers = if parallel { spec.concurrency.max(1) } else { 1 };
    split::run(scan, walk, workers, keep).await
}
