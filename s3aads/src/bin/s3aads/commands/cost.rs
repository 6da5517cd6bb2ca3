//! `explain` and `cost`: what a query sends, and what that costs.

use s3aads::{Price, RequestClass};

use crate::Context;
use crate::failure::Failure;
use crate::filters::{self, Condition};
use crate::output::{field, rows_text};
use crate::target::TableArgs;

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Explain {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
    /// Assume so many rows below the prefix.
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// At most this many rows.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Run it, and tell what was really sent.
    #[arg(long)]
    analyze: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The prices are Amazon's for S3 Standard in us-east-1, and the server is RDS for PostgreSQL,\n\
    db.t4g.micro with 20 GB of disk, on demand (November 2026). --server takes another price."
)]
pub(crate) struct Cost {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
    /// So many rows match; they are counted if it is not said.
    #[arg(long, value_name = "N")]
    rows: Option<u64>,
    /// How often a month each is done.
    #[arg(long, value_name = "CALLS", default_value_t = 100_000)]
    per_month: u64,
    /// What a small database server costs a month, in US dollars.
    #[arg(long, value_name = "DOLLARS", default_value_t = SERVER)]
    server: f64,
}

/// A small database server: $0.016 an hour, and 20 GB of disk at $0.115 a month.
const SERVER: f64 = 0.016 * 730.0 + 20.0 * 0.115;

impl Explain {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let mut query = opened.query(&self.filters);
        if let Some(rows) = self.limit {
            query = query.limit(rows);
        }
        let output = &context.output;
        if self.analyze {
            let analysis = context.budget.limit(&opened, &query).analyze().await?;
            if !output.is_json() {
                output.line(&analysis.to_string())?;
                return Ok(());
            }
            let usage = analysis.usage();
            let mut record = vec![
                field("rows", &analysis.rows()),
                field("listed", &analysis.listed()),
                field("foreign", &analysis.foreign()),
                field("seconds", &analysis.elapsed().as_secs_f64()),
                field("dollars", &usage.cost(&context.budget.pricing)),
            ];
            for class in RequestClass::ALL {
                record.push(field(&class.as_str().to_lowercase(), &usage.get(*class)));
            }
            output.record(&record)?;
            return Ok(());
        }
        let mut plan = query.explain()?;
        if let Some(rows) = self.rows {
            plan = plan.assume_rows(rows);
        }
        if !output.is_json() {
            output.line(&plan.to_string())?;
            return Ok(());
        }
        let price = plan.price(&context.budget.pricing);
        let columns = plan.columns().iter().map(|column| {
            serde_json::json!({
                "column": column.name(),
                "conditions": column.conditions(),
                "pushdown": column.pushdown().to_string(),
                "advice": column.advice(),
            })
        });
        output.record(&[
            field("database", &plan.database()),
            field("table", &plan.table()),
            field("prefix", &plan.prefix()),
            field("from", &plan.from()),
            field("until", &plan.until()),
            field("seeks", &plan.seeks()),
            field("columns", &columns.collect::<Vec<_>>()),
            field("least_lists", &plan.lists().least()),
            field("most_lists", &plan.lists().most()),
            field("least_dollars", &price.least),
            field("most_dollars", &price.most),
        ])?;
        Ok(())
    }
}

impl Cost {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let (output, budget) = (&context.output, &context.budget);
        let query = opened.query(&self.filters);
        let packed = opened.table.schema().packed() > 0;
        let rows = match self.rows {
            Some(rows) => rows,
            None => budget.limit(&opened, &query).count().await?,
        };
        let gets = if packed {
            packs(&opened, &query, budget).await?
        } else {
            rows
        };
        let lists = match query.explain()?.lists().most() {
            Some(most) => most,
            None => rows.div_ceil(1000).max(1),
        };
        let of = |class, requests| budget.of(class, requests);
        let listing = of(RequestClass::List, lists);
        let one_write = of(RequestClass::Put, 1)
            + if packed {
                of(RequestClass::Get, 1)
            } else {
                0.0
            };
        let reading = listing + of(RequestClass::Get, gets);
        let calls = [
            (
                format!("keys of {}", rows_text(rows)),
                if packed { reading } else { listing },
            ),
            (rows_text(rows), reading),
            ("get one row".to_owned(), of(RequestClass::Get, 1)),
            ("put one row".to_owned(), one_write),
        ];
        let records = calls.iter().map(|(call, price)| {
            let month = price * self.per_month as f64;
            let (price_text, month_text) =
                (Price::of(*price).to_string(), Price::of(month).to_string());
            let even = (self.server / price) as u64;
            if output.is_json() {
                vec![
                    field("call", call),
                    field("dollars", price),
                    field("calls_a_month", &self.per_month),
                    field("dollars_a_month", &month),
                    field("server_dollars_a_month", &self.server),
                    field("calls_a_month_of_the_server", &even),
                ]
            } else {
                vec![
                    field("call", call),
                    field("price", &price_text),
                    field(&per_month(self.per_month), &month_text),
                    field("a server is cheaper from", &format!("{even} a month")),
                ]
            }
        });
        let records: Vec<_> = records.collect();
        output.records(&crate::values::columns_of(&records), &records)?;
        output.note(&format!(
            "a small database server costs {} a month; prices of {}",
            Price::of((self.server * 100.0).round() / 100.0),
            budget.pricing.as_of
        ));
        Ok(())
    }
}

fn per_month(calls: u64) -> String {
    format!("{calls} a month")
}

/// How many packs a query reads.
async fn packs(
    opened: &crate::target::Opened,
    query: &s3aads::RawQuery,
    budget: &crate::budget::Budget,
) -> Result<u64, Failure> {
    let bound = opened.table.schema().bound();
    if bound.is_empty() {
        return Ok(1);
    }
    let names = bound.iter().map(|column| column.name());
    let packs = budget.limit(opened, query).distinct(names).await?;
    Ok(packs.len() as u64)
}
