//! What the guide says of stores is what was found.

use std::fs;
use std::path::Path;

use s3aads_tests::stores::{Capability, Store};
use serde_json::Value;

/// The rows of the chapter's table: its first cell, what shows it on the servers that `.ci/capabilities.py` asks, and on
/// the stores of the behaviour suite.
const ROWS: [(&str, &[&str], &[Capability]); 7] = [
    (
        "creates on condition",
        &["put_if_none_match", "put_if_none_match_concurrent"],
        &[Capability::Creates, Capability::AtomicCreates],
    ),
    (
        "updates on condition",
        &[
            "put_if_match_stale",
            "put_if_match_absent",
            "put_if_match_concurrent",
        ],
        &[Capability::Updates, Capability::AtomicUpdates],
    ),
    (
        "deletes on condition",
        &["delete_if_match"],
        &[Capability::ConditionalDeletes],
    ),
    (
        "copies on condition",
        &["copy_if_none_match"],
        &[Capability::ConditionalCopies],
    ),
    (
        "user metadata and content headers",
        &["metadata", "content_headers"],
        &[Capability::Metadata, Capability::ContentHeaders],
    ),
    ("tags", &["tags"], &[Capability::Tags]),
    (
        "storage classes",
        &["storage_class"],
        &[Capability::StorageClasses],
    ),
];

fn file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(path).expect("a file of the repository")
}

/// How the chapter says what a server of `.ci/capabilities.json` does.
fn asked(server: &Value, checks: &[&str]) -> &'static str {
    let has = |part: &str| checks.iter().any(|check| !server[part][check].is_null());
    match (has("lacks"), has("races")) {
        (true, _) => "**no**",
        (false, true) => "in a race by luck",
        (false, false) => "yes",
    }
}

fn tried(store: &Store, capabilities: &[Capability]) -> &'static str {
    if capabilities
        .iter()
        .any(|&capability| store.lacks(capability))
    {
        "**no**"
    } else {
        "yes"
    }
}

#[tokio::test]
async fn the_table_of_what_stores_lack_is_what_was_found() {
    let found: Value = serde_json::from_str(&file(".ci/capabilities.json")).expect("JSON");
    let local = Store::local().await.expect("a folder");
    let google = Store::google().await.expect("a server");
    let chapter = file("s3aads/src/guide/stores.md");
    for (title, checks, capabilities) in ROWS {
        let line = chapter
            .lines()
            .find(|line| line.starts_with(&format!("| {title} |")));
        let line = line.unwrap_or_else(|| panic!("the chapter has no row {title:?}"));
        let told: Vec<&str> = line.split('|').map(str::trim).skip(3).collect();
        let expected = [
            tried(&local, capabilities),
            tried(&google, capabilities),
            asked(&found["garage"], checks),
            asked(&found["moto"], checks),
            asked(&found["rgw"], checks),
            "",
        ];
        assert_eq!(told, expected, "{title}");
    }
}
