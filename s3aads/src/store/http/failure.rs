//! Why one request failed, what that says about the store's state, and how to say it to a caller.

use std::error::Error as StdError;

use http::StatusCode;
use object_store::client::HttpErrorKind;

use super::wire::{Exchange, RequestContext};
use super::{Answer, Malformed, Protocol};
use crate::store::{Reason, StoreError};

type Source = Box<dyn StdError + Send + Sync>;

/// One request's failure.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server answered with an error.
    Answered(Box<Answer>),
    /// No answer came.
    Broken(HttpErrorKind, Source),
    /// The answer says success and its body can't be read or is not all there.
    Garbled(Source),
    /// Nothing was sent: a budget is spent, or something on this side failed, such as fetching credentials.
    Unsent(StoreError),
}

/// What a failed write may have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// It was not applied and won't be.
    Void,
    /// The server gave it up midway: applied or not, but nothing more will happen.
    Settled,
    /// Nothing came back: it may have been applied, or may yet be.
    Open,
}

impl Failure {
    /// The failure behind an error, by the context that its request left.
    pub(super) fn new(error: impl Into<Source>, context: &RequestContext) -> Self {
        Self::of(context.take(), error.into())
    }

    /// The failure of an exchange that ended so, of which its sender says `error`.
    pub(super) fn of(exchange: Option<Exchange>, error: Source) -> Self {
        match exchange {
            Some(Exchange::Succeeded(_)) => Self::Garbled(error),
            Some(Exchange::Garbled(malformed)) => Self::garbled(malformed),
            Some(Exchange::Refused(answer)) => Self::Answered(answer),
            Some(Exchange::Broken(kind)) => Self::Broken(kind, error),
            Some(Exchange::Unsent(error)) => Self::Unsent(error),
            None => Self::unsent(error),
        }
    }

    pub(crate) fn garbled(error: Malformed) -> Self {
        Self::Garbled(Box::new(error))
    }

    pub(crate) fn unsent(what: impl ToString) -> Self {
        Self::Unsent(StoreError::new(Reason::Other, what.to_string()))
    }

    /// The server's error, where it answered with one.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Answered(answer) => Some(answer),
            _ => None,
        }
    }

    /// The error's status.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        Some(self.answer()?.status)
    }

    /// The error's code.
    pub(crate) fn code(&self) -> Option<&str> {
        self.answer()?.code.as_deref()
    }

    /// Whether there is no such object or bucket.
    pub(crate) fn is_missing(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }

    /// Whether there is no object of the name, or no such version of it; the bucket is there.
    pub(crate) fn is_missing_object(&self) -> bool {
        self.is_missing() && !self.code().is_some_and(is_missing_bucket)
    }

    /// Whether the same request may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Answered(answer) => is_transient(answer.status, answer.code.as_deref()),
            Self::Broken(..) | Self::Garbled(_) => true,
            Self::Unsent(_) => false,
        }
    }

    /// Whether the server asks to be left alone for a while.
    pub(crate) fn is_throttled(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
            || self.status() == Some(StatusCode::SERVICE_UNAVAILABLE)
            || self.code().is_some_and(is_turned_away)
    }

    /// Whether fresh credentials may mend it.
    pub(crate) fn is_expired(&self) -> bool {
        matches!(
            self.code(),
            Some("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired")
        )
    }

    /// What a write that failed so may have done.
    pub(crate) fn fate(&self) -> Fate {
        match self {
            Self::Answered(answer) => answer_fate(answer),
            Self::Unsent(_) | Self::Broken(HttpErrorKind::Connect, _) => Fate::Void,
            Self::Broken(..) => Fate::Open,
            Self::Garbled(_) => Fate::Settled,
        }
    }

    /// The same failure once more, for another of the request's keys.
    #[cfg(feature = "s3")]
    pub(crate) fn repeated(&self) -> Self {
        match self {
            Self::Answered(answer) => Self::Answered(answer.clone()),
            Self::Broken(kind, source) => Self::Broken(*kind, source.to_string().into()),
            Self::Garbled(source) => Self::Garbled(source.to_string().into()),
            Self::Unsent(error) => Self::Unsent(StoreError::new(error.reason(), error.to_string())),
        }
    }

    /// The error for a caller who asked for something in `bucket`, which is at `url`.
    pub(crate) fn into_error(self, url: &str, bucket: &str, protocol: &dyn Protocol) -> StoreError {
        match self {
            Self::Unsent(error) => error,
            Self::Broken(_, source) => StoreError::new(
                Reason::Unavailable,
                format!("no answer came from {url}; check that it is the right endpoint"),
            )
            .with_source(source),
            Self::Garbled(source) => StoreError::new(
                Reason::Unavailable,
                format!("the answer of {url} did not arrive whole or is not that of such a store"),
            )
            .with_source(source),
            Self::Answered(answer) if answer.code.as_deref().is_some_and(is_missing_bucket) => {
                StoreError::no_database(bucket)
            }
            Self::Answered(answer) => {
                let said = match protocol.advice(&answer).or_else(|| advice(&answer)) {
                    Some(advice) => format!("{answer}; {advice}"),
                    None => answer.to_string(),
                };
                StoreError::new(reason(&answer), said)
            }
        }
    }
}

/// What to do about an error of any store.
fn advice(answer: &Answer) -> Option<&'static str> {
    (answer.status == StatusCode::FORBIDDEN)
        .then_some("check the credentials and what they may do with this bucket")
}

fn is_missing_bucket(code: &str) -> bool {
    matches!(code, "NoSuchBucket" | "ContainerNotFound")
}

fn answer_fate(answer: &Answer) -> Fate {
    let status = answer.status;
    match answer.code.as_deref() {
        _ if answer.late => Fate::Settled,
        Some(code) if is_turned_away(code) => Fate::Void,
        _ if status == StatusCode::NOT_IMPLEMENTED => Fate::Void,
        // Of a gateway, which does not know what the server behind it is about to do.
        None if matches!(
            status,
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT
        ) =>
        {
            Fate::Open
        }
        // The same, save that it heard of the end.
        None if status == StatusCode::REQUEST_TIMEOUT => Fate::Settled,
        _ if status.is_server_error() => Fate::Settled,
        _ => Fate::Void,
    }
}

/// Whether a request was turned away at the door, so that nothing of it was begun. Codes that a
/// store also gives for a quorum that it lost on the way are none of these: `ServiceUnavailable`
/// (Garage), `SlowDownRead` and `SlowDownWrite` (MinIO).
fn is_turned_away(code: &str) -> bool {
    matches!(
        code,
        "SlowDown"
            | "ServerBusy"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequests"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
    )
}

fn is_transient(status: StatusCode, code: Option<&str>) -> bool {
    match status {
        StatusCode::NOT_IMPLEMENTED => false,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => true,
        _ if status.is_server_error() => true,
        _ => code.is_some_and(|code| {
            is_turned_away(code)
                || matches!(
                    code,
                    "InternalError"
                        | "ServiceUnavailable"
                        | "RequestTimeout"
                        | "OperationAborted"
                        | "ConditionalRequestConflict"
                )
        }),
    }
}

/// What an error means to the layers above.
fn reason(answer: &Answer) -> Reason {
    let code = answer.code.as_deref();
    match code {
        Some(
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "TokenRefreshRequired"
            | "InvalidToken"
            | "InvalidSecurity"
            | "RequestTimeTooSkewed"
            | "AuthorizationHeaderMalformed"
            | "AccessDenied"
            | "AllAccessDisabled"
            | "AccountProblem",
        ) => return Reason::Denied,
        Some("NotImplemented" | "MethodNotAllowed") => return Reason::Unsupported,
        _ => {}
    }
    match answer.status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Reason::Denied,
        StatusCode::NOT_IMPLEMENTED | StatusCode::METHOD_NOT_ALLOWED => Reason::Unsupported,
        _ if answer.redirects() => Reason::InvalidConfig,
        status if is_transient(status, code) => Reason::Unavailable,
        StatusCode::NOT_FOUND => Reason::NotFound,
        StatusCode::PRECONDITION_FAILED => Reason::Changed,
        StatusCode::CONFLICT if code.is_none_or(|code| code.contains("AlreadyExists")) => {
            Reason::AlreadyExists
        }
        _ => Reason::Other,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn answered(status: u16, code: &str) -> Failure {
        let status = StatusCode::from_u16(status).unwrap();
        let mut answer = Answer::new(status, HeaderMap::new());
        answer.code = (!code.is_empty()).then(|| code.to_owned());
        Failure::Answered(Box::new(answer))
    }

    fn broken(kind: HttpErrorKind) -> Failure {
        Failure::Broken(kind, "broken".into())
    }

    #[test]
    fn what_is_retried_and_what_a_failed_write_may_have_done() {
        for (failure, transient, fate) in [
            (answered(503, "SlowDown"), true, Fate::Void),
            (answered(503, ""), true, Fate::Settled),
            // A quorum that was lost on the way: some nodes may have it.
            (answered(503, "ServiceUnavailable"), true, Fate::Settled),
            (answered(503, "SlowDownWrite"), true, Fate::Settled),
            (answered(502, ""), true, Fate::Open),
            (answered(504, ""), true, Fate::Open),
            (answered(504, "InternalError"), true, Fate::Settled),
            (answered(307, ""), false, Fate::Void),
            (answered(500, "InternalError"), true, Fate::Settled),
            (answered(429, ""), true, Fate::Void),
            (answered(408, ""), true, Fate::Settled),
            (answered(400, "RequestTimeout"), true, Fate::Void),
            (answered(400, "InvalidArgument"), false, Fate::Void),
            (answered(501, "NotImplemented"), false, Fate::Void),
            (
                answered(409, "ConditionalRequestConflict"),
                true,
                Fate::Void,
            ),
            (answered(409, "BucketAlreadyExists"), false, Fate::Void),
            (answered(403, "AccessDenied"), false, Fate::Void),
            (answered(412, "PreconditionFailed"), false, Fate::Void),
            (broken(HttpErrorKind::Connect), true, Fate::Void),
            (broken(HttpErrorKind::Request), true, Fate::Open),
            (broken(HttpErrorKind::Timeout), true, Fate::Open),
            (broken(HttpErrorKind::Interrupted), true, Fate::Open),
            (answered(503, "ServerBusy"), true, Fate::Void),
            (Failure::unsent("a budget is spent"), false, Fate::Void),
        ] {
            assert_eq!(failure.is_transient(), transient, "{failure:?}");
            assert_eq!(failure.fate(), fate, "{failure:?}");
        }
    }
}
