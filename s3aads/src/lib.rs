//! S3 as a datastore.

#![allow(dead_code, unused_imports, unreachable_pub)] // while the layers are being laid

mod body;
mod error;
mod fault;
mod key;
mod query;
mod schema;
mod store;
mod table;

pub use error::{Error, ErrorKind, Result};
pub use key::{
    ColumnType, Encoding, Filter, HasOrdered, HasWidth, IntegerForm, IntoColumn, IntoFilter,
    KeyColumn, StartsWith, TableKey, TextError, TextForm, starts_with,
};
pub use query::Query;
#[cfg(feature = "derive")]
pub use s3aads_derive::{KeyColumn, S3Table};
pub use schema::{BodyFormat, ColumnSchema, Layout, Schema};
pub use store::{RequestClass, Usage};
pub use table::{Column, ColumnSet, S3Table, Table};

/// What generated code calls. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use bytes::Bytes;
    pub use serde;

    pub use crate::body::{
        BodyBytes, BodyError, BodyText, from_empty, from_json, to_json,
    };
    pub use crate::key::{
        KeyPrinter, KeyReader, KeyWriter, parse_key, unknown_variant, variants_between,
    };
}
