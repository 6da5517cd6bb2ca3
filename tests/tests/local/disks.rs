//! Full and read-only disks, and a program that may open no more files.

use s3aads::ErrorKind;

use super::*;

/// Folders on a small disk and on a read-only one, which `.ci/filesystems` mounts.
const SMALL: &str = "S3AADS_SMALL_DISK";
const READ_ONLY: &str = "S3AADS_READ_ONLY_DISK";

/// The folder that the environment names, or nothing to test.
fn disk(name: &str) -> Option<std::path::PathBuf> {
    let folder = std::env::var_os(name).map(Into::into);
    if folder.is_none() {
        eprintln!("not run: {name} is not set");
    }
    folder
}

#[tokio::test]
async fn a_full_disk_is_unavailable_and_leaves_the_rows_as_they_were() {
    let Some(folder) = disk(SMALL) else { return };
    let db = open(&folder);
    db.create().await.expect("the database is made");
    let rows = db.table::<Row>();
    let mut number = 0;
    let error = loop {
        match rows.insert(&row(number, &"x".repeat(100_000))).await {
            Ok(_) => number += 1,
            Err(error) => break error,
        }
        assert!(number < 10_000, "the disk is not small");
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert_eq!(rows.count().await.expect("a count"), u64::from(number));
    assert_eq!(rows.select(number).await.expect("no row"), None);
    rows.delete(0).await.expect("a full disk takes deletes");
    rows.insert(&row(0, "x"))
        .await
        .expect("there is room again");
}

#[tokio::test]
async fn a_read_only_disk_permits_reads_alone() {
    let Some(folder) = disk(READ_ONLY) else {
        return;
    };
    let rows = open(&folder).table::<Row>();
    assert_eq!(rows.count().await.expect("a count"), 1);
    for error in [
        rows.upsert(&row(1, "b")).await.map(drop).unwrap_err(),
        rows.delete(1).await.map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
        assert!(error.to_string().contains("read-only"), "{error}");
    }
}

#[tokio::test]
#[ignore = "the child process of the test below"]
async fn open_too_many_files() {
    let db = open(&given_folder());
    db.create().await.expect("the database is made");
    let rows = db.table::<Row>();
    rows.insert(&row(1, "a")).await.expect("a row");
    let mut held = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        held.push(file);
    }
    let errors = [
        rows.upsert(&row(1, "b")).await.map(drop).unwrap_err(),
        rows.select(1).await.map(drop).unwrap_err(),
        rows.count().await.map(drop).unwrap_err(),
    ];
    drop(held);
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
        assert!(error.to_string().contains("too many files open"), "{error}");
    }
    let stored = rows.select(1).await.expect("a select");
    assert_eq!(stored, Some(row(1, "a")));
}

#[cfg(unix)]
#[test]
fn a_program_out_of_file_handles_is_told_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = std::env::current_exe().expect("this program");
    let status = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 64 && exec \"$0\" disks::open_too_many_files --exact --ignored",
        ])
        .arg(program)
        .env(FOLDER, folder.path())
        .status()
        .expect("a shell");
    assert!(status.success());
}
