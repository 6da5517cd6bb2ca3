//! All of a struct's errors show in one compile, and nothing else fails because of them.

use s3aads::{S3Table, Table};

#[derive(S3Table)]
#[s3(table = "", layout = "round", colour = "red")] //~ 3: three mistakes
struct Day {
    #[s3(key, width = 0)] //~
    row: u16, //~
    #[s3(key, ordered, width = 2)] //~
    month: u8,
    #[s3(key)]
    weight: f32, //~
    #[s3(data)]
    first: String,
    second: String, //~
}

async fn uses(days: &DayTable, day: &Day) -> s3aads::Result<()> {
    let table: &Table<Day> = days;
    let _ = table.filter(Day::COLUMNS.month, 1);
    let _: Vec<u8> = days.filter_by_row(1..=2).filter_by_month(2).limit(3).months().await?;
    let _: DayKey = day.to_key();
    Ok(())
}

fn main() {}
