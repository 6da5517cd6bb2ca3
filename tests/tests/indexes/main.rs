//! Tables with indexes: what is theirs alone.

mod costs;
mod entries;
mod model;
mod plans;
mod queries;
mod refusals;
mod writes;

use s3aads::{Error, ErrorKind};
use s3aads_tests::stores::{Capability, Store, run_any as run};

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

/// Whether the store has what indexes need.
fn takes_indexes(store: &Store) -> bool {
    let needs = [Capability::Creates, Capability::Updates];
    !needs.iter().any(|need| store.lacks(*need))
}
