//! The last stop before the network: signs each request, counts it as it goes out, and notes what
//! came back.
//!
//! `object_store` sends through the same seam as our own client, and says of a failure little
//! more than a text. So whoever sends puts a [`RequestContext`] among the request's extensions, which says
//! what to count the request as, and reads status and error code from there.

use std::error::Error as StdError;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::Extensions;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};

use super::{Answer, Failure, Malformed, Protocol};
use crate::store::{Meter, RequestClass, StoreError};

/// More of an error's body than this is not read; S3's are under a kilobyte.
const ERROR_BODY_LIMIT: usize = 64 * 1024;

/// How one exchange with the server ended.
#[derive(Debug)]
pub(super) enum Exchange {
    /// With a success.
    Succeeded(Box<Answer>),
    /// With a success that is none to this request.
    Garbled(Malformed),
    /// With an error.
    Refused(Box<Answer>),
    /// Without an answer.
    Broken(HttpErrorKind),
    /// The request was not sent.
    Unsent(StoreError),
}

/// Travels with a request: what it is counted as and on, and where its sender reads how the
/// exchange ended.
#[derive(Debug, Clone)]
pub(super) struct RequestContext(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    class: RequestClass,
    meter: Meter,
    /// The body in one piece, as S3's signature needs it.
    body: Bytes,
    exchange: Mutex<Option<Exchange>>,
}

impl RequestContext {
    /// For one request with this body.
    pub(super) fn new(class: RequestClass, meter: &Meter, body: Bytes) -> Self {
        Self(Arc::new(Inner {
            class,
            meter: meter.clone(),
            body,
            exchange: Mutex::default(),
        }))
    }

    /// As what a request has to carry it.
    pub(super) fn extensions(&self) -> Extensions {
        let mut extensions = Extensions::new();
        extensions.insert(self.clone());
        extensions
    }

    /// Keeps the request from being sent. The error's kind is one that `object_store` does not
    /// retry.
    fn stop(&self, why: StoreError) -> HttpError {
        self.note(Exchange::Unsent(why));
        let unsent = std::io::Error::other("the request was not sent");
        HttpError::new(HttpErrorKind::Unknown, unsent)
    }

    fn note(&self, exchange: Exchange) {
        *self.exchange() = Some(exchange);
    }

    /// The exchange, for the first who asks; none where nothing got as far as this.
    pub(super) fn take(&self) -> Option<Exchange> {
        self.exchange().take()
    }

    /// The success, in the same way.
    pub(super) fn answer(&self) -> Result<Box<Answer>, Failure> {
        match self.take() {
            Some(Exchange::Succeeded(answer)) => Ok(answer),
            exchange => Err(Failure::of(exchange, "nobody saw the answer".into())),
        }
    }

    fn exchange(&self) -> MutexGuard<'_, Option<Exchange>> {
        let exchange = self.0.exchange.lock();
        exchange.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts signing and counting between whoever asks for a client and the network.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub connector: Arc<dyn HttpConnector>,
    pub protocol: Arc<dyn Protocol>,
}

impl Wire {
    /// A client that sends through this.
    pub(crate) fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(WireService {
            inner: self.connector.connect(options)?,
            protocol: Arc::clone(&self.protocol),
        }))
    }
}

/// Hands out one client to all, so that the databases of a server share its connections.
#[derive(Debug)]
pub(crate) struct Connected(pub HttpClient);

impl HttpConnector for Connected {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

#[derive(Debug)]
struct WireService {
    inner: HttpClient,
    protocol: Arc<dyn Protocol>,
}

#[async_trait]
impl HttpService for WireService {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let Some(context) = request.extensions().get::<RequestContext>().cloned() else {
            let untold = std::io::Error::other("nobody says what the request is counted as");
            return Err(HttpError::new(HttpErrorKind::Unknown, untold));
        };
        *request.body_mut() = HttpRequestBody::from(context.0.body.clone());
        let signed = self.protocol.sign(&mut request).await;
        signed.map_err(|error| context.stop(error.into()))?;
        let counted = context.0.meter.send(context.0.class);
        counted.map_err(|spent| context.stop(spent.into()))?;
        match self.inner.execute(request).await {
            Ok(response) if response.status().is_success() => {
                let answer = Answer::new(response.status(), response.headers().clone());
                context.note(match answer.check(&*self.protocol, context.0.class) {
                    Ok(()) => Exchange::Succeeded(Box::new(answer)),
                    Err(malformed) => Exchange::Garbled(malformed),
                });
                Ok(response)
            }
            // Boxed, as it is rare and would make every call's future twice as large.
            Ok(response) => Ok(Box::pin(refused(response, &context)).await),
            Err(error) => {
                context.note(Exchange::Broken(error.kind()));
                Err(error)
            }
        }
    }
}

/// Notes the error that a response holds, and gives the response back with its body read.
async fn refused(response: HttpResponse, context: &RequestContext) -> HttpResponse {
    let (parts, body) = response.into_parts();
    let mut answer = Answer::new(parts.status, parts.headers.clone());
    // The status alone says enough where the body is cut or breaks off.
    let (body, end) = read_up_to(ERROR_BODY_LIMIT, body).await;
    answer.read_error(&body);
    let has_room = context.0.class != RequestClass::Head && end.is_ok();
    context.note(match answer.check_missing(has_room) {
        Ok(()) => Exchange::Refused(Box::new(answer)),
        Err(malformed) => Exchange::Garbled(malformed),
    });
    HttpResponse::from_parts(parts, body.into())
}

/// What came of a body up to a limit, and how it ended: well only where nothing is left.
pub(super) async fn read_up_to(
    limit: usize,
    body: HttpResponseBody,
) -> (Bytes, Result<(), Box<dyn StdError + Send + Sync>>) {
    let mut stream = body.bytes_stream();
    let mut read = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => read.extend_from_slice(&chunk),
            Err(error) => return (read.freeze(), Err(Box::new(error))),
        }
        if read.len() > limit {
            read.truncate(limit);
            let endless = Malformed::new(format!("it has more than {limit} bytes"));
            return (read.freeze(), Err(Box::new(endless)));
        }
    }
    (read.freeze(), Ok(()))
}
