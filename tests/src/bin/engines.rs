//! The tables that `.ci/engines.py` reads with other programs: every key type and encoding, and
//! awkward texts, in the path and in the lines of packs.
//!
//! `engines URL` writes them to databases below it, one for each form that tables are stored in, and
//! prints, as one JSON document, what is in them: each table with its schema, the statements that
//! read it, and its rows, a row's key column as the plain text of its value.
//!
//! `engines read URL` reads the table that `.ci/engines_spark.py` has Spark write.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::num::NonZeroI16;
use std::process::ExitCode;
use std::time::SystemTime;

use s3aads::{ColumnType, Database, Encoding, Engine, FieldSchema, KeyColumn, S3Table, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

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

/// A database for each form that tables are stored in.
struct Forms {
    hive: Form,
    packed: Form,
    gzip: Form,
    plain: Form,
}

/// A database of tables of one form.
struct Form {
    name: &'static str,
    url: String,
    db: Database,
}

impl Forms {
    async fn create(url: &str) -> Result<Self> {
        Ok(Self {
            hive: Form::create(url, "hive").await?,
            packed: Form::create(url, "packed").await?,
            gzip: Form::create(url, "gzip").await?,
            plain: Form::create(url, "plain").await?,
        })
    }
}

impl Form {
    async fn create(url: &str, name: &'static str) -> Result<Self> {
        let url = format!("{}/{name}", url.trim_end_matches('/'));
        let db = Database::open(&url)?;
        db.create().await?;
        Ok(Self { name, url, db })
    }

    /// Inserts rows and tells what came of each.
    async fn write<T: S3Table>(&self, rows: Vec<(String, T)>) -> Result<Value> {
        let table = self.db.table::<T>();
        let mut written = Vec::new();
        for (value, row) in rows {
            let refused = table.insert(&row).await.err();
            written.push(json!({
                "value": value,
                "path": row.to_key().to_string(),
                "refused": refused.map(|error| error.to_string()),
            }));
        }
        Ok(self.describe(T::SCHEMA, &FieldSchema::of::<T>(), &written))
    }

    fn describe(&self, schema: &Schema, fields: &[FieldSchema], rows: &[Value]) -> Value {
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
        let statements: Map<String, Value> = Engine::ALL
            .iter()
            .map(|&engine| {
                let statement = match schema.ddl(engine, &self.url, fields) {
                    Ok(statement) => json!({ "text": statement }),
                    Err(error) => json!({ "refused": error.to_string() }),
                };
                (engine.to_string(), statement)
            })
            .collect();
        json!({
            "form": self.name,
            "table": schema.table(),
            "columns": columns,
            "bound": schema.bound().len(),
            "fields": fields.iter().map(FieldSchema::name).collect::<Vec<_>>(),
            "ddl": statements,
            "rows": rows,
        })
    }
}

/// Tables of one key column, whose rows count themselves; and the same with the column in the path
/// and once more in the lines.
macro_rules! tables {
    ($forms:expr, $name:literal, $type:ty $(, $setting:ident $(= $value:tt)?)*; $values:expr) => {{
        #[derive(S3Table)]
        #[s3(table = $name, layout = "hive")]
        struct Row {
            #[s3(key $(, $setting $(= $value)?)*)]
            value: $type,
            n: u32,
        }
        #[derive(S3Table)]
        #[s3(table = $name, layout = "hive")]
        struct Line {
            #[s3(key $(, $setting $(= $value)?)*)]
            value: $type,
            #[s3(key, packed)]
            again: $type,
            n: u32,
        }
        let (mut rows, mut lines) = (Vec::new(), Vec::new());
        for (value, n) in $values.into_iter().zip(1..) {
            let text = told(&value, Row::SCHEMA.columns()[0].encoding())?;
            let again = told(&value, Encoding::Plain)?;
            let both = if text == again { again } else { format!("{text}, {again}") };
            lines.push((both, Line { value: value.clone(), again: value.clone(), n }));
            rows.push((text, Row { value, n }));
        }
        vec![$forms.hive.write(rows).await?, $forms.packed.write(lines).await?]
    }};
}

/// The same in compressed packs, and in packs of the plain layout.
macro_rules! other_packs {
    ($forms:expr, $name:literal, $type:ty; $values:expr) => {{
        #[derive(S3Table)]
        #[s3(table = $name, layout = "hive", compress = "gzip")]
        struct Gzip {
            #[s3(key)]
            value: $type,
            #[s3(key, packed)]
            again: $type,
            n: u32,
        }
        #[derive(S3Table)]
        #[s3(table = $name)]
        struct Plain {
            #[s3(key)]
            value: $type,
            #[s3(key, packed)]
            again: $type,
            n: u32,
        }
        let (mut gzip, mut plain) = (Vec::new(), Vec::new());
        for (value, n) in $values.into_iter().zip(1..) {
            let text = told(&value, Encoding::Plain)?;
            gzip.push((
                text.clone(),
                Gzip {
                    value: value.clone(),
                    again: value.clone(),
                    n,
                },
            ));
            plain.push((
                text,
                Plain {
                    value: value.clone(),
                    again: value,
                    n,
                },
            ));
        }
        vec![
            $forms.gzip.write(gzip).await?,
            $forms.plain.write(plain).await?,
        ]
    }};
}

/// Tables without a field that is not a key column.
async fn keys_only(forms: &Forms) -> Result<Vec<Value>> {
    #[derive(S3Table)]
    #[s3(table = "keys_only", layout = "hive")]
    struct Row {
        #[s3(key)]
        value: u32,
    }
    #[derive(S3Table)]
    #[s3(table = "keys_only", layout = "hive")]
    struct Line {
        #[s3(key, packed)]
        value: u32,
    }
    let rows = [1, 20].map(|value| (value.to_string(), Row { value }));
    let lines = [1, 20].map(|value| (value.to_string(), Line { value }));
    Ok(vec![
        forms.hive.write(rows.into()).await?,
        forms.packed.write(lines.into()).await?,
    ])
}

#[derive(Clone, Serialize, Deserialize)]
struct Inner {
    a: u8,
}

/// A table with a field of each type in its body; a row's value is the fields as JSON.
async fn fields(forms: &Forms) -> Result<Value> {
    #[derive(Clone, Serialize, S3Table)]
    #[s3(table = "fields", layout = "hive")]
    struct Row {
        #[s3(key)]
        value: u8,
        n: u32,
        truth: bool,
        tiny: i8,
        small: u16,
        big: u64,
        low: i64,
        half: f32,
        float: f64,
        text: String,
        letter: char,
        maybe: Option<String>,
        list: Vec<f64>,
        names: Vec<String>,
        inner: Inner,
    }
    let row = Row {
        value: 1,
        n: 1,
        truth: true,
        tiny: -7,
        small: 65_535,
        big: u64::MAX,
        low: i64::MIN,
        half: 0.5,
        float: 1e-300,
        text: "007".to_owned(),
        letter: '東',
        maybe: Some("2020-01-31".to_owned()),
        list: vec![1.0, 0.25],
        names: vec!["1e3".to_owned()],
        inner: Inner { a: 1 },
    };
    let other = Row {
        value: 2,
        n: 2,
        maybe: None,
        list: Vec::new(),
        ..row.clone()
    };
    let rows = [row, other].map(|row| Ok((serde_json::to_string(&row)?, row)));
    let rows: Result<Vec<_>> = rows.into_iter().collect();
    forms.hive.write(rows?).await
}

/// Nine files, of which a query wants one.
async fn nine(forms: &Forms) -> Result<Vec<Value>> {
    #[derive(S3Table)]
    #[s3(table = "nine", layout = "hive")]
    struct Row {
        #[s3(key)]
        place: String,
        #[s3(key)]
        year: u16,
        n: u32,
    }
    let mut rows = Vec::new();
    for Line { place, year, n, .. } in lines().into_iter().step_by(DAYS) {
        rows.push((place.clone(), Row { place, year, n }));
    }
    let lines = lines().into_iter().map(|line| (line.place.clone(), line));
    Ok(vec![
        forms.hive.write(rows).await?,
        forms.packed.write(lines.collect()).await?,
    ])
}

/// A row of the table `nine`, packed.
#[derive(Debug, PartialEq, S3Table)]
#[s3(table = "nine", layout = "hive")]
struct Line {
    #[s3(key)]
    place: String,
    #[s3(key)]
    year: u16,
    #[s3(key, packed)]
    day: u16,
    n: u32,
}

const DAYS: usize = 3;

/// The rows of nine packs.
fn lines() -> Vec<Line> {
    let packs = ["a", "b", "c"].into_iter();
    let packs = packs.flat_map(|place| [2019, 2020, 2021].map(|year| (place, year)));
    let lines = packs.zip(1..).flat_map(|((place, year), n)| {
        (1..=3).map(move |day| Line {
            place: place.to_owned(),
            year,
            day,
            n,
        })
    });
    lines.collect()
}

/// Reads the table `nine` that another program wrote to a database, and changes a row of it.
async fn read(url: &str) -> Result {
    let table = Database::open(url)?.open_table::<Line>().await?;
    let found = table.verify().finish().await?;
    if !found.is_clean() || table.rows().await? != lines() {
        return Err(format!("what was written to {url} is not read as it was: {found}").into());
    }
    let changed = table.modify(("b", 2020, 2), |line| line.n = 50).await?;
    if table.select(("b", 2020, 2)).await? != Some(changed) || table.count().await? != 27 {
        return Err(format!("a row in {url} can't be changed").into());
    }
    println!("{found}, and a row was changed");
    Ok(())
}

async fn run(url: &str) -> Result {
    let forms = &Forms::create(url).await?;
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
    let tables = [
        tables!(forms, "u8", u8; [0, 7, u8::MAX]),
        tables!(forms, "u8_width", u8, width = 3; [0, 7, 8, 10, u8::MAX]),
        tables!(forms, "u8_ordered", u8, ordered; [0, 8, u8::MAX]),
        tables!(forms, "u16", u16; [0, u16::MAX]),
        tables!(forms, "u32_width", u32, width = 6; [0, 99, 123_456]),
        tables!(forms, "u32_ordered", u32, ordered; [0, u32::MAX]),
        tables!(forms, "u64", u64; [0, u64::MAX]),
        tables!(forms, "u64_ordered", u64, ordered; [7, u64::MAX]),
        tables!(forms, "u128", u128; [7, u128::MAX]),
        tables!(forms, "i8", i8; [i8::MIN, 0, i8::MAX]),
        tables!(forms, "i16_width", i16, width = 4; [-7, 0, 12, 1234]),
        tables!(forms, "i32", i32; [i32::MIN, -7, i32::MAX]),
        tables!(forms, "i64", i64; [i64::MIN, i64::MAX]),
        tables!(forms, "i128", i128; [i128::MIN, i128::MAX]),
        tables!(forms, "bool", bool; [true, false]),
        tables!(forms, "char", char; ['a', '7', '/', '東']),
        tables!(forms, "string", String; strings(&DIGITS)),
        tables!(forms, "date", chrono::NaiveDate; dates),
        tables!(forms, "timestamp", chrono::DateTime<chrono::Utc>; times),
        tables!(forms, "system_time", SystemTime; times.map(SystemTime::from)),
        tables!(forms, "datetime", chrono::NaiveDateTime; local),
        tables!(forms, "non_zero", NonZeroI16; [NonZeroI16::MIN, NonZeroI16::MAX]),
        tables!(forms, "ipv4", Ipv4Addr; addresses),
        tables!(forms, "ipv4_ordered", Ipv4Addr, ordered; addresses),
        tables!(forms, "ipv6", Ipv6Addr; v6),
        tables!(forms, "uuid", uuid::Uuid; [uuid, uuid::Uuid::nil()]),
        tables!(forms, "enum", Weather; [Weather::Sun, Weather::LightRain]),
        tables!(forms, "name", u8, rename = "Jour férié"; [1, 2]),
        keys_only(forms).await?,
        vec![fields(forms).await?],
        nine(forms).await?,
        other_packs!(forms, "u8", u8; [0, 7, u8::MAX]),
        other_packs!(forms, "u64", u64; [0, u64::MAX]),
        other_packs!(forms, "bool", bool; [true, false]),
        other_packs!(forms, "string", String; strings(&DIGITS)),
        other_packs!(forms, "date", chrono::NaiveDate; dates),
        other_packs!(forms, "texts", String; strings(TEXTS)),
        tables!(forms, "texts", String; strings(TEXTS)),
        tables!(forms, "long_texts", String; ["é".repeat(120), "x/".repeat(60), "x".repeat(300)]),
    ];
    println!("{}", Value::from(tables.concat()));
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["read", url] => read(url).await,
        [url] => run(url).await,
        _ => Err("usage: engines URL, or engines read URL".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("engines: {error}");
            ExitCode::FAILURE
        }
    }
}
