//! Deletes of the rows that a query found.

use std::collections::BTreeSet;

use super::Rows;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::delete::named;
use crate::store::{Meter, Version};

/// What a pack takes: to be read, and to be written or deleted.
const REQUESTS: u64 = 2;

impl Rows {
    /// Deletes rows as they were found: their keys, key paths and versions. Returns how many are gone
    /// by it, and the keys of those that were changed or deleted since.
    ///
    /// Every pack is rewritten by compare-and-swap, also one that loses all its rows: a row that was
    /// put in since it was read is not of those that were found, and stays.
    pub(crate) async fn delete_found<K>(
        &self,
        found: Vec<(K, String, Version)>,
        meter: &Meter,
        concurrency: usize,
    ) -> Result<(u64, Vec<K>)> {
        let (mut packs, mut keys, mut rows) = (BTreeSet::new(), Vec::new(), Vec::new());
        for (key, path, version) in found {
            packs.insert(self.packed_place(&path)?.pack);
            keys.push((key, path.clone()));
            rows.push(Ok((path, Some(version))));
        }
        let reserved = meter.reserve(packs.len() as u64 * REQUESTS);
        reserved.map_err(|spent| {
            let path = keys.first().map_or("", |(_, path)| path.as_str());
            self.fail(spent.into(), "delete every row", path)
        })?;
        let outcomes = self.delete_all(rows, concurrency).await;
        let (mut deleted, mut spared) = (0, Vec::new());
        let mut left: Vec<(String, Error)> = Vec::new();
        for ((key, path), outcome) in keys.into_iter().zip(outcomes) {
            match outcome {
                Ok(()) => deleted += 1,
                // The row's own, or that of a pack that others kept writing.
                Err(error) if error.kind() == ErrorKind::Conflict => spared.push(key),
                Err(error) => left.push((path, error)),
            }
        }
        let names = named(left.iter().map(|(path, _)| path.as_str()));
        match left.into_iter().next() {
            None => Ok((deleted, spared)),
            Some((_, error)) => Err(error
                .note(format!("still there are {names}"))
                .note(format!("{deleted} rows were deleted"))),
        }
    }
}
