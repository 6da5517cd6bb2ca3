//! Links and leftovers in the database's own folders.

use std::fs;

use s3aads::ErrorKind;

use super::*;

/// Who can put a link into a database's folder must not make this library delete or write files elsewhere.
#[cfg(unix)]
#[tokio::test]
async fn own_folders_are_not_reached_by_links() {
    use std::os::unix::fs::symlink;
    for own in ["_s3aads/tmp", "_s3aads/lock", "_s3aads"] {
        let (folder, db) = fresh().await;
        let precious = folder.path().join("precious");
        fs::create_dir_all(precious.join("tmp")).expect("a folder");
        let files = ["1-0123456789abcdef", "letter.txt", "tmp/1-0123456789abcdef"];
        for file in files {
            fs::write(precious.join(file), "keep me").expect("a file");
        }
        let link = folder.path().join("db").join(own);
        fs::create_dir_all(link.parent().expect("a parent")).expect("a folder");
        if let Err(error) = symlink(&precious, &link) {
            eprintln!("not run: this file system has no links: {error}");
            return;
        }

        let opened = open(folder.path());
        opened.create().await.expect("the database is there");
        let error = opened.table::<Row>().upsert(&row(1, "a")).await.map(drop);
        let error = error.expect_err(own);
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error:?}");
        for file in files {
            assert!(precious.join(file).exists(), "{own}: {file}");
        }
        let left = fs::read_dir(&precious).expect("the folder").count();
        assert_eq!(left, 3, "{own}: nothing was written there");
        drop(db);
    }
}

#[tokio::test]
async fn only_staged_files_are_cleaned() {
    let (folder, db) = fresh().await;
    let rows = db.table::<Row>();
    rows.insert(&row(1, "a")).await.expect("a row");
    let staging = folder.path().join("db/_s3aads/tmp");
    fs::write(staging.join("1f-0123456789abcdef"), "half a r").expect("a leftover");
    fs::write(staging.join("notes.txt"), "somebody's").expect("a file");
    drop(open(folder.path()));
    assert!(!staging.join("1f-0123456789abcdef").exists());
    assert!(staging.join("notes.txt").exists());
}
