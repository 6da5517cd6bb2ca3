//! What is asked of a bucket, one file an operation.

mod bucket;
mod bulk;
mod copy;
mod delete;
mod integrity;
mod list;
mod outcome;
mod put;
mod read;

pub(super) use integrity::ETags;
