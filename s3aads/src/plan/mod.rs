//! From what a query asks to what it reads: predicates on segments, and the part of the listing
//! that they leave.

mod analysis;
mod compile;
mod estimate;
mod explain;
mod predicate;
mod pricing;
mod space;
mod text;

#[cfg(test)]
mod tests;

pub use analysis::Analysis;
pub(crate) use compile::{Form, compile};
pub use estimate::ListEstimate;
pub use explain::{ColumnPlan, Explain, Pushdown};
pub(crate) use predicate::Predicate;
#[cfg(test)]
pub(crate) use predicate::Test;
pub use pricing::Pricing;
pub(crate) use space::{Class, KeySpace, after_columns};
pub(crate) use text::{common_prefix, just_below, next, successor};
