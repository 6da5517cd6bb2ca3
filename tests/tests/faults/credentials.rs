//! Clocks that are off and credentials that run out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;

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
mod gate {
    use object_store::ClientOptions;
    use object_store::client::{
        HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService,
        ReqwestConnector,
    };

    use super::*;

    #[derive(Debug, Clone)]
    pub(super) struct Gate {
        pub(super) expired: Arc<AtomicBool>,
        pub(super) passed: Arc<AtomicUsize>,
        pub(super) refused: Arc<AtomicUsize>,
        pub(super) inner: Option<HttpClient>,
    }

    impl HttpConnector for Gate {
        fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
            let inner = Some(ReqwestConnector::default().connect(options)?);
            Ok(HttpClient::new(Self {
                inner,
                ..self.clone()
            }))
        }
    }

    #[async_trait]
    impl HttpService for Gate {
        async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
            let token = request.headers()["x-amz-security-token"].clone();
            if self.expired.load(Ordering::Relaxed) && token == "old" {
                self.refused.fetch_add(1, Ordering::Relaxed);
                let body = "<Error><Code>ExpiredToken</Code></Error>".to_owned();
                let mut response = HttpResponse::new(body.into());
                *response.status_mut() = http::StatusCode::FORBIDDEN;
                return Ok(response);
            }
            if self.passed.fetch_add(1, Ordering::Relaxed) == 1 {
                // The next request comes too late.
                self.expired.store(true, Ordering::Relaxed);
            }
            self.inner.as_ref().unwrap().execute(request).await
        }
    }
}

fn expiring(renews: bool) -> (Server, Database, gate::Gate) {
    let server = Server::start();
    let gate = gate::Gate {
        expired: Arc::default(),
        passed: Arc::default(),
        refused: Arc::default(),
        inner: None,
    };
    let provider = Provider {
        key: (
            server.access_key().to_owned(),
            server.secret_key().to_owned(),
        ),
        refused: Arc::clone(&gate.refused),
        renews,
    };
    let rows = (0..3_500).map(|id| (path(id), body("seeded")));
    server.seed(BUCKET, rows);
    let db = database(&server, |options| {
        options
            .credential_provider(Arc::new(provider))
            .http_connector(gate.clone())
    });
    (server, db, gate)
}

#[tokio::test]
async fn credentials_that_run_out_in_mid_scan_are_renewed() {
    let (server, db, gate) = expiring(true);
    let items = db.table::<Item>();
    let keys = items.query().concurrency(1).keys().await.unwrap();
    assert_eq!(keys.len(), 3_500);
    assert_eq!(gate.refused.load(Ordering::Relaxed), 1);
    assert_eq!(server.count(Operation::List), 4);
}

#[tokio::test]
async fn rows_under_way_get_new_credentials_too() {
    let (server, db, gate) = expiring(true);
    let items = db.table::<Item>();
    let rows = items.query().limit(100).rows().await.unwrap();
    assert_eq!(rows.len(), 100);
    assert!(gate.refused.load(Ordering::Relaxed) > 0);
    assert_eq!(server.count(Operation::Get), 100);
}

#[tokio::test]
async fn credentials_that_run_out_for_good_are_named() {
    let (server, db, gate) = expiring(false);
    let items = db.table::<Item>();
    let scanned = items.query().concurrency(1).keys().await;
    let said = assert_kind(scanned, ErrorKind::PermissionDenied);
    assert!(said.contains("ExpiredToken"), "{said}");
    assert!(said.contains("credentials have expired"), "{said}");
    // Asked for once more, and no more.
    assert_eq!(gate.refused.load(Ordering::Relaxed), 2);
    assert_eq!(server.count(Operation::List), 2);
    let said = assert_kind(
        items.insert(&item(1, "x")).await,
        ErrorKind::PermissionDenied,
    );
    assert!(!said.contains(server.secret_key()));
}
