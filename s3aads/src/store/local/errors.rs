//! Turns what the file system says into what a store says.

use std::error::Error as StdError;
use std::fmt;
use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use object_store::path::Path as ObjectPath;

use crate::store::{Reason, StoreError};

/// The operating system's error with what was being done, and to what.
pub(super) fn context(error: &IoError, what: &str, path: &Path) -> IoError {
    IoError::new(
        error.kind(),
        InContext {
            what: format!("{what} '{}': {error}", path.display()),
            code: code(error),
        },
    )
}

/// An error that remembers the system's code, since not every code has a kind.
#[derive(Debug)]
struct InContext {
    what: String,
    code: Option<i32>,
}

impl fmt::Display for InContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl StdError for InContext {}

/// The system's code of an error, in context or not.
fn code(error: &IoError) -> Option<i32> {
    let context = || error.get_ref()?.downcast_ref::<InContext>()?.code;
    error.raw_os_error().or_else(context)
}

/// EIO, ENFILE, EMFILE: the same on every Unix.
const FAILED: i32 = 5;
const NO_HANDLES: [i32; 2] = [23, 24];

/// A key that is no path below a folder.
pub(super) fn no_path(key: &str) -> StoreError {
    match ObjectPath::parse(key) {
        Err(error) => error.into(),
        Ok(_) => StoreError::new(
            Reason::InvalidKey,
            format!(
                "the key '{}' is no path of a local store: its segments are file names, so none \
                 may be empty",
                key.escape_debug()
            ),
        ),
    }
}

/// What was done is visible, but may not be on the disk.
pub(super) fn not_synced(error: IoError, key: &str, done: &str) -> StoreError {
    let what = format!(
        "the object '{key}' was {done}, but the disk failed to say whether that outlives a crash \
         of the machine"
    );
    StoreError::new(Reason::Indeterminate, what).with_source(error)
}

/// The folder of a database, or of databases, can't be used.
pub(super) fn unusable(error: IoError, folder: &Path) -> StoreError {
    match error.kind() {
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => StoreError::new(
            Reason::InvalidConfig,
            format!("what is in the place of the database's folder is no folder ({error})"),
        ),
        _ => other(error, &folder.to_string_lossy()),
    }
}

/// Whether `error` says that no object can be at the path: nothing or no plain file is there, or
/// the file system can't even have a file of that name.
pub(super) fn means_absent(error: &IoError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
    )
}

/// A failed read of the object at `key`.
pub(super) fn reading(error: IoError, key: &str) -> StoreError {
    if means_absent(&error) {
        return StoreError::not_found().with_source(error);
    }
    other(error, key)
}

/// A failed write of the object at `key`.
pub(super) fn writing(error: IoError, key: &str) -> StoreError {
    match error.kind() {
        ErrorKind::NotFound => StoreError::not_found().with_source(error),
        ErrorKind::InvalidFilename => StoreError::new(
            Reason::InvalidKey,
            format!(
                "the key '{key}' is longer than the local file system allows: a segment is a file \
                 name, of at most 255 bytes on most file systems ({error})"
            ),
        ),
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => StoreError::unsupported(format!(
            "the local store can't hold an object at '{key}': a folder can't also be an object, \
             and something else is in its place ({error})"
        )),
        _ => other(error, key),
    }
}

/// A failure that reads and writes share.
pub(super) fn other(error: IoError, key: &str) -> StoreError {
    let (reason, why) = classify(&error);
    StoreError::new(reason, format!("{why}{error} ('{key}')"))
}

/// What an error of the system means to the caller, and in words.
fn classify(error: &IoError) -> (Reason, &'static str) {
    match error.kind() {
        ErrorKind::StorageFull => (Reason::Unavailable, "the disk is full: "),
        ErrorKind::QuotaExceeded => (
            Reason::Unavailable,
            "the user's share of the disk is full: ",
        ),
        ErrorKind::OutOfMemory => (Reason::Unavailable, "there is not enough memory: "),
        ErrorKind::PermissionDenied => (
            Reason::Denied,
            "the file system does not allow this program to do it: ",
        ),
        ErrorKind::ReadOnlyFilesystem => (Reason::Denied, "the file system is read-only: "),
        ErrorKind::Unsupported => (Reason::Unsupported, ""),
        // Only those of a lock, and of a folder that changes all the time.
        ErrorKind::TimedOut | ErrorKind::ResourceBusy => (Reason::Unavailable, ""),
        _ => match code(error) {
            Some(code) if NO_HANDLES.contains(&code) && cfg!(unix) => (
                Reason::Unavailable,
                "this program or the system has too many files open: ",
            ),
            Some(FAILED) if cfg!(unix) => (Reason::Other, "the disk failed: "),
            _ => (Reason::Other, ""),
        },
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_the_disk_says_is_said_at_the_top() {
        for (code, reason, says) in [
            (28, Reason::Unavailable, "the disk is full"),
            (24, Reason::Unavailable, "too many files open"),
            (23, Reason::Unavailable, "too many files open"),
            (5, Reason::Other, "the disk failed"),
            (13, Reason::Denied, "does not allow"),
            (1, Reason::Denied, "does not allow"),
            (30, Reason::Denied, "read-only"),
        ] {
            let error = IoError::from_raw_os_error(code);
            let error = context(&error, "opening", Path::new("/db/t/1"));
            let error = context(&error, "writing", Path::new("/db/t/1"));
            for error in [
                writing(context(&error, "a", Path::new("b")), "t/1"),
                reading(context(&error, "a", Path::new("b")), "t/1"),
            ] {
                assert_eq!(error.reason(), reason, "{error}");
                assert!(error.to_string().starts_with("the ") || code == 24 || code == 23);
                assert!(error.to_string().contains(says), "{error}");
                assert!(error.to_string().contains("/db/t/1"), "{error}");
            }
        }
    }
}
