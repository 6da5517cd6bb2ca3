//! Whether a body arrived as it was stored.
//!
//! The ETag of most objects is the MD5 of their body, but nothing says of which: objects under a
//! key of KMS or the customer's own, uploads in parts and whole stores have other ETags. So an
//! ETag that does not fit proves nothing; it is a reason to read the object once more. What comes
//! twice, byte for byte, is believed: a bit that was flipped on the way does not flip twice.

use std::sync::atomic::{AtomicU8, Ordering};

use md5::{Digest, Md5};

use crate::store::ObjectEntry;

/// What a bucket's ETags have shown to be so far.
#[derive(Debug, Default)]
pub(in crate::store::s3) struct ETags(AtomicU8);

impl ETags {
    /// At least one was the MD5 of its body, which does not happen by chance.
    const DIGESTS: u8 = 1;
    /// None was, and at least one body came twice alike: to look at them is no use.
    const OPAQUE: u8 = 2;

    /// Whether `body` may not be what was stored. `opaque` is set where the server said that the
    /// ETag is no digest.
    pub(in crate::store::s3) fn doubt(
        &self,
        entry: &ObjectEntry,
        body: &[u8],
        opaque: bool,
    ) -> bool {
        if opaque || self.0.load(Ordering::Relaxed) == Self::OPAQUE {
            return false;
        }
        let Some(digest) = entry.version.e_tag().and_then(digest) else {
            return false;
        };
        let fits = Md5::digest(body).as_slice() == digest;
        if fits {
            self.0.store(Self::DIGESTS, Ordering::Relaxed);
        }
        !fits
    }

    /// Notes that a body which was doubted came once more, the same.
    pub(in crate::store::s3) fn confirm(&self) {
        // A bucket may hold both kinds; one that holds digests is worth looking at further.
        let _ = self
            .0
            .compare_exchange(0, Self::OPAQUE, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The MD5 that an ETag is, by its looks.
fn digest(e_tag: &str) -> Option<[u8; 16]> {
    let hex = e_tag.strip_prefix('"')?.strip_suffix('"')?;
    if hex.len() != 32 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(hex, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Version;

    fn entry(e_tag: &str) -> ObjectEntry {
        ObjectEntry {
            key: "t/1".into(),
            size: 5,
            last_modified: chrono::DateTime::UNIX_EPOCH,
            version: Version::new(Some(e_tag.into()), None),
            storage_class: None,
        }
    }

    const HELLO: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

    #[test]
    fn only_an_etag_that_looks_like_a_digest_raises_doubt() {
        let tags = ETags::default();
        assert!(!tags.doubt(&entry(HELLO), b"hello", false));
        assert!(!tags.doubt(&entry(&HELLO.to_uppercase()), b"hello", false));
        assert!(tags.doubt(&entry(HELLO), b"hellp", false));
        assert!(!tags.doubt(&entry(HELLO), b"hellp", true));
        for other in [
            "\"5d41402abc4b2a76b9719d911017c592-2\"",
            "W/\"5d41402abc4b2a76b9719d911017c592\"",
            "\"+d41402abc4b2a76b9719d911017c592\"",
            "\"\"",
            "",
        ] {
            assert!(!tags.doubt(&entry(other), b"hellp", false), "{other}");
        }
    }

    #[test]
    fn a_bucket_whose_etags_are_no_digests_is_found_out_once() {
        let opaque = ETags::default();
        assert!(opaque.doubt(&entry(HELLO), b"other", false));
        opaque.confirm();
        assert!(!opaque.doubt(&entry(HELLO), b"other", false));

        let digests = ETags::default();
        assert!(!digests.doubt(&entry(HELLO), b"hello", false));
        digests.confirm();
        assert!(digests.doubt(&entry(HELLO), b"other", false));
    }
}
