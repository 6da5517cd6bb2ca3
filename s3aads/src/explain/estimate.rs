//! How many LIST requests a query sends, as far as that is known before.

use std::fmt;

use crate::scan::UNSPLIT;
use crate::store::PAGE_SIZE;

/// How many LIST requests a query sends: exactly, within bounds, or as a formula of the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListEstimate {
    formula: Formula,
    /// Beyond [`UNSPLIT`] pages, the requests of several workers may be 1.7 times those of one.
    parallel: bool,
    rows: Option<u64>,
    /// What is listed.
    unit: &'static str,
}

/// What the number depends on: `n` rows that match, `N` rows below the prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Formula {
    /// Nothing can match.
    Zero,
    /// One page is all that is needed.
    One,
    /// All rows below the prefix match.
    Pages,
    /// The first rows below the prefix, this many.
    Limited(u64),
    /// The rows that match follow on one another.
    Range,
    /// They lie scattered.
    Scattered,
}

impl ListEstimate {
    pub(super) fn new(formula: Formula, parallel: bool) -> Self {
        Self {
            formula,
            parallel,
            rows: None,
            unit: "rows",
        }
    }

    /// Read page by page.
    pub(super) fn of_one_worker(mut self) -> Self {
        self.parallel = false;
        self
    }

    /// Of packs, and not of rows.
    pub(super) fn of_packs(mut self) -> Self {
        self.unit = "packs";
        self
    }

    pub(super) fn assume(&mut self, objects: u64) {
        self.rows = Some(objects);
    }

    /// Whether all that lie below the prefix match.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.formula, Formula::Pages | Formula::One)
    }

    /// The fewest that may be sent.
    pub fn least(&self) -> u64 {
        match (self.formula, self.rows) {
            (Formula::Zero, _) => 0,
            (Formula::Pages, Some(rows)) => pages(rows),
            (Formula::Limited(limit), Some(rows)) => pages(rows.min(limit)),
            _ => 1,
        }
    }

    /// The most that may be sent; `None` if that depends on rows whose number was not told.
    pub fn most(&self) -> Option<u64> {
        let one = match (self.formula, self.rows) {
            (Formula::Zero, _) => return Some(0),
            (Formula::One, _) => return Some(1),
            (Formula::Limited(limit), rows) => {
                return Some(pages(rows.map_or(limit, |rows| rows.min(limit))));
            }
            (_, rows) => pages(rows?),
        };
        // 1.7 k - 0.7, rounded down.
        let split = one.saturating_mul(17).saturating_sub(7) / 10;
        Some(if self.parallel && one > UNSPLIT as u64 {
            split
        } else {
            one
        })
    }

    /// The number as a formula: `n` are the rows that match, `N` the rows below the prefix; of a packed
    /// table, its packs.
    pub fn formula(&self) -> String {
        match self.formula {
            Formula::Zero => "0".to_owned(),
            Formula::One => "1".to_owned(),
            Formula::Pages => "ceil(n/1000)".to_owned(),
            Formula::Limited(limit) => format!("ceil(min(n, {limit})/1000)"),
            Formula::Range => "at most ceil(n/1000) + 1".to_owned(),
            Formula::Scattered => "at most ceil(N/1000)".to_owned(),
        }
    }
}

fn pages(rows: u64) -> u64 {
    rows.div_ceil(PAGE_SIZE as u64).max(1)
}

impl fmt::Display for ListEstimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (formula, unit) = (self.formula(), self.unit);
        match (self.least(), self.most()) {
            (least, Some(most)) if least == most => write!(f, "{most} LIST")?,
            (least, Some(most)) => write!(f, "{least} to {most} LIST")?,
            (_, None) => write!(f, "{formula} LIST")?,
        }
        match self.rows {
            Some(rows) if !matches!(self.formula, Formula::Zero | Formula::One) => {
                write!(f, " for {rows} {unit} ({formula})")?;
            }
            _ => {}
        }
        match self.formula {
            Formula::Pages | Formula::Limited(_) | Formula::Range => {
                write!(f, ", n {unit} match")
            }
            Formula::Scattered => write!(f, ", N {unit} lie below the prefix"),
            Formula::Zero => f.write_str(", nothing can match"),
            Formula::One => Ok(()),
        }
    }
}
