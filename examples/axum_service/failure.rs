//! What an error of the library is to a client.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use s3aads::{Error, ErrorKind};
use serde_json::json;

/// A request that failed: the status, and what the client is told.
#[derive(Debug, PartialEq)]
pub(crate) struct Failure {
    status: StatusCode,
    message: String,
}

impl Failure {
    /// There is no such row.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such note")
    }

    /// The row is not at the version that the client saw.
    pub(crate) fn precondition() -> Self {
        let message = "the note has changed since you read it; read it again";
        Self::new(StatusCode::PRECONDITION_FAILED, message)
    }

    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let status = match error.kind() {
            ErrorKind::NotFound => return Self::not_found(),
            // Every conflict here is one of an `If-Match`.
            ErrorKind::Conflict => return Self::precondition(),
            ErrorKind::AlreadyExists => StatusCode::CONFLICT,
            ErrorKind::InvalidKey | ErrorKind::InvalidCursor => StatusCode::BAD_REQUEST,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_client_error() {
            return Self::new(status, error.to_string());
        }
        // Buckets, keys and what a store says are for the log, not for clients.
        eprintln!("{status}: {error:#}");
        Self::new(status, "the notes can't be reached; try again later")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "error": self.message }))).into_response()
    }
}
