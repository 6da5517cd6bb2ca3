//! Servers that answer every request with the same garbage.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use s3aads::{Database, ErrorKind, Result, S3Table, Server};

use crate::Pair;
use crate::connector::{Answer, Scripted};

const XMLNS: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";

fn page(inside: &str) -> Answer {
    Answer::new(
        200,
        format!("<ListBucketResult {XMLNS}>{inside}</ListBucketResult>"),
    )
}

fn object(key: &str, size: &str, modified: &str) -> String {
    format!(
        "<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>{modified}</LastModified>\
         <ETag>\"x\"</ETag></Contents>"
    )
}

/// Answers, each with a name.
fn garbage() -> Vec<(&'static str, Answer)> {
    const NOW: &str = "2020-01-31T00:00:00Z";
    let html =
        "<!DOCTYPE html><html><head><title>It works</title></head><body><p>hello</body></html>";
    let deep = "<ListBucketResult>".repeat(20_000);
    let entities = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;\">]>\
         <ListBucketResult><Contents><Key>&y;</Key></Contents></ListBucketResult>";
    let outside = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
         <ListBucketResult><Contents><Key>&x;</Key></Contents></ListBucketResult>";
    let interleaved = format!(
        "{}<CommonPrefixes><Prefix>pairs/a/</Prefix></CommonPrefixes>",
        object("pairs/a/b", "1", NOW)
    );
    let mut answers = vec![
        ("empty", Answer::new(200, "")),
        ("blank", Answer::new(200, " \r\n ")),
        ("nul", Answer::new(200, vec![0; 100])),
        ("html", Answer::new(200, html)),
        ("json", Answer::new(200, "{\"ok\":true}")),
        ("no utf-8", Answer::new(200, vec![0xff, 0xfe, b'<', 0x80])),
        ("another root", Answer::new(200, "<Other/>")),
        ("the root alone", page("")),
        (
            "truncated",
            Answer::new(200, "<ListBucketResult><Contents><Key>pairs/a"),
        ),
        ("cut in a tag", Answer::new(200, "<ListBucketResult><Conte")),
        (
            "wrong end tags",
            Answer::new(200, "<ListBucketResult><a></b></ListBucketResult>"),
        ),
        ("10 MB of <", Answer::new(200, "<".repeat(10 << 20))),
        ("10 MB of tags", Answer::new(200, "<a>".repeat(3 << 20))),
        ("10 MB of &", page(&"&amp;".repeat(2 << 20))),
        ("10 MB of text", page(&"x".repeat(10 << 20))),
        ("deep", Answer::new(200, deep)),
        ("interleaved", page(&interleaved.repeat(1_000))),
        ("entities", Answer::new(200, entities)),
        ("outside entity", Answer::new(200, outside)),
        (
            "a key without size",
            page("<Contents><Key>pairs/a/b</Key></Contents>"),
        ),
        ("a size alone", page("<Contents><Size>1</Size></Contents>")),
        (
            "huge size",
            page(&object("pairs/a/b", "99999999999999999999999", NOW)),
        ),
        ("negative size", page(&object("pairs/a/b", "-1", NOW))),
        ("size in words", page(&object("pairs/a/b", "many", NOW))),
        ("no time", page(&object("pairs/a/b", "1", "yesterday"))),
        (
            "huge time",
            page(&object("pairs/a/b", "1", "999999-12-31T00:00:00Z")),
        ),
        (
            "on without a token",
            page("<IsTruncated>true</IsTruncated>"),
        ),
        ("perhaps on", page("<IsTruncated>perhaps</IsTruncated>")),
        (
            "the same token",
            page("<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>"),
        ),
        (
            "an error as success",
            Answer::new(200, "<Error><Code>InternalError</Code></Error>"),
        ),
        (
            "an unknown error",
            Answer::new(400, "<Error><Code>\u{202e}\0</Code></Error>"),
        ),
        ("an error without a code", Answer::new(400, "<Error/>")),
        (
            "a huge error",
            Answer::new(
                400,
                format!("<Error><Message>{}</Message></Error>", "m".repeat(10 << 20)),
            ),
        ),
        ("400 with html", Answer::new(400, html)),
        ("404 with html", Answer::new(404, html)),
        ("418", Answer::new(418, "")),
        ("500", Answer::new(500, vec![0xff; 1000])),
        ("599", Answer::new(599, "")),
        (
            "a redirect",
            Answer::new(301, "").header("location", b"http://169.254.169.254/"),
        ),
        (
            "a redirect to itself",
            Answer::new(307, "").header("location", b"http://store.test/"),
        ),
        (
            "a redirect to nowhere",
            Answer::new(302, "").header("location", &[0xff]),
        ),
        ("204", Answer::new(204, "")),
        (
            "206",
            Answer::new(206, "part").header("content-range", b"bytes 5-9/4"),
        ),
        ("304", Answer::new(304, "")),
    ];
    let stored = || {
        Answer::new(200, "body")
            .header("etag", b"\"x\"")
            .header("last-modified", b"Fri, 31 Jan 2020 00:00:00 GMT")
    };
    answers.extend([
        ("non-ASCII headers", {
            let stored = Answer::new(200, "body").header("etag", &[0xff, 0xfe]);
            let stored = stored
                .header("last-modified", &[0xe9])
                .header("x-amz-meta-a", &[0x80]);
            stored.header("content-type", &[0xc3, 0xa9])
        }),
        (
            "non-ASCII metadata",
            stored()
                .header("content-length", b"4")
                .header("x-amz-meta-a", &[0xff]),
        ),
        (
            "a length of words",
            stored().header("content-length", b"four"),
        ),
        (
            "too long a length",
            stored().header("content-length", b"18446744073709551615"),
        ),
        (
            "too short a length",
            stored().header("content-length", b"2"),
        ),
        (
            "two lengths",
            stored()
                .header("content-length", b"4")
                .header("content-length", b"5"),
        ),
        (
            "no time header",
            Answer::new(200, "body")
                .header("etag", b"\"x\"")
                .header("content-length", b"4"),
        ),
    ]);
    answers
}

pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Result<String>> + Send + 'a>>;
pub(crate) type Operation = for<'a> fn(&'a Server, &'a Database) -> Running<'a>;

macro_rules! operations {
    ($($name:literal: |$server:ident, $db:ident| $future:expr,)*) => {
        [$(($name, {
            fn run<'a>($server: &'a Server, $db: &'a Database) -> Running<'a> {
                let _ = ($server, $db);
                Box::pin(async move { Ok(format!("{:?}", $future.await?)) })
            }
            run as Operation
        }),)*]
    };
}

/// Everything that reads an answer.
pub(crate) fn operations() -> Vec<(&'static str, Operation)> {
    let all = operations! {
        "list_databases": |server, db| server.list_databases(),
        "create": |server, db| db.create(),
        "exists": |server, db| db.exists(),
        "tables": |server, db| db.tables(),
        "get_table": |server, db| db.get_table("pairs"),
        "drop_table": |server, db| db.drop_table("pairs"),
        "open_table": |server, db| async { db.open_table::<Pair>().await.map(drop) },
        "opened.upsert": |server, db| async {
            db.open_table::<Pair>().await?.upsert(&Pair::new("a", "b")).await
        },
        "keys": |server, db| async { db.table::<Pair>().keys().await },
        "objects": |server, db| async { db.table::<Pair>().objects().await },
        "rows": |server, db| async { db.table::<Pair>().rows().await },
        "count": |server, db| async { db.table::<Pair>().count().await },
        "first": |server, db| async { db.table::<Pair>().first().await },
        "as": |server, db| async { db.table::<Pair>().distinct(Pair::COLUMNS.a).await },
        "bs": |server, db| async { db.table::<Pair>().distinct(Pair::COLUMNS.b).await },
        "page": |server, db| async { db.table::<Pair>().query().page(3).await },
        "filter": |server, db| async { db.table::<Pair>().filter_by_b("b").keys().await },
        "analyze": |server, db| async { db.table::<Pair>().query().analyze().await },
        "sample": |server, db| async { db.table::<Pair>().sample(2).await },
        "query.delete": |server, db| async { db.table::<Pair>().query().delete().await },
        "insert": |server, db| async { db.table::<Pair>().insert(&Pair::new("a", "b")).await },
        "upsert": |server, db| async { db.table::<Pair>().upsert(&Pair::new("a", "b")).await },
        "select": |server, db| async { db.table::<Pair>().select(("a", "b")).await },
        "select_versioned": |server, db| async { db.table::<Pair>().select_versioned(("a", "b")).await },
        "meta": |server, db| async { db.table::<Pair>().meta(("a", "b")).await },
        "row.exists": |server, db| async { db.table::<Pair>().exists(("a", "b")).await },
        "modify": |server, db| async {
            db.table::<Pair>().modify(("a", "b"), |row| row.body.push('x')).await
        },
        "delete": |server, db| async { db.table::<Pair>().delete(("a", "b")).await },
        "rename": |server, db| async { db.table::<Pair>().rename(("a", "b"), ("c", "d")).await },
        "copy": |server, db| async {
            let pairs = db.table::<Pair>();
            pairs.copy(("a", "b")).to(&pairs, ("c", "d")).await
        },
        "insert_all": |server, db| async {
            let rows = [Pair::new("a", "b"), Pair::new("c", "d")];
            db.table::<Pair>().insert_all(&rows).await.into_result().map(drop)
        },
        "select_all": |server, db| async {
            let keys = [Pair::new("a", "b").to_key(), Pair::new("c", "d").to_key()];
            db.table::<Pair>().select_all(keys).await.into_result()
        },
        "delete_all": |server, db| async {
            let keys = [Pair::new("a", "b").to_key(), Pair::new("c", "d").to_key()];
            db.table::<Pair>().delete_all(keys).await.into_result().map(drop)
        },
    };
    all.into()
}

/// One operation for each kind of answer.
const PARSERS: &[&str] = &["list_databases", "query.delete", "insert", "copy"];

/// What a caller can act on: no answer is the caller's own mistake.
fn is_clear(kind: ErrorKind) -> bool {
    !matches!(kind, ErrorKind::InvalidKey | ErrorKind::BudgetExceeded)
}

#[tokio::test(start_paused = true)]
async fn garbage_is_an_error_and_not_a_row() {
    for (answered, answer) in garbage() {
        // Megabytes take a while to go through, and what goes through them is the same few parsers.
        let large = answer.body.len() > 1 << 20;
        let operations = operations().into_iter();
        for (operation, run) in operations.filter(|(name, _)| !large || PARSERS.contains(name)) {
            let reply = answer.clone();
            let script = Scripted::new(move |_, request| match request.method {
                // What HTTP has no body for.
                http::Method::HEAD => Answer {
                    body: Bytes::new(),
                    ..reply.clone()
                },
                _ => reply.clone(),
            });
            let (server, db) = (script.server(), script.db());
            let at = format!("{operation} answered with {answered}");
            let result = run(&server, &db).await;
            script.assert_bounded(&at);
            let requests = script.arrived().len();
            assert!((1..=150).contains(&requests), "{at}: {requests} requests");
            match result {
                Ok(value) => assert!(!value.contains("root:"), "{at}: {value}"),
                Err(error) => {
                    assert!(is_clear(error.kind()), "{at}: {error:?}");
                    let text = format!("{error} {error:?}");
                    assert!(
                        text.len() < 100_000,
                        "{at}: an error of {} bytes",
                        text.len()
                    );
                    assert!(!text.contains("topsecret"), "{at}");
                }
            }
        }
    }
}

/// No answer of these says that something is there, or was done.
#[tokio::test(start_paused = true)]
async fn what_is_no_listing_is_not_an_empty_table() {
    let no_listing = [
        "empty",
        "blank",
        "nul",
        "html",
        "json",
        "no utf-8",
        "another root",
        "truncated",
        "cut in a tag",
        "wrong end tags",
        "10 MB of <",
        "10 MB of tags",
        "deep",
        "a key without size",
        "a size alone",
        "huge size",
        "negative size",
        "size in words",
        "no time",
        "on without a token",
        "perhaps on",
        "an error as success",
        "204",
        "400 with html",
        "404 with html",
        "500",
        "a redirect",
        "304",
    ];
    let listing = [
        "tables",
        "get_table",
        "drop_table",
        "keys",
        "objects",
        "rows",
        "count",
        "first",
        "as",
        "bs",
        "page",
        "filter",
        "analyze",
        "sample",
        "query.delete",
    ];
    for (answered, answer) in garbage() {
        if !no_listing.contains(&answered) {
            continue;
        }
        for (operation, run) in operations() {
            let large = answer.body.len() > 1 << 20;
            if !listing.contains(&operation) || large && operation != "keys" {
                continue;
            }
            let reply = answer.clone();
            let script = Scripted::new(move |_, _| reply.clone());
            let (server, db) = (script.server(), script.db());
            let result = run(&server, &db).await;
            assert!(
                result.is_err(),
                "{operation} answered with {answered}: {result:?}"
            );
        }
    }
}
