//! One writer at a time for each key, over all threads and processes.
//!
//! A key's lock is an advisory lock on one of a fixed number of files, which a hash of the key
//! chooses; the operating system releases it when its holder dies. Lock files are never removed.
//! Each also remembers, as its own modification time, the last version that was given under it,
//! so that a row that is deleted and written again gets an ETag of its own.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Result as IoResult};
use std::time::{Duration, SystemTime};

use super::errors::context;
use super::folder::{Folder, OwnFolder};

/// The number of lock files; all programs that write to one folder must agree on it.
const STRIPES: u64 = 256;

/// A version further ahead of the clock than this was left by a foreign file with a wrong time,
/// which the key's neighbours need not inherit.
const TRUSTED_AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

/// The lock of a key, held until it is dropped.
#[derive(Debug)]
pub(super) struct KeyLock {
    file: File,
}

impl KeyLock {
    /// Waits until no one else writes to `key`. Blocks the thread.
    pub(super) fn acquire(folder: &Folder, key: &str) -> IoResult<Self> {
        let path = folder.own_file(OwnFolder::Locks, &format!("{:02x}", fnv1a(key) % STRIPES));
        let open = || {
            OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
        };
        let file = match open() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                folder.make_own_folder(OwnFolder::Locks)?;
                open()
            }
            opened => opened,
        };
        let file = file.map_err(|error| context(&error, "opening the lock", &path))?;
        loop {
            match file.lock() {
                Ok(()) => return Ok(Self { file }),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(context(&error, "locking", &path)),
            }
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

/// FNV-1a: the same in every program, which the standard library's hashes are not.
fn fnv1a(key: &str) -> u64 {
    key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("foobar"), 0x8594_4171_f739_67e8);
    }
}
