//! Reads an object's body as it comes.

use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::{Attributes, GetResult, ObjectMeta, Result, collect_bytes};

/// Memory that is set aside for a body on nothing but the word of its header, which may say
/// anything.
const MOST_RESERVED: u64 = 16 * 1024 * 1024;

/// A body that is still to be read.
pub(super) type Unread = BoxStream<'static, Result<Bytes>>;

/// What a GET tells before the body is read, and the body.
pub(super) fn open(mut result: GetResult) -> (ObjectMeta, Attributes, Unread) {
    let attributes = std::mem::take(&mut result.attributes);
    (result.meta.clone(), attributes, result.into_stream())
}

/// The whole body, of which so many bytes were announced.
pub(super) async fn read(body: Unread, announced: u64) -> Result<Bytes> {
    collect_bytes(body, Some(announced.min(MOST_RESERVED))).await
}
