//! Work on whole tables.

mod rekey;
mod verify;

pub use rekey::{Rekey, RekeyPlan, RekeyReport};
pub use verify::{Finding, Verification, VerifyReport};
