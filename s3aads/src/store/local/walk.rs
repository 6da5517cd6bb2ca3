//! A walk over a folder in the byte order of the keys.
//!
//! Within a folder, the folder `a` is sorted as `a/`, as its keys are: `a!` comes before `a/x`.
//! Only folders that can hold matches are read. A folder's names are read when the walk comes to
//! it; of the walk's place no more is kept than the names still ahead in the folders it is in.

use std::collections::VecDeque;
use std::fs;
use std::io::{ErrorKind, Result as IoResult};
use std::path::Path;

use super::errors::{context, means_absent};
use super::folder::{Folder, is_own};
use super::version;
use crate::store::ObjectEntry;

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

/// What a walk comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Object(ObjectEntry),
    Prefix(String),
}

/// The names ahead in one folder, whose keys begin with `prefix`; folders' names end in `/`.
#[derive(Debug)]
struct Level {
    prefix: String,
    names: VecDeque<Box<str>>,
}

/// A walk and its place.
#[derive(Debug)]
pub(super) struct Walk {
    range: Range,
    levels: Vec<Level>,
    /// The prefixes of the folders that were read, for the tests.
    #[cfg(test)]
    folders_read: Vec<String>,
}

impl Walk {
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
            && folder.is_real_folder(&path)
        {
            walk.enter(&path, outer)?;
        }
        Ok(walk)
    }

    pub(super) fn range(&self) -> &Range {
        &self.range
    }

    fn enter(&mut self, path: &Path, prefix: String) -> IoResult<()> {
        #[cfg(test)]
        self.folders_read.push(prefix.clone());
        let names = read_names(path, &prefix, &self.range)?;
        if !names.is_empty() {
            self.levels.push(Level {
                prefix,
                names: names.into(),
            });
        }
        Ok(())
    }

    /// What comes next, without going on. An object may be gone by the time it is taken.
    pub(super) fn peek(&mut self, folder: &Folder) -> IoResult<Option<Found>> {
        while let Some(level) = self.levels.last_mut() {
            let Some(name) = level.names.front() else {
                self.levels.pop();
                continue;
            };
            let entry = format!("{}{name}", level.prefix);
            if !is_folder(&entry) {
                match fs::symlink_metadata(folder.root().join(&entry)) {
                    Ok(file) if file.is_file() => {
                        return Ok(Some(Found::Object(version::entry(entry, &file))));
                    }
                    Err(error) if !means_absent(&error) => {
                        return Err(context(&error, "looking at", &folder.root().join(&entry)));
                    }
                    _ => self.advance(), // gone since the folder was read
                }
                continue;
            }
            let path = folder.root().join(entry.trim_end_matches('/'));
            if self.range.delimiter && entry.len() > self.range.prefix.len() {
                if holds_object(&path, &entry, &self.range)? {
                    return Ok(Some(Found::Prefix(entry)));
                }
                self.advance();
            } else {
                self.advance();
                self.enter(&path, entry)?;
            }
        }
        Ok(None)
    }

    /// Goes beyond what [`Walk::peek`] told.
    pub(super) fn advance(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.names.pop_front();
        }
    }
}

/// The names in the folder at `path` that are or can hold matches, in order.
fn read_names(path: &Path, prefix: &str, range: &Range) -> IoResult<Vec<Box<str>>> {
    let mut names = Vec::new();
    visit(path, prefix, range, |entry| {
        names.push(Box::from(&entry[prefix.len()..]));
        Ok(true)
    })?;
    names.sort_unstable();
    // Some file systems show a file twice that is replaced while the folder is read.
    names.dedup();
    Ok(names)
}

/// Whether `range` has an object below the folder. An empty folder is none to a store.
fn holds_object(path: &Path, prefix: &str, range: &Range) -> IoResult<bool> {
    let mut folders = vec![(path.to_owned(), prefix.to_owned())];
    while let Some((path, prefix)) = folders.pop() {
        let mut found = false;
        visit(&path, &prefix, range, |entry| {
            if is_folder(entry) {
                let name = entry[prefix.len()..].trim_end_matches('/');
                folders.push((path.join(name), entry.to_owned()));
            } else {
                found = true;
            }
            Ok(!found)
        })?;
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Calls `each` with what the folder holds of `range`, as long as it says so.
fn visit(
    path: &Path,
    prefix: &str,
    range: &Range,
    mut each: impl FnMut(&str) -> IoResult<bool>,
) -> IoResult<()> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(context(&error, "reading the folder", path)),
    };
    let mut entry_text = prefix.to_owned();
    for entry in entries {
        let entry = entry.map_err(|error| context(&error, "reading the folder", path))?;
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(context(&error, "looking at", &entry.path())),
        };
        // Links and devices are no objects.
        if !kind.is_file() && !kind.is_dir() {
            continue;
        }
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            tracing::warn!(path = %entry.path().display(), "a file name that is not UTF-8 is skipped");
            continue;
        };
        entry_text.truncate(prefix.len());
        entry_text.push_str(name);
        if is_own(&entry_text) {
            continue;
        }
        if kind.is_dir() {
            entry_text.push('/');
        }
        if range.admits(&entry_text) && !each(&entry_text)? {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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
            let mut walk = Walk::start(&folder, range)?;
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
