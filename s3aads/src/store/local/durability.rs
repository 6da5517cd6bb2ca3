//! When a write of the local store counts as done.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Result as IoResult};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::errors::{context, means_absent};

/// What an acknowledged write of a local database has survived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// A write is acknowledged when it is on the disk: it outlives a crash of the machine.
    #[default]
    Synced,
    /// A write is acknowledged when the operating system has it: it outlives a crash of the
    /// program, but the newest writes may be lost with the machine's power. Much faster.
    Relaxed,
}

/// Puts on the disk what was written to `file`.
pub(super) fn sync_file(file: &File, durability: Durability) -> IoResult<()> {
    match durability {
        Durability::Synced => file.sync_all(),
        Durability::Relaxed => Ok(()),
    }
}

/// Puts on the disk which names `folder` has.
pub(super) fn sync_folder(folder: &Path, durability: Durability) -> IoResult<()> {
    // Elsewhere a folder can't be opened as a file, and the file system keeps names in order.
    if durability == Durability::Relaxed || !cfg!(unix) {
        return Ok(());
    }
    File::open(folder)
        .and_then(|opened| opened.sync_all())
        .map_err(|error| context(&error, "syncing the folder", folder))
}

/// Syncs the innermost of `folder` and its parents that is still there: where the folder itself
/// was removed, its parent says so.
pub(super) fn sync_remaining_folder(folder: &Path, durability: Durability) -> IoResult<()> {
    for folder in folder.ancestors() {
        match sync_folder(folder, durability) {
            Err(error) if means_absent(&error) => {}
            done => return done,
        }
    }
    Ok(())
}

/// How many folders are remembered; a few bytes for each.
const MOST_REMEMBERED: usize = 100_000;

/// The folders that this process knows to be on the disk, themselves and not what is in them.
///
/// A folder that is there need not be: who made it may have been killed, or not be done yet.
#[derive(Debug, Default)]
pub(super) struct SyncedFolders(Mutex<HashSet<FolderId>>);

/// A folder, told from one that takes its name later.
type FolderId = (u64, Option<SystemTime>);

impl SyncedFolders {
    /// Puts the names of these folders on the disk, the outermost first, as far as that is not
    /// known to be done. The root's own name is for whoever makes the database.
    pub(super) fn sync<'a>(
        &self,
        folders: impl Iterator<Item = &'a Path>,
        durability: Durability,
    ) -> IoResult<()> {
        if durability == Durability::Relaxed || !cfg!(unix) {
            return Ok(());
        }
        for folder in folders {
            let found = fs::symlink_metadata(folder)
                .map_err(|error| context(&error, "looking at", folder))?;
            let id = id(&found);
            if self
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(&id)
            {
                continue;
            }
            sync_folder(folder.parent().unwrap_or(folder), durability)?;
            let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= MOST_REMEMBERED {
                known.clear();
            }
            known.insert(id);
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn knows(&self, folder: &Path) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        fs::symlink_metadata(folder).is_ok_and(|found| known.contains(&id(&found)))
    }
}

#[cfg(unix)]
fn id(folder: &Metadata) -> FolderId {
    use std::os::unix::fs::MetadataExt;
    (folder.ino(), folder.created().ok())
}

#[cfg(not(unix))]
fn id(folder: &Metadata) -> FolderId {
    (0, folder.created().ok())
}

/// Makes `folder` and what is missing above it, and sees to it that its name is on the disk.
pub(super) fn make_root(folder: &Path, durability: Durability) -> IoResult<()> {
    if !folder.is_dir() {
        return make_folder(folder, durability);
    }
    if let Some(parent) = folder.parent() {
        // Its maker may have been killed. Who may not read what it is in can't do more.
        drop(sync_folder(parent, durability));
    }
    Ok(())
}

fn make_folder(folder: &Path, durability: Durability) -> IoResult<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent();
    if let Some(parent) = parent {
        make_folder(parent, durability)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(error) => return Err(context(&error, "making the folder", folder)),
        Ok(()) => {}
    }
    parent.map_or(Ok(()), |parent| sync_folder(parent, durability))
}
