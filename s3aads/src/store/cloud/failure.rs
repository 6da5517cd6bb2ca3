//! Why one request failed, and what that says about the store's state.

use std::error::Error as StdError;
use std::time::{Duration, Instant};

use http::StatusCode;
use object_store::RetryConfig;
use object_store::client::HttpErrorKind;

use super::wire::{Answer, Exchange, Note};
use crate::store::{Reason, StoreError};

type Source = Box<dyn StdError + Send + Sync>;

/// What a failed write may have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fate {
    /// It was not applied and won't be.
    Void,
    /// The server gave it up midway: applied or not, but nothing more will happen.
    Settled,
    /// Nothing came back: it may have been applied, or may yet be.
    Open,
}

/// One request's failure.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server answered with an error.
    Answered(Box<Answer>, Source),
    /// No answer came.
    Broken(HttpErrorKind, Source),
    /// The answer says success and can't be read or is not all there.
    Garbled(Source),
    /// Nothing was sent.
    Unsent(StoreError),
}

impl Failure {
    /// The failure behind an error of `object_store` or its client, by the note that its request left.
    pub(super) fn new(note: &Note, error: impl Into<object_store::Error>) -> Self {
        let error = error.into();
        match note.take() {
            Some(Exchange::Answered(answer)) if answer.status.is_success() => {
                Self::Garbled(Box::new(error))
            }
            Some(Exchange::Answered(answer)) => Self::Answered(answer, Box::new(error)),
            Some(Exchange::Broken(kind)) => Self::Broken(kind, Box::new(error)),
            Some(Exchange::Refused(spent)) => Self::Unsent(spent.into()),
            None => Self::Unsent(error.into()),
        }
    }

    pub(super) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answered(answer, _) => Some(answer),
            _ => None,
        }
    }

    pub(super) fn status(&self) -> Option<StatusCode> {
        Some(self.answer()?.status)
    }

    /// Whether the store refused the request for its condition.
    pub(super) fn is_refusal(&self) -> bool {
        let code = self.answer().and_then(|answer| answer.code.as_deref());
        match self.status() {
            Some(StatusCode::PRECONDITION_FAILED) => true,
            // What Azure says of a create; its other conflicts have other codes.
            Some(StatusCode::CONFLICT) => code == Some("BlobAlreadyExists"),
            _ => false,
        }
    }

    pub(super) fn fate(&self) -> Fate {
        match self {
            Self::Unsent(_) | Self::Broken(HttpErrorKind::Connect, _) => Fate::Void,
            Self::Broken(..) => Fate::Open,
            Self::Garbled(_) => Fate::Settled,
            Self::Answered(answer, _) => match answer.status {
                StatusCode::REQUEST_TIMEOUT => Fate::Settled,
                StatusCode::NOT_IMPLEMENTED => Fate::Void,
                StatusCode::SERVICE_UNAVAILABLE if answer.code.as_deref() == Some("ServerBusy") => {
                    Fate::Void
                }
                status if status.is_server_error() => Fate::Settled,
                _ => Fate::Void,
            },
        }
    }

    /// Whether the same request may succeed a moment later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Unsent(_) => false,
            Self::Broken(..) | Self::Garbled(_) => true,
            Self::Answered(answer, _) => match answer.status {
                StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => true,
                StatusCode::NOT_IMPLEMENTED => false,
                status => status.is_server_error(),
            },
        }
    }

    /// As the layers above know it; `database` is the bucket's name.
    pub(super) fn into_error(self, database: &str) -> StoreError {
        match self {
            Self::Unsent(error) => error,
            Self::Broken(_, source) => {
                StoreError::new(Reason::Unavailable, "the store could not be reached")
                    .with_source(source)
            }
            Self::Garbled(source) => {
                StoreError::new(Reason::Other, "the store's answer can't be read")
                    .with_source(source)
            }
            Self::Answered(answer, source) => answered(&answer, database).with_source(source),
        }
    }
}

fn answered(answer: &Answer, database: &str) -> StoreError {
    let status = answer.status;
    let code = answer.code.as_deref().unwrap_or_default();
    let said = format!("{status} {code}");
    let said = said.trim_end();
    let (reason, what) = match (status, code) {
        (_, "ContainerNotFound" | "NoSuchBucket") => return StoreError::no_database(database),
        (StatusCode::NOT_FOUND, _) => return StoreError::not_found(),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => (
            Reason::Denied,
            format!("the store refuses the credentials, or they do not allow this ({said})"),
        ),
        (StatusCode::NOT_IMPLEMENTED, _) => (
            Reason::Unsupported,
            format!("the store does not do this ({said})"),
        ),
        (StatusCode::TOO_MANY_REQUESTS, _) => (
            Reason::Unavailable,
            format!("the store asks to be left alone for a while ({said})"),
        ),
        (status, _) if status.is_server_error() => {
            (Reason::Unavailable, format!("the store failed ({said})"))
        }
        _ => (
            Reason::Other,
            format!("the store refuses the request ({said})"),
        ),
    };
    StoreError::new(reason, what)
}

/// A server that can't be connected to is given up this soon: it is most likely the wrong one.
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);

/// One operation's retries.
#[derive(Debug)]
pub(super) struct Retry<'a> {
    config: &'a RetryConfig,
    started: Instant,
    retries: usize,
}

impl<'a> Retry<'a> {
    pub(super) fn new(config: &'a RetryConfig) -> Self {
        Self {
            config,
            started: Instant::now(),
            retries: 0,
        }
    }

    /// Waits before the next attempt, or returns false if there should be none.
    pub(super) async fn again(&mut self, failure: &Failure) -> bool {
        let patience = match failure {
            Failure::Broken(HttpErrorKind::Connect, _) => {
                CONNECT_PATIENCE.min(self.config.retry_timeout)
            }
            _ => self.config.retry_timeout,
        };
        let pause = self.pause();
        if !failure.is_transient()
            || self.retries >= self.config.max_retries
            || self.started.elapsed() + pause >= patience
        {
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
