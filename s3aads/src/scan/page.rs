//! Which objects of one page are rows that match.

use super::{Listed, OnForeign, Scan};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{Class, after_columns};
use crate::store::ObjectEntry;

/// The part of a listing that is still to be dealt with.
#[derive(Debug, Clone)]
pub(super) struct Remaining {
    /// Every path below this one is dealt with.
    pub position: String,
    /// No path from this one on is asked for.
    pub until: Option<String>,
    /// How many more rows are asked for.
    pub limit: Option<u64>,
    /// After a match, the other paths with the same first columns, this many, are passed by.
    pub group: Option<usize>,
    /// Nothing is left.
    pub done: bool,
}

impl Remaining {
    /// What is left after a path that was dealt with.
    fn pass(&mut self, path: &str, matched: bool) {
        match self.group.filter(|_| matched) {
            Some(columns) => self.position = after_columns(path, columns),
            None => {
                // The least text above the path, in the memory of the last one.
                self.position.clear();
                self.position.push_str(path);
                self.position.push('\0');
            }
        }
    }

    /// Goes on to where the next match can be.
    pub(super) fn advance<K>(&mut self, scan: &Scan<K>) {
        match scan.space.seek(&self.position) {
            Some(target) => self.position = self.position.as_str().max(&target).to_owned(),
            None => self.done = true,
        }
        if self.limit == Some(0) || self.until.as_ref().is_some_and(|end| self.position >= *end) {
            self.done = true;
        }
    }
}

/// The rows of a page that match, in order. `rest` goes on to what is left after the page.
pub(super) fn matches<K>(
    scan: &Scan<K>,
    rest: &mut Remaining,
    objects: Vec<ObjectEntry>,
) -> Result<Vec<Listed<K>>> {
    let root = scan.source.root.len();
    let mut rows = Vec::new();
    let mut objects: Vec<Option<ObjectEntry>> = objects.into_iter().map(Some).collect();
    let mut at = 0;
    while !rest.done {
        // Keys below the position were dealt with or can't match: the first one is found by
        // galloping, since it is near as often as it is far.
        at += passed(objects.get(at..).unwrap_or_default(), root, &rest.position);
        let Some(slot) = objects.get_mut(at) else {
            break;
        };
        let Some(entry) = slot.take() else { break };
        at += 1;
        let path = entry.key.get(root..).unwrap_or_default();
        if rest.until.as_deref().is_some_and(|end| path >= end) {
            rest.done = true;
            break;
        }
        let key = match scan.space.classify(path) {
            Class::Match if scan.source.schema.holds_no_row(entry.size) => {
                rest.pass(path, false);
                continue;
            }
            Class::Match => (scan.decode)(path).map_err(Some),
            Class::Foreign => Err(None),
            Class::Other => {
                let before = std::mem::take(&mut rest.position);
                rest.position = before.max(path.to_owned());
                rest.advance(scan);
                if rest.position == path {
                    rest.pass(path, false);
                }
                continue;
            }
        };
        match key {
            Ok(key) => {
                rest.pass(path, true);
                rows.push(Listed { key, entry, root });
                if let Some(limit) = &mut rest.limit {
                    *limit = limit.saturating_sub(1);
                    rest.done = *limit == 0;
                }
            }
            Err(why) => {
                rest.pass(path, false);
                foreign(scan, &entry.key, why)?;
            }
        }
    }
    scan.report.saw_rows(rows.len());
    Ok(rows)
}

pub(super) fn foreign<K>(scan: &Scan<K>, key: &str, why: Option<Error>) -> Result<()> {
    scan.report.saw_foreign(key);
    if scan.spec.on_foreign == OnForeign::Skip {
        return Ok(());
    }
    let path = key.get(scan.source.root.len()..).unwrap_or(key);
    let error = Error::new(
        ErrorKind::ForeignObject,
        format!("the object {key:?} is in the table's folder and is no row of it"),
    )
    .at_key(path);
    Err(scan.fail(match why {
        Some(why) => error.because(why.message()),
        None => error,
    }))
}

/// How many of the objects are below a position.
fn passed(objects: &[Option<ObjectEntry>], root: usize, position: &str) -> usize {
    let below = |slot: &Option<ObjectEntry>| {
        slot.as_ref()
            .is_none_or(|entry| entry.key.get(root..).unwrap_or_default() < position)
    };
    let mut reach = 1;
    while objects.get(reach - 1).is_some_and(below) {
        reach *= 2;
    }
    let from = reach / 2;
    let window = objects
        .get(from..objects.len().min(reach))
        .unwrap_or_default();
    from.min(objects.len()) + window.partition_point(below)
}
