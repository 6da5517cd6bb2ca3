//! What a query of a packed table reads.

use super::estimate::Formula;
use super::{ColumnPlan, Explain, ListEstimate, Pushdown};
use crate::plan::Predicate;
use crate::scan::Scan;

/// How many GET requests a query of a packed table sends: one for each pack that it reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackEstimate {
    /// How many packs are asked for by name.
    named: Option<u64>,
    /// Whether reading stops at a number of rows.
    limited: bool,
    at_once: usize,
    /// The packs that can match, if that is assumed, and whether all of them do.
    assumed: Option<(u64, bool)>,
}

impl PackEstimate {
    /// The number that are sent at least.
    pub fn least(&self) -> u64 {
        match (self.named, self.assumed) {
            (Some(named), _) if self.limited => named.min(1),
            (Some(named), _) => named,
            (None, Some((packs, true))) if self.limited => packs.min(1),
            (None, Some((packs, true))) => packs,
            _ => 0,
        }
    }

    /// The number that are sent at most, if it does not depend on packs that were not told.
    pub fn most(&self) -> Option<u64> {
        self.named.or(self.assumed.map(|(packs, _)| packs))
    }

    /// What is listed and read.
    pub(super) fn lines(&self, lists: &ListEstimate) -> Vec<String> {
        let at_once = match self.at_once {
            1 => String::new(),
            most => format!(", up to {most} at once"),
        };
        let number = match (self.least(), self.most()) {
            (least, Some(most)) if least == most => format!("{most} GET"),
            (least, Some(most)) => format!("{least} to {most} GET"),
            (_, None) if self.limited => "at most n GET".to_owned(),
            (_, None) => "n GET".to_owned(),
        };
        match self.named {
            Some(0) => vec![lists.to_string()],
            Some(1) => vec![format!("{number}, of the pack that the filters name")],
            Some(_) => vec![format!("{number}, of the packs that the filters name")],
            None if self.limited => vec![
                lists.to_string(),
                format!("{number}, until there are rows enough"),
            ],
            None => vec![
                lists.to_string(),
                format!("{number}, one for each pack that matches{at_once}"),
            ],
        }
    }
}

/// How the lines of a packed table are read.
pub(crate) struct Lines<'a> {
    /// What is asked of the packed columns, each by its place among them.
    pub predicates: &'a [(usize, Predicate)],
    /// How many packs are asked for by name, so that nothing is listed.
    pub named: Option<usize>,
    /// Whether a number of rows is asked for.
    pub limited: bool,
    /// How many packs are read at once.
    pub at_once: usize,
}

impl Explain {
    /// The plan of a query that reads packs, which a scan lists.
    pub(crate) fn packs<K>(scan: &Scan<K>, lines: Lines<'_>) -> Self {
        let mut plan = Self::new(scan);
        if lines.named.is_some() {
            plan.columns
                .iter_mut()
                .filter(|column| column.pushdown != Pushdown::Prefix)
                .for_each(|column| (column.pushdown, column.advice) = (Pushdown::Named, None));
            (plan.from, plan.until) = (None, None);
        }
        let schema = &scan.source().schema;
        let packed = lines.predicates.iter().filter_map(|(place, predicate)| {
            let column = schema.packed_columns().get(*place)?;
            Some(ColumnPlan {
                name: column.name().to_owned(),
                conditions: predicate.shown().to_vec(),
                pushdown: Pushdown::Lines,
                advice: None,
            })
        });
        plan.columns.extend(packed);
        plan.workers = 1;
        plan.lists = match lines.named {
            Some(_) => ListEstimate::new(Formula::Zero, false),
            None => plan.lists.of_one_worker(),
        };
        plan.lists = plan.lists.of_packs();
        plan.packs = Some(PackEstimate {
            named: lines.named.map(|named| named as u64),
            limited: lines.limited,
            at_once: lines.at_once,
            assumed: None,
        });
        plan
    }

    /// How many GET requests finding the rows takes; none for a table whose rows are objects of their
    /// own, which a listing tells.
    pub fn gets(&self) -> Option<&PackEstimate> {
        self.packs.as_ref()
    }

    /// The same plan with numbers for a packed table of so many packs below the
    /// [`prefix`](Self::prefix).
    #[must_use]
    pub fn assume_packs(mut self, packs: u64) -> Self {
        let whole = self.lists.is_whole();
        if let Some(estimate) = &mut self.packs {
            estimate.assumed = Some((packs, whole));
            self.lists.assume(packs);
        }
        self
    }
}
