//! A JSON service whose rows are in a bucket: `cargo run --example axum_service`.
//!
//! Without arguments it serves on a free port of the loopback interface, calls itself over HTTP and
//! ends. With an address it serves until it is interrupted, from memory or from the URL after it:
//!
//! ```sh
//! cargo run --example axum_service -- 127.0.0.1:8080 file:///tmp/notes
//! curl -i -X PUT 127.0.0.1:8080/notes/ada/1 -H 'content-type: application/json' -d '{"text": "engine"}'
//! curl -i 127.0.0.1:8080/notes/ada/1
//! ```
//!
//! The service is in `api.rs`, what an error becomes in `failure.rs`.

mod api;
mod failure;
mod self_test;

use std::error::Error;

use s3aads::Database;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next();
    let url = arguments.next();
    let db = Database::open(url.as_deref().unwrap_or("memory:///notes"))?;
    db.create().await?;
    let service = api::router(db.open_table().await?);

    match address {
        Some(address) => {
            let listener = TcpListener::bind(address).await?;
            println!("Serving on http://{}", listener.local_addr()?);
            axum::serve(listener, service).await?;
        }
        None => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let base = format!("http://{}/notes", listener.local_addr()?);
            let server = tokio::spawn(axum::serve(listener, service).into_future());
            let checked = self_test::run(&base).await;
            server.abort();
            checked?;
        }
    }
    Ok(())
}
