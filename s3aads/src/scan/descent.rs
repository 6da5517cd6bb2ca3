//! The folders of one column after the other, by delimiter.

use std::sync::Arc;

use super::{Scan, children, request};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::successor;
use crate::store::ListRequest;

/// Goes down from the bound columns to a column and finds its folders that the predicates of the
/// columns down to it allow.
///
/// A folder is told by its name alone: one that holds nothing but objects that are no rows
/// counts like any other.
pub(super) struct Descent<K> {
    scan: Arc<Scan<K>>,
    /// The column that is asked for.
    column: usize,
    /// Folders that are still to be looked into, with their depths; the last one is next.
    folders: Vec<(String, usize)>,
    current: Option<FolderWalk>,
}

impl<K> Descent<K> {
    pub(super) fn new(scan: Arc<Scan<K>>, column: usize) -> Self {
        let depth = scan.space.bound_columns().min(column);
        let top = scan.space.folder_of(depth);
        let mut descent = Self {
            scan,
            column,
            folders: vec![(top, depth)],
            current: None,
        };
        if descent.scan.space.is_impossible() {
            descent.folders.clear();
        }
        descent.open_next();
        descent
    }

    pub(super) fn is_done(&self) -> bool {
        self.current.is_none()
    }

    /// Sends one request; the column's folders that it told, as paths below the root.
    pub(super) async fn step(&mut self) -> Result<Vec<String>> {
        let Some(walk) = self.current.as_mut() else {
            return Ok(Vec::new());
        };
        let names = walk.next(&self.scan).await?;
        let (depth, done) = (walk.depth, walk.done);
        let mut found = Vec::new();
        if depth == self.column {
            found = names;
        } else {
            let below = names.into_iter().rev().map(|name| (name, depth + 1));
            self.folders.extend(below);
        }
        if done {
            self.open_next();
        }
        Ok(found)
    }

    fn open_next(&mut self) {
        self.current = None;
        while let Some((folder, depth)) = self.folders.pop() {
            // Folders that the predicate gives one by one need not be asked for, except the
            // last ones: whether they are there is the question.
            match self.scan.space.children(depth) {
                Some(places) if depth < self.column => {
                    let below = places.iter().rev();
                    self.folders
                        .extend(below.map(|place| (format!("{folder}{place}"), depth + 1)));
                }
                _ => {
                    self.current = Some(FolderWalk::new(folder, depth));
                    return;
                }
            }
        }
    }
}

/// The pages of one folder's folders.
struct FolderWalk {
    folder: String,
    depth: usize,
    /// Folders below this path are dealt with.
    position: String,
    current: Option<ListRequest>,
    listed: Option<String>,
    done: bool,
}

impl FolderWalk {
    fn new(folder: String, depth: usize) -> Self {
        Self {
            position: folder.clone(),
            folder,
            depth,
            current: None,
            listed: None,
            done: false,
        }
    }

    async fn next<K>(&mut self, scan: &Scan<K>) -> Result<Vec<String>> {
        self.seek(scan);
        let mut names = Vec::new();
        if self.done {
            return Ok(names);
        }
        let mut request = match self.current.take() {
            Some(request) => request,
            None => children::request(scan, &self.folder, &self.position),
        };
        let (page, _) = request::list(&scan.target, &scan.report, &request).await?;
        let folders = children::folders(scan, &page);
        let last = folders.last().cloned();
        for name in folders {
            let bare = name.get(self.folder.len()..).unwrap_or_default();
            let segment = bare.trim_end_matches('/');
            if name >= self.position && scan.space.allows_child(self.depth, segment) {
                names.push(name);
            }
        }
        let Some(token) = page.next else {
            self.done = true;
            return Ok(names);
        };
        // Objects beside the folders are no rows, and pages may hold nothing else.
        let root = scan.target.root.as_str();
        let object = page.objects.last();
        let object = object.and_then(|object| object.key.strip_prefix(root).map(str::to_owned));
        let told = last.max(object);
        if told.is_none() || told <= self.listed {
            return Err(scan.fail(Error::new(
                ErrorKind::Other,
                "the store's listing of folders does not go on: its pages repeat themselves",
            )));
        }
        if let Some(end) = told.as_deref().and_then(successor) {
            self.position = end.max(std::mem::take(&mut self.position));
        }
        self.listed = told;
        let before = self.position.clone();
        self.seek(scan);
        if !self.done && (self.position == before || !scan.target.backend.traits().seeks) {
            request.token = Some(token);
            self.current = Some(request);
        } else {
            self.listed = None;
        }
        Ok(names)
    }

    /// Goes on to the next folder that is allowed.
    fn seek<K>(&mut self, scan: &Scan<K>) {
        let name = self.position.strip_prefix(&*self.folder);
        match name.and_then(|name| scan.space.seek_child(self.depth, name)) {
            Some(name) => self.position = format!("{}{name}", self.folder),
            None => self.done = true,
        }
    }
}
