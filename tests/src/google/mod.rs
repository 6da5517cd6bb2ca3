//! A server in the test's process that speaks as much of Google Cloud Storage's XML API as the library uses: objects
//! with generations, conditions on them, and listings by pages.

mod listing;
mod objects;

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::TryStreamExt;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use s3s::Body;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use objects::{Object, State};

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    log: Mutex<Vec<String>>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Vec<String>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Starts a server without buckets on a free port of the loopback interface, in the caller's runtime.
    ///
    /// # Panics
    /// If there is no port.
    #[must_use]
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("its address");
        listener.set_nonblocking(true).expect("a listener");
        let listener = TcpListener::from_std(listener).expect("a listener");
        let shared = Arc::new(Shared::default());
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            task,
        }
    }

    /// The settings of a `gs://` database here.
    #[must_use]
    pub fn settings(&self) -> [(&'static str, String); 1] {
        let account = serde_json::json!({
            "private_key": "none",
            "private_key_id": "none",
            "client_email": "tests@project.test",
            "project_id": "project",
            "gcs_base_url": format!("http://{}", self.address),
            "disable_oauth": true,
        });
        [("google_service_account_key", account.to_string())]
    }

    /// The requests so far, as method and path with query.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.shared.log().clone()
    }

    /// Forgets the requests so far.
    pub fn clear_log(&self) {
        self.shared.log().clear();
    }

    /// Writes an object past HTTP, under any key at all.
    pub fn put_raw(&self, bucket: &str, key: &str, body: impl Into<Bytes>) {
        let mut state = self.shared.state();
        let object = Object::new(body.into(), HeaderMap::new());
        state.put(bucket, key, object);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        // A connection that failed before it was accepted is its client's matter.
        let Ok((socket, _)) = listener.accept().await else {
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(&shared, request));
            // Fails when the client goes away.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service)
                .await;
        });
    }
}

/// One request, taken apart.
struct Asked {
    method: Method,
    bucket: String,
    key: String,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    body: Bytes,
}

async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let target = request.uri().path_and_query().map(ToString::to_string);
    let line = format!("{} {}", request.method(), target.unwrap_or_default());
    shared.log().push(line);
    let path = percent_decode_str(request.uri().path()).decode_utf8_lossy();
    let path = path.trim_start_matches('/').to_owned();
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    let query = request.uri().query().unwrap_or_default();
    let query = url::form_urlencoded::parse(query.as_bytes());
    let query = query.into_owned().collect();
    let (parts, body) = request.into_parts();
    let length = body.size_hint().exact();
    let stream = chunks(body);
    // A body that does not come is a client that went away.
    let body: Vec<Bytes> = stream.try_collect().await.unwrap_or_default();
    let body: Bytes = body.concat().into();
    debug_assert!(length.is_none_or(|length| length == body.len() as u64));
    let asked = Asked {
        method: parts.method,
        bucket,
        key,
        query,
        headers: parts.headers,
        body,
    };
    let mut state = shared.state();
    Ok(objects::answer(&mut state, &asked))
}

fn chunks(body: Incoming) -> impl futures_util::Stream<Item = Result<Bytes, hyper::Error>> {
    let mut body = Box::pin(body);
    futures_util::stream::poll_fn(move |context| {
        let frame = std::task::ready!(body.as_mut().poll_frame(context));
        std::task::Poll::Ready(
            frame.map(|frame| frame.map(|frame| frame.into_data().unwrap_or_default())),
        )
    })
}

/// An answer with an `<Error>` document.
fn refused(status: StatusCode, code: &str) -> Response<Body> {
    let document =
        format!("<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code></Error>");
    respond(status, document)
}

fn respond(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    response
}
