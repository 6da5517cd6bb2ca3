//! The behaviours of `behaviour/`, on twins of its tables that have indexes: of other orders of the days' key, and of the counters'
//! values and notes.
//!
//! Left out are the modules that have no such table or are about databases (`brought`, `database`, `forms`, `opening`,
//! `orders`, `rekey`), and `parity`, `foreign` and `raw_query`, which write rows as another program would. What holds of rows
//! without indexes alone is in `differences`, and must fail here.

mod differences;
mod model;

#[path = "../behaviour/batches.rs"]
mod batches;
#[path = "../behaviour/copies.rs"]
mod copies;
#[path = "../behaviour/filters.rs"]
mod filters;
#[path = "../behaviour/rows.rs"]
mod rows;
#[path = "../behaviour/terminals.rs"]
mod terminals;
#[path = "../behaviour/versions.rs"]
mod versions;
use futures_util::future::BoxFuture;
use s3aads::{Error, ErrorKind};
use s3aads_tests::stores::{Capability, Store};

/// Runs a behaviour, which must hold unless it is a listed difference.
async fn run<F>(test: &str, store: Option<Store>, behaviour: F)
where
    F: for<'a> FnOnce(&'a Store) -> BoxFuture<'a, ()> + Send,
{
    let honours = |store: &Store| {
        ![Capability::Creates, Capability::Updates]
            .iter()
            .any(|c| store.lacks(*c))
    };
    if store.as_ref().is_some_and(|store| !honours(store)) {
        eprintln!("the store honours no conditions, so that it has no indexes");
        return;
    }
    match differences::why(test) {
        None => s3aads_tests::stores::run(store, behaviour).await,
        Some(why) => s3aads_tests::stores::run_in_vain(store, why, behaviour).await,
    }
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
