//! The hive tables that `.ci/engines.py` reads with other programs: every key type and encoding,
//! and awkward texts.
//!
//! `engines URL` writes them to a database there and prints, as one JSON document, what is in them:
//! each table with its schema and rows, a row's key column as the plain text of its value.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroI16;
use std::process::ExitCode;
use std::time::SystemTime;

use s3aads::{ColumnType, Database, Encoding, KeyColumn, S3Table, Schema};
use serde_json::{Value, json};

type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
enum Weather {
    Sun,
    LightRain,
}

/// Texts that programs which read partitions have been seen to read as something else, or that look
/// as if they could be.
#[rustfmt::skip]
const TEXTS: &[&str] = &[
    // Spaces and separators.
    " ", "a b", " a", "a ", "a/b", "../b", "a\\b", "c:\\d", "a=b", "=", "a:b", "a;b", "a,b", "a|b", "a&b",
    "http://x/y?z=1&w=2",
    // Escapes.
    "%", "%20", "%2F", "%41", "%_", "%00", "100%", "+", "a+b",
    // Wildcards, quotes, brackets.
    "*", "a**b", "?", "#", "'", "\"", "`", "(a)", "[a]", "{a}", "{a,b}", "[0-9]", "}", "^", "~", "!", "$HOME", "@", "<b>",
    // Names of files.
    ".", "..", "...", ".a", "_a", "-", "row.json", "con",
    // Numbers, or not.
    "0", "-0", "00", "007", "-1", "+1", "1.0", ".5", "1e3", "0x1F", "1_000", "1,000", "99999999999999999999", "inf", "-inf", "nan", "NaN", "Infinity",
    // Other values, or not.
    "true", "TRUE", "false", "null", "NULL", "None", "NA", "N/A", "nil", "__hive_default_partition__",
    "__HIVE_DEFAULT_PARTITION__x", "2020-01-31", "2020-01-31T00:00:00Z", "12:30", "20200131", "1 day", "[]", "{}", "\"\"", "''",
    // Scripts, and characters that are not seen.
    "São Paulo", "é", "e\u{301}", "東京", "Ελλάδα", "שלום", "ı", "İ", "😀", "👩\u{200d}🚀", "\u{200f}\u{202e}abc", "\u{200b}", "\u{feff}a",
    "\u{a0}", "\u{2028}", "\u{85}", "a\tb", "a\nb", "a\r\nb", "\u{1}", "\u{7f}", "a\0b",
    // What readers take for NULL.
    "", "__HIVE_DEFAULT_PARTITION__", "\\N",
];

/// Texts that are numbers to whoever guesses types.
const DIGITS: [&str; 3] = ["007", "12", "1e3"];

/// The text that stands for a value in this encoding; of a number it is the plain one, since what an
/// engine reads is a number.
fn told<T: KeyColumn>(value: &T, encoding: Encoding) -> Result<String> {
    let is_number = matches!(T::TYPE, ColumnType::Unsigned(_) | ColumnType::Signed(_));
    let mut text = String::new();
    value.encode(
        if is_number { Encoding::Plain } else { encoding },
        &mut text,
    )?;
    Ok(text)
}

/// Inserts rows and tells what came of each.
async fn write<T: S3Table>(db: &Database, rows: Vec<(String, T)>) -> Result<Value> {
    let table = db.table::<T>();
    let mut written = Vec::new();
    for (value, row) in rows {
        let refused = table
            .insert(&row)
            .await
            .err()
            .map(|error| error.to_string());
        written.push(json!({
            "value": value,
            "path": row.to_key().to_string(),
            "refused": refused,
        }));
    }
    Ok(describe(T::SCHEMA, &written))
}

fn describe(schema: &Schema, rows: &[Value]) -> Value {
    let columns: Vec<Value> = schema
        .columns()
        .iter()
        .map(|column| {
            json!({
                "name": column.name(),
                "type": column.column_type().to_string(),
                "encoding": column.encoding().to_string(),
            })
        })
        .collect();
    json!({
        "table": schema.table(),
        "columns": columns,
        "body": schema.body().to_string(),
        "rows": rows,
    })
}

/// A table of one key column, whose rows count themselves.
macro_rules! table {
    ($db:expr, $name:literal, $type:ty $(, $setting:ident $(= $value:tt)?)*; $values:expr) => {{
        #[derive(S3Table)]
        #[s3(table = $name, layout = "hive")]
        struct Row {
            #[s3(key $(, $setting $(= $value)?)*)]
            value: $type,
            n: u32,
        }
        let mut rows = Vec::new();
        for (value, n) in $values.into_iter().zip(1..) {
            rows.push((told(&value, Row::SCHEMA.columns()[0].encoding())?, Row { value, n }));
        }
        write($db, rows).await?
    }};
}

/// A table without a field that is not a key column.
async fn keys_only(db: &Database) -> Result<Value> {
    #[derive(S3Table)]
    #[s3(table = "keys_only", layout = "hive")]
    struct Row {
        #[s3(key)]
        value: u32,
    }
    let rows = [1, 20].map(|value| (value.to_string(), Row { value }));
    write(db, rows.into()).await
}

async fn run(url: &str) -> Result {
    let db = &Database::open(url)?;
    db.create().await?;
    let date = |text: &str| text.parse::<chrono::NaiveDate>();
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>();
    let dates = [
        date("2020-01-31")?,
        date("0001-01-01")?,
        date("9999-12-31")?,
    ];
    let times = [
        at("2020-01-31T23:59:59.123456789Z")?,
        at("1969-12-31T00:00:00Z")?,
    ];
    let uuid = uuid::Uuid::from_u128(0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8);
    let local = times.map(|at| at.naive_utc());
    let addresses = ["10.0.0.7", "192.168.0.1"].map(str::parse::<Ipv4Addr>);
    let [first, second] = addresses;
    let addresses = [first?, second?];
    let v6 = ["::1".parse::<Ipv6Addr>()?, "2001:db8::1".parse()?];
    let strings = |texts: &[&str]| {
        texts
            .iter()
            .map(|&text| text.to_owned())
            .collect::<Vec<_>>()
    };
    let tables = vec![
        table!(db, "u8", u8; [0, 7, u8::MAX]),
        table!(db, "u8_width", u8, width = 3; [0, 7, 8, 10, u8::MAX]),
        table!(db, "u8_ordered", u8, ordered; [0, 8, u8::MAX]),
        table!(db, "u16", u16; [0, u16::MAX]),
        table!(db, "u32_width", u32, width = 6; [0, 99, 123_456]),
        table!(db, "u32_ordered", u32, ordered; [0, u32::MAX]),
        table!(db, "u64", u64; [0, u64::MAX]),
        table!(db, "u64_ordered", u64, ordered; [7, u64::MAX]),
        table!(db, "u128", u128; [7, u128::MAX]),
        table!(db, "i8", i8; [i8::MIN, 0, i8::MAX]),
        table!(db, "i16_width", i16, width = 4; [-7, 0, 12, 1234]),
        table!(db, "i32", i32; [i32::MIN, -7, i32::MAX]),
        table!(db, "i64", i64; [i64::MIN, i64::MAX]),
        table!(db, "i128", i128; [i128::MIN, i128::MAX]),
        table!(db, "bool", bool; [true, false]),
        table!(db, "char", char; ['a', '7', '/', '東']),
        table!(db, "string", String; strings(&DIGITS)),
        table!(db, "date", chrono::NaiveDate; dates),
        table!(db, "timestamp", chrono::DateTime<chrono::Utc>; times),
        table!(db, "system_time", SystemTime; times.map(SystemTime::from)),
        table!(db, "datetime", chrono::NaiveDateTime; local),
        table!(db, "non_zero", NonZeroI16; [NonZeroI16::MIN, NonZeroI16::MAX]),
        table!(db, "ipv4", Ipv4Addr; addresses),
        table!(db, "ipv4_ordered", Ipv4Addr, ordered; addresses),
        table!(db, "ipv6", Ipv6Addr; v6),
        table!(db, "uuid", uuid::Uuid; [uuid, uuid::Uuid::nil()]),
        table!(db, "enum", Weather; [Weather::Sun, Weather::LightRain]),
        table!(db, "name", u8, rename = "Jour férié"; [1, 2]),
        keys_only(db).await?,
        table!(db, "texts", String; strings(TEXTS)),
        table!(db, "long_texts", String; ["é".repeat(120), "x/".repeat(60), "x".repeat(300)]),
    ];
    println!("{}", Value::from(tables));
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: engines URL");
        return ExitCode::FAILURE;
    };
    match run(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("engines: {error}");
            ExitCode::FAILURE
        }
    }
}
