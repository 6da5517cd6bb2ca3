//! Our half of the interoperation with the Python library of the same name; `.ci/interop.py` drives it.
//!
//! `interop read URL` checks that the database holds exactly the rows on standard input, one JSON
//! object per line; `interop write URL` creates it and writes them. The usual AWS variables name the
//! server.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;
use std::io::{self, BufRead};
use std::process::ExitCode;

use s3aads::{Database, S3Table};
use serde::Deserialize;

type Result<T = (), E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

/// The table of the Python library's README.
#[derive(Debug, Clone, PartialEq, Deserialize, S3Table)]
#[s3(table = "daily-data")]
struct DailyData {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
    #[s3(key, width = 2)]
    month: u8,
    #[s3(key, width = 2)]
    day: u8,
    #[s3(data)]
    data: Vec<String>,
}

/// A table whose key needs escapes; the row's body is the name again, as it is.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "places")]
struct Place {
    #[s3(key)]
    city: String,
    #[s3(text)]
    name: String,
}

const PLACES: [&str; 6] = ["São Paulo", "Basel/Bâle", "50%", "", "..", "Nuuk"];

/// What the two sides disagree on, as an error rather than a panic, so that the driver shows one line.
fn expect<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Result {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: found {found:?}, expected {expected:?}").into())
}

fn rows_from_stdin() -> Result<Vec<DailyData>> {
    io::stdin()
        .lock()
        .lines()
        .map(|line| Ok(serde_json::from_str(&line?)?))
        .collect()
}

/// The table's path is the order of results; as text, since `id` and `year` are not zero-padded.
fn in_path_order(rows: impl IntoIterator<Item = DailyData>) -> Vec<DailyData> {
    let mut rows = Vec::from_iter(rows);
    rows.sort_by_key(|row| row.to_key().to_string());
    rows
}

async fn read(db: &Database) -> Result {
    let days = db.table::<DailyData>();
    let rows = in_path_order(rows_from_stdin()?);
    let matching = |wanted: &dyn Fn(&DailyData) -> bool| -> Vec<DailyData> {
        rows.iter().filter(|row| wanted(row)).cloned().collect()
    };

    expect("count", days.count().await?, rows.len() as u64)?;
    let keys: Vec<_> = rows.iter().map(DailyData::to_key).collect();
    expect("keys", days.keys().await?, keys)?;
    expect("rows", days.rows().await?, rows.clone())?;
    expect("is_empty", days.is_empty().await?, rows.is_empty())?;
    for row in &rows {
        let found = days.select(row).await?;
        expect("select", found.as_ref(), Some(row))?;
    }
    expect(
        "select of an absent row",
        days.select((2, 2020, 1, 1)).await?,
        None,
    )?;

    let ids: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    expect("ids", days.ids().await?, Vec::from_iter(ids))?;
    let months: BTreeSet<_> = rows.iter().map(|row| row.month).collect();
    expect("months", days.months().await?, Vec::from_iter(months))?;

    let found = days.filter_by_id(7).rows().await?;
    expect("filter by id", found, matching(&|row| row.id == 7))?;
    let found = days
        .filter_by_id([1, 70])
        .filter_by_year(2020..)
        .rows()
        .await?;
    let wanted = matching(&|row| [1, 70].contains(&row.id) && row.year >= 2020);
    expect("filter by ids and years", found, wanted)?;
    let found = days.filter_by_day(31).count().await?;
    expect(
        "filter by day",
        found,
        matching(&|row| row.day == 31).len() as u64,
    )
}

async fn write(db: &Database) -> Result {
    db.create().await?;
    let days = db.table::<DailyData>();
    let rows = rows_from_stdin()?;
    for row in &rows {
        days.upsert(row).await?;
    }
    let extra = (3, 1999, 12, 31);
    let source = rows.first().ok_or("no rows to write")?;
    days.copy(source).to(&days, extra).await?;
    days.delete(extra).await?;

    let places = db.table::<Place>();
    for name in PLACES {
        let city = name.to_owned();
        let name = city.clone();
        places.insert(&Place { city, name }).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("interop: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [command, url] = arguments.as_slice() else {
        return Err("usage: interop read|write URL < ROWS".into());
    };
    let db = Database::open(url)?;
    match command.as_str() {
        "read" => read(&db).await,
        "write" => write(&db).await,
        other => Err(format!("no command {other}; there are read and write").into()),
    }
}
