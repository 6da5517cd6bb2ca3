use std::fs::{self, File};
use std::sync::Arc;
use std::time::Duration;

use super::super::call::Call;
use super::super::folder::Folder;
use super::super::lock::KeyLock;
use super::*;
use crate::store::Reason;

/// A backend on the folder of `db` that waits only this long for a lock.
fn impatient(db: &Database, patience: Duration) -> LocalBackend {
    let mut folder = Folder::new(db.folder.path().to_owned(), Durability::Relaxed);
    folder.patience = patience;
    LocalBackend {
        folder: Arc::new(folder),
        walks: Arc::default(),
    }
}

#[tokio::test]
async fn a_lock_that_is_never_released_makes_writes_unavailable() {
    let db = Database::new();
    db.set("t/1", "a").await;
    let locks = fs::read_dir(db.path("_s3aads/lock")).expect("the locks");
    let held: Vec<File> = locks
        .map(|lock| File::open(lock.expect("an entry").path()).expect("a lock"))
        .collect();
    for lock in &held {
        lock.lock().expect("a lock");
    }
    let backend = impatient(&db, Duration::from_millis(30));
    let put = backend
        .put("t/1", "b".into(), PutRequest::default(), &db.meter)
        .await;
    let delete = backend.delete("t/1", None, &db.meter).await;
    for error in [put.expect_err("held"), delete.expect_err("held")] {
        assert_eq!(error.reason(), Reason::Unavailable, "{error}");
        assert!(error.to_string().contains("_s3aads/lock/"), "{error}");
    }
    assert_eq!(db.text("t/1").await.as_deref(), Some("a"));
    drop(held);
    db.set("t/1", "c").await;
}

#[test]
fn a_lock_whose_file_was_removed_is_none() {
    let db = Database::new();
    let folder = Folder::new(db.folder.path().to_owned(), Durability::Relaxed);
    let acquire = || KeyLock::acquire(&folder, "t/1", &Call::default()).expect("a lock");
    let first = acquire();
    assert!(first.is_named());
    for lock in fs::read_dir(db.path("_s3aads/lock")).expect("the locks") {
        fs::remove_file(lock.expect("an entry").path()).expect("a removal");
    }
    assert!(!first.is_named());
    // Who waited for the removed file goes on to the one that took its name.
    let second = acquire();
    assert!(second.is_named() && !first.is_named());
}

#[test]
fn a_call_that_nobody_waits_for_waits_for_no_lock() {
    let db = Database::new();
    let folder = Folder::new(db.folder.path().to_owned(), Durability::Relaxed);
    let call = Call::default();
    let held = KeyLock::acquire(&folder, "t/1", &call).expect("a lock");
    call.abandon();
    assert!(KeyLock::acquire(&folder, "t/1", &call).is_err());
    drop(held);
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_somebody_else_made_is_put_on_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = LocalBackend::open(folder.path(), Durability::Synced).expect("a database");
    let meter = Meter::default();
    let put = |key| backend.put(key, "x".into(), PutRequest::default(), &meter);
    // As a writer leaves them that is killed before its row is in place.
    let made = folder.path().join("t/1");
    fs::create_dir_all(&made).expect("folders");
    assert!(!backend.folder.synced().knows(&made));
    put("t/1/a").await.expect("a row");
    let above = made.parent().expect("the table's folder");
    assert!(backend.folder.synced().knows(&made) && backend.folder.synced().knows(above));
    // Another folder that takes the name is another one.
    fs::remove_dir_all(&made).expect("a removal");
    fs::create_dir(&made).expect("a folder");
    assert!(!backend.folder.synced().knows(&made));
    put("t/1/b").await.expect("a row");
    assert!(backend.folder.synced().knows(&made));
}
