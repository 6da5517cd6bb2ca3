//! What a program's operations send, as `tracing` tells it: `cargo run --example spans [URL]`.
//!
//! With the feature `tracing` each operation on a table has a span of the target `s3aads`, level
//! `DEBUG`, that tells its requests, retries, bytes and milliseconds when it ends. Here they are printed;
//! a service gives them to what it collects its traces with.

use std::error::Error;

use s3aads::{Database, S3Table};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::prelude::*;

/// A reading of a sensor.
#[derive(Debug, S3Table)]
#[s3(table = "readings")]
struct Reading {
    #[s3(key)]
    sensor: String,
    #[s3(key, ordered)]
    second: u32,
    value: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let operations = Targets::new().with_target("s3aads", tracing::Level::DEBUG);
    let lines = tracing_subscriber::fmt::layer()
        .with_span_events(FmtSpan::CLOSE)
        .without_time()
        .with_ansi(false)
        .with_filter(operations);
    tracing_subscriber::registry().with(lines).try_init()?;

    let url = std::env::args().nth(1);
    let db = Database::open(url.as_deref().unwrap_or("memory:///spans"))?;
    db.create().await?;
    let readings = db.open_table::<Reading>().await?;

    for second in 0..3 {
        let (sensor, value) = ("north".to_owned(), f64::from(second) / 2.0);
        readings
            .insert(&Reading {
                sensor,
                second,
                value,
            })
            .await?;
    }
    readings
        .modify(("north", 1), |reading| reading.value += 1.0)
        .await?;
    readings
        .filter_by_sensor("north")
        .filter_by_second(1..)
        .rows()
        .await?;
    readings.count().await?;
    // One that fails tells why.
    let taken = Reading {
        sensor: "north".to_owned(),
        second: 1,
        value: 0.0,
    };
    if readings.insert(&taken).await.is_ok() {
        return Err("a reading was overwritten".into());
    }
    // And those of a part of the program are in the spans of that part.
    let report = tracing::info_span!(target: "s3aads", "report", day = 1);
    let all = tracing::Instrument::instrument(readings.keys(), report);
    println!("{} readings; sent {}.", all.await?.len(), db.usage());
    db.drop_table("readings").await?;
    Ok(())
}
