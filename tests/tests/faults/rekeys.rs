//! Rekeys that are cut off at each of their requests, and called again.

use std::collections::BTreeMap;

use crate::*;

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "moved", handle = "MovedItems")]
struct Moved {
    #[s3(key, ordered)]
    id: u32,
    #[s3(key)]
    shelf: String,
    text: String,
}

/// The same with the text in the key.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "texts")]
struct ByText {
    #[s3(key)]
    text: String,
    #[s3(key)]
    id: u32,
    shelf: String,
}

fn moved_key(key: ItemKey) -> MovedKey {
    (key.id, key.shelf).into()
}

fn by_text(row: Item) -> ByText {
    ByText {
        text: row.text.replace(' ', "-"),
        id: row.id,
        shelf: row.shelf,
    }
}

const ROWS: u32 = 3;

/// The texts of the rows that are stored in either table, by id; of the old one where they are in both.
fn texts(wire: &Wire) -> BTreeMap<u32, String> {
    let mut found = BTreeMap::new();
    for table in ["moved/", "texts/", "items/"] {
        for key in wire.server.keys(BUCKET) {
            let Some(path) = key.strip_prefix(table) else {
                continue;
            };
            let parts: Vec<&str> = path.split('/').collect();
            let body = wire.server.object(BUCKET, &key).unwrap().body;
            let body = String::from_utf8(body.to_vec()).unwrap();
            let in_body = || body.split('"').nth(3).unwrap().to_owned();
            let (id, text) = match table {
                "moved/" => (parts[0], in_body()),
                "items/" => (parts[1], in_body()),
                _ => (parts[1], parts[0].replace('-', " ")),
            };
            found.insert(id.parse().unwrap(), text);
        }
    }
    found
}

fn under(wire: &Wire, folder: &str) -> usize {
    let keys = wire.server.keys(BUCKET);
    keys.iter().filter(|key| key.starts_with(folder)).count()
}

async fn rekey(wire: &Wire, rows: bool) -> s3aads::Result<s3aads::RekeyReport> {
    let db = &wire.db;
    if rows {
        db.rekey_rows::<Item, ByText>(by_text).concurrency(2).await
    } else {
        db.rekey::<Item, Moved>(moved_key).concurrency(2).await
    }
}

const JOURNAL: &str = "_s3aads/rekey/items/moved.json";

/// What others do to the old table between a rekey that was cut off and the next one.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Others {
    Rest,
    Change,
    Delete,
}

/// The old paths of the rows that are being deleted, as far as the rekey says.
fn being_deleted(wire: &Wire) -> Vec<String> {
    let journals = [JOURNAL, "_s3aads/rekey/items/texts.json"];
    let mut journals = journals
        .iter()
        .filter_map(|path| wire.server.object(BUCKET, path));
    let Some(journal) = journals.next() else {
        return Vec::new();
    };
    let journal: serde_json::Value = serde_json::from_slice(&journal.body).unwrap();
    if journal["stage"] != "deleting" {
        return Vec::new();
    }
    let rows = journal["rows"].as_array().unwrap().iter();
    rows.map(|row| row["from"].as_str().unwrap().to_owned())
        .collect()
}

/// Cuts a rekey off at each of its requests, and calls it again.
async fn cut_off_at_each_request(action: Action, rows: bool, others: Others) -> u64 {
    for cut in 0.. {
        let wire = wire();
        let mut expected = BTreeMap::new();
        for id in 0..ROWS {
            let text = format!("text {id}");
            wire.items.insert(&item(id, &text)).await.unwrap();
            expected.insert(id, text);
        }
        wire.inject(Rule::new(action.clone()).after(cut));
        let first = rekey(&wire, rows).await;
        let injected = !wire.faults.log().is_empty();
        wire.faults.clear();
        assert_eq!(first.is_err(), injected, "{cut}: {first:?}");
        assert_eq!(texts(&wire), expected, "{cut}: after {first:?}");
        if !injected {
            return cut;
        }
        let in_doubt = being_deleted(&wire);
        for id in 0..ROWS {
            let key = ("a".to_owned(), id);
            match others {
                Others::Rest => {}
                Others::Change => {
                    let changed = wire.items.modify(key, |row| row.text.push_str(" changed"));
                    if changed.await.is_ok() {
                        expected.insert(id, format!("text {id} changed"));
                    }
                }
                Others::Delete => {
                    let there = wire.items.exists(key.clone()).await.unwrap();
                    wire.items.delete(key).await.unwrap();
                    // As if it had come after the rekey's own delete.
                    if there && !in_doubt.contains(&format!("a/{id:06}")) {
                        expected.remove(&id);
                    }
                }
            }
        }
        let report = rekey(&wire, rows).await;
        let report = report.unwrap_or_else(|error| panic!("{cut}: {error}"));
        assert!(report.moved <= u64::from(ROWS), "{cut}: {report}");
        assert_eq!(texts(&wire), expected, "{cut}: {report}");
        assert_eq!(under(&wire, "items/"), 0, "{cut}: {report}");
        assert_eq!(under(&wire, "_s3aads/rekey/"), 0, "{cut}: {report}");
        let new = if rows { "texts/" } else { "moved/" };
        assert_eq!(under(&wire, new), expected.len(), "{cut}: {report}");
    }
    0
}

#[tokio::test]
async fn a_rekey_that_is_cut_off_anywhere_goes_on_where_it_was() {
    for others in [Others::Rest, Others::Change, Others::Delete] {
        for action in [Action::Refuse, Action::ApplyThenReset] {
            let cuts = bounded(cut_off_at_each_request(action.clone(), false, others)).await;
            assert!(cuts > 15, "{action}: {cuts} requests");
        }
    }
}

#[tokio::test]
async fn a_rekey_of_whole_rows_goes_on_too() {
    let cuts = bounded(cut_off_at_each_request(Action::Refuse, true, Others::Rest)).await;
    assert!(cuts > 15, "{cuts} requests");
    let reset = Action::ApplyThenReset;
    bounded(cut_off_at_each_request(reset, true, Others::Delete)).await;
}

#[tokio::test]
async fn a_rekey_outlasts_answers_that_are_lost_here_and_there() {
    for seed in 0..20 {
        let wire = wire();
        wire.seed(0..40);
        for class in [
            RequestClass::Copy,
            RequestClass::Put,
            RequestClass::Delete,
            RequestClass::Post,
        ] {
            wire.inject(
                Rule::new(Action::ApplyThenReset)
                    .class(class)
                    .after(seed % 7)
                    .times(2),
            );
        }
        let first = bounded(rekey(&wire, false)).await;
        wire.faults.clear();
        if first.is_err() {
            rekey(&wire, false).await.unwrap();
        }
        assert_eq!(under(&wire, "moved/"), 40, "{seed}: {first:?}");
        assert_eq!(under(&wire, "items/"), 0, "{seed}: {first:?}");
    }
}

#[tokio::test]
async fn what_is_under_way_is_in_the_journal() {
    let wire = wire();
    for id in 0..2 {
        wire.items.insert(&item(id, "text")).await.unwrap();
    }
    wire.inject(always(
        Action::respond(403, "AccessDenied"),
        RequestClass::Copy,
    ));
    assert_kind(rekey(&wire, false).await, ErrorKind::PermissionDenied);
    let body = wire.server.object(BUCKET, JOURNAL);
    let body = body.expect("the rows were under way").body;
    let mut json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(json["owner"].as_str().map(str::len), Some(32));
    json["owner"] = "".into();
    for row in json["rows"].as_array_mut().unwrap() {
        let version: s3aads::Version = row["version"].as_str().unwrap().parse().unwrap();
        assert!(version.e_tag().is_some());
        row["version"] = "".into();
    }
    let fixture = include_str!("../../fixtures/rekey.json");
    assert_eq!(
        json,
        serde_json::from_str::<serde_json::Value>(fixture).unwrap()
    );
    // Another function now would scatter the rows.
    wire.faults.clear();
    let other = wire
        .db
        .rekey::<Item, Moved>(|key| (key.id + 1, key.shelf).into());
    let said = assert_kind(other.await, ErrorKind::InvalidConfig);
    assert!(
        said.contains("0000000000/a") && said.contains("0000000001/a"),
        "{said}"
    );
    // A journal that is none is not passed by.
    let journal = wire.server.object(BUCKET, JOURNAL).unwrap().body;
    wire.server.put_raw(BUCKET, JOURNAL, "{}");
    assert_kind(rekey(&wire, false).await, ErrorKind::Other);
    wire.server.put_raw(BUCKET, JOURNAL, journal);
    rekey(&wire, false).await.unwrap();
    assert_eq!((under(&wire, "items/"), under(&wire, "moved/")), (0, 2));
    assert_eq!(under(&wire, "_s3aads/rekey/"), 0);
}

/// Another rekey of the tables takes the journal.
fn take_journal(wire: &Wire) {
    let other =
        r#"{"format":1,"owner":"other","from":"items","to":"moved","stage":"copying","rows":[]}"#;
    wire.server.put_raw(BUCKET, JOURNAL, other);
}

fn assert_contended(wire: &Wire, ran: s3aads::Result<s3aads::RekeyReport>) {
    let said = assert_kind(ran, ErrorKind::Conflict);
    assert!(said.contains("another rekey of the same tables"), "{said}");
    let journal = wire.server.object(BUCKET, JOURNAL).unwrap().body;
    let journal = String::from_utf8(journal.to_vec()).unwrap();
    assert!(journal.contains("other"), "{journal}");
}

#[tokio::test]
async fn the_loser_of_two_rekeys_says_so_and_leaves_the_journal_to_the_other() {
    // While it plans, the other fills a key.
    let wire = wire();
    wire.seed(0..3);
    let ran = wire.db.rekey::<Item, Moved>(|key| {
        if key.id == 1 {
            take_journal(&wire);
            wire.server
                .put_raw(BUCKET, "moved/0000000001/a", body("seeded"));
        }
        moved_key(key)
    });
    assert_contended(&wire, ran.await);
    assert_eq!((under(&wire, "items/"), under(&wire, "moved/")), (3, 1));

    // When it has planned, and is about to copy.
    let wire = self::wire();
    wire.seed(0..3);
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let ran = wire.db.rekey::<Item, Moved>(|key| {
        if calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 3 {
            take_journal(&wire);
        }
        moved_key(key)
    });
    assert_contended(&wire, ran.await);
    assert_eq!((under(&wire, "items/"), under(&wire, "moved/")), (3, 0));

    // When it has moved everything.
    let wire = self::wire();
    wire.seed(0..3);
    let ran = wire.db.rekey::<Item, Moved>(moved_key);
    assert_contended(&wire, ran.on_progress(|_| take_journal(&wire)).await);
    assert_eq!((under(&wire, "items/"), under(&wire, "moved/")), (0, 3));
    assert_eq!(rekey(&wire, false).await.unwrap().moved, 0);
    assert_eq!(under(&wire, "_s3aads/rekey/"), 0);
}

#[tokio::test]
async fn rows_that_are_refused_leave_no_journal() {
    let wire = wire();
    wire.seed(0..3);
    let all_one = wire.db.rekey::<Item, Moved>(|_| (1, "a").into());
    assert_kind(all_one.await, ErrorKind::Conflict);
    assert_eq!((under(&wire, "items/"), under(&wire, "moved/")), (3, 0));
    assert_eq!(under(&wire, "_s3aads/rekey/"), 0);
}
