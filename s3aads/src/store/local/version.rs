//! What tells one version of a local object from the next.
//!
//! The ETag is `"<mtime>-<size>-<inode>"` in hexadecimal, the time in nanoseconds since 1970. A
//! file is never changed once it is published, and under the key's lock each version is given a
//! later modification time than the one before; so no two versions of a key share an ETag, even
//! where the clock stands still or the file system uses an inode again.

use std::fs::{File, Metadata};
use std::io::Result as IoResult;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};

use crate::store::{ObjectEntry, Version};

/// How far to step beyond the version before, for file systems that keep times to the nanosecond,
/// microsecond, millisecond and (two) seconds.
const STEPS: [Duration; 4] = [
    Duration::from_nanos(1),
    Duration::from_micros(1),
    Duration::from_millis(1),
    Duration::from_secs(2),
];

/// Gives `file` a modification time that is later than `floor`, and tells what it is now.
pub(super) fn stamp(file: &File, floor: Option<SystemTime>) -> IoResult<Metadata> {
    let mut time = SystemTime::now();
    for step in STEPS {
        if let Some(next) = floor.and_then(|floor| floor.checked_add(step)) {
            time = time.max(next);
        }
        file.set_modified(time)?;
        let kept = file.metadata()?;
        if floor.is_none_or(|floor| kept.modified().is_ok_and(|kept| kept > floor)) {
            return Ok(kept);
        }
    }
    // The version before has the last time that the file system knows; the inode has to do.
    file.metadata()
}

/// What a version is told by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    size: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

impl From<&Metadata> for Facts {
    fn from(file: &Metadata) -> Self {
        Self {
            size: file.len(),
            modified: file.modified().ok(),
            inode: inode(file),
        }
    }
}

#[cfg(target_os = "linux")]
impl From<&rustix::fs::Stat> for Facts {
    fn from(file: &rustix::fs::Stat) -> Self {
        Self {
            size: number(file.st_size),
            modified: system_time(file.st_mtime, number(file.st_mtime_nsec)),
            inode: number(file.st_ino),
        }
    }
}

/// Fields of the system's have other types on other processors.
#[cfg(target_os = "linux")]
fn number(field: impl TryInto<u64>) -> u64 {
    field.try_into().unwrap_or_default()
}

#[cfg(target_os = "linux")]
fn system_time(seconds: impl TryInto<i64>, nanos: u64) -> Option<SystemTime> {
    let seconds: i64 = seconds.try_into().ok()?;
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let whole = match seconds {
        0.. => UNIX_EPOCH.checked_add(whole),
        _ => UNIX_EPOCH.checked_sub(whole),
    };
    whole?.checked_add(Duration::from_nanos(nanos))
}

/// The ETag of the file.
pub(super) fn e_tag(file: impl Into<Facts>) -> String {
    let file = file.into();
    let nanos = file.modified.map_or(0, nanos_since_1970);
    format!("\"{nanos:x}-{:x}-{:x}\"", file.size, file.inode)
}

/// Which writing of its key the file is.
pub(super) fn version(file: impl Into<Facts>) -> Version {
    Version::new(Some(e_tag(file)), None)
}

/// What a listing or a HEAD tells of the file.
pub(super) fn entry(key: String, file: impl Into<Facts>) -> ObjectEntry {
    let file = file.into();
    ObjectEntry {
        key,
        size: file.size,
        last_modified: file.modified.map_or(DateTime::UNIX_EPOCH, date_time),
        version: version(file),
        storage_class: None,
    }
}

fn nanos_since_1970(time: SystemTime) -> i128 {
    let signed = |duration: Duration| i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    }
}

/// The nearest time that chrono can tell: some file systems hold any 64-bit time.
fn date_time(time: SystemTime) -> DateTime<Utc> {
    let (seconds, nanos, limit) = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => (
            i64::try_from(after.as_secs()).ok(),
            after.subsec_nanos(),
            DateTime::<Utc>::MAX_UTC,
        ),
        Err(before) => {
            let before = before.duration();
            let seconds = i64::try_from(before.as_secs()).ok().map(|seconds| -seconds);
            // Nanoseconds count up from the whole second below.
            match before.subsec_nanos() {
                0 => (seconds, 0, DateTime::<Utc>::MIN_UTC),
                nanos => (
                    seconds.map(|seconds| seconds - 1),
                    1_000_000_000 - nanos,
                    DateTime::<Utc>::MIN_UTC,
                ),
            }
        }
    };
    let found = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, nanos));
    found.unwrap_or(limit)
}

/// Whether the two are one file, as far as the system tells.
#[cfg(unix)]
pub(super) fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Whether the two are one file, as far as the system tells.
#[cfg(not(unix))]
pub(super) fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn inode(file: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(file)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_later_than_its_floor() -> IoResult<()> {
        let file = tempfile::tempfile()?;
        let ahead = SystemTime::now() + Duration::from_secs(3600);
        let first = stamp(&file, Some(ahead))?;
        assert!(first.modified()? > ahead);
        let second = stamp(&file, Some(first.modified()?))?;
        assert_eq!(
            second.modified()?,
            first.modified()? + Duration::from_nanos(1)
        );
        assert_ne!(e_tag(&first), e_tag(&second));
        Ok(())
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_has_one_version_however_it_is_looked_at() -> IoResult<()> {
        let file = tempfile::NamedTempFile::new()?;
        let stat = || IoResult::Ok(rustix::fs::stat(file.path())?);
        let long = Duration::from_millis(1 << 33);
        for time in [SystemTime::now(), UNIX_EPOCH, UNIX_EPOCH - long] {
            file.as_file().set_modified(time)?;
            assert_eq!(e_tag(&stat()?), e_tag(&file.path().metadata()?), "{time:?}");
        }
        Ok(())
    }

    #[test]
    fn times_out_of_range_are_the_nearest_that_can_be_told() {
        let long = Duration::from_secs(1 << 50);
        assert_eq!(date_time(UNIX_EPOCH + long), DateTime::<Utc>::MAX_UTC);
        assert_eq!(date_time(UNIX_EPOCH - long), DateTime::<Utc>::MIN_UTC);
        let before = date_time(UNIX_EPOCH - Duration::from_millis(1));
        assert_eq!(before.timestamp_millis(), -1);
    }
}
