//! The local store on real file systems: what a folder, its disk and other programs do to it.
//!
//! The tests run in the system's temporary folder (`TMPDIR` names it) and, if they say so, on the memory file system in
//! `/dev/shm`. `bash .ci/run filesystems` runs them on file systems that it mounts.

mod closed;
mod disks;
mod dropped;
mod foreign;
mod names;
mod scans;

use std::path::Path;
use std::process::Command;

use s3aads::{Durability, S3Table, Server};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "rows")]
struct Row {
    #[s3(key, width = 5)]
    number: u32,
    #[s3(text)]
    text: String,
}

fn row(number: u32, text: &str) -> Row {
    let text = text.to_owned();
    Row { number, text }
}

/// The database `db` of a folder, quick since no machine loses its power here.
fn open(folder: &Path) -> s3aads::Database {
    let server = Server::local_with(folder, Durability::Relaxed);
    server.database("db").expect("a database")
}

/// A fresh folder with a database.
async fn fresh() -> (TempDir, s3aads::Database) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let db = open(folder.path());
    db.create().await.expect("the database is made");
    (folder, db)
}

/// Says that the temporary folder's file system has no owners.
#[cfg(unix)]
const NO_OWNERS: &str = "S3AADS_NO_OWNERS";

/// Names what a child process works on.
const FOLDER: &str = "S3AADS_LOCAL_FOLDER";

/// This test program again, to run one ignored test on a folder.
fn child(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args([test, "--exact", "--ignored", "--nocapture"]);
    command.env(FOLDER, folder);
    command
}

/// The folder that a child works on.
fn given_folder() -> std::path::PathBuf {
    std::env::var_os(FOLDER).expect("a folder").into()
}

/// Runs one ignored test as a user who is not root, for whom permissions hold, and sees that it ran to its end; not on a
/// file system without owners, where there is nothing to test.
#[cfg(unix)]
fn run_unprivileged(test: &str, folder: &Path) {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65534;
    let mut command = child(test, folder);
    if std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        let owned = chown(folder, Some(NOBODY), Some(NOBODY)).is_ok();
        let opened =
            std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).is_ok();
        if !owned || !opened {
            assert!(
                std::env::var_os(NO_OWNERS).is_some(),
                "this file system has no owners, so nothing was tested; {NO_OWNERS} says that this is known"
            );
            eprintln!("not run: this file system has no owners");
            return;
        }
        // Another user may not be allowed into the folder that this program is in.
        let program = folder.join("program");
        std::fs::copy(command.get_program(), &program).expect("a copy of this program");
        let mut copied = Command::new(program);
        copied.args(command.get_args()).env(FOLDER, folder);
        command = copied;
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().expect("another user starts this program");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// `file:` without a slash is a path below the working folder, and not below the disk's root.
#[tokio::test]
async fn a_relative_url_is_below_the_working_folder() {
    let working = std::env::current_dir().expect("a working folder");
    let folder = tempfile::tempdir_in(&working).expect("a folder in the working one");
    let name = folder.path().file_name().and_then(|name| name.to_str());
    let name = name.expect("a name");
    for (url, made) in [
        (format!("file:{name}/a%20b"), "a b"),
        (format!("file:./{name}/c"), "c"),
        (format!("file:{name}/x/../d"), "d"),
    ] {
        let db = s3aads::Database::open(&url).expect("a database");
        assert_eq!(db.name(), made);
        db.create().await.expect("the database is made");
        assert!(folder.path().join(made).is_dir(), "{url}");
    }
}
