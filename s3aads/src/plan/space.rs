//! The paths that a query's predicates allow, as a part of the listing.

use super::predicate::Predicate;
use super::text::{common_prefix, interval_prefix, next, successor};
use crate::key::label;
use crate::schema::Schema;

/// The set of the objects' paths (below the table's folder) that the predicates allow, searched in the
/// order of the listing. An object is a row, or a pack of rows, and then the predicates of packed
/// columns say nothing of its path.
#[derive(Debug, Clone)]
pub(crate) struct KeySpace {
    levels: Vec<Level>,
    /// What follows the last column: the object's name, if that is not the last column itself.
    tail: Option<&'static str>,
}

/// One key column's part of the paths.
#[derive(Debug, Clone)]
struct Level {
    /// `<column>=` in the hive layout, else empty.
    label: String,
    predicate: Predicate,
    /// Whether a `/` follows the segment.
    folder: bool,
    /// The allowed segments, each with its label and its `/`, in order, where they are given one
    /// by one.
    places: Option<Vec<String>>,
    /// The interval that holds the others.
    floor: String,
    ceiling: Option<String>,
}

/// What a path in a table's folder is to a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// It has the shape of a row's path and the predicates allow it.
    Match,
    /// It is no row's path, and the predicates have nothing against it.
    Foreign,
    /// The predicates rule it out.
    Other,
}

impl KeySpace {
    /// The paths of a table that these predicates allow, one for each key column.
    pub(crate) fn new(schema: &Schema, predicates: &[Predicate]) -> Self {
        let tail = schema.object_name();
        let columns = schema.bound();
        let levels = columns.iter().enumerate().map(|(i, column)| {
            let predicate = predicates.get(i).cloned().unwrap_or_default();
            Level::new(
                label(schema.layout(), column),
                predicate,
                tail.is_some() || i + 1 < columns.len(),
            )
        });
        Self {
            levels: levels.collect(),
            tail,
        }
    }

    /// Whether no path is allowed, so that no request need be sent.
    pub(crate) fn is_impossible(&self) -> bool {
        self.levels
            .iter()
            .any(|level| level.predicate.is_impossible())
    }

    /// How many leading columns are bound to one value.
    pub(crate) fn bound_columns(&self) -> usize {
        let bound = |level: &&Level| level.predicate.bound_value().is_some();
        self.levels.iter().take_while(bound).count()
    }

    /// Whether at most one path is allowed.
    pub(crate) fn is_one_key(&self) -> bool {
        self.bound_columns() == self.levels.len()
    }

    /// The allowed paths in the order of the listing, if they are given one by one and are at most
    /// this many.
    pub(crate) fn paths(&self, most: usize) -> Option<Vec<String>> {
        let mut paths = vec![String::new()];
        for level in &self.levels {
            let places = level.places.as_ref()?;
            if paths.len() * places.len() > most {
                return None;
            }
            let below = paths.iter().map(|path| {
                let below = places.iter().map(|place| format!("{path}{place}"));
                below.collect::<Vec<_>>()
            });
            paths = below.flatten().collect();
        }
        let tail = self.tail.unwrap_or_default();
        Some(paths.into_iter().map(|path| path + tail).collect())
    }

    /// The longest prefix that all allowed paths share as far as the predicates tell.
    pub(crate) fn prefix(&self) -> String {
        let bound = self.bound_columns();
        let mut prefix = self.folder_of(bound);
        match self.levels.get(bound) {
            Some(level) => prefix.push_str(&level.prefix()),
            None => prefix.push_str(self.tail.unwrap_or_default()),
        }
        prefix
    }

    /// The path of the bound columns before `depth`, each with what follows it.
    pub(crate) fn folder_of(&self, depth: usize) -> String {
        let levels = self.levels.iter().take(depth);
        levels
            .filter_map(|level| level.places.as_ref()?.first())
            .map(String::as_str)
            .collect()
    }

    /// Whether every row below [`prefix`](Self::prefix) is allowed.
    pub(crate) fn is_whole_prefix(&self) -> bool {
        let bound = self.bound_columns();
        let mut rest = self.levels.iter().skip(bound);
        rest.next().is_none_or(Level::is_prefix) && rest.all(|level| level.predicate.is_all())
    }

    /// Where all allowed paths end, below what the bound columns say.
    pub(crate) fn end(&self) -> Option<String> {
        let bound = self.bound_columns();
        let level = self.levels.get(bound)?;
        let end = match &level.places {
            Some(places) => places.last().and_then(|last| successor(last)),
            None => level
                .ceiling
                .clone()
                .filter(|_| level.predicate.ceiling().is_some()),
        };
        let end = format!("{}{}", self.folder_of(bound), end?);
        (successor(&self.prefix()) != Some(end.clone())).then_some(end)
    }

    /// What a path is to this query.
    pub(crate) fn classify(&self, path: &str) -> Class {
        let mut rest = Some(path);
        for level in &self.levels {
            let Some(segments) = rest else {
                return Class::Foreign;
            };
            let (segment, below) = match segments.split_once('/') {
                Some((segment, below)) => (segment, Some(below)),
                None => (segments, None),
            };
            let Some(segment) = segment.strip_prefix(&*level.label) else {
                return Class::Foreign;
            };
            if !level.predicate.matches(segment) {
                return Class::Other;
            }
            rest = below;
        }
        if rest == self.tail {
            Class::Match
        } else {
            Class::Foreign
        }
    }

    /// A text from `path` on, above which or at which all allowed paths from `path` on are: the
    /// least one where it can be told. None where there is none.
    pub(crate) fn seek(&self, path: &str) -> Option<String> {
        self.seek_below(0, path)
    }

    /// The same for the names in a folder on the way to the column `depth`, told without the
    /// columns below it.
    pub(crate) fn seek_child(&self, depth: usize, name: &str) -> Option<String> {
        let level = self.levels.get(depth)?;
        let bound = match name.split_once('/') {
            Some((segment, _)) if level.allows(segment) => return Some(name.to_owned()),
            Some((segment, _)) => format!("{segment}0"),
            None => name.to_owned(),
        };
        level.least(&bound).map(Least::into_text)
    }

    /// Whether the predicate of the column `depth` allows the folder `name/`.
    pub(crate) fn allows_child(&self, depth: usize, name: &str) -> bool {
        self.levels
            .get(depth)
            .is_some_and(|level| level.allows(name))
    }

    /// The names of the folders that the column `depth` is allowed to be, each with its `/`,
    /// where they are given one by one.
    pub(crate) fn children(&self, depth: usize) -> Option<&[String]> {
        let level = self.levels.get(depth)?;
        level.places.as_deref().filter(|_| level.folder)
    }

    /// Whether the columns from `depth` on are filtered.
    pub(crate) fn is_filtered_from(&self, depth: usize) -> bool {
        let mut levels = self.levels.iter().skip(depth);
        levels.any(|level| !level.predicate.is_all())
    }

    /// How many key columns stand in a path.
    pub(crate) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Columns from the left, with a carry: where the later columns have nothing from `path` on,
    /// this column goes to its next allowed segment.
    fn seek_below(&self, depth: usize, path: &str) -> Option<String> {
        let Some(level) = self.levels.get(depth) else {
            let tail = self.tail.unwrap_or_default();
            return (path <= tail).then(|| tail.to_owned());
        };
        if !level.folder {
            return level.least(path).map(Least::into_text);
        }
        let bound = match path.split_once('/') {
            None => path.to_owned(),
            Some((segment, below)) => {
                if level.allows(segment)
                    && let Some(below) = self.seek_below(depth + 1, below)
                {
                    return Some(format!("{segment}/{below}"));
                }
                // What is above all paths that start with `segment/`.
                format!("{segment}0")
            }
        };
        match level.least(&bound)? {
            Least::Exactly(place) => {
                let below = self.seek_below(depth + 1, "")?;
                Some(format!("{place}{below}"))
            }
            Least::From(text) => Some(text),
        }
    }
}

enum Least {
    /// The least allowed segment, as it stands in a path.
    Exactly(String),
    /// Below this text there is none.
    From(String),
}

impl Least {
    fn into_text(self) -> String {
        match self {
            Self::Exactly(text) | Self::From(text) => text,
        }
    }
}

impl Level {
    fn new(label: String, predicate: Predicate, folder: bool) -> Self {
        let places = predicate.enumerated().map(|segments| {
            let end = if folder { "/" } else { "" };
            let mut places: Vec<String> = segments
                .map(|segment| format!("{label}{segment}{end}"))
                .collect();
            // The order of the listing, which the `/` decides too.
            places.sort_unstable();
            places
        });
        let floor = format!("{label}{}", predicate.floor());
        let ceiling = match predicate.ceiling() {
            Some(ceiling) => Some(format!("{label}{ceiling}")),
            None if label.is_empty() => None,
            None => successor(&label),
        };
        Self {
            label,
            predicate,
            folder,
            places,
            floor,
            ceiling,
        }
    }

    /// Whether the predicate allows a segment with its label.
    fn allows(&self, segment: &str) -> bool {
        segment
            .strip_prefix(&*self.label)
            .is_some_and(|bare| self.predicate.matches(bare))
    }

    /// The least allowed segment from `bound` on.
    fn least(&self, bound: &str) -> Option<Least> {
        if let Some(places) = &self.places {
            let at = places.partition_point(|place| place.as_str() < bound);
            return places.get(at).cloned().map(Least::Exactly);
        }
        let from = bound.max(&self.floor);
        if self.ceiling.as_deref().is_some_and(|end| from >= end) {
            return None;
        }
        let Some(bare) = from.strip_prefix(&*self.label) else {
            return Some(Least::From(from.to_owned()));
        };
        let next = self.predicate.next(bare)?;
        Some(Least::From(format!("{}{next}", self.label)))
    }

    fn prefix(&self) -> String {
        match self.places.as_deref() {
            Some([first, .., last]) => common_prefix(first, last).to_owned(),
            Some([only]) => only.clone(),
            Some([]) => self.label.clone(),
            None => interval_prefix(&self.floor, self.ceiling.as_deref()).to_owned(),
        }
    }

    /// Whether the predicate allows all segments that start with [`prefix`](Self::prefix).
    fn is_prefix(&self) -> bool {
        self.places.is_none()
            && self.predicate.is_interval()
            && self.floor == self.prefix()
            && (self.ceiling.is_none() || self.ceiling == successor(&self.floor))
    }
}

/// The least path above `path` and all others that start with its first `columns` columns.
pub(crate) fn after_columns(path: &str, columns: usize) -> String {
    let mut ends = path.match_indices('/').map(|(at, _)| at);
    match columns.checked_sub(1).and_then(|last| ends.nth(last)) {
        Some(end) => format!("{}0", path.get(..end).unwrap_or(path)),
        None => next(path),
    }
}
