//! What a pack may not hold: too many bytes, and fields of key columns' names.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::*;

/// Keeps what is said of this library.
#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<String>>>);

impl Subscriber for Said {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("s3aads")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Text(String);

        impl Visit for Text {
            fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }

        let mut text = Text(format!("{} ", event.metadata().level()));
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_pack_that_has_become_large_is_told_of_once() {
    let wire = wire();
    let line = line(10, 1).len() as u64;
    let db = database(&wire.server, None).with_max_pack_size(40 * line);
    let said = Said::default();
    let _guard = tracing::subscriber::set_default(said.clone());
    let days = db.table::<Weather>();
    for day in 10..20 {
        days.insert(&weather(day, 1)).await.unwrap();
    }
    let said = said.0.lock().unwrap().clone();
    let [warning] = said.as_slice() else {
        panic!("{said:?}");
    };
    for part in [
        "WARN",
        "bind one more key column",
        r#"database="packs""#,
        r#"table="weather""#,
        r#"pack="location=Rome/year=2012/rows.ndjson""#,
        &format!("bytes={}", 4 * line),
        &format!("limit={}", 40 * line),
    ] {
        assert!(warning.contains(part), "{part}: {warning}");
    }
}

#[tokio::test]
async fn a_transaction_that_makes_a_pack_too_large_is_refused_whole() {
    let wire = wire();
    let size = line(10, 1).len() as u64;
    let db = database(&wire.server, None).with_max_pack_size(3 * size);
    let days = db.table::<Weather>();
    days.insert(&weather(10, 1)).await.unwrap();
    let pack = days.pack(("Rome", 2012));
    let grown = pack.transact(|rows| (11..14).try_for_each(|day| rows.insert(&weather(day, 1))));
    let error = grown.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRow);
    for advice in ["bind one more key column", "with_max_pack_size", "limit is"] {
        assert!(error.to_string().contains(advice), "{error}");
    }
    // What takes as much out as it puts in fits.
    let turned = pack.transact(|rows| {
        rows.remove((7, 10))?;
        (11..14).try_for_each(|day| rows.insert(&weather(day, 1)))
    });
    turned.await.unwrap();
    assert_eq!(pack.rows().await.unwrap().len(), 3);
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "notes", compress = "gzip")]
struct Note {
    #[s3(key)]
    user: u8,
    #[s3(key, packed)]
    id: u32,
    text: String,
}

/// A few bytes of gzip may stand for any number of rows: no more are unpacked than a body may have.
#[tokio::test]
async fn no_more_is_unpacked_than_a_body_may_have() {
    let wire = wire();
    let notes = |count| {
        (0..count).map(|id| Note {
            user: 1,
            id,
            text: " ".repeat(1000),
        })
    };
    let table = wire.db.table::<Note>();
    table.insert_all(notes(1000)).await.into_result().unwrap();
    let stored = wire
        .server
        .object(BUCKET, "notes/1/rows.ndjson.gz")
        .unwrap();
    assert!(stored.body.len() < 20_000, "{} bytes", stored.body.len());
    let careful = wire.other_now().with_max_row_size(500_000).table::<Note>();
    let first = notes(1).next().unwrap();
    let refused = [
        careful.rows().await.map(drop),
        careful.count().await.map(drop),
        careful.select((1, 1)).await.map(drop),
        careful.upsert(&first).await.map(drop),
        careful.delete((1, 1)).await,
        careful.pack(1).rows().await.map(drop),
        careful.pack(1).transact(|rows| rows.upsert(&first)).await,
        careful.filter_by_id(..3).delete().await.map(drop),
    ];
    for error in refused {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRow, "{error}");
        let said = error.to_string();
        assert!(said.contains("more than 500000 bytes"), "{said}");
        assert!(said.contains("with_max_row_size"), "{said}");
    }
    assert_eq!(table.count().await.unwrap(), 1000);
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "open")]
struct Open {
    #[s3(key)]
    user: u8,
    #[s3(key, packed)]
    id: u32,
    #[serde(flatten)]
    more: BTreeMap<String, u32>,
}

#[allow(
    non_snake_case,
    reason = "it has the name that serde's rule gives the other"
)]
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "renamed")]
#[serde(rename_all = "camelCase")]
struct Renamed {
    #[s3(key)]
    user: u8,
    #[s3(key, packed)]
    windSpeed: u32,
    wind_speed: u32,
}

/// Serde's rules may give a field the name of a key column, which the compiler does not see.
#[tokio::test]
async fn a_field_of_a_key_column_s_name_is_refused() {
    let wire = wire();
    let table = wire.db.table::<Open>();
    let open = |name: &str| Open {
        user: 1,
        id: 2,
        more: BTreeMap::from([(name.to_owned(), 3)]),
    };
    for name in ["id", "user"] {
        let refused = [
            table.insert(&open(name)).await.map(drop),
            table.insert_all([open(name)]).await.into_result().map(drop),
            table
                .pack(1)
                .transact(|rows| rows.upsert(&open(name)))
                .await,
        ];
        for error in refused {
            let error = error.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRow);
            assert!(
                error.to_string().contains(&format!(
                    "the body has a field {name:?}, and so is a key column called"
                )),
                "{error}"
            );
        }
    }
    assert_eq!(wire.text("open/1/rows.ndjson"), None);
    for name in ["ids", "Id", "", "i\"d"] {
        table.upsert(&open(name)).await.unwrap();
        assert_eq!(table.select((1, 2)).await.unwrap(), Some(open(name)));
    }
    let renamed = Renamed {
        user: 1,
        windSpeed: 2,
        wind_speed: 3,
    };
    let error = wire.db.table::<Renamed>().insert(&renamed).await;
    assert_eq!(kind(error), ErrorKind::InvalidRow);
}
