//! From a typed filter to a predicate on segments.

use std::ops::Bound;
use std::sync::Arc;

use super::predicate::{Predicate, Test};
use super::text::successor;
use crate::key::{
    ColumnType, Encoding, Filter, FilterKind, KeyColumn, TextError, decode_text, display,
    encode_start, encode_text,
};
use crate::schema::Layout;

/// Ranges of at most this many values are listed value by value where their texts are not in
/// order.
const MOST_VALUES: usize = 1000;

/// How a column's values become segments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Form {
    pub encoding: Encoding,
    pub layout: Layout,
}

/// The predicate of a filter on a column that is stored so.
///
/// # Errors
///
/// Where a value that is asked for can't be stored.
pub(crate) fn compile<T: KeyColumn>(
    filter: &Filter<T>,
    form: Form,
) -> Result<Predicate, TextError> {
    condition_on(&filter.0, form)
}

fn condition_on<T: KeyColumn>(
    condition: &FilterKind<T>,
    form: Form,
) -> Result<Predicate, TextError> {
    match condition {
        FilterKind::Values(values) => {
            let segments: Result<Vec<String>, TextError> =
                values.iter().map(|value| segment(value, form)).collect();
            Ok(Predicate::values(segments?).shown_as(show_values(values, form.encoding)))
        }
        FilterKind::Range(low, high) => Ok(range(low, high, form)),
        FilterKind::StartsWith(prefix) => Ok(starts_with(prefix, form.layout)),
        FilterKind::Any(conditions) => {
            let parts = conditions
                .iter()
                .map(|condition| condition_on(condition, form));
            Ok(Predicate::any(parts.collect::<Result<Vec<_>, _>>()?))
        }
    }
}

fn segment<T: KeyColumn>(value: &T, form: Form) -> Result<String, TextError> {
    let mut text = String::new();
    value.encode(form.encoding, &mut text)?;
    Ok(encode_text(form.layout, &text)?.into_owned())
}

fn range<T: KeyColumn>(low: &Bound<T>, high: &Bound<T>, form: Form) -> Predicate {
    if is_everything(low, high) {
        return Predicate::default();
    }
    pushed_down(low, high, form)
        .unwrap_or_else(|| Predicate::test(range_test(low.clone(), high.clone(), form)))
        .shown_as(show_range(low, high, form.encoding))
}

fn is_everything<T>(low: &Bound<T>, high: &Bound<T>) -> bool {
    matches!((low, high), (Bound::Unbounded, Bound::Unbounded))
}

/// The range as values or bounds of the listing; none where it has to be tested key by key.
fn pushed_down<T: KeyColumn>(low: &Bound<T>, high: &Bound<T>, form: Form) -> Option<Predicate> {
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
    }
    if T::HAS_OWN_ORDER {
        return None;
    }
    if let Some((first, last)) = ends
        && first == last
    {
        // Variants of an enum may be equal to each other.
        let equal = T::enumerate(first, last, MOST_VALUES).unwrap_or_else(|| vec![first.clone()]);
        // A value that has no text is in no row.
        let texts = equal.iter().filter_map(|value| segment(value, form).ok());
        return Some(Predicate::values(texts));
    }
    if T::is_ordered(form.encoding) {
        let bound = |bound: &Bound<T>| match bound {
            Bound::Unbounded => Some(Bound::Unbounded),
            Bound::Included(value) => segment(value, form).ok().map(Bound::Included),
            Bound::Excluded(value) => segment(value, form).ok().map(Bound::Excluded),
        };
        let (low, high) = (bound(low)?, bound(high)?);
        return Some(match form.encoding {
            Encoding::Descending => Predicate::range(high, low),
            _ => Predicate::range(low, high),
        });
    }
    let (first, last) = ends?;
    let values = T::enumerate(first, last, MOST_VALUES)?;
    let inside = values
        .iter()
        .filter(|value| contains(low, high, value))
        .filter_map(|value| segment(value, form).ok());
    Some(Predicate::values(inside))
}

fn contains<T: Ord>(low: &Bound<T>, high: &Bound<T>, value: &T) -> bool {
    use std::ops::RangeBounds;

    (low.as_ref(), high.as_ref()).contains(value)
}

/// A segment that is no value's passes: it belongs to an object that is no row, and it is for the
/// reader of the key to say so.
fn range_test<T: KeyColumn>(low: Bound<T>, high: Bound<T>, form: Form) -> Test {
    let Form { encoding, layout } = form;
    Test {
        meaning: show_range(&low, &high, encoding),
        accepts: Arc::new(move |segment| {
            decode_text(layout, segment)
                .and_then(|text| T::decode(&text, encoding).ok())
                .is_none_or(|value| contains(&low, &high, &value))
        }),
        advice: Some(if T::HAS_OWN_ORDER {
            "the column's type has an order of its own; if it is that of its field, give it `#[s3(ord)]` and \
                     derive no `Ord`"
                .to_owned()
        } else {
            advice(T::TYPE, encoding)
        }),
    }
}

/// What would make a range of such a column a part of the listing.
fn advice(column_type: ColumnType, encoding: Encoding) -> String {
    let is_in_order = matches!(encoding, Encoding::Ordered | Encoding::Descending);
    match column_type {
        ColumnType::Unsigned(_) | ColumnType::Signed(_) if !is_in_order => format!(
            "store the column `ordered`, or give the range two ends at most {MOST_VALUES} values apart"
        ),
        ColumnType::Ipv4 | ColumnType::Ipv6 | ColumnType::Ip if !is_in_order => {
            "store the column `ordered`".to_owned()
        }
        ColumnType::String => "ask for a prefix with `starts_with`".to_owned(),
        // The others are stored in order, or are of a type that is a key column by its own code.
        _ => "ask for the values one by one".to_owned(),
    }
}

fn starts_with(prefix: &str, layout: Layout) -> Predicate {
    let predicate = match (prefix, layout) {
        ("", _) => return Predicate::default(),
        // The only texts whose segments do not start with the segments of their prefixes are `.`
        // and `..` (`%2E`, `%2E%2E`).
        ("." | "..", Layout::Plain) => {
            let prefix = prefix.to_owned();
            Predicate::test(Test {
                meaning: format!("starts with {prefix:?}"),
                accepts: Arc::new(move |segment| {
                    decode_text(layout, segment).is_none_or(|text| text.starts_with(&*prefix))
                }),
                advice: Some("ask for a longer prefix".to_owned()),
            })
        }
        _ => {
            let low = encode_start(layout, prefix).into_owned();
            let high = successor(&low).map_or(Bound::Unbounded, Bound::Excluded);
            Predicate::range(Bound::Included(low), high)
        }
    };
    predicate.shown_as(format!("starts with {prefix:?}"))
}

fn show<T: KeyColumn>(value: &T, encoding: Encoding) -> String {
    let text = display(
        value,
        match encoding {
            // Nobody reads a complement.
            Encoding::Descending => Encoding::Plain,
            encoding => encoding,
        },
    );
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
