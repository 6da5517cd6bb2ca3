//! A walk over a folder in the byte order of the keys.
//!
//! Within a folder, the folder `a` is sorted as `a/`, as its keys are: `a!` comes before `a/x`.
//! Only folders that can hold matches are read. A folder's names are read when the walk comes to
//! it; of the walk's place no more is kept than the names in the folders it is in.

use std::io::Result as IoResult;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::errors::means_absent;
use super::folder::{Folder, is_own};
use super::names::Names;
use super::opened::Opened;
use super::pass::Kind;
use super::version::Facts;
use super::{pass, version};
use crate::store::ListEntry;

/// What a walk is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    /// Only keys that start with this text.
    pub(super) prefix: String,
    /// Only keys after these.
    pub(super) after: Vec<After>,
    /// Roll up what has a `/` after the prefix.
    pub(super) delimiter: bool,
}

/// A lower bound, not included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum After {
    /// Keys greater than this one.
    Key(String),
    /// Keys beyond all that start with this text.
    Prefix(String),
}

impl After {
    fn allows(&self, key: &str) -> bool {
        match self {
            Self::Key(after) => key > after.as_str(),
            Self::Prefix(after) => key > after.as_str() && !key.starts_with(after),
        }
    }

    /// Whether it allows any key that starts with `prefix`.
    fn allows_below(&self, prefix: &str) -> bool {
        match self {
            Self::Key(after) => prefix > after.as_str() || after.starts_with(prefix),
            Self::Prefix(after) => {
                !prefix.starts_with(after) && (prefix > after.as_str() || after.starts_with(prefix))
            }
        }
    }
}

impl Range {
    /// Whether the entry, a key or the prefix of a folder, is or can hold a match.
    fn admits(&self, entry: &str) -> bool {
        if is_folder(entry) {
            (entry.starts_with(&self.prefix) || self.prefix.starts_with(entry))
                && self.after.iter().all(|after| after.allows_below(entry))
        } else {
            entry.starts_with(&self.prefix) && self.after.iter().all(|after| after.allows(entry))
        }
    }
}

fn is_folder(entry: &str) -> bool {
    entry.ends_with('/')
}

/// The names ahead in one folder, whose keys begin with `prefix`; folders' names end in `/`.
#[derive(Debug)]
struct Level {
    prefix: String,
    names: Names,
    /// Where it is, open while files in it are looked at.
    opened: Option<(PathBuf, Opened)>,
}

/// A walk and its place.
#[derive(Debug)]
pub(super) struct TreeWalk {
    range: Range,
    levels: Vec<Level>,
    /// The prefixes of the folders that were read, for the tests.
    #[cfg(test)]
    folders_read: Vec<String>,
}

impl TreeWalk {
    /// Reads the innermost folder that holds all of `range`.
    pub(super) fn start(folder: &Folder, range: Range) -> IoResult<Self> {
        let outer = range
            .prefix
            .rfind('/')
            .map_or("", |slash| &range.prefix[..=slash])
            .to_owned();
        let mut walk = Self {
            range,
            levels: Vec::new(),
            #[cfg(test)]
            folders_read: Vec::new(),
        };
        if let Some(path) = folder.folder(&outer)
            && folder.is_real_folder(&path)?
        {
            walk.enter(folder, outer, None)?;
        }
        Ok(walk)
    }

    /// How many names at most are ahead in the folder that the walk is in.
    pub(super) fn names_ahead(&self) -> usize {
        self.levels.last().map_or(0, |level| level.names.ahead())
    }

    /// The memory that the walk's place takes.
    pub(super) fn bytes(&self) -> usize {
        self.levels.iter().map(|level| level.names.bytes()).sum()
    }

    /// Reads the folder whose keys begin with `prefix`, from a name on.
    fn enter(&mut self, folder: &Folder, prefix: String, from: Option<&str>) -> IoResult<()> {
        #[cfg(test)]
        self.folders_read.push(prefix.clone());
        let mut names = Names::default();
        visit(folder, &prefix, &self.range, |entry| {
            let name = entry.get(prefix.len()..).unwrap_or_default();
            if from.is_none_or(|from| name >= from) {
                names.push(name);
            }
            ControlFlow::Continue(())
        })?;
        self.levels.push(Level {
            prefix,
            names,
            opened: None,
        });
        Ok(())
    }

    /// What comes next, without going on. An object may be gone by the time it is taken.
    pub(super) fn peek(&mut self, folder: &Folder) -> IoResult<Option<ListEntry>> {
        while let Some(level) = self.levels.last_mut() {
            let Level {
                prefix,
                names,
                opened,
            } = level;
            let Some(name) = names.first() else {
                self.leave(folder)?;
                continue;
            };
            let entry = format!("{prefix}{name}");
            if !is_folder(&entry) {
                match look_at(folder, prefix, name, opened)? {
                    Some(file) => return Ok(Some(ListEntry::Object(version::entry(entry, file)))),
                    None => self.advance(), // gone since the folder was read
                }
            } else if self.range.delimiter && entry.len() > self.range.prefix.len() {
                if holds_object(folder, &entry, &self.range)? {
                    return Ok(Some(ListEntry::Prefix(entry)));
                }
                self.advance();
            } else {
                self.advance();
                self.enter(folder, entry, None)?;
            }
        }
        Ok(None)
    }

    /// Goes beyond what [`TreeWalk::peek`] told.
    pub(super) fn advance(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.names.advance();
        }
    }

    /// Closes what is open, for a walk that waits for its next page.
    pub(super) fn close(&mut self) {
        for level in &mut self.levels {
            level.opened = None;
        }
    }

    /// Leaves a folder whose names are taken, or reads it again for those that had no room.
    fn leave(&mut self, folder: &Folder) -> IoResult<()> {
        let Some(Level { prefix, names, .. }) = self.levels.pop() else {
            return Ok(());
        };
        match names.cut() {
            Some(cut) => self.enter(folder, prefix, Some(cut)),
            None => Ok(()),
        }
    }
}

/// What the file `name` in the folder of `prefix` is, which is opened at the first one.
fn look_at(
    folder: &Folder,
    prefix: &str,
    name: &str,
    opened: &mut Option<(PathBuf, Opened)>,
) -> IoResult<Option<Facts>> {
    let (path, opened) = match opened {
        Some(opened) => opened,
        None => {
            let path = folder.path(prefix.trim_end_matches('/'));
            match Opened::open(&path) {
                Ok(found) => opened.insert((path, found)),
                Err(error) if means_absent(&error) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    };
    opened.look_at(path, &folder.naming().file_name(name))
}

/// Whether `range` has an object below the folder. An empty folder is none to a store.
fn holds_object(folder: &Folder, prefix: &str, range: &Range) -> IoResult<bool> {
    let mut folders = vec![prefix.to_owned()];
    while let Some(prefix) = folders.pop() {
        let mut found = false;
        visit(folder, &prefix, range, |entry| {
            if is_folder(entry) {
                folders.push(entry.to_owned());
                return ControlFlow::Continue(());
            }
            found = true;
            ControlFlow::Break(())
        })?;
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Calls `each` with what the folder holds of `range`, until it breaks off.
fn visit(
    folder: &Folder,
    prefix: &str,
    range: &Range,
    mut each: impl FnMut(&str) -> ControlFlow<()>,
) -> IoResult<()> {
    #[cfg(test)]
    folder
        .folders_read
        .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = folder.path(prefix.trim_end_matches('/'));
    let mut entry = prefix.to_owned();
    pass::read(&path, |name, kind| {
        // Links and devices are no objects.
        if kind == Kind::Other {
            return Ok(ControlFlow::Continue(()));
        }
        let Some(name) = name.to_str() else {
            let path = path.join(name);
            tracing::warn!(path = %path.display(), "a file name that is not UTF-8 is skipped");
            return Ok(ControlFlow::Continue(()));
        };
        entry.truncate(prefix.len());
        entry.push_str(&folder.segment(name));
        if is_own(&entry) {
            return Ok(ControlFlow::Continue(()));
        }
        if kind == Kind::Folder {
            entry.push('/');
        }
        Ok(if range.admits(&entry) {
            each(&entry)
        } else {
            ControlFlow::Continue(())
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::local::Durability;

    #[test]
    fn only_folders_that_can_hold_matches_are_read() -> IoResult<()> {
        let root = tempfile::tempdir()?;
        for folder in ["t/1/a", "t/1/b", "t/2/a", "t/3/a", "u"] {
            fs::create_dir_all(root.path().join(folder))?;
            fs::write(root.path().join(folder).join("x"), "")?;
        }
        let folder = Folder::new(root.path().to_owned(), Durability::Relaxed);
        let read = |prefix: &str, after: Vec<After>, delimiter| {
            let range = Range {
                prefix: prefix.to_owned(),
                after,
                delimiter,
            };
            let mut walk = TreeWalk::start(&folder, range)?;
            while walk.peek(&folder)?.is_some() {
                walk.advance();
            }
            IoResult::Ok(walk.folders_read)
        };
        let key = |key: &str| vec![After::Key(key.to_owned())];
        assert_eq!(read("t/2/", vec![], false)?, ["t/2/", "t/2/a/"]);
        assert_eq!(read("t/2", vec![], false)?, ["t/", "t/2/", "t/2/a/"]);
        assert_eq!(
            read("t/", key("t/1/a/x"), false)?[..3],
            ["t/", "t/1/", "t/1/a/"]
        );
        assert_eq!(
            read("t/", key("t/1/a~"), false)?[..3],
            ["t/", "t/1/", "t/1/b/"]
        );
        assert_eq!(
            read("t/", key("t/2/b"), false)?,
            ["t/", "t/2/", "t/3/", "t/3/a/"]
        );
        assert_eq!(read("t/", key("t/2~"), false)?, ["t/", "t/3/", "t/3/a/"]);
        let rolled_up = vec![After::Prefix("t/2/".to_owned())];
        assert_eq!(read("t/", rolled_up, true)?, ["t/"]);
        assert_eq!(read("t/../u/", vec![], false)?, [""; 0]);
        Ok(())
    }
}
