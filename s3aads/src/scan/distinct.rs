//! The values that columns have.

use std::collections::BTreeSet;

use super::walk::Walk;
use super::{Decode, Report, Scan, Spec, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::key::segment_text;
use crate::schema::Schema;

/// The texts of these columns that rows have, each combination once, in the order of the texts.
pub(crate) async fn distinct<K: Send + 'static>(
    target: Target,
    spec: &Spec,
    columns: &[usize],
    decode: Decode<K>,
    report: Report,
) -> Result<Vec<Vec<String>>> {
    let schema = target.schema.clone();
    let scan = Scan::new(target, spec, decode, report);
    let last = columns.iter().max().copied().unwrap_or(0);
    let mut walk = Walk::new(scan, spec.after.as_deref(), None).by_group(last + 1);
    let mut values = BTreeSet::new();
    while let Some(page) = walk.next().await? {
        for hit in page {
            values.insert(texts(&schema, &hit.path, columns)?);
        }
    }
    Ok(values.into_iter().collect())
}

/// The texts of these columns in a row's path.
fn texts(schema: &Schema, path: &str, columns: &[usize]) -> Result<Vec<String>> {
    let segments: Vec<&str> = path.split('/').collect();
    let text = |index: &usize| {
        let column = schema.columns().get(*index)?;
        segment_text(segments.get(*index)?, schema.layout(), column).map(|text| text.into_owned())
    };
    let texts: Option<Vec<String>> = columns.iter().map(text).collect();
    texts.ok_or_else(|| {
        Error::new(ErrorKind::Other, "the table has no such column")
            .in_table(schema.table())
            .at_key(path)
    })
}
