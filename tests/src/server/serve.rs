//! HTTP: accepting connections, logging, latency and faults around the S3 service.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::log::{Logged, Operation};
use super::options::{Failure, Fault, Options, When};
use super::service::Service;
use super::{ACCESS_KEY, SECRET_KEY, Shared};

/// Serves until `stop` fires or is dropped; connections end with the runtime.
pub(super) async fn serve(
    shared: Arc<Shared>,
    stop: oneshot::Receiver<()>,
    ready: std::sync::mpsc::Sender<std::io::Result<SocketAddr>>,
) {
    let bound = match TcpListener::bind(("127.0.0.1", 0)).await {
        Ok(listener) => listener.local_addr().map(|address| (listener, address)),
        Err(error) => Err(error),
    };
    let listener = match bound {
        Ok((listener, address)) => {
            if ready.send(Ok(address)).is_err() {
                return;
            }
            listener
        }
        Err(error) => {
            // The starter is told; if it is gone, nobody is left to tell.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let mut builder = S3ServiceBuilder::new(Service(Arc::clone(&shared)));
    builder.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
    let s3 = builder.build();
    let accept = async {
        loop {
            // A connection that failed before it was accepted is its client's matter.
            if let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(connection(socket, Arc::clone(&shared), s3.clone()));
            }
        }
    };
    tokio::select! {
        () = accept => {}
        _ = stop => {}
    }
}

async fn connection(socket: TcpStream, shared: Arc<Shared>, s3: S3Service) {
    // Small answers must not wait for the client's acknowledgements.
    if socket.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| answer(&shared, &s3, request));
    // Fails when the client goes away or a fault hangs up.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(socket), service)
        .await;
}

async fn answer(
    shared: &Shared,
    s3: &S3Service,
    request: Request<Incoming>,
) -> Result<Response<Body>, HttpError> {
    let request = request.map(Body::from);
    let logged = Logged::new(&request);
    let target = request.uri().path_and_query().map(ToString::to_string);
    let target = target.unwrap_or_default();
    let operation = logged.operation;
    let ticket = shared.log().arrived(logged);
    let _under_way = UnderWay(shared, operation);
    let Options {
        latency, together, ..
    } = shared.options();
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if let Some((_, so_many)) = together.filter(|(held, _)| *held == operation) {
        wait_for(shared, operation, so_many).await;
    }
    let fault = shared.faults().take(operation);
    let response = match fault {
        None => s3.call(request).await?,
        Some(Fault { when, failure, .. }) => {
            match when {
                When::Before => drain(request).await,
                When::After => drop(s3.call(request).await?),
            }
            fail(failure, &target)?
        }
    };
    shared.log().answered(ticket, response.status().as_u16());
    Ok(response)
}

/// A request that has arrived, until it is answered or its client goes away.
struct UnderWay<'a>(&'a Shared, Operation);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.log().ended(self.1);
    }
}

/// Waits until so many requests of an operation were under way at once, or are not going to be.
async fn wait_for(shared: &Shared, operation: Operation, so_many: usize) {
    for _ in 0..2_000 {
        if shared.log().most_under_way(operation) >= so_many {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Reads the request to its end, so that the connection can be used again.
async fn drain(request: Request<Body>) {
    // What the client did not send is of no interest to a request that fails anyway.
    let _ = request.into_body().store_all_limited(usize::MAX).await;
}

fn fail(failure: Failure, target: &str) -> Result<Response<Body>, HttpError> {
    match failure {
        Failure::Hangup => Err(HttpError::new("hung up as the test asked".into())),
        Failure::Status(code) => {
            let status = StatusCode::from_u16(code).map_err(|e| HttpError::new(Box::new(e)))?;
            let mut response = Response::new(Body::empty());
            *response.status_mut() = status;
            Ok(response)
        }
        Failure::Redirect(code, server) => {
            let response = Response::builder()
                .status(code)
                .header("location", format!("http://{server}{target}"));
            response
                .body(Body::empty())
                .map_err(|e| HttpError::new(Box::new(e)))
        }
    }
}
