//! Whether the fields of a body can be stored, asked once for each.

use std::marker::PhantomData;

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};

use super::{BodyError, Trace, from_json, to_json};

/// What a field of a body must be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be stored in a row's body",
    label = "not both `Serialize` and `Deserialize`",
    note = "add `#[derive(serde::Serialize, serde::Deserialize)]` to the type if it is yours; for another \
            crate's type, switch on its feature `serde` or write `#[serde(with = \"...\")]` above the field"
)]
pub trait BodyField {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> BodyField for T {}

/// Asserts that a field can be stored.
pub const fn stored<T: BodyField>() {}

/// A body, to be written from a `W` or read as an `R`.
///
/// Generated code calls the methods of [`WriteJson`], [`ReadJson`] and [`TraceJson`] on a reference to it. If a field can't be stored,
/// which [`stored`] has reported, they are those of [`NotStored`], and nothing else is reported.
#[derive(Debug)]
pub struct Json<'a, W: ?Sized, R> {
    value: &'a W,
    marker: PhantomData<R>,
}

impl<'a, W: ?Sized, R> Json<'a, W, R> {
    /// What is to be written or read.
    pub const fn new(value: &'a W) -> Self {
        Self {
            value,
            marker: PhantomData,
        }
    }
}

/// Writing a body whose fields can be stored.
pub trait WriteJson {
    /// See `to_json`.
    fn to_json(&self) -> Result<Bytes, BodyError>;
}

impl<W: Serialize, R: DeserializeOwned> WriteJson for Json<'_, W, R> {
    fn to_json(&self) -> Result<Bytes, BodyError> {
        to_json(self.value)
    }
}

/// Reading a body whose fields can be stored.
#[allow(clippy::wrong_self_convention, reason = "named as what it stands for")]
pub trait ReadJson<R> {
    /// See `from_json`.
    fn from_json(&self) -> Result<R, BodyError>;
}

impl<R: DeserializeOwned> ReadJson<R> for Json<'_, Bytes, R> {
    fn from_json(&self) -> Result<R, BodyError> {
        from_json(self.value)
    }
}

/// Asking a body whose fields can be stored what they are.
pub trait TraceJson {
    /// See [`Trace`].
    fn trace(&self);
}

impl<T: Trace, R: DeserializeOwned> TraceJson for Json<'_, T, R> {
    fn trace(&self) {
        self.value.body::<R>();
    }
}

/// What stands for all of them if a field can't be stored; such a program does not compile.
#[allow(clippy::wrong_self_convention, reason = "named as what it stands for")]
pub trait NotStored<R>: Sized {
    /// Never called.
    fn to_json(&self) -> Result<Bytes, BodyError> {
        Err(not_stored())
    }

    /// Never called.
    fn from_json(&self) -> Result<R, BodyError> {
        Err(not_stored())
    }

    /// Never called.
    fn trace(&self) {}
}

impl<W: ?Sized, R> NotStored<R> for &Json<'_, W, R> {}

/// What stands for the function that serde's derive writes, if it has refused the struct; such a program does not compile.
pub trait NotWritten {
    /// Never called.
    ///
    /// # Errors
    ///
    /// Always.
    fn serialize<T, S: Serializer>(_: &T, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("a body can't be written"))
    }
}

impl<T> NotWritten for T {}

fn not_stored() -> BodyError {
    BodyError::new("a field can't be stored")
}
