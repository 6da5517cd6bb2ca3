//! What holds of each cloud's store.

use super::script::{Reply, Script};
use super::*;

fn object(announced: u64, bytes: usize) -> Reply {
    let headers = [
        ("etag", "\"e\"".to_owned()),
        ("x-goog-generation", "17".to_owned()),
        ("content-length", announced.to_string()),
        ("last-modified", "Wed, 01 May 2024 12:00:00 GMT".to_owned()),
    ];
    Reply::Answer(200, headers.into(), "x".repeat(bytes))
}

/// A body with more bytes than a row may have is given up, whatever its header announces, and not
/// asked for again.
pub(super) async fn large_bodies_are_given_up(open: impl Fn(&Script) -> CloudBackend) {
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
