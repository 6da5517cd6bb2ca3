//! A CSV file becomes a table: `cargo run --example import_csv [FILE [URL]]`.
//!
//! The file is read as fast as rows are written, so it may be larger than memory. Lines that are no
//! rows are told and left out. An import that was stopped is run again: rows that are there are not
//! written a second time.

use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use s3aads::stream::StreamExt;
use s3aads::{Database, ErrorKind, Table};
use s3aads_examples::{Line, Weather};

/// What became of the lines of a file.
#[derive(Debug, Default)]
struct Imported {
    written: u64,
    /// The row was there.
    known: u64,
    /// The line is no row, or the row was refused.
    refused: Vec<String>,
}

/// Imports at most `lines` lines of a file.
async fn import(
    file: &Path,
    days: &Table<Weather>,
    lines: usize,
) -> Result<Imported, Box<dyn Error>> {
    let refused = Mutex::new(Vec::new());
    let refuse = |why: String| {
        if let Ok(mut refused) = refused.lock() {
            refused.push(why);
        }
    };
    let mut reader = csv::Reader::from_reader(File::open(file)?);
    let rows = reader.deserialize::<Line>().take(lines).enumerate();
    let rows = rows.filter_map(|(at, line)| {
        let row = line.map_err(Into::into).and_then(Weather::try_from);
        // The first line is the header.
        row.map_err(|error| refuse(format!("line {}: {error}", at + 2)))
            .ok()
    });

    let mut imported = Imported::default();
    let mut outcomes = days.insert_all(rows).concurrency(64).stream();
    while let Some(outcome) = outcomes.next().await {
        match outcome.result {
            Ok(_) => imported.written += 1,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => imported.known += 1,
            // The others would fare no better.
            Err(error) if error.kind() == ErrorKind::Unavailable => return Err(error.into()),
            Err(error) => refuse(format!("{}: {error:#}", outcome.key)),
        }
    }
    drop(outcomes);
    imported.refused = refused.into_inner()?;
    Ok(imported)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let sample = || Path::new(env!("CARGO_MANIFEST_DIR")).join("data/weather.csv");
    let file = arguments.next().map_or_else(sample, PathBuf::from);
    let url = arguments.next();
    let db = Database::open(url.as_deref().unwrap_or("memory:///import"))?;
    db.create().await?;
    let days = db.open_table::<Weather>().await?;

    println!("An import that is stopped after a thousand lines:");
    println!("  {:?}", import(&file, &days, 1_000).await?);
    println!("The same again, to the end:");
    let imported = import(&file, &days, usize::MAX).await?;
    println!("  {imported:?}");
    println!("{} rows; sent {}.", days.count().await?, db.usage());
    Ok(())
}
