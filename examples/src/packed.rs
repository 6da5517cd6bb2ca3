//! The same weather with the days of a year in one object.

use std::error::Error;

use s3aads::{Database, ErrorKind, Pricing, S3Table, Usage};

use crate::{Sky, Weather};

/// The weather of one day in one city: a line of `packed-weather/Seattle/2012/rows.ndjson`.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "packed-weather")]
pub struct PackedWeather {
    /// The city.
    #[s3(key)]
    pub location: String,
    /// The year.
    #[s3(key, width = 4)]
    pub year: u16,
    /// The month, 1 to 12.
    #[s3(key, packed)]
    pub month: u8,
    /// The day of the month, 1 to 31.
    #[s3(key, packed)]
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

impl From<Weather> for PackedWeather {
    fn from(day: Weather) -> Self {
        Self {
            location: day.location,
            year: day.year,
            month: day.month,
            day: day.day,
            precipitation: day.precipitation,
            temp_max: day.temp_max,
            temp_min: day.temp_min,
            wind: day.wind,
            sky: day.sky,
        }
    }
}

/// Writes and reads the days both ways, and prints what that takes.
///
/// # Errors
///
/// If the store fails.
pub(crate) async fn compare(db: &Database, rows: Vec<Weather>) -> Result<(), Box<dyn Error>> {
    println!("\nThe same days with each year of a city in one object:");
    let days = db.open_table::<Weather>().await?;
    let packed = db.open_table::<PackedWeather>().await?;

    let before = db.usage();
    days.upsert_all(&rows).concurrency(64).await.into_result()?;
    let single = db.usage().since(&before);
    let rows: Vec<PackedWeather> = rows.into_iter().map(PackedWeather::from).collect();
    let before = db.usage();
    match packed.upsert_all(&rows).await.into_result() {
        Err(error) if error.kind() == ErrorKind::Unsupported => {
            println!(
                "  (this store can't: a write of a pack keeps the others' rows by a condition)"
            );
            return Ok(());
        }
        written => drop(written?),
    }
    told("write all days", &single, &db.usage().since(&before));

    let before = db.usage();
    days.rows().await?;
    let single = db.usage().since(&before);
    let before = db.usage();
    packed.rows().await?;
    told("read all days", &single, &db.usage().since(&before));

    let before = db.usage();
    days.filter_by_location("Seattle")
        .filter_by_year(2012)
        .rows()
        .await?;
    let single = db.usage().since(&before);
    let before = db.usage();
    packed
        .filter_by_location("Seattle")
        .filter_by_year(2012)
        .rows()
        .await?;
    told("read Seattle's 2012", &single, &db.usage().since(&before));
    Ok(())
}

fn told(what: &str, single: &Usage, packed: &Usage) {
    let price = |usage: &Usage| usage.cost(&Pricing::default());
    println!(
        "  {what:<20} {:>5} requests for ${:.7} one object a day, {:>2} for ${:.7} packed",
        single.total(),
        price(single),
        packed.total(),
        price(packed),
    );
}
