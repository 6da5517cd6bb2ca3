//! `import`: the rows of a file. Each row's outcome is kept, so that a run that was stopped goes on.

mod input;
mod outcomes;

use std::collections::HashSet;
use std::path::PathBuf;

use futures_util::stream::FuturesUnordered;

use s3aads::bytes::Bytes;
use s3aads::stream::StreamExt;
use s3aads::{ErrorKind, RawKey, RawTable, RequestClass};

pub(super) use self::input::Format;
use self::input::Input;
use self::outcomes::{Outcome, Outcomes};
use crate::Context;
use crate::bars::Bar;
use crate::failure::Failure;
use crate::output::{field, rows_text};
use crate::target::TableArgs;
use crate::values::row;

/// How many writes are under way at once.
const AT_ONCE: usize = 32;

/// The same for packs, in which writes that wait for each other go out as one.
const AT_ONCE_PACKED: usize = 1000;

/// After so many failures of the store in a row nothing more is begun.
const MOST_FAILURES: u32 = 8;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "A row is an object of NDJSON, or a line of CSV under a line of names: the key columns and the\n\
    body's fields. In CSV a column is a number or a bool if all of its cells are, else text; an empty\n\
    cell that is no text is left out. A row that is there already just as it is in the file counts as\n\
    done. Outcomes are lines of JSON; the same command goes on with what is not done."
)]
pub(crate) struct Import {
    #[command(flatten)]
    table: TableArgs,
    /// The file, or - for standard input.
    file: PathBuf,
    /// Its format; by the file's ending unless it is said.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// What becomes of rows whose key is taken by another row.
    #[arg(long, value_enum, default_value = "refuse")]
    on_existing: OnExisting,
    /// Where each row's outcome is kept; FILE.outcomes unless it is said, none for standard input.
    #[arg(long, value_name = "FILE")]
    outcomes: Option<PathBuf>,
    /// Types of CSV columns that are not told by their cells: code=text,price=number,tags=json.
    #[arg(long, value_name = "TYPES", value_delimiter = ',')]
    types: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnExisting {
    /// They are refused, and the row that is there stays.
    Refuse,
    /// They are left out, and the row that is there stays.
    Skip,
    /// They are written over the row that is there.
    Overwrite,
}

/// One row of the input, about to be written.
struct Row {
    number: u64,
    key: RawKey,
    body: Bytes,
}

impl Import {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let (output, budget) = (&context.output, &context.budget);
        let opened = self.table.open_for_writing().await?;
        let table = &opened.table;
        let input = Input::open(&self.file, self.format, &self.types, table)?;
        let rows = input.count()?;
        let place = match (self.outcomes, &self.file) {
            (Some(file), _) => Some(file),
            (None, file) if file.as_os_str() == "-" => None,
            (None, file) => {
                let mut name = file.clone().into_os_string();
                name.push(".outcomes");
                Some(name.into())
            }
        };
        let mut outcomes = Outcomes::open(place, &self.table.url, table.name())?;
        let left = rows.saturating_sub(outcomes.done());
        let price = budget.of(RequestClass::Put, left);
        budget.allow(
            &opened,
            price,
            &format!("writing {}", rows_text(left)),
            output,
        )?;
        if outcomes.done() > 0 {
            output.note(&format!("{} done before", rows_text(outcomes.done())));
        }
        context.stop.is_handled();
        let bar = Bar::new(output, "importing", Some(rows));
        bar.at(outcomes.done());
        let (mut seen, mut failures, mut fatal) = (HashSet::new(), 0, None);
        let (mut counts, mut records) = (Counts::default(), input.records()?);
        let at_once = match table.schema().packed() {
            0 => AT_ONCE,
            _ => AT_ONCE_PACKED,
        };
        let mut writes = FuturesUnordered::new();
        loop {
            let stopped = context.stop.is_asked() || fatal.is_some() || failures >= MOST_FAILURES;
            while !stopped && writes.len() < at_once {
                let Some((number, record)) = records.next() else {
                    break;
                };
                let made = record.and_then(|fields| row(table, fields));
                let refused = match made {
                    Ok((key, body)) => {
                        let is_new = seen.insert(key.path().to_owned());
                        match outcomes.before(number, key.path(), &body) {
                            Err(why) => return Err(why),
                            Ok(true) => {
                                counts.before += 1;
                                continue;
                            }
                            Ok(false) if is_new => {
                                let row = Row { number, key, body };
                                writes.push(write(table, self.on_existing, row));
                                continue;
                            }
                            Ok(false) => {
                                let why =
                                    "the key is that of an earlier row of the file".to_owned();
                                Outcome::refused(number, key.path(), &body, why)
                            }
                        }
                    }
                    Err(why) => Outcome::unreadable(number, why),
                };
                counts.add(&refused);
                bar.step();
                bar.above(|| output.warn(&refused.to_string()));
                outcomes.keep(&refused)?;
            }
            let Some((outcome, error)) = writes.next().await else {
                break;
            };
            bar.step();
            counts.add(&outcome);
            outcomes.keep(&outcome)?;
            match error {
                None => failures = 0,
                Some(kind) => {
                    bar.above(|| output.warn(&outcome.to_string()));
                    match kind {
                        ErrorKind::Unavailable | ErrorKind::Indeterminate => failures += 1,
                        kind if super::copy::stops(kind) => fatal = Some(kind),
                        _ => failures = 0,
                    }
                }
            }
        }
        drop(bar);
        drop(writes);
        outcomes.end()?;
        counts.left = rows.saturating_sub(counts.all());
        let record = counts.record();
        let columns: Vec<String> = record.iter().map(|(name, _)| name.clone()).collect();
        output.records(&columns, &[record])?;
        let resume = match outcomes.file() {
            Some(file) => format!(
                "the same command goes on; what became of each row is in {}",
                file.display()
            ),
            None => {
                "the same command goes on; rows that are there as they are count as done".to_owned()
            }
        };
        if counts.left > 0 && context.stop.is_asked() {
            return Err(Failure::interrupted().help(resume));
        }
        if counts.left > 0 || fatal.is_some() {
            let message = format!("the store failed; {} not begun", rows_text(counts.left));
            return Err(Failure::other(message).help(resume));
        }
        match counts.refused {
            0 => Ok(()),
            refused => Err(Failure::no(format!("{} refused", rows_text(refused))).help(resume)),
        }
    }
}

/// Writes one row; the second is the kind of error it came to.
async fn write(
    table: &RawTable,
    on_existing: OnExisting,
    Row { number, key, body }: Row,
) -> (Outcome, Option<ErrorKind>) {
    let outcome = |what| Outcome::done(number, key.path(), &body, what);
    let refused = |error: &s3aads::Error| {
        let refused = Outcome::refused(number, key.path(), &body, error.to_string());
        (refused, Some(error.kind()))
    };
    let written = match on_existing {
        OnExisting::Overwrite => table.upsert_by_key(&key, body.clone()).await,
        OnExisting::Refuse | OnExisting::Skip => table.insert_by_key(&key, body.clone()).await,
    };
    match written {
        Ok(_) => (outcome("written"), None),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            // One's own write of a run that was killed before it could say so, or an equal one.
            match table.select_by_key(&key).await {
                Ok(Some(there)) if there == body => (outcome("present"), None),
                Ok(_) if on_existing == OnExisting::Skip => (outcome("skipped"), None),
                Ok(_) => refused(&error),
                Err(error) => refused(&error),
            }
        }
        Err(error) => refused(&error),
    }
}

/// How many rows came to what.
#[derive(Debug, Default)]
struct Counts {
    written: u64,
    present: u64,
    skipped: u64,
    refused: u64,
    /// Of an earlier run.
    before: u64,
    left: u64,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        match outcome.what() {
            "written" => self.written += 1,
            "present" => self.present += 1,
            "skipped" => self.skipped += 1,
            _ => self.refused += 1,
        }
    }

    fn all(&self) -> u64 {
        self.written + self.present + self.skipped + self.refused + self.before
    }

    fn record(&self) -> Vec<crate::output::Field> {
        vec![
            field("written", &self.written),
            field("present", &self.present),
            field("skipped", &self.skipped),
            field("refused", &self.refused),
            field("done_before", &self.before),
            field("not_begun", &self.left),
        ]
    }
}
