//! What a query will read, told before it does.

mod analysis;
mod estimate;
mod packs;
mod reads;

#[cfg(test)]
mod tests;

use std::fmt;

pub use analysis::Analysis;
use estimate::Formula;
pub use estimate::ListEstimate;
pub(crate) use packs::Lines;
pub use packs::PackEstimate;
use reads::ReadPlan;
pub(crate) use reads::Reads;

use crate::plan::{KeySpace, Predicate};
use crate::scan::{Scan, Spec, UNSPLIT};
use crate::store::{PAGE_SIZE, Pricing, RequestClass, dollars};

/// How a query reads its table's listing, and what that costs; nothing was sent to find out.
///
/// It prints as a small tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Explain {
    database: String,
    table: String,
    prefix: String,
    from: Option<String>,
    until: Option<String>,
    seeks: bool,
    workers: usize,
    columns: Vec<ColumnPlan>,
    lists: ListEstimate,
    packs: Option<PackEstimate>,
    reads: Option<ReadPlan>,
}

/// What becomes of the filters on one key column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnPlan {
    name: String,
    conditions: Vec<String>,
    pushdown: Pushdown,
    advice: Option<String>,
}

/// How far a filter keeps rows from being listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pushdown {
    /// It is part of the listing's prefix: no other row is listed.
    Prefix,
    /// It is where the listing starts and ends: at most a page beyond it is listed.
    Bounds,
    /// Pages that hold no row it allows are skipped.
    Seeks,
    /// Every key below the prefix is listed and tested.
    Tested,
    /// It is part of the names of the packs that are read, and nothing is listed.
    Named,
    /// Every line of the packs that are read is tested: the column is packed.
    Lines,
    /// Every row that is listed is read and tested: it is a field of the body.
    Rows,
}

impl fmt::Display for Pushdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Prefix => "pushed down as prefix",
            Self::Bounds => "pushed down as bounds",
            Self::Seeks => "skipped to by seeks",
            Self::Tested => "tested key by key",
            Self::Named => "pushed down as names of packs",
            Self::Lines => "tested line by line",
            Self::Rows => "tested row by row",
        })
    }
}

impl ColumnPlan {
    /// The column's stored name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The conditions, each of which must hold, as people read them: `2019..=2021`.
    pub fn conditions(&self) -> &[String] {
        &self.conditions
    }

    /// How far they are pushed down.
    pub fn pushdown(&self) -> Pushdown {
        self.pushdown
    }

    /// What would push them further down, if anything would.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }
}

impl Explain {
    pub(crate) fn new<K>(scan: &Scan<K>) -> Self {
        let (source, spec, space) = (scan.source(), scan.spec(), scan.space());
        let schema = &source.schema;
        let seeks = source.backend.features().seeks;
        let full = |path: String| format!("{}{path}", source.root);
        let bound = space.bound_columns();
        let columns: Vec<ColumnPlan> = schema
            .columns()
            .iter()
            .zip(&spec.predicates)
            .enumerate()
            .filter(|(_, (_, predicate))| !predicate.is_all())
            .map(|(depth, (column, predicate))| {
                let pushdown = pushdown(predicate, depth, bound, seeks);
                ColumnPlan {
                    name: column.name().to_owned(),
                    conditions: predicate.shown().to_vec(),
                    pushdown,
                    advice: advice(predicate, pushdown),
                }
            })
            .collect();
        let prefix = space.prefix();
        let start = space.seek("");
        let skips = columns.iter().any(|c| c.pushdown == Pushdown::Seeks);
        let parallel = seeks && spec.limit.is_none() && spec.concurrency > 1;
        let formula = formula(space, &columns, spec);
        Self {
            database: source.database.clone(),
            table: schema.table().to_owned(),
            from: match &spec.after {
                Some(after) => Some(full(after.clone())),
                None => start.filter(|start| *start > prefix).map(full),
            },
            until: space.end().map(full),
            prefix: full(prefix),
            seeks: seeks && skips,
            workers: match formula {
                Formula::Zero | Formula::One => 1,
                _ if parallel => spec.concurrency,
                _ => 1,
            },
            columns,
            lists: ListEstimate::new(formula, parallel),
            packs: None,
            reads: None,
        }
    }

    /// The database's name.
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The table's name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// What all keys that are listed start with, as stored.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where below the prefix the listing starts, unless at its first key.
    pub fn from(&self) -> Option<&str> {
        self.from.as_deref()
    }

    /// Where below the prefix it ends, unless at its last key.
    pub fn until(&self) -> Option<&str> {
        self.until.as_deref()
    }

    /// Whether pages that can't hold a match are skipped.
    pub fn seeks(&self) -> bool {
        self.seeks
    }

    /// How many LIST requests may be under way at once.
    pub fn workers(&self) -> usize {
        self.workers
    }

    /// The filtered columns, in key order.
    pub fn columns(&self) -> &[ColumnPlan] {
        &self.columns
    }

    /// How many LIST requests the query sends.
    pub fn lists(&self) -> &ListEstimate {
        &self.lists
    }

    /// The same plan with numbers for a table of so many rows below the [`prefix`](Self::prefix). What
    /// a packed table costs depends on its packs, which [`assume_packs`](Self::assume_packs) tells.
    #[must_use]
    pub fn assume_rows(mut self, rows: u64) -> Self {
        if self.packs.is_none() {
            self.lists.assume(rows);
        }
        if let Some(reads) = &mut self.reads {
            reads.assumed = Some(rows);
        }
        self
    }

    /// What listing the keys costs. [`rows`](crate::Query::rows) and
    /// [`stream`](crate::Query::stream) add a GET for each row, [`delete`](crate::Query::delete) a
    /// POST for each 1,000 of them. Of a packed table, what finding and reading the rows costs.
    pub fn price(&self, pricing: &Pricing) -> Price {
        let list = pricing.request(RequestClass::List);
        let get = pricing.request(RequestClass::Get);
        let (least, most) = match &self.packs {
            None if self.reads_rows() => (0, self.reads.as_ref().and_then(|reads| reads.assumed)),
            None => (0, Some(0)),
            Some(packs) => (packs.least(), packs.most()),
        };
        let lists = self.lists.most().zip(most);
        Price {
            least: self.lists.least() as f64 * list + least as f64 * get,
            most: lists.map(|(lists, gets)| lists as f64 * list + gets as f64 * get),
        }
    }

    /// The lines of the tree below its head.
    fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("prefix {:?}", self.prefix)];
        if self.is_nothing() {
            lines.clear();
        } else if self.from.is_some() || self.until.is_some() {
            let from = self.from.as_ref().map(|from| format!("from {from:?}"));
            let until = self.until.as_ref().map(|until| format!("below {until:?}"));
            let bounds: Vec<String> = from.into_iter().chain(until).collect();
            lines.push(bounds.join(" "));
        }
        for column in &self.columns {
            let conditions = column.conditions.join(" and ");
            let advice = column.advice.as_ref();
            let advice = advice.map_or(String::new(), |advice| format!("; {advice}"));
            lines.push(format!(
                "{} {conditions}: {}{advice}",
                column.name, column.pushdown
            ));
        }
        match &self.packs {
            None if self.reads.is_some() => lines.extend(self.read_lines()),
            None => lines.push(self.lists.to_string()),
            Some(packs) => lines.extend(packs.lines(&self.lists)),
        }
        if self.workers > 1 {
            lines.push(format!(
                "beyond {UNSPLIT} pages up to {} at once, then at most 1.7 times as many",
                self.workers
            ));
        }
        let pricing = Pricing::default();
        let price = match self.price(&pricing) {
            price if price.most.is_some() => price.to_string(),
            _ => format!("{} per 1000 LIST", dollars(pricing.list_per_1000)),
        };
        let rows = dollars(pricing.get_per_1000);
        lines.push(match &self.packs {
            _ if self.is_nothing() => price,
            None if self.reads_rows() => format!("{price}, and {rows} per 1000 rows that are read"),
            None => format!("{price}, and {rows} per 1000 rows if they are read"),
            Some(packs) if packs.most().is_some() => price,
            Some(_) => format!("{price} and {rows} per 1000 GET"),
        });
        lines
    }

    /// Whether nothing can match, so that nothing is sent.
    fn is_nothing(&self) -> bool {
        let gets = self.packs.as_ref().map_or(Some(0), PackEstimate::most);
        self.lists.most() == Some(0) && gets == Some(0)
    }

    fn head(&self) -> String {
        let verb = if self.packs.is_some() { "read" } else { "list" };
        format!("{verb} {} in {}", self.table, self.database)
    }
}

/// What a query costs, in US dollars.
///
/// ```
/// # use s3aads::{Database, Pricing, S3Table};
/// # #[derive(S3Table)]
/// # struct Item { #[s3(key)] id: u64 }
/// # let items = Database::open("memory:///price")?.table::<Item>();
/// let plan = items.query().explain()?.assume_rows(2_000_000);
/// let price = plan.price(&Pricing::default());
/// assert_eq!(price.least, 0.01);
/// println!("{price}"); // $0.01, or a range if the plan is not certain
/// # Ok::<(), s3aads::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Price {
    /// What it costs at least.
    pub least: f64,
    /// What it costs at most; `None` if that depends on rows whose number was not told.
    pub most: Option<f64>,
}

impl Price {
    /// A price that is known, in US dollars.
    ///
    /// ```
    /// # use s3aads::Price;
    /// assert_eq!(Price::of(0.0004).to_string(), "$0.0004");
    /// ```
    pub fn of(amount: f64) -> Self {
        Self {
            least: amount,
            most: Some(amount),
        }
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = dollars(self.least);
        match self.most {
            Some(most) if most == self.least => f.pad(&least),
            Some(most) => f.pad(&format!("{least} to {}", dollars(most))),
            None => f.pad(&format!("{least} or more")),
        }
    }
}

impl fmt::Display for Explain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        tree(f, &self.head(), &self.lines())
    }
}

/// A head with one branch for each line.
fn tree(f: &mut fmt::Formatter<'_>, head: &str, lines: &[String]) -> fmt::Result {
    f.write_str(head)?;
    for (i, line) in lines.iter().enumerate() {
        let branch = if i + 1 == lines.len() {
            "└─"
        } else {
            "├─"
        };
        write!(f, "\n{branch} {line}")?;
    }
    Ok(())
}

fn pushdown(predicate: &Predicate, depth: usize, bound: usize, seeks: bool) -> Pushdown {
    if depth < bound || predicate.is_impossible() {
        Pushdown::Prefix
    } else if predicate.tests().next().is_some() {
        Pushdown::Tested
    } else if depth == bound && predicate.is_interval() {
        Pushdown::Bounds
    } else if seeks {
        Pushdown::Seeks
    } else {
        Pushdown::Tested
    }
}

fn advice(predicate: &Predicate, pushdown: Pushdown) -> Option<String> {
    if pushdown != Pushdown::Tested {
        return None;
    }
    if predicate.tests().next().is_none() {
        return Some("this store can't start a listing in its middle".to_owned());
    }
    predicate.tests().find_map(|test| test.advice.clone())
}

fn formula(space: &KeySpace, columns: &[ColumnPlan], spec: &Spec) -> Formula {
    if space.is_impossible() || spec.limit == Some(0) {
        return Formula::Zero;
    }
    if space.is_one_key() {
        return Formula::One;
    }
    let ranges =
        |column: &ColumnPlan| matches!(column.pushdown, Pushdown::Prefix | Pushdown::Bounds);
    match spec.limit {
        _ if spec.after.is_some() => Formula::Scattered,
        Some(limit) if space.is_whole_prefix() && limit < PAGE_SIZE as u64 => Formula::One,
        Some(limit) if space.is_whole_prefix() => Formula::Limited(limit),
        _ if space.is_whole_prefix() => Formula::Pages,
        None if columns.iter().all(ranges) => Formula::Range,
        _ => Formula::Scattered,
    }
}
