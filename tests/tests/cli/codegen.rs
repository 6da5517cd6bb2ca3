//! The structs that `codegen` writes compile, and are of the tables that they are written from.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::run::{Place, days};

/// Tables of every type, encoding and awkward name, with a row each.
const TABLES: &[(&str, &str, &str)] = &[
    (
        "numbers(a: u8, b: u16 width 5, c: u32 ordered, d: u64 descending, e: u128, f: i8 ordered, g: i64 descending, h: i32 width 9)",
        "1 2 3 4 5 -6 7 8",
        r#"{"n":1,"f":0.5,"s":"x","l":[1,2],"any":{"a":1},"opt":null}"#,
    ),
    (
        "kinds(a: bool, b: char, c: date, d: timestamp descending, e: datetime, f: uuid, g: ipv4 ordered, h: ipv6, i: ip) body text",
        "true x 2020-01-31 20200131T235959.123456789Z 20200131T235959.123456789 67e55044-10b1-426f-9247-bb680e5fe0c8 10.0.0.1 ::1 10.0.0.2",
        "text",
    ),
    (
        "states(state: enum(open|in-work|self), key, type, row) body data",
        "open a b c",
        "[[1],[2]]",
    ),
    (
        "awkward-Name(tempMax, temp_max, 2020: u16) body bytes",
        "a b 1",
        "x",
    ),
    (
        "packs(city, day: date packed, hour: u8 packed) layout hive, compress gzip",
        "Oslo 2020-01-31 7",
        r#"{"self":1,"r.x":true}"#,
    ),
    ("nothing(k) body empty", "a", ""),
];

#[test]
fn what_is_written_compiles() {
    let place = Place::local();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = s3aads::Database::open(&place.url).unwrap();
        for (schema, key, body) in TABLES {
            let table = db.raw_table_of(schema.parse().unwrap()).unwrap();
            let key = table.key_of(key.split(' ')).unwrap();
            table.insert_by_key(&key, *body).await.unwrap();
        }
        // Without a stored schema.
        let guessed = db.raw_table("guessed", ["id", "day"]).unwrap();
        guessed
            .insert(["7", "2020-01-31"], r#"{"n":1}"#)
            .await
            .unwrap();
    });
    days(&place);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut code = String::from("#![allow(dead_code)]\n#![deny(warnings)]\n");
    let mut asserts = String::new();
    let names = [
        "numbers",
        "kinds",
        "states",
        "awkward-Name",
        "packs",
        "nothing",
        "guessed",
        "days",
    ];
    for (i, name) in names.iter().enumerate() {
        for dates in ["chrono", "jiff"] {
            let written = place.ok([
                "codegen", &place.url, name, "--name", "Row", "--dates", dates,
            ]);
            code.push_str(&format!("mod {dates}_{i} {{\n{written}\n}}\n"));
            let schema = &place.json(["schema", &place.url, name])[0];
            if schema["schema"] == "stored" {
                let (print, body) = (&schema["fingerprint"], &schema["body"]);
                asserts.push_str(&format!(
                    "    assert_eq!({dates}_{i}::Row::SCHEMA.fingerprint(), {print}, \"{name}\");\n    \
                     assert_eq!({dates}_{i}::Row::SCHEMA.body().to_string(), {body}, \"{name}\");\n"
                ));
            }
        }
    }
    code.push_str(&format!(
        "fn main() {{\n    use s3aads::S3Table as _;\n{asserts}}}\n"
    ));
    place.file(
        "Cargo.toml",
        format!(
            "[package]\nname = \"generated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [[bin]]\nname = \"generated\"\npath = \"main.rs\"\n\n[dependencies]\n\
             s3aads = {{ path = \"{}/s3aads\", default-features = false, features = [\"derive\", \"chrono\", \"jiff\", \"uuid\"] }}\n\
             chrono = {{ version = \"0.4\", default-features = false }}\njiff = \"1\"\n\
             uuid = {{ version = \"1\", default-features = false }}\nserde_json = \"1\"\n",
            root.display()
        ),
    );
    place.file("main.rs", &code);
    fs::copy(root.join("Cargo.lock"), place.path("Cargo.lock")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    // Kept, so that the library is built once.
    let target = crate::run::program().with_file_name("codegen");
    let output = cargo
        .args(["run", "--quiet", "--manifest-path"])
        .arg(place.path("Cargo.toml"))
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{code}");
}
