//! Typed queries.

/// A query over a table of rows of type `T`.
#[derive(Debug)]
pub struct Query<T> {
    marker: std::marker::PhantomData<fn() -> T>,
}
