//! .

pub mod server;
