//! One pass over a folder that misses nothing.
//!
//! On some file systems (tmpfs, btrfs, overlays of them) a file that is replaced by rename moves to
//! another place in its folder's order, and a pass whose place is between the two doesn't meet it.
//! POSIX allows that. So a pass over a folder that may have changed meanwhile is told what was
//! moved in, and where the system can't tell, it is repeated. Names can be given more than once.

use std::ffi::OsStr;
use std::fs;
use std::io::{Error as IoError, ErrorKind, Result as IoResult};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::errors::context;
use super::watch::Watch;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    /// A link, a device and the like.
    Other,
}

impl From<fs::FileType> for Kind {
    fn from(kind: fs::FileType) -> Self {
        match kind {
            kind if kind.is_file() => Self::File,
            kind if kind.is_dir() => Self::Folder,
            _ => Self::Other,
        }
    }
}

/// The coarsest tick of a file system's clock: a folder that changed no longer ago than this may
/// change again without its time telling so.
const TICK: Duration = Duration::from_secs(2);

/// How often a folder is read in which the changes don't end.
const MOST_PASSES: usize = 8;

/// How many names are read before the kernel is asked what was moved in meanwhile. It remembers
/// some thousand moves.
const NAMES_AT_ONCE: usize = 512;

/// Calls `each` with the entries of the folder at `path` until it breaks off. What isn't there or is
/// no folder is empty; if `path` ends in a `/`, it may be a link to one.
pub(super) fn read(
    path: &Path,
    mut each: impl FnMut(&OsStr, Kind) -> IoResult<ControlFlow<()>>,
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
    each: &mut impl FnMut(&OsStr, Kind) -> IoResult<ControlFlow<()>>,
    mut watch: Option<&mut Watch>,
) -> IoResult<ControlFlow<()>> {
    let mut number = 0;
    let read = entries(path, |name, kind| {
        if each(name, kind)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        number += 1;
        match &mut watch {
            Some(watch) if number % NAMES_AT_ONCE == 0 => take_moved(path, watch, each),
            _ => Ok(ControlFlow::Continue(())),
        }
    })?;
    if read.is_break() {
        return Ok(read);
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
    each: &mut impl FnMut(&OsStr, Kind) -> IoResult<ControlFlow<()>>,
) -> IoResult<ControlFlow<()>> {
    for name in watch.moved() {
        let flow = match kind_of(&path.join(&name))? {
            Some(kind) => each(&name, kind)?,
            None => ControlFlow::Continue(()),
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Calls `each` with what the system gives, in its order, until it breaks off.
#[cfg(target_os = "linux")]
fn entries(
    path: &Path,
    mut each: impl FnMut(&OsStr, Kind) -> IoResult<ControlFlow<()>>,
) -> IoResult<ControlFlow<()>> {
    use std::os::unix::ffi::OsStrExt;

    use rustix::fs::{FileType, Mode, OFlags, RawDir};
    use rustix::io::Errno;

    /// Names are read so many bytes at a time, without an allocation for each.
    const BUFFER: usize = 64 * 1024;

    let failed = |error: &IoError| context(error, "reading the folder", path);
    // Whatever has taken the folder's place is not followed, and not waited for.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(folder) => folder,
        Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(ControlFlow::Continue(())),
        Err(error) => return Err(failed(&error.into())),
    };
    let mut buffer = Vec::with_capacity(BUFFER);
    let mut entries = RawDir::new(folder, buffer.spare_capacity_mut());
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            // The folder was removed since it was opened; btrfs says so only now.
            Err(Errno::NOENT) => break,
            Err(error) => return Err(failed(&error.into())),
        };
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        let kind = match entry.file_type() {
            _ if name == "." || name == ".." => continue,
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Unknown => match kind_of(&path.join(name))? {
                Some(kind) => kind,
                None => continue,
            },
            _ => Kind::Other,
        };
        if each(name, kind)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Calls `each` with what the system gives, in its order, until it breaks off.
#[cfg(not(target_os = "linux"))]
fn entries(
    path: &Path,
    mut each: impl FnMut(&OsStr, Kind) -> IoResult<ControlFlow<()>>,
) -> IoResult<ControlFlow<()>> {
    use super::errors::means_absent;

    let failed = |error: &IoError| context(error, "reading the folder", path);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if means_absent(&error) => return Ok(ControlFlow::Continue(())),
        Err(error) => return Err(failed(&error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error))?;
        if let Some(kind) = kind_of(&entry.path())?
            && each(&entry.file_name(), kind)?.is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What is at a path, if anything still is.
fn kind_of(path: &Path) -> IoResult<Option<Kind>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found.file_type().into())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(context(&error, "looking at", path)),
    }
}
