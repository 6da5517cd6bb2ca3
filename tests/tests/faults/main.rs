//! What the library does on a store that fails and on one that lies, proven over the wire: the real client, the fault
//! injector beneath it, and a server in this process whose objects and log are looked at past HTTP.

mod batches;
mod bodies;
mod conditions;
mod credentials;
mod deletes;
mod errors;
mod listings;
mod lost_answers;
mod pack_schedules;
mod quirks;
mod races;
mod redirects;
mod refusals;
mod rekeys;
mod schedules;
mod storms;

use std::time::Duration;

use object_store::{BackoffConfig, RetryConfig};
use s3aads::testing::{Action, Faults, RequestClass, Rule};
use s3aads::{Database, ErrorKind, S3Options, S3Table};
use s3aads_tests::server::{Operation, Options, Server};

const BUCKET: &str = "faults";

/// So many retries has every request here.
const RETRIES: u32 = 3;

#[derive(Debug, Clone, PartialEq, Eq, S3Table)]
#[s3(table = "items", handle = "Items")]
struct Item {
    #[s3(key)]
    shelf: String,
    #[s3(key, width = 6)]
    id: u32,
    text: String,
}

fn item(id: u32, text: &str) -> Item {
    Item {
        shelf: "a".to_owned(),
        id,
        text: text.to_owned(),
    }
}

/// Where the row lies.
fn path(id: u32) -> String {
    format!("items/a/{id:06}")
}

fn body(text: &str) -> String {
    format!(r#"{{"text":"{text}"}}"#)
}

/// A server, the faults between it and the client, and a table.
struct Wire {
    server: Server,
    faults: Faults,
    db: Database,
    items: Items,
}

/// A healthy store, so far.
fn wire() -> Wire {
    wire_with(Options::default(), |options| options)
}

fn wire_with(options: Options, change: impl FnOnce(S3Options) -> S3Options) -> Wire {
    let server = Server::start_with(options);
    server.create_bucket(BUCKET);
    let faults =
        Faults::new(1).signing_with(server.access_key(), server.secret_key(), server.region());
    let db = database(&server, |options| {
        change(options.http_connector(faults.clone()))
    });
    Wire {
        items: db.table::<Item>(),
        server,
        faults,
        db,
    }
}

/// A client of its own.
fn database(server: &Server, change: impl FnOnce(S3Options) -> S3Options) -> Database {
    let options = s3aads::Server::s3()
        .endpoint(server.endpoint())
        .region(server.region())
        .credentials(server.access_key(), server.secret_key())
        .conditional_put(s3aads::ConditionalPut::ETag)
        .retry(RetryConfig {
            max_retries: RETRIES as usize,
            retry_timeout: Duration::from_secs(20),
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(1),
                max_backoff: Duration::from_millis(2),
                base: 2.0,
            },
        });
    let server = change(options).build().unwrap();
    server.database(BUCKET).unwrap()
}

impl Wire {
    fn inject(&self, rule: Rule) {
        self.faults.add(rule);
    }

    /// What is stored of a row.
    fn stored(&self, id: u32) -> Option<String> {
        let object = self.server.object(BUCKET, &path(id))?;
        Some(String::from_utf8(object.body.to_vec()).unwrap())
    }

    /// Puts a row there as another client does.
    fn put_raw(&self, id: u32, text: &str) {
        self.server.put_raw(BUCKET, &path(id), body(text));
    }

    /// `PUT 412, HEAD 200`: what arrived at the server.
    fn log(&self) -> Vec<String> {
        let entry = |logged: &s3aads_tests::server::Logged| match logged.status {
            Some(status) => format!("{} {status}", logged.operation),
            None => format!("{} unanswered", logged.operation),
        };
        self.server.log().iter().map(entry).collect()
    }

    fn seed(&self, rows: std::ops::Range<u32>) {
        let rows = rows.map(|id| (path(id), body("seeded")));
        self.server.seed(BUCKET, rows);
    }
}

fn once(action: Action, class: RequestClass) -> Rule {
    Rule::new(action).class(class).times(1)
}

fn always(action: Action, class: RequestClass) -> Rule {
    Rule::new(action).class(class)
}

#[track_caller]
fn assert_kind<T: std::fmt::Debug>(result: s3aads::Result<T>, kind: ErrorKind) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error:?}");
    s3aads_tests::errors::assert_told_well(&error);
    // The whole chain, as a program prints it.
    let mut said = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        said = format!("{said}: {cause}");
        source = cause.source();
    }
    said
}

/// No test may hang; how long it takes decides nothing else.
async fn bounded<F: Future>(operation: F) -> F::Output {
    let patience = Duration::from_secs(60);
    let done = tokio::time::timeout(patience, operation).await;
    done.expect("an operation came to no end")
}

#[tokio::test]
async fn without_faults_every_operation_is_one_request() {
    let wire = wire();
    wire.items.insert(&item(1, "one")).await.unwrap();
    wire.items.upsert(&item(1, "two")).await.unwrap();
    let read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    wire.items.update(&read).await.unwrap();
    wire.items.delete(("a", 1)).await.unwrap();
    assert_eq!(
        wire.log(),
        ["PUT 200", "PUT 200", "GET 200", "PUT 200", "DELETE 204"]
    );
    assert_eq!(wire.server.count(Operation::Put), 3);
    assert!(wire.faults.log().is_empty());
}
