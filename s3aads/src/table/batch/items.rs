//! What a batch is made of.

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream, Stream};

/// What the batch methods take: anything that can be iterated over, or a stream wrapped by
/// [`from_stream`].
pub trait IntoBatch<'a> {
    /// A row or a key.
    type Item: Send + 'a;

    /// The items, one after another.
    fn into_batch(self) -> BoxStream<'a, Self::Item>;
}

impl<'a, I> IntoBatch<'a> for I
where
    I: IntoIterator,
    I::IntoIter: Send + 'a,
    I::Item: Send + 'a,
{
    type Item = I::Item;

    fn into_batch(self) -> BoxStream<'a, I::Item> {
        stream::iter(self).boxed()
    }
}

/// A stream as a batch; made by [`from_stream`].
#[derive(Debug, Clone)]
pub struct FromStream<S>(S);

/// Makes a batch of a stream of rows or keys, which is polled no faster than they are written.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # use futures_util::stream;
/// # use s3aads::from_stream;
/// # #[derive(S3Table)]
/// # struct Item { #[s3(key)] id: u64 }
/// # let items = db.table::<Item>();
/// let rows = stream::iter(0..100).map(|id| Item { id });
/// # use futures_util::StreamExt;
/// let report = items.insert_all(from_stream(rows)).await;
/// assert_eq!(report.succeeded(), 100);
/// # });
/// ```
pub fn from_stream<S: Stream>(stream: S) -> FromStream<S> {
    FromStream(stream)
}

impl<'a, S> IntoBatch<'a> for FromStream<S>
where
    S: Stream + Send + 'a,
    S::Item: Send + 'a,
{
    type Item = S::Item;

    fn into_batch(self) -> BoxStream<'a, S::Item> {
        self.0.boxed()
    }
}
