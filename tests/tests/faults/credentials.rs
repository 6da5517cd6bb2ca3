//! Clocks that are off and credentials that run out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use object_store::client::HttpResponse;
use s3aads_tests::connector::{Outcome, Scripted};

use crate::*;

#[tokio::test]
async fn a_clock_that_is_off_is_said_at_once() {
    let wire = wire();
    wire.inject(Rule::new(Action::skew_clock()));
    for result in [
        wire.items.insert(&item(1, "x")).await.map(drop),
        wire.items.upsert(&item(1, "x")).await.map(drop),
        wire.items.select(("a", 1)).await.map(drop),
        wire.items.query().keys().await.map(drop),
        wire.items.delete(("a", 1)).await,
    ] {
        let said = assert_kind(result, ErrorKind::PermissionDenied);
        assert!(said.contains("clock"), "{said}");
    }
    // It does not pass by itself, so nothing is sent twice.
    assert_eq!(wire.faults.log().len(), 5);
}

/// Gives credentials of which the first run out. It learns of that when they are refused, as one does that caches.
#[derive(Debug)]
struct Provider {
    key: (String, String),
    refused: Arc<AtomicUsize>,
    renews: bool,
}

#[async_trait]
impl CredentialProvider for Provider {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let fresh = self.renews && self.refused.load(Ordering::Relaxed) > 0;
        let token = if fresh { "new" } else { "old" };
        Ok(Arc::new(AwsCredential {
            key_id: self.key.0.clone(),
            secret_key: self.key.1.clone(),
            token: Some(token.to_owned()),
        }))
    }
}

/// Refuses requests by the old token once it has run out, which is when the third page is asked for.
fn gate(refused: Arc<AtomicUsize>) -> Scripted {
    let (expired, passed) = (AtomicBool::new(false), AtomicUsize::new(0));
    Scripted::new(move |request| {
        let token = &request.headers()["x-amz-security-token"];
        if expired.load(Ordering::Relaxed) && token == "old" {
            refused.fetch_add(1, Ordering::Relaxed);
            let body = "<Error><Code>ExpiredToken</Code></Error>".to_owned();
            let mut response = HttpResponse::new(body.into());
            *response.status_mut() = http::StatusCode::FORBIDDEN;
            return Outcome::Answered(response);
        }
        if passed.fetch_add(1, Ordering::Relaxed) == 1 {
            // The next request comes too late.
            expired.store(true, Ordering::Relaxed);
        }
        Outcome::Forwarded(request)
    })
}

/// The server, a client of it, and how often that was refused.
fn expiring(renews: bool) -> (Server, Database, Arc<AtomicUsize>) {
    let server = Server::start();
    let refused = Arc::<AtomicUsize>::default();
    let provider = Provider {
        key: (
            server.access_key().to_owned(),
            server.secret_key().to_owned(),
        ),
        refused: Arc::clone(&refused),
        renews,
    };
    let rows = (0..3_500).map(|id| (path(id), body("seeded")));
    server.seed(BUCKET, rows);
    let db = database(&server, |options| {
        options
            .credential_provider(Arc::new(provider))
            .http_connector(gate(Arc::clone(&refused)))
    });
    (server, db, refused)
}

#[tokio::test]
async fn credentials_that_run_out_in_mid_scan_are_renewed() {
    let (server, db, refused) = expiring(true);
    let items = db.table::<Item>();
    let keys = items.query().concurrency(1).keys().await.unwrap();
    assert_eq!(keys.len(), 3_500);
    assert_eq!(refused.load(Ordering::Relaxed), 1);
    assert_eq!(server.count(Operation::List), 4);
}

#[tokio::test]
async fn rows_under_way_get_new_credentials_too() {
    let (server, db, refused) = expiring(true);
    let items = db.table::<Item>();
    let rows = items.query().limit(100).rows().await.unwrap();
    assert_eq!(rows.len(), 100);
    assert!(refused.load(Ordering::Relaxed) > 0);
    assert_eq!(server.count(Operation::Get), 100);
}

#[tokio::test]
async fn credentials_that_run_out_for_good_are_named() {
    let (server, db, refused) = expiring(false);
    let items = db.table::<Item>();
    let scanned = items.query().concurrency(1).keys().await;
    let said = assert_kind(scanned, ErrorKind::PermissionDenied);
    assert!(said.contains("ExpiredToken"), "{said}");
    assert!(said.contains("credentials have expired"), "{said}");
    // Asked for once more, and no more.
    assert_eq!(refused.load(Ordering::Relaxed), 2);
    assert_eq!(server.count(Operation::List), 2);
    let said = assert_kind(
        items.insert(&item(1, "x")).await,
        ErrorKind::PermissionDenied,
    );
    assert!(!said.contains(server.secret_key()));
}
