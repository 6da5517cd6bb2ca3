//! Tables of typed rows.

// In the order in which the documentation shows their methods.
mod open;

mod handle;

mod rows;

mod modify;

mod remove;

mod copy;

mod presign;

mod batch;

mod pack;

mod sample;

mod column;
mod meta;
mod values;

use std::fmt::Debug;
use std::ops::Deref;

use bytes::Bytes;

pub use crate::rows::versioned::{IsVersioned, Versioned};
pub use batch::{
    Batch, BatchReport, FromStream, IntoBatch, Outcome, Progress, Stopped, from_stream,
};
pub use column::{Column, ColumnSet, new_column};
pub use copy::CopyRow;
pub use handle::Table;
pub use meta::RowMeta;
pub use pack::{Pack, PackRows, PackedTable};
pub use values::Values;

pub use crate::store::Version;

use crate::body::{BodyError, Trace};
use crate::key::{FieldWriter, TableKey};
use crate::query::Query;
use crate::schema::Schema;

/// A struct whose values are the rows of a table; implemented by `#[derive(S3Table)]`.
///
/// The trait is not meant to be implemented by hand: what it holds is what the derive and the
/// runtime agree on, and the methods users call are generated on [`Query`](Self::Query).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table's row",
    label = "not a row",
    note = "add `#[derive(S3Table)]` to `{Self}`"
)]
pub trait S3Table: Sized + Send + Sync + 'static {
    /// The row's key: a struct of the key columns.
    type Key: TableKey + for<'a> From<&'a Self>;

    /// What its `filter_by_<column>` methods return.
    type Query: From<Query<Self>>
        + Deref<Target = Query<Self>>
        + Clone
        + Debug
        + Send
        + Sync
        + 'static;

    /// The struct of the typed columns.
    type Columns;

    /// The table's stored form: name, key columns in order, layout and body format.
    const SCHEMA: &'static Schema;

    /// The typed columns, for [`Query::filter`] and [`Query::distinct`].
    const COLUMNS: Self::Columns;

    /// The row's key.
    fn to_key(&self) -> Self::Key;

    /// The row's body as it is stored.
    #[doc(hidden)]
    fn write_body(&self) -> Result<Bytes, BodyError>;

    /// The row of a key and a stored body.
    #[doc(hidden)]
    fn read_body(key: Self::Key, body: &Bytes) -> Result<Self, BodyError>;

    /// The values of the fields that indexes have.
    #[doc(hidden)]
    fn write_fields(&self, _writer: &mut FieldWriter) {}

    /// Asks the body for its fields, if it is JSON.
    #[doc(hidden)]
    fn trace_body<T: Trace>(_trace: &T) {}
}
