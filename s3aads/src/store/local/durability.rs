//! When a write of the local store counts as done.

use std::fs::{self, File};
use std::io::{ErrorKind, Result as IoResult};
use std::path::Path;

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

/// Makes `folder` and what is missing above it.
pub(super) fn make_folder(folder: &Path, durability: Durability) -> IoResult<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent();
    if let Some(parent) = parent {
        make_folder(parent, durability)?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        Err(error) => Err(context(&error, "making the folder", folder)),
        Ok(()) => parent.map_or(Ok(()), |parent| sync_folder(parent, durability)),
    }
}
