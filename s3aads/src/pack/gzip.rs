//! Compressed packs.

use std::io::{Error, ErrorKind, Read, Result, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// The bytes as one gzip member. It holds no time and no name, so that equal packs are equal bytes.
pub(super) fn pack(bytes: &[u8]) -> Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.into())
}

/// The bytes of all members, if they are no more than `most`: a few thousand bytes of gzip can stand for
/// any number of them.
pub(super) fn unpack(bytes: &[u8], most: u64) -> Result<Bytes> {
    let mut unpacked = Vec::with_capacity(bytes.len().saturating_mul(4));
    let mut decoder = MultiGzDecoder::new(bytes).take(most.saturating_add(1));
    decoder.read_to_end(&mut unpacked)?;
    if unpacked.len() as u64 > most {
        let message = format!(
            "it has more than {most} bytes then; `Database::with_max_row_size` sets another limit"
        );
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
        assert_eq!(unpack(&packed, 10_000).unwrap(), text.as_bytes());
        let more = unpack(&packed, 9_999).unwrap_err().to_string();
        assert!(more.contains("more than 9999 bytes"), "{more}");
        let twice = [&packed[..], &packed[..]].concat();
        assert_eq!(unpack(&twice, u64::MAX).unwrap().len(), 2 * text.len());
        let empty = pack(b"").unwrap();
        assert_eq!((unpack(&empty, 0).unwrap().len(), empty.len()), (0, 20));
        for broken in [&packed[..packed.len() - 1], b"{\"day\":1}\n", b"\x1f\x8b"] {
            assert!(unpack(broken, u64::MAX).is_err());
        }
    }
}
