//! The command line as a process: on the local disk, on the S3 wire and in a terminal.
//!
//! The program is built beforehand: `cargo build -p s3aads --features cli`. `bash .ci/run cli` does both.

mod changes;
mod codegen;
mod import;
mod local;
mod run;
mod terminal;
mod wire;
