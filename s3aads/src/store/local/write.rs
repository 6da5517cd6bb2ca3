//! Writes of one object.
//!
//! A version is written to a staged file, synced, and published under the key's lock by one
//! rename or link. Whenever a writer is killed, its object is the old one or the new one.

use std::fs::{self, Metadata};
use std::io::{Error as IoError, ErrorKind, Result as IoResult, Write};
use std::path::Path;

use super::durability::{sync_file, sync_folder, sync_remaining_folder};
use super::errors::{context, means_absent, not_synced, other, writing};
use super::folder::Folder;
use super::lock::KeyLock;
use super::staging::Staged;
use super::{read, version};
use crate::store::{Condition, Copied, Reason, Result, StoreError, Version};

/// How often the folders of a new object are made again where others remove them as empty.
const FOLDER_ATTEMPTS: usize = 1000;

/// Writes `body` to `key`.
pub(super) fn put(
    folder: &Folder,
    key: &str,
    body: &[u8],
    condition: &Condition,
) -> Result<Version> {
    write_version(folder, key, condition, |staged| {
        staged.file().write_all(body)
    })
}

/// Writes what `source` has at `from` to `key`.
pub(super) fn copy(
    source: &Folder,
    from: &str,
    folder: &Folder,
    key: &str,
    condition: &Condition,
) -> Result<Copied> {
    let (mut file, found) = read::open(source, from)?;
    let target = write_version(folder, key, condition, |staged| {
        match std::io::copy(&mut file, &mut staged.file())? {
            copied if copied == found.len() => Ok(()),
            _ => Err(IoError::other(
                "another program changed the source while it was read",
            )),
        }
    })?;
    Ok(Copied {
        source: version::version(&found),
        target,
    })
}

fn write_version(
    folder: &Folder,
    key: &str,
    condition: &Condition,
    fill: impl FnOnce(&Staged) -> IoResult<()>,
) -> Result<Version> {
    let target = folder.file(key)?;
    // What is refused now need not be written and synced first.
    let current = folder
        .look_up(&target)
        .map_err(|error| writing(error, key))?;
    check(condition, current.as_ref())?;

    let staged = Staged::create(folder).map_err(|error| writing(error, key))?;
    fill(&staged)
        .and_then(|()| sync_file(staged.file(), folder.durability()))
        .map_err(|error| other(context(&error, "writing", staged.path()), key))?;
    publish(folder, key, &target, condition, &staged)
}

/// Makes `staged` the object at `key`, if `condition` holds.
fn publish(
    folder: &Folder,
    key: &str,
    target: &Path,
    condition: &Condition,
    staged: &Staged,
) -> Result<Version> {
    let lock = KeyLock::acquire(folder, key).map_err(|error| writing(error, key))?;
    let current = folder
        .look_up(target)
        .map_err(|error| writing(error, key))?;
    check(condition, current.as_ref())?;

    // The time may reach the disk after the body: a crash between the two changes the ETag of a
    // version, but never to that of another.
    let before = current.and_then(|file| file.modified().ok());
    let stamped = version::stamp(staged.file(), before.max(lock.last_version()))
        .map_err(|error| other(context(&error, "setting the time of", staged.path()), key))?;
    if let Ok(given) = stamped.modified() {
        lock.note_version(given);
    }

    place(folder, key, target, condition, staged)?;
    let parent = target.parent().unwrap_or(folder.root());
    sync_folder(parent, folder.durability()).map_err(|error| not_synced(error, key, "written"))?;
    Ok(version::version(&stamped))
}

/// Whether `condition` holds for what is stored.
fn check(condition: &Condition, current: Option<&Metadata>) -> Result<()> {
    match (condition, current) {
        (Condition::None, _) | (Condition::Absent, None) => Ok(()),
        (Condition::Absent, Some(_)) => Err(StoreError::already_exists()),
        (Condition::Unchanged(read), current) => check_version(read, current),
    }
}

/// Whether what is stored is still the version that was read.
fn check_version(read: &Version, current: Option<&Metadata>) -> Result<()> {
    let changed = |what: String| Err(StoreError::new(Reason::Changed, what));
    let Some(read) = read.e_tag() else {
        return Err(StoreError::unsupported(
            "a local object is compared by its ETag, and none was given",
        ));
    };
    match current.map(version::e_tag) {
        None => changed("the object is gone".to_owned()),
        Some(now) if now == read => Ok(()),
        Some(now) => changed(format!("the object's ETag is {now} and no longer {read}")),
    }
}

/// Gives the staged file its name among the objects.
fn place(
    folder: &Folder,
    key: &str,
    target: &Path,
    condition: &Condition,
    staged: &Staged,
) -> Result<()> {
    for _ in 0..FOLDER_ATTEMPTS {
        let placed = match condition {
            Condition::Absent => link(staged.path(), target),
            Condition::None | Condition::Unchanged(_) => fs::rename(staged.path(), target),
        };
        match placed {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(StoreError::already_exists());
            }
            // Deletes remove folders that they leave empty, those just made included.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make_folders(folder, target).map_err(|error| writing(error, key))?;
            }
            Err(error) => return Err(writing(context(&error, "publishing", target), key)),
        }
    }
    Err(StoreError::new(
        Reason::Other,
        format!("the folder of '{key}' was removed whenever it was made"),
    ))
}

/// Links `staged` to `target`, which no file may have, whoever wrote it.
fn link(staged: &Path, target: &Path) -> IoResult<()> {
    match fs::hard_link(staged, target) {
        // A file system without links: the key's lock alone keeps other writers away.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::Unsupported | ErrorKind::PermissionDenied
            ) && fs::symlink_metadata(target)
                .is_err_and(|error| error.kind() == ErrorKind::NotFound) =>
        {
            fs::rename(staged, target)
        }
        linked => linked,
    }
}

/// Makes the folders between the root and `target`, as far as no one removes them meanwhile.
///
/// A folder that is there already was synced by its maker, or is by the sync of what is put into
/// it: file systems that survive a crash keep the order in which folders came to be.
fn make_folders(folder: &Folder, target: &Path) -> IoResult<()> {
    for missing in folder.folders_above(target) {
        match fs::create_dir(missing) {
            Ok(()) => {
                sync_remaining_folder(
                    missing.parent().unwrap_or(folder.root()),
                    folder.durability(),
                )?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                if fs::symlink_metadata(missing).is_ok_and(|found| !found.is_dir()) {
                    return Err(context(
                        &ErrorKind::NotADirectory.into(),
                        "writing below",
                        missing,
                    ));
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound && folder.root().is_dir() => {
                return Ok(());
            }
            Err(error) => return Err(context(&error, "making the folder", missing)),
        }
    }
    Ok(())
}

/// Deletes the object at `key`, if there is one, and the folders that it leaves empty; with a
/// version only that one.
pub(super) fn delete(folder: &Folder, key: &str, version: Option<&Version>) -> Result<()> {
    let target = folder.file(key)?;
    let lock = KeyLock::acquire(folder, key).map_err(|error| writing(error, key))?;
    let found = folder.look_up(&target);
    if let (Some(read), Ok(current)) = (version, &found) {
        check_version(read, current.as_ref())?;
    }
    match found {
        Ok(Some(found)) => {
            // Before the file goes, so that a killed deleter leaves no ETag to be used again.
            if let Ok(version) = found.modified() {
                lock.note_version(version);
            }
            remove(&target).map_err(|error| other(error, key))?;
        }
        Ok(None) => {}
        Err(error) if means_absent(&error) => {}
        Err(error) => return Err(other(error, key)),
    }
    // Also where nothing was: who deleted it may have died before the disk had it.
    let parent = target.parent().unwrap_or(folder.root());
    sync_remaining_folder(parent, folder.durability())
        .map_err(|error| not_synced(error, key, "deleted"))?;
    remove_empty_folders(folder, &target);
    Ok(())
}

fn remove(target: &Path) -> IoResult<()> {
    match fs::remove_file(target) {
        Err(error) if !means_absent(&error) => Err(context(&error, "deleting", target)),
        _ => Ok(()),
    }
}

/// Removes the folders above `target`, innermost first, up to the first that is not empty.
fn remove_empty_folders(folder: &Folder, target: &Path) {
    let folders: Vec<_> = folder.folders_above(target).collect();
    for empty in folders.into_iter().rev() {
        match fs::remove_dir(empty) {
            Err(error) if error.kind() != ErrorKind::NotFound => return,
            _ => {}
        }
    }
}
