//! All rows at once, or their number.

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
    let scan = Scan::new(target, spec, decode, report);
    let mut walk = Walk::new(scan, spec.after.as_deref(), spec.limit);
    let mut rows = Vec::new();
    while let Some(page) = walk.next().await? {
        rows.extend(page);
    }
    Ok(rows)
}

/// The number of rows.
pub(crate) async fn count<K: Send + 'static>(
    target: Target,
    spec: &Spec,
    decode: Decode<K>,
    report: Report,
) -> Result<u64> {
    let scan = Scan::new(target, spec, decode, report);
    let mut walk = Walk::new(scan, spec.after.as_deref(), spec.limit);
    let mut rows = 0;
    while let Some(page) = walk.next().await? {
        rows += page.len() as u64;
    }
    Ok(rows)
}
