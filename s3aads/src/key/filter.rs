//! What a key column can be filtered by.

use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use super::column::KeyColumn;

/// A condition on one key column of type `T`; made by [`IntoFilter`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter<T>(pub(crate) Condition<T>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition<T> {
    Values(Vec<T>),
    Range(Bound<T>, Bound<T>),
    StartsWith(String),
}

impl<T> Filter<T> {
    /// Any of these values; none of them where there are none.
    pub fn values(values: impl IntoIterator<Item = T>) -> Self {
        Self(Condition::Values(values.into_iter().collect()))
    }

    /// The values between two bounds.
    pub fn range(low: Bound<T>, high: Bound<T>) -> Self {
        Self(Condition::Range(low, high))
    }
}

/// What a `filter_by_<column>` method takes: a value, a reference to one, any range of values, or
/// an array, slice or `Vec` of values, any of which may be the row's; for `String` columns also
/// `&str` wherever a value is asked for, and [`starts_with`].
///
/// ```
/// use s3aads::{Filter, IntoFilter, starts_with};
///
/// fn year(filter: impl IntoFilter<u16>) -> Filter<u16> {
///     filter.into_filter()
/// }
/// fn name(filter: impl IntoFilter<String>) -> Filter<String> {
///     filter.into_filter()
/// }
/// year(2020);
/// year(2019..=2021);
/// year(..2000);
/// year([2012, 2016]);
/// year(vec![2012, 2016]);
/// name("Ada");
/// name(["Ada", "Grace"]);
/// name("A".."B");
/// name(starts_with("Ad"));
/// ```
#[diagnostic::on_unimplemented(
    message = "a key column of type `{T}` can't be filtered by `{Self}`",
    label = "expected a `{T}`, a range of them, or an array, slice or `Vec` of them"
)]
pub trait IntoFilter<T> {
    /// The filter.
    fn into_filter(self) -> Filter<T>;
}

/// The prefix that [`starts_with`] asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartsWith(String);

/// Filters a `String` column by the start of its values; it is sent to the store as the prefix
/// of the listing where the columns before it are bound.
///
/// ```
/// # use s3aads::{Database, S3Table, starts_with};
/// # #[derive(Debug, S3Table)]
/// # struct Person { #[s3(key)] name: String, age: u8 }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> s3aads::Result<()> {
/// let db = Database::open("memory:///starts-with")?;
/// db.create().await?;
/// let people = db.table::<Person>();
/// people.upsert(&Person { name: "Ada".into(), age: 36 }).await?;
/// people.upsert(&Person { name: "Grace".into(), age: 85 }).await?;
/// let keys = people.filter_by_name(starts_with("A")).keys().await?;
/// assert_eq!(keys.len(), 1);
/// # Ok(())
/// # }
/// ```
pub fn starts_with(prefix: impl Into<String>) -> StartsWith {
    StartsWith(prefix.into())
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for Filter<T> {
    fn into_filter(self) -> Filter<T> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for T {
    fn into_filter(self) -> Filter<T> {
        Filter::values([self])
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for &T {
    fn into_filter(self) -> Filter<T> {
        Filter::values([self.clone()])
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn, const N: usize> IntoFilter<T> for [T; N] {
    fn into_filter(self) -> Filter<T> {
        Filter::values(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn, const N: usize> IntoFilter<T> for &[T; N] {
    fn into_filter(self) -> Filter<T> {
        Filter::values(self.iter().cloned())
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for &[T] {
    fn into_filter(self) -> Filter<T> {
        Filter::values(self.iter().cloned())
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for Vec<T> {
    fn into_filter(self) -> Filter<T> {
        Filter::values(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for &Vec<T> {
    fn into_filter(self) -> Filter<T> {
        Filter::values(self.iter().cloned())
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for RangeFull {
    fn into_filter(self) -> Filter<T> {
        Filter::range(Bound::Unbounded, Bound::Unbounded)
    }
}

#[diagnostic::do_not_recommend]
impl IntoFilter<String> for StartsWith {
    fn into_filter(self) -> Filter<String> {
        Filter(Condition::StartsWith(self.0))
    }
}

#[diagnostic::do_not_recommend]
impl IntoFilter<String> for &str {
    fn into_filter(self) -> Filter<String> {
        Filter::values([self.to_owned()])
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> IntoFilter<String> for [&str; N] {
    fn into_filter(self) -> Filter<String> {
        Filter::values(self.map(str::to_owned))
    }
}

#[diagnostic::do_not_recommend]
impl IntoFilter<String> for &[&str] {
    fn into_filter(self) -> Filter<String> {
        Filter::values(self.iter().map(|&value| value.to_owned()))
    }
}

#[diagnostic::do_not_recommend]
impl IntoFilter<String> for Vec<&str> {
    fn into_filter(self) -> Filter<String> {
        Filter::values(self.into_iter().map(str::to_owned))
    }
}

/// Every kind of range, of values and, for `String`, of `&str`.
macro_rules! ranges {
    ($($range:ident, $value:ident => ($low:expr, $high:expr);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: KeyColumn> IntoFilter<T> for $range<T> {
            fn into_filter(self) -> Filter<T> {
                let $value = self;
                Filter::range($low, $high)
            }
        }

        #[diagnostic::do_not_recommend]
        impl IntoFilter<String> for $range<&str> {
            fn into_filter(self) -> Filter<String> {
                let $value = self;
                Filter::range($low.map(str::to_owned), $high.map(str::to_owned))
            }
        }
    )*};
}

ranges! {
    Range, r => (Bound::Included(r.start), Bound::Excluded(r.end));
    RangeFrom, r => (Bound::Included(r.start), Bound::Unbounded);
    RangeTo, r => (Bound::Unbounded, Bound::Excluded(r.end));
    RangeToInclusive, r => (Bound::Unbounded, Bound::Included(r.end));
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for RangeInclusive<T> {
    fn into_filter(self) -> Filter<T> {
        let (low, high) = self.into_inner();
        Filter::range(Bound::Included(low), Bound::Included(high))
    }
}

#[diagnostic::do_not_recommend]
impl IntoFilter<String> for RangeInclusive<&str> {
    fn into_filter(self) -> Filter<String> {
        let (low, high) = self.into_inner();
        Filter::range(
            Bound::Included(low.to_owned()),
            Bound::Included(high.to_owned()),
        )
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn> IntoFilter<T> for (Bound<T>, Bound<T>) {
    fn into_filter(self) -> Filter<T> {
        Filter::range(self.0, self.1)
    }
}
