use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_store::{Attribute, Attributes, TagSet};

use super::super::folder::Folder;
use super::super::staging::{self, Staged};
use super::super::{Durability, LocalBackend, list_databases};
use super::*;
use crate::store::{ListRequest, Reason, RequestClass, Version};

#[tokio::test]
async fn an_object_is_the_plain_file_at_its_key() {
    let db = Database::new();
    let e_tag = db.set("t/%_/a%2Fb", "body").await;
    assert_eq!(
        fs::read_to_string(db.path("t/%_/a%2Fb")).expect("the file"),
        "body"
    );
    let object = db
        .backend
        .get("t/%_/a%2Fb", &db.meter)
        .await
        .expect("the object");
    assert_eq!(object.entry.version.e_tag(), Some(e_tag.as_str()));
    assert_eq!(object.entry.size, 4);
    let (head, _) = db
        .backend
        .head("t/%_/a%2Fb", &db.meter)
        .await
        .expect("a head");
    assert_eq!(head, object.entry);
    assert_eq!(db.meter.usage().to_string(), "1 PUT, 1 GET, 1 HEAD");
    assert_eq!(
        (
            db.meter.usage().bytes_read(),
            db.meter.usage().bytes_written()
        ),
        (4, 4)
    );
}

#[tokio::test]
async fn files_are_those_of_object_stores_own_local_store() {
    use object_store::{ObjectStoreExt, local::LocalFileSystem, path::Path as ObjectPath};
    let db = Database::new();
    let theirs = LocalFileSystem::new_with_prefix(db.folder.path()).expect("a store");
    let parts = ["t", "a b", "50%", "ü/~#?", "..", "<>*|\\", "+&=:;"];
    let path = ObjectPath::from_iter(parts);
    theirs.put(&path, "theirs".into()).await.expect("a put");
    assert_eq!(db.text(path.as_ref()).await.as_deref(), Some("theirs"));
    db.set(path.as_ref(), "ours").await;
    let read = theirs
        .get(&path)
        .await
        .expect("a get")
        .bytes()
        .await
        .expect("a body");
    assert_eq!(read, "ours");
}

#[tokio::test]
async fn a_create_is_refused_where_the_key_is_taken() {
    let db = Database::new();
    db.put("t/1", "a", Condition::Absent)
        .await
        .expect("a free key");
    let again = db.put("t/1", "b", Condition::Absent).await;
    assert!(fails(&again, Reason::AlreadyExists), "{again:?}");
    assert_eq!(db.text("t/1").await.as_deref(), Some("a"));
}

#[tokio::test]
async fn an_update_is_refused_where_the_object_is_another() {
    let db = Database::new();
    let first = db.set("t/1", "a").await;
    let second = db
        .put("t/1", "b", unchanged(&first))
        .await
        .expect("unchanged")
        .e_tag()
        .map(str::to_owned);
    for stale in [unchanged(&first), unchanged("\"0-1-2\"")] {
        let refused = db.put("t/1", "c", stale).await;
        assert!(fails(&refused, Reason::Changed), "{refused:?}");
    }
    db.backend
        .delete("t/1", None, &db.meter)
        .await
        .expect("a delete");
    let gone = db
        .put("t/1", "d", unchanged(&second.expect("an ETag")))
        .await;
    assert!(fails(&gone, Reason::Changed), "{gone:?}");
    assert_eq!(db.text("t/1").await, None);
    let blind = Condition::Unchanged(Version::default());
    assert!(db.put("t/1", "e", blind).await.is_err());
}

#[tokio::test]
async fn no_e_tag_comes_twice() {
    let db = Database::new();
    let mut seen = std::collections::HashSet::new();
    for round in 0..200 {
        assert!(seen.insert(db.set("t/1", "same").await), "round {round}");
        if round % 3 == 0 {
            db.backend
                .delete("t/1", None, &db.meter)
                .await
                .expect("a delete");
        }
    }
}

#[tokio::test]
async fn no_e_tag_comes_twice_where_the_clock_goes_back() {
    let db = Database::new();
    db.set("t/1", "same").await;
    // As if the version had been written before the clock was set back by an hour.
    let ahead = SystemTime::now() + Duration::from_secs(3600);
    fs::File::options()
        .write(true)
        .open(db.path("t/1"))
        .and_then(|file| file.set_modified(ahead))
        .expect("a time");
    let modified = |key| {
        fs::metadata(db.path(key))
            .and_then(|file| file.modified())
            .expect("time")
    };
    db.set("t/1", "same").await;
    let second = modified("t/1");
    assert!(second > ahead);
    db.backend
        .delete("t/1", None, &db.meter)
        .await
        .expect("a delete");
    db.set("t/1", "same").await;
    assert!(modified("t/1") > second);
}

#[tokio::test]
async fn a_delete_takes_the_folders_it_leaves_empty() {
    let db = Database::new();
    db.set("t/1/x", "a").await;
    db.set("t/2/x", "b").await;
    for _ in 0..2 {
        db.backend
            .delete("t/1/x", None, &db.meter)
            .await
            .expect("a delete, or nothing to delete");
        assert!(!db.path("t/1").exists() && db.path("t/2").exists());
    }
    for (key, done) in [("t/2/x", true), ("t/../x", false), ("u", true)] {
        let deleted = db.backend.delete(key, None, &db.meter).await;
        assert_eq!(deleted.is_ok(), done, "{key}");
    }
    assert!(db.folder.path().exists() && !db.path("t").exists());
    assert_eq!(db.meter.usage().get(RequestClass::Delete), 5);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_object_is_missing_to_reads_and_in_the_way_of_writes() {
    let db = Database::new();
    db.set("t/1", "row").await;
    std::os::unix::fs::symlink(db.path("t"), db.path("link")).expect("a link");
    std::os::unix::fs::symlink(db.path("t/1"), db.path("t/link")).expect("a link");
    for key in ["t", "t/1/x", "link/1", "t/link"] {
        assert_eq!(db.text(key).await, None, "{key}");
        let head = db.backend.head(key, &db.meter).await;
        assert!(fails(&head, Reason::NotFound), "{key}: {head:?}");
        for condition in [Condition::None, Condition::Absent, unchanged("\"1\"")] {
            let put = db.put(key, "x", condition).await;
            assert!(fails(&put, Reason::Unsupported), "{key}: {put:?}");
        }
        db.backend
            .delete(key, None, &db.meter)
            .await
            .expect("nothing to delete");
    }
    assert_eq!(db.text("t/1").await.as_deref(), Some("row"));
    assert_eq!(db.text("nothing/here").await, None);
}

#[tokio::test]
async fn a_segment_that_is_no_file_name_is_refused_and_never_found() {
    let db = Database::new();
    let long = format!("t/{}", "x".repeat(256));
    assert_eq!(db.text(&long).await, None);
    let put = db
        .put(&long, "x", Condition::None)
        .await
        .expect_err("too long");
    assert!(
        put.reason() == Reason::InvalidKey && put.to_string().contains("255"),
        "{put}"
    );
    db.backend
        .delete(&long, None, &db.meter)
        .await
        .expect("nothing to delete");
    db.set(&format!("t/{}", "x".repeat(255)), "fits").await;
    for key in ["../x", "t//x", "_s3aads/tmp/x", "_s3aads/lock/00"] {
        assert!(db.put(key, "x", Condition::None).await.is_err(), "{key}");
        assert!(db.backend.get(key, &db.meter).await.is_err(), "{key}");
        assert!(
            db.backend.delete(key, None, &db.meter).await.is_err(),
            "{key}"
        );
    }
    db.set("_s3aads/schema/t.json", "{}").await;
    assert_eq!(
        db.text("_s3aads/schema/t.json").await.as_deref(),
        Some("{}")
    );
}

#[tokio::test]
async fn headers_metadata_and_tags_have_no_place() {
    let db = Database::new();
    let put = |attributes: Attributes, tags: TagSet| {
        let request = PutRequest {
            attributes,
            tags,
            ..PutRequest::default()
        };
        db.backend.put("t/1", Bytes::new(), request, &db.meter)
    };
    let kept = Attributes::from_iter([
        (Attribute::ContentType, "application/json"),
        (Attribute::Metadata("s3aadsop".into()), "1"),
    ]);
    put(kept, TagSet::default())
        .await
        .expect("what goes with every row");
    for refused in [
        Attribute::Metadata("user".into()),
        Attribute::StorageClass,
        Attribute::CacheControl,
        Attribute::ContentEncoding,
    ] {
        let answer = put(Attributes::from_iter([(refused, "x")]), TagSet::default()).await;
        assert!(fails(&answer, Reason::Unsupported), "{answer:?}");
    }
    let mut tags = TagSet::default();
    tags.push("a", "b");
    let answer = put(Attributes::new(), tags).await;
    assert!(fails(&answer, Reason::Unsupported), "{answer:?}");
    assert_eq!(db.meter.usage().total(), 1);
}

#[tokio::test]
async fn a_copy_is_a_new_version_under_the_same_conditions() {
    let (source, target) = (Database::new(), Database::new());
    source.set("t/1", "a").await;
    let backend: Arc<dyn Backend> = Arc::new(open(source.folder.path()));
    let copy = |from: &'static str, condition: Condition| {
        target
            .backend
            .copy(&backend, from, "u/1", condition, &target.meter)
    };
    copy("t/1", Condition::Absent).await.expect("a copy");
    assert_eq!(target.text("u/1").await.as_deref(), Some("a"));
    let again = copy("t/1", Condition::Absent).await;
    assert!(fails(&again, Reason::AlreadyExists), "{again:?}");
    let nothing = copy("t/2", Condition::None).await;
    assert!(fails(&nothing, Reason::NotFound), "{nothing:?}");

    let (entry, _) = target
        .backend
        .head("u/1", &target.meter)
        .await
        .expect("a head");
    source.set("t/1", "b").await;
    copy("t/1", unchanged(entry.version.e_tag().expect("an ETag")))
        .await
        .expect("an update");
    assert_eq!(target.text("u/1").await.as_deref(), Some("b"));
    assert_eq!(target.meter.usage().get(RequestClass::Copy), 4);
    assert_eq!(source.text("t/1").await.as_deref(), Some("b"));
}

#[tokio::test]
async fn leftovers_of_killed_writers_are_invisible_and_cleaned() {
    let db = Database::new();
    db.set("t/1", "row").await;
    let folder = Folder::new(db.folder.path().to_owned(), Durability::Relaxed);
    let live = Staged::create(&folder).expect("a staged file");
    live.file().write_all(b"being written").expect("a write");
    let leftover = db.path("_s3aads/tmp/1-0000000000000dea");
    fs::write(&leftover, "half a r").expect("a leftover");
    // A writer that was killed between linking its file into place and removing its first name.
    let linked = db.path("_s3aads/tmp/2-0000000000000dea");
    fs::hard_link(db.path("t/1"), &linked).expect("a link");

    let list = db
        .backend
        .list(ListRequest::default(), &db.meter)
        .await
        .expect("a listing");
    let keys: Vec<_> = list.objects.into_iter().map(|entry| entry.key).collect();
    assert_eq!(keys, ["t/1"]);

    drop(open(db.folder.path()));
    assert!(!leftover.exists() && !linked.exists());
    assert!(live.path().exists(), "a living writer's file stays");
    assert_eq!(db.text("t/1").await.as_deref(), Some("row"));
    let path = live.path().to_owned();
    drop(live);
    assert!(!path.exists());
    assert_eq!(staging::clean(&folder).expect("a clean folder"), 0);
}

#[tokio::test]
async fn a_refused_write_leaves_nothing_behind() {
    let db = Database::new();
    let first = db.set("t/1", "a").await;
    db.set("t/1", "b").await;
    let _ = db.put("t/1", "c", Condition::Absent).await;
    let _ = db.put("t/1", "c", unchanged(&first)).await;
    let _ = db.put("t/1/x", "c", Condition::None).await;
    let staged = fs::read_dir(db.path("_s3aads/tmp"))
        .expect("the folder")
        .count();
    assert_eq!(staged, 0);
}

#[tokio::test]
async fn a_database_that_was_not_created_is_missing() {
    let server = tempfile::tempdir().expect("a folder");
    let root = server.path().join("deep/db");
    let backend = LocalBackend::open(&root, Durability::Synced).expect("a database");
    let meter = Meter::default();
    assert!(!backend.exists(&meter).await.expect("an answer"));
    let put = |body: &'static str| backend.put("t/1", body.into(), PutRequest::default(), &meter);
    let missing = put("a").await;
    assert!(fails(&missing, Reason::NoDatabase), "{missing:?}");
    let missing = backend.list(ListRequest::default(), &meter).await;
    assert!(fails(&missing, Reason::NoDatabase), "{missing:?}");
    assert!(!root.exists());

    for _ in 0..2 {
        backend.create(&meter).await.expect("a create");
    }
    assert!(backend.exists(&meter).await.expect("an answer"));
    put("a").await.expect("a put, synced");
    backend
        .delete("t/1", None, &meter)
        .await
        .expect("a delete, synced");
    fs::write(server.path().join("deep/file"), "").expect("a file");
    let databases = list_databases(server.path().join("deep"))
        .await
        .expect("a list");
    assert_eq!(databases, ["db"]);
    let none = list_databases(server.path().join("nowhere"))
        .await
        .expect("a list");
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_spent_budget_stops_before_the_disk() {
    let db = Database::new();
    let spent = db.meter.scope(Some(0));
    let answer = db
        .backend
        .put("t/1", "x".into(), PutRequest::default(), &spent)
        .await;
    let expected = crate::store::meter::BudgetSpent { budget: 0 }.to_string();
    assert_eq!(answer.expect_err("no budget").to_string(), expected);
    assert_eq!(db.text("t/1").await, None);
}
