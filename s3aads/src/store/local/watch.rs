//! What is moved into a folder while it is read.
//!
//! On Linux the kernel tells, before whoever moved it is back from the call, whichever process
//! that was. Elsewhere nothing tells, and [`Watch::start`] gives none.

#[cfg(target_os = "linux")]
pub(super) use linux::Watch;
#[cfg(not(target_os = "linux"))]
pub(super) use none::Watch;

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{OsStr, OsString};
    use std::mem::MaybeUninit;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;
    use std::sync::{Mutex, PoisonError};

    use rustix::fd::OwnedFd;
    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
    use rustix::io::Errno;

    /// Closing one takes the kernel milliseconds, and a user has 128 of them: a few are kept.
    static IDLE: Mutex<Vec<OwnedFd>> = Mutex::new(Vec::new());
    const MOST_IDLE: usize = 4;

    /// Watches one folder until it is dropped.
    #[derive(Debug)]
    pub(in super::super) struct Watch {
        /// Always there until the watch is dropped.
        queue: Option<OwnedFd>,
        watched: i32,
        /// Whether every move so far was told.
        complete: bool,
    }

    impl Watch {
        /// `None` where the kernel or the user's limits allow no watch.
        pub(in super::super) fn start(folder: &Path) -> Option<Self> {
            let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let queue = match idle {
                Some(queue) => queue,
                None => inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?,
            };
            let what = WatchFlags::MOVED_TO | WatchFlags::ONLYDIR | WatchFlags::DONT_FOLLOW;
            let watched = inotify::add_watch(&queue, folder, what).ok()?;
            Some(Self {
                queue: Some(queue),
                watched,
                complete: true,
            })
        }

        /// The names that were moved in since the last call. The kernel's memory for them is
        /// limited, so this is called while the folder is read.
        pub(in super::super) fn moved(&mut self) -> Vec<OsString> {
            let mut names = Vec::new();
            let mut memory = [MaybeUninit::uninit(); 4096];
            let Some(queue) = &self.queue else {
                return names;
            };
            let mut events = inotify::Reader::new(queue, &mut memory);
            loop {
                match events.next() {
                    Ok(event) if event.events().contains(ReadFlags::QUEUE_OVERFLOW) => {
                        self.complete = false;
                    }
                    Ok(event) => {
                        if let Some(name) = event.file_name() {
                            names.push(OsStr::from_bytes(name.to_bytes()).to_owned());
                        }
                    }
                    Err(Errno::INTR) => {}
                    Err(Errno::AGAIN) => return names,
                    Err(_) => {
                        self.complete = false;
                        return names;
                    }
                }
            }
        }

        /// Whether every move so far was told.
        pub(in super::super) fn is_complete(&self) -> bool {
            self.complete
        }
    }

    impl Drop for Watch {
        fn drop(&mut self) {
            let removed = self
                .queue
                .as_ref()
                .map(|queue| inotify::remove_watch(queue, self.watched));
            // Nothing more comes then, and what came is taken, or else it would be told to the next.
            self.complete = matches!(removed, Some(Ok(())));
            self.moved();
            let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
            if self.complete && idle.len() < MOST_IDLE {
                idle.extend(self.queue.take());
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn moves_are_told_to_the_watch_of_their_folder() -> std::io::Result<()> {
            let folder = tempfile::tempdir()?;
            let stage = tempfile::tempdir_in(folder.path().parent().unwrap_or(Path::new("/")))?;
            let put = |name: &str| {
                let staged = stage.path().join(name);
                std::fs::write(&staged, "")?;
                std::fs::rename(staged, folder.path().join(name))
            };
            for round in 0..10 {
                put("before")?;
                let Some(mut watch) = Watch::start(folder.path()) else {
                    eprintln!("no folder can be watched here");
                    return Ok(());
                };
                assert_eq!(watch.moved(), [""; 0], "round {round}");
                put("a")?;
                put("b")?;
                assert_eq!(watch.moved(), ["a", "b"]);
                put("c")?;
                assert!(watch.is_complete());
            }
            assert!(Watch::start(&folder.path().join("missing")).is_none());
            Ok(())
        }

        #[test]
        fn more_moves_than_the_kernel_remembers_are_noticed() -> std::io::Result<()> {
            let limit = std::fs::read_to_string("/proc/sys/fs/inotify/max_queued_events");
            let Some(limit) = limit.ok().and_then(|text| text.trim().parse::<u32>().ok()) else {
                return Ok(());
            };
            if limit > 20_000 {
                return Ok(());
            }
            let folder = tempfile::tempdir()?;
            let Some(mut watch) = Watch::start(folder.path()) else {
                return Ok(());
            };
            let (a, b) = (folder.path().join("a"), folder.path().join("b"));
            std::fs::write(&a, "")?;
            for _ in 0..=limit / 2 {
                std::fs::rename(&a, &b)?;
                std::fs::rename(&b, &a)?;
            }
            watch.moved();
            assert!(!watch.is_complete());
            Ok(())
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use std::ffi::OsString;
    use std::path::Path;

    /// There is none here.
    #[derive(Debug)]
    pub(in super::super) enum Watch {}

    impl Watch {
        pub(in super::super) fn start(_: &Path) -> Option<Self> {
            None
        }

        pub(in super::super) fn moved(&mut self) -> Vec<OsString> {
            match *self {}
        }

        pub(in super::super) fn is_complete(&self) -> bool {
            match *self {}
        }
    }
}
