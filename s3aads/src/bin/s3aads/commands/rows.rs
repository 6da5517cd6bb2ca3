//! `rows` and `get`: what rows hold.

use std::fs;
use std::path::PathBuf;

use s3aads::stream::StreamExt;
use s3aads::{BodyFormat, ErrorKind};

use super::keys::shown;
use crate::Context;
use crate::failure::Failure;
use crate::filters::{self, Condition};
use crate::output::{field, rows_text, shown_lines};
use crate::target::{Opened, TableArgs};
use crate::values::record;

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Rows {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
    /// At most this many; a table for people has 100 unless it is said.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Get {
    #[command(flatten)]
    table: TableArgs,
    /// The key: a value for each key column, in order.
    #[arg(required = true, allow_negative_numbers = true)]
    key: Vec<String>,
    /// Writes the bytes to a file.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Rows {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let Context { output, budget, .. } = context;
        let shown = shown(output, self.limit);
        let mut query = opened.query(&self.filters);
        if let Some(most) = shown.asks {
            query = query.limit(most);
        }
        budget
            .allow_rows(&opened, &query, shown.asks, output)
            .await?;
        let (mut rows, mut refused) = (query.stream(), 0);
        let mut records = Vec::new();
        while let Some(row) = rows.next().await {
            let record = match row {
                Ok((key, body)) => record(&opened.table, &key, &body)
                    .map_err(|why| format!("{why} (key {:?})", key.path())),
                Err(error) if error.kind() == ErrorKind::InvalidRow => Err(error.to_string()),
                Err(error) => return Err(error.into()),
            };
            match record {
                Ok(record) if output.is_json() => output.record(&record)?,
                Ok(record) => records.push(record),
                Err(why) => {
                    refused += 1;
                    output.warn(&why);
                }
            }
        }
        if !output.is_json() {
            shown.print(output, records)?;
        }
        match refused {
            0 => Ok(()),
            refused => Err(Failure::no(format!("{} not decoded", rows_text(refused)))
                .help("`s3aads verify` lists them")),
        }
    }
}

impl Get {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let Opened { table, .. } = &opened;
        let key = table.key_of(self.key)?;
        let Some(body) = table.select_by_key(&key).await? else {
            return Err(Failure::no(format!(
                "there is no row {:?} in {}",
                key.path(),
                table.name()
            )));
        };
        let output = &context.output;
        if let Some(file) = &self.output {
            fs::write(file, &body)
                .map_err(|error| Failure::other(format!("{}: {error}", file.display())))?;
            return Ok(());
        }
        if output.is_json() {
            let record = record(table, &key, &body).map_err(Failure::other)?;
            output.record(&record)?;
            return Ok(());
        }
        if !output.is_terminal() {
            output.bytes(&body)?;
            return Ok(());
        }
        match std::str::from_utf8(&body) {
            Ok(text) => output.line(&shown_lines(&readable(table.schema().body(), text)))?,
            Err(_) => {
                let bytes = field("bytes", &body.len());
                output.record(&[bytes])?;
                output.note("the row is no text; `--output FILE` or a pipe takes its bytes");
            }
        }
        Ok(())
    }
}

/// JSON with line breaks, in the order and with the numbers that it has.
fn readable(format: BodyFormat, text: &str) -> String {
    let text = text.trim_end_matches('\n');
    if !matches!(
        format,
        BodyFormat::Object | BodyFormat::Data | BodyFormat::Bytes
    ) {
        return text.to_owned();
    }
    crate::commands::edit::indented(text).unwrap_or_else(|| text.to_owned())
}
