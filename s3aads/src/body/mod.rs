//! A row's body: what the generated code calls to write and read it.

mod finite;
mod json;
mod stamp;
mod stored;
mod trace;

use std::fmt;

use bytes::Bytes;

use json::{from_json, to_json};
pub use json::{to_json_that_reads, to_line};
pub use stamp::unstamped;
pub(crate) use stamp::{Stamp, stamp};
pub use stored::{Json, NotStored, NotWritten, ReadJson, TraceJson, WriteJson, stored};
pub(crate) use trace::Fields;
pub use trace::Trace;

/// Why a body can't be written or read.
#[derive(Debug)]
pub struct BodyError {
    field: Option<String>,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl BodyError {
    fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            field: None,
            source: source.into(),
        }
    }

    /// Names the field at fault.
    fn at(mut self, field: String) -> Self {
        // A path of `.` is the body as a whole, and one of `?` a place that JSON ended before.
        if !matches!(&*field, "" | "." | "?") {
            self.field = Some(field);
        }
        self
    }

    /// The same if a value can be written and its body can't be read.
    fn unreadable(mut self) -> Self {
        self.source = format!(
            "the body that would be written can't be read back: {}",
            self.source
        )
        .into();
        self
    }

    pub(crate) fn into_parts(self) -> (Option<String>, Box<dyn std::error::Error + Send + Sync>) {
        (self.field, self.source)
    }
}

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "field {field:?}: {}", self.source),
            None => self.source.fmt(f),
        }
    }
}

impl std::error::Error for BodyError {}

/// The type of `#[s3(text)]` fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't hold a body's text",
    label = "not `String`",
    note = "`#[s3(text)]` is for fields of type `String`; other types are stored as JSON by \
            `#[s3(data)]`"
)]
pub trait BodyText: Sized {
    /// The text's bytes.
    fn to_body(&self) -> Bytes;

    /// The value of these bytes, which must be UTF-8.
    fn from_body(body: &[u8], field: &'static str) -> Result<Self, BodyError>;
}

impl BodyText for String {
    fn to_body(&self) -> Bytes {
        Bytes::copy_from_slice(self.as_bytes())
    }

    fn from_body(body: &[u8], field: &'static str) -> Result<Self, BodyError> {
        std::str::from_utf8(body)
            .map(str::to_owned)
            .map_err(|error| BodyError::new(error).at(field.to_owned()))
    }
}

/// The types of `#[s3(bytes)]` fields.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't hold a body's bytes",
    label = "not `Vec<u8>` or `Bytes`",
    note = "`#[s3(bytes)]` is for fields of type `Vec<u8>` or `bytes::Bytes`; \
            other types are stored as JSON by `#[s3(data)]`"
)]
pub trait BodyBytes {
    /// The bytes, copied if they are not shared.
    fn to_body(&self) -> Bytes;

    /// The value of these bytes.
    fn from_body(body: &Bytes) -> Self;
}

impl BodyBytes for Bytes {
    fn to_body(&self) -> Bytes {
        self.clone()
    }

    fn from_body(body: &Bytes) -> Self {
        body.clone()
    }
}

impl BodyBytes for Vec<u8> {
    fn to_body(&self) -> Bytes {
        Bytes::copy_from_slice(self)
    }

    fn from_body(body: &Bytes) -> Self {
        body.to_vec()
    }
}

/// A table without a body: what is stored must be empty, or data would be lost unseen.
///
/// # Errors
///
/// If it is not.
pub fn from_empty(body: &[u8]) -> Result<(), BodyError> {
    if body.is_empty() {
        return Ok(());
    }
    Err(BodyError::new(format!(
        "the object holds {} bytes and the row has no field for them",
        body.len()
    )))
}
