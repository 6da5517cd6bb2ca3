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

#[derive(S3Table)]
struct Other {
    #[s3(key)]
    id: u64,
}

async fn go(db: Database) -> s3aads::Result<()> {
    let days = db.table::<Day>();
    let _ = days.distinct(Other::COLUMNS.id).await?; //~
    Ok(())
}

fn main() {
    let _ = go;
}
