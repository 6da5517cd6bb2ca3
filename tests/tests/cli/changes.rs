//! The commands that change rows and tables, on the local disk.

use std::fs;

use serde_json::json;

use crate::run::{Place, days};

#[test]
fn one_row() {
    let place = Place::local();
    days(&place);
    let url = &*place.url;
    assert_eq!(
        place.ok(["get", url, "days", "Oslo", "1"]),
        r#"{"rain":1.5,"code":"007","wet":true}"#
    );
    assert_eq!(
        place
            .run_with(["put", url, "days", "Oslo", "7"], r#"{"rain":3}"#)
            .code,
        0
    );
    place.ok([
        "put",
        url,
        "days",
        "Oslo",
        "7",
        "--overwrite",
        "--data",
        r#"{"rain":4}"#,
    ]);
    assert_eq!(
        place.json(["get", url, "days", "Oslo", "7"]),
        [json!({"city": "Oslo", "month": 7, "rain": 4})]
    );
    place.ok(["get", url, "days", "Oslo", "7", "--output", "row.json"]);
    assert_eq!(place.read("row.json"), r#"{"rain":4}"#);
    place.ok(["put", url, "days", "Oslo", "8", "--file", "row.json"]);
    // A table of negative numbers, of text.
    let notes = ["--columns", "at: i32", "--body", "text"];
    place.ok(["put", url, "notes", "-5", "--data", "cold"]
        .iter()
        .chain(&notes));
    assert_eq!(place.ok(["get", url, "notes", "-5"]), "cold");
    assert_eq!(
        place.json(["rows", url, "notes", "at<0"]),
        [json!({"at": -5, "text": "cold"})]
    );
}

#[test]
fn rows_are_edited_by_version() {
    let place = Place::local();
    days(&place);
    let edit = |editor: &str| {
        let mut command = place.command(["edit", &place.url, "days", "Oslo", "1"]);
        crate::run::Ran::of(&command.env("EDITOR", editor).output().unwrap())
    };
    let row = || place.ok(["get", &place.url, "days", "Oslo", "1"]);
    let before = row();
    assert!(edit("true").err.contains("nothing was changed"));
    assert_eq!(edit("sed -i s/1.5/2.50/").code, 0);
    assert_eq!(row(), before.replace("1.5", "2.50"));
    // What is no row stays in the file that is named.
    let refused = edit("sed -i s/2.50/x/");
    assert_eq!(refused.code, 2, "{refused:?}");
    let file = refused.err.split("your text is in ").nth(1).unwrap().trim();
    assert!(fs::read_to_string(file).unwrap().contains("x"));
    fs::remove_file(file).unwrap();
    // Somebody else is faster: the row is theirs.
    let other = place.file(
        "other.sh",
        format!(
            "#!/bin/sh\nsed -i s/2.50/9/ \"$1\"\n{} put {} days Oslo 1 --overwrite --data '{{}}'\n",
            crate::run::program().display(),
            place.url
        ),
    );
    let lost = edit(&format!("sh {}", other.display()));
    assert_eq!(lost.code, 4, "{lost:?}");
    assert!(lost.err.contains("your text is in"), "{lost:?}");
    assert_eq!(row(), "{}");
    assert_ne!(edit("false").code, 0);
    assert_eq!(edit("no-such-editor").code, 2);
}

#[test]
fn what_deletes_says_what_it_would_do() {
    let place = Place::local();
    days(&place);
    let url = &*place.url;
    let would = place.run(["delete", url, "days", "city=Oslo"]);
    assert_eq!(would.code, 0);
    assert!(
        would.err.contains("would delete 2 rows") && would.out.contains("Oslo"),
        "{would:?}"
    );
    assert_eq!(place.ok(["count", url, "days"]), "3\n");
    assert_eq!(
        place.json(["delete", url, "days", "city=Oslo", "--yes"]),
        [json!({"deleted": 2, "spared": 0})]
    );
    assert_eq!(
        place.json(["delete", url, "days", "--all"]),
        [json!({"would_delete": 1, "table": "days"})]
    );
    assert_eq!(
        place.json(["delete", url, "days", "--all", "--yes"]),
        [json!({"deleted": 1})]
    );
    assert_eq!(place.json(["tables", url]), Vec::<serde_json::Value>::new());
}

#[test]
fn rows_are_copied_with_their_schema() {
    let place = Place::local();
    days(&place);
    let other = format!("file://{}/other", place.folder.path().display());
    place.ok(["create", &other]);
    let copied = place.json(["copy", &place.url, "days", "city=Oslo", "--to", &other]);
    assert_eq!(copied, [json!({"copied": 2, "refused": 0})]);
    assert_eq!(
        place.json(["schema", &other, "days"])[0]["schema"],
        "stored"
    );
    let again = place.run(["copy", &place.url, "days", "--to", &other]);
    assert_eq!(again.code, 1, "{again:?}");
    assert_eq!(place.ok(["count", &other, "days"]), "3\n");
    place.ok(["copy", &place.url, "days", "--to", &other, "--overwrite"]);
    place.ok([
        "rekey",
        &other,
        "days",
        "by_month",
        "--columns",
        "month: u8, city",
        "--yes",
    ]);
    let refused = place.fails(
        2,
        [
            "copy",
            &place.url,
            "days",
            "--to",
            &other,
            "--to-table",
            "by_month",
        ],
    );
    assert!(refused.contains("stored otherwise"), "{refused}");
}

#[test]
fn tables_move_to_other_columns() {
    let place = Place::local();
    days(&place);
    let url = &*place.url;
    let rekey = [
        "rekey",
        url,
        "days",
        "by_code",
        "--columns",
        "wet: bool, month: u8, code",
    ];
    let would = place.json(rekey);
    assert_eq!(
        would,
        [json!({"would_move": 3, "refused": 0, "foreign": 0})]
    );
    assert_eq!(place.ok(["count", url, "days"]), "3\n");
    let moved = place.json(rekey.iter().chain(&["--yes"]));
    assert_eq!(moved, [json!({"moved": 3, "resumed": 0, "foreign": 0})]);
    assert_eq!(
        place.json(["rows", url, "by_code", "wet=false"]),
        [json!({"wet": false, "month": 2, "code": "008", "city": "Oslo", "rain": 0.5})]
    );
    let refused = place.run(["rekey", url, "by_code", "by_wet", "--columns", "wet: bool"]);
    assert_eq!(refused.code, 1, "{refused:?}");
}
