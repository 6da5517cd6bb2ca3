//! The feature `tracing`: a span for each operation, with what was sent for it.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use s3aads::stream::TryStreamExt;
use s3aads::{Database, S3Table};
use s3aads_tests::server::{Failure, Fault, Operation, Server, When};
use s3aads_tests::stores;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{Layer, Registry};

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "notes")]
struct Note {
    #[s3(key)]
    author: String,
    #[s3(key, width = 4)]
    number: u32,
    text: String,
}

#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "lines")]
struct Line {
    #[s3(key)]
    poem: String,
    #[s3(key, packed)]
    number: u32,
    text: String,
}

fn note(number: u32) -> Note {
    let (author, text) = ("ada".to_owned(), "engine".to_owned());
    Note {
        author,
        number,
        text,
    }
}

/// The fields of a span.
#[derive(Debug, Clone, Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl Fields {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn number(&self, name: &str) -> u64 {
        self.get(name).parse().unwrap()
    }

    /// Name, key, requests and retries.
    fn summary(&self) -> (&str, &str, u64, u64) {
        let (requests, retries) = (self.number("requests"), self.number("retries"));
        (self.get("name"), self.get("key"), requests, retries)
    }
}

/// Keeps the spans that have closed, in the order in which they did.
#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<Fields>>>);

impl Kept {
    fn take(&self) -> Vec<Fields> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Kept {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let span = context.span(id).unwrap();
        span.extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        values.record(span.extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        if span.name() == "operation" {
            let fields = span.extensions().get::<Fields>().unwrap().clone();
            self.0.lock().unwrap().push(fields);
        }
    }
}

fn listen() -> (Kept, DefaultGuard) {
    let kept = Kept::default();
    let registry = Registry::default().with(kept.clone());
    (kept, tracing::subscriber::set_default(registry))
}

/// A server, its one bucket, and what listens to the operations on it.
fn wire() -> (Server, Database) {
    let server = Server::start();
    server.create_bucket("traced");
    let db = stores::client(&server).database("traced").unwrap();
    (server, db.with_conditions(s3aads::Conditions::Assumed))
}

#[tokio::test]
async fn an_operation_tells_what_was_sent_for_it() {
    let (server, db) = wire();
    let notes = db.table::<Note>();
    let (kept, _guard) = listen();

    notes.insert(&note(1)).await.unwrap();
    let spans = kept.take();
    assert_eq!(spans.len(), 1);
    let span = &spans[0];
    assert_eq!(span.summary(), ("insert", "ada/0001", 1, 0));
    assert_eq!(
        (span.get("database"), span.get("table")),
        ("traced", "notes")
    );
    assert_eq!(
        span.number("bytes_written"),
        r#"{"text":"engine"}"#.len() as u64
    );
    assert!(span.get("milliseconds").parse::<f64>().unwrap() > 0.0);
    assert_eq!(span.get("error"), "");

    let busy = Fault {
        operation: Operation::Get,
        when: When::Before,
        failure: Failure::Status(503),
    };
    server.fail_next(busy, 2);
    notes.select(("ada", 1)).await.unwrap();
    let spans = kept.take();
    assert_eq!(spans[0].summary(), ("select", "ada/0001", 3, 2));
    assert_eq!(spans[0].number("bytes_read"), 17);

    notes.insert(&note(1)).await.unwrap_err();
    let spans = kept.take();
    assert!(spans[0].get("error").contains("already"), "{spans:?}");
}

#[tokio::test]
async fn operations_nest_and_each_counts_what_its_parts_send() {
    let (_server, db) = wire();
    let notes = db.table::<Note>();
    for number in 0..3 {
        notes.insert(&note(number)).await.unwrap();
    }
    let (kept, _guard) = listen();
    let change = |note: &mut Note| note.text.push('!');
    notes.modify(("ada", 1), change).await.unwrap();
    let spans = kept.take();
    let summaries: Vec<_> = spans.iter().map(Fields::summary).collect();
    let key = "ada/0001";
    let expected = [
        ("select", key, 1, 0),
        ("update", key, 1, 0),
        ("modify", key, 2, 0),
    ];
    assert_eq!(summaries, expected);

    assert_eq!(notes.rows().await.unwrap().len(), 3);
    assert_eq!(kept.take()[0].summary(), ("rows", "", 4, 0));
    let mut stream = notes.query().stream_keys();
    while stream.try_next().await.unwrap().is_some() {}
    drop(stream);
    assert_eq!(kept.take()[0].summary(), ("keys", "", 1, 0));
    notes.query().page(2).await.unwrap();
    assert_eq!(kept.take()[0].summary(), ("page", "", 3, 0));
    assert_eq!(notes.query().delete().await.unwrap().rows, 3);
    let spans = kept.take();
    assert_eq!(spans.last().unwrap().summary(), ("delete", "", 2, 0));
}

/// A commit is a task of its own, which writes for all who wait; it belongs to the first of them.
#[tokio::test]
async fn a_packed_write_counts_its_commit() {
    let (_server, db) = wire();
    let lines = db.table::<Line>();
    let line = Line {
        poem: "raven".into(),
        number: 1,
        text: "once".into(),
    };
    let before = db.usage();
    let (kept, _guard) = listen();
    lines.insert(&line).await.unwrap();
    let sent = db.usage().since(&before).total();
    assert_eq!(
        kept.take().last().unwrap().summary(),
        ("insert", "raven/1", sent, 0)
    );
}
