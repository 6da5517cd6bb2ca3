//! `keys`, `count` and `distinct`: what the listing tells.

use s3aads::RawKey;
use s3aads::stream::TryStreamExt;

use crate::Context;
use crate::bars::Bar;
use crate::failure::Failure;
use crate::filters::{self, Condition};
use crate::output::{Field, Output, field};
use crate::target::TableArgs;
use crate::values::{columns_of, key_fields, value_field};

/// How many rows a table for people has, unless it is said.
pub(super) const SHOWN: u64 = 100;

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Keys {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
    /// At most this many; a table for people has 100 unless it is said.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Size, time of the last write and ETag too.
    #[arg(long, short)]
    long: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Count {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Distinct {
    #[command(flatten)]
    table: TableArgs,
    /// The key columns, separated by commas.
    #[arg(value_name = "COLUMN,..")]
    of: String,
    /// Which rows.
    filters: Vec<Condition>,
    /// Of rows alone: a folder that holds none does not count. It lists more.
    #[arg(long)]
    exact: bool,
}

impl Keys {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let output = &context.output;
        let shown = shown(output, self.limit);
        let query = opened.query(&self.filters);
        let query = match shown.asks {
            Some(most) => query.limit(most),
            None => query,
        };
        let query = context.budget.limit(&opened, &query);
        let record = |key: &RawKey| key_fields(&opened.table, key);
        if self.long {
            let objects = query.objects().await?.into_iter();
            let records = objects.map(|object| {
                let mut record = record(&object.key);
                record.push(field("size", &object.size));
                record.push(field("modified", &object.last_modified.to_rfc3339()));
                record.push(field("etag", &object.e_tag));
                record.push(field("storage class", &object.storage_class));
                record
            });
            return shown.print(output, records.collect());
        }
        let mut keys = query.stream_keys();
        if output.is_json() {
            while let Some(key) = keys.try_next().await? {
                output.record(&record(&key))?;
            }
            return Ok(());
        }
        let mut records = Vec::new();
        while let Some(key) = keys.try_next().await? {
            records.push(record(&key));
        }
        shown.print(output, records)
    }
}

/// How many rows are shown, and how many are asked for to know whether there are more.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    most: Option<u64>,
    pub(super) asks: Option<u64>,
}

pub(super) fn shown(output: &Output, limit: Option<u64>) -> Shown {
    let by_default = (!output.is_json() && limit.is_none()).then_some(SHOWN);
    Shown {
        most: by_default,
        asks: limit.or(by_default.map(|most| most + 1)),
    }
}

impl Shown {
    /// Prints records, and says if there are more.
    pub(super) fn print(
        self,
        output: &Output,
        mut records: Vec<Vec<Field>>,
    ) -> Result<(), Failure> {
        let more = self.most.is_some_and(|most| records.len() as u64 > most);
        if more {
            records.pop();
        }
        if records.is_empty() && !output.is_json() {
            output.note("there are no rows");
            return Ok(());
        }
        output.records(&columns_of(&records), &records)?;
        if more {
            output.note(&format!(
                "these are the first {} rows; `--limit` shows more",
                records.len()
            ));
        }
        Ok(())
    }
}

impl Count {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let query = opened.query(&self.filters);
        let bar = Bar::new(&context.output, "counting", None);
        let rows = context.budget.limit(&opened, &query).count().await?;
        drop(bar);
        if context.output.is_json() {
            context.output.record(&[field("rows", &rows)])?
        } else {
            context.output.line(&rows.to_string())?
        }
        Ok(())
    }
}

impl Distinct {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let query = context.budget.limit(&opened, &opened.query(&self.filters));
        let columns: Vec<String> = self.of.split(',').map(str::to_owned).collect();
        let names = columns.iter().map(String::as_str);
        let texts = if self.exact {
            query.distinct_exact(names).await?
        } else {
            query.distinct(names).await?
        };
        let table = &opened.table;
        let mut records: Vec<Vec<Field>> = Vec::with_capacity(texts.len());
        for texts in &texts {
            let columns = columns.iter().zip(texts);
            records.push(
                columns
                    .map(|(name, text)| value_field(table, name, text))
                    .collect(),
            );
        }
        if records.is_empty() && !context.output.is_json() {
            context.output.note("there are no rows");
            return Ok(());
        }
        context.output.records(&columns, &records)?;
        Ok(())
    }
}
