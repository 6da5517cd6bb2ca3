//! At least a million keys, over every type and encoding, from seeded generators.
//!
//! `S3AADS_KEY_CASES` sets how many in all. `shrinking` does the same with fewer and smaller
//! values, to tell what is wrong by a small example.

use fastrand::Rng;

use super::{Encoding, KeyColumn, encode_segment, pair_holds, segment};
use crate::key::MAX_PATH_BYTES;

const CASES: usize = 1_000_000;

/// Keys for each column's test.
fn share() -> usize {
    let cases = std::env::var("S3AADS_KEY_CASES").map_or(CASES, |cases| {
        cases.parse().expect("S3AADS_KEY_CASES is a number")
    });
    cases.div_ceil(COLUMNS.len())
}

/// Generates values and checks all of them against one another, by way of their neighbours in
/// order.
fn check<T: KeyColumn>(seed: &str, encoding: Encoding, mut generate: impl FnMut(&mut Rng) -> T) {
    let seed = seed.bytes().fold(7, |seed: u64, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    });
    let mut rng = Rng::with_seed(seed);
    let mut keys: Vec<(T, String)> = (0..share())
        .map(|_| {
            let value = generate(&mut rng);
            let segment = segment(&value, encoding);
            (value, segment)
        })
        .collect();
    if T::is_ordered(encoding) {
        keys.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    } else {
        // Equal segments become neighbours, and so does each segment and what it is the start of.
        keys.sort_unstable_by(|a, b| a.1.cmp(&b.1));
    }
    for pair in keys.windows(2) {
        let [(a, a_segment), (b, b_segment)] = pair else {
            unreachable!()
        };
        pair_holds::<T>(a.cmp(b), a_segment, b_segment, encoding);
    }
}

/// A test for each column, and the list of them.
macro_rules! columns {
    ($($(#[$gate:meta])* $name:ident: $type:ty, $encoding:expr, $generate:expr;)*) => {
        const COLUMNS: &[&str] = &[$($(#[$gate])* stringify!($name),)*];

        $(
            $(#[$gate])*
            #[test]
            fn $name() {
                check::<$type>(stringify!($name), $encoding, $generate);
            }
        )*
    };
}

columns! {
    u8_plain: u8, Encoding::Plain, |rng| unsigned(rng) as u8;
    u8_width: u8, Encoding::Width(2), |rng| rng.u8(..100);
    u8_ordered: u8, Encoding::Ordered, |rng| unsigned(rng) as u8;
    u8_descending: u8, Encoding::Descending, |rng| unsigned(rng) as u8;
    u16_plain: u16, Encoding::Plain, |rng| unsigned(rng) as u16;
    u16_width: u16, Encoding::Width(4), |rng| rng.u16(..10_000);
    u16_ordered: u16, Encoding::Ordered, |rng| unsigned(rng) as u16;
    u16_descending: u16, Encoding::Descending, |rng| unsigned(rng) as u16;
    u32_plain: u32, Encoding::Plain, |rng| unsigned(rng) as u32;
    u32_width: u32, Encoding::Width(10), |rng| unsigned(rng) as u32;
    u32_ordered: u32, Encoding::Ordered, |rng| unsigned(rng) as u32;
    u32_descending: u32, Encoding::Descending, |rng| unsigned(rng) as u32;
    u64_plain: u64, Encoding::Plain, |rng| unsigned(rng) as u64;
    u64_width: u64, Encoding::Width(20), |rng| unsigned(rng) as u64;
    u64_ordered: u64, Encoding::Ordered, |rng| unsigned(rng) as u64;
    u64_descending: u64, Encoding::Descending, |rng| unsigned(rng) as u64;
    u128_plain: u128, Encoding::Plain, unsigned;
    u128_width: u128, Encoding::Width(39), unsigned;
    u128_wider: u128, Encoding::Width(255), unsigned;
    u128_ordered: u128, Encoding::Ordered, unsigned;
    u128_descending: u128, Encoding::Descending, unsigned;
    i8_plain: i8, Encoding::Plain, |rng| signed(rng) as i8;
    i8_width: i8, Encoding::Width(3), |rng| signed(rng) as i8;
    i8_ordered: i8, Encoding::Ordered, |rng| signed(rng) as i8;
    i8_descending: i8, Encoding::Descending, |rng| signed(rng) as i8;
    i16_plain: i16, Encoding::Plain, |rng| signed(rng) as i16;
    i16_width: i16, Encoding::Width(5), |rng| signed(rng) as i16;
    i16_ordered: i16, Encoding::Ordered, |rng| signed(rng) as i16;
    i16_descending: i16, Encoding::Descending, |rng| signed(rng) as i16;
    i32_plain: i32, Encoding::Plain, |rng| signed(rng) as i32;
    i32_width: i32, Encoding::Width(10), |rng| signed(rng) as i32;
    i32_ordered: i32, Encoding::Ordered, |rng| signed(rng) as i32;
    i32_descending: i32, Encoding::Descending, |rng| signed(rng) as i32;
    i64_plain: i64, Encoding::Plain, |rng| signed(rng) as i64;
    i64_width: i64, Encoding::Width(19), |rng| signed(rng) as i64;
    i64_ordered: i64, Encoding::Ordered, |rng| signed(rng) as i64;
    i64_descending: i64, Encoding::Descending, |rng| signed(rng) as i64;
    i128_plain: i128, Encoding::Plain, signed;
    i128_width: i128, Encoding::Width(39), signed;
    i128_ordered: i128, Encoding::Ordered, signed;
    i128_descending: i128, Encoding::Descending, signed;
    bool: bool, Encoding::Plain, |rng| rng.bool();
    char: char, Encoding::Plain, |rng| rng.char(..);
    short_string: String, Encoding::Plain, awkward::<4>;
    string: String, Encoding::Plain, awkward::<24>;
    string_of_any_chars: String, Encoding::Plain, any_chars;
    #[cfg(feature = "chrono")]
    chrono_date: ::chrono::NaiveDate, Encoding::Plain, |rng| chrono_timestamp(rng).date_naive();
    non_zero: std::num::NonZero<u32>, Encoding::Ordered,
        |rng| std::num::NonZero::new(unsigned(rng) as u32).unwrap_or(std::num::NonZero::<u32>::MIN);
    non_zero_signed: std::num::NonZero<i64>, Encoding::Descending,
        |rng| std::num::NonZero::new(signed(rng) as i64).unwrap_or(std::num::NonZero::<i64>::MIN);
    ipv4: std::net::Ipv4Addr, Encoding::Ordered, |rng| (unsigned(rng) as u32).into();
    ipv6: std::net::Ipv6Addr, Encoding::Ordered, |rng| unsigned(rng).into();
    system_time_plain: std::time::SystemTime, Encoding::Plain, system_time;
    system_time_descending: std::time::SystemTime, Encoding::Descending, system_time;
    #[cfg(feature = "chrono")]
    chrono_date_descending: ::chrono::NaiveDate, Encoding::Descending,
        |rng| chrono_timestamp(rng).date_naive();
    #[cfg(feature = "chrono")]
    chrono_datetime: ::chrono::NaiveDateTime, Encoding::Plain,
        |rng| chrono_timestamp(rng).naive_utc();
    #[cfg(feature = "chrono")]
    chrono_descending: ::chrono::DateTime<::chrono::Utc>, Encoding::Descending, chrono_timestamp;
    #[cfg(feature = "jiff")]
    jiff_datetime: ::jiff::civil::DateTime, Encoding::Descending,
        |rng| ::jiff::tz::Offset::UTC.to_datetime(jiff_timestamp(rng));
    #[cfg(feature = "uuid")]
    uuid_descending: ::uuid::Uuid, Encoding::Descending,
        |rng| ::uuid::Uuid::from_u128(unsigned(rng));
    #[cfg(feature = "chrono")]
    chrono_timestamp_: ::chrono::DateTime<::chrono::Utc>, Encoding::Plain, chrono_timestamp;
    #[cfg(feature = "jiff")]
    jiff_date: ::jiff::civil::Date, Encoding::Plain,
        |rng| ::jiff::tz::Offset::UTC.to_datetime(jiff_timestamp(rng)).date();
    #[cfg(feature = "jiff")]
    jiff_timestamp_: ::jiff::Timestamp, Encoding::Plain, jiff_timestamp;
    #[cfg(feature = "uuid")]
    uuid: ::uuid::Uuid, Encoding::Plain, |rng| ::uuid::Uuid::from_u128(unsigned(rng));
}

/// Numbers of every length, and often the neighbours of powers of two and ten. Cut to a shorter
/// type they are still that.
fn unsigned(rng: &mut Rng) -> u128 {
    let near = match rng.u8(..4) {
        0 => 10u128.pow(rng.u32(..39)),
        1 => 1u128.checked_shl(rng.u32(..=128)).unwrap_or(0),
        _ => rng.u128(..) >> rng.u32(..128),
    };
    near.wrapping_add(rng.u128(..3)).wrapping_sub(1)
}

fn signed(rng: &mut Rng) -> i128 {
    let magnitude = unsigned(rng).cast_signed();
    if rng.bool() {
        magnitude
    } else {
        magnitude.wrapping_neg()
    }
}

/// Pieces that are escaped, look escaped, or stand for something in paths, bodies or terminals.
pub(super) const AWKWARD: &[&str] = &[
    "",
    ".",
    "..",
    "/",
    "%",
    "%_",
    "%2F",
    "%2E",
    "%25",
    "2F",
    "_",
    "=",
    "\\",
    "a",
    "A",
    "0",
    " ",
    "\0",
    "\n",
    "\r",
    "\u{1f}",
    "\u{7f}",
    "\u{80}",
    "~",
    "é",
    "e\u{301}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "日",
    "👩\u{200d}🚀",
    "\u{10ffff}",
];

fn awkward<const PIECES: usize>(rng: &mut Rng) -> String {
    let pieces = rng.usize(..=PIECES);
    std::iter::repeat_with(|| rng.choice(AWKWARD).unwrap())
        .take(pieces)
        .copied()
        .collect()
}

/// Mostly short; now and then longer than a path may be.
fn any_chars(rng: &mut Rng) -> String {
    let length = match rng.u16(..1000) {
        0 => rng.usize(..=2 * MAX_PATH_BYTES),
        _ => rng.usize(..12),
    };
    std::iter::repeat_with(|| rng.char(..))
        .take(length)
        .collect()
}

/// Seconds from the start of the year 0000, and nanoseconds, up to what every crate can hold.
fn since_0000(rng: &mut Rng) -> (i64, u32) {
    const FIRST: i64 = -62_167_219_200;
    const LAST: i64 = 253_402_207_199;
    let nanosecond = match rng.u8(..4) {
        0 => 0,
        1 => 999_999_999,
        _ => rng.u32(..1_000_000_000),
    };
    (rng.i64(FIRST..=LAST), nanosecond)
}

fn system_time(rng: &mut Rng) -> std::time::SystemTime {
    let (second, nanosecond) = since_0000(rng);
    let whole = std::time::Duration::from_secs(second.unsigned_abs());
    let epoch = if second < 0 {
        std::time::UNIX_EPOCH - whole
    } else {
        std::time::UNIX_EPOCH + whole
    };
    epoch + std::time::Duration::from_nanos(nanosecond.into())
}

#[cfg(feature = "chrono")]
fn chrono_timestamp(rng: &mut Rng) -> ::chrono::DateTime<::chrono::Utc> {
    let (second, nanosecond) = since_0000(rng);
    ::chrono::DateTime::from_timestamp(second, nanosecond).unwrap()
}

#[cfg(feature = "jiff")]
fn jiff_timestamp(rng: &mut Rng) -> ::jiff::Timestamp {
    let (second, nanosecond) = since_0000(rng);
    ::jiff::Timestamp::new(second, nanosecond.cast_signed()).unwrap()
}

/// One by one, so that no plane of Unicode is left to chance.
#[test]
fn every_char_has_a_segment_of_its_own() {
    let mut segments: Vec<_> = ('\0'..=char::MAX)
        .map(|c| encode_segment(c.encode_utf8(&mut [0; 4])).into_owned())
        .collect();
    let chars = segments.len();
    segments.sort_unstable();
    segments.dedup();
    assert_eq!(segments.len(), chars);
}
