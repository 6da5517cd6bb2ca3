//! Daily weather as a table, and a tour of what can be asked of it.
//!
//! `quickstart` runs it on the embedded local store, `s3` on an S3 server; `import_csv` reads the file
//! by itself.

mod packed;

use std::error::Error;
use std::fs::File;
use std::path::Path;

pub use packed::PackedWeather;
use s3aads::{Database, ErrorKind, S3Table};
use serde::Deserialize;

/// The weather of one day in one city: one object, `weather/Seattle/2012/01/31`.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "weather")]
pub struct Weather {
    /// The city.
    #[s3(key)]
    pub location: String,
    /// The year.
    #[s3(key, width = 4)]
    pub year: u16,
    /// The month, 1 to 12.
    #[s3(key, width = 2)]
    pub month: u8,
    /// The day of the month, 1 to 31.
    #[s3(key, width = 2)]
    pub day: u8,
    /// Millimetres of rain and melted snow.
    pub precipitation: f64,
    /// The day's highest temperature, in degrees Celsius.
    pub temp_max: f64,
    /// The day's lowest temperature, in degrees Celsius.
    pub temp_min: f64,
    /// The mean wind, in metres a second.
    pub wind: f64,
    /// What kind of day it was.
    #[serde(rename = "weather")]
    pub sky: Sky,
}

/// What kind of day it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the variants say what they are")]
pub enum Sky {
    Drizzle,
    Fog,
    Rain,
    Snow,
    Sun,
}

/// One line of the file.
#[derive(Debug, Deserialize)]
#[allow(missing_docs, reason = "the columns of the file")]
pub struct Line {
    pub location: String,
    pub date: String,
    pub precipitation: f64,
    pub temp_max: f64,
    pub temp_min: f64,
    pub wind: f64,
    pub weather: Sky,
}

impl TryFrom<Line> for Weather {
    type Error = Box<dyn Error>;

    fn try_from(line: Line) -> Result<Self, Self::Error> {
        let mut date = line.date.splitn(3, '-');
        let mut part = || {
            date.next()
                .ok_or_else(|| format!("{:?} is no date", line.date))
        };
        Ok(Self {
            year: part()?.parse()?,
            month: part()?.parse()?,
            day: part()?.parse()?,
            location: line.location,
            precipitation: line.precipitation,
            temp_max: line.temp_max,
            temp_min: line.temp_min,
            wind: line.wind,
            sky: line.weather,
        })
    }
}

/// The days of the file that comes with the examples; its source is in `data/README.md`.
///
/// # Errors
///
/// If the file can't be read.
pub fn load() -> Result<Vec<Weather>, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/weather.csv");
    let mut lines = csv::Reader::from_reader(File::open(path)?);
    lines
        .deserialize::<Line>()
        .map(|line| Weather::try_from(line?))
        .collect()
}

/// Fills a table with the days and asks it what a person may want to know, printing as it goes.
///
/// # Errors
///
/// If the store fails.
pub async fn tour(db: &Database) -> Result<(), Box<dyn Error>> {
    db.create().await?;
    let days = db.open_table::<Weather>().await?;

    let rows = load()?;
    let report = days.upsert_all(&rows).concurrency(64).await;
    println!(
        "Wrote {} of {} days, one object each.",
        report.succeeded(),
        rows.len()
    );
    report.into_result()?;

    println!("\nWhich cities are there, and which years of Seattle?");
    println!(
        "  days.locations()                              {:?}",
        days.locations().await?
    );
    let seattle = days.filter_by_location("Seattle");
    println!(
        "  days.filter_by_location(\"Seattle\").years()    {:?}",
        seattle.years().await?
    );

    println!("\nThe first week of July 2014 in Seattle:");
    let week = seattle
        .clone()
        .filter_by_year(2014)
        .filter_by_month(7)
        .filter_by_day(1..=7);
    for day in week.rows().await? {
        println!(
            "  {}-{:02}-{:02}  {:>5.1} to {:>4.1} °C  {:>4.1} mm  {:?}",
            day.year, day.month, day.day, day.temp_min, day.temp_max, day.precipitation, day.sky
        );
    }

    println!("\nThe hottest day of 2015 in New York:");
    let year = days
        .filter_by_location("New York")
        .filter_by_year(2015)
        .rows()
        .await?;
    let hottest = year
        .into_iter()
        .max_by(|a, b| a.temp_max.total_cmp(&b.temp_max));
    let hottest = hottest.ok_or("there are no days of 2015")?;
    println!("  {}: {:.1} °C", hottest.to_key(), hottest.temp_max);

    println!("\nA correction, written only over what was read:");
    let corrected = match days
        .modify(hottest.to_key(), |day| day.temp_max += 0.1)
        .await
    {
        // A store that `Database::check` found not to honour conditions.
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            println!("  (this store can't: the row is overwritten)");
            let mut day = hottest.clone();
            day.temp_max += 0.1;
            days.upsert(&day).await?;
            day
        }
        modified => modified?,
    };
    println!("  {}: {:.1} °C", corrected.to_key(), corrected.temp_max);

    println!("\nA day deleted:");
    let before = days.filter_by_location("New York").count().await?;
    days.delete(&corrected).await?;
    let after = days.filter_by_location("New York").count().await?;
    println!(
        "  New York had {before} days and has {after}; select gives {:?}",
        days.select(&corrected).await?
    );

    println!("\nEvery February 29 (a filter on later columns skips what can't match):");
    let leap = days.filter_by_month(2).filter_by_day(29);
    for key in leap.keys().await? {
        println!("  {key}");
    }
    println!("\nIts plan, for a table of {} rows:", rows.len());
    let plan = leap.explain()?.assume_rows(rows.len() as u64).to_string();
    for line in plan.lines() {
        println!("  {line}");
    }

    println!(
        "\nAll in all: {} rows left; sent {}.",
        days.count().await?,
        db.usage()
    );
    packed::compare(db, rows).await?;
    Ok(())
}
