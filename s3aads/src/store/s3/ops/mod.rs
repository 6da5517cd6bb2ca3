//! What S3 has of its own about each operation, one file an operation.

mod bucket;
mod bulk;
mod copy;
mod delete;
mod get;
mod integrity;
mod presign;
mod put;

pub(super) use integrity::ETags;
