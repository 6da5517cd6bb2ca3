//! Work on whole tables.

mod verify;

pub use verify::{Finding, Verification, VerifyReport};
