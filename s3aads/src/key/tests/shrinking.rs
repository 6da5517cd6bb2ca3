//! The properties of `bulk` by values that shrink to a small example.

use proptest::prelude::*;

use super::bulk::AWKWARD;
use super::{Encoding, KeyColumn, column_holds, text};

/// Texts of awkward pieces and any characters.
pub(super) fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        2 => proptest::sample::select(AWKWARD).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

/// Checks two integers in every encoding that can hold them, and that a width too small for one
/// of them is refused and leaves the text as it was.
fn integers_hold<T: KeyColumn + ToString>(a: T, b: T, width: u8) {
    column_holds(&a, &b, Encoding::Plain);
    column_holds(&a, &b, Encoding::Ordered);
    column_holds(&a, &b, Encoding::Descending);
    let digits = |value: &T| value.to_string().trim_start_matches('-').len();
    let longest = digits(&a).max(digits(&b));
    if longest <= usize::from(width) {
        column_holds(&a, &b, Encoding::Width(width));
    }
    for value in [a, b] {
        let mut written = String::from("before");
        let outcome = value.encode(Encoding::Width(width), &mut written);
        if digits(&value) > usize::from(width) {
            assert!(outcome.is_err());
            assert_eq!(written, "before");
        } else {
            assert_eq!(
                written,
                format!("before{}", text(&value, Encoding::Width(width)))
            );
        }
    }
}

macro_rules! integers {
    ($($type:ident)*) => {
        proptest! {$(
            #[test]
            fn $type(a: $type, b: $type, width in 0u8..42) {
                integers_hold(a, b, width);
                integers_hold(a, a.wrapping_add(1), width);
            }
        )*}
    };
}

integers!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128);

proptest! {
    #[test]
    fn bool(a: bool, b: bool) {
        column_holds(&a, &b, Encoding::Plain);
    }

    #[test]
    fn char(a: char, b: char) {
        column_holds(&a, &b, Encoding::Plain);
    }

    #[test]
    fn string(a in texts(), b in texts()) {
        column_holds(&a, &b, Encoding::Plain);
    }

    #[test]
    fn string_of_any_chars(a: String, b: String) {
        column_holds(&a, &b, Encoding::Plain);
    }
}
