//! From a typed filter to a predicate on segments.

use std::ops::Bound;
use std::sync::Arc;

use super::predicate::{Predicate, Test};
use super::text::successor;
use crate::key::{
    ColumnType, Condition, Encoding, Filter, KeyColumn, TextError, decode_segment, display,
    encode_segment,
};

/// Ranges of at most this many values are listed value by value where their texts are not in
/// order.
const MOST_VALUES: usize = 1000;

/// The predicate of a filter on a column with this encoding.
///
/// # Errors
///
/// Where a value that is asked for has no text in the encoding.
pub(crate) fn compile<T: KeyColumn>(
    filter: &Filter<T>,
    encoding: Encoding,
) -> Result<Predicate, TextError> {
    match &filter.0 {
        Condition::Values(values) => {
            let segments: Result<Vec<String>, TextError> = values
                .iter()
                .map(|value| segment(value, encoding))
                .collect();
            Ok(Predicate::values(segments?).shown_as(show_values(values, encoding)))
        }
        Condition::Range(low, high) => Ok(range(low, high, encoding)),
        Condition::StartsWith(prefix) => Ok(starts_with(prefix)),
    }
}

fn segment<T: KeyColumn>(value: &T, encoding: Encoding) -> Result<String, TextError> {
    let mut text = String::new();
    value.encode(encoding, &mut text)?;
    Ok(encode_segment(&text).into_owned())
}

fn range<T: KeyColumn>(low: &Bound<T>, high: &Bound<T>, encoding: Encoding) -> Predicate {
    if is_everything(low, high) {
        return Predicate::default();
    }
    pushed_down(low, high, encoding)
        .unwrap_or_else(|| Predicate::test(range_test(low.clone(), high.clone(), encoding)))
        .shown_as(show_range(low, high, encoding))
}

fn is_everything<T>(low: &Bound<T>, high: &Bound<T>) -> bool {
    matches!((low, high), (Bound::Unbounded, Bound::Unbounded))
}

/// The range as values or bounds of the listing; none where it has to be tested key by key.
fn pushed_down<T: KeyColumn>(
    low: &Bound<T>,
    high: &Bound<T>,
    encoding: Encoding,
) -> Option<Predicate> {
    let ends = match (low, high) {
        (
            Bound::Included(low) | Bound::Excluded(low),
            Bound::Included(high) | Bound::Excluded(high),
        ) => Some((low, high)),
        _ => None,
    };
    if let Some((first, last)) = ends {
        let closed = matches!((low, high), (Bound::Included(_), Bound::Included(_)));
        if first > last || (first == last && !closed) {
            return Some(Predicate::values([]));
        }
        if first == last {
            // A value that has no text is in no row.
            return Some(Predicate::values(segment(first, encoding).ok()));
        }
    }
    if T::is_ordered(encoding) {
        let bound = |bound: &Bound<T>| match bound {
            Bound::Unbounded => Some(Bound::Unbounded),
            Bound::Included(value) => segment(value, encoding).ok().map(Bound::Included),
            Bound::Excluded(value) => segment(value, encoding).ok().map(Bound::Excluded),
        };
        return Some(Predicate::range(bound(low)?, bound(high)?));
    }
    let (first, last) = ends?;
    let values = T::enumerate(first, last, MOST_VALUES)?;
    let inside = values
        .iter()
        .filter(|value| contains(low, high, value))
        .filter_map(|value| segment(value, encoding).ok());
    Some(Predicate::values(inside))
}

fn contains<T: Ord>(low: &Bound<T>, high: &Bound<T>, value: &T) -> bool {
    use std::ops::RangeBounds;

    (low.as_ref(), high.as_ref()).contains(value)
}

/// A segment that is no value's passes: it belongs to an object that is no row, and it is for the
/// reader of the key to say so.
fn range_test<T: KeyColumn>(low: Bound<T>, high: Bound<T>, encoding: Encoding) -> Test {
    Test {
        accepts: Arc::new(move |segment| {
            decode_segment(segment)
                .and_then(|text| T::decode(&text, encoding).ok())
                .is_none_or(|value| contains(&low, &high, &value))
        }),
        advice: Some(match T::TYPE {
            ColumnType::Unsigned(_) | ColumnType::Signed(_) if encoding != Encoding::Ordered => {
                format!(
                    "store the column `ordered`, or give the range two ends at most {MOST_VALUES} values apart"
                )
            }
            ColumnType::String => "ask for a prefix with `starts_with`".to_owned(),
            _ => "ask for the values one by one".to_owned(),
        }),
    }
}

fn starts_with(prefix: &str) -> Predicate {
    let predicate = match prefix {
        "" => return Predicate::default(),
        // The only texts whose segments do not start with the segments of their prefixes are `.`
        // and `..` (`%2E`, `%2E%2E`).
        "." | ".." => {
            let prefix = prefix.to_owned();
            Predicate::test(Test {
                accepts: Arc::new(move |segment| {
                    decode_segment(segment).is_none_or(|text| text.starts_with(&*prefix))
                }),
                advice: Some("ask for a longer prefix".to_owned()),
            })
        }
        _ => {
            let low = encode_segment(prefix).into_owned();
            let high = successor(&low).map_or(Bound::Unbounded, Bound::Excluded);
            Predicate::range(Bound::Included(low), high)
        }
    };
    predicate.shown_as(format!("starts with {prefix:?}"))
}

fn show<T: KeyColumn>(value: &T, encoding: Encoding) -> String {
    let text = display(value, encoding);
    match T::TYPE {
        ColumnType::String | ColumnType::Char => format!("{text:?}"),
        _ => text,
    }
}

fn show_values<T: KeyColumn>(values: &[T], encoding: Encoding) -> String {
    /// More than these are counted.
    const SHOWN: usize = 5;

    if let [only] = values {
        return format!("= {}", show(only, encoding));
    }
    let mut shown: Vec<String> = values
        .iter()
        .take(SHOWN)
        .map(|value| show(value, encoding))
        .collect();
    if let Some(more) = values.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        shown.push(format!("{more} more"));
    }
    format!("in [{}]", shown.join(", "))
}

fn show_range<T: KeyColumn>(low: &Bound<T>, high: &Bound<T>, encoding: Encoding) -> String {
    let show = |value: &T| show(value, encoding);
    let low = match low {
        Bound::Unbounded => String::new(),
        Bound::Included(low) => show(low),
        Bound::Excluded(low) => format!("above {} ", show(low)),
    };
    match high {
        Bound::Unbounded => format!("{low}.."),
        Bound::Included(high) => format!("{low}..={}", show(high)),
        Bound::Excluded(high) => format!("{low}..{}", show(high)),
    }
}
