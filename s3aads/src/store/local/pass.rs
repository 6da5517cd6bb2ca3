//! One pass over a folder that misses nothing.
//!
//! On some file systems (tmpfs, btrfs, overlays of them) a file that is replaced by rename moves to
//! another place in its folder's order, and a pass whose place is between the two doesn't meet it.
//! POSIX allows that. So a pass over a folder that may have changed meanwhile is told what was
//! moved in, and where the system can't tell, it is repeated. Names can be given more than once.

use std::ffi::OsStr;
use std::fs::{self, FileType};
use std::io::{ErrorKind, Result as IoResult};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::errors::context;
use super::watch::Watch;

/// The coarsest tick of a file system's clock: a folder that changed no longer ago than this may
/// change again without its time telling so.
const TICK: Duration = Duration::from_secs(2);

/// How often a folder is read in which the changes don't end.
const MOST_PASSES: usize = 8;

/// How many names are read before the kernel is asked what was moved in meanwhile. It remembers
/// some thousand moves.
const NAMES_AT_ONCE: usize = 512;

/// Calls `each` with the entries of the folder at `path` until it breaks off. A folder that isn't
/// there is empty.
pub(super) fn read(
    path: &Path,
    mut each: impl FnMut(&OsStr, FileType) -> IoResult<ControlFlow<()>>,
) -> IoResult<()> {
    let before = changed(path);
    if before.is_some_and(is_over)
        && (pass(path, &mut each, None)?.is_break() || changed(path) == before)
    {
        return Ok(());
    }
    for _ in 0..MOST_PASSES {
        let before = changed(path);
        let mut watch = Watch::start(path);
        if pass(path, &mut each, watch.as_mut())?.is_break() {
            return Ok(());
        }
        let complete = match &watch {
            Some(watch) => watch.is_complete(),
            None => changed(path) == before,
        };
        if complete {
            return Ok(());
        }
    }
    tracing::warn!(
        path = %path.display(),
        "a folder changed so much while it was listed that rows may be missing"
    );
    Ok(())
}

/// When the folder last changed, as far as the file system tells.
fn changed(path: &Path) -> Option<SystemTime> {
    fs::symlink_metadata(path)
        .and_then(|folder| folder.modified())
        .ok()
}

/// Whether the next change will have another time.
fn is_over(changed: SystemTime) -> bool {
    changed
        .checked_add(TICK)
        .is_some_and(|settled| settled < SystemTime::now())
}

fn pass(
    path: &Path,
    each: &mut impl FnMut(&OsStr, FileType) -> IoResult<ControlFlow<()>>,
    mut watch: Option<&mut Watch>,
) -> IoResult<ControlFlow<()>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(ControlFlow::Continue(())),
        Err(error) => return Err(context(&error, "reading the folder", path)),
    };
    for (number, entry) in entries.enumerate() {
        let entry = entry.map_err(|error| context(&error, "reading the folder", path))?;
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(context(&error, "looking at", &entry.path())),
        };
        if each(&entry.file_name(), kind)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        if number % NAMES_AT_ONCE == 0
            && let Some(watch) = &mut watch
            && take_moved(path, watch, each)?.is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    match watch {
        Some(watch) => take_moved(path, watch, each),
        None => Ok(ControlFlow::Continue(())),
    }
}

/// What was moved in and is still there.
fn take_moved(
    path: &Path,
    watch: &mut Watch,
    each: &mut impl FnMut(&OsStr, FileType) -> IoResult<ControlFlow<()>>,
) -> IoResult<ControlFlow<()>> {
    for name in watch.moved() {
        let moved = path.join(&name);
        let flow = match fs::symlink_metadata(&moved) {
            Ok(file) => each(&name, file.file_type())?,
            Err(error) if error.kind() == ErrorKind::NotFound => ControlFlow::Continue(()),
            Err(error) => return Err(context(&error, "looking at", &moved)),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}
