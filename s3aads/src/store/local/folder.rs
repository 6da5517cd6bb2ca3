//! A database's folder: which file holds which object.
//!
//! The object with the key `t/1/01` is the plain file `<root>/t/1/01`: segments are already
//! encoded and are file names as they stand. `<root>/_s3aads/tmp` and `<root>/_s3aads/lock`
//! belong to the store itself and hold no objects.

use std::fs::{self, Metadata};
use std::io::{Error as IoError, ErrorKind, Result as IoResult};
use std::path::{Component, Path, PathBuf};

use super::durability::{Durability, sync_folder};
use super::errors::{context, no_path};
use crate::store::{Result, StoreError};

/// The folder of what the library writes for itself.
const RESERVED: &str = "_s3aads";

/// The store's own folders within [`RESERVED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnFolder {
    /// Bodies that are being written.
    Staging,
    /// Lock files.
    Locks,
}

impl OwnFolder {
    fn name(self) -> &'static str {
        match self {
            Self::Staging => "tmp",
            Self::Locks => "lock",
        }
    }
}

/// Whether `key`, or the folder `key` without its last `/`, belongs to the store itself.
pub(super) fn is_own(key: &str) -> bool {
    let Some(rest) = key
        .strip_prefix(RESERVED)
        .and_then(|rest| rest.strip_prefix('/'))
    else {
        return false;
    };
    let first = rest.split('/').next().unwrap_or(rest);
    [OwnFolder::Staging, OwnFolder::Locks]
        .iter()
        .any(|own| own.name() == first)
}

/// Whether `segment` is the name of one file, and not a way to another folder.
fn is_file_name(segment: &str) -> bool {
    let mut components = Path::new(segment).components();
    let first = components.next();
    !segment.contains('\0')
        && matches!(first, Some(Component::Normal(name)) if name == segment)
        && components.next().is_none()
}

/// A database's folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    durability: Durability,
}

impl Folder {
    pub(super) fn new(root: PathBuf, durability: Durability) -> Self {
        Self { root, durability }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn durability(&self) -> Durability {
        self.durability
    }

    /// The file of the object at `key`, which is refused where it could lead out of the folder.
    pub(super) fn file(&self, key: &str) -> Result<PathBuf> {
        if !key.split('/').all(is_file_name) {
            return Err(no_path(key));
        }
        if is_own(key) {
            return Err(StoreError::unsupported(format!(
                "the key '{key}' is in a folder that the local store keeps for itself"
            )));
        }
        Ok(self.root.join(key))
    }

    /// The folder whose entries are named `<prefix><name>`; `prefix` is empty or ends in `/`.
    /// `None` where no object can be below it.
    pub(super) fn folder(&self, prefix: &str) -> Option<PathBuf> {
        let Some(inner) = prefix.strip_suffix('/') else {
            return Some(self.root.clone());
        };
        let real = inner.split('/').all(is_file_name) && !is_own(inner);
        real.then(|| self.root.join(inner))
    }

    /// What is stored at `file`, a path from [`Folder::file`]; `None` where nothing is.
    ///
    /// Symbolic links are not followed below the root, and what is not a plain file is no object:
    /// both fail with `NotADirectory` or `IsADirectory`.
    pub(super) fn look_up(&self, file: &Path) -> IoResult<Option<Metadata>> {
        for folder in self.folders_above(file) {
            match fs::symlink_metadata(folder) {
                Ok(found) if found.is_dir() => {}
                Ok(_) => {
                    return Err(context(
                        &ErrorKind::NotADirectory.into(),
                        "looking in",
                        folder,
                    ));
                }
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(context(&error, "looking in", folder)),
            }
        }
        match fs::symlink_metadata(file) {
            Ok(found) if found.is_file() => Ok(Some(found)),
            Ok(_) => {
                let no_file = IoError::new(ErrorKind::IsADirectory, "it is no plain file");
                Err(context(&no_file, "looking at", file))
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(context(&error, "looking at", file)),
        }
    }

    /// Whether `folder` and all between it and the root are folders, and no symbolic links.
    pub(super) fn is_real_folder(&self, folder: &Path) -> bool {
        self.folders_above(folder).chain([folder]).all(|folder| {
            folder == self.root || fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir())
        })
    }

    /// The folders between the root and `path`, both not included, outermost first.
    pub(super) fn folders_above<'a>(&self, path: &'a Path) -> impl Iterator<Item = &'a Path> {
        let mut folders: Vec<_> = path
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != self.root && folder.starts_with(&self.root))
            .collect();
        folders.reverse();
        folders.into_iter()
    }

    /// The path of one of the store's own files.
    pub(super) fn own_file(&self, folder: OwnFolder, name: &str) -> PathBuf {
        self.own_folder(folder).join(name)
    }

    pub(super) fn own_folder(&self, folder: OwnFolder) -> PathBuf {
        self.root.join(RESERVED).join(folder.name())
    }

    /// Makes one of the store's own folders. The root is not made: a database that was not
    /// created is missing, as a bucket is.
    pub(super) fn make_own_folder(&self, folder: OwnFolder) -> IoResult<()> {
        let reserved = self.root.join(RESERVED);
        match fs::create_dir(&reserved) {
            // Objects may come to lie in it, whose writers sync only the folders they make.
            Ok(()) => sync_folder(&self.root, self.durability)?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let missing = IoError::new(error.kind(), "no such database; create() makes it");
                return Err(context(&missing, "opening the database", &self.root));
            }
            Err(error) => return Err(context(&error, "making the folder", &reserved)),
        }
        let own = self.own_folder(folder);
        match fs::create_dir(&own) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(context(&error, "making the folder", &own))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leads_out_of_the_folder() {
        let folder = Folder::new("/db".into(), Durability::Relaxed);
        for key in [
            "",
            "/",
            "/etc/passwd",
            "a//b",
            "a/",
            "../x",
            "a/../../x",
            ".",
            "a/.",
            "a\0b",
        ] {
            assert!(folder.file(key).is_err(), "{key:?}");
        }
        for key in [
            "_s3aads/tmp/x",
            "_s3aads/lock/00",
            "_s3aads/tmp",
            "_s3aads/lock",
        ] {
            assert!(folder.file(key).is_err(), "{key:?}");
        }
        for key in [
            "a",
            "t/%_/..%2F",
            "_s3aads/schema/t.json",
            "_s3aads/tmpx",
            "x/_s3aads/tmp",
            "...",
        ] {
            assert_eq!(
                folder.file(key).ok(),
                Some(PathBuf::from(format!("/db/{key}")))
            );
        }
    }

    #[test]
    fn folders_above_a_file_stop_below_the_root() {
        let folder = Folder::new("/var/db".into(), Durability::Relaxed);
        let above: Vec<_> = folder.folders_above(Path::new("/var/db/t/1/x")).collect();
        assert_eq!(above, [Path::new("/var/db/t"), Path::new("/var/db/t/1")]);
        assert_eq!(folder.folders_above(Path::new("/var/db/x")).count(), 0);
        assert_eq!(folder.folders_above(Path::new("/var/db")).count(), 0);
    }
}
