//! One row at a time: inserted, overwritten, read, deleted.

use s3aads::{ErrorKind, WriteOptions};
use s3aads_tests::on_every_store;
use s3aads_tests::stores::{Capability, Lack, Store};

use crate::model::{Counter, DailyData, DailyDataKey, body, counter, day, key_text};
use crate::refused;

async fn insert_is_create_only(store: &Store) {
    let days = store.db().table::<DailyData>();
    let row = day(1, 2020, 1, 31);
    if store.lacks(Capability::Creates) {
        let error = refused(days.insert(&row).await, ErrorKind::Unsupported);
        assert!(error.to_string().contains("upsert"), "{error}");
        assert_eq!(days.select(&row).await.unwrap(), None);
        return;
    }
    days.insert(&row).await.unwrap();
    let mut other = row.clone();
    other.data.push("more".into());
    let error = refused(days.insert(&other).await, ErrorKind::AlreadyExists);
    assert_eq!(error.database(), Some(store.db().name()));
    assert_eq!(error.table(), Some("daily-data"));
    assert_eq!(error.key(), Some(&*key_text("1/2020/01/31")));
    assert_eq!(days.select(&row).await.unwrap(), Some(row.clone()));

    days.delete(&row).await.unwrap();
    days.insert(&other).await.expect("a deleted key is free");
}

async fn of_competing_inserts_one_succeeds(store: &Store) {
    if store.lacks(Capability::AtomicCreates) {
        // What such a server does is luck; that the library trusts it only unchecked is tested in `database`.
        return;
    }
    let counters = store.db().table::<Counter>();
    let inserts = (0..16).map(|value| {
        let counters = counters.clone();
        async move { counters.insert(&counter("one", value)).await.map(|_| value) }
    });
    let results = futures_util::future::join_all(inserts).await;
    let mut won = Vec::new();
    for result in results {
        match result {
            Ok(value) => won.push(value),
            Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error:?}"),
        }
    }
    assert_eq!(won.len(), 1, "{won:?}");
    let stored = counters.select("one").await.unwrap().unwrap();
    assert_eq!(stored.value, won[0]);
}

async fn upsert_overwrites(store: &Store) {
    let counters = store.db().table::<Counter>();
    counters.upsert(&counter("a", 1)).await.unwrap();
    let mut row = counter("a", 2);
    row.note = Some("Zürich \u{1F980}\n\"quoted\"".into());
    counters.upsert(&row).await.unwrap();
    assert_eq!(counters.select("a").await.unwrap(), Some(row));
    assert_eq!(counters.count().await.unwrap(), 1);
}

async fn select_takes_a_tuple_a_key_or_a_row_and_an_absent_row_is_none(store: &Store) {
    let days = store.db().table::<DailyData>();
    let row = day(u64::MAX, 2020, 1, 1);
    days.upsert(&row).await.unwrap();
    let key = DailyDataKey::from(&row);
    assert_eq!(
        days.select((u64::MAX, 2020, 1, 1)).await.unwrap(),
        Some(row.clone())
    );
    assert_eq!(days.select(&key).await.unwrap(), Some(row.clone()));
    assert_eq!(days.select(key.clone()).await.unwrap(), Some(row.clone()));
    assert_eq!(days.select(&row).await.unwrap(), Some(row.clone()));
    let parsed: DailyDataKey = key.to_string().parse().unwrap();
    assert_eq!(parsed, key);

    assert_eq!(days.select((2, 2020, 1, 1)).await.unwrap(), None);
    assert_eq!(days.select_versioned((2, 2020, 1, 1)).await.unwrap(), None);
    // A folder of rows is not a row.
    assert!(!days.exists((2, 2020, 1, 1)).await.unwrap());
}

async fn delete_of_an_absent_row_is_no_error(store: &Store) {
    let days = store.db().table::<DailyData>();
    let (row, other) = (day(1, 2020, 1, 1), day(1, 2020, 1, 2));
    days.upsert(&row).await.unwrap();
    days.upsert(&other).await.unwrap();
    days.delete(&row).await.unwrap();
    days.delete(&row).await.unwrap();
    days.delete((9, 9, 9, 9)).await.unwrap();
    assert_eq!(days.select(&row).await.unwrap(), None);
    assert_eq!(days.rows().await.unwrap(), [other]);
}

async fn exists_and_meta_tell_of_a_row_without_reading_it(store: &Store) {
    let days = store.db().table::<DailyData>();
    let row = day(1, 2020, 1, 1);
    assert!(!days.exists(&row).await.unwrap());
    assert!(days.meta(&row).await.unwrap().is_none());

    days.upsert(&row).await.unwrap();
    assert!(days.exists(&row).await.unwrap());
    let before = store.db().usage();
    let meta = days.meta(&row).await.unwrap().unwrap();
    assert_eq!(store.db().usage().since(&before).bytes_read(), 0);
    assert_eq!(meta.size(), body(&row).len() as u64);
    assert!(meta.e_tag().is_some());
    let age = chrono::Utc::now() - meta.last_modified();
    assert!(age.num_hours() < 24, "{age}");
    assert!(meta.metadata().is_empty(), "{:?}", meta.metadata());
    if !store.lacks(Capability::ContentHeaders) {
        assert_eq!(meta.content_type(), Some("application/json"));
    }

    let listed = days.objects().await.unwrap();
    assert_eq!(listed[0].e_tag.as_deref(), meta.e_tag());
    assert_eq!(listed[0].size, meta.size());
}

async fn headers_metadata_tags_and_class_are_kept_or_refused(store: &Store) {
    let counters = store.db().table::<Counter>();
    let row = counter("a", 1);
    let headers = WriteOptions::new()
        .content_type("text/x-counter")
        .content_language("de")
        .content_disposition("attachment")
        .cache_control("no-store");
    let each = [
        (Capability::ContentHeaders, headers),
        (
            Capability::Metadata,
            WriteOptions::new().metadata("Author", "ada"),
        ),
        (Capability::Tags, WriteOptions::new().tag("team", "a b=c+d")),
        (
            Capability::StorageClasses,
            WriteOptions::new().storage_class(store.storage_class()),
        ),
    ];
    for (capability, options) in &each {
        let before = counters.select("a").await.unwrap();
        let written = counters.upsert_with(&row, options).await;
        if store.lack(*capability) == Some(Lack::Refused) {
            refused(written, ErrorKind::Unsupported);
            assert_eq!(counters.select("a").await.unwrap(), before);
            continue;
        }
        written.unwrap();
        let meta = counters.meta("a").await.unwrap().unwrap();
        if store.lacks(*capability) {
            // Dropped by the server, which the library can't know.
            continue;
        }
        match capability {
            Capability::ContentHeaders => {
                assert_eq!(meta.content_type(), Some("text/x-counter"));
                assert_eq!(meta.content_language(), Some("de"));
                assert_eq!(meta.content_disposition(), Some("attachment"));
                assert_eq!(meta.cache_control(), Some("no-store"));
            }
            Capability::Metadata => assert_eq!(meta.metadata()["author"], "ada"),
            Capability::Tags => {
                // Memory keeps tags where nobody can read them.
                if let Some((name, value)) = store.tag("counter/a").await {
                    assert_eq!((&*name, &*value), ("team", "a b=c+d"));
                }
            }
            _ => assert_eq!(meta.storage_class(), Some(store.storage_class())),
        }
        assert_eq!(counters.select("a").await.unwrap(), Some(row.clone()));
    }
}

async fn options_that_no_header_can_hold_are_refused_before_a_request(store: &Store) {
    let counters = store.db().table::<Counter>();
    let before = store.db().usage();
    for options in [
        WriteOptions::new().metadata("a b", "x"),
        WriteOptions::new().metadata("s3aadsop", "x"),
        WriteOptions::new().metadata("a", "line\nbreak"),
        WriteOptions::new().content_type("a\r\nx-injected: 1"),
    ] {
        let error = refused(
            counters.upsert_with(&counter("a", 1), &options).await,
            ErrorKind::InvalidConfig,
        );
        assert_eq!(error.key(), Some("a"), "{error}");
    }
    assert_eq!(store.db().usage(), before);
}

async fn keys_that_can_t_be_stored_are_refused_before_a_request(store: &Store) {
    let days = store.db().table::<DailyData>();
    let before = store.db().usage();
    let row = day(1, 2020, 100, 1);
    for error in [
        refused(days.upsert(&row).await, ErrorKind::InvalidKey),
        refused(days.insert(&row).await, ErrorKind::InvalidKey),
        refused(days.select(&row).await, ErrorKind::InvalidKey),
        refused(days.delete(&row).await, ErrorKind::InvalidKey),
        refused(
            days.filter_by_month(100).count().await,
            ErrorKind::InvalidKey,
        ),
    ] {
        assert_eq!(error.table(), Some("daily-data"), "{error}");
        assert_eq!(error.column(), Some("month"), "{error}");
    }
    let counters = store.db().table::<Counter>();
    let longest = 1024 - "counter/".len();
    refused(
        counters.upsert(&counter(&"x".repeat(longest + 1), 1)).await,
        ErrorKind::InvalidKey,
    );
    // Escapes count as they are stored.
    refused(
        counters.select("/".repeat(longest / 3 + 1)).await,
        ErrorKind::InvalidKey,
    );
    assert_eq!(store.db().usage(), before);
}

async fn hostile_values_stay_one_segment_and_come_back(store: &Store) {
    let counters = store.db().table::<Counter>();
    let names = [
        "",
        ".",
        "..",
        "../../x",
        "/",
        "a/b",
        "//",
        "%",
        "%2F",
        "%_",
        " ",
        " a ",
        "a+b",
        "a b",
        "\0",
        "\n",
        "~",
        "\u{202E}rtl",
        "e\u{301}",
        "é",
        "日本",
        "\u{1F980}",
        "*?<>|\"\\:",
        "con",
        "#",
        "=",
        "&",
        "{}",
        "a\u{7F}",
    ];
    for (value, name) in (0..).zip(names) {
        counters.upsert(&counter(name, value)).await.unwrap();
    }
    for (value, name) in (0..).zip(names) {
        assert_eq!(
            counters.select(name).await.unwrap(),
            Some(counter(name, value)),
            "{name:?}"
        );
        assert_eq!(
            counters.filter_by_name(name).count().await.unwrap(),
            1,
            "{name:?}"
        );
    }
    let mut sorted: Vec<&str> = names.to_vec();
    sorted.sort_unstable();
    assert_eq!(counters.names().await.unwrap(), sorted);
    assert_eq!(store.db().tables().await.unwrap(), ["counter"]);
    assert_eq!(
        counters.query().delete().await.unwrap().rows,
        names.len() as u64
    );
    assert!(counters.is_empty().await.unwrap());
}

on_every_store!(
    insert_is_create_only,
    of_competing_inserts_one_succeeds,
    upsert_overwrites,
    select_takes_a_tuple_a_key_or_a_row_and_an_absent_row_is_none,
    delete_of_an_absent_row_is_no_error,
    exists_and_meta_tell_of_a_row_without_reading_it,
    headers_metadata_tags_and_class_are_kept_or_refused,
    options_that_no_header_can_hold_are_refused_before_a_request,
    keys_that_can_t_be_stored_are_refused_before_a_request,
    hostile_values_stay_one_segment_and_come_back,
);
