//! Reads an object's body as it comes.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::{Attributes, GetResult, ObjectMeta};

use super::{Meter, Result};

/// Memory that is set aside for a body on nothing but the word of its header, which may say
/// anything.
const MOST_RESERVED: u64 = 16 * 1024 * 1024;

/// A body that is still to be read.
pub(super) type Unread = BoxStream<'static, object_store::Result<Bytes>>;

/// What a GET tells before the body is read, and the body.
pub(super) fn open(mut result: GetResult) -> (ObjectMeta, Attributes, Unread) {
    let attributes = std::mem::take(&mut result.attributes);
    (result.meta.clone(), attributes, result.into_stream())
}

/// The whole body, of which so many bytes were announced, unless it has more than a body may have.
/// The inner result is that of the transport.
pub(super) async fn read(
    mut body: Unread,
    announced: u64,
    meter: &Meter,
) -> Result<object_store::Result<Bytes>> {
    meter.fits(announced)?;
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = match chunk {
            Ok(chunk) => chunk,
            Err(error) => return Ok(Err(error)),
        };
        // Most bodies come in one piece, which is not copied.
        if first.is_empty() {
            first = chunk;
            continue;
        }
        if rest.is_empty() {
            rest.reserve(usize::try_from(announced.min(MOST_RESERVED)).unwrap_or_default());
            rest.extend_from_slice(&first);
        }
        meter.fits(rest.len() as u64 + chunk.len() as u64)?;
        rest.extend_from_slice(&chunk);
    }
    meter.fits(first.len() as u64)?;
    Ok(Ok(if rest.is_empty() {
        first
    } else {
        rest.freeze()
    }))
}
