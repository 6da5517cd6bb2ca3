//! Filters: how they are asked for, and which rows they are for.

use std::ops::Bound;

use proptest::prelude::*;
use proptest::sample::select;
use s3aads::{Filter, starts_with};

use super::rows::{LARGEST_NUMBER, NAMES, RowKey, RowQuery};

/// A filter on one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Of<T> {
    Values(Vec<T>),
    Range(Bound<T>, Bound<T>),
    /// For names only.
    StartsWith(String),
}

impl<T: PartialOrd + ToString> Of<T> {
    fn allows(&self, value: &T) -> bool {
        match self {
            Self::Values(values) => values.contains(value),
            Self::Range(low, high) => {
                let above = match low {
                    Bound::Included(low) => value >= low,
                    Bound::Excluded(low) => value > low,
                    Bound::Unbounded => true,
                };
                let below = match high {
                    Bound::Included(high) => value <= high,
                    Bound::Excluded(high) => value < high,
                    Bound::Unbounded => true,
                };
                above && below
            }
            Self::StartsWith(prefix) => value.to_string().starts_with(prefix),
        }
    }
}

impl<T: Clone> Of<T> {
    fn asked(&self) -> Filter<T> {
        match self {
            Self::Values(values) => Filter::values(values.iter().cloned()),
            Self::Range(low, high) => Filter::range(low.clone(), high.clone()),
            Self::StartsWith(_) => unreachable!("only names start with something"),
        }
    }
}

/// Filters on all columns, which all hold; several on one narrow it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filters {
    pub(crate) name: Vec<Of<String>>,
    pub(crate) number: Vec<Of<u16>>,
    pub(crate) rank: Vec<Of<i16>>,
    pub(crate) age: Vec<Of<i8>>,
    pub(crate) plain: Vec<Of<u32>>,
}

impl Filters {
    pub(crate) fn allow(&self, key: &RowKey) -> bool {
        self.name.iter().all(|filter| filter.allows(&key.name))
            && self.number.iter().all(|filter| filter.allows(&key.number))
            && self.rank.iter().all(|filter| filter.allows(&key.rank))
            && self.age.iter().all(|filter| filter.allows(&key.age))
            && self.plain.iter().all(|filter| filter.allows(&key.plain))
    }

    /// Whether a filter asks for a value that its column can't store.
    #[allow(
        clippy::absurd_extreme_comparisons,
        reason = "a table whose column has no width stores every number"
    )]
    pub(crate) fn impossible(&self) -> bool {
        self.number.iter().any(|filter| match filter {
            Of::Values(values) => values.iter().any(|value| *value > LARGEST_NUMBER),
            _ => false,
        })
    }

    pub(crate) fn ask(&self, mut query: RowQuery) -> RowQuery {
        for filter in &self.name {
            query = match filter {
                Of::StartsWith(prefix) => query.filter_by_name(starts_with(prefix)),
                filter => query.filter_by_name(filter.asked()),
            };
        }
        for filter in &self.number {
            query = query.filter_by_number(filter.asked());
        }
        for filter in &self.rank {
            query = query.filter_by_rank(filter.asked());
        }
        for filter in &self.age {
            query = query.filter_by_age(filter.asked());
        }
        for filter in &self.plain {
            query = query.filter_by_plain(filter.asked());
        }
        query
    }
}

pub(crate) fn name() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        60 => select(&NAMES[..]).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => Just("long ".repeat(60)),
    ]
}

pub(crate) fn number() -> impl Strategy<Value = u16> + Clone {
    select(&[0, 1, 2, 9, 10, 11, 99, 100, 998, 999][..])
}

pub(crate) fn rank() -> impl Strategy<Value = i16> + Clone {
    select(&[i16::MIN, -100, -10, -9, -1, 0, 1, 9, 10, i16::MAX][..])
}

pub(crate) fn age() -> impl Strategy<Value = i8> + Clone {
    select(&[i8::MIN, -100, -10, -2, -1, 0, 1, 9, i8::MAX][..])
}

pub(crate) fn plain() -> impl Strategy<Value = u32> + Clone {
    select(&[0, 1, 2, 9, 10, 11, 100, u32::MAX][..])
}

fn of<T: std::fmt::Debug + Clone + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> BoxedStrategy<Of<T>> {
    let bound = prop_oneof![
        value.clone().prop_map(Bound::Included),
        value.clone().prop_map(Bound::Excluded),
        Just(Bound::Unbounded),
    ];
    prop_oneof![
        value.clone().prop_map(|value| Of::Values(vec![value])),
        prop::collection::vec(value, 0..4).prop_map(Of::Values),
        (bound.clone(), bound).prop_map(|(low, high)| Of::Range(low, high)),
    ]
    .boxed()
}

/// No filter more often than one, and one more often than two.
fn few<T: std::fmt::Debug + Clone + 'static>(
    filter: BoxedStrategy<Of<T>>,
) -> BoxedStrategy<Vec<Of<T>>> {
    prop_oneof![
        8 => Just(Vec::new()),
        6 => prop::collection::vec(filter.clone(), 1),
        1 => prop::collection::vec(filter, 2),
    ]
    .boxed()
}

/// Filters of all kinds; one in a few hundred asks for what can't be stored.
pub(crate) fn filters() -> BoxedStrategy<Filters> {
    let prefix = prop_oneof![
        name(),
        Just("a".to_owned()),
        Just("%".to_owned()),
        Just(String::new())
    ];
    let name = prop_oneof![3 => of(name()), 1 => prefix.prop_map(Of::StartsWith)].boxed();
    let number = prop_oneof![40 => of(number()), 1 => Just(Of::Values(vec![1, 1000]))].boxed();
    let numbers = (
        few(number),
        few(of(rank())),
        few(of(age())),
        few(of(plain())),
    );
    (few(name), numbers)
        .prop_map(|(name, (number, rank, age, plain))| Filters {
            name,
            number,
            rank,
            age,
            plain,
        })
        .boxed()
}
