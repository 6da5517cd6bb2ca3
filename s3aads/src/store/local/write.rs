//! Writes of one object.
//!
//! A version is written to a staged file, synced, and published under the key's lock by one
//! rename or link. Whenever a writer is killed, its object is the old one or the new one.

use std::fs::{self, Metadata};
use std::io::{Error as IoError, ErrorKind, Result as IoResult, Write};
use std::path::Path;

use super::call::Call;
use super::durability::{sync_file, sync_folder, sync_remaining_folder};
use super::errors::{context, means_absent, not_synced, other, writing};
use super::folder::Folder;
use super::lock::KeyLock;
use super::staging::Staged;
use super::{call, read, version};
use crate::store::{Condition, Copied, Reason, Result, StoreError, Version};

/// How often the folders of a new object are made again where others remove them as empty.
const FOLDER_ATTEMPTS: usize = 1000;

/// Writes `body` to `key`.
pub(super) fn put(
    folder: &Folder,
    key: &str,
    body: &[u8],
    condition: &Condition,
    call: &Call,
) -> Result<Version> {
    write_version(folder, key, condition, call, |staged| {
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
    call: &Call,
) -> Result<Copied> {
    let (mut file, found) = read::open(source, from)?;
    let target = write_version(folder, key, condition, call, |staged| match std::io::copy(
        &mut file,
        &mut staged.file(),
    )? {
        copied if copied == found.len() => Ok(()),
        _ => Err(IoError::other(
            "another program changed the source while it was read",
        )),
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
    call: &Call,
    fill: impl FnOnce(&Staged) -> IoResult<()>,
) -> Result<Version> {
    folder
        .learn_naming(true)
        .map_err(|error| writing(error, key))?;
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
    publish(folder, key, &target, condition, call, &staged)
}

/// Makes `staged` the object at `key`, if `condition` holds.
fn publish(
    folder: &Folder,
    key: &str,
    target: &Path,
    condition: &Condition,
    call: &Call,
    staged: &Staged,
) -> Result<Version> {
    loop {
        let lock = lock(folder, key, call)?;
        let current = folder
            .look_up(target)
            .map_err(|error| writing(error, key))?;
        check(condition, current.as_ref())?;

        // The time may reach the disk after the body: a crash between the two changes the ETag of
        // a version, but never to that of another.
        let before = current.and_then(|file| file.modified().ok());
        let stamped = version::stamp(staged.file(), before.max(lock.last_version()))
            .map_err(|error| other(context(&error, "setting the time of", staged.path()), key))?;
        if let Ok(given) = stamped.modified() {
            lock.note_version(given);
        }
        if !lock.is_named() {
            continue;
        }

        place(folder, key, target, condition, staged)?;
        sync_place(folder, target).map_err(|error| not_synced(error, key, "written"))?;
        return Ok(version::version(&stamped));
    }
}

/// The key's lock, for a write that somebody still waits for.
fn lock(folder: &Folder, key: &str, call: &Call) -> Result<KeyLock> {
    let lock = KeyLock::acquire(folder, key, call).map_err(|error| writing(error, key))?;
    if call.is_abandoned() {
        Err(call::abandoned())
    } else {
        Ok(lock)
    }
}

/// Puts on the disk that `target` is there, and every folder that it is in, whoever made them.
fn sync_place(folder: &Folder, target: &Path) -> IoResult<()> {
    let parent = target.parent().unwrap_or(folder.root());
    sync_folder(parent, folder.durability())?;
    let above = folder.folders_above(target);
    folder.synced().sync(above, folder.durability())
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
fn make_folders(folder: &Folder, target: &Path) -> IoResult<()> {
    for missing in folder.folders_above(target) {
        match fs::create_dir(missing) {
            Ok(()) => {}
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
pub(super) fn delete(
    folder: &Folder,
    key: &str,
    version: Option<&Version>,
    call: &Call,
) -> Result<()> {
    folder
        .learn_naming(true)
        .map_err(|error| writing(error, key))?;
    let target = folder.file(key)?;
    let mut lock = lock(folder, key, call)?;
    let found = loop {
        let found = match folder.look_up(&target) {
            Err(error) if means_absent(&error) => None,
            found => found.map_err(|error| other(error, key))?,
        };
        if let Some(read) = version {
            check_version(read, found.as_ref())?;
        }
        // Before the file goes, so that a killed deleter leaves no ETag to be used again.
        if let Some(version) = found.as_ref().and_then(|file| file.modified().ok()) {
            lock.note_version(version);
        }
        if lock.is_named() {
            break found;
        }
        lock = self::lock(folder, key, call)?;
    };
    if found.is_some() {
        remove(&target).map_err(|error| other(error, key))?;
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
