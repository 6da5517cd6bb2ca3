//! A server that sends its clients elsewhere, where another one would take all that it is given.

use std::pin::Pin;

use object_store::client::ReqwestConnector;
use s3aads_tests::server::{Failure, Fault, When};

use crate::*;

type Asked<'a> = Pin<Box<dyn Future<Output = s3aads::Result<()>> + 'a>>;

/// Everything that a program asks of a table and its database.
fn asked(wire: &Wire) -> Vec<(&'static str, Asked<'_>)> {
    let Wire { items, db, .. } = wire;
    let read = || async { items.select_versioned(("a", 1)).await };
    vec![
        ("create", Box::pin(db.create())),
        ("exists", Box::pin(async { db.exists().await.map(drop) })),
        ("tables", Box::pin(async { db.tables().await.map(drop) })),
        (
            "drop_table",
            Box::pin(async { db.drop_table("items").await.map(drop) }),
        ),
        (
            "insert",
            Box::pin(async { items.insert(&item(2, "new")).await.map(drop) }),
        ),
        (
            "upsert",
            Box::pin(async { items.upsert(&item(1, "new")).await.map(drop) }),
        ),
        ("select", Box::pin(async move { read().await.map(drop) })),
        (
            "modify",
            Box::pin(async {
                items
                    .modify(("a", 1), |row| row.text.push('+'))
                    .await
                    .map(drop)
            }),
        ),
        ("delete", Box::pin(items.delete(("a", 1)))),
        (
            "rename",
            Box::pin(async { items.rename(("a", 1), ("a", 3)).await.map(drop) }),
        ),
        ("copy", Box::pin(items.copy(("a", 1)).to(items, ("a", 3)))),
        ("keys", Box::pin(async { items.keys().await.map(drop) })),
        (
            "query.delete",
            Box::pin(async { items.query().delete().await.map(drop) }),
        ),
    ]
}

/// Sends every request elsewhere for so long.
fn redirect(server: &Server, status: u16, elsewhere: &Server) {
    use Operation::{Copy, Delete, Get, Head, List, Post, Put};

    for operation in [Copy, Delete, Get, Head, List, Post, Put] {
        let fault = Fault {
            operation,
            when: When::Before,
            failure: Failure::Redirect(status, elsewhere.address()),
        };
        server.fail_next(fault, 200);
    }
}

/// Two servers with the same keys, the first of which sends its clients to the second.
fn wires(change: impl FnOnce(S3Options) -> S3Options) -> (Wire, Server) {
    let wire = wire_with(Options::default(), change);
    wire.put_raw(1, "old");
    let elsewhere = Server::start();
    elsewhere.put_raw(BUCKET, &path(1), body("elsewhere"));
    (wire, elsewhere)
}

#[tokio::test]
async fn nothing_is_sent_where_a_redirect_points() {
    for status in [301, 302, 303, 307, 308] {
        let (wire, elsewhere) = wires(|options| options.session_token("sesame"));
        redirect(&wire.server, status, &elsewhere);
        for (name, asked) in asked(&wire) {
            let said = assert_kind(bounded(asked).await, ErrorKind::InvalidConfig);
            let there = elsewhere.endpoint();
            assert!(said.contains(&there), "{status} {name}: {said}");
            assert!(said.contains("AWS_ENDPOINT_URL"), "{status} {name}: {said}");
            assert!(!said.contains("sesame"), "{said}");
        }
        assert_eq!(elsewhere.requests(), 0, "{status}");
        assert_eq!(wire.server.keys(BUCKET), [path(1)]);
        assert_eq!(wire.stored(1).unwrap(), body("old"));
    }
}

#[tokio::test]
async fn a_client_that_follows_is_found_out() {
    let (wire, elsewhere) = wires(|options| options.http_connector(ReqwestConnector::default()));
    redirect(&wire.server, 303, &elsewhere);
    // The trap is a trap: this one goes there.
    wire.items.upsert(&item(1, "new")).await.unwrap_err();
    assert!(elsewhere.requests() > 0);
}
