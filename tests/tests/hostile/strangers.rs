//! Servers that are no such store, and such that fall silent: on S3, Google Cloud and Azure nothing that they say is taken
//! for a row, an acknowledged write or an empty table.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use object_store::{BackoffConfig, RetryConfig};
use s3aads::{ConditionalPut, Conditions, Database, ErrorKind, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::answers::operations;

/// What every request is answered with.
#[derive(Debug, Clone)]
struct Said {
    bytes: Vec<u8>,
    /// The connection is left open, and nothing more comes.
    falls_silent: bool,
}

/// Status, headers and a body, whose length is told.
fn said(head: &str, body: &str) -> Said {
    let length = body.len();
    let bytes = format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}");
    Said {
        bytes: bytes.into(),
        falls_silent: false,
    }
}

fn silent_after(bytes: &str) -> Said {
    Said {
        bytes: bytes.into(),
        falls_silent: true,
    }
}

/// Serves until the runtime ends.
async fn serve(said: Said) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(connection(socket, said.clone()));
        }
    });
    address
}

async fn connection(mut socket: TcpStream, said: Said) -> Option<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.ok()?);
        }
        let head = String::from_utf8_lossy(&head).to_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length = length.and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
        socket
            .read_exact(&mut vec![0; length.unwrap_or_default()])
            .await
            .ok()?;
        let bytes = match said.bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            // HTTP has no body there.
            Some(end) if head.starts_with("head ") => &said.bytes[..end + 4],
            _ => &said.bytes,
        };
        socket.write_all(bytes).await.ok()?;
        if said.falls_silent {
            std::future::pending::<()>().await;
        }
        if !said.bytes.starts_with(b"HTTP") {
            return None;
        }
    }
}

fn s3(address: SocketAddr, patience: Duration) -> Server {
    let options = Server::s3()
        .endpoint(format!("http://{address}"))
        .region("us-east-1")
        .credentials("KEYID", "topsecret")
        .conditional_put(ConditionalPut::ETag)
        .request_timeout(patience)
        .retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(1),
                max_backoff: Duration::from_millis(2),
                base: 2.0,
            },
            max_retries: 1,
            retry_timeout: Duration::from_secs(60),
        });
    options.build().unwrap()
}

/// For servers that answer.
const LONG: Duration = Duration::from_secs(60);

/// A database of each kind at this address.
fn databases(address: SocketAddr) -> [(&'static str, Database); 3] {
    let account = format!(
        r#"{{"private_key": "none", "private_key_id": "none", "client_email": "a@b.test", "project_id": "p",
            "gcs_base_url": "http://{address}", "disable_oauth": true}}"#
    );
    let google = [("google_service_account_key", account)];
    let azure = [
        ("azure_storage_account_name", "account".to_owned()),
        ("azure_storage_account_key", "a2V5".to_owned()),
        (
            "azure_storage_endpoint",
            format!("http://{address}/account"),
        ),
        ("azure_storage_use_emulator", "false".to_owned()),
        ("allow_http", "true".to_owned()),
    ];
    [
        ("s3", s3(address, LONG).database("bucket").unwrap()),
        ("gs", Database::open_with("gs://bucket", google).unwrap()),
        ("az", Database::open_with("az://bucket", azure).unwrap()),
    ]
    .map(|(name, db)| (name, db.with_conditions(Conditions::Assumed)))
}

const PAGE: &str =
    "<!DOCTYPE html><html><head><title>It works</title></head><body><p>hello</body></html>";
const HTML: &str = "content-type: text/html; charset=utf-8";

/// What servers say that are no such store.
fn strangers() -> Vec<(&'static str, Said)> {
    vec![
        ("a page", said(&format!("200 OK\r\n{HTML}"), PAGE)),
        (
            "a page of a file",
            said(
                &format!("200 OK\r\n{HTML}\r\nlast-modified: Fri, 31 Jan 2020 00:00:00 GMT"),
                PAGE,
            ),
        ),
        (
            "a missing page",
            said(&format!("404 Not Found\r\n{HTML}"), PAGE),
        ),
        (
            "a missing path",
            said(
                "404 Not Found\r\ncontent-type: text/plain",
                "404 page not found\n",
            ),
        ),
        (
            "json",
            said("200 OK\r\ncontent-type: application/json", r#"{"ok":true}"#),
        ),
        ("nothing", said("200 OK", "")),
        ("accepted", said("202 Accepted", "")),
        (
            "a part",
            said(
                "206 Partial Content\r\ncontent-range: bytes 0-3/8\r\netag: \"x\"\r\nlast-modified: Fri, 31 \
                 Jan 2020 00:00:00 GMT\r\nx-goog-generation: 1",
                "part",
            ),
        ),
        (
            "a packed page",
            said(
                &format!("200 OK\r\n{HTML}\r\ncontent-encoding: gzip"),
                "\u{1f}x\u{8}\0",
            ),
        ),
        (
            "a redirect",
            said(
                &format!("302 Found\r\nlocation: http://elsewhere.test/login\r\n{HTML}"),
                PAGE,
            ),
        ),
        (
            "an error without a code",
            said(
                "200 OK\r\ncontent-type: application/xml",
                "<Error><Message>no</Message></Error>",
            ),
        ),
    ]
}

/// One operation for each kind of request: the clouds' stores ask a stranger six times before they give it up.
const CLOUDS: &[&str] = &[
    "create",
    "exists",
    "keys",
    "select",
    "row.exists",
    "insert",
    "upsert",
    "delete",
    "copy",
];

/// What a success without a word about it can mean.
fn is_plausible(stranger: &str, operation: &str) -> bool {
    match (stranger, operation) {
        ("nothing", "create" | "exists" | "delete" | "delete_all") => true,
        // Of a HEAD there is nothing to see but that it is no page.
        ("json" | "an error without a code", "exists") => true,
        // As Azure says it.
        ("accepted", "delete" | "delete_all" | "create") => true,
        _ => false,
    }
}

#[tokio::test]
async fn what_no_store_says_is_no_success() {
    let mut asked = Vec::new();
    for (stranger, said) in strangers() {
        let address = serve(said).await;
        for (kind, db) in databases(address) {
            let operations = operations().into_iter();
            let all = |name: &str| kind == "s3" || CLOUDS.contains(&name);
            for (operation, run) in operations.filter(|(name, _)| all(name)) {
                let db = db.clone();
                asked.push(async move {
                    let server = s3(address, LONG);
                    let result = run(&server, &db).await;
                    (stranger, kind, operation, result)
                });
            }
        }
    }
    let mut untrue = Vec::new();
    let mut results = stream::iter(asked).buffer_unordered(64).boxed_local();
    while let Some((stranger, kind, operation, result)) = results.next().await {
        let at = format!("{operation} on {kind} answered with {stranger}");
        match result {
            Ok(_) if is_plausible(stranger, operation) => {}
            Ok(value) => untrue.push(format!("{at}: {value}")),
            Err(error) => {
                assert!(!format!("{error:?}").contains("topsecret"), "{at}");
            }
        }
    }
    assert!(untrue.is_empty(), "{untrue:#?}");
}

/// A server that is stopped, or dies in the middle of its answer.
#[tokio::test]
async fn a_write_that_is_not_answered_is_in_doubt_and_a_read_is_unavailable() {
    const OBJECT: &str = "etag: \"x\"\r\nlast-modified: Fri, 31 Jan 2020 00:00:00 GMT";
    let mut asked = Vec::new();
    for (what, said) in [
        ("nothing", silent_after("")),
        ("half a head", silent_after("HTTP/1.1 200 OK\r\ncontent-")),
        (
            "half a body",
            silent_after("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n<ListBucketResult>"),
        ),
        (
            "half an object",
            silent_after(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n{OBJECT}\r\n\r\nhalf"
            )),
        ),
        (
            "half an error",
            silent_after("HTTP/1.1 500 No\r\ncontent-length: 100\r\n\r\n<Error>"),
        ),
        (
            "another protocol",
            Said {
                bytes: b"SSH-2.0-OpenSSH_9.6\r\n".to_vec(),
                falls_silent: false,
            },
        ),
        (
            "an end",
            Said {
                bytes: Vec::new(),
                falls_silent: false,
            },
        ),
    ] {
        let address = serve(said).await;
        let server = s3(address, Duration::from_secs(1));
        for (operation, run) in operations() {
            let server = server.clone();
            asked.push(async move {
                let db = server.database("bucket").unwrap();
                (what, operation, run(&server, &db).await)
            });
        }
    }
    for (what, operation, result) in join_all(asked).await {
        let at = format!("{operation} answered with {what}");
        // An ETag is all that a PUT is asked for, and the headers all that there is of a HEAD.
        let acknowledged = what == "half an object"
            && matches!(
                operation,
                "insert" | "upsert" | "meta" | "row.exists" | "exists" | "insert_all"
            );
        let exists = what == "half a body" && operation == "exists";
        if (acknowledged || exists) && result.is_ok() {
            continue;
        }
        let kind = result.expect_err(&at).kind();
        let writes = ["insert", "upsert", "delete", "insert_all", "delete_all"];
        if writes.contains(&operation) {
            assert_eq!(kind, ErrorKind::Indeterminate, "{at}");
        } else {
            assert!(
                matches!(kind, ErrorKind::Unavailable | ErrorKind::Indeterminate),
                "{at}: {kind}"
            );
        }
    }
}
