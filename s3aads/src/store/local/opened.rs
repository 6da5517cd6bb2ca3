//! A folder that is opened once to look at many of its files.
//!
//! On Linux a file is then looked at by its name alone, and not by all the folders that lead to it.

use std::io::{Error as IoError, Result as IoResult};
use std::path::Path;

use super::errors::{context, means_absent};
use super::version::Facts;

#[cfg(not(target_os = "linux"))]
use elsewhere::Handle;
#[cfg(target_os = "linux")]
use linux::Handle;

/// A folder, as long as it is looked into.
#[derive(Debug)]
pub(super) struct Opened(Handle);

impl Opened {
    pub(super) fn open(path: &Path) -> IoResult<Self> {
        Handle::open(path).map(Self)
    }

    /// What the plain file `name` in the folder, which is at `path`, is; none where no such is.
    pub(super) fn look_at(&self, path: &Path, name: &str) -> IoResult<Option<Facts>> {
        match self.0.look_at(name) {
            Err(error) if !means_absent(&error) => Err(failed(&error, &path.join(name))),
            found => Ok(found.ok().flatten()),
        }
    }
}

fn failed(error: &IoError, path: &Path) -> IoError {
    context(error, "looking at", path)
}

#[cfg(target_os = "linux")]
mod linux {
    use std::io::Result as IoResult;
    use std::path::Path;

    use rustix::fd::OwnedFd;
    use rustix::fs::{AtFlags, FileType, Mode, OFlags, open, statat};

    use super::super::version::Facts;
    use super::failed;

    #[derive(Debug)]
    pub(super) struct Handle(OwnedFd);

    impl Handle {
        pub(super) fn open(path: &Path) -> IoResult<Self> {
            let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let opened = open(path, flags, Mode::empty());
            opened
                .map(Self)
                .map_err(|error| failed(&error.into(), path))
        }

        pub(super) fn look_at(&self, name: &str) -> IoResult<Option<Facts>> {
            let found = statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let is_file = FileType::from_raw_mode(found.st_mode).is_file();
            Ok(is_file.then(|| Facts::from(&found)))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::fs;
    use std::io::Result as IoResult;
    use std::path::{Path, PathBuf};

    use super::super::version::Facts;

    #[derive(Debug)]
    pub(super) struct Handle(PathBuf);

    impl Handle {
        pub(super) fn open(path: &Path) -> IoResult<Self> {
            Ok(Self(path.to_owned()))
        }

        pub(super) fn look_at(&self, name: &str) -> IoResult<Option<Facts>> {
            let found = fs::symlink_metadata(self.0.join(name))?;
            Ok(found.is_file().then(|| Facts::from(&found)))
        }
    }
}
