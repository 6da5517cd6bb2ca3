use s3aads::{Database, S3Table};

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
    #[s3(key)]
    city: String,
    rain: f64,
}

async fn go(db: Database) -> s3aads::Result<()> {
    let days = db.table::<Day>();
    let day = Day { id: 1, year: 2020, city: String::new(), rain: 0.5 };
    days.select(day).await?; //~
    Ok(())
}

fn main() {
    let _ = go;
}
