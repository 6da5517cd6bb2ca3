//! Files go in and out, whole or in parts.

use std::collections::BTreeSet;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use s3aads_tests::server::{Options, Server};
use serde_json::{Value, json};

use crate::run::{CSV, DAYS, Place, days};

#[test]
fn what_goes_in_comes_out() {
    let place = Place::local();
    let url = &*place.url;
    days(&place);
    place.ok(["export", url, "days", "--output", "out.csv"]);
    assert_eq!(
        place.read("out.csv"),
        "city,month,rain,code,wet\nBern,12,2,,true\nOslo,1,1.5,007,true\nOslo,2,0.5,008,false\n"
    );
    let lines = "{\"city\":\"a/b\",\"month\":3,\"n\":1.50,\"big\":123456789012345678901234567890,\"deep\":{\"z\":[1,null]}}\n";
    place.file("more.ndjson", lines);
    place.ok(["import", url, "days", "more.ndjson"]);
    assert_eq!(place.ok(["export", url, "days", "city=a/b"]), lines);
    // A field that the file has no column for is told, and the rest is written.
    let refused = place.run([
        "export",
        url,
        "days",
        "--output",
        "some.csv",
        "--fields",
        "city,month,rain,code,wet",
    ]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(
        refused.err.contains("\"n\"") && place.read("some.csv").lines().count() == 4,
        "{refused:?}"
    );
    let there = place.fails(2, ["export", url, "days", "--output", "some.csv"]);
    assert!(there.contains("--overwrite"), "{there}");
    // All formats of bodies.
    for (body, line) in [
        ("data", r#"{"k":"1","data":[1,{"a":2}]}"#),
        ("text", r#"{"k":"1","text":"a\nb\u0007"}"#),
        ("bytes", r#"{"k":"1","bytes":"AP8="}"#),
        ("empty", r#"{"k":"1"}"#),
        ("bytes", r#"{"k":"1","a":1,"text":"x"}"#),
        ("bytes", r#"{"k":"1","data":{"text":"x"}}"#),
    ] {
        let table = format!("t_{body}_{}", line.len());
        let import = [
            "import",
            url,
            &table,
            "-",
            "--format",
            "ndjson",
            "--columns",
            "k",
            "--body",
            body,
        ];
        let ran = place.run_with(import, &format!("{line}\n"));
        assert_eq!(ran.code, 0, "{ran:?}");
        let out: Value = serde_json::from_str(&place.ok(["export", url, &table])).unwrap();
        assert_eq!(out, serde_json::from_str::<Value>(line).unwrap());
    }
}

#[test]
fn rows_that_are_refused_are_told_and_tried_again() {
    let place = Place::local();
    let url = &*place.url;
    days(&place);
    let file = "city,month,rain\nOslo,1,9\nOslo,1,9\nOslo,13x,1\nParis,5,1\n";
    place.file("more.csv", file);
    let ran = place.run(["import", url, "days", "more.csv", "--json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let counts: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&counts["written"], &counts["refused"]),
        (&json!(1), &json!(3)),
        "{ran:?}"
    );
    let outcomes = place.read("more.csv.outcomes");
    let outcomes: Vec<Value> = outcomes
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let refused = |row: u64| {
        outcomes
            .iter()
            .find(|outcome| outcome["row"] == row)
            .unwrap()["error"]
            .as_str()
    };
    assert!(
        refused(1).unwrap().contains("it is there already"),
        "{outcomes:?}"
    );
    assert!(
        refused(2).unwrap().contains("an earlier row"),
        "{outcomes:?}"
    );
    assert!(refused(3).unwrap().contains("is no u8"), "{outcomes:?}");
    assert_eq!(refused(4), None);
    // Those that were refused are tried again, in another way.
    let again = place.run([
        "import",
        url,
        "days",
        "more.csv",
        "--on-existing",
        "overwrite",
        "--json",
    ]);
    let counts: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(
        (&counts["written"], &counts["done_before"]),
        (&json!(1), &json!(1)),
        "{again:?}"
    );
    assert_eq!(place.json(["get", url, "days", "Oslo", "1"])[0]["rain"], 9);
    // Another file by the same name is not taken for it.
    place.file("more.csv", file.replace("Paris,5,1", "Paris,5,2"));
    let changed = place.fails(2, ["import", url, "days", "more.csv"]);
    assert!(changed.contains("was another one"), "{changed}");
    let other = place.fails(2, ["import", url, "nights", "more.csv", "--columns", DAYS]);
    assert!(
        other.contains("not of an import into this table"),
        "{other}"
    );
}

#[test]
fn types_of_cells() {
    let place = Place::local();
    let url = &*place.url;
    place.file(
        "t.csv",
        "k,zip,n,mixed,tags,none\n1,01234,5,1,\"[1]\",\n2,99999,,x,,\n",
    );
    place.ok([
        "import",
        url,
        "t",
        "t.csv",
        "--columns",
        "k: u8",
        "--types",
        "tags=json",
    ]);
    assert_eq!(
        place.json(["rows", url, "t"]),
        [
            json!({"k": 1, "zip": "01234", "n": 5, "mixed": "1", "tags": [1], "none": ""}),
            json!({"k": 2, "zip": "99999", "mixed": "x", "none": ""})
        ]
    );
    let wrong = place.fails(2, ["import", url, "t", "t.csv", "--types", "zap=text"]);
    assert!(wrong.contains("no column \"zap\""), "{wrong}");
}

/// So many rows of CSV.
fn many(rows: usize) -> String {
    let lines = (0..rows).map(|row| format!("{row},{}\n", row * 7));
    std::iter::once("id,n\n".to_owned()).chain(lines).collect()
}

/// Kills the program in the middle of imports, until one goes through: no row is lost or double.
#[test]
fn a_killed_import_goes_on() {
    let server = Server::start_with(Options {
        latency: Duration::from_millis(20),
        ..Options::default()
    });
    let place = Place::s3(&server);
    place.file("many.csv", many(800));
    let import = [
        "import",
        &*place.url,
        "many",
        "many.csv",
        "--columns",
        "id: u64",
        "--quiet",
        "--yes",
    ];
    let mut kills = 0;
    for wait in [150, 300, 450] {
        let mut child = place.command(import).stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_millis(wait));
        kills += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(kills > 0, "no import was under way when it was killed");
    let ran = place.run(import.iter().chain(&["--json"]));
    assert_eq!(ran.code, 0, "{ran:?}");
    let counts: Value = serde_json::from_str(&ran.out).unwrap();
    let counted = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(
        counted("written") + counted("present") + counted("done_before"),
        800,
        "{counts}"
    );
    let keys: BTreeSet<String> = server
        .keys("shop")
        .into_iter()
        .filter(|key| key.starts_with("many/"))
        .collect();
    assert_eq!(keys.len(), 800);
    let outcomes = place.read("many.csv.outcomes");
    let rows: BTreeSet<u64> = outcomes
        .lines()
        .skip(1)
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["row"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(rows, (1..=800).collect());
}

#[test]
fn a_killed_export_goes_on() {
    let server = Server::start_with(Options {
        latency: Duration::from_millis(5),
        ..Options::default()
    });
    let place = Place::s3(&server);
    server.seed(
        "shop",
        (0..6000).map(|id| (format!("many/{id:06}"), format!("{{\"n\":{id}}}"))),
    );
    let columns = ["--columns", "id: u64 width 6", "--body", "object"];
    let export = [
        "export",
        &*place.url,
        "many",
        "--output",
        "out.ndjson",
        "--quiet",
        "--yes",
    ];
    let mut child = place
        .command(export.iter().chain(&columns))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let state = place.path("out.ndjson.part.state");
    let mut waited = 0;
    while !state.exists() && waited < 2000 && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(5));
        waited += 1;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        !place.path("out.ndjson").exists(),
        "the export was too fast to be killed"
    );
    let before = serde_json::from_str::<Value>(&fs::read_to_string(&state).unwrap()).unwrap();
    let done = before["rows"].as_u64().unwrap();
    assert!(done > 0 && done < 6000, "{before}");
    server.clear_log();
    place.ok(export.iter().chain(&columns));
    let rows = place.read("out.ndjson");
    let ids: Vec<u64> = rows
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["id"]
                .as_u64()
                .unwrap()
        })
        .collect();
    assert_eq!(ids, (0..6000).collect::<Vec<_>>());
    // Only what was left was read.
    let gets = server.count(s3aads_tests::server::Operation::Get);
    assert!(
        gets as u64 <= 6000 - done + 8,
        "{gets} reads, {done} done before"
    );
    assert!(!state.exists());
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let place = Place::local();
    place.file("many.csv", many(3000));
    place.ok([
        "import",
        &place.url,
        "many",
        "many.csv",
        "--columns",
        "id: u64",
    ]);
    let mut child = place.command(["keys", &*place.url, "many", "--json"]);
    let mut child = child
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert!(
        ended.status.success() && ended.stderr.is_empty(),
        "{ended:?}"
    );
    assert_eq!(CSV.lines().count(), 4);
}
