//! A server whose answers do not end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use s3aads::{Database, ErrorKind, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::Pair;

/// More than this is never taken from the server, attempts and all that is buffered on the way together.
const MOST: u64 = 256 << 20;

/// What stands before the body, and what the body goes on with.
type Answer = fn(&str) -> (&'static str, &'static str);

/// Serves until it is dropped; tells how many bytes of bodies went out.
async fn serve(answer: Answer) -> (Database, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(connection(socket, answer, Arc::clone(&counter)));
        }
    });
    let server = Server::s3()
        .endpoint(format!("http://{address}"))
        .credentials("id", "secret")
        .build()
        .unwrap();
    (server.database("endless").unwrap(), sent)
}

async fn connection(mut socket: TcpStream, answer: Answer, sent: Arc<AtomicU64>) -> Option<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(socket.read_u8().await.ok()?);
    }
    let (head, body) = answer(&String::from_utf8_lossy(&request));
    socket.write_all(head.as_bytes()).await.ok()?;
    let body = body.repeat((1 << 16) / body.len());
    loop {
        if head.contains("chunked") {
            let size = format!("{:x}\r\n", body.len());
            socket.write_all(size.as_bytes()).await.ok()?;
        }
        socket.write_all(body.as_bytes()).await.ok()?;
        if head.contains("chunked") {
            socket.write_all(b"\r\n").await.ok()?;
        }
        sent.fetch_add(body.len() as u64, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn an_endless_page_is_given_up() {
    let (db, sent) = serve(|_| {
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "<ListBucketResult>",
        )
    })
    .await;
    let error = db.table::<Pair>().keys().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error:?}");
    assert!(
        format!("{error:?}").contains("more than 16777216 bytes"),
        "{error:?}"
    );
    assert!(sent.load(Ordering::Relaxed) < MOST);
}

#[tokio::test]
async fn an_endless_error_is_cut() {
    let (db, sent) = serve(|_| {
        (
            "HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n",
            "<Error>",
        )
    })
    .await;
    let error = db.table::<Pair>().keys().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error:?}");
    assert!(sent.load(Ordering::Relaxed) < MOST);
}

#[tokio::test]
async fn an_object_of_ten_gibibytes_is_no_row() {
    let (db, sent) = serve(|_| {
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\netag: \"x\"\r\n\
             last-modified: Fri, 31 Jan 2020 00:00:00 GMT\r\n\r\n",
            "x",
        )
    })
    .await;
    let error = db.table::<Pair>().select(("a", "b")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRow, "{error:?}");
    let said = error.to_string();
    assert!(
        said.contains("10737418240") && said.contains("with_max_row_size"),
        "{said}"
    );
    assert!(sent.load(Ordering::Relaxed) < MOST);
    // The limit is the user's.
    let raw = db
        .with_max_row_size(1 << 20)
        .raw_table("pairs", ["a", "b"])
        .unwrap();
    let refused = raw
        .insert(["a", "b"], vec![0; (1 << 20) + 1])
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::InvalidRow, "{refused:?}");
}
