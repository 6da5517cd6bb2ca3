//! Writes of packed tables: what they cost, that they go out together, and that nothing is lost of them,
//! on a wire whose objects and log are looked at past HTTP.

mod batches;
mod closures;
mod faults;
mod foreign;
mod group;
mod limits;
mod rows;
mod transactions;

use std::time::Duration;

use object_store::{BackoffConfig, RetryConfig};
use s3aads::testing::{Action, Faults, RequestClass, Rule};
use s3aads::{Database, ErrorKind, S3Options, S3Table};
use s3aads_tests::server::{Logged, Options, Server};

const BUCKET: &str = "packs";

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "weather", layout = "hive")]
struct Weather {
    #[s3(key)]
    location: String,
    #[s3(key)]
    year: u16,
    #[s3(key, packed)]
    month: u8,
    #[s3(key, packed)]
    day: u8,
    temp: i32,
}

fn weather(day: u8, temp: i32) -> Weather {
    Weather {
        location: "Rome".to_owned(),
        year: 2012,
        month: 7,
        day,
        temp,
    }
}

/// Where these rows are.
const PACK: &str = "weather/location=Rome/year=2012/rows.ndjson";

/// A line of that object.
fn line(day: u8, temp: i32) -> String {
    format!(r#"{{"location":"Rome","year":2012,"month":7,"day":{day},"temp":{temp}}}"#) + "\n"
}

/// An account of one of 8 banks.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "accounts")]
struct Account {
    #[s3(key)]
    bank: u32,
    #[s3(key, packed)]
    name: u32,
    cents: i64,
}

fn account(bank: u32, name: u32) -> Account {
    Account {
        bank,
        name,
        cents: 100,
    }
}

/// A server, the faults between it and the client, and its database.
struct Wire {
    server: Server,
    faults: Faults,
    db: Database,
}

fn wire() -> Wire {
    wire_with(Options::default())
}

fn wire_with(options: Options) -> Wire {
    let server = Server::start_with(options);
    server.create_bucket(BUCKET);
    let faults =
        Faults::new(1).signing_with(server.access_key(), server.secret_key(), server.region());
    let db = database(&server, Some(&faults));
    Wire { server, faults, db }
}

/// Another process's handle, as far as the library can tell.
fn database(server: &Server, faults: Option<&Faults>) -> Database {
    let believing = |options: S3Options| options.conditional_put(s3aads::ConditionalPut::ETag);
    database_with(server, |options| match faults {
        Some(faults) => believing(options).http_connector(faults.clone()),
        None => believing(options),
    })
}

/// A handle that finds out which conditions the server honours.
fn careful(server: &Server) -> Database {
    database_with(server, |options| options)
}

fn database_with(server: &Server, change: impl FnOnce(S3Options) -> S3Options) -> Database {
    let options = s3aads::Server::s3()
        .endpoint(server.endpoint())
        .region(server.region())
        .credentials(server.access_key(), server.secret_key())
        .retry(RetryConfig {
            max_retries: 3,
            retry_timeout: Duration::from_secs(20),
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(1),
                max_backoff: Duration::from_millis(2),
                base: 2.0,
            },
        });
    change(options).build().unwrap().database(BUCKET).unwrap()
}

impl Wire {
    /// A handle that knows nothing of what this one has seen, but the table's schema.
    async fn other(&self) -> Database {
        let db = database(&self.server, None);
        know(&db).await;
        self.server.clear_log();
        db
    }

    /// Another process's handle.
    fn other_now(&self) -> Database {
        database(&self.server, None)
    }

    /// The text of an object.
    fn text(&self, path: &str) -> Option<String> {
        let object = self.server.object(BUCKET, path)?;
        Some(String::from_utf8(object.body.to_vec()).unwrap())
    }

    fn put_raw(&self, path: &str, text: &str) {
        self.server.put_raw(BUCKET, path, text.to_owned());
    }

    /// What arrived at the server since the last look: `PUT 200, GET 404`.
    fn take_log(&self) -> Vec<String> {
        let entry = |logged: &Logged| match logged.status {
            Some(status) => format!("{} {status}", logged.operation),
            None => format!("{} unanswered", logged.operation),
        };
        self.server.take_log().iter().map(entry).collect()
    }

    /// The same, once the handle knows the schemas.
    async fn begin(&self) {
        know(&self.db).await;
        self.server.clear_log();
    }
}

/// Has the handle see the tables' schemas, which it does once before its first write.
async fn know(db: &Database) {
    db.table::<Weather>()
        .delete(("nowhere", 1, 1, 1))
        .await
        .unwrap();
    db.table::<Account>().delete((u32::MAX, 1)).await.unwrap();
}

fn kind<T: std::fmt::Debug>(result: s3aads::Result<T>) -> ErrorKind {
    let error = result.unwrap_err();
    s3aads_tests::errors::assert_told_well(&error);
    error.kind()
}
