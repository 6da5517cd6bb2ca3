//! From what a query asks to what it reads: predicates on segments, and the part of the listing
//! that they leave.

mod compile;
mod predicate;
mod space;
mod text;

pub(crate) use compile::compile;
pub(crate) use predicate::{Predicate, Test};
pub(crate) use space::{Class, KeySpace, after_columns};
pub(crate) use text::{common_prefix, just_below, next, successor};
mod standin;
pub use standin::*;
