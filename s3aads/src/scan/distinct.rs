//! The values that columns have.
//!
//! Two ways lead there. The walk reads keys and seeks past the rest of each combination it finds:
//! at most one request for each combination, and never more than paging. The descent lists the
//! folders of one column after the other: one request for up to a page of values, times the
//! folders above. Where all columns before the last one that is asked for are bound, the descent
//! is a single listing by delimiter, and nothing is cheaper. Else nobody knows before: after a
//! first page of keys, which often is all there is, both go on in turns until one is done, which
//! costs at most twice the cheaper one.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::descent::Descent;
use super::walk::Walk;
use super::{Decode, Report, Scan, Spec, Target, page};
use crate::error::Result;
use crate::key::segment_text;
use crate::schema::Schema;

/// The texts of these columns that rows have, each combination once, in the order of the texts.
///
/// Where folders tell the values, one that holds no row counts too, and values are not checked
/// against the columns' types: that is for who decodes them.
pub(crate) async fn distinct<K: Send + 'static>(
    target: Target,
    spec: &Spec,
    columns: &[usize],
    decode: Decode<K>,
    report: Report,
) -> Result<Vec<Vec<String>>> {
    let delimiter = target.backend.traits().delimiter;
    let last = columns.iter().max().copied().unwrap_or(0);
    let scan = Scan::new(target, spec, decode, report);
    let space = &scan.space;
    // The last column's folders or objects are as many as the rows.
    let by_folder =
        spec.after.is_none() && last + 1 < space.depth() && !space.is_filtered_from(last + 1);
    let single = space.bound_columns() == last;
    let mut values = Values::new(&scan, columns);
    if by_folder && single {
        let mut descent = Descent::new(Arc::clone(&scan), last);
        while !descent.is_done() {
            values.add_folders(descent.step().await?)?;
        }
        return Ok(values.finish());
    }
    let mut walk = Walk::new(Arc::clone(&scan), spec.after.as_deref(), None).by_group(last + 1);
    let mut descent = Descent::new(Arc::clone(&scan), last);
    let mut from_folders = Values::new(&scan, columns);
    loop {
        if let Some(hits) = walk.next().await? {
            for hit in hits {
                values.add(&hit.path);
            }
        }
        if walk.is_done() {
            return Ok(values.finish());
        }
        if by_folder && delimiter {
            from_folders.add_folders(descent.step().await?)?;
            if descent.is_done() {
                return Ok(from_folders.finish());
            }
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
        let texts = texts(&self.scan.target.schema, path, self.columns);
        let known = texts.is_some();
        self.texts.extend(texts);
        known
    }

    fn add_folders(&mut self, folders: Vec<String>) -> Result<()> {
        for folder in folders {
            if !self.add(&folder) {
                let key = format!("{}{folder}", self.scan.target.root);
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
