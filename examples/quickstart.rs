//! The main job on the embedded local store: `cargo run --example quickstart`.
//!
//! It makes a database in a temporary folder, fills it with four years of two cities' weather, and
//! asks it what a person may want to know. The same program runs on S3: see `s3.rs`.

use s3aads::Server;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let db = Server::local(folder.path()).database("quickstart")?;
    s3aads_examples::tour(&db).await
}
