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

use futures_util::future::BoxFuture;
use s3aads::{Error, ErrorKind};
use s3aads_tests::stores::Store;

/// Runs a behaviour.
async fn run<F>(_test: &str, store: Option<Store>, behaviour: F)
where
    F: for<'a> FnOnce(&'a Store) -> BoxFuture<'a, ()> + Send,
{
    s3aads_tests::stores::run(store, behaviour).await;
}

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
