//! The tables that `.ci/format.py`, a reader in another language, is tried on: every key type, encoding and body, in both
//! layouts.
//!
//! `format URL` writes them to a database there, with objects that are no rows among them, and prints what a reader must
//! find, a line of JSON for each row: its table, its key as serde writes it, and its body.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU8;
use std::process::ExitCode;

use s3aads::{Database, KeyColumn, S3Table};
use serde::Serialize;
use serde_json::{Value, json};

type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
enum Sky {
    Sun,
    #[s3(rename = "sleet/hail")]
    Sleet,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]
struct Id(u64);

#[rustfmt::skip]
const TEXTS: [&str; 28] = [
    "a", "", ".", "..", "...", "a b", "a/b", "a\\b", "a%b", "%_", "%41", "a=b", "a:b", "*?", "{}", "[]^~`", "\"'", "<>#|", "007",
    "São Paulo", "東京", "👩\u{200d}🚀", "e\u{301}", "\u{feff}a", "a\tb", "a\nb", "\0", "\u{7f}",
];

/// Writes rows and prints them.
async fn write<T: S3Table>(db: &Database, rows: Vec<(T, Value)>) -> Result
where
    T::Key: Serialize,
{
    let table = db.open_table::<T>().await?;
    for (row, body) in rows {
        match table.insert(&row).await {
            Ok(_) => {
                let key = serde_json::to_value(row.to_key())?;
                println!(
                    "{}",
                    json!({ "table": table.name(), "key": key, "body": body })
                );
            }
            // What the hive layout can't hold.
            Err(error) if error.kind() == s3aads::ErrorKind::InvalidKey => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Tables of one key column, whose rows count themselves.
macro_rules! tables {
    ($db:expr; $($name:literal: $type:ty $(, $setting:ident $(= $value:tt)?)*; $values:expr;)*) => {$({
        #[derive(S3Table)]
        #[s3(table = $name)]
        struct Row {
            #[s3(key $(, $setting $(= $value)?)*)]
            value: $type,
            n: u32,
        }
        let rows = $values.into_iter().zip(1..);
        write($db, rows.map(|(value, n)| (Row { value, n }, json!({ "n": n }))).collect()).await?;
    })*};
}

async fn values(db: &Database) -> Result {
    let date = |text: &str| text.parse::<chrono::NaiveDate>();
    let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>();
    let dates = [
        date("2020-01-31")?,
        date("0000-01-01")?,
        date("9999-12-31")?,
    ];
    let times = [
        at("2020-01-31T23:59:59.123456789Z")?,
        at("1969-12-31T00:00:00Z")?,
    ];
    let local = times.map(|at| at.naive_utc());
    let uuids =
        [0, 0x67e5_5044_10b1_426f_9247_bb68_0e5f_e0c8, u128::MAX].map(uuid::Uuid::from_u128);
    let v4: [Ipv4Addr; 2] = ["10.0.0.7".parse()?, "255.255.255.255".parse()?];
    let v6: [Ipv6Addr; 3] = [
        "::".parse()?,
        "2001:db8::1".parse()?,
        "::ffff:10.0.0.7".parse()?,
    ];
    let both = v4.map(IpAddr::from).into_iter().chain(v6.map(IpAddr::from));
    tables! { db;
        "u8": u8; [0, 7, u8::MAX];
        "u8 width": u8, width = 3; [0, 7, u8::MAX];
        "u8 ordered": u8, ordered; [0, 7, u8::MAX];
        "u8 descending": u8, descending; [0, 7, u8::MAX];
        "u16 descending": u16, descending; [0, 7, u16::MAX];
        "u32 ordered": u32, ordered; [0, 7, u32::MAX];
        "u64 ordered": Id, ordered; [0, 7, u64::MAX].map(Id);
        "u128 descending": u128, descending; [0, 7, u128::MAX];
        "i8": i8; [i8::MIN, -7, 0, 7, i8::MAX];
        "i8 ordered": i8, ordered; [i8::MIN, -1, 0, 7, i8::MAX];
        "i8 descending": i8, descending; [i8::MIN, -1, 0, 7, i8::MAX];
        "i16 width": i16, width = 4; [-7, 0, 1234];
        "i32 ordered": i32, ordered; [i32::MIN, -7, 0, i32::MAX];
        "i64 descending": i64, descending; [i64::MIN, -7, 0, i64::MAX];
        "i128": i128; [i128::MIN, 0, i128::MAX];
        "i128 ordered": i128, ordered; [i128::MIN, -1, 0, i128::MAX];
        "non zero": NonZeroU8; [NonZeroU8::MIN, NonZeroU8::MAX];
        "bool": bool; [true, false];
        "char": char; ['a', '/', '%', '東', '\0', char::MAX];
        "string": String; TEXTS.map(str::to_owned);
        "date": chrono::NaiveDate; dates;
        "date descending": chrono::NaiveDate, descending; dates;
        "timestamp": chrono::DateTime<chrono::Utc>; times;
        "timestamp descending": chrono::DateTime<chrono::Utc>, descending; times;
        "datetime": chrono::NaiveDateTime; local;
        "datetime descending": chrono::NaiveDateTime, descending; local;
        "uuid": uuid::Uuid; uuids;
        "uuid descending": uuid::Uuid, descending; uuids;
        "ipv4": Ipv4Addr; v4;
        "ipv4 ordered": Ipv4Addr, ordered; v4;
        "ipv6": Ipv6Addr; v6;
        "ipv6 ordered": Ipv6Addr, ordered; v6;
        "ip": IpAddr; both.clone();
        "ip ordered": IpAddr, ordered; both;
        "enum": Sky; [Sky::Sun, Sky::Sleet];
        "naïve~table": u8; [1];
    }
    Ok(())
}

async fn bodies(db: &Database) -> Result {
    #[derive(S3Table)]
    struct Data {
        #[s3(key)]
        id: u8,
        #[s3(data)]
        data: Vec<String>,
    }
    #[derive(S3Table)]
    struct Text {
        #[s3(key)]
        id: u8,
        #[s3(text)]
        text: String,
    }
    #[derive(S3Table)]
    struct Bytes {
        #[s3(key)]
        id: u8,
        #[s3(bytes)]
        bytes: Vec<u8>,
    }
    #[derive(S3Table)]
    struct Empty {
        #[s3(key)]
        id: u8,
    }
    let data = vec!["a".to_owned(), "東京".to_owned()];
    write(
        db,
        vec![(
            Data {
                id: 1,
                data: data.clone(),
            },
            json!(data),
        )],
    )
    .await?;
    write(
        db,
        vec![(
            Text {
                id: 1,
                text: "é\n".to_owned(),
            },
            json!("é\n"),
        )],
    )
    .await?;
    let bytes = vec![0, 127, 128, 255];
    write(
        db,
        vec![(
            Bytes {
                id: 1,
                bytes: bytes.clone(),
            },
            json!(bytes),
        )],
    )
    .await?;
    write(db, vec![(Empty { id: 1 }, Value::Null)]).await
}

async fn hive(db: &Database) -> Result {
    #[derive(S3Table)]
    #[s3(layout = "hive")]
    struct Hive {
        #[s3(key)]
        city: String,
        #[s3(key, width = 2, rename = "mois d’été")]
        month: u8,
        low: Option<f64>,
    }
    #[derive(S3Table)]
    #[s3(layout = "hive")]
    struct HiveData {
        #[s3(key, ordered)]
        id: u32,
        #[s3(data)]
        data: u8,
    }
    #[derive(S3Table)]
    #[s3(layout = "hive")]
    struct HiveEmpty {
        #[s3(key)]
        flag: bool,
    }
    let cities = TEXTS
        .into_iter()
        .chain(["\\N", "__HIVE_DEFAULT_PARTITION__"]);
    let cities = cities.map(|city| {
        let row = Hive {
            city: city.to_owned(),
            month: 7,
            low: None,
        };
        (row, json!({ "low": null }))
    });
    write(db, cities.collect()).await?;
    write(db, vec![(HiveData { id: 7, data: 1 }, json!(1))]).await?;
    write(db, vec![(HiveEmpty { flag: true }, json!({}))]).await
}

/// Tables of two key columns, the second one packed.
macro_rules! packed {
    ($db:expr; $($name:literal: $type:ty $(, $setting:ident = $value:literal)*; $values:expr;)*) => {$({
        #[derive(S3Table)]
        #[s3(table = $name $(, $setting = $value)*)]
        struct Row {
            #[s3(key, ordered)]
            id: u16,
            #[s3(key, packed)]
            value: $type,
            n: u32,
        }
        let rows = $values.into_iter().zip(1..);
        let rows = rows.map(|(value, n)| (Row { id: n as u16 % 2, value, n }, json!({ "n": n })));
        write($db, rows.collect()).await?;
    })*};
}

async fn packs(db: &Database) -> Result {
    #[derive(S3Table)]
    struct AllPacked {
        #[s3(key, packed)]
        city: String,
        #[s3(key, packed)]
        open: bool,
    }
    let date = |text: &str| text.parse::<chrono::NaiveDate>();
    let addresses: [IpAddr; 3] = ["10.0.0.7".parse()?, "9.0.0.7".parse()?, "::1".parse()?];
    packed! { db;
        "packed u8": u8; [10, 9, 0, u8::MAX];
        "packed i64": i64; [10, -9, 0, i64::MIN, i64::MAX];
        "packed u64": Id; [10, 9, u64::MAX].map(Id);
        "packed i128": i128; [10, -9, i128::MIN];
        "packed string": String; TEXTS.map(str::to_owned);
        "packed hive": String, layout = "hive"; TEXTS.map(str::to_owned);
        "packed gzip": String, compress = "gzip"; TEXTS.map(str::to_owned);
        "packed date": chrono::NaiveDate; [date("2020-01-31")?, date("0000-01-01")?];
        "packed uuid": uuid::Uuid; [uuid::Uuid::max(), uuid::Uuid::nil()];
        "packed ip": IpAddr; addresses;
        "packed enum": Sky; [Sky::Sleet, Sky::Sun];
    }
    let rows = TEXTS.map(|city| {
        let row = AllPacked {
            city: city.to_owned(),
            open: city.is_empty(),
        };
        (row, json!({}))
    });
    write(db, rows.into()).await
}

/// Objects that look like rows and are none.
async fn foreign(db: &Database) -> Result {
    for (table, path) in [
        ("u8", vec!["007"]),
        ("u8", vec!["256"]),
        ("u8", vec!["+7"]),
        ("u8", vec!["9", "x"]),
        ("u8 width", vec!["7"]),
        ("i8 ordered", vec!["7"]),
        ("bool", vec!["True"]),
        ("char", vec!["ab"]),
        ("date", vec!["2020-02-30"]),
        ("timestamp", vec!["20200131T235959Z"]),
        ("uuid", vec!["67E55044-10B1-426F-9247-BB680E5FE0C8"]),
        ("ipv4", vec!["010.0.0.7"]),
        ("enum", vec!["rain"]),
        ("hive", vec!["city=nowhere"]),
    ] {
        let columns: Vec<String> = (0..path.len()).map(|i| format!("column{i}")).collect();
        db.raw_table(table, columns)?.upsert(path, "{}").await?;
    }
    Ok(())
}

async fn run(url: &str) -> Result {
    let db = &Database::open(url)?;
    db.create().await?;
    values(db).await?;
    bodies(db).await?;
    hive(db).await?;
    packs(db).await?;
    foreign(db).await
}

#[tokio::main]
async fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        eprintln!("usage: format URL");
        return ExitCode::FAILURE;
    };
    match run(&url).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("format: {error}");
            ExitCode::FAILURE
        }
    }
}
