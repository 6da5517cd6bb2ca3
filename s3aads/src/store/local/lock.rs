//! One writer at a time for each key, over all threads and processes.
//!
//! A key's lock is an advisory lock on one of a fixed number of files, which a hash of the key
//! chooses; the operating system releases it when its holder dies. The store never removes these
//! files; who holds one that somebody else has removed holds nothing.
//! Each also remembers, as its own modification time, the last version that was given under it,
//! so that a row that is deleted and written again gets an ETag of its own.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Error as IoError, ErrorKind, Result as IoResult};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use super::call::Call;
use super::errors::context;
use super::folder::{Folder, OwnFolder};
use super::version::is_same_file;
use crate::schema::fnv1a;

/// The number of lock files; all programs that write to one folder must agree on it.
const STRIPES: u64 = 256;

/// A version further ahead of the clock than this was left by a foreign file with a wrong time,
/// which the key's neighbours need not inherit.
const TRUSTED_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// A lock is tried again after at most this long. The pauses are random and grow with the time
/// that was waited, so that whoever waits has about the same chance.
const LEAST_PAUSE: Duration = Duration::from_micros(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(5);

/// The lock of a key, held until it is dropped.
#[derive(Debug)]
pub(super) struct KeyLock {
    file: File,
    path: PathBuf,
}

impl KeyLock {
    /// Waits until no one else writes to `key`, as long as the folder's patience lasts. Blocks the
    /// thread.
    pub(super) fn acquire(folder: &Folder, key: &str, call: &Call) -> IoResult<Self> {
        let name = format!("{:02x}", fnv1a(key.as_bytes()) % STRIPES);
        let start = Instant::now();
        loop {
            let path = folder.own_file(OwnFolder::Locks, &name)?;
            let file = open(folder, &path)?;
            while !try_lock(&file, &path)? {
                let waited = start.elapsed();
                if waited >= folder.patience {
                    return Err(held(&path, waited));
                }
                if call.is_abandoned() {
                    return Err(ErrorKind::Interrupted.into());
                }
                let longest = (waited / 2).clamp(LEAST_PAUSE, LONGEST_PAUSE);
                sleep(longest.mul_f64(fastrand::f64()));
            }
            let lock = Self { file, path };
            if lock.is_named() {
                return Ok(lock);
            }
        }
    }

    /// Whether others who want the lock still come to this file. Somebody may have removed it.
    pub(super) fn is_named(&self) -> bool {
        match (self.file.metadata(), fs::symlink_metadata(&self.path)) {
            (Ok(locked), Ok(named)) => is_same_file(&locked, &named),
            _ => false,
        }
    }

    /// The last version that was given or deleted under this lock.
    pub(super) fn last_version(&self) -> Option<SystemTime> {
        let last = self.file.metadata().and_then(|file| file.modified()).ok()?;
        let trusted = SystemTime::now().checked_add(TRUSTED_AHEAD)?;
        (last <= trusted).then_some(last)
    }

    /// Remembers a version that was given or deleted. That fails where the lock file is another
    /// user's; the file's inode and the clock then have to do.
    pub(super) fn note_version(&self, version: SystemTime) {
        if self.last_version().is_none_or(|last| last < version) {
            let _ = self.file.set_modified(version);
        }
    }
}

fn open(folder: &Folder, path: &Path) -> IoResult<File> {
    // Opening would wait on a pipe, and follow a link.
    if let Ok(found) = fs::symlink_metadata(path)
        && !found.is_file()
    {
        let no_file = IoError::new(ErrorKind::IsADirectory, "it is no plain file");
        return Err(context(&no_file, "opening the lock", path));
    }
    let open = || {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
    };
    let opened = match open() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            folder.make_own_folder(OwnFolder::Locks)?;
            open()
        }
        opened => opened,
    };
    opened.map_err(|error| context(&error, "opening the lock", path))
}

fn try_lock(file: &File, path: &Path) -> IoResult<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Interrupted => Ok(false),
        Err(TryLockError::Error(error)) => Err(context(&error, "locking", path)),
    }
}

fn held(path: &Path, waited: Duration) -> IoError {
    let held = format!(
        "the lock '{}' was held by another write for {} s; a program that holds it may be stopped",
        path.display(),
        waited.as_secs()
    );
    IoError::new(ErrorKind::TimedOut, held)
}
