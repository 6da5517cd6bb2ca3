//! The one loop in which every request is sent until it is answered or given up.

use std::future::Future;
use std::time::{Duration, Instant};

use http::StatusCode;
use object_store::client::HttpErrorKind;
use object_store::{BackoffConfig, RetryConfig};

use super::{Failure, Fate, Protocol};
use crate::store::Condition;
use crate::store::observe::{Event, note};

/// A server that can't be connected to is given up this soon: it is most likely the wrong one.
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);

/// An answer that makes no sense this often is not going to: the server is no such store.
const SENSELESS_RETRIES: usize = 5;

/// Retries that ride out a moment's overload and tell of a lasting one within half a minute.
pub(crate) fn default_retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(5),
            base: 2.0,
        },
        max_retries: 10,
        retry_timeout: Duration::from_secs(30),
    }
}

/// One attempt: what `object_store` is told, and what a request gets that must not be sent twice.
pub(crate) fn no_retry() -> RetryConfig {
    RetryConfig {
        max_retries: 0,
        ..RetryConfig::default()
    }
}

/// What an attempt's failure says about the condition that it was sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It does not hold.
    Refused,
    /// Another write was under way.
    Contended,
    /// Nothing.
    Silent,
}

/// What a failed attempt says about the condition of its write.
pub(super) fn verdict(
    failure: &Failure,
    condition: &Condition,
    protocol: &dyn Protocol,
) -> Verdict {
    match failure.status() {
        _ if *condition == Condition::None => Verdict::Silent,
        Some(StatusCode::PRECONDITION_FAILED | StatusCode::NOT_MODIFIED) => Verdict::Refused,
        // There is nothing left that could be unchanged.
        Some(StatusCode::NOT_FOUND)
            if *condition != Condition::Absent && failure.is_missing_object() =>
        {
            Verdict::Refused
        }
        Some(StatusCode::CONFLICT) => protocol.conflict(failure.code()),
        _ => Verdict::Silent,
    }
}

/// A request that was given up, and what all its attempts came to.
#[derive(Debug)]
pub(crate) struct GivenUp {
    /// How the last attempt failed.
    pub failure: Failure,
    /// What that said about the condition.
    pub verdict: Verdict,
    /// The worst that is known of any attempt.
    pub fate: Fate,
    /// How often it was sent again.
    pub retries: usize,
    /// Since the first attempt.
    pub elapsed: Duration,
}

/// Runs an idempotent request until it succeeds or it is no use to try again.
pub(crate) async fn retrying<T, F>(
    config: &RetryConfig,
    attempt: impl FnMut() -> F + Send,
) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>> + Send,
{
    let done = attempts(config, 0, |_| Verdict::Silent, attempt).await;
    done.map_err(|given_up| given_up.failure)
}

/// The same for a request of which it matters what failed attempts may have done. It is sent again
/// `least` times if that may help, however long it takes.
pub(crate) async fn attempts<T, F>(
    config: &RetryConfig,
    least: usize,
    judge: impl Fn(&Failure) -> Verdict + Send,
    mut attempt: impl FnMut() -> F + Send,
) -> Result<T, GivenUp>
where
    F: Future<Output = Result<T, Failure>> + Send,
{
    let started = Instant::now();
    let (mut retries, mut renewed) = (0, false);
    let mut fate = Fate::Void;
    loop {
        let failure = match attempt().await {
            Ok(done) => return Ok(done),
            Err(failure) => failure,
        };
        fate = fate.max(failure.fate());
        let verdict = judge(&failure);
        let again = match verdict {
            Verdict::Refused => false,
            Verdict::Contended => true,
            // Credentials are asked for at every attempt, so one more may have fresh ones.
            Verdict::Silent if failure.is_expired() => !std::mem::replace(&mut renewed, true),
            Verdict::Silent => failure.is_transient(),
        };
        let (most, patience) = match failure {
            Failure::Broken(HttpErrorKind::Connect, _) => (config.max_retries, CONNECT_PATIENCE),
            Failure::Garbled(_) => (SENSELESS_RETRIES, Duration::MAX),
            _ => (config.max_retries, Duration::MAX),
        };
        let pause = pause(config, retries);
        let in_time = started.elapsed() + pause < patience.min(config.retry_timeout);
        if !again || retries >= most.min(config.max_retries) || !in_time && retries >= least {
            return Err(GivenUp {
                failure,
                verdict,
                fate,
                retries,
                elapsed: started.elapsed(),
            });
        }
        retries += 1;
        note(Event::Retry);
        tracing::debug!(?failure, ?pause, retries, "sending again");
        tokio::time::sleep(pause).await;
    }
}

/// Doubles with every retry, half of it by chance, so that many clients don't come in step.
fn pause(config: &RetryConfig, retries: usize) -> Duration {
    let backoff = &config.backoff;
    let exponent = i32::try_from(retries).unwrap_or(i32::MAX);
    let longest = backoff.init_backoff.as_secs_f64() * backoff.base.powi(exponent);
    let longest = longest.min(backoff.max_backoff.as_secs_f64());
    Duration::try_from_secs_f64(longest * (0.5 + 0.5 * fastrand::f64())).unwrap_or_default()
}
