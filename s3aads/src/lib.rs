//! S3 as a datastore.

#![allow(dead_code, unused_imports, unreachable_pub)] // while the layers are being laid

mod store;
#[cfg(feature = "testing")]
pub mod testing;
