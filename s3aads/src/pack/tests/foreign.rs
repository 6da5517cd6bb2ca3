//! What others write.

use super::*;
use crate::schema::Compression;

const FIRST: &str = r#"{"place":"Rome","year":312,"month":1,"day":2,"rain":0.5}"#;

#[test]
fn a_pack_is_read_as_it_is_written() {
    let text = [
        FIRST,
        "\n",
        r#"{"place":"Rome","year":312,"month":1,"day":10,"rain":1e2,"wind":{"from":"N, \"NE\""}}"#,
        "\n",
        r#"{"place":"Rome","year":312,"month":11,"day":1}"#,
        "\n",
    ]
    .concat();
    let pack = read(&days(), DAYS, text.clone());
    assert_eq!(
        rows(&pack),
        [
            r#"1/2 {"rain":0.5}"#,
            r#"1/10 {"rain":1e2,"wind":{"from":"N, \"NE\""}}"#,
            "11/1 {}"
        ]
    );
    let path = pack.line(1).unwrap().key_path().unwrap();
    assert_eq!(path, "place=Rome/year=0312/month=1/day=10/row.json");
    assert_eq!(super::text(&Draft::new(Arc::new(pack))), text);
}

/// Every way in which a pack may be another's work and still have one meaning.
#[test]
fn what_has_one_meaning_is_read() {
    let last = r#"{"place":"Rome","year":312,"month":12,"day":31,"rain":2}"#;
    let both = [r#"1/2 {"rain":0.5}"#, r#"12/31 {"rain":2}"#];
    for text in [
        format!("{FIRST}\n{last}"),
        format!("\u{feff}{FIRST}\n{last}\n"),
        format!("{FIRST}\r\n{last}\r\n"),
        format!("\n\n{FIRST}\n  \n\t{last} \n\n"),
        format!("{last}\n{FIRST}\n"),
        // DuckDB and Polars leave the path's columns out.
        format!("{FIRST}\n{}\n", r#"{"month":12,"day":31,"rain":2}"#),
        format!(
            "{FIRST}\n{}\n",
            r#"{"rain":2,"day":31,"year":312,"month":12,"place":"Rome"}"#
        ),
        format!(
            "{FIRST}\n{}\n",
            r#"{ "place": "Rome", "year": 312, "month": 12, "day": 31, "rain": 2 }"#
        ),
        format!(
            "{FIRST}\n{}\n",
            r#"{"place":"\u0052ome","year":"312","month":"12","day":31,"rain":2}"#
        ),
    ] {
        let pack = read(&days(), DAYS, text.clone());
        assert_eq!(
            (rows(&pack), faults(&pack)),
            (both.map(str::to_owned).to_vec(), vec![]),
            "{text}"
        );
    }
    for empty in ["", "\n", "\r\n", "\u{feff}", " \n "] {
        let pack = read(&days(), DAYS, empty);
        assert_eq!((pack.len(), pack.faults().len()), (0, 0), "{empty:?}");
    }
}

#[test]
fn what_is_no_row_is_told_with_its_object_and_line() {
    for (line, why) in [
        ("x", "expected value at line 1 column 1"),
        (
            "[1]",
            "invalid type: sequence, expected a JSON object at line 1 column 0",
        ),
        (
            "null",
            "invalid type: null, expected a JSON object at line 1 column 4",
        ),
        (
            r#"{"place":"Rome""#,
            "EOF while parsing an object at line 1 column 15",
        ),
        (
            r#"{"place":"Rome","year":312,"month":1,"day":3,"rain":0.5} x"#,
            "trailing characters at line 1 column 58",
        ),
        (
            r#"{"place":"Rome","year":312,"month":1,"day":3,}"#,
            "trailing comma at line 1 column 46",
        ),
        (
            r#"{"place":"Rome","year":312,"month":1}"#,
            r#"it lacks the key column "day""#,
        ),
        (
            r#"{"place":"Rome","year":313,"month":1,"day":3}"#,
            r#"it says "year" is "313" and the object's path says "312""#,
        ),
        (
            r#"{"place":"Rome","year":312,"month":1,"day":null}"#,
            r#"the key column "day" holds null, which is no u8"#,
        ),
        (
            r#"{"place":"Rome","year":312,"month":1,"day":3.0}"#,
            r#"the key column "day" holds 3.0, which is no u8"#,
        ),
        (
            r#"{"place":"Rome","year":312,"month":1,"day":256}"#,
            r#"the key column "day" holds 256, which is no u8"#,
        ),
        (
            r#"{"place":7,"year":312,"month":1,"day":3}"#,
            r#"the key column "place" holds 7, which is no string"#,
        ),
        (
            r#"{"place":"Rome","year":312,"day":3,"month":1,"day":3}"#,
            r#"it has "day" twice"#,
        ),
    ] {
        let pack = read(&days(), DAYS, format!("{FIRST}\n\n{line}\n"));
        let expected = format!(
            "the pack can't be read: line 3 is not one of the pack's rows: {why} (table \"t\", key \
             \"{DAYS}\")"
        );
        assert_eq!(faults(&pack), [expected], "{line}");
        assert_eq!(rows(&pack), [r#"1/2 {"rain":0.5}"#]);
        assert!(pack.find(&["1", "2"]).unwrap().is_some());
        let may_be_in_it = pack.find(&["1", "3"]).unwrap_err();
        assert_eq!(may_be_in_it.kind(), crate::ErrorKind::InvalidRow);
    }
    let broken = [
        FIRST.as_bytes(),
        b"\n{\"place\":\"Rome\",\"year\":312,\"month\":1,\"day\":3,\"x\":\"\xff\"}\n",
    ];
    let pack = read(&days(), DAYS, broken.concat());
    assert!(faults(&pack)[0].contains("line 2 is not one of the pack's rows: it is not UTF-8"));
    assert_eq!(rows(&pack).len(), 1);
}

#[test]
fn lines_of_one_key_are_no_rows() {
    let other = FIRST.replace("0.5", "0.7");
    let last = FIRST.replace("1,", "3,");
    let pack = read(&days(), DAYS, format!("{last}\n{FIRST}\n{other}\n"));
    let told = &faults(&pack)[0];
    assert!(
        told.contains(r#"lines 2, 3 have one key, "1/2"; which of them is the row can't be told"#),
        "{told}"
    );
    assert_eq!(rows(&pack), [r#"3/2 {"rain":0.5}"#]);
    assert!(pack.find(&["1", "2"]).is_err());
}

#[test]
fn a_path_that_is_not_the_tables_is_a_fault() {
    for path in [
        "place=Rome/year=312/rows.ndjson",
        "rows.ndjson",
        "Rome/0312/rows.ndjson",
    ] {
        let pack = read(&days(), path, FIRST);
        assert_eq!((pack.len(), pack.faults().len()), (0, 1), "{path}");
    }
}

#[test]
fn a_key_that_has_no_path_is_a_fault() {
    let columns = vec![
        column("a", ColumnType::Bool),
        column("b", ColumnType::String),
    ];
    let lines = r#"{"b":"","n":1}
{"n":2,"b":"\\N"}
{"b":"b"}"#;
    let hive = table(columns.clone(), Layout::Hive, 1);
    let pack = read(&hive, "a=true/rows.ndjson", lines);
    assert_eq!((pack.len(), pack.faults().len()), (1, 2));
    assert!(faults(&pack)[0].contains("take it for NULL"));
    let plain = table(columns, Layout::Plain, 1);
    assert_eq!(read(&plain, "true/rows.ndjson", lines).len(), 3);
}

#[test]
fn what_does_not_unpack_is_a_fault() {
    let schema = Schema::clone(&days()).with_packed(2, Some(Compression::Gzip));
    let path = format!("{DAYS}.gz");
    let pack = Pack::read(&Arc::new(schema), &path, FIRST.into(), u64::MAX);
    assert_eq!(faults(&pack).len(), 1);
    assert!(faults(&pack)[0].contains("it can't be unpacked"));
}

/// A line that was read in one of its many forms keeps its bytes when others are written.
#[test]
fn the_next_write_puts_lines_in_order_and_keeps_their_bytes() {
    let odd = r#"{ "rain" : 1.50, "day":3,"month":1 }"#;
    let last = r#"{"place":"Rome","year":312,"month":12,"day":31,"rain":2E0}"#;
    let pack = read(&days(), DAYS, format!("\u{feff}{last}\r\n\n{odd}\n{FIRST}"));
    let mut draft = Draft::new(Arc::new(pack));
    put(&mut draft, &owned(&["1", "1"]), br#"{"rain":null}"#);
    let new = r#"{"place":"Rome","year":312,"month":1,"day":1,"rain":null}"#;
    assert_eq!(text(&draft), format!("{new}\n{FIRST}\n{odd}\n{last}\n"));
}

/// A line break that is missing makes one line of two rows, and to write over the first would lose the second.
#[test]
fn a_line_that_holds_more_than_its_row_is_not_written_over() {
    let second = FIRST.replace("1,", "2,");
    for (line, why) in [
        (
            format!("{FIRST}{second}"),
            "trailing characters at line 1 column 13",
        ),
        (
            FIRST.replace("0.5}", &second),
            "EOF while parsing an object",
        ),
        (FIRST.replace("0.5}", "0.5,}"), "trailing comma"),
        (
            FIRST.replace("0.5}", "0.5,\"month\":2}"),
            "it has \"month\" twice",
        ),
    ] {
        let last = FIRST.replace("1,", "3,");
        let pack = read(&days(), DAYS, format!("{last}\n{line}\n"));
        let flaw = pack.error(pack.flaw().unwrap()).to_string();
        let told = format!("the pack can't be read: line 2 is not one of the pack's rows: {why}");
        assert!(flaw.starts_with(&told), "{flaw}");
    }
    let sound = format!(
        "{FIRST}\n{}\n",
        FIRST.replace("1,", "2,").replace("0.5", "{}")
    );
    assert_eq!(read(&days(), DAYS, sound).flaw(), None);
}

/// The same line where nothing is written: it must not be counted as one row.
#[test]
fn two_rows_in_one_line_are_no_row() {
    let first = FIRST.replace("0.5", "{\"a\":[{\"b\":1},{}]}");
    let second = FIRST.replace("1,", "2,");
    for (line, sound) in [
        (format!("{FIRST}{second}"), false),
        (format!("{FIRST} {second}"), false),
        (format!("{FIRST},{second}"), false),
        (format!("{first}{second}"), false),
        (format!("{first}, {second}"), false),
        (FIRST.replace("0.5}", &second), false),
        (FIRST.replace("0.5}", &format!("0.5{second}")), false),
        (FIRST.replace("0.5", "{}"), true),
        (first.clone(), true),
        (FIRST.replace("0.5", "[{},{ },[{\"a\":1} , 2]]"), true),
        (FIRST.replace("0.5", r#""}{ },{ \"place\":""#), true),
        (FIRST.replace("0.5", r#""{}",  "a":{"b":"}"}"#), true),
    ] {
        let pack = read(&days(), DAYS, format!("{line}\n"));
        let expected = if sound { (1, 0) } else { (0, 1) };
        assert_eq!((pack.len(), pack.faults().len()), expected, "{line}");
        assert_eq!(pack.flaw().is_none(), sound);
    }
}

/// A few compressed bytes may stand for any number of them.
#[test]
fn many_faults_are_told_in_few_words() {
    let pack = read(&days(), DAYS, format!("{FIRST}\n{}", "x\n".repeat(100_000)));
    let told = faults(&pack);
    assert_eq!((pack.len(), told.len()), (1, 101));
    assert!(told[99].contains("line 101 is not one of the pack's rows"));
    assert!(told[100].contains("99900 more lines are none of the pack's rows"));

    let twice = (1..=200).map(|day| FIRST.replace(":2,", &format!(":{day},")) + "\n");
    let twice = twice.collect::<String>().repeat(20);
    let told = faults(&read(&days(), DAYS, twice));
    assert_eq!(told.len(), 101);
    assert!(told[0].contains(
        "lines 1, 201, 401, 601, 801, 1001, 1201, 1401, 1601, 1801 and 10 more have one key"
    ));
    assert!(told[100].contains("100 more keys are those of several lines"));
}
