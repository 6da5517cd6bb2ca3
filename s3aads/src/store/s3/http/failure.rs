//! Why one request failed, what that says about the store's state, and how to say it to a caller.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use object_store::client::HttpErrorKind;

use super::wire::{Answer, Exchange, Trail};
use crate::store::s3::xml::Malformed;
use crate::store::{BudgetSpent, Reason, StoreError};

/// One request's failure.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server answered with an error.
    Answered(Box<Answer>),
    /// No answer came.
    Broken(HttpErrorKind, Box<dyn StdError + Send + Sync>),
    /// The answer says success and its body can't be read or is not all there.
    Garbled(Box<dyn StdError + Send + Sync>),
    /// A budget is spent; nothing was sent.
    Budget(BudgetSpent),
    /// Something on this side failed, such as fetching credentials; nothing was sent.
    Local(StoreError),
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
    /// The failure behind an error, by the trail that its request left.
    pub(crate) fn new(error: impl Into<Box<dyn StdError + Send + Sync>>, trail: &Trail) -> Self {
        match trail.take() {
            Some(Exchange::Answered(answer)) if answer.status.is_success() => {
                Self::Garbled(error.into())
            }
            Some(Exchange::Answered(answer)) => Self::Answered(answer),
            Some(Exchange::Broken(kind)) => Self::Broken(kind, error.into()),
            Some(Exchange::Refused(spent)) => Self::Budget(spent),
            Some(Exchange::Unsigned(error)) => Self::Local(error),
            None => Self::local(error.into()),
        }
    }

    pub(crate) fn garbled(error: Malformed) -> Self {
        Self::Garbled(Box::new(error))
    }

    pub(crate) fn local(what: impl ToString) -> Self {
        Self::Local(StoreError::new(Reason::Other, what.to_string()))
    }

    /// The server's status, where it answered with an error.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Answered(answer) => Some(answer.status),
            _ => None,
        }
    }

    /// S3's error code, where the server gave one.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Answered(answer) => answer.code.as_deref(),
            _ => None,
        }
    }

    /// Whether the same request may succeed a moment later.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            Self::Answered(answer) => is_transient(answer.status, answer.code.as_deref()),
            Self::Broken(..) | Self::Garbled(_) => true,
            Self::Budget(_) | Self::Local(_) => false,
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
            Self::Broken(HttpErrorKind::Connect, _) => Fate::Void,
            Self::Broken(..) => Fate::Open,
            Self::Garbled(_) => Fate::Settled,
            Self::Budget(_) | Self::Local(_) => Fate::Void,
        }
    }

    /// The same failure once more, for another of the request's keys.
    pub(crate) fn repeated(&self) -> Self {
        match self {
            Self::Answered(answer) => Self::Answered(answer.clone()),
            Self::Broken(kind, source) => Self::Broken(*kind, source.to_string().into()),
            Self::Garbled(source) => Self::Garbled(source.to_string().into()),
            Self::Budget(spent) => Self::Budget(*spent),
            Self::Local(error) => Self::Local(StoreError::new(error.reason(), error.to_string())),
        }
    }

    /// The error for a caller who asked for something in `bucket`, which is at `url`.
    pub(crate) fn into_error(self, url: &str, bucket: &str) -> StoreError {
        let transient = self.is_transient();
        match self {
            Self::Budget(spent) => spent.into(),
            Self::Local(error) => error,
            Self::Broken(_, source) => StoreError::new(
                Reason::Unavailable,
                format!("no answer came from {url}; check that it is the right endpoint"),
            )
            .with_source(source),
            Self::Garbled(source) => StoreError::new(
                Reason::Unavailable,
                format!("the answer of {url} did not arrive whole or is not that of an S3 server"),
            )
            .with_source(source),
            Self::Answered(answer) => {
                if answer.code.as_deref() == Some("NoSuchBucket") {
                    return StoreError::no_database(bucket);
                }
                let reason = match trouble(answer.status, answer.code.as_deref()) {
                    Trouble::Denied => Reason::Denied,
                    Trouble::Unsupported => Reason::Unsupported,
                    Trouble::Elsewhere => Reason::InvalidConfig,
                    Trouble::Other if transient => Reason::Unavailable,
                    Trouble::Other => match answer.status {
                        StatusCode::NOT_FOUND => Reason::NotFound,
                        StatusCode::PRECONDITION_FAILED => Reason::Changed,
                        StatusCode::CONFLICT => Reason::AlreadyExists,
                        _ => Reason::Other,
                    },
                };
                StoreError::new(reason, Refusal { answer }.to_string())
            }
        }
    }
}

fn answer_fate(answer: &Answer) -> Fate {
    match answer.code.as_deref() {
        _ if answer.late => Fate::Settled,
        Some(code) if is_turned_away(code) => Fate::Void,
        _ if answer.status == StatusCode::NOT_IMPLEMENTED => Fate::Void,
        // Of a gateway, which does not know what the server behind it is about to do.
        None if matches!(
            answer.status,
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT
        ) =>
        {
            Fate::Open
        }
        _ if answer.status.is_server_error() => Fate::Settled,
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

/// The status that goes with an error's code, where it came without one.
pub(crate) fn status_of(code: &str) -> StatusCode {
    match code {
        "NoSuchKey" | "NoSuchVersion" | "NoSuchBucket" => StatusCode::NOT_FOUND,
        "AccessDenied" => StatusCode::FORBIDDEN,
        "PreconditionFailed" => StatusCode::PRECONDITION_FAILED,
        "ServiceUnavailable" => StatusCode::SERVICE_UNAVAILABLE,
        slow if slow.starts_with("SlowDown") => StatusCode::SERVICE_UNAVAILABLE,
        "InternalError" | "UnknownError" => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

enum Trouble {
    /// The server does not accept who we say we are, or knows us and says no.
    Denied,
    /// It can't do that.
    Unsupported,
    /// Another server should be asked.
    Elsewhere,
    Other,
}

fn trouble(status: StatusCode, code: Option<&str>) -> Trouble {
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
        ) => Trouble::Denied,
        Some("NotImplemented" | "MethodNotAllowed") => Trouble::Unsupported,
        _ => match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Trouble::Denied,
            StatusCode::NOT_IMPLEMENTED | StatusCode::METHOD_NOT_ALLOWED => Trouble::Unsupported,
            StatusCode::NOT_MODIFIED => Trouble::Other,
            status if status.is_redirection() => Trouble::Elsewhere,
            _ => Trouble::Other,
        },
    }
}

/// A server's error in words.
pub(crate) struct Refusal {
    /// What it answered.
    pub answer: Box<Answer>,
}

impl Refusal {
    fn advice(&self) -> Option<&'static str> {
        let answer = &self.answer;
        let redirects = answer.status.is_redirection() && answer.status != StatusCode::NOT_MODIFIED;
        Some(match answer.code.as_deref() {
            Some("InvalidAccessKeyId") => "check the access key id (AWS_ACCESS_KEY_ID)",
            Some("SignatureDoesNotMatch") => {
                "check the secret access key (AWS_SECRET_ACCESS_KEY), the region and the endpoint"
            }
            Some("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired") => {
                "the session's credentials have expired, get fresh ones"
            }
            Some("InvalidToken") => "check the session token (AWS_SESSION_TOKEN)",
            Some("RequestTimeTooSkewed") => "this machine's clock is off, set it right",
            Some("AuthorizationHeaderMalformed") => "set `region` (AWS_REGION) to the bucket's",
            Some("AccessDenied") => {
                "check what the access key may do with this bucket, and the bucket's name"
            }
            Some("PermanentRedirect" | "TemporaryRedirect" | "Redirect") => OTHER_REGION,
            _ if redirects && answer.region.is_some() => OTHER_REGION,
            _ if redirects => {
                "redirects are not followed: set `endpoint` (AWS_ENDPOINT_URL) to the server that \
                 holds the bucket"
            }
            _ if answer.status == StatusCode::FORBIDDEN => {
                "check the credentials and what they may do with this bucket"
            }
            _ => return None,
        })
    }
}

const OTHER_REGION: &str = "the bucket is in another region: set `region` (AWS_REGION) to that one";

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = &self.answer;
        write!(f, "the server answered {}", answer.status.as_u16())?;
        match &answer.code {
            Some(code) => write!(f, " {}", code.escape_debug())?,
            None => write!(
                f,
                " {}",
                answer.status.canonical_reason().unwrap_or_default()
            )?,
        }
        if let Some(message) = &answer.message {
            write!(f, " ({})", message.escape_debug())?;
        }
        if let Some(location) = &answer.location {
            // A query may hold a signature.
            let place = location.split('?').next().unwrap_or_default();
            let place: String = place.chars().take(200).collect();
            write!(f, ", pointing to {}", place.escape_debug())?;
        }
        if let Some(region) = &answer.region
            && self.answer.status != StatusCode::NOT_FOUND
        {
            write!(f, ", region {}", region.escape_debug())?;
        }
        if let Some(advice) = self.advice() {
            write!(f, "; {advice}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({self})")
    }
}

impl StdError for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn answered(status: u16, code: &str) -> Failure {
        Failure::Answered(Box::new(Answer {
            status: StatusCode::from_u16(status).unwrap(),
            code: (!code.is_empty()).then(|| code.to_owned()),
            ..Answer::default()
        }))
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
            (answered(408, ""), true, Fate::Void),
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
            (
                Failure::Budget(BudgetSpent { budget: 1 }),
                false,
                Fate::Void,
            ),
        ] {
            assert_eq!(failure.is_transient(), transient, "{failure:?}");
            assert_eq!(failure.fate(), fate, "{failure:?}");
        }
    }

    #[test]
    fn errors_say_what_to_check() {
        let error = |status, code| answered(status, code).into_error("http://s/b", "b");
        let reason = |status, code| error(status, code).reason();
        assert_eq!(reason(404, "NoSuchBucket"), Reason::NoDatabase);
        assert_eq!(reason(404, "NoSuchKey"), Reason::NotFound);
        for (status, code, hint) in [
            (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
            (403, "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID"),
            (403, "RequestTimeTooSkewed", "clock"),
            (400, "ExpiredToken", "expired"),
        ] {
            let error = error(status, code);
            assert_eq!(error.reason(), Reason::Denied, "{error:?}");
            assert!(error.to_string().contains(hint), "{error}");
        }
        assert_eq!(reason(403, "AccessDenied"), Reason::Denied);
        assert_eq!(reason(501, ""), Reason::Unsupported);
        assert_eq!(reason(503, "SlowDown"), Reason::Unavailable);
        let broken = broken(HttpErrorKind::Connect).into_error("http://s/b", "b");
        assert_eq!(broken.reason(), Reason::Unavailable);
        assert_eq!(reason(400, "InvalidArgument"), Reason::Other);
    }
}
