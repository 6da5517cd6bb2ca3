//! The stored form, which is a contract: `tests/fixtures/packs.txt` holds the objects of many tables.
//! `S3AADS_PACKS=overwrite` writes them anew.

use std::fmt::Write;
use std::path::Path;

use super::*;
use crate::pack::{object_name, place};
use crate::schema::Compression;

struct Case {
    name: &'static str,
    schema: Arc<Schema>,
    /// Key paths and bodies, in the order of the lines.
    rows: Vec<(String, String)>,
}

/// A table of one packed column, and of these texts in their order.
fn of_type(name: &'static str, column_type: ColumnType, texts: &[&str]) -> Case {
    let columns = vec![column("id", ColumnType::String), column("key", column_type)];
    let rows = texts.iter().enumerate().map(|(i, text)| {
        let segment = crate::key::encode_segment(text);
        (format!("a/{segment}"), format!(r#"{{"n":{i}}}"#))
    });
    Case {
        name,
        schema: table(columns, Layout::Plain, 1),
        rows: rows.collect(),
    }
}

fn case(name: &'static str, schema: Arc<Schema>, rows: &[(&str, &str)]) -> Case {
    let rows = rows
        .iter()
        .map(|(key, body)| ((*key).to_owned(), (*body).to_owned()));
    Case {
        name,
        schema,
        rows: rows.collect(),
    }
}

fn types() -> Vec<Case> {
    let limits = |low: &'static str, high: &'static str| vec![low, "0", "9", "10", high];
    let unsigned = |high| limits("0", high)[1..].to_vec();
    vec![
        of_type("u8", ColumnType::Unsigned(8), &unsigned("255")),
        of_type("u16", ColumnType::Unsigned(16), &unsigned("65535")),
        of_type("u32", ColumnType::Unsigned(32), &unsigned("4294967295")),
        of_type(
            "u64",
            ColumnType::Unsigned(64),
            &unsigned("18446744073709551615"),
        ),
        of_type(
            "u128 is text",
            ColumnType::Unsigned(128),
            &unsigned("340282366920938463463374607431768211455"),
        ),
        of_type("i8", ColumnType::Signed(8), &limits("-128", "127")),
        of_type("i16", ColumnType::Signed(16), &limits("-32768", "32767")),
        of_type(
            "i32",
            ColumnType::Signed(32),
            &limits("-2147483648", "2147483647"),
        ),
        of_type(
            "i64",
            ColumnType::Signed(64),
            &[
                "-9223372036854775808",
                "-10",
                "-9",
                "0",
                "9223372036854775807",
            ],
        ),
        of_type(
            "i128 is text",
            ColumnType::Signed(128),
            &[
                "-170141183460469231731687303715884105728",
                "-10",
                "-9",
                "7",
                "170141183460469231731687303715884105727",
            ],
        ),
        of_type("bool", ColumnType::Bool, &["false", "true"]),
        of_type(
            "char",
            ColumnType::Char,
            &["\0", "\"", "/", "\\", "a", "é", "東", "🦀"],
        ),
        of_type(
            "string by bytes",
            ColumnType::String,
            &["", " ", "10", "9", "A", "a", "a b", "a/b", "é", "東京"],
        ),
        of_type(
            "awkward texts",
            ColumnType::String,
            &[
                "\0", "\t", "\n", "\r\n", "\"", "%_", "..", "\\", "\\\"", "null", "{}", "\u{7f}",
                "\u{85}", "\u{2028}", "\u{feff}",
            ],
        ),
        of_type(
            "date",
            ColumnType::Date,
            &["0000-01-01", "2020-02-29", "9999-12-31"],
        ),
        of_type(
            "timestamp",
            ColumnType::Timestamp,
            &["00000101T000000.000000000Z", "20200131T235959.123456789Z"],
        ),
        of_type(
            "date and time",
            ColumnType::DateTime,
            &["20200131T235959.123456788", "20200131T235959.123456789"],
        ),
        of_type(
            "uuid",
            ColumnType::Uuid,
            &[
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            ],
        ),
        of_type(
            "ipv4",
            ColumnType::Ipv4,
            &["0.0.0.0", "9.0.0.0", "10.0.0.7", "255.255.255.255"],
        ),
        of_type(
            "ipv6",
            ColumnType::Ipv6,
            &["::", "::1", "2001:db8::1", "fe80::"],
        ),
        of_type("ip", ColumnType::Ip, &["10.0.0.7", "192.168.0.1", "::1"]),
        of_type(
            "enum in its order",
            ColumnType::Enum(&["todo", "doing", "done"]),
            &["todo", "doing", "done"],
        ),
    ]
}

fn layouts() -> Vec<Case> {
    let weather = || {
        vec![
            column("location", ColumnType::String),
            column("year", ColumnType::Unsigned(16)),
            column("month", ColumnType::Unsigned(8)),
            column("day", ColumnType::Unsigned(8)),
        ]
    };
    let first = "location=Seattle/year=2012/month=7/day=1/row.json";
    let second = "location=Seattle/year=2012/month=10/day=1/row.json";
    let gzip = |schema: Arc<Schema>| {
        let packed = schema.packed();
        Arc::new(Schema::clone(&schema).with_packed(packed, Some(Compression::Gzip)))
    };
    let encoded = vec![
        ColumnSchema::new("w", ColumnType::Unsigned(16), Encoding::Width(6)),
        ColumnSchema::new("o", ColumnType::Signed(32), Encoding::Ordered),
        ColumnSchema::new("d", ColumnType::Date, Encoding::Descending),
        ColumnSchema::new("u", ColumnType::Signed(64), Encoding::Descending),
        ColumnSchema::new("a", ColumnType::Ip, Encoding::Ordered),
        column("n", ColumnType::Unsigned(8)),
    ];
    vec![
        case(
            "hive",
            table(weather(), Layout::Hive, 2),
            &[
                (first, r#"{"temp_max":34.4}"#),
                (second, r#"{"temp_max":-0.5}"#),
            ],
        ),
        case(
            "plain",
            table(weather(), Layout::Plain, 2),
            &[("Seattle/2012/7/1", r#"{"temp_max":34.4}"#)],
        ),
        case(
            "all columns packed, hive",
            table(weather(), Layout::Hive, 4),
            &[
                (first, r#"{"temp_max":34.4}"#),
                (second, r#"{"temp_max":-0.5}"#),
            ],
        ),
        case(
            "all columns packed, plain",
            table(weather(), Layout::Plain, 4),
            &[
                ("A/1/1/1", "{}"),
                ("B/1/1/1", "{}"),
                ("B/2/1/1", "{}"),
                ("B/10/1/1", "{}"),
            ],
        ),
        case(
            "gzip, hive",
            gzip(table(weather(), Layout::Hive, 2)),
            &[(first, r#"{"a":1}"#)],
        ),
        case(
            "gzip, all columns packed",
            gzip(table(weather(), Layout::Plain, 4)),
            &[("A/1/1/1", "{}"), ("B/1/1/1", "{}")],
        ),
        case(
            "columns of the path with encodings stand in lines as values",
            table(encoded, Layout::Plain, 1),
            &[(
                "000007/-9999999995/7979-98-68/-9223372036854775801/4-010.000.000.007/7",
                r#"{"x":true}"#,
            )],
        ),
        case(
            "awkward texts in a hive path",
            table(weather(), Layout::Hive, 2),
            &[(
                "location=São Paulo%2F%22A%22 %25/year=2012/month=1/day=1/row.json",
                "{}",
            )],
        ),
        case(
            "names that JSON escapes",
            table(
                vec![
                    column("a \"b\"", ColumnType::String),
                    column("é\\", ColumnType::Bool),
                ],
                Layout::Plain,
                1,
            ),
            &[("x/true", "{}")],
        ),
    ]
}

fn bodies() -> Vec<Case> {
    let ids = || {
        table(
            vec![
                column("pack", ColumnType::String),
                column("id", ColumnType::Unsigned(64)),
            ],
            Layout::Plain,
            1,
        )
    };
    vec![
        case("no rows", ids(), &[]),
        case("one row without a body", ids(), &[("a/1", "{}")]),
        case(
            "floats at their limits",
            ids(),
            &[
                ("a/1", r#"{"f":1.7976931348623157e308,"g":5e-324}"#),
                ("a/2", r#"{"f":-1.7976931348623157e308,"g":-0.0}"#),
                ("a/3", r#"{"f":0.30000000000000004,"g":3.4028235e38}"#),
                ("a/4", r#"{"f":1e-45,"g":2.2250738585072014e-308}"#),
            ],
        ),
        case(
            "integers of 128 bits",
            ids(),
            &[(
                "a/1",
                r#"{"u":340282366920938463463374607431768211455,"i":-170141183460469231731687303715884105728}"#,
            )],
        ),
        case(
            "nested bodies",
            ids(),
            &[
                (
                    "a/1",
                    r#"{"list":[{"id":7},[],null],"map":{"pack":"b","}":"{"}}"#,
                ),
                ("a/2", r#"{"text":"a\nb\t\"c\\\" \u0000, }"}"#),
                ("a/3", r#"{"":{"":{}}}"#),
            ],
        ),
        case(
            "numbers keep their digits",
            ids(),
            &[(
                "a/1",
                r#"{"a":1.50,"b":1E5,"c":100000000000000000000000000}"#,
            )],
        ),
    ]
}

/// What is stored of a case: the rows are put in backwards.
fn stored(case: &Case) -> (String, Bytes) {
    let mut path = format!("a/{}", object_name(&case.schema));
    let places: Vec<_> = case
        .rows
        .iter()
        .map(|(key, _)| place(&case.schema, key).unwrap())
        .collect();
    if let Some(place) = places.first() {
        path.clone_from(&place.pack);
    }
    let mut draft = Draft::new(Arc::new(Pack::empty(&case.schema, &path)));
    let writer = Writer::new(&case.schema, &path);
    for (place, (_, body)) in places.iter().zip(&case.rows).rev() {
        assert_eq!(place.pack, path);
        draft.put(
            &place.texts,
            writer.write(&place.texts, body.as_bytes()).unwrap(),
        );
    }
    (path, draft.write().unwrap())
}

#[test]
fn packs_are_stored_as_they_ever_were() {
    let cases: Vec<Case> = [types(), layouts(), bodies()]
        .into_iter()
        .flatten()
        .collect();
    assert!(cases.len() >= 30);
    let mut text = String::new();
    for case in &cases {
        let (path, bytes) = stored(case);
        let pack = Pack::read(&case.schema, &path, bytes.clone(), u64::MAX);
        let read = pack.lines().map(|line| {
            let body = String::from_utf8(line.body().to_vec()).unwrap();
            (line.key_path().unwrap(), body)
        });
        assert_eq!(
            (read.collect::<Vec<_>>(), faults(&pack)),
            (case.rows.clone(), vec![]),
            "{}",
            case.name
        );
        let bytes = match case.schema.compression() {
            None => bytes,
            // How well it is compressed is not the contract.
            Some(_) => super::super::gzip::unpack(&bytes, u64::MAX).unwrap(),
        };
        let lines = std::str::from_utf8(&bytes).unwrap();
        writeln!(text, "== {}: {path}\n{lines}", case.name).unwrap();
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/packs.txt");
    if std::env::var("S3AADS_PACKS").is_ok_and(|value| value == "overwrite") {
        std::fs::write(&file, &text).unwrap();
    }
    let fixture = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text, fixture, "the stored form has changed");
}
