//! What holds of each cloud's store.

use super::super::http::script::{Reply, Script, retry};
use super::*;

/// The backend, with retries that take no time.
pub(super) fn hasten(mut backend: CloudBackend) -> CloudBackend {
    backend.bucket.client.retry = retry();
    backend
}

fn object(announced: u64, bytes: usize) -> Reply {
    Reply::body(200, "x".repeat(bytes))
        .header("etag", "\"e\"")
        .header("x-goog-generation", "17")
        .header("content-length", &announced.to_string())
        .header("last-modified", "Wed, 01 May 2024 12:00:00 GMT")
}

/// A body with more bytes than a row may have is given up, whatever its header announces, and not
/// asked for again.
pub(super) async fn large_bodies(open: impl Fn(&Script) -> CloudBackend) {
    for (announced, bytes, fits) in [
        (32, 32, true),
        (33, 33, false),
        (10 << 30, 8, false),
        (8, 33, false),
    ] {
        let script = Script::new([object(announced, bytes)]);
        let (store, meter) = (open(&script), Meter::default());
        meter.set_most_body(32);
        let scope = meter.scope(None);
        let got = store.get("t/1", &scope).await;
        let reason = got
            .map_err(|error| error.reason())
            .map(|got| got.body.len());
        let expected = if fits {
            Ok(bytes)
        } else {
            Err(Reason::TooLarge)
        };
        assert_eq!(reason, expected, "{announced} announced, {bytes} sent");
        assert_eq!(script.lines().len(), 1);
    }
}
