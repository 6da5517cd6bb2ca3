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

/// The tick of a file system whose times are whole seconds, at the coarsest. A folder that changed no
/// longer ago may change again without its time telling so.
const WHOLE_SECONDS: Duration = Duration::from_secs(2);

/// The same of one whose times have fractions of a second. Linux takes them from a clock that ticks every
/// 10 ms at the slowest, as exFAT's do.
const FRACTIONS: Duration = Duration::from_millis(20);

/// How often a folder is read in which the changes don't end.
const MOST_PASSES: usize = 8;

/// How many names are read before the kernel is asked what was moved in meanwhile. It remembers
/// some thousand moves.
const NAMES_AT_ONCE: usize = 512;

/// Calls `each` with the entries of the folder at `path` until it breaks off. What isn't there or is
/// no folder is empty; if `path` ends in a `/`, it may be a link to one.
///
/// # Errors
///
/// If the folder changes so much that it can't be said that no entry was missed.
pub(super) fn read(
    path: &Path,
    each: impl FnMut(&OsStr, Kind) -> IoResult<ControlFlow<()>>,
) -> IoResult<()> {
    read_with(path, each, Watch::start)
}

fn read_with(
    path: &Path,
    mut each: impl FnMut(&OsStr, Kind) -> IoResult<ControlFlow<()>>,
    watch: impl Fn(&Path) -> Option<Watch>,
) -> IoResult<()> {
    for tried in 0..MOST_PASSES {
        let before = changed(path);
        let told = before.is_none_or(is_over);
        // The first pass over a folder that is at rest needs no watch.
        let mut watch = if tried == 0 && told {
            None
        } else {
            watch(path)
        };
        if watch.is_none() && !told && !rests(path, before) {
            continue;
        }
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
    let busy =
        format!("it changed in each of {MOST_PASSES} passes, so rows may be missing{ADVICE}");
    let busy = IoError::new(ErrorKind::ResourceBusy, busy);
    Err(context(&busy, "reading the folder", path))
}

const ADVICE: &str = if cfg!(target_os = "linux") {
    "; try again, or raise fs.inotify.max_user_instances, for the kernel to tell of changes"
} else {
    "; try again"
};

/// When the folder last changed, as far as the file system tells; none if it is not there.
fn changed(path: &Path) -> Option<SystemTime> {
    fs::symlink_metadata(path)
        .and_then(|folder| folder.modified())
        .ok()
}

/// How long after this time a change may still have it.
fn tick(changed: SystemTime) -> Duration {
    match changed.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) if since.subsec_nanos() != 0 => FRACTIONS,
        _ => WHOLE_SECONDS,
    }
}

/// Whether the next change will have another time.
fn is_over(changed: SystemTime) -> bool {
    changed
        .checked_add(tick(changed))
        .is_some_and(|over| over < SystemTime::now())
}

/// Whether the folder, which last changed then, does not change for a tick. Its time may lie in the future.
fn rests(path: &Path, before: Option<SystemTime>) -> bool {
    std::thread::sleep(before.map(tick).unwrap_or_default());
    changed(path) == before
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

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    /// A folder with two files, that changed just now.
    fn changed_just_now() -> IoResult<(tempfile::TempDir, SystemTime)> {
        let folder = tempfile::tempdir()?;
        for name in ["a", "b"] {
            fs::write(folder.path().join(name), "")?;
        }
        let now = SystemTime::now();
        File::open(folder.path())?.set_modified(now)?;
        Ok((folder, now))
    }

    fn no_watch(_: &Path) -> Option<Watch> {
        None
    }

    #[cfg(unix)]
    #[test]
    fn without_a_watch_no_pass_begins_within_a_tick_of_a_change() -> IoResult<()> {
        let (folder, changed) = changed_just_now()?;
        let mut names = Vec::new();
        let each = |name: &OsStr, _| {
            assert!(is_over(changed), "a change now would have the same time");
            names.push(name.to_owned());
            Ok(ControlFlow::Continue(()))
        };
        read_with(folder.path(), each, no_watch)?;
        names.sort_unstable();
        assert_eq!(names, ["a", "b"]);
        // A time in the future is one that the next change will not have.
        let future = SystemTime::now() + Duration::from_secs(3600);
        File::open(folder.path())?.set_modified(future)?;
        read_with(
            folder.path(),
            |_, _| Ok(ControlFlow::Continue(())),
            no_watch,
        )
    }

    #[cfg(unix)]
    #[test]
    fn without_a_watch_changes_that_do_not_end_are_an_error() -> IoResult<()> {
        let (folder, _) = changed_just_now()?;
        let (mut passes, mut new) = (0, 0..);
        let mut change = |name: &OsStr| {
            if name == "a" {
                passes += 1;
                let new = new.next().unwrap_or_default();
                fs::write(folder.path().join(format!("new-{new}")), "")?;
                File::open(folder.path())?
                    .set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(1500 + new))?;
            }
            Ok(ControlFlow::Continue(()))
        };
        let read = read_with(folder.path(), |name, _| change(name), no_watch);
        let error = read.map_err(|error| super::super::errors::other(error, "t/"));
        let error = error.expect_err("a listing that may miss rows");
        assert_eq!(error.reason(), crate::store::Reason::Unavailable);
        assert!(error.to_string().contains("rows may be missing"), "{error}");
        assert!(passes >= MOST_PASSES - 1, "{passes} passes");
        Ok(())
    }
}
