//! Writes of one row: what is stored, and for how many requests.

use s3aads::{Version, Versioned, WriteOptions};

use crate::*;

#[tokio::test]
async fn each_write_of_a_row_is_a_change_of_one_line() {
    let wire = wire();
    wire.begin().await;
    let days = wire.db.table::<Weather>();
    days.insert(&weather(10, 1)).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), line(10, 1));
    assert_eq!(
        wire.take_log(),
        ["GET 404", "PUT 200"],
        "the pack is not known"
    );
    days.insert(&weather(9, 2)).await.unwrap();
    days.upsert(&weather(11, 3)).await.unwrap();
    days.upsert(&weather(10, 4)).await.unwrap();
    assert_eq!(
        wire.text(PACK).unwrap(),
        [line(9, 2), line(10, 4), line(11, 3)].concat()
    );
    assert_eq!(wire.take_log(), ["PUT 200"; 3], "the handle knows the pack");

    assert_eq!(
        kind(days.insert(&weather(9, 5)).await),
        ErrorKind::AlreadyExists
    );
    assert_eq!(
        wire.take_log(),
        ["GET 200"],
        "a refusal is true when it is told"
    );

    let mut read = days
        .select_versioned(&weather(9, 0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.row, weather(9, 2));
    read.row.temp = 6;
    read.version = days.update(&read).await.unwrap();
    read.row.temp = 7;
    days.update(&read).await.unwrap();
    assert_eq!(wire.take_log(), ["GET 200", "PUT 200", "PUT 200"]);
    assert_eq!(kind(days.update(&read).await), ErrorKind::Conflict);
    assert_eq!(
        kind(days.delete_versioned(&read).await),
        ErrorKind::Conflict
    );

    wire.server.clear_log();
    let changed = days
        .modify(&weather(9, 0), |day| day.temp += 1)
        .await
        .unwrap();
    assert_eq!(changed, weather(9, 8));
    assert_eq!(wire.take_log(), ["PUT 200"]);
    days.delete(&weather(10, 0)).await.unwrap();
    assert_eq!(wire.take_log(), ["PUT 200"]);
    days.delete(&weather(10, 0)).await.unwrap();
    assert_eq!(
        wire.take_log(),
        ["GET 200"],
        "deleting an absent row succeeds"
    );
    assert_eq!(wire.text(PACK).unwrap(), [line(9, 8), line(11, 3)].concat());
    days.delete(&weather(9, 0)).await.unwrap();
    days.delete(&weather(11, 0)).await.unwrap();
    assert_eq!(wire.take_log(), ["PUT 200", "DELETE 204"]);
    assert_eq!(wire.text(PACK), None, "an emptied pack is gone");
    days.insert(&weather(1, 1)).await.unwrap();
    assert_eq!(wire.take_log(), ["PUT 200"]);
}

#[tokio::test]
async fn a_handle_that_does_not_know_the_pack_reads_it_first() {
    let wire = wire();
    wire.begin().await;
    wire.put_raw(PACK, &[line(1, 1), line(2, 2)].concat());
    for days in [wire.other().await, wire.other().await].map(|db| db.table::<Weather>()) {
        days.modify(&weather(1, 0), |day| day.temp += 1)
            .await
            .unwrap();
        assert_eq!(wire.take_log(), ["GET 200", "PUT 200"]);
        days.modify(&weather(1, 0), |_| ()).await.unwrap();
        assert_eq!(
            wire.take_log(),
            ["GET 200"],
            "what changes nothing is not written"
        );
    }
    let days = wire.other().await.table::<Weather>();
    days.modify(&weather(2, 0), |_| ()).await.unwrap();
    assert_eq!(wire.take_log(), ["GET 200"]);
    assert_eq!(
        kind(days.modify(&weather(3, 0), |_| ()).await),
        ErrorKind::NotFound
    );
    let refused = days.try_modify(&weather(2, 0), |day| {
        day.temp = 0;
        Err::<(), _>("no")
    });
    assert_eq!(refused.await.unwrap(), Err("no"));
    assert_eq!(wire.text(PACK).unwrap(), [line(1, 3), line(2, 2)].concat());
    for temp in 0..2 {
        let made = days.insert_or_modify(&weather(5, 0), || weather(5, 0), |day| day.temp += 1);
        assert_eq!(made.await.unwrap(), weather(5, temp));
    }
}

/// A handle writes over what it believes to be there, is refused, and does it again on what is there.
#[tokio::test]
async fn a_race_with_another_process_is_run_again() {
    let wire = wire();
    wire.begin().await;
    let mine = wire.db.table::<Weather>();
    let theirs = wire.other().await.table::<Weather>();
    mine.insert(&weather(1, 1)).await.unwrap();
    let mut read = mine
        .select_versioned(&weather(1, 0))
        .await
        .unwrap()
        .unwrap();
    theirs.insert(&weather(2, 2)).await.unwrap();
    wire.server.clear_log();
    read.row.temp = 3;
    mine.update(&read).await.unwrap();
    assert_eq!(
        wire.take_log(),
        ["PUT 412", "GET 200", "PUT 200"],
        "a neighbour is no conflict"
    );
    theirs.delete(&weather(1, 0)).await.unwrap();
    assert_eq!(kind(mine.update(&read).await), ErrorKind::Conflict);
    assert_eq!(
        kind(mine.insert(&weather(2, 9)).await),
        ErrorKind::AlreadyExists
    );
    mine.insert(&weather(1, 4)).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), [line(1, 4), line(2, 2)].concat());
    // Another one's delete of the last row.
    mine.delete(&weather(1, 0)).await.unwrap();
    theirs.delete(&weather(2, 0)).await.unwrap();
    assert_eq!(wire.text(PACK), None);
    mine.upsert(&weather(3, 3)).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), line(3, 3));
}

#[tokio::test]
async fn a_version_is_the_rows_and_goes_to_text_and_back() {
    let wire = wire();
    let days = wire.db.table::<Weather>();
    let version = days.insert(&weather(1, 1)).await.unwrap();
    let text = version.to_string();
    days.insert(&weather(2, 2)).await.unwrap();
    let version: Version = text.parse().unwrap();
    let read = days
        .select_versioned(&weather(1, 0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(read.version, version);
    let update = Versioned::new(weather(1, 5), version);
    days.update(&update).await.unwrap();
    assert_eq!(kind(days.update(&update).await), ErrorKind::Conflict);
    days.delete_versioned(
        &days
            .select_versioned(&weather(1, 0))
            .await
            .unwrap()
            .unwrap(),
    )
    .await
    .unwrap();
    assert_eq!(wire.text(PACK).unwrap(), line(2, 2));
}

#[tokio::test]
async fn what_belongs_to_an_object_is_refused() {
    let wire = wire();
    wire.begin().await;
    let days = wire.db.table::<Weather>();
    for options in [
        WriteOptions::new().metadata("a", "b"),
        WriteOptions::new().tag("a", "b"),
        WriteOptions::new().storage_class("GLACIER"),
        WriteOptions::new().content_type("text/plain"),
    ] {
        assert_eq!(
            kind(days.insert_with(&weather(1, 1), &options).await),
            ErrorKind::Unsupported
        );
        assert_eq!(
            kind(days.upsert_with(&weather(1, 1), &options).await),
            ErrorKind::Unsupported
        );
    }
    assert_eq!(wire.take_log().len(), 0);
    days.upsert_with(&weather(1, 1), &WriteOptions::new())
        .await
        .unwrap();
    let stored = wire.server.object(BUCKET, PACK).unwrap();
    assert_eq!(
        stored.attributes.content_type.as_deref(),
        Some("application/x-ndjson")
    );
}

#[tokio::test]
async fn rows_move_within_a_pack_in_one_commit_and_between_packs_by_copy_and_delete() {
    let wire = wire();
    wire.begin().await;
    let days = wire.db.table::<Weather>();
    days.insert(&weather(1, 1)).await.unwrap();
    days.insert(&weather(3, 3)).await.unwrap();
    wire.server.clear_log();
    days.rename(&weather(1, 0), &weather(2, 0)).await.unwrap();
    assert_eq!(wire.take_log(), ["PUT 200"]);
    assert_eq!(wire.text(PACK).unwrap(), [line(2, 1), line(3, 3)].concat());
    assert_eq!(
        kind(days.rename(&weather(2, 0), &weather(3, 0)).await),
        ErrorKind::AlreadyExists
    );
    assert_eq!(
        kind(days.rename(&weather(9, 0), &weather(8, 0)).await),
        ErrorKind::NotFound
    );
    let oslo = ("Oslo", 2012, 7, 2);
    days.rename(&weather(2, 0), oslo).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), line(3, 3));
    assert_eq!(days.select(oslo).await.unwrap().unwrap().temp, 1);
    days.copy(oslo).to(&days, &weather(4, 0)).await.unwrap();
    assert_eq!(
        kind(days.copy(oslo).to_new(&days, &weather(3, 0)).await),
        ErrorKind::AlreadyExists
    );
    assert_eq!(wire.text(PACK).unwrap(), [line(3, 3), line(4, 1)].concat());
}

#[tokio::test]
async fn a_pack_has_a_limit() {
    let wire = wire();
    let line_bytes = line(10, 1).len() as u64;
    let db = database(&wire.server, None).with_max_pack_size(3 * line_bytes);
    let days = db.table::<Weather>();
    for day in 10..13 {
        days.insert(&weather(day, 1)).await.unwrap();
    }
    let error = days.insert(&weather(13, 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRow);
    let said = error.to_string();
    assert!(
        said.contains("bind one more key column") && said.contains("with_max_pack_size"),
        "{said}"
    );
    assert_eq!(
        kind(days.modify(&weather(10, 0), |day| day.temp = 100).await),
        ErrorKind::InvalidRow
    );
    days.modify(&weather(10, 0), |day| day.temp = 2)
        .await
        .unwrap();
    // Another's pack that is too large may shrink.
    let mut all: String = (10..20).map(|day| line(day, 1)).collect();
    wire.put_raw(PACK, &all);
    days.delete(&weather(10, 0)).await.unwrap();
    all = all.split_off(line_bytes as usize);
    assert_eq!(wire.text(PACK).unwrap(), all);
    let refused = days.insert_all([weather(11, 1), weather(10, 1)]).await;
    let kinds: Vec<_> = refused
        .into_iter()
        .map(|outcome| outcome.result.unwrap_err().kind())
        .collect();
    assert_eq!(kinds, [ErrorKind::AlreadyExists, ErrorKind::InvalidRow]);
}

#[tokio::test]
async fn a_store_that_ignores_conditions_is_not_written_to() {
    let wire = wire_with(Options {
        ignore_conditions: true,
        ..Options::default()
    });
    let days = careful(&wire.server).table::<Weather>();
    assert_eq!(
        kind(days.upsert(&weather(1, 1)).await),
        ErrorKind::Unsupported
    );
    assert_eq!(
        kind(days.delete(&weather(1, 1)).await),
        ErrorKind::Unsupported
    );
    assert_eq!(wire.text(PACK), None);
}

/// Where there are no conditional deletes, an emptied pack stays as an object of no rows.
#[tokio::test]
async fn an_emptied_pack_stays_where_it_can_t_be_deleted_safely() {
    let wire = wire_with(Options {
        ignore_delete_conditions: true,
        ..Options::default()
    });
    let days = careful(&wire.server).table::<Weather>();
    days.insert(&weather(1, 1)).await.unwrap();
    days.delete(&weather(1, 1)).await.unwrap();
    assert_eq!(wire.text(PACK).as_deref(), Some(""));
    assert_eq!(days.select(&weather(1, 0)).await.unwrap(), None);
    days.insert(&weather(2, 2)).await.unwrap();
    assert_eq!(wire.text(PACK).unwrap(), line(2, 2));
}
