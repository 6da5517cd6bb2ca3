use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt};
use object_store::aws::AmazonS3;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, RetryConfig, UpdateVersion};
use s3aads_tests::server::{Failure, Fault, Operation, Options, Server, When};

use crate::{BUCKET, client, server};

/// A client that takes the first answer: by itself it retries every status of 500 and above, 501 included.
fn impatient(server: &Server) -> AmazonS3 {
    let once = RetryConfig {
        max_retries: 0,
        ..RetryConfig::default()
    };
    server.client(BUCKET).with_retry(once).build().unwrap()
}

fn misbehaving(options: Options) -> Server {
    let server = Server::start_with(options);
    server.create_bucket(BUCKET);
    server
}

#[tokio::test]
async fn a_lying_store_overwrites() {
    let server = misbehaving(Options {
        ignore_conditions: true,
        ..Options::default()
    });
    let (client, row) = (client(&server), Path::from("row"));
    client.put(&row, "old".into()).await.unwrap();
    let create = PutMode::Create.into();
    client.put_opts(&row, "new".into(), create).await.unwrap();
    assert_eq!(server.object(BUCKET, "row").unwrap().body, "new");

    server.set_options(Options::default());
    let create = PutMode::Create.into();
    let error = client.put_opts(&row, "x".into(), create).await;
    assert!(matches!(error, Err(Error::AlreadyExists { .. })));
}

#[tokio::test]
async fn a_store_without_conditions_says_so() {
    let server = misbehaving(Options {
        refuse_conditional_puts: true,
        ..Options::default()
    });
    let (client, row) = (impatient(&server), Path::from("row"));
    let create = PutMode::Create.into();
    client.put_opts(&row, "1".into(), create).await.unwrap_err();
    assert!(server.keys(BUCKET).is_empty());
    let old = client.put(&row, "1".into()).await.unwrap();
    let update = PutMode::Update(UpdateVersion::from(old)).into();
    client.put_opts(&row, "2".into(), update).await.unwrap_err();
    assert_eq!(server.object(BUCKET, "row").unwrap().body, "1");
    let statuses: Vec<_> = server.log().iter().map(|r| r.status).collect();
    assert_eq!(statuses, [Some(501), Some(200), Some(501)]);
}

#[tokio::test]
async fn a_store_without_seeks_starts_at_the_start() {
    let server = misbehaving(Options {
        ignore_start_after: true,
        ..Options::default()
    });
    server.seed(BUCKET, ["a", "b", "c"].map(|key| (key, "")));
    let after_b = || PaginatedListOptions {
        offset: Some("b".to_owned()),
        ..Default::default()
    };
    let client = client(&server);
    let page = client.list_paginated(None, after_b()).await.unwrap();
    assert_eq!(page.result.objects.len(), 3);
    server.set_options(Options::default());
    let page = client.list_paginated(None, after_b()).await.unwrap();
    assert_eq!(page.result.objects.len(), 1);
}

#[tokio::test]
async fn a_store_without_bulk_deletes_deletes_nothing_by_them() {
    let server = misbehaving(Options {
        no_bulk_delete: true,
        ..Options::default()
    });
    server.put_raw(BUCKET, "row", "1");
    let rows = stream::iter([Ok(Path::from("row"))]).boxed();
    let outcomes: Vec<_> = impatient(&server).delete_stream(rows).collect().await;
    assert!(outcomes.iter().all(Result::is_err));
    assert_eq!(server.object_count(BUCKET), 1);
    let statuses: Vec<_> = server.log().iter().map(|r| r.status).collect();
    assert_eq!(statuses, [Some(501)]);
}

#[tokio::test]
async fn latency_delays_every_answer() {
    let latency = Duration::from_millis(50);
    let server = misbehaving(Options {
        latency,
        ..Options::default()
    });
    let start = Instant::now();
    client(&server)
        .put(&"row".into(), "1".into())
        .await
        .unwrap();
    assert!(start.elapsed() >= latency);
}

fn fault(when: When, failure: Failure) -> Fault {
    Fault {
        operation: Operation::Put,
        when,
        failure,
    }
}

#[tokio::test]
async fn retries_are_recorded() {
    let (server, client) = server();
    server.fail_next(fault(When::Before, Failure::Status(503)), 2);
    client.put(&"row".into(), "1".into()).await.unwrap();
    let statuses: Vec<_> = server.log().iter().map(|r| r.status).collect();
    assert_eq!(statuses, [Some(503), Some(503), Some(200)]);
}

#[tokio::test]
async fn an_applied_write_can_lose_its_answer() {
    for failure in [Failure::Status(500), Failure::Hangup] {
        let (server, client) = server();
        server.fail_next(fault(When::After, failure), 1);
        let (row, create) = (Path::from("row"), PutMode::Create.into());
        let first = client.put_opts(&row, "1".into(), create).await;
        first.unwrap_err();
        assert_eq!(server.object(BUCKET, "row").unwrap().body, "1");
        let lost = match failure {
            Failure::Status(status) | Failure::Redirect(status, _) => Some(status),
            Failure::Hangup => None,
        };
        assert_eq!(server.log()[0].status, lost);
    }
}

#[tokio::test]
async fn a_write_can_fail_without_being_applied() {
    let (server, client) = server();
    server.fail_next(fault(When::Before, Failure::Status(400)), 1);
    client.put(&"row".into(), "1".into()).await.unwrap_err();
    assert!(server.keys(BUCKET).is_empty());
    client.head(&"row".into()).await.unwrap_err();
    client.put(&"row".into(), "1".into()).await.unwrap();
}
