use s3aads::{Database, S3Table};

#[derive(S3Table)]
struct Day {
    #[s3(key)]
    id: u64,
    #[s3(key)]
    year: u16,
    rain: f64,
}

async fn go(db: Database) -> s3aads::Result<()> {
    let days = db.table::<Day>();
    let rows = days.pack(1).rows().await?; //~
    Ok(())
}

fn main() {
    let _ = go;
}
