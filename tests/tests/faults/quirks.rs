//! Stores that have no conditional writes, ignore them, or want them otherwise.

use object_store::aws::{AwsAuthorizer, AwsCredential};
use s3aads::{Capability, ConditionalPut};
use s3aads_tests::connector::{Outcome, Scripted};

use crate::*;

#[tokio::test]
async fn a_store_that_ignores_conditions_is_found_out() {
    let options = Options {
        ignore_conditions: true,
        ..Options::default()
    };
    let by_server = wire_with(options, |options| options);
    let by_injector = wire();
    by_injector.inject(always(Action::IgnoreConditions, RequestClass::Put));
    for wire in [by_server, by_injector] {
        wire.put_raw(1, "theirs");
        let mut read = wire
            .items
            .select_versioned(("a", 1))
            .await
            .unwrap()
            .unwrap();

        let found = wire.db.check().await.unwrap();
        assert_eq!(found.create_only, Capability::Ignored);
        assert_eq!(found.concurrent_creates, Capability::Ignored);
        assert_eq!(found.update_unchanged, Capability::Ignored);
        assert_eq!(found.start_after, Capability::Honoured);
        assert_eq!(found.delimiter, Capability::Honoured);
        assert_eq!(found.bulk_delete, Capability::Honoured);
        assert_eq!(found.metadata, Capability::Honoured);
        assert!(!found.conditional_writes());
        assert!(
            found.to_string().contains("accepted and ignored"),
            "{found}"
        );
        assert_eq!(wire.server.keys(BUCKET), [path(1)], "it cleans up");

        wire.server.clear_log();
        read.row.text = "ours".to_owned();
        let said = assert_kind(
            wire.items.insert(&item(1, "ours")).await,
            ErrorKind::Unsupported,
        );
        assert!(said.contains("upsert"), "{said}");
        assert_kind(wire.items.update(&read).await, ErrorKind::Unsupported);
        assert_kind(
            wire.items.modify(("a", 1), |row| row.text.push('+')).await,
            ErrorKind::Unsupported,
        );
        assert_kind(
            wire.items.rename(("a", 1), ("a", 2)).await,
            ErrorKind::Unsupported,
        );
        assert_eq!(wire.server.count(Operation::Put), 0);
        assert_eq!(wire.stored(1).unwrap(), body("theirs"));

        wire.items.upsert(&item(1, "ours")).await.unwrap();
        assert_eq!(wire.stored(1).unwrap(), body("ours"));
    }
}

#[tokio::test]
async fn a_store_that_honours_conditions_is_found_to() {
    let wire = wire();
    let found = wire.db.check().await.unwrap();
    assert!(found.conditional_writes(), "{found}");
    assert!(wire.server.keys(BUCKET).is_empty());
    wire.items.insert(&item(1, "one")).await.unwrap();
}

#[tokio::test]
async fn a_check_through_lost_answers_finds_the_same() {
    for lost in [
        Action::ApplyThenReset,
        Action::apply_then_respond(500, "InternalError"),
    ] {
        let wire = wire();
        wire.inject(always(lost, RequestClass::Put).probability(0.15));
        match wire.db.check().await {
            Ok(found) => assert!(found.conditional_writes(), "{found}"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Indeterminate, "{error:?}"),
        }
        assert!(wire.server.keys(BUCKET).is_empty());
    }
}

#[tokio::test]
async fn a_store_without_conditional_writes_refuses_at_once() {
    let options = Options {
        refuse_conditional_puts: true,
        ..Options::default()
    };
    let wire = wire_with(options, |options| options);
    wire.put_raw(1, "theirs");
    let read = wire
        .items
        .select_versioned(("a", 1))
        .await
        .unwrap()
        .unwrap();
    wire.server.clear_log();
    let said = assert_kind(
        wire.items.insert(&item(2, "ours")).await,
        ErrorKind::Unsupported,
    );
    assert!(said.contains("no conditional writes"), "{said}");
    assert_eq!(wire.log(), ["PUT 501"]);
    assert_kind(wire.items.update(&read).await, ErrorKind::Unsupported);
    assert_eq!(wire.log(), ["PUT 501", "PUT 501"]);
    wire.items.upsert(&item(2, "ours")).await.unwrap();

    let found = wire.db.check().await.unwrap();
    assert_eq!(found.create_only, Capability::Refused);
    assert_eq!(found.update_unchanged, Capability::Refused);
    // From here on nothing is sent for it.
    wire.server.clear_log();
    assert_kind(
        wire.items.insert(&item(3, "ours")).await,
        ErrorKind::Unsupported,
    );
    assert!(wire.log().is_empty());
}

#[tokio::test]
async fn conditions_that_are_switched_off_are_refused_unsent() {
    let wire = wire_with(Options::default(), |options| {
        options.conditional_put(ConditionalPut::Disabled)
    });
    assert_kind(
        wire.items.insert(&item(1, "ours")).await,
        ErrorKind::Unsupported,
    );
    assert!(wire.log().is_empty());
    wire.items.upsert(&item(1, "ours")).await.unwrap();
}

/// A store that compares the ETag in `If-Match` as text, and its own has no quotes.
fn unquoted(server: &Server) -> Scripted {
    let credential = AwsCredential {
        key_id: server.access_key().to_owned(),
        secret_key: server.secret_key().to_owned(),
        token: None,
    };
    let region = server.region();
    Scripted::new(move |mut request| {
        let headers = request.headers_mut();
        if let Some(e_tag) = headers.get("if-match") {
            let e_tag = e_tag.to_str().unwrap();
            let other = if e_tag.starts_with('"') {
                "\"no such ETag\"".to_owned()
            } else {
                format!("\"{e_tag}\"")
            };
            headers.insert("if-match", other.parse().unwrap());
            // The server behind it checks the signature, which covers the condition.
            headers.remove("authorization");
            headers.remove("x-amz-date");
            // A body in pieces can't be hashed here, but the first signature holds its digest.
            let digest = headers.remove("x-amz-content-sha256").unwrap();
            let digest = digest.to_str().unwrap();
            let digest: Vec<u8> = (0..digest.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&digest[at..at + 2], 16).unwrap())
                .collect();
            let authorizer = AwsAuthorizer::new(&credential, "s3", region);
            let signed = authorizer.try_authorize(&mut request, Some(&digest));
            signed.unwrap();
        }
        Outcome::Forwarded(request)
    })
}

#[tokio::test]
async fn an_etag_goes_without_quotes_where_the_store_wants_it_so() {
    for (flavour, honoured) in [
        (ConditionalPut::UnquotedETag, true),
        (ConditionalPut::ETag, false),
    ] {
        let server = Server::start();
        server.put_raw(BUCKET, &path(1), body("old"));
        let db = database(&server, |options| {
            options
                .conditional_put(flavour)
                .http_connector(unquoted(&server))
        });
        let items = db.table::<Item>();
        let mut read = items.select_versioned(("a", 1)).await.unwrap().unwrap();
        read.row.text = "new".to_owned();
        let updated = items.update(&read).await;
        if honoured {
            updated.unwrap();
            assert_kind(items.update(&read).await, ErrorKind::Conflict);
            items
                .modify(("a", 1), |row| row.text.push('+'))
                .await
                .unwrap();
            assert_eq!(server.object(BUCKET, &path(1)).unwrap().body, body("new+"));
        } else {
            assert_kind(updated, ErrorKind::Conflict);
        }
        let found = db.check().await.unwrap();
        assert_eq!(found.conditional_writes(), honoured, "{found}");
    }
}

#[tokio::test]
async fn how_etags_stand_in_conditions_is_found_out_and_remembered() {
    let server = Server::start();
    server.create_bucket(BUCKET);
    for handle in 0..2 {
        let options = s3aads::Server::s3()
            .endpoint(server.endpoint())
            .region(server.region())
            .credentials(server.access_key(), server.secret_key())
            .http_connector(unquoted(&server));
        let db = options.build().unwrap().database(BUCKET).unwrap();
        let items = db.table::<Item>();
        items.insert(&item(handle, "old")).await.unwrap();
        let changed = items.modify(("a", handle), |row| row.text.push('+'));
        assert_eq!(changed.await.unwrap().text, "old+");
        let sent = db.usage().total();
        match handle {
            0 => assert!(sent <= 25, "{sent} requests"),
            _ => assert_eq!(sent, 4, "1 to remember, 1 insert, 2 to modify"),
        }
    }
}
