//! What the tests of s3aads share: an S3 server in the test's process, and the stores that a behaviour is run on.

pub mod connector;
pub mod counted;
pub mod errors;
pub mod google;
pub mod server;
pub mod stores;
