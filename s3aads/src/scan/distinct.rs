//! The values that columns have.
//!
//! Two ways lead there. Pages of keys, with a seek past the rest of each combination that they
//! show, are never more than paging takes. Folders of one column after the other are one request
//! for up to a page of values, times the folders above. Where all columns before the last one
//! that is asked for are bound, that is a single listing by delimiter, and nothing is cheaper.
//! Else nobody knows before, and both ways are taken along one front, below which everything
//! is found, whichever way it was: see [`Gauge`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::folders::{FolderScan, Step};
use super::walk::Walk;
use super::{Scan, page};
use crate::error::Result;
use crate::key::segment_text;
use crate::plan::after_columns;
use crate::schema::Schema;

/// Which objects tell a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Evidence {
    /// Folders too, whatever they hold.
    Folders,
    /// Rows alone.
    Rows,
}

impl<K: Send + 'static> Scan<K> {
    /// The texts of these columns, each combination once, in the order of the texts.
    ///
    /// Where folders tell the values, one that holds no row counts too, and values are not checked
    /// against the columns' types: that is for who decodes them.
    pub(crate) async fn distinct(
        self: &Arc<Self>,
        columns: &[usize],
        evidence: Evidence,
    ) -> Result<Vec<Vec<String>>> {
        find(self, columns, evidence).await
    }
}

async fn find<K: Send + 'static>(
    scan: &Arc<Scan<K>>,
    columns: &[usize],
    evidence: Evidence,
) -> Result<Vec<Vec<String>>> {
    let (spec, space) = (&scan.spec, &scan.space);
    let features = scan.source.backend.features();
    let last = columns.iter().max().copied().unwrap_or(0);
    // The last column's folders or objects are as many as the rows.
    let by_folder = evidence == Evidence::Folders
        && spec.after.is_none()
        && last + 1 < space.depth()
        && !space.is_filtered_from(last + 1);
    let single = space.bound_columns() == last;
    let mut values = Values::new(scan, columns);
    let mut by_folders = FolderScan::new(Arc::clone(scan), last);
    if by_folder && single {
        while by_folders.position().is_some() {
            if let Step::Found(folders) = by_folders.step(1).await? {
                values.add_folders(folders.concat())?;
            }
        }
        return Ok(values.finish());
    }
    let mut walk = Walk::new(Arc::clone(scan), spec.after.as_deref(), None).by_group(last + 1);
    let both_ways = by_folder && features.delimiter && features.seeks;
    let mut gauge = Gauge::default();
    while !walk.is_done() {
        if both_ways && gauge.prefers_folders() {
            let at_once = gauge.at_once().min(spec.concurrency);
            if let Step::Found(folders) = by_folders.step(at_once).await? {
                for folders in folders {
                    gauge.saw_folder(folders.len());
                    values.add_folders(folders)?;
                }
            }
            match by_folders.position() {
                Some(position) => walk.skip_to(position),
                None => break,
            }
            continue;
        }
        let before = walk.rest().position.clone();
        if let Some(rows) = walk.next().await? {
            let position = walk.rest().position.as_str();
            let ends = |path: &str| after_columns(path, last).as_str() <= position;
            let ended = if rows.is_empty() {
                ends(&before)
            } else {
                rows.iter().any(|row| ends(row.path()))
            };
            gauge.saw_keys(rows.len(), ended);
            by_folders.skip_to(position);
            for row in rows {
                values.add(row.path());
            }
        }
    }
    Ok(values.finish())
}

/// Folders in a row after which a page of keys tells whether the table is still as it was.
const MOST_FOLDERS: usize = 16;

/// Judges by the last requests which way goes further.
///
/// A page of keys that ends in the folder it began in got no further than a request for what is in
/// that folder, so folders go on. They do until one has fewer values than the page of keys showed:
/// at as many keys for a value, a page would hold more than that folder. Where folders are alike,
/// that costs one request in 17 more than the cheaper way, and a few at the start.
#[derive(Default)]
struct Gauge {
    /// The values that the last page of keys showed.
    shown: usize,
    /// How many folders may be asked for before the next page of keys.
    folders: usize,
    /// How many were the right choice since one was not.
    right: usize,
}

impl Gauge {
    fn prefers_folders(&self) -> bool {
        self.folders > 0
    }

    /// How many folders may be asked for at once: as many as were the right choice in a row, so
    /// that not more of them than that are asked for in vain.
    fn at_once(&self) -> usize {
        self.right.clamp(1, self.folders.max(1))
    }

    /// A page of keys showed so many values; whether it got to the end of any folder.
    fn saw_keys(&mut self, values: usize, ended: bool) {
        self.shown = values.max(1);
        self.folders = if ended { 0 } else { MOST_FOLDERS };
        self.right = if ended { 0 } else { self.right };
    }

    /// A folder has so many values, or so many more than the page of keys before it showed.
    fn saw_folder(&mut self, values: usize) {
        let is_rest = self.folders == MOST_FOLDERS;
        if is_rest || values >= self.shown {
            self.folders = self.folders.saturating_sub(1);
            self.right += 1;
        } else {
            self.folders = 0;
            self.right = 0;
        }
    }
}

/// The combinations found so far.
struct Values<'a, K> {
    scan: &'a Scan<K>,
    columns: &'a [usize],
    texts: BTreeSet<Vec<String>>,
}

impl<'a, K> Values<'a, K> {
    fn new(scan: &'a Scan<K>, columns: &'a [usize]) -> Self {
        Self {
            scan,
            columns,
            texts: BTreeSet::new(),
        }
    }

    fn add(&mut self, path: &str) -> bool {
        let texts = texts(&self.scan.source.schema, path, self.columns);
        let known = texts.is_some();
        self.texts.extend(texts);
        known
    }

    fn add_folders(&mut self, folders: Vec<String>) -> Result<()> {
        for folder in folders {
            if !self.add(&folder) {
                let key = format!("{}{folder}", self.scan.source.root);
                page::foreign(self.scan, &key, None)?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Vec<Vec<String>> {
        self.texts.into_iter().collect()
    }
}

/// The texts of these columns in a row's path; none where a segment is no text's.
fn texts(schema: &Schema, path: &str, columns: &[usize]) -> Option<Vec<String>> {
    let segments: Vec<&str> = path.split('/').collect();
    let text = |index: &usize| {
        let column = schema.columns().get(*index)?;
        segment_text(segments.get(*index)?, schema.layout(), column).map(|text| text.into_owned())
    };
    columns.iter().map(text).collect()
}
