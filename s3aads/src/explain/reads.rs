//! What a query reads that has to look at its rows, or goes by an index.

use super::{ColumnPlan, Explain, Pushdown};
use crate::plan::Predicate;
use crate::scan::Scan;

/// How the rows are found and what is read of them.
pub(crate) struct Reads<'a> {
    /// The index whose entries are listed, if not the table.
    pub index: Option<&'a str>,
    /// The filters on fields of the body that the listing does not answer.
    pub fields: Vec<(&'a str, &'a Predicate)>,
    /// Whether each row that is listed is read to see whether it matches.
    pub rows: bool,
}

/// What the plan says of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct ReadPlan {
    pub index: Option<String>,
    pub rows: bool,
    /// How many rows there are below the prefix, if that is assumed.
    pub assumed: Option<u64>,
}

impl Explain {
    /// The plan of a query that goes by an index, or reads rows to see whether they match.
    pub(crate) fn checked<K>(scan: &Scan<K>, reads: Reads<'_>) -> Self {
        let mut plan = Self::new(scan);
        plan.columns.extend(
            reads
                .fields
                .into_iter()
                .map(|(name, predicate)| ColumnPlan {
                    name: name.to_owned(),
                    conditions: predicate.shown().to_vec(),
                    pushdown: Pushdown::Rows,
                    advice: Some(format!("an index that has `{name}` would find its rows")),
                }),
        );
        plan.workers = 1;
        plan.lists = plan.lists.of_one_worker();
        plan.reads = Some(ReadPlan {
            index: reads.index.map(str::to_owned),
            rows: reads.rows,
            assumed: None,
        });
        plan
    }

    /// The index whose entries are listed, if not the table itself.
    ///
    /// ```
    /// # use s3aads::{Database, S3Table};
    /// #[derive(S3Table)]
    /// struct Order { #[s3(key)] id: u64, #[s3(index)] customer: String }
    ///
    /// let orders = Database::open("memory:///shop")?.table::<Order>();
    /// let plan = orders.filter_by_customer("ada").explain()?;
    /// assert_eq!(plan.index(), Some("customer"));
    /// # Ok::<(), s3aads::Error>(())
    /// ```
    pub fn index(&self) -> Option<&str> {
        self.reads.as_ref()?.index.as_deref()
    }

    /// Whether each row that is listed is read to see whether it matches, by a GET.
    pub fn reads_rows(&self) -> bool {
        self.reads.as_ref().is_some_and(|reads| reads.rows)
    }

    /// Why it goes that way, and what it reads.
    pub(super) fn read_lines(&self) -> Vec<String> {
        let Some(reads) = &self.reads else {
            return Vec::new();
        };
        let why = match &reads.index {
            Some(index) => format!("by the index {index}, of whose entries the fewest can match"),
            None if self.index_would_do() => {
                "by the key: no index has the filtered fields".to_owned()
            }
            None => "by the key, which is bound to one row".to_owned(),
        };
        let number = match reads.assumed {
            Some(rows) => format!("at most {rows} GET"),
            None => "n GET".to_owned(),
        };
        let gets = format!("{number}, one for each row that is listed, to see whether it matches");
        let lists = format!("{}", self.lists);
        let gets = reads.rows.then_some(gets);
        [why, lists].into_iter().chain(gets).collect()
    }

    fn index_would_do(&self) -> bool {
        self.lists.most() != Some(1)
    }
}
