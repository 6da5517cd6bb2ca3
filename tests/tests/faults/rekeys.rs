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

/// Cuts a rekey off at each of its requests, and calls it again; in between others may change the old table.
async fn cut_off_at_each_request(action: Action, rows: bool, others: bool) -> u64 {
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
        if others {
            for id in 0..ROWS {
                let key = ("a".to_owned(), id);
                let changed = wire.items.modify(key, |row| row.text.push_str(" changed"));
                if changed.await.is_ok() {
                    expected.insert(id, format!("text {id} changed"));
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
    for others in [false, true] {
        for action in [Action::Refuse, Action::ApplyThenReset] {
            let cuts = bounded(cut_off_at_each_request(action.clone(), false, others)).await;
            assert!(cuts > 15, "{action}: {cuts} requests");
        }
    }
}

#[tokio::test]
async fn a_rekey_of_whole_rows_goes_on_too() {
    let cuts = bounded(cut_off_at_each_request(Action::Refuse, true, false)).await;
    assert!(cuts > 15, "{cuts} requests");
    bounded(cut_off_at_each_request(Action::ApplyThenReset, true, false)).await;
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
    let keys = wire.server.keys(BUCKET);
    let page = keys
        .iter()
        .find(|key| key.starts_with("_s3aads/rekey/items/moved/"));
    let page = page.expect("the rows were under way");
    let body = wire.server.object(BUCKET, page).unwrap().body;
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
    // A page that is none is not passed by.
    wire.server
        .put_raw(BUCKET, "_s3aads/rekey/items/moved/x.json", "{}");
    assert_kind(rekey(&wire, false).await, ErrorKind::Other);
    wire.server
        .remove(BUCKET, "_s3aads/rekey/items/moved/x.json");
    rekey(&wire, false).await.unwrap();
    assert_eq!((under(&wire, "items/"), under(&wire, "moved/")), (0, 2));
    assert_eq!(under(&wire, "_s3aads/rekey/"), 0);
}
