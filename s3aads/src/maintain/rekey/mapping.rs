//! Where a row of the old table goes in the new one, and what becomes of its body.

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;

use crate::body::{BodyError, to_line};
use crate::error::{Error, ErrorKind, Result};
use crate::key::{read_key, write_key};
use crate::query::read_row;
use crate::rows::Rows;
use crate::rows::search::ReadKey;
use crate::schema::{BodyFormat, Layout, Schema};
use crate::store::Object;
use crate::table::S3Table;

/// What a row is to become.
#[derive(Debug)]
pub(super) struct Target {
    /// Its path below the new table.
    pub path: String,
    /// Its body; none if the object is copied as it is.
    pub body: Option<Bytes>,
}

/// What tells where rows go.
pub(super) trait Mapping: Send + Sync {
    /// Which paths of the old table are rows.
    fn keys(&self) -> ReadKey<()>;

    /// Whether a row must be read to tell its new key.
    fn reads(&self) -> bool;

    /// Whether objects are copied as they are.
    fn copies(&self) -> bool;

    /// What becomes of the row at a path, which was read if it must be.
    fn target(&self, path: &str, object: Option<&Object>) -> Result<Target>;
}

/// How a body goes from one table to another as it is.
#[derive(Debug)]
pub(super) struct Carry {
    /// Whether objects are copied as they are.
    pub copies: bool,
    /// Whether a new body is JSON that ends in a line break.
    line: bool,
    json: bool,
}

impl Carry {
    pub(super) fn new(old: &Schema, new: &Schema) -> Self {
        let is_line = |schema: &Schema| schema.layout() == Layout::Hive && schema.packed() == 0;
        Self {
            copies: old.packed() + new.packed() == 0 && is_line(old) == is_line(new),
            line: is_line(new),
            json: matches!(new.body(), BodyFormat::Object | BodyFormat::Data),
        }
    }

    /// The body as the new table has it.
    pub(super) fn body(&self, body: &Bytes) -> Bytes {
        match (self.json, self.line, body.strip_suffix(b"\n")) {
            (true, true, None) => to_line(body.clone()),
            (true, false, Some(bare)) => body.slice_ref(bare),
            _ => body.clone(),
        }
    }
}

/// Rows keep their bodies.
pub(super) struct ByKey<A, B, F> {
    key: F,
    carry: Carry,
    types: PhantomData<fn(A) -> B>,
}

impl<A: S3Table, B: S3Table, F: Fn(A::Key) -> B::Key + Send + Sync> ByKey<A, B, F> {
    pub(super) fn new(key: F) -> Self {
        Self {
            key,
            carry: Carry::new(A::SCHEMA, B::SCHEMA),
            types: PhantomData,
        }
    }
}

impl<A: S3Table, B: S3Table, F: Fn(A::Key) -> B::Key + Send + Sync> Mapping for ByKey<A, B, F> {
    fn keys(&self) -> ReadKey<()> {
        ReadKey::new(|path| read_key::<A::Key>(path).map(drop), |_| Ok(()))
    }

    fn reads(&self) -> bool {
        false
    }

    fn copies(&self) -> bool {
        self.carry.copies
    }

    fn target(&self, path: &str, object: Option<&Object>) -> Result<Target> {
        let key = (self.key)(read_key::<A::Key>(path)?);
        let object = object.filter(|_| !self.carry.copies);
        Ok(Target {
            path: write_key(&key)?,
            body: object.map(|object| self.carry.body(&object.body)),
        })
    }
}

/// Rows are made anew.
pub(super) struct ByRow<A, B, F> {
    row: F,
    old: Arc<Rows>,
    types: PhantomData<fn(A) -> B>,
}

impl<A, B, F> ByRow<A, B, F> {
    pub(super) fn new(old: Arc<Rows>, row: F) -> Self {
        Self {
            row,
            old,
            types: PhantomData,
        }
    }
}

impl<A: S3Table, B: S3Table, F: Fn(A) -> B + Send + Sync> Mapping for ByRow<A, B, F> {
    fn keys(&self) -> ReadKey<()> {
        ReadKey::new(|path| read_key::<A::Key>(path).map(drop), |_| Ok(()))
    }

    fn reads(&self) -> bool {
        true
    }

    fn copies(&self) -> bool {
        false
    }

    fn target(&self, path: &str, object: Option<&Object>) -> Result<Target> {
        let key = read_key::<A::Key>(path)?;
        let object = object.ok_or_else(|| Error::new(ErrorKind::Other, "the row was not read"))?;
        let row = (self.row)(read_row::<A>(&self.old, key, &object.body)?);
        Ok(Target {
            path: write_key(&row.to_key())?,
            body: Some(row.write_body().map_err(unwritable)?),
        })
    }
}

fn unwritable(error: BodyError) -> Error {
    let (field, source) = error.into_parts();
    let error = Error::new(ErrorKind::InvalidRow, "the new row's body can't be written");
    let error = error.because(source);
    match field {
        Some(field) => error.in_column(&field),
        None => error,
    }
}
