//! Whether a newtype is in the order of its field.

use std::cmp::Ordering;

use super::column::KeyColumn;

/// Whether values are in the order of what they wrap, so that a range of them is one of the stored
/// texts. An own `Ord` can't be seen at compile time: it is tried with values of the field, all of
/// them if these are few, else the least and greatest, small ones, powers and others.
#[doc(hidden)]
pub fn same_order<T: KeyColumn, Inner>(samples: fn() -> Vec<Inner>, wrap: fn(Inner) -> T) -> bool {
    let values = wrapped(samples(), wrap);
    let rises =
        |a: &T, b: &T| a.cmp(b) == Ordering::Less && a.partial_cmp(b) == Some(Ordering::Less);
    // Orders are transitive, so that neighbours tell of all.
    values.len() > 1 && values.is_sorted_by(rises)
}

/// Values as a newtype's.
#[doc(hidden)]
pub fn wrapped<T, Inner>(values: Vec<Inner>, wrap: fn(Inner) -> T) -> Vec<T> {
    values.into_iter().map(wrap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Encoding;

    /// A newtype of `u32` in the order of a key.
    macro_rules! newtype {
        ($name:ident, $key:expr) => {
            #[derive(Debug, Clone, PartialEq, Eq, Hash)]
            struct $name(u32);

            impl $name {
                fn key(&self) -> impl Ord {
                    let key: fn(u32) -> _ = $key;
                    key(self.0)
                }
            }

            impl PartialOrd for $name {
                fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                    Some(self.cmp(other))
                }
            }

            impl Ord for $name {
                fn cmp(&self, other: &Self) -> Ordering {
                    self.key().cmp(&other.key())
                }
            }

            impl KeyColumn for $name {
                type Form = <u32 as KeyColumn>::Form;

                const TYPE: crate::ColumnType = u32::TYPE;

                fn encode(
                    &self,
                    encoding: Encoding,
                    text: &mut String,
                ) -> Result<(), crate::TextError> {
                    self.0.encode(encoding, text)
                }

                fn decode(text: &str, encoding: Encoding) -> Result<Self, crate::TextError> {
                    u32::decode(text, encoding).map(Self)
                }
            }
        };
    }

    newtype!(Same, |n| n);
    newtype!(Newest, std::cmp::Reverse);
    newtype!(Even, |n| (n % 2, n));
    newtype!(LastDigit, |n| (n % 10, n));
    newtype!(HighBits, |n| (n & 0xffff, n));
    newtype!(ZeroIsLatest, |n| n.wrapping_sub(1));
    newtype!(MaxIsFirst, |n| n.wrapping_add(1));
    newtype!(Signed, |n| n.cast_signed());
    newtype!(Distance, |n| (n.abs_diff(1000), n));
    newtype!(Swapped, |n| n.swap_bytes());
    newtype!(FortyTwoIsLast, |n| (n == 42, n));

    #[test]
    fn another_order_is_found_out() {
        assert!(same_order(u32::samples, Same));
        assert!(!same_order(u32::samples, Newest));
        assert!(!same_order(u32::samples, Even));
        assert!(!same_order(u32::samples, LastDigit));
        assert!(!same_order(u32::samples, HighBits));
        assert!(!same_order(u32::samples, ZeroIsLatest));
        assert!(!same_order(u32::samples, MaxIsFirst));
        assert!(!same_order(u32::samples, Signed));
        assert!(!same_order(u32::samples, Distance));
        assert!(!same_order(u32::samples, Swapped));
        assert!(!same_order(u32::samples, FortyTwoIsLast));
    }
}
