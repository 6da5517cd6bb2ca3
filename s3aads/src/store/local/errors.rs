//! Turns what the file system says into what a store says.

use std::io::{Error as IoError, ErrorKind};
use std::path::Path;

use object_store::Error;
use object_store::path::Path as ObjectPath;

use crate::store::Indeterminate;

const STORE: &str = "local";

/// The operating system's error with what was being done, and to what.
pub(super) fn context(error: &IoError, what: &str, path: &Path) -> IoError {
    IoError::new(
        error.kind(),
        format!("{what} '{}': {error}", path.display()),
    )
}

/// An error of a kind that the file system has no word of its own for.
pub(super) fn generic(text: impl Into<String>) -> Error {
    Error::Generic {
        store: STORE,
        source: text.into().into(),
    }
}

/// A key that is no path below a folder.
pub(super) fn no_path(key: &str) -> Error {
    match ObjectPath::parse(key) {
        Err(source) => Error::InvalidPath { source },
        Ok(_) => generic(format!(
            "the key '{}' is no path of a local store: its segments are file names, so none may \
             be empty",
            key.escape_debug()
        )),
    }
}

/// What was done is visible, but may not be on the disk.
pub(super) fn not_synced(error: IoError, key: &str, done: &str) -> Error {
    let what = format!(
        "the object '{key}' was {done}, but the disk failed to say whether that outlives a crash \
         of the machine"
    );
    Error::Generic {
        store: STORE,
        source: Box::new(Indeterminate {
            what,
            source: Some(error.into()),
        }),
    }
}

/// What the local store can't do.
pub(super) fn unsupported(text: impl Into<String>) -> Error {
    Error::NotSupported {
        source: text.into().into(),
    }
}

/// Nothing is stored under `key`.
pub(super) fn missing(key: &str) -> Error {
    Error::NotFound {
        path: key.to_owned(),
        source: "no such object".into(),
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
pub(super) fn reading(error: IoError, key: &str) -> Error {
    if means_absent(&error) {
        return Error::NotFound {
            path: key.to_owned(),
            source: error.into(),
        };
    }
    other(error, key)
}

/// A failed write of the object at `key`.
pub(super) fn writing(error: IoError, key: &str) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::NotFound {
            path: key.to_owned(),
            source: error.into(),
        },
        ErrorKind::InvalidFilename => unsupported(format!(
            "the key '{key}' is longer than the local file system allows: a segment is a file \
             name, of at most 255 bytes on most file systems ({error})"
        )),
        ErrorKind::NotADirectory | ErrorKind::IsADirectory => unsupported(format!(
            "the local store can't hold an object at '{key}': a folder can't also be an object, \
             and something else is in its place ({error})"
        )),
        _ => other(error, key),
    }
}

/// A failure that reads and writes share.
pub(super) fn other(error: IoError, key: &str) -> Error {
    match error.kind() {
        ErrorKind::PermissionDenied => Error::PermissionDenied {
            path: key.to_owned(),
            source: error.into(),
        },
        _ => Error::Generic {
            store: STORE,
            source: error.into(),
        },
    }
}
