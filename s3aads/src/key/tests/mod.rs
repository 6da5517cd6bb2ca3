//! What holds for the keys of every type: values by the million (`bulk`) and by small examples
//! (`shrinking`), the prefixes of `segments`, whole `paths`, and `hostile` input.

mod bulk;
mod hostile;
mod paths;
mod segments;
mod shrinking;

use std::cmp::Ordering;

use super::column::{Encoding, KeyColumn};
use super::segment::{decode_segment, encode_segment};

/// The text of a value that has one.
pub(crate) fn text<T: KeyColumn>(value: &T, encoding: Encoding) -> String {
    let mut text = String::new();
    value.encode(encoding, &mut text).unwrap();
    text
}

/// The segment of a value, read back as the value on the way.
fn segment<T: KeyColumn>(value: &T, encoding: Encoding) -> String {
    let text = text(value, encoding);
    let segment = encode_segment(&text);
    assert_eq!(decode_segment(&segment).as_deref(), Some(&*text));
    assert_eq!(T::decode(&text, encoding).as_ref(), Ok(value));
    segment.into_owned()
}

/// Checks two values that the encoding can hold: both are read back, other values have other
/// segments, and the segments are in order where the type says so.
#[track_caller]
pub(crate) fn column_holds<T: KeyColumn>(a: &T, b: &T, encoding: Encoding) {
    let (a_segment, b_segment) = (segment(a, encoding), segment(b, encoding));
    pair_holds::<T>(a.cmp(b), &a_segment, &b_segment, encoding);
}

/// How the segments of two values compare, given how the values do.
#[track_caller]
fn pair_holds<T: KeyColumn>(values: Ordering, a: &str, b: &str, encoding: Encoding) {
    if !T::is_ordered(encoding) {
        assert_eq!(values == Ordering::Equal, a == b, "{a} and {b}");
        return;
    }
    let order = match encoding {
        Encoding::Descending => b.cmp(a),
        _ => a.cmp(b),
    };
    assert_eq!(values, order, "{a} and {b}");
    // A listing compares `segment/`, so no segment may be the start of another.
    assert!(a == b || !a.starts_with(b) && !b.starts_with(a), "{a} {b}");
}

/// Checks that no value has one of these texts.
#[track_caller]
pub(crate) fn refuses<T: KeyColumn>(texts: &[&str]) {
    for text in texts {
        let value = T::decode(text, Encoding::Plain);
        assert!(value.is_err(), "{text:?} is read as {value:?}");
    }
}
