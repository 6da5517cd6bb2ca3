//! What stands between a client and the network: a function that sees each request.

use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};

/// What becomes of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It is answered, and no server sees it.
    Answered(HttpResponse),
    /// It goes on over the network, as it is now.
    Forwarded(HttpRequest),
    /// It fails.
    Failed(HttpError),
}

type Script = dyn Fn(HttpRequest) -> Outcome + Send + Sync;

/// A connector whose client asks a function about each request.
#[derive(Clone)]
pub struct Scripted {
    script: Arc<Script>,
    options: ClientOptions,
    /// Made for the first request that goes on, since to make it takes long.
    network: OnceLock<HttpClient>,
}

impl Scripted {
    /// Asks this function.
    pub fn new(script: impl Fn(HttpRequest) -> Outcome + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            options: ClientOptions::default(),
            network: OnceLock::new(),
        }
    }

    /// Is a server of its own: this function answers everything.
    pub fn answering(answer: impl Fn(HttpRequest) -> HttpResponse + Send + Sync + 'static) -> Self {
        Self::new(move |request| Outcome::Answered(answer(request)))
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

impl HttpConnector for Scripted {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(Self {
            script: Arc::clone(&self.script),
            options: options.clone(),
            network: OnceLock::new(),
        }))
    }
}

#[async_trait]
impl HttpService for Scripted {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // As a network does: the reader goes on before the answer is there.
        tokio::task::yield_now().await;
        let connect = || ReqwestConnector::default().connect(&self.options);
        match (self.script)(request) {
            Outcome::Answered(response) => Ok(response),
            Outcome::Forwarded(request) => {
                let network = self.network.get_or_init(|| connect().expect("a client"));
                network.execute(request).await
            }
            Outcome::Failed(error) => Err(error),
        }
    }
}
