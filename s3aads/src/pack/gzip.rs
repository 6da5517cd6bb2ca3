//! Compressed packs.

use std::io::{Error, ErrorKind, Read, Result, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// The most bytes that a pack may have when it is unpacked: a few thousand bytes of gzip can stand
/// for any number of them.
const MOST: u64 = 1 << 30;

/// The bytes as one gzip member. It holds no time and no name, so that equal packs are equal bytes.
pub(super) fn pack(bytes: &[u8]) -> Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.into())
}

/// The bytes of all members.
pub(super) fn unpack(bytes: &[u8]) -> Result<Bytes> {
    let mut unpacked = Vec::with_capacity(bytes.len().saturating_mul(4));
    let mut decoder = MultiGzDecoder::new(bytes).take(MOST + 1);
    decoder.read_to_end(&mut unpacked)?;
    if unpacked.len() as u64 > MOST {
        let message = format!("it has more than {MOST} bytes when it is unpacked");
        return Err(Error::new(ErrorKind::InvalidData, message));
    }
    Ok(unpacked.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let text = "{\"day\":1}\n".repeat(1000);
        let packed = pack(text.as_bytes()).unwrap();
        assert!(packed.len() < text.len() / 20);
        assert_eq!(packed, pack(text.as_bytes()).unwrap());
        assert_eq!(unpack(&packed).unwrap(), text.as_bytes());
        let twice = [&packed[..], &packed[..]].concat();
        assert_eq!(unpack(&twice).unwrap().len(), 2 * text.len());
        let empty = pack(b"").unwrap();
        assert_eq!((unpack(&empty).unwrap().len(), empty.len()), (0, 20));
        for broken in [&packed[..packed.len() - 1], b"{\"day\":1}\n", b"\x1f\x8b"] {
            assert!(unpack(broken).is_err());
        }
    }
}
