//! Writes over what was read: versions, `update`, `modify`, `rename`.

use s3aads::{ErrorKind, RequestClass, RowMeta, S3Table, Version, Versioned, WriteOptions};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{Counter, DailyData, counter, day, key_text};
use crate::refused;

async fn update_writes_over_what_was_read_and_nothing_else(store: &Store) {
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 1)).await.unwrap();
    let mut read = counters.select_versioned("a").await.unwrap().unwrap();
    assert_eq!(read.row, counter("a", 1));
    read.value = 2;
    if store.lacks(Capability::Updates) {
        refused(counters.update(&read).await, ErrorKind::Unsupported);
        assert_eq!(counters.select("a").await.unwrap(), Some(counter("a", 1)));
        return;
    }
    let stale = read.clone();
    read.version = counters.update(&read).await.unwrap();
    read.value = 3;
    read.version = counters
        .update(&read)
        .await
        .expect("the new version goes on");

    let error = refused(counters.update(&stale).await, ErrorKind::Conflict);
    assert_eq!(error.key(), Some("a"), "{error}");
    assert_eq!(counters.select("a").await.unwrap(), Some(counter("a", 3)));

    counters.delete("a").await.unwrap();
    refused(counters.update(&read).await, ErrorKind::Conflict);
    assert_eq!(counters.select("a").await.unwrap(), None);
}

async fn update_sees_a_write_of_the_same_size(store: &Store) {
    if store.lacks(Capability::Updates) {
        // Refused altogether, as above.
        return;
    }
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 1)).await.unwrap();
    let read = counters.select_versioned("a").await.unwrap().unwrap();
    assert!(read.version.e_tag().is_some());
    counters.upsert(&counter("a", 2)).await.unwrap();
    refused(counters.update(&read).await, ErrorKind::Conflict);
}

async fn modify_changes_a_row_and_writes_nothing_where_nothing_changes(store: &Store) {
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 1)).await.unwrap();
    if store.lacks(Capability::Updates) {
        let changed = counters.modify("a", |row| row.value += 1).await;
        refused(changed, ErrorKind::Unsupported);
        return;
    }
    let changed = counters.modify("a", |row| row.value += 1).await.unwrap();
    assert_eq!(changed, counter("a", 2));
    assert_eq!(counters.select("a").await.unwrap(), Some(counter("a", 2)));

    let before = store.db().usage();
    let same = counters.modify("a", |row| row.value += 0).await.unwrap();
    assert_eq!(same, counter("a", 2));
    let sent = store.db().usage().since(&before);
    assert_eq!(sent.get(RequestClass::Put), 0, "{sent}");
    assert_eq!(sent.total(), 1, "{sent}");

    refused(
        counters.modify("b", |row| row.value += 1).await,
        ErrorKind::NotFound,
    );
    assert!(!counters.exists("b").await.unwrap());
    let moved = counters.modify("a", |row| row.name.push('x')).await;
    let error = refused(moved, ErrorKind::InvalidKey);
    assert!(error.to_string().contains("rename"), "{error}");
    assert_eq!(counters.names().await.unwrap(), ["a"]);
}

async fn modifies_that_compete_are_all_applied(store: &Store) {
    if store.lacks(Capability::AtomicUpdates) {
        // Without atomic conditions the store can't give this, and `check` is what finds it out.
        return;
    }
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 0)).await.unwrap();
    let tasks = (0..8).map(|_| {
        let counters = counters.clone();
        async move {
            for _ in 0..4 {
                counters.modify("a", |row| row.value += 1).await?;
            }
            Ok::<_, s3aads::Error>(())
        }
    });
    futures_util::future::try_join_all(tasks).await.unwrap();
    assert_eq!(counters.select("a").await.unwrap(), Some(counter("a", 32)));
}

/// Whether a row can be deleted as it was read. One of a pack is deleted by an update of the pack.
fn deletes_versioned<T: S3Table>(store: &Store) -> bool {
    let packed = T::SCHEMA.packed() > 0;
    !store.lacks(if packed {
        Capability::Updates
    } else {
        Capability::ConditionalDeletes
    })
}

/// Whether a rename can be had that loses no change: it creates, and deletes what it copied.
fn renames(store: &Store) -> bool {
    !store.lacks(Capability::Creates) && deletes_versioned::<DailyData>(store)
}

async fn rename_moves_a_row_to_a_free_key(store: &Store) {
    let days = store.db().table::<DailyData>();
    let (old, new) = (day(1, 2020, 1, 1), (1, 2021, 2, 3));
    days.upsert(&old).await.unwrap();
    if !renames(store) {
        refused(days.rename(&old, new).await, ErrorKind::Unsupported);
        assert_eq!(days.rows().await.unwrap(), [old]);
        return;
    }
    days.rename(&old, new).await.unwrap();
    assert_eq!(days.select(&old).await.unwrap(), None);
    let moved = days.select(new).await.unwrap().unwrap();
    assert_eq!(moved.data, old.data);

    days.upsert(&old).await.unwrap();
    let error = refused(days.rename(&old, new).await, ErrorKind::AlreadyExists);
    assert_eq!(error.key(), Some(&*key_text("1/2021/02/03")), "{error}");
    assert_eq!(
        days.select(&old).await.unwrap(),
        Some(old.clone()),
        "both are still there"
    );
    assert_eq!(days.select(new).await.unwrap(), Some(moved));

    refused(
        days.rename((9, 9, 9, 9), (8, 8, 8, 8)).await,
        ErrorKind::NotFound,
    );
    days.rename(&old, &old)
        .await
        .expect("to itself is nothing to do");
    assert_eq!(days.select(&old).await.unwrap(), Some(old));
}

async fn rename_keeps_headers_and_metadata(store: &Store) {
    if store.lacks(Capability::Metadata) || !renames(store) {
        // There is nothing to keep, or `rename` is refused: both are tested above.
        return;
    }
    let counters = store.db().table::<Counter>();
    let options = WriteOptions::new()
        .metadata("author", "ada")
        .content_type("text/x-counter");
    counters
        .upsert_with(&counter("a", 1), &options)
        .await
        .unwrap();
    counters.rename("a", "b").await.unwrap();
    let meta = counters.meta("b").await.unwrap().unwrap();
    assert_eq!(meta.metadata().len(), 1);
    assert_eq!(meta.metadata()["author"], "ada");
    assert_eq!(meta.content_type(), Some("text/x-counter"));
}

/// All that goes with a row, save what this store lacks.
fn furnished(store: &Store) -> WriteOptions {
    let mut options = WriteOptions::new();
    if !store.lacks(Capability::Metadata) {
        options = options.metadata("author", "ada");
    }
    if !store.lacks(Capability::ContentHeaders) {
        options = options
            .content_type("text/x-counter")
            .content_language("de")
            .content_disposition("attachment")
            .cache_control("no-store");
    }
    if !store.lacks(Capability::StorageClasses) {
        options = options.storage_class(store.storage_class());
    }
    options
}

/// Whether all of that is still with the row, or nothing of it.
fn assert_furnished(store: &Store, meta: &RowMeta, kept: bool) {
    let said = format!("{meta:?}");
    if !store.lacks(Capability::Metadata) {
        let author = meta.metadata().get("author").map(String::as_str);
        assert_eq!(author, kept.then_some("ada"), "{said}");
        assert_eq!(meta.metadata().len(), 1, "{said}");
    }
    if !store.lacks(Capability::ContentHeaders) {
        let kind = if kept {
            "text/x-counter"
        } else {
            "application/json"
        };
        assert_eq!(meta.content_type(), Some(kind), "{said}");
        assert_eq!(meta.content_language(), kept.then_some("de"), "{said}");
        let disposition = meta.content_disposition();
        assert_eq!(disposition, kept.then_some("attachment"), "{said}");
        assert_eq!(meta.cache_control(), kept.then_some("no-store"), "{said}");
    }
    if !store.lacks(Capability::StorageClassesOnReads) {
        let class = meta.storage_class() == Some(store.storage_class());
        assert_eq!(class, kept, "{said}");
    }
}

async fn an_update_keeps_what_goes_with_a_row(store: &Store) {
    if store.lacks(Capability::Updates) {
        return;
    }
    let counters = store.db().table::<Counter>();
    let meta = || async { counters.meta("a").await.unwrap().unwrap() };
    let row = counter("a", 1);
    counters.upsert_with(&row, &furnished(store)).await.unwrap();
    assert_furnished(store, &meta().await, true);
    let mut read = counters.select_versioned("a").await.unwrap().unwrap();
    read.value = 2;
    counters.update(&read).await.unwrap();
    assert_furnished(store, &meta().await, true);
    counters.modify("a", |row| row.value += 1).await.unwrap();
    assert_furnished(store, &meta().await, true);

    let read = counters.select_versioned("a").await.unwrap().unwrap();
    assert_eq!(read.value, 3);
    let others = if store.lacks(Capability::Metadata) {
        WriteOptions::new()
    } else {
        WriteOptions::new().metadata("editor", "bob")
    };
    counters.update_with(&read, &others).await.unwrap();
    assert_furnished(store, &meta().await, false);
    if !store.lacks(Capability::Metadata) {
        assert_eq!(meta().await.metadata()["editor"], "bob");
    }
}

async fn a_row_is_deleted_as_it_was_read_or_not_at_all(store: &Store) {
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 1)).await.unwrap();
    let read = counters.select_versioned("a").await.unwrap().unwrap();
    if !deletes_versioned::<Counter>(store) {
        let deleted = counters.delete_versioned(&read).await;
        refused(deleted, ErrorKind::Unsupported);
        assert!(counters.exists("a").await.unwrap());
        return;
    }
    counters.upsert(&counter("a", 2)).await.unwrap();
    let error = refused(counters.delete_versioned(&read).await, ErrorKind::Conflict);
    assert_eq!(error.key(), Some("a"), "{error}");
    let read = counters.select_versioned("a").await.unwrap().unwrap();
    assert_eq!(read.value, 2);
    counters.delete_versioned(&read).await.unwrap();
    assert!(!counters.exists("a").await.unwrap());
    refused(counters.delete_versioned(&read).await, ErrorKind::Conflict);
}

async fn a_version_goes_through_text_to_an_update(store: &Store) {
    if store.lacks(Capability::Updates) {
        return;
    }
    let counters = store.db().table::<Counter>();
    let first = counters.upsert(&counter("a", 1)).await.unwrap().to_string();
    let read = counters.select_versioned("a").await.unwrap().unwrap();
    assert_eq!(
        read.version.to_string(),
        first,
        "a write tells what a read does"
    );
    let stale = Versioned::new(counter("a", 2), first.parse::<Version>().unwrap());
    counters.update(&stale).await.unwrap();
    refused(counters.update(&stale).await, ErrorKind::Conflict);
    assert_eq!(counters.select("a").await.unwrap(), Some(counter("a", 2)));
}

async fn a_change_gives_a_value_or_gives_up(store: &Store) {
    if store.lacks(Capability::Creates) || store.lacks(Capability::Updates) {
        return;
    }
    let counters = store.db().table::<Counter>();
    let take = |row: &mut Counter| {
        if row.value < 2 {
            return Err("too little");
        }
        row.value -= 2;
        Ok(row.value)
    };
    refused(counters.try_modify("a", take).await, ErrorKind::NotFound);
    for value in 1..=3 {
        let new = || counter("a", 1);
        let row = counters.insert_or_modify("a", new, |row| row.value += 1);
        assert_eq!(row.await.unwrap().value, value);
    }
    assert_eq!(counters.try_modify("a", take).await.unwrap(), Ok(1));
    let before = store.db().usage();
    assert_eq!(
        counters.try_modify("a", take).await.unwrap(),
        Err("too little")
    );
    assert_eq!(store.db().usage().since(&before).total(), 1);
    assert_eq!(counters.select("a").await.unwrap(), Some(counter("a", 1)));
    let other = counters.insert_or_modify("b", || counter("c", 1), |_| {});
    refused(other.await, ErrorKind::InvalidKey);
}

on_every_store!(
    an_update_keeps_what_goes_with_a_row,
    a_row_is_deleted_as_it_was_read_or_not_at_all,
    a_version_goes_through_text_to_an_update,
    a_change_gives_a_value_or_gives_up,
    update_writes_over_what_was_read_and_nothing_else,
    update_sees_a_write_of_the_same_size,
    modify_changes_a_row_and_writes_nothing_where_nothing_changes,
    modifies_that_compete_are_all_applied,
    rename_moves_a_row_to_a_free_key,
    rename_keeps_headers_and_metadata,
);
