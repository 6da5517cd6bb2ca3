//! Server processes that a test may kill.

use std::path::PathBuf;
use std::process::Command;

/// What the script that started a server says of how it is killed and started again.
pub(crate) struct Processes {
    pid_file: PathBuf,
    start: PathBuf,
}

impl Processes {
    /// Those that `<prefix>_PID_FILE` and `<prefix>_START` name; none, and a word of it, if these are not set.
    pub(crate) fn of(prefix: &str) -> Option<Self> {
        let (pid_file, start) = (format!("{prefix}_PID_FILE"), format!("{prefix}_START"));
        let found = std::env::var_os(&pid_file).zip(std::env::var_os(&start));
        if found.is_none() {
            println!("nothing to kill: {pid_file} and {start} are not set");
        }
        let (pid_file, start) = found?;
        Some(Self {
            pid_file: pid_file.into(),
            start: start.into(),
        })
    }

    /// Kills them with `kill -9`.
    pub(crate) fn kill(&self) {
        let ids = std::fs::read_to_string(&self.pid_file).expect("the process ids");
        let status = Command::new("kill")
            .arg("-9")
            .args(ids.split_whitespace())
            .status();
        assert!(status.expect("kill runs").success(), "they were there");
    }

    /// Starts them again.
    pub(crate) fn start(&self) {
        let status = Command::new(&self.start).status();
        assert!(status.expect("the start script runs").success());
    }
}
