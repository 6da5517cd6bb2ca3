//! The quickstart on any S3 server: `cargo run --example s3 [bucket]`.
//!
//! Endpoint, region and credentials come from the usual AWS variables (`AWS_ENDPOINT_URL`,
//! `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`). The bucket is made if it is not
//! there; the table `weather` in it is dropped at the end.

use s3aads::Database;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bucket = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "s3aads-quickstart".to_owned());
    let db = Database::open(&format!("s3://{bucket}"))?;
    db.create().await?;
    println!("What this store honours:\n{}\n", db.check().await?);
    s3aads_examples::tour(&db).await?;
    println!("Dropped {} rows.", db.drop_table("weather").await?);
    println!("Dropped {} packs.", db.drop_table("packed-weather").await?);
    Ok(())
}
