//! One shard of a split scan, and where it can be cut.

use std::collections::HashMap;
use std::sync::Arc;

use super::interpolation::Interpolation;
use crate::plan::{KeySpace, successor};
use crate::scan::Listed;
use crate::scan::page::Remaining;
use crate::scan::walk::Walk;
use crate::store::ListPage;

/// A shard shorter than this, in pages, is not cut: either side should have two pages.
const SHORTEST: f64 = 4.0;

/// The least step that a page can be measured to make: one that can't be measured is a small one.
const LEAST_STEP: f64 = 1e-12;

/// How many paths of a page are kept to tell what the names look like.
const SAMPLE: usize = 32;

/// What is known of the folders in a folder.
#[derive(Debug)]
pub(super) enum Children {
    /// Being asked for.
    Asked,
    /// All that are left there, as paths below the root, in order.
    Known(Vec<String>),
    /// More than a page of them. Their names are measured as those of rows are; these are some.
    Many(Vec<String>),
}

/// The folders that were looked into, by path.
pub(super) type Folders = HashMap<String, Children>;

/// An interval of the listing with its own walk.
pub(super) struct Shard<K> {
    pub walk: Walk<K>,
    pub start: String,
    pub kept: Vec<Listed<K>>,
    pub count: u64,
    /// Whether a request is under way.
    pub busy: bool,
    /// Where the last page started and where the next one does.
    last: Option<(String, String)>,
    sample: Arc<[String]>,
    /// The estimate in pages while there is no page to tell more.
    inherited: f64,
}

/// What would help a shard that is too long for one worker.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cut {
    /// A new shard from this path on, of about so many pages.
    At(String, f64),
    /// To know the folders in this folder, which is so many columns deep.
    Explore(String, usize),
}

impl<K> Shard<K> {
    pub(super) fn new(walk: Walk<K>, inherited: f64, sample: Arc<[String]>) -> Self {
        Self {
            start: walk.rest().position.clone(),
            walk,
            kept: Vec::new(),
            count: 0,
            busy: false,
            last: None,
            sample,
            inherited,
        }
    }

    pub(super) fn sample(&self) -> Arc<[String]> {
        Arc::clone(&self.sample)
    }

    /// Notes that a page with paths like these brought the walk on from a position.
    pub(super) fn advanced(&mut self, from: String, sample: Vec<String>) {
        if !sample.is_empty() {
            self.sample = sample.into();
        }
        self.last = Some((from, self.walk.rest().position.clone()));
    }

    /// The pages that are left, as far as can be told, and how to cut them; nothing where that is
    /// not worth it or has to wait.
    pub(super) fn cut(&self, space: &KeySpace, folders: &Folders) -> Option<(f64, Cut)> {
        let rest = self.walk.rest();
        if rest.done {
            return None;
        }
        let (folder, depth) = self.folder(space, folders);
        let leaf = depth + 1 >= space.depth();
        match folders.get(&folder).filter(|_| !leaf) {
            None if !leaf => {
                let scale = Scale::new(&folder, &self.sample);
                let pages = self.pages(scale.left(rest), |path| scale.measure(path))?;
                Some((pages, Cut::Explore(folder, depth)))
            }
            Some(Children::Asked) => None,
            Some(Children::Known(names)) if !after(names, rest).is_empty() => {
                self.cut_by_child(rest, &folder, names)
            }
            Some(Children::Many(names)) => self.cut_by_name(rest, &Scale::new(&folder, names)),
            _ => self.cut_by_name(rest, &Scale::new(&folder, &self.sample)),
        }
    }

    /// The deepest folder that holds all of the shard, as far as is known, and its depth.
    fn folder(&self, space: &KeySpace, folders: &Folders) -> (String, usize) {
        let rest = self.walk.rest();
        let mut depth = space.bound_columns();
        let mut folder = space.folder_of(depth);
        while depth + 1 < space.depth() {
            let only = match folders.get(&folder) {
                // Of the folders before the position, a listing from there need not tell.
                Some(Children::Known(names)) if after(names, rest).is_empty() => {
                    child_of(&folder, &rest.position)
                }
                Some(Children::Many(_)) => self
                    .stuck_in(&folder)
                    .filter(|child| rest.until.is_some() && rest.until <= successor(child)),
                _ => None,
            };
            let Some(only) = only else { break };
            folder = only;
            depth += 1;
        }
        (folder, depth)
    }

    /// The child of a folder in which the last page both started and ended.
    fn stuck_in(&self, folder: &str) -> Option<String> {
        let (from, to) = self.last.as_ref()?;
        child_of(folder, to).filter(|child| from.starts_with(child))
    }

    /// How many of the last page's steps `left` is.
    fn pages(&self, left: f64, measure: impl Fn(&str) -> f64) -> Option<f64> {
        let pages = match &self.last {
            None => self.inherited,
            Some((from, to)) => left / (measure(to) - measure(from)).max(LEAST_STEP),
        };
        (pages >= SHORTEST).then_some(pages)
    }

    fn cut_by_child(&self, rest: &Remaining, folder: &str, names: &[String]) -> Option<(f64, Cut)> {
        let current = child_of(folder, &rest.position);
        let scale = Scale::new(current.as_deref().unwrap_or(folder), &self.sample);
        let measure = |path: &str| {
            let inside = current.as_deref().filter(|child| path.starts_with(*child));
            let child = names.partition_point(|name| name.as_str() <= path);
            child as f64 + inside.map_or(0.0, |_| scale.measure(path))
        };
        let ahead = after(names, rest);
        let left = ahead.len() as f64 + 1.0 - measure(&rest.position).fract();
        let pages = self.pages(left, measure)?;
        let middle = ahead.len() / 2;
        let share = pages * (ahead.len() - middle) as f64 / left;
        Some((pages, Cut::At(ahead.get(middle)?.clone(), share)))
    }

    fn cut_by_name(&self, rest: &Remaining, scale: &Scale<'_>) -> Option<(f64, Cut)> {
        let pages = self.pages(scale.left(rest), |path| scale.measure(path))?;
        let inside = |point: &String| {
            *point > rest.position && rest.until.as_ref().is_none_or(|end| point < end)
        };
        let stem = scale.interpolation.stem();
        let known = successor(&format!("{}{stem}", scale.folder)).filter(inside);
        if let Some(known) = known.filter(|_| !stem.is_empty()) {
            // What comes after the names that start as all the others did: nobody knows, so it
            // is looked at by itself.
            return Some((pages, Cut::At(known, 0.0)));
        }
        let middle = scale.middle(rest).filter(inside);
        let stuck = || successor(&self.stuck_in(scale.folder)?).filter(inside);
        Some((pages, Cut::At(middle.or_else(stuck)?, pages / 2.0)))
    }
}

/// The names in a folder as places from 0 to 1.
struct Scale<'a> {
    folder: &'a str,
    interpolation: Interpolation,
}

impl<'a> Scale<'a> {
    /// Measures the names in a folder by what these paths have there.
    fn new(folder: &'a str, sample: &[String]) -> Self {
        let names = sample.iter().map(String::as_str);
        Self {
            folder,
            interpolation: Interpolation::new(names.filter_map(|path| path.strip_prefix(folder))),
        }
    }

    fn measure(&self, path: &str) -> f64 {
        match path.strip_prefix(self.folder) {
            Some(name) => self.interpolation.measure(name),
            None if path < self.folder => 0.0,
            None => 1.0,
        }
    }

    fn end(&self, rest: &Remaining) -> f64 {
        rest.until.as_deref().map_or(1.0, |end| self.measure(end))
    }

    fn left(&self, rest: &Remaining) -> f64 {
        self.end(rest) - self.measure(&rest.position)
    }

    fn middle(&self, rest: &Remaining) -> Option<String> {
        let here = self.measure(&rest.position);
        let name = self.interpolation.between(here, self.end(rest))?;
        Some(format!("{}{name}", self.folder))
    }
}

/// Some of a page's paths, evenly spread.
pub(super) fn sample(page: &ListPage, root: &str) -> Vec<String> {
    let objects = page.objects.iter().map(|object| &object.key);
    let names: Vec<&String> = objects.chain(&page.prefixes).collect();
    let spread = names.iter().step_by((names.len() / SAMPLE).max(1));
    spread
        .filter_map(|name| name.strip_prefix(root).map(str::to_owned))
        .collect()
}

/// The names that start after the position and before the end.
fn after<'a>(names: &'a [String], rest: &Remaining) -> &'a [String] {
    let low = names.partition_point(|name| *name <= rest.position);
    let high = match &rest.until {
        Some(end) => names.partition_point(|name| name < end),
        None => names.len(),
    };
    names.get(low..high).unwrap_or_default()
}

/// The folder in this folder that a path goes through.
fn child_of(folder: &str, path: &str) -> Option<String> {
    let (segment, _) = path.strip_prefix(folder)?.split_once('/')?;
    Some(format!("{folder}{segment}/"))
}
