//! From what a query asks to what it reads: predicates on segments, and the part of the listing
//! that they leave.

mod compile;
mod predicate;
mod space;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use compile::{Form, compile};
pub(crate) use predicate::Predicate;
#[cfg(test)]
pub(crate) use predicate::Test;
pub(crate) use space::{Class, KeySpace, after_columns};
pub(crate) use text::{common_prefix, just_below, next, successor};
