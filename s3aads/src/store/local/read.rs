//! Reads of one object.

use std::fs::{File, Metadata};
use std::io::{Error as IoError, ErrorKind, Read, Result as IoResult};
use std::path::Path;

use super::errors::{context, reading};
use super::folder::Folder;
use super::version;
use crate::store::{Meter, Object, ObjectEntry, Result, StoreError};
use object_store::Attributes;

/// An object's file, open, with what it was when it was opened. A published file never changes,
/// so the two belong together whoever replaces or deletes the object meanwhile.
pub(super) fn open(folder: &Folder, key: &str) -> Result<(File, Metadata)> {
    let path = folder.file(key)?;
    // Looking first keeps from waiting on a foreign pipe, and from following a link.
    folder
        .look_up(&path)
        .map_err(|error| reading(error, key))?
        .ok_or_else(StoreError::not_found)?;
    open_file(&path).map_err(|error| reading(error, key))
}

fn open_file(path: &Path) -> IoResult<(File, Metadata)> {
    let opened = File::open(path).and_then(|file| {
        let found = file.metadata()?;
        Ok((file, found))
    });
    match opened {
        Ok((_, found)) if !found.is_file() => {
            Err(context(&ErrorKind::IsADirectory.into(), "opening", path))
        }
        Ok(opened) => Ok(opened),
        Err(error) => Err(context(&error, "opening", path)),
    }
}

/// The object with its body.
pub(super) fn get(folder: &Folder, key: &str, meter: &Meter) -> Result<Object> {
    let (mut file, found) = open(folder, key)?;
    meter.fits(found.len())?;
    let body = read_body(&mut file, found.len())
        .map_err(|error| reading(context(&error, "reading", &folder.root().join(key)), key))?;
    Ok(Object {
        entry: version::entry(key.to_owned(), &found),
        attributes: Attributes::default(),
        body: body.into(),
    })
}

fn read_body(file: &mut File, size: u64) -> IoResult<Vec<u8>> {
    let too_large = || IoError::new(ErrorKind::OutOfMemory, "the file doesn't fit into memory");
    let mut body = Vec::new();
    body.try_reserve_exact(usize::try_from(size).map_err(|_| too_large())?)
        .map_err(|_| too_large())?;
    // One more than there should be: the file may grow without end.
    file.take(size.saturating_add(1)).read_to_end(&mut body)?;
    if body.len() as u64 != size {
        return Err(IoError::other(
            "another program changed the file while it was read",
        ));
    }
    Ok(body)
}

/// What a HEAD tells of the object.
pub(super) fn head(folder: &Folder, key: &str) -> Result<ObjectEntry> {
    let path = folder.file(key)?;
    let found = folder.look_up(&path).map_err(|error| reading(error, key))?;
    Ok(version::entry(
        key.to_owned(),
        &found.ok_or_else(StoreError::not_found)?,
    ))
}
