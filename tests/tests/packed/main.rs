//! Packed tables, whose rows are lines of packs: what is theirs alone. That they are tables like others is
//! the behaviour suite's business.

mod costs;
mod lines;
mod plans;
mod queries;
mod weather;
