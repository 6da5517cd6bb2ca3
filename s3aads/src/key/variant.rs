//! Newtypes and enums as key columns: what the code of `#[derive(KeyColumn)]` calls.

use super::column::TextError;

/// Values as a newtype's.
#[doc(hidden)]
pub fn wrapped<T, Inner>(values: Vec<Inner>, wrap: fn(Inner) -> T) -> Vec<T> {
    values.into_iter().map(wrap).collect()
}

/// The error of a text that is no variant's.
#[doc(hidden)]
pub fn unknown_variant(text: &str, names: &[&str]) -> TextError {
    TextError::new(format!("{text:?} is none of {}", names.join(", ")))
}

/// The variants from `low` to `high`, both included and in their order, if they are at most
/// `most`.
#[doc(hidden)]
pub fn variants_between<T: Ord, const N: usize>(
    variants: [T; N],
    low: &T,
    high: &T,
    most: usize,
) -> Option<Vec<T>> {
    let mut between: Vec<T> = variants
        .into_iter()
        .filter(|variant| low <= variant && variant <= high)
        .collect();
    between.sort();
    (between.len() <= most).then_some(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_told_in_order() {
        assert_eq!(variants_between([3, 1, 2], &1, &2, 2), Some(vec![1, 2]));
        assert_eq!(variants_between([3, 1, 2], &1, &3, 2), None);
        assert_eq!(variants_between([3, 1, 2], &3, &1, 0), Some(vec![]));
    }
}
