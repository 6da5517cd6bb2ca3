//! The scan against an exact model of a listing.

mod distinct;
mod faults;
mod split;
mod walk;

use std::ops::Bound;

use proptest::prelude::*;

use super::model::{Bench, Fault, Model};
use super::{OnForeign, Spec};
use crate::plan::Predicate;
use crate::schema::Layout;

fn run<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

fn spec(predicates: Vec<Predicate>) -> Spec {
    Spec {
        predicates,
        concurrency: 1,
        ..Spec::default()
    }
}

fn values<const N: usize>(values: [&str; N]) -> Predicate {
    Predicate::values(values.map(str::to_owned))
}

/// Segments made to be prefixes of one another, with bytes that sort below `/`.
fn segment() -> impl Strategy<Value = String> {
    "[1!. -]{1,3}|[12]{1,2}|%25".prop_filter("not a segment", |s| s != "." && s != "..")
}

fn predicate() -> impl Strategy<Value = Predicate> {
    prop_oneof![
        6 => simple(),
        2 => prop::collection::vec(simple(), 0..4).prop_map(Predicate::any),
        1 => (prop::collection::vec(simple(), 1..4), simple()).prop_map(|(parts, more)| {
            let mut all = Predicate::any(parts);
            all.and(more);
            all
        }),
    ]
}

fn simple() -> impl Strategy<Value = Predicate> {
    let bound = || {
        prop_oneof![
            Just(Bound::Unbounded),
            segment().prop_map(Bound::Included),
            segment().prop_map(Bound::Excluded),
        ]
    };
    prop_oneof![
        2 => Just(Predicate::default()),
        2 => prop::collection::vec(segment(), 1..4).prop_map(Predicate::values),
        1 => segment().prop_map(|only| Predicate::values([only])),
        2 => (bound(), bound()).prop_map(|(low, high)| Predicate::range(low, high)),
        1 => segment().prop_map(|p| {
            let end = crate::plan::successor(&p).unwrap();
            Predicate::range(Bound::Included(p), Bound::Excluded(end))
        }),
        1 => segment().prop_map(|text| Predicate::test(crate::plan::Test {
            meaning: text.clone(),
            accepts: std::sync::Arc::new(move |segment| segment.contains(&*text)),
            advice: None,
        })),
    ]
}

/// A table: its columns, layout, the rows' segments and other objects.
#[derive(Debug, Clone)]
struct Table {
    columns: usize,
    layout: Layout,
    rows: Vec<Vec<String>>,
    others: Vec<String>,
}

fn table() -> impl Strategy<Value = Table> {
    (1usize..4, any::<bool>()).prop_flat_map(|(columns, hive)| {
        let row = prop::collection::vec(segment(), columns);
        let other = prop_oneof![
            segment(),
            Just(String::new()),
            segment().prop_map(|s| format!("{s}/")),
            segment().prop_map(|s| format!("{s}/1/2/3/4/5")),
            segment().prop_map(|s| format!("é{s}")),
        ];
        let layout = if hive { Layout::Hive } else { Layout::Plain };
        (
            prop::collection::vec(row, 0..60),
            prop::collection::vec(other, 0..4),
        )
            .prop_map(move |(rows, others)| Table {
                columns,
                layout,
                rows,
                others,
            })
    })
}

impl Table {
    fn path(&self, row: &[String]) -> String {
        match self.layout {
            Layout::Plain => row.join("/"),
            Layout::Hive => {
                let columns = row.iter().zip(["a", "b", "c", "d"]);
                let folders: String = columns.map(|(s, name)| format!("{name}={s}/")).collect();
                folders + "row.json"
            }
        }
    }

    /// Objects of other programs; some of those of the strategy are rows of some tables.
    fn others(&self) -> impl Iterator<Item = String> {
        let depth = match self.layout {
            Layout::Plain => self.columns,
            Layout::Hive => self.columns + 1,
        };
        self.others
            .iter()
            .filter(move |other| other.split('/').count() != depth || other.starts_with('é'))
            .cloned()
    }

    fn bench(&self, page: usize) -> Bench {
        let rows = self.rows.iter().map(|row| self.path(row));
        let model = Model::new(rows.chain(self.others()), page);
        Bench::new(model, self.columns, self.layout)
    }

    /// The matching paths, by looking at every row.
    fn matching(&self, predicates: &[Predicate]) -> Vec<String> {
        let mut paths: Vec<String> = self
            .rows
            .iter()
            .filter(|row| row.iter().zip(predicates).all(|(s, p)| p.matches(s)))
            .map(|row| self.path(row))
            .collect();
        paths.sort();
        paths.dedup();
        paths
    }

    /// The requests of paging through the bound prefix.
    fn paging(&self, predicates: &[Predicate], page: usize) -> usize {
        let mut prefix = String::new();
        for (i, predicate) in predicates.iter().take(self.columns).enumerate() {
            let Some(value) = predicate.bound_value() else {
                break;
            };
            if self.layout == Layout::Hive {
                prefix += ["a=", "b=", "c=", "d="][i];
            }
            prefix += value;
            if self.layout == Layout::Hive || i + 1 < self.columns {
                prefix += "/";
            }
        }
        let rows = self.rows.iter().map(|row| self.path(row));
        let mut paths: Vec<String> = rows
            .chain(self.others())
            .filter(|path| path.starts_with(&prefix))
            .collect();
        paths.sort();
        paths.dedup();
        paths.len().div_ceil(page).max(1)
    }
}
