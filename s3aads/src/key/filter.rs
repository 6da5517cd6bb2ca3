//! What a key column can be filtered by.

use std::collections::{BTreeSet, HashSet};
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

use super::column::{IntoColumn, KeyColumn};
use super::form::StringForm;

/// A condition on one key column of type `T`; made by [`IntoFilter`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter<T>(pub(crate) FilterKind<T>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FilterKind<T> {
    Values(Vec<T>),
    Range(Bound<T>, Bound<T>),
    StartsWith(String),
    /// One of these at least.
    Any(Vec<FilterKind<T>>),
}

impl<T> Filter<T> {
    fn any(conditions: impl Iterator<Item = FilterKind<T>>) -> Self {
        let (mut values, mut others) = (Vec::new(), Vec::new());
        for condition in conditions {
            match condition {
                FilterKind::Values(more) => values.extend(more),
                other => others.push(other),
            }
        }
        if others.is_empty() {
            return Self(FilterKind::Values(values));
        }
        if !values.is_empty() {
            others.push(FilterKind::Values(values));
        }
        Self(FilterKind::Any(others))
    }

    /// Any of these values; none of them if there are none.
    pub fn values(values: impl IntoIterator<Item = T>) -> Self {
        Self(FilterKind::Values(values.into_iter().collect()))
    }

    /// The values between two bounds.
    pub fn range(low: Bound<T>, high: Bound<T>) -> Self {
        Self(FilterKind::Range(low, high))
    }
}

/// What a `filter_by_<column>` method takes: a value, any range of values, for columns of text
/// [`starts_with`], or a list of these, one of which is to hold: an array, slice, `Vec`, `HashSet`,
/// `BTreeSet`, or by [`any_of`] whatever can be iterated over. Each can be given by reference, and
/// `&str` stands for a `String`.
///
/// ```
/// use std::collections::BTreeSet;
///
/// use s3aads::{Filter, IntoFilter, any_of, starts_with};
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
/// year([1990..=1999, 2010..=2019]);
/// year(&BTreeSet::from([2012, 2016]));
/// year(any_of((2000..2020).step_by(4)));
/// name("Ada");
/// name(["Ada", "Grace"]);
/// name("A".."B");
/// name(starts_with("Ad"));
/// name([starts_with("Ad"), starts_with("Gr")]);
/// ```
#[diagnostic::on_unimplemented(
    message = "a key column of type `{T}` can't be filtered by `{Self}`",
    label = "expected a `{T}`, a range of them, or an array, slice, `Vec` or set of them",
    note = "an iterator is a filter by `any_of(iterator)`"
)]
pub trait IntoFilter<T> {
    /// The filter.
    fn into_filter(self) -> Filter<T>;
}

/// A filter that holds if one of these does: values, ranges, other filters.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # use s3aads::any_of;
/// # #[derive(Debug, Clone, S3Table)]
/// # struct Day { #[s3(key, width = 4)] year: u16, #[s3(key, width = 3)] day: u16 }
/// # let days = db.table::<Day>();
/// # let seen = [Day { year: 2020, day: 7 }];
/// # days.upsert(&seen[0]).await?;
/// let years = any_of(seen.iter().map(|day| day.year));
/// assert_eq!(days.filter_by_year(years).count().await?, 1);
/// # });
/// ```
pub fn any_of<T, F: IntoFilter<T>>(filters: impl IntoIterator<Item = F>) -> Filter<T> {
    Filter::any(filters.into_iter().map(|filter| filter.into_filter().0))
}

/// The prefix that [`starts_with`] asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartsWith(String);

/// Filters a column of `String`, or of a newtype of it, by the start of its values; it is sent to
/// the store as the prefix of the listing if the columns before it are bound.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # use s3aads::starts_with;
/// # #[derive(Debug, S3Table)]
/// # struct Person { #[s3(key)] name: String, age: u8 }
/// let people = db.table::<Person>();
/// people.upsert(&Person { name: "Ada".into(), age: 36 }).await?;
/// people.upsert(&Person { name: "Grace".into(), age: 85 }).await?;
/// let keys = people.filter_by_name(starts_with("A")).keys().await?;
/// assert_eq!(keys.len(), 1);
/// # });
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
impl<T: KeyColumn<Form = StringForm>> IntoFilter<T> for StartsWith {
    fn into_filter(self) -> Filter<T> {
        Filter(FilterKind::StartsWith(self.0))
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn<Form = StringForm>> IntoFilter<T> for &StartsWith {
    fn into_filter(self) -> Filter<T> {
        self.clone().into_filter()
    }
}

/// What stands for one value as it does in a tuple of columns.
macro_rules! values {
    ($($($generic:ident)? [$source:ty] $value:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl $(<$generic: KeyColumn>)? IntoFilter<$value> for $source {
            fn into_filter(self) -> Filter<$value> {
                Filter::values([self.into_column()])
            }
        }
    )*};
}

values! {
    T [&T] T;
    T [&&T] T;
    [&str] String;
    [&&str] String;
}

/// Lists, of whatever is a filter by itself.
macro_rules! lists {
    ($([$($generics:tt)*] $list:ty, $item:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> IntoFilter<T> for $list
        where
            $item: IntoFilter<T>,
        {
            fn into_filter(self) -> Filter<T> {
                any_of(self)
            }
        }
    )*};
}

lists! {
    [T: KeyColumn, F, const N: usize] [F; N], F;
    ['a, T: KeyColumn, F, const N: usize] &'a [F; N], &'a F;
    ['a, T: KeyColumn, F] &'a [F], &'a F;
    [T: KeyColumn, F] Vec<F>, F;
    ['a, T: KeyColumn, F] &'a Vec<F>, &'a F;
    [T: KeyColumn, F] BTreeSet<F>, F;
    ['a, T: KeyColumn, F] &'a BTreeSet<F>, &'a F;
    [T: KeyColumn, F, S] HashSet<F, S>, F;
    ['a, T: KeyColumn, F, S] &'a HashSet<F, S>, &'a F;
}

/// Every kind of range, of what stands for values.
macro_rules! ranges {
    ($($range:ident<$($value:ident)?>, $r:ident => ($low:expr, $high:expr);)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: KeyColumn $(, $value: IntoColumn<T>)?> IntoFilter<T> for $range$(<$value>)? {
            fn into_filter(self) -> Filter<T> {
                let $r = self;
                Filter::range($low, $high)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: KeyColumn $(, $value: IntoColumn<T> + Clone)?> IntoFilter<T> for &$range$(<$value>)? {
            fn into_filter(self) -> Filter<T> {
                let $r = self.clone();
                Filter::range($low, $high)
            }
        }
    )*};
}

fn included<T, V: IntoColumn<T>>(value: V) -> Bound<T> {
    Bound::Included(value.into_column())
}

fn excluded<T, V: IntoColumn<T>>(value: V) -> Bound<T> {
    Bound::Excluded(value.into_column())
}

ranges! {
    Range<V>, r => (included(r.start), excluded(r.end));
    RangeFrom<V>, r => (included(r.start), Bound::Unbounded);
    RangeTo<V>, r => (Bound::Unbounded, excluded(r.end));
    RangeToInclusive<V>, r => (Bound::Unbounded, included(r.end));
    RangeFull<>, _r => (Bound::Unbounded, Bound::Unbounded);
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn, V: IntoColumn<T>> IntoFilter<T> for RangeInclusive<V> {
    fn into_filter(self) -> Filter<T> {
        let (low, high) = self.into_inner();
        Filter::range(included(low), included(high))
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn, V: IntoColumn<T> + Clone> IntoFilter<T> for &RangeInclusive<V> {
    fn into_filter(self) -> Filter<T> {
        self.clone().into_filter()
    }
}

#[diagnostic::do_not_recommend]
impl<T: KeyColumn, V: IntoColumn<T>> IntoFilter<T> for (Bound<V>, Bound<V>) {
    fn into_filter(self) -> Filter<T> {
        Filter::range(self.0.map(V::into_column), self.1.map(V::into_column))
    }
}
