//! Bodies on their way to their place.
//!
//! A body is written to a file of its own in `_s3aads/tmp`, where no listing sees it. The writer
//! holds a lock on that file while it lives; one that can be locked is a dead writer's leftover.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Result as IoResult};
use std::path::{Path, PathBuf};

use super::errors::context;
use super::folder::{Folder, OwnFolder};

/// A file that is being written, and goes away with this value.
#[derive(Debug)]
pub(super) struct Staged {
    path: PathBuf,
    file: File,
}

impl Staged {
    pub(super) fn create(folder: &Folder) -> IoResult<Self> {
        loop {
            let path = folder.own_file(OwnFolder::Staging, &fresh_name())?;
            let file = match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => file,
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    folder.make_own_folder(OwnFolder::Staging)?;
                    continue;
                }
                Err(error) => return Err(context(&error, "making the file", &path)),
            };
            let staged = Self { path, file };
            match staged.file.try_lock() {
                Ok(()) => {}
                // A cleaner was faster.
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => {
                    continue;
                }
                Err(TryLockError::Error(error)) => {
                    return Err(context(&error, "locking", &staged.path));
                }
            }
            // A cleaner may have come between the file's making and its locking.
            if staged.path.exists() {
                return Ok(staged);
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!(%error, path = %self.path.display(), "a staged file stays behind");
            }
            _ => {}
        }
    }
}

fn fresh_name() -> String {
    format!("{:x}-{:016x}", std::process::id(), fastrand::u64(..))
}

/// Whether a staged file may have this name. Whatever else is there is somebody else's.
fn is_staged_name(name: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    name.split_once('-').is_some_and(|(process, id)| {
        (1..=8).contains(&process.len()) && id.len() == 16 && is_hex(process) && is_hex(id)
    })
}

/// Removes what killed writers left behind, and tells how many files that were.
pub(super) fn clean(folder: &Folder) -> IoResult<usize> {
    let entries = match fs::read_dir(folder.own_folder(OwnFolder::Staging)?) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut removed = 0;
    for entry in entries {
        let entry = entry?;
        let staged = entry.file_name().to_str().is_some_and(is_staged_name);
        if staged && entry.file_type()?.is_file() && remove_leftover(&entry.path())? {
            removed += 1;
        }
    }
    Ok(removed)
}

/// Removes the staged file at `path` unless its writer lives.
fn remove_leftover(path: &Path) -> IoResult<bool> {
    let gone = |error: &std::io::Error| error.kind() == ErrorKind::NotFound;
    let file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if gone(&error) => return Ok(false),
        Err(error) => return Err(error),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Names are never used twice: where the writer has finished meanwhile, nothing has this one.
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if gone(&error) => Ok(false),
        Err(error) => Err(error),
    }
}
