//! What a server said, without the body of a success.

use std::fmt;

use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::{Protocol, xml};
use crate::store::RequestClass;

static REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");
static AZURE_CODE: HeaderName = HeaderName::from_static("x-ms-error-code");

/// A success or an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// The error's code, from the `<Code>` element or Azure's header and nowhere else.
    pub code: Option<String>,
    /// What the error says to a person.
    pub message: Option<String>,
    /// The region that should have been asked, by the error.
    region: Option<String>,
    /// The host that should have been asked, by the error.
    endpoint: Option<String>,
    /// The error came under the status of a success, once the request was under way.
    pub late: bool,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap) -> Self {
        Self {
            status,
            headers,
            ..Self::default()
        }
    }

    /// The error `code`, that was told of a part of the request or under the status of a success.
    pub(crate) fn error(code: String, message: Option<String>) -> Self {
        Self {
            status: status_of(&code),
            code: Some(code),
            message,
            ..Self::default()
        }
    }

    /// Takes code and message from an error's headers and body.
    pub(super) fn read_error(&mut self, body: &[u8]) {
        let error = xml::parse_error(body).unwrap_or_default();
        let code = self.header(&AZURE_CODE).map(str::to_owned);
        self.code = code.or(error.code);
        self.message = error.message;
        self.region = error.region;
        self.endpoint = error.endpoint;
    }

    /// A header's text.
    pub(crate) fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The server's clock.
    pub(crate) fn date(&self) -> Option<DateTime<Utc>> {
        let date = self.header(&header::DATE)?;
        Some(DateTime::parse_from_rfc2822(date).ok()?.to_utc())
    }

    /// The region that the server says the bucket is in.
    pub(crate) fn region(&self) -> Option<&str> {
        self.header(&REGION).or(self.region.as_deref())
    }

    /// Where a redirect points.
    pub(crate) fn location(&self) -> Option<&str> {
        self.header(&header::LOCATION).or(self.endpoint.as_deref())
    }

    /// Whether the answer sends the client elsewhere.
    pub(crate) fn redirects(&self) -> bool {
        self.status.is_redirection() && self.status != StatusCode::NOT_MODIFIED
    }

    /// Refuses a 404 that no store says: any web server has one for any path, and a store says what is missing
    /// where the answer `has_room` for it.
    pub(super) fn check_missing(&self, has_room: bool) -> Result<(), Malformed> {
        let unsaid = has_room && self.code.is_none() || self.is_page();
        if self.status == StatusCode::NOT_FOUND && unsaid {
            return Err(Malformed::new("a 404 that does not say what is missing"));
        }
        Ok(())
    }

    /// Refuses a success that is no answer to a request of this class.
    pub(super) fn check(
        &self,
        protocol: &dyn Protocol,
        class: RequestClass,
    ) -> Result<(), Malformed> {
        let page = is_plain_write(class) && self.is_page();
        if protocol.answers(class, self.status) && !page {
            return Ok(());
        }
        Err(Malformed::new(if page {
            format!("a web page is no answer to a {class}")
        } else {
            format!("the status {} is no answer to a {class}", self.status)
        }))
    }

    /// Whether the body is a text for people, or would be one if a HEAD had a body.
    pub(super) fn is_page(&self) -> bool {
        let length = self.headers.get(header::CONTENT_LENGTH);
        let empty = self.status == StatusCode::NO_CONTENT || length.is_some_and(|l| l == "0");
        let kind = self.headers.get(header::CONTENT_TYPE);
        let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
        !empty && kind.starts_with(b"text/") && !kind.starts_with(b"text/xml")
    }
}

/// Whether nobody reads the body of a success.
pub(super) fn is_plain_write(class: RequestClass) -> bool {
    matches!(class, RequestClass::Put | RequestClass::Delete)
}

/// The status that goes with an error's code, if it came without one.
fn status_of(code: &str) -> StatusCode {
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

/// The server's error in words.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.status.canonical_reason().unwrap_or_default();
        let code = self.code.as_deref().unwrap_or(reason);
        let status = self.status.as_u16();
        write!(f, "the server answered {status} {}", code.escape_debug())?;
        if let Some(message) = &self.message {
            write!(f, " ({})", message.escape_debug())?;
        }
        if let Some(location) = self.location() {
            // A query may hold a signature.
            let place = location.split('?').next().unwrap_or_default();
            let place: String = place.chars().take(200).collect();
            write!(f, ", pointing to {}", place.escape_debug())?;
        }
        match self.region() {
            Some(region) if self.status != StatusCode::NOT_FOUND => {
                write!(f, ", region {}", region.escape_debug())
            }
            _ => Ok(()),
        }
    }
}

/// A success whose body is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(String);

impl Malformed {
    pub(crate) fn new(what: impl fmt::Display) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server's answer can't be read: {}", self.0)
    }
}

impl std::error::Error for Malformed {}
