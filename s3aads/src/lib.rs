//! S3 as a datastore: a typed table on an object store.
//!
//! A database is a bucket, a table is a folder in it, each key column is the next folder, and a row
//! is one object. There is no server to run and nothing that stands idle: a service with little
//! traffic pays for what it stores and what it asks. `#[derive(S3Table)]` on a struct makes it a
//! table's row and generates typed methods, so that a misspelt column or a wrong type does not
//! compile.
//!
//! ```
//! use s3aads::{Database, S3Table};
//!
//! /// One day's readings.
//! #[derive(Debug, Clone, PartialEq, S3Table)]
//! #[s3(table = "daily-data")]
//! pub struct DailyData {
//!     #[s3(key, width = 6)]
//!     pub id: u64,
//!     #[s3(key, width = 4)]
//!     pub year: u16,
//!     #[s3(key, width = 2)]
//!     pub month: u8,
//!     #[s3(key, width = 2)]
//!     pub day: u8,
//!     #[s3(data)]
//!     pub data: Vec<String>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> s3aads::Result<()> {
//! let db = Database::open("memory:///test")?; // or file:///var/lib/db, s3://joeyism-test
//! db.create().await?;
//! let days = db.table::<DailyData>();
//!
//! let data = vec!["a".into(), "b".into()];
//! let row = DailyData { id: 1, year: 2020, month: 1, day: 1, data };
//! days.insert(&row).await?; // fails if the key exists
//! days.upsert(&row).await?; // overwrites
//! assert_eq!(days.select((1, 2020, 1, 1)).await?, Some(row));
//!
//! let ids: Vec<u64> = days.ids().await?; // distinct, sorted, typed; no row is read
//! assert_eq!(ids, [1]);
//! let keys = days.filter_by_id(1).filter_by_year(2019..=2021).keys().await?;
//! assert_eq!(keys[0].to_string(), "000001/2020/01/01");
//! let rows = days.filter_by_id([1, 2, 3]).filter_by_month(1).rows().await?;
//! assert_eq!(rows.len(), 1);
//! days.delete((1, 2020, 1, 1)).await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What it is for, and what not
//!
//! It is for data that is written and read more than it is changed, at request rates where a
//! database server would mostly idle: readings, documents, events, settings, the output of jobs. It
//! is not for hot paths of thousands of writes a second to one table, nor for transactions over rows
//! that share no [pack](guide::packs).
//!
//! The [guide] begins with a [tutorial](guide::tutorial) of ten minutes.
//!
//! # What a query costs
//!
//! On an object store a request is money and a round trip, so each method says how many it sends.
//! Rows come in the byte order of their stored keys, so integers are padded (`width`) or `ordered` if
//! their order matters. The key columns' order is the table's first index: a filter on the leading columns is a prefix of
//! the listing, one on a later column is reached by seeks, and neither is ever ignored.
//! [`Query::explain`] tells the plan and the price without sending anything, [`Query::analyze`] what
//! a run really sent, [`Query::request_budget`] stops one that would send more, and
//! [`Database::usage`] counts all that goes out.
//!
//! # Writes that lose nothing
//!
//! [`Table::insert`] is create-only and [`Table::update`] and [`Table::modify`] write only over
//! what was read, by the store's own conditions. If a retry is refused because of its own first
//! attempt, the library finds that out before it reports a refusal. [`Database::check`] finds
//! stores that accept conditions and ignore them.
//!
//! # Feature flags
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `derive` | yes | `#[derive(S3Table)]` and `#[derive(KeyColumn)]` |
//! | `s3` | yes | Amazon S3 and stores that speak its protocol |
//! | `local` | yes | the embedded store: a folder on the local disk |
//! | `aws-config` | | credentials as Amazon's tools find them: profiles, SSO, roles, processes, instances |
//! | `gcs` | | Google Cloud Storage, `gs://` |
//! | `azure` | | Azure Blob Storage, `az://` |
//! | `chrono` | | `chrono` dates and timestamps as key columns |
//! | `jiff` | | `jiff` dates and timestamps as key columns |
//! | `uuid` | | UUIDs as key columns |
//! | `tracing` | | a span for each operation, with what it sent |
//! | `testing` | | the fault injector, for testing a program on a store that fails |
//! | `cli` | | the program `s3aads`, which libraries do not need: see [the command line](guide::command_line) |
//!
//! Without default features the library builds with the memory store alone.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod backoff;
mod body;
mod ddl;
mod error;
mod explain;
mod fault;
pub mod guide;
mod key;
mod options;
mod pack;
mod plan;
mod query;
mod rows;
mod scan;
mod schema;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

// In the order in which the documentation shows their methods of `Database` and `Table`.
mod server;

mod database;

mod table;

mod raw;

mod maintain;

pub use bytes;
pub use database::{Capabilities, Capability, Conditions, Database};
pub use ddl::Engine;
pub use error::{Error, ErrorKind, Result};
pub use explain::{Analysis, ColumnPlan, Explain, ListEstimate, PackEstimate, Price, Pushdown};
pub use key::{
    AddressForm, ColumnType, Encoding, Filter, HasDescending, HasHiveOrdered, HasOrdered, HasWidth,
    IntoColumn, IntoColumns, IntoFilter, KeyColumn, KeyColumns, SignedForm, SortedForm, StartsWith,
    StringForm, TableKey, TextError, TextForm, UnsignedForm, any_of, starts_with,
};
pub use maintain::{Finding, Rekey, RekeyPlan, RekeyReport, Verification, VerifyReport};
pub use object_store;
pub use options::WriteOptions;
pub use query::Query;
pub use raw::{CopyRaw, Cursor, Deleted, ObjectInfo, Page, RawKey, RawQuery, RawTable, SortBy};
#[cfg(feature = "derive")]
pub use s3aads_derive::{KeyColumn, S3Table};
pub use scan::OnForeign;
pub use schema::{
    BodyFormat, ColumnSchema, Compression, FieldSchema, FieldType, IndexSchema, IndexedField,
    Layout, Schema,
};
pub use server::Server;
#[cfg(feature = "local")]
pub use store::local::Durability;
#[cfg(feature = "s3")]
pub use store::s3::{ConditionalPut, S3Options};
pub use store::{Pricing, RequestClass, Usage};
pub use table::{
    Batch, BatchReport, Column, ColumnSet, CopyRow, FromStream, IntoBatch, IsVersioned, Outcome,
    Pack, PackRows, PackedTable, Progress, RowMeta, S3Table, Stopped, Table, Values, Version,
    Versioned, from_stream,
};

/// The traits that read a stream of rows or keys, so that a program needs no other crate.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # #[derive(S3Table)]
/// # struct Item { #[s3(key)] id: u64 }
/// # let items = db.table::<Item>();
/// use s3aads::stream::TryStreamExt;
///
/// let mut keys = items.query().stream_keys();
/// while let Some(key) = keys.try_next().await? {
///     println!("{key}");
/// }
/// # });
/// ```
pub mod stream {
    pub use futures_util::stream::{BoxStream, Stream, StreamExt, TryStream, TryStreamExt};
}

/// What the fuzz targets call, which no other build has. Not part of the public interface.
#[cfg(fuzzing)]
#[doc(hidden)]
#[path = "fuzz.rs"]
pub mod __fuzz;

#[cfg(all(test, not(fuzzing)))]
#[allow(unreachable_pub, reason = "the fuzz targets' build has them public")]
mod fuzz;

/// What generated code calls. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use bytes::Bytes;
    pub use serde;

    pub use crate::body::{
        BodyBytes, BodyError, BodyText, Json, NotStored, NotWritten, ReadJson, Trace, TraceJson,
        WriteJson, from_empty, stored, to_json_that_reads, to_line, unstamped,
    };
    pub use crate::key::{
        FieldWriter, FromKey, FromValues, KeyReader, KeyWriter, deserialize_key, parse_key,
        serialize_key, show_key, unknown_variant, variants_between, wrapped,
    };
    pub use crate::table::new_column;
}

/// The README's examples are compiled and run with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
