//! A row's body: what the generated code calls to write and read it.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

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
        // A path of `.` is the body as a whole.
        if !field.is_empty() && field != "." {
            self.field = Some(field);
        }
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

/// A value as JSON.
///
/// # Errors
///
/// Where the value has no JSON form, such as a map whose keys are not text.
pub fn to_json<T: Serialize>(value: &T) -> Result<Bytes, BodyError> {
    match serde_json::to_vec(value) {
        Ok(json) => Ok(json.into()),
        // Once more, slower, to learn which field it was.
        Err(_) => to_json_with_path(value),
    }
}

fn to_json_with_path<T: Serialize>(value: &T) -> Result<Bytes, BodyError> {
    let mut json = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut json);
    match serde_path_to_error::serialize(value, &mut serializer) {
        Ok(()) => Ok(json.into()),
        Err(error) => {
            let path = error.path().to_string();
            Err(BodyError::new(error.into_inner()).at(path))
        }
    }
}

/// The value whose JSON this is.
///
/// # Errors
///
/// Where the bytes are not JSON, not of this type, or go on after it.
pub fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, BodyError> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        // Once more, slower, to learn which field it was.
        Err(_) => from_json_with_path(body),
    }
}

fn from_json_with_path<T: DeserializeOwned>(body: &[u8]) -> Result<T, BodyError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        BodyError::new(error.into_inner()).at(path)
    })?;
    deserializer.end().map_err(BodyError::new)?;
    Ok(value)
}

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
    /// The bytes, copied where they are not shared.
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
/// Where it is not.
pub fn from_empty(body: &[u8]) -> Result<(), BodyError> {
    if body.is_empty() {
        return Ok(());
    }
    Err(BodyError::new(format!(
        "the object holds {} bytes and the row has no field for them",
        body.len()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_float_is_read_as_it_was_written() {
        let mut numbers = vec![1.0000000000000001e127, 5e-324, f64::MAX, -0.0, 0.1 + 0.2];
        let mut random = fastrand::Rng::with_seed(7);
        numbers.extend((0..100_000).map(|_| f64::from_bits(random.u64(..))));
        numbers.retain(|number| number.is_finite());
        let read: Vec<f64> = from_json(&to_json(&numbers).unwrap()).unwrap();
        let bits = |numbers: &[f64]| numbers.iter().map(|n| n.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&read), bits(&numbers));
    }
}
