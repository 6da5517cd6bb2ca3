//! `export`: rows to a file. It is written page by page, so that a run that was stopped goes on.

mod format;
mod part;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use s3aads::{Cursor, RawKey};

use self::format::Writer;
use self::part::Part;
use super::import::Format;
use crate::Context;
use crate::bars::Bar;
use crate::failure::Failure;
use crate::filters::{self, Condition};
use crate::output::{Field, field, rows_text};
use crate::target::{Opened, TableArgs};
use crate::values::{columns_of, record};

/// How many rows are read before the file is brought up to date.
const PAGE: u64 = 1000;

#[derive(Debug, clap::Args)]
#[command(after_help = filters::HELP)]
pub(crate) struct Export {
    #[command(flatten)]
    table: TableArgs,
    /// Which rows.
    filters: Vec<Condition>,
    /// The file; standard output if it is not said.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Its format; by the file's ending unless it is said, else NDJSON.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The columns of CSV, separated by commas; those of the first 1000 rows unless it is said.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    fields: Option<Vec<String>>,
    /// Writes over the file.
    #[arg(long)]
    overwrite: bool,
}

impl Export {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let query = opened.query(&self.filters);
        let by_name = self.output.as_deref().and_then(Format::of);
        let format = self.format.or(by_name).unwrap_or(Format::Ndjson);
        if self.fields.is_some() && format != Format::Csv {
            return Err(Failure::arguments("`--fields` is for CSV"));
        }
        let Context {
            output,
            budget,
            stop,
        } = context;
        let rows = budget.allow_rows(&opened, &query, None, output).await?;
        let mut part = match &self.output {
            None => None,
            Some(file) => Some(Part::open(file, self.overwrite)?),
        };
        let state = part.as_ref().map(Part::state).unwrap_or_default();
        let (mut exported, mut refused) = (state.rows, state.refused);
        let mut cursor = state.cursor.map(Cursor::from);
        let mut columns = state.columns.clone().or(self.fields);
        if exported > 0 {
            output.note(&format!("{} exported before", rows_text(exported)));
        }
        stop.is_handled();
        let bar = Bar::new(output, "exporting", rows);
        let (mut is_first, mut is_last) = (state.columns.is_none(), state.is_last);
        let mut out = BufWriter::new(io::stdout());
        while !is_last {
            if stop.is_asked() {
                drop(bar);
                return Err(Failure::interrupted().help(match &self.output {
                    Some(_) => "the same command goes on where it was",
                    None => "with `--output FILE` it could go on where it was",
                }));
            }
            bar.at(exported);
            let mut next = query.clone();
            if let Some(cursor) = cursor.take() {
                next = next.after(cursor);
            }
            let page = next.page(PAGE).await?;
            for error in &page.invalid {
                refused += 1;
                bar.above(|| output.warn(&error.to_string()));
            }
            let mut records = Vec::with_capacity(page.rows.len());
            for (key, body) in &page.rows {
                match named(&opened, key, body) {
                    Ok(record) => records.push(record),
                    Err(why) => {
                        refused += 1;
                        bar.above(|| output.warn(&why));
                    }
                }
            }
            let columns = columns.get_or_insert_with(|| columns_of(&records));
            let mut writer = Writer::new(format, columns, is_first)?;
            is_first = false;
            for record in &records {
                match writer.add(record) {
                    Ok(()) => exported += 1,
                    Err(why) => {
                        refused += 1;
                        bar.above(|| output.warn(&why));
                    }
                }
            }
            is_last = page.cursor.is_none();
            let bytes = writer.bytes()?;
            match &mut part {
                None => out.write_all(&bytes)?,
                Some(part) => {
                    let cursor = page.cursor.as_ref().map(ToString::to_string);
                    part.append(&bytes, cursor, (exported, refused), columns)?;
                }
            }
            cursor = page.cursor;
        }
        drop(bar);
        out.flush()?;
        if let Some(part) = part {
            part.end()?;
            let record = vec![field("exported", &exported), field("refused", &refused)];
            output.records(&["exported".to_owned(), "refused".to_owned()], &[record])?;
        }
        match refused {
            0 => Ok(()),
            refused => Err(Failure::no(format!("{} not exported", rows_text(refused)))),
        }
    }
}

fn named(opened: &Opened, key: &RawKey, body: &[u8]) -> Result<Vec<Field>, String> {
    record(&opened.table, key, body).map_err(|why| format!("{why} (key {:?})", key.path()))
}
