//! A folder that can't be looked at is an error, and no empty table.

use std::fs;

use s3aads::ErrorKind;

use super::*;

#[tokio::test]
async fn a_plain_file_is_no_empty_database() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("db"), "a file").expect("a file");
    let db = open(folder.path());
    let rows = db.table::<Row>();
    for error in [
        rows.keys().await.map(drop).unwrap_err(),
        rows.count().await.map(drop).unwrap_err(),
        rows.query().delete().await.map(drop).unwrap_err(),
        rows.select(1).await.map(drop).unwrap_err(),
        rows.upsert(&row(1, "a")).await.map(drop).unwrap_err(),
        db.tables().await.map(drop).unwrap_err(),
        db.create().await.unwrap_err(),
    ] {
        assert_ne!(error.kind(), ErrorKind::NotFound, "{error}");
    }
    assert!(!db.exists().await.expect("an answer"));
}

/// Everything that reads, on a database or table that its user may not look into.
#[cfg(unix)]
#[tokio::test]
#[ignore = "the child process of the test below"]
async fn look_into_closed_folders() {
    use std::os::unix::fs::PermissionsExt;
    let folder = given_folder();
    let db = open(&folder);
    db.create().await.expect("the database is made");
    let rows = db.table::<Row>();
    rows.insert(&row(1, "a")).await.expect("a row");
    let nested = db.raw_table("nested", ["a", "b"]).expect("a table");
    nested
        .insert_string(["x", "y"], "row")
        .await
        .expect("a row");
    let close = |path: &str, mode| {
        let mode = fs::Permissions::from_mode(mode);
        let path = if path == "." {
            folder.clone()
        } else {
            folder.join(path)
        };
        fs::set_permissions(path, mode).expect("a mode");
    };
    for closed in ["db/rows", "db", "."] {
        close(closed, 0o000);
        let (mut errors, opened) = (Vec::new(), open(&folder));
        let rows = opened.table::<Row>();
        errors.push(rows.keys().await.map(drop).unwrap_err());
        errors.push(rows.count().await.map(drop).unwrap_err());
        errors.push(rows.query().delete().await.map(drop).unwrap_err());
        errors.push(rows.select(1).await.map(drop).unwrap_err());
        errors.push(rows.exists(1).await.map(drop).unwrap_err());
        if closed == "." {
            errors.push(opened.exists().await.map(drop).unwrap_err());
        }
        close(closed, 0o755);
        for error in errors {
            assert_eq!(
                error.kind(),
                ErrorKind::PermissionDenied,
                "{closed}: {error:?}"
            );
            assert!(!error.to_string().contains("credentials"), "{error}");
        }
    }
    // Deeper than the table's folder too: it can't be said what is in it.
    close("db/nested/x", 0o000);
    let deeper = [
        nested.keys().await.map(drop).unwrap_err(),
        nested.count().await.map(drop).unwrap_err(),
        db.tables().await.map(drop).unwrap_err(),
    ];
    close("db/nested/x", 0o755);
    for error in deeper {
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
    }
    // What may be read and not written.
    close("db/rows", 0o555);
    let error = rows.upsert(&row(2, "b")).await.map(drop).unwrap_err();
    close("db/rows", 0o755);
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
    assert!(!error.to_string().contains("credentials"), "{error}");
    assert_eq!(rows.count().await.expect("a count"), 1);
}

#[cfg(unix)]
#[test]
fn closed_folders_are_no_empty_ones() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    run_unprivileged("closed::look_into_closed_folders", folder.path());
}
