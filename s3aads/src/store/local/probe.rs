//! Whether the file system keeps all names apart, found out by trying.

use std::fs::{self, File};
use std::io::{Error as IoError, ErrorKind, Result as IoResult, Write};
use std::path::Path;

use super::durability::{sync_file, sync_folder};
use super::errors::context;
use super::folder::{Folder, OwnFolder};
use super::naming::Naming;

/// The file in the folder of locks that remembers how segments are named.
const REMEMBERED: &str = "names";

/// The same, and the folder of what the library writes for itself, as nobody spells them.
const REMEMBERED_LIKE: &str = "nAmEs";
const RESERVED_LIKE: &str = "_s3AaDs";

/// What a name is tried by, and what a file system may take for the same: without case, and with
/// the accent as a character of its own.
const TRIED: &str = "Try-\u{e9}";
const LIKE_IT: [&str; 2] = ["try-\u{e9}", "Try-e\u{301}"];

/// What the database remembers; `None` where nobody has decided yet.
pub(super) fn remembered(folder: &Folder) -> IoResult<Option<Naming>> {
    let path = folder.own_file(OwnFolder::Locks, REMEMBERED)?;
    let word = match fs::read_to_string(&path) {
        Ok(word) => word,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(context(&error, "reading", &path)),
    };
    let refused = |why: &str| {
        let error = IoError::new(ErrorKind::Unsupported, why);
        Err(context(&error, "reading how keys are named in", &path))
    };
    match Naming::from_word(word.trim_end()) {
        None => refused("it was written by a newer version of this library"),
        Some(Naming::Plain) if exists(&path.with_file_name(REMEMBERED_LIKE)) => refused(
            "the database was made where file names that differ in case are kept apart, and \
                 was moved to where they are not; copy its rows to a new database here",
        ),
        naming => Ok(naming),
    }
}

/// Whether names are seen to fold, without writing anything: what other programs wrote is read.
pub(super) fn folds(folder: &Folder) -> IoResult<bool> {
    let own = folder.own_folder(OwnFolder::Locks)?;
    Ok(own.parent().is_some_and(|reserved| {
        exists(reserved) && exists(&reserved.with_file_name(RESERVED_LIKE))
    }))
}

/// Tries, and remembers the outcome for all who open the database.
pub(super) fn decide(folder: &Folder) -> IoResult<Naming> {
    folder.make_own_folder(OwnFolder::Locks)?;
    let naming = if keeps_apart(folder)? {
        Naming::Plain
    } else {
        Naming::Escaped
    };
    let path = folder.own_file(OwnFolder::Locks, REMEMBERED)?;
    let staged = path.with_file_name(format!("{REMEMBERED}-{:016x}", fastrand::u64(..)));
    let written = File::create_new(&staged).and_then(|mut file| {
        file.write_all(format!("{}\n", naming.word()).as_bytes())?;
        sync_file(&file, folder.durability())?;
        // Another writer's outcome is the same.
        fs::rename(&staged, &path)
    });
    if let Err(error) = written {
        drop(fs::remove_file(&staged));
        return Err(context(&error, "writing", &path));
    }
    for ancestor in path.ancestors().skip(1).take(3) {
        sync_folder(ancestor, folder.durability())?;
    }
    Ok(naming)
}

fn keeps_apart(folder: &Folder) -> IoResult<bool> {
    let id = format!("{:016x}", fastrand::u64(..));
    let tried = folder.own_file(OwnFolder::Locks, &format!("{TRIED}-{id}"))?;
    match File::create_new(&tried) {
        Ok(_) => {}
        // It may not take every character.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::InvalidFilename
            ) || error.raw_os_error() == Some(ILLEGAL_SEQUENCE) =>
        {
            return Ok(false);
        }
        Err(error) => return Err(context(&error, "making the file", &tried)),
    }
    let folds = LIKE_IT
        .iter()
        .any(|like| exists(&tried.with_file_name(format!("{like}-{id}"))));
    fs::remove_file(&tried).map_err(|error| context(&error, "deleting", &tried))?;
    Ok(!folds)
}

/// EILSEQ: the name is no text to the file system.
const ILLEGAL_SEQUENCE: i32 = if cfg!(target_os = "linux") { 84 } else { 92 };

/// Whether the name leads to anything. That it is the same file can't be asked: some file systems
/// number a file anew for each spelling.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
