//! How often and how soon a failed request is sent again.

use std::future::Future;
use std::time::{Duration, Instant};

use object_store::RetryConfig;
use object_store::client::HttpErrorKind;

use super::failure::Failure;

/// A server that can't be connected to is given up this soon: it is most likely the wrong one.
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);

/// An answer that makes no sense this often is not going to: the server is no S3 server.
const SENSELESS_RETRIES: usize = 5;

/// One operation's retries.
#[derive(Debug)]
pub(crate) struct Retry<'a> {
    config: &'a RetryConfig,
    started: Instant,
    retries: usize,
    renewed: bool,
}

impl<'a> Retry<'a> {
    pub(crate) fn new(config: &'a RetryConfig) -> Self {
        Self {
            config,
            started: Instant::now(),
            retries: 0,
            renewed: false,
        }
    }

    /// Since the operation began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// How often something was sent again.
    pub(crate) fn retries(&self) -> usize {
        self.retries
    }

    /// Waits before the next attempt, or returns false where there should be none.
    pub(crate) async fn again(&mut self, failure: &Failure) -> bool {
        // Credentials are asked for at every attempt, so one more may have fresh ones.
        let renews = failure.is_expired() && !std::mem::replace(&mut self.renewed, true);
        (failure.is_transient() || renews) && self.anyway(failure).await
    }

    /// The same for a failure that only the caller knows to be passing.
    pub(crate) async fn anyway(&mut self, failure: &Failure) -> bool {
        let patience = match failure {
            Failure::Broken(HttpErrorKind::Connect, _) => {
                CONNECT_PATIENCE.min(self.config.retry_timeout)
            }
            _ => self.config.retry_timeout,
        };
        let most = match failure {
            Failure::Garbled(_) => SENSELESS_RETRIES.min(self.config.max_retries),
            _ => self.config.max_retries,
        };
        let pause = self.pause();
        if self.retries >= most || self.started.elapsed() + pause >= patience {
            return false;
        }
        self.retries += 1;
        tracing::debug!(?failure, ?pause, retry = self.retries, "sending again");
        tokio::time::sleep(pause).await;
        true
    }

    /// Doubles with every retry, half of it by chance, so that many clients don't come in step.
    fn pause(&self) -> Duration {
        let backoff = &self.config.backoff;
        let exponent = i32::try_from(self.retries).unwrap_or(i32::MAX);
        let longest = backoff.init_backoff.as_secs_f64() * backoff.base.powi(exponent);
        let longest = longest.min(backoff.max_backoff.as_secs_f64());
        Duration::try_from_secs_f64(longest * (0.5 + 0.5 * fastrand::f64())).unwrap_or_default()
    }
}

/// Runs an idempotent request until it succeeds or it is no use to try again.
pub(crate) async fn retrying<T, F>(
    config: &RetryConfig,
    mut attempt: impl FnMut() -> F + Send,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>> + Send,
{
    let mut retry = Retry::new(config);
    loop {
        let failure = match attempt().await {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        if !retry.again(&failure).await {
            return Err(failure);
        }
    }
}
