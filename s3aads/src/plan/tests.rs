//! Filters as predicates.

#![allow(
    clippy::reversed_empty_ranges,
    reason = "filters by them are what is tested"
)]

use super::*;
use crate::key::{Encoding, Filter, IntoFilter, KeyColumn, starts_with};
use crate::schema::Layout;

fn predicate<T: KeyColumn>(filter: impl IntoFilter<T>, encoding: Encoding) -> Predicate {
    compile(&filter.into_filter(), plain(encoding)).unwrap()
}

fn plain(encoding: Encoding) -> Form {
    Form {
        encoding,
        layout: Layout::Plain,
    }
}

#[test]
fn filters_become_values_bounds_or_tests() {
    let padded = Encoding::Width(2);
    assert_eq!(predicate::<u8>(7, padded).bound_value(), Some("07"));
    assert!(compile::<u8>(&Filter::values([123]), plain(padded)).is_err());

    let months = predicate::<u8>(3..=5, padded);
    assert_eq!(
        (months.floor(), months.ceiling()),
        ("03".into(), Some("050".into()))
    );
    assert!(months.matches("04") && !months.matches("06"));

    // In plain decimal 9 sorts after 10: a short range is its values.
    let years = predicate::<u16>(9..12, Encoding::Plain);
    assert_eq!(
        years.enumerated().unwrap().collect::<Vec<_>>(),
        ["10", "11", "9"]
    );
    let open = predicate::<u16>(9.., Encoding::Plain);
    assert!(open.matches("10") && !open.matches("8"));
    assert!(
        open.matches("nine"),
        "it is for the reader of the key to refuse"
    );
    assert!(
        open.tests()
            .next()
            .unwrap()
            .advice
            .as_deref()
            .unwrap()
            .contains("ordered")
    );

    let below_zero = predicate::<i8>(-5..0, Encoding::Ordered);
    assert!(below_zero.matches("-998") && !below_zero.matches("000"));
    // The greatest first: a range's ends change places.
    let newest = predicate::<u8>(250.., Encoding::Descending);
    assert!(newest.matches("000") && newest.matches("005") && !newest.matches("006"));
    assert_eq!(newest.ceiling().as_deref(), Some("0050"));
    let some = predicate::<i8>(-1..1, Encoding::Descending);
    assert!(some.matches("000") && some.matches("-999") && !some.matches("-998"));
    assert_eq!(some.shown(), ["-1..1"]);
    assert!(predicate::<u8>(9..3, Encoding::Plain).is_impossible());
    assert!(predicate::<u8>(3..3, Encoding::Ordered).is_impossible());
    assert!(predicate::<u8>(.., Encoding::Plain).is_all());
    // A bound that has no text bounds nothing that has one.
    let wide = predicate::<u8>(..=200, padded);
    assert!(wide.matches("99"));
}

#[test]
fn string_prefixes_are_prefixes_of_segments() {
    let start = |prefix: &str, layout| {
        let encoding = Encoding::Plain;
        let filter: Filter<String> = starts_with(prefix).into_filter();
        compile(&filter, Form { encoding, layout }).unwrap()
    };
    let texts = [
        "", ".", "..", "...", ".a", "a", "a/b", "ab", "é", "éa", "%", "\\", "\\N", "\\Na",
    ];
    for layout in [Layout::Plain, Layout::Hive] {
        for prefix in texts {
            let predicate = start(prefix, layout);
            for text in texts {
                let Ok(segment) = crate::key::encode_text(layout, text) else {
                    continue;
                };
                let expected = text.starts_with(prefix);
                assert_eq!(predicate.matches(&segment), expected, "{text:?} {prefix:?}");
            }
        }
        assert_eq!(start("Ad", layout).floor(), "Ad");
        assert_eq!(start("Ad", layout).ceiling().as_deref(), Some("Ae"));
    }
}
