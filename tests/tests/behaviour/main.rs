//! What users see through the public API, on every store: see `s3aads_tests::stores`.

mod batches;
mod brought;
mod copies;
mod database;
mod filters;
mod foreign;
mod forms;
mod model;
mod opening;
mod orders;
mod parity;
mod raw_query;
mod rekey;
mod rows;
mod terminals;
mod versions;

use s3aads::{Error, ErrorKind};
use s3aads_tests::stores::run_any as run;

/// The error of a call that must fail with this kind.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, kind: ErrorKind) -> Error {
    let error = match result {
        Ok(value) => panic!("expected the error `{kind}`, got {value:?}"),
        Err(error) => error,
    };
    assert_eq!(error.kind(), kind, "{error:?}");
    s3aads_tests::errors::assert_told_well(&error);
    error
}
