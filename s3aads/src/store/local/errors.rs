//! Turns what the file system says into what a store says.

use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use object_store::path::Path as ObjectPath;

use crate::store::{Reason, StoreError};

/// The operating system's error with what was being done, and to what.
pub(super) fn context(error: &IoError, what: &str, path: &Path) -> IoError {
    IoError::new(
        error.kind(),
        format!("{what} '{}': {error}", path.display()),
    )
}

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
        ErrorKind::InvalidFilename => StoreError::unsupported(format!(
            "the key '{key}' is longer than the local file system allows: a segment is a file \
             name, of at most 255 bytes on most file systems ({error})"
        )),
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => StoreError::unsupported(format!(
            "the local store can't hold an object at '{key}': a folder can't also be an object, \
             and something else is in its place ({error})"
        )),
        _ => other(error, key),
    }
}

/// A failure that reads and writes share.
pub(super) fn other(error: IoError, key: &str) -> StoreError {
    let reason = match error.kind() {
        ErrorKind::PermissionDenied => Reason::Denied,
        _ => Reason::Other,
    };
    StoreError::new(reason, format!("{error} ('{key}')"))
}
