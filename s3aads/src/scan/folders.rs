//! The folders of one column after the other, by delimiter.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Scan, children, list};
use crate::error::Result;
use crate::plan::successor;
use crate::store::{ListRequest, ListingProgress};

/// Goes down from the bound columns to a column and finds its folders that the predicates of the
/// columns down to it allow, in the order of their paths.
///
/// A folder is told by its name alone: one that holds nothing but objects that are no rows
/// counts like any other.
pub(super) struct FolderScan<K> {
    scan: Arc<Scan<K>>,
    /// The column that is asked for.
    column: usize,
    /// The folders that are being looked into or still to be; the last one is next.
    folders: Vec<FolderWalk>,
    /// What is below this path is dealt with elsewhere.
    from: String,
}

/// What one request told.
pub(super) enum Step {
    /// Folders of a column above the one that is asked for.
    Above,
    /// Folders of the column, as paths below the root: those of one folder after the other.
    Found(Vec<Vec<String>>),
}

impl<K> FolderScan<K> {
    pub(super) fn new(scan: Arc<Scan<K>>, column: usize) -> Self {
        let depth = scan.space.bound_columns().min(column);
        let top = FolderWalk::new(scan.space.folder_of(depth), depth);
        let mut descent = Self {
            column,
            folders: vec![top],
            from: String::new(),
            scan,
        };
        if descent.scan.space.is_impossible() {
            descent.folders.clear();
        }
        descent.settle();
        descent
    }

    /// The path below which everything is dealt with; none where nothing is left.
    pub(super) fn position(&self) -> Option<&str> {
        self.folders.last().map(|walk| walk.position.as_str())
    }

    /// Passes by the folders below a path, but for the one that it is in.
    pub(super) fn skip_to(&mut self, path: &str) {
        self.from = path.to_owned();
        self.settle();
    }

    /// Sends one request, or one for each of the next `at_once` folders where they are known to
    /// hold the column's.
    pub(super) async fn step(&mut self, at_once: usize) -> Result<Step> {
        let next = self.folders.iter().rev().take(at_once.max(1));
        let last = next.take_while(|walk| walk.depth == self.column).count();
        let asked = self.folders.split_off(self.folders.len() - last);
        let step = match self.folders.last_mut().filter(|_| asked.is_empty()) {
            Some(walk) => {
                let names = walk.next(&self.scan).await?;
                let depth = walk.depth + 1;
                let below = names.into_iter().rev();
                let below = below.map(|name| FolderWalk::new(name, depth));
                self.folders.extend(below);
                Step::Above
            }
            None => Step::Found(self.step_into(asked).await?),
        };
        self.settle();
        Ok(step)
    }

    /// Looks into folders of the column at once, the last one first, and keeps those that go on.
    async fn step_into(&mut self, folders: Vec<FolderWalk>) -> Result<Vec<Vec<String>>> {
        let scan = &self.scan;
        let at_once = folders.len().max(1);
        let asked = folders.into_iter().rev().map(async |mut walk| {
            let names = walk.next(scan).await?;
            Ok((walk, names))
        });
        let answers: Vec<(FolderWalk, Vec<String>)> =
            stream::iter(asked).buffered(at_once).try_collect().await?;
        let (walks, names): (Vec<FolderWalk>, _) = answers.into_iter().unzip();
        self.folders
            .extend(walks.into_iter().rev().filter(|walk| !walk.done));
        Ok(names)
    }

    /// Goes on to the folder that is to be asked for next.
    fn settle(&mut self) {
        while let Some(walk) = self.folders.last_mut() {
            walk.skip_to(&self.from);
            let depth = walk.depth;
            if walk.done {
                self.folders.pop();
                continue;
            }
            // Folders that the predicate gives one by one need not be asked for, except the
            // last ones: whether they are there is the question.
            match self.scan.space.children(depth) {
                Some(places) if depth < self.column => {
                    let folder = std::mem::take(&mut walk.folder);
                    self.folders.pop();
                    let below = places.iter().rev();
                    let below = below.map(|place| format!("{folder}{place}"));
                    self.folders
                        .extend(below.map(|name| FolderWalk::new(name, depth + 1)));
                }
                _ => return,
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
    progress: ListingProgress,
    done: bool,
}

impl FolderWalk {
    fn new(folder: String, depth: usize) -> Self {
        Self {
            position: folder.clone(),
            folder,
            depth,
            current: None,
            progress: ListingProgress::default(),
            done: false,
        }
    }

    /// Goes on to the child that a path is in.
    fn skip_to(&mut self, path: &str) {
        if path <= self.position.as_str() {
            return;
        }
        let Some(below) = path.strip_prefix(&*self.folder) else {
            self.done = true;
            return;
        };
        let child = below.find('/').and_then(|slash| below.get(..=slash));
        let position = format!("{}{}", self.folder, child.unwrap_or(below));
        if position > self.position {
            self.position = position;
            self.current = None;
            self.progress.restart();
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
        let page = list::page(scan, &request).await?;
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
        let root = scan.source.root.as_str();
        let object = page.objects.last();
        let object = object.and_then(|object| object.key.strip_prefix(root).map(str::to_owned));
        let told = last.max(object);
        let goes_on = self.progress.saw(told.as_deref(), true);
        goes_on.map_err(|error| list::failed(scan, error))?;
        if let Some(end) = told.as_deref().and_then(successor) {
            self.position = end.max(std::mem::take(&mut self.position));
        }
        let before = self.position.clone();
        self.seek(scan);
        if !self.done && (self.position == before || !scan.source.backend.features().seeks) {
            request.token = Some(token);
            self.current = Some(request);
        } else {
            self.progress.restart();
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
