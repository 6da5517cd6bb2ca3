//! A database's folder: which file holds which object.
//!
//! The object with the key `t/1/01` is the plain file `<root>/t/1/01`: segments are already
//! encoded and are file names as they stand, or escaped once more where the file system would mix
//! them up (see `naming`). `<root>/_s3aads/tmp` and `<root>/_s3aads/lock` belong to the store
//! itself and hold no objects.

use std::borrow::Cow;
use std::fs::{self, Metadata};
use std::io::{Error as IoError, ErrorKind, Result as IoResult};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::durability::{Durability, SyncedFolders};
use super::errors::{context, means_absent, no_path};
use super::naming::Naming;
use super::probe;
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

/// How long a write waits for another one with the same lock, which lasts milliseconds unless its
/// program was stopped.
const LOCK_PATIENCE: Duration = Duration::from_secs(30);

/// A database's folder.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    durability: Durability,
    /// What is known to be on the disk.
    synced: SyncedFolders,
    /// Decided by whoever writes to the database first, and read from it ever after.
    naming: OnceLock<Naming>,
    /// What is seen to be needed for as long as nobody has decided.
    escapes: AtomicBool,
    /// How long a write waits for a lock.
    pub(super) patience: Duration,
    /// How often a folder was read, for the tests.
    #[cfg(test)]
    pub(super) folders_read: std::sync::atomic::AtomicUsize,
}

impl Folder {
    pub(super) fn new(root: PathBuf, durability: Durability) -> Self {
        Self {
            root,
            durability,
            synced: SyncedFolders::default(),
            naming: OnceLock::new(),
            escapes: AtomicBool::new(false),
            patience: LOCK_PATIENCE,
            #[cfg(test)]
            folders_read: std::sync::atomic::AtomicUsize::new(0),
        }
    }

    pub(super) fn synced(&self) -> &SyncedFolders {
        &self.synced
    }

    /// How segments are named; [`Folder::learn_naming`] comes before.
    pub(super) fn naming(&self) -> Naming {
        match self.naming.get() {
            Some(naming) => *naming,
            None if self.escapes.load(Ordering::Relaxed) => Naming::Escaped,
            None => Naming::Plain,
        }
    }

    /// Reads how segments are named, and decides it if nobody has and `writes`.
    pub(super) fn learn_naming(&self, writes: bool) -> IoResult<()> {
        if self.naming.get().is_some() {
            return Ok(());
        }
        let naming = match (probe::remembered(self)?, writes) {
            (None, true) => probe::decide(self)?,
            (None, false) => {
                self.escapes.store(probe::folds(self)?, Ordering::Relaxed);
                return Ok(());
            }
            (Some(naming), _) => naming,
        };
        self.naming.get_or_init(|| naming);
        Ok(())
    }

    /// The path of a key or of a folder without its last `/`; the root where empty.
    pub(super) fn path(&self, key: &str) -> PathBuf {
        let naming = self.naming();
        if key.is_empty() || naming == Naming::Plain {
            return self.root.join(key);
        }
        let mut path = self.root.clone();
        for segment in key.split('/') {
            path.push(&*naming.file_name(segment));
        }
        path
    }

    /// The segment that a file's or folder's name stands for.
    pub(super) fn segment<'a>(&self, file_name: &'a str) -> Cow<'a, str> {
        self.naming().segment(file_name)
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
        Ok(self.path(key))
    }

    /// The folder whose entries are named `<prefix><name>`; `prefix` is empty or ends in `/`.
    /// `None` where no object can be below it.
    pub(super) fn folder(&self, prefix: &str) -> Option<PathBuf> {
        let Some(inner) = prefix.strip_suffix('/') else {
            return Some(self.root.clone());
        };
        let real = inner.split('/').all(is_file_name) && !is_own(inner);
        real.then(|| self.path(inner))
    }

    /// What is stored at `file`, a path from [`Folder::file`]; `None` where nothing is.
    ///
    /// Symbolic links are not followed below the root, and what is not a plain file is no object:
    /// both fail with `NotADirectory` or `IsADirectory`.
    pub(super) fn look_up(&self, file: &Path) -> IoResult<Option<Metadata>> {
        for folder in self.folders_above(file) {
            match look_at(folder)? {
                Some(found) if found.is_dir() => {}
                Some(_) => return Err(in_the_way("looking in", folder)),
                None => return Ok(None),
            }
        }
        match look_at(file)? {
            Some(found) if found.is_file() => Ok(Some(found)),
            Some(_) => {
                let no_file = IoError::new(ErrorKind::IsADirectory, "it is no plain file");
                Err(context(&no_file, "looking at", file))
            }
            None => Ok(None),
        }
    }

    /// Whether `folder` and all between it and the root are folders, and no symbolic links.
    pub(super) fn is_real_folder(&self, folder: &Path) -> IoResult<bool> {
        for folder in self.folders_above(folder).chain([folder]) {
            if folder == self.root {
                continue;
            }
            match look_at(folder) {
                Ok(Some(found)) if found.is_dir() => {}
                Ok(_) => return Ok(false),
                Err(error) if means_absent(&error) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
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

    /// The path of one of the store's own files. Its folder is never reached by a link, which may
    /// lead to other people's files.
    pub(super) fn own_file(&self, folder: OwnFolder, name: &str) -> IoResult<PathBuf> {
        Ok(self.own_folder(folder)?.join(name))
    }

    /// One of the store's own folders, which need not be there.
    pub(super) fn own_folder(&self, folder: OwnFolder) -> IoResult<PathBuf> {
        let reserved = self.root.join(RESERVED);
        let own = reserved.join(folder.name());
        for real in [&reserved, &own] {
            if look_at(real)?.is_some_and(|found| !found.is_dir()) {
                let link = IoError::new(
                    ErrorKind::Unsupported,
                    "the store keeps its own files in a folder, and this is a link or a file",
                );
                return Err(context(&link, "using", real));
            }
        }
        Ok(own)
    }

    /// Makes one of the store's own folders. The root is not made: a database that was not
    /// created is missing, as a bucket is.
    pub(super) fn make_own_folder(&self, folder: OwnFolder) -> IoResult<()> {
        let own = self.own_folder(folder)?;
        for made in [self.root.join(RESERVED), own] {
            match fs::create_dir(&made) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    let missing = IoError::new(error.kind(), "no such database; create() makes it");
                    return Err(context(&missing, "opening the database", &self.root));
                }
                Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                    return Err(context(&error, "making the folder", &made));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What is at `path`, itself and not what a link there leads to.
fn look_at(path: &Path) -> IoResult<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(context(&error, "looking at", path)),
    }
}

fn in_the_way(what: &str, path: &Path) -> IoError {
    let no_folder = IoError::new(ErrorKind::NotADirectory, "it is no folder");
    context(&no_folder, what, path)
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
