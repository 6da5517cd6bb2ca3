//! The commands that look, on the local disk, and what each says of a mistake.

use std::fs;

use serde_json::json;

use crate::run::{DAYS, Place, days};

#[test]
fn what_is_there() {
    let place = Place::local();
    let folder = format!("file://{}", place.folder.path().display());
    let url = &*place.url;
    assert!(place.run(["tables", url]).err.contains("there is no table"));
    days(&place);
    assert_eq!(
        place.json(["databases", &folder]),
        [json!({"database": "db"})]
    );
    assert_eq!(place.json(["tables", url]), [json!({"table": "days"})]);
    let schema = &place.json(["schema", url, "days"])[0];
    assert_eq!(schema["schema"], "stored");
    let definition = "days(city: string plain, month: u8 width 2) layout plain, body object";
    assert_eq!(schema["definition"], definition);
    assert_eq!(
        schema["columns"][1],
        json!({"column": "month", "type": "u8", "encoding": "width 2"})
    );
    // A table for people, in plain text as this is no terminal.
    let table = place.ok(["keys", url, "days", "city=Oslo"]);
    assert!(
        table.contains("│ city   month │") && table.contains("│ Oslo       2 │"),
        "{table}"
    );
    assert!(!table.contains('\u{1b}'));
}

#[test]
fn filters_of_every_kind() {
    let place = Place::local();
    days(&place);
    let count = |filters: &[&str]| {
        let start = ["count", &*place.url, "days"];
        place.ok(start.iter().chain(filters)).trim().to_owned()
    };
    for (filters, rows) in [
        (&[][..], "3"),
        (&["city=Oslo"], "2"),
        (&["city=Oslo,Bern", "month=1..=2"], "2"),
        (&["month=1..2"], "1"),
        (&["month>1"], "2"),
        (&["month<=2"], "2"),
        (&["city^=O"], "2"),
        (&["city==Oslo,Bern"], "0"),
        (&["month=001"], "1"),
    ] {
        assert_eq!(count(filters), rows, "{filters:?}");
    }
    let distinct = place.json(["distinct", &place.url, "days", "city"]);
    assert_eq!(distinct, [json!({"city": "Bern"}), json!({"city": "Oslo"})]);
    let rows = place.json(["rows", &place.url, "days", "month=2"]);
    assert_eq!(
        rows,
        [json!({"city": "Oslo", "month": 2, "rain": 0.5, "code": "008", "wet": false})]
    );
    let keys = place.json(["keys", &place.url, "days", "--limit", "1", "--long"]);
    assert_eq!(
        (&keys[0]["city"], &keys[0]["size"]),
        (&json!("Bern"), &json!(31))
    );
}

#[test]
fn what_cant_be_says_what_to_do() {
    let place = Place::local();
    days(&place);
    let url = &*place.url;
    for (code, arguments, part) in [
        (
            2,
            &["keys", url, "days", "year=1"][..],
            "it has city, month",
        ),
        (2, &["keys", url, "days", "year"], "a filter is like"),
        (2, &["keys", url, "days", "month=July"], "\"July\" is no u8"),
        (
            2,
            &["get", url, "days", "Oslo"],
            "has 2 columns and 1 were given",
        ),
        (
            2,
            &["keys", "ftp://x", "days"],
            "no store is known for ftp://",
        ),
        (
            2,
            &["keys", "s3://key:secret@db", "days"],
            "holds no credentials",
        ),
        (
            2,
            &["keys", url, "days", "--columns", "city, month"],
            "leave `--columns` out",
        ),
        (
            2,
            &["put", url, "days", "Oslo", "7", "--data", "{"],
            "does not decode",
        ),
        (
            2,
            &["put", url, "days", "Oslo", "300", "--data", "{}"],
            "is no u8",
        ),
        (2, &["delete", url, "days"], "--all"),
        (2, &["copy", url, "days"], "needs `--to`"),
        (
            1,
            &["get", url, "days", "Oslo", "7"],
            "there is no row \"Oslo/07\"",
        ),
        (3, &["rows", url, "nights"], "s3aads tables"),
        (
            4,
            &["put", url, "days", "Oslo", "1", "--data", "{}"],
            "--overwrite",
        ),
        (
            8,
            &["ddl", url, "days", "--engine", "duckdb"],
            "no engine reads this table",
        ),
    ] {
        let said = place.fails(code, arguments);
        assert!(said.contains(part), "{arguments:?}: {said}");
        assert!(!said.contains("secret"), "{said}");
    }
    let missing = "file:///nowhere/at/all";
    let said = place.fails(3, ["tables", missing]);
    assert!(said.contains("s3aads create"), "{said}");
    let said = place.fails(3, ["rows", url, "nights", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["error"]["kind"], "not found");
}

#[test]
fn what_others_wrote_is_told() {
    let place = Place::local();
    days(&place);
    let root = place.path("db/days");
    fs::write(root.join("readme.txt"), "days").unwrap();
    fs::write(root.join("Oslo/3"), "{}").unwrap();
    fs::write(root.join("Oslo/04"), "{").unwrap();
    let verified = place.run(["verify", &place.url, "days", "--json"]);
    assert_eq!(verified.code, 1, "{verified:?}");
    let findings: Vec<serde_json::Value> = verified
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let told: Vec<(&str, &str)> = findings
        .iter()
        .map(|finding| {
            (
                finding["kind"].as_str().unwrap(),
                finding["object"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("invalid row", "days/Oslo/04"),
            ("foreign object", "days/Oslo/3"),
            ("foreign object", "days/readme.txt")
        ]
    );
    // Rows that decode are shown, and the others are told.
    let rows = place.run(["rows", &place.url, "days", "--json"]);
    assert_eq!((rows.code, rows.out.lines().count()), (1, 4), "{rows:?}");
    assert!(rows.err.contains("Oslo/04"), "{rows:?}");
    assert_eq!(
        place.json(["check", &place.url])[0]["conditional_writes"],
        true
    );
}

#[test]
fn tables_of_other_programs() {
    let place = Place::local();
    let url = &*place.url;
    // As the Python library leaves them.
    for (path, body) in [
        ("1/2020/01", r#"["a","b"]"#),
        ("1/2020/02", "dry"),
        ("7/2021/12", ""),
    ] {
        let file = place.path(&format!("db/daily/{path}"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, body).unwrap();
    }
    assert_eq!(
        place.json(["rows", url, "daily"]),
        [
            json!({"column_0": "1", "column_1": "2020", "column_2": "01", "data": ["a", "b"]}),
            json!({"column_0": "1", "column_1": "2020", "column_2": "02", "text": "dry"}),
            json!({"column_0": "7", "column_1": "2021", "column_2": "12", "text": ""})
        ]
    );
    let columns = ["--columns", "id: u64, year: u16, month: u8 width 2"];
    let keys = place.json(
        ["keys", url, "daily", "year=2020", "month=2"]
            .iter()
            .chain(&columns),
    );
    assert_eq!(keys, [json!({"id": 1, "year": 2020, "month": 2})]);
    place.ok(["put", url, "daily", "8", "2021", "1", "--data", "wet"]
        .iter()
        .chain(&columns)
        .chain(&["--body", "text"]));
    assert!(place.path("db/daily/8/2021/01").exists());
    // A hive table names its columns itself.
    let file = place.path("db/hive/city=São Paulo/month=1/row.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, "{\"rain\":1}\n").unwrap();
    let rows = place.json(["rows", url, "hive"]);
    assert_eq!(
        rows,
        [json!({"city": "São Paulo", "month": "1", "rain": 1})]
    );
    place.ok(["put", url, "hive", "Oslo", "2", "--data", "{}"]);
    assert!(place.path("db/hive/city=Oslo/month=2/row.json").exists());
    assert_eq!(
        place.json(["schema", url, "hive"])[0]["schema"],
        "told by the paths"
    );
}

#[test]
fn packed_tables() {
    let place = Place::local();
    let url = &*place.url;
    let columns = ["--columns", "city, month: u8 packed", "--layout", "hive"];
    place.file("days.csv", crate::run::CSV);
    place.ok(["import", url, "days", "days.csv"].iter().chain(&columns));
    assert!(place.path("db/days/city=Oslo/rows.ndjson").exists());
    assert_eq!(
        place.json(["rows", url, "days", "month=2"]),
        [json!({"city": "Oslo", "month": 2, "rain": 0.5, "code": "008", "wet": false})]
    );
    place.ok(["put", url, "days", "Oslo", "3", "--data", r#"{"rain":7}"#]);
    place.ok(["delete", url, "days", "month=1", "--yes"]);
    assert_eq!(place.ok(["count", url, "days"]), "3\n");
    assert!(place.run(["verify", url, "days"]).code == 0);
    let view = place.ok(["ddl", url, "days", "--engine", "duckdb"]);
    assert!(
        view.contains("'rain': 'DOUBLE'") || view.contains("'rain': 'BIGINT'"),
        "{view}"
    );
}

#[test]
fn what_a_query_costs() {
    let place = Place::local();
    days(&place);
    let url = &*place.url;
    let plan = place.ok([
        "explain",
        url,
        "days",
        "city=Oslo",
        "month=1..=3",
        "--rows",
        "50000",
    ]);
    assert!(
        plan.contains("city = \"Oslo\": pushed down as prefix"),
        "{plan}"
    );
    let plan = &place.json(["explain", url, "days", "city=Oslo", "--rows", "50000"])[0];
    assert_eq!(
        (&plan["prefix"], &plan["most_lists"]),
        (&json!("days/Oslo/"), &json!(84))
    );
    let analysis = &place.json(["explain", url, "days", "city=Oslo", "--analyze"])[0];
    assert_eq!(
        (&analysis["rows"], &analysis["list"]),
        (&json!(2), &json!(1))
    );
    let costs = place.json([
        "cost",
        url,
        "days",
        "--rows",
        "1000",
        "--per-month",
        "1000000",
    ]);
    let reading = costs
        .iter()
        .find(|cost| cost["call"] == "1000 rows")
        .unwrap();
    assert!(
        (reading["dollars"].as_f64().unwrap() - 0.000_405).abs() < 1e-9,
        "{reading}"
    );
    assert!(
        (reading["dollars_a_month"].as_f64().unwrap() - 405.0).abs() < 1e-6,
        "{reading}"
    );
    assert!(
        place
            .ok(["cost", url, "days"])
            .contains("a server is cheaper from")
    );
}

#[test]
fn help_and_completions() {
    let place = Place::local();
    let help = place.ok(["--help"]);
    assert!(
        help.contains("Exit codes:") && help.contains("rekey"),
        "{help}"
    );
    for shell in ["bash", "zsh", "fish"] {
        let script = place.ok(["completions", shell]);
        assert!(
            script.contains("s3aads") && script.contains("rekey"),
            "{shell}"
        );
        // A shell that is there reads it.
        let file = place.file("completions", script);
        if let Ok(read) = std::process::Command::new(shell)
            .arg("-n")
            .arg(file)
            .output()
        {
            assert!(read.status.success(), "{shell}: {read:?}");
        }
    }
    assert_eq!(
        place
            .run(["put", &place.url, "t", "1", "--columns", DAYS])
            .code,
        2
    );
}
