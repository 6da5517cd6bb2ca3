//! Input that nobody here wrote: read as exactly what would be written, or refused.

use proptest::prelude::*;

use super::shrinking::texts;
use super::{Encoding, KeyColumn, encode_segment};
use crate::key::{decode_text, encode_text};
use crate::schema::Layout;

/// A value is read from its own text only.
fn decodes_strictly<T: KeyColumn>(read: &str, encoding: Encoding) {
    if let Ok(value) = T::decode(read, encoding) {
        let mut written = String::new();
        assert_eq!(value.encode(encoding, &mut written), Ok(()));
        assert_eq!(written, read);
    }
}

fn every_type_decodes_strictly(text: &str, width: u8) {
    macro_rules! each {
        ($($type:ty),* $(,)?) => {$(
            for encoding in [
                Encoding::Plain,
                Encoding::Width(width),
                Encoding::Ordered,
                Encoding::Descending,
            ] {
                decodes_strictly::<$type>(text, encoding);
            }
        )*};
    }
    each!(
        u8,
        u16,
        u32,
        u64,
        u128,
        i8,
        i16,
        i32,
        i64,
        i128,
        bool,
        char,
        String,
        std::num::NonZero<i8>,
        std::net::IpAddr,
        std::net::Ipv4Addr,
        std::net::Ipv6Addr,
        std::time::SystemTime,
    );
    #[cfg(feature = "chrono")]
    each!(
        ::chrono::NaiveDate,
        ::chrono::NaiveDateTime,
        ::chrono::DateTime<::chrono::Utc>
    );
    #[cfg(feature = "jiff")]
    each!(
        ::jiff::civil::Date,
        ::jiff::civil::DateTime,
        ::jiff::Timestamp
    );
    #[cfg(feature = "uuid")]
    each!(::uuid::Uuid);
}

fn segment_decodes_strictly(segment: &str) {
    for layout in [Layout::Plain, Layout::Hive] {
        if let Some(text) = decode_text(layout, segment) {
            assert_eq!(encode_text(layout, &text).as_deref(), Ok(segment));
        }
    }
}

/// Texts of the right shape and often the wrong value.
fn almost_texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[-+]?[0-9]{1,41}",
        "-?[09]{1,39}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[0-9]{8}T[0-9]{6}\\.[0-9]{9}Z",
        "[0-9]{4}[01][0-9][0-3][0-9][Tt ][0-2][0-9][0-6][0-9][0-6][0-9][.,][0-9]{8,10}[Zz]?",
        "[{]?[0-9a-fA-F]{8}(-?[0-9a-f]{4}){3}-[0-9a-f]{12}[}]?",
        "(true|false|True|FALSE)x?",
        "[46]?-?[0-9]{1,3}(\\.[0-9]{1,3}){3}",
        "[46]?-?[0-9a-f]{0,4}(::?[0-9a-f]{1,4}){1,7}",
    ]
}

/// Escapes that are cut short, in lower case, needless or not UTF-8, among other pieces.
fn almost_segments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "%[0-9A-F]{2}",
        "%[0-9a-f]{0,2}",
        "[a-z.%_~/=é]{0,3}",
        texts().prop_map(|text| encode_segment(&text).into_owned()),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text(text: String, width: u8) {
        every_type_decodes_strictly(&text, width);
    }

    #[test]
    fn almost_any_text(text in almost_texts(), width in 0u8..42) {
        every_type_decodes_strictly(&text, width);
    }

    #[test]
    fn any_segment(segment: String) {
        segment_decodes_strictly(&segment);
    }

    #[test]
    fn almost_any_segment(segment in almost_segments()) {
        segment_decodes_strictly(&segment);
    }
}

#[test]
fn very_long_input() {
    for piece in ["9", "0", "-", "%", "%C3%A9", "é", "/"] {
        let long = piece.repeat(100_000);
        segment_decodes_strictly(&long);
        every_type_decodes_strictly(&long, 255);
        every_type_decodes_strictly(&format!("-{long}"), 255);
    }
}
