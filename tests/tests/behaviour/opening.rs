//! Opening a database that can't be opened: what is said, and how soon; and what is never said.

use std::process::Command;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use s3aads::{Database, Error, ErrorKind, Server};
use s3aads_tests::on_store;
use s3aads_tests::stores::{Capability, Store};

use crate::model::{Counter, DailyData, counter, day};
use crate::refused;

/// The URL that the process opens in an environment without credentials.
const CHILD: &str = "S3AADS_TEST_OPENING_CHILD";

#[test]
fn without_credentials_opening_fails_soon_and_says_what_was_looked_for() {
    if let Ok(url) = std::env::var(CHILD) {
        let started = Instant::now();
        let opened = Database::open(&url);
        println!("took {} ms", started.elapsed().as_millis());
        match opened {
            Ok(db) => println!("opened {db:?}"),
            Err(error) => println!("kind {:?}: {error}", error.kind()),
        }
        return;
    }
    let aws = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    let google = ["GOOGLE_SERVICE_ACCOUNT", "GOOGLE_APPLICATION_CREDENTIALS"];
    let azure = ["AZURE_STORAGE_ACCOUNT_KEY", "AZURE_CLIENT_ID"];
    for (url, parts) in [
        ("s3://bucket", aws),
        ("gs://bucket", google),
        ("az://container", azure),
    ] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        let name = "opening::without_credentials_opening_fails_soon_and_says_what_was_looked_for";
        child.args(["--exact", name, "--nocapture"]).env_clear();
        // Nothing of this machine's: no profile, no home.
        child.env("AZURE_STORAGE_ACCOUNT_NAME", "account");
        let output = child.env(CHILD, url).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("kind InvalidConfig"), "{said}");
        for part in ["credentials"].into_iter().chain(parts) {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
        // A bound that is a promise to users, far above what it takes.
        let took = said
            .split("took ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let took: u64 = took.unwrap().parse().unwrap();
        assert!(took < 5_000, "{said}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // A port that was free a moment ago, so that nobody listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let retry = object_store::RetryConfig {
        max_retries: 1,
        retry_timeout: Duration::from_secs(2),
        ..Default::default()
    };
    let server = Server::s3()
        .endpoint(&endpoint)
        .credentials("id", "secret-of-nobody")
        .retry(retry)
        .build();
    let server = server.unwrap();
    let db = server.database("bucket").unwrap();
    let days = db.table::<DailyData>();
    for error in [
        refused(db.exists().await, ErrorKind::Unavailable),
        refused(db.create().await, ErrorKind::Unavailable),
        refused(server.list_databases().await, ErrorKind::Unavailable),
        refused(days.select((1, 1, 1, 1)).await, ErrorKind::Unavailable),
        refused(days.upsert(&day(1, 1, 1, 1)).await, ErrorKind::Unavailable),
        refused(days.keys().await, ErrorKind::Unavailable),
        refused(days.delete((1, 1, 1, 1)).await, ErrorKind::Unavailable),
        refused(days.query().delete().await, ErrorKind::Unavailable),
    ] {
        assert!(error.to_string().contains("no answer came"), "{error}");
        assert!(std::error::Error::source(&error).is_some());
        assert!(!everything(&error).contains("secret-of-nobody"));
    }
}

#[test]
fn settings_that_can_t_work_are_refused_when_they_are_given() {
    for server in [
        Server::s3()
            .credentials("id", "secret-word")
            .endpoint("not a url")
            .build(),
        Server::s3()
            .credentials("id", "secret-word")
            .endpoint("ftp://127.0.0.1")
            .build(),
        Server::s3()
            .credentials("id", "secret-word")
            .endpoint("")
            .build(),
    ] {
        let error = refused(server, ErrorKind::InvalidConfig);
        assert!(!everything(&error).contains("secret-word"), "{error}");
    }
    let server = Server::s3()
        .credentials("id", "secret-word")
        .endpoint("http://127.0.0.1:1")
        .build()
        .unwrap();
    refused(server.database(""), ErrorKind::InvalidConfig);
    refused(
        server.database_at("bucket", "a//b"),
        ErrorKind::InvalidConfig,
    );
}

async fn a_refused_key_is_permission_denied(store: &Store) {
    let Some(signed) = store.signed() else { return };
    if store.lacks(Capability::Authentication) {
        let anybody = signed
            .options()
            .credentials("nobody", "any-secret")
            .build()
            .unwrap();
        let db = anybody.database(store.db().name()).unwrap();
        db.tables().await.expect("this server takes any key");
        return;
    }
    let wrong = [
        signed
            .options()
            .credentials(&signed.key_id, "wrong-secret-word"),
        signed
            .options()
            .credentials("AKIANOBODYKNOWSTHIS0", "wrong-secret-word"),
    ];
    for options in wrong {
        let server = options.build().unwrap();
        let db = server.database(store.db().name()).unwrap();
        let days = db.table::<DailyData>();
        for error in [
            refused(db.tables().await, ErrorKind::PermissionDenied),
            refused(days.select((1, 1, 1, 1)).await, ErrorKind::PermissionDenied),
            refused(
                days.upsert(&day(1, 1, 1, 1)).await,
                ErrorKind::PermissionDenied,
            ),
            refused(days.delete((1, 1, 1, 1)).await, ErrorKind::PermissionDenied),
            refused(days.keys().await, ErrorKind::PermissionDenied),
            refused(db.exists().await, ErrorKind::PermissionDenied),
            refused(server.list_databases().await, ErrorKind::PermissionDenied),
        ] {
            assert!(error.to_string().contains("answered 403"), "{error}");
            assert!(
                !everything(&error).contains("wrong-secret-word"),
                "{error:?}"
            );
        }
    }
}

async fn a_missing_bucket_is_not_found_and_named(store: &Store) {
    let name = store.unused_name();
    let db = store.database(&name);
    assert!(!db.exists().await.unwrap());
    let error = refused(db.table::<DailyData>().keys().await, ErrorKind::NotFound);
    assert_eq!(error.database(), Some(&*name));
    assert!(error.to_string().contains(&name), "{error}");
    let said = everything(&error);
    assert!(
        said.contains("database") && said.contains("create"),
        "{said}"
    );
}

/// An error as it is shown in every way, with all its sources.
fn everything(error: &Error) -> String {
    let mut said = format!("{error}\n{error:?}\n{error:#?}\n");
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        said.push_str(&format!("{source}\n{source:?}\n{source:#?}\n"));
        cause = source.source();
    }
    said
}

async fn no_secret_is_ever_printed(store: &Store) {
    let (Some(signed), Some(server)) = (store.signed(), store.server()) else {
        return;
    };
    const TOKEN: &str = "session-token-nobody-may-read";
    let with_token = signed.options().session_token(TOKEN);
    let mut said = format!("{:?}\n{with_token:?}\n{with_token:#?}\n", signed.options());
    let tokened = with_token.build().unwrap();

    let db = store.db();
    let (days, counters) = (db.table::<DailyData>(), db.table::<Counter>());
    counters.upsert(&counter("a", 1)).await.unwrap();
    counters.raw().upsert(["bad"], "no json").await.unwrap();
    let query = days.filter_by_id(1);
    let versioned = counters.select_versioned("a").await.unwrap().unwrap();
    said += &format!("{server:?}{server:#?}{db:?}{db:#?}{days:?}{days:#?}{counters:?}");
    said += &format!("{query:?}{query:#?}{:?}{:?}", days.raw(), db.clone());
    said += &format!("{:?}{:#?}", tokened, tokened.database("x").unwrap());
    said += &format!("{versioned:?}{:?}", counters.meta("a").await.unwrap());
    said += &format!("{:?}{:?}", counters.objects().await.unwrap(), db.usage());
    said += &format!("{:?}{}", query.explain().unwrap(), query.explain().unwrap());
    said += &format!("{:?}", query.analyze().await.unwrap());
    said += &format!(
        "{:?}{:?}",
        counters.copy("a"),
        counters.upsert_all([counter("b", 1)])
    );
    said += &format!("{:?}", counters.upsert_all([counter("b", 1)]).await);
    said += &format!("{:?}", db.check().await.unwrap());

    let absent = server.database(&store.unused_name()).unwrap();
    let mut errors = vec![
        days.upsert(&day(1, 1, 100, 1)).await.unwrap_err(),
        counters.select("bad").await.unwrap_err(),
        absent.tables().await.unwrap_err(),
        absent
            .table::<Counter>()
            .upsert(&counter("a", 1))
            .await
            .unwrap_err(),
        absent.table::<Counter>().select("a").await.unwrap_err(),
        counters.query().request_budget(0).keys().await.unwrap_err(),
        server.database("").unwrap_err(),
        Database::open(&format!("s3://{}:{}@bucket", signed.key_id, "in-the-url")).unwrap_err(),
    ];
    errors.extend(counters.insert(&counter("a", 1)).await.err());
    errors.extend(counters.copy("absent").to(&counters, "x").await.err());
    let items: Vec<_> = counters.stream().collect().await;
    errors.extend(items.into_iter().filter_map(Result::err));
    let unknown = signed
        .options()
        .credentials(&signed.key_id, format!("{}x", signed.secret))
        .build()
        .unwrap();
    errors.extend(unknown.database(db.name()).unwrap().tables().await.err());
    errors.extend(tokened.database(db.name()).unwrap().tables().await.err());
    assert!(errors.len() >= 10, "{errors:?}");
    for error in &errors {
        said += &everything(error);
    }
    for secret in [&*signed.secret, TOKEN, "in-the-url"] {
        let at = said.find(secret);
        assert!(
            at.is_none(),
            "{}",
            &said[at.unwrap_or(0).saturating_sub(200)..][..250]
        );
    }
}

on_store!(
    wire,
    a_refused_key_is_permission_denied,
    a_missing_bucket_is_not_found_and_named,
    no_secret_is_ever_printed
);
on_store!(
    real_server,
    a_refused_key_is_permission_denied,
    a_missing_bucket_is_not_found_and_named,
    no_secret_is_ever_printed
);
