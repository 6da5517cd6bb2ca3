//! The rows of a file of CSV or NDJSON.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use s3aads::bytes::{Buf, Bytes};
use s3aads::{ColumnType, RawTable};
use serde_json::value::{RawValue, to_raw_value};

use crate::failure::Failure;
use crate::output::Field;
use crate::values::Fields;

/// How rows stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// Lines of comma-separated values, under a line of names.
    Csv,
    /// A JSON object a line.
    Ndjson,
}

impl Format {
    /// The format that a file is of by its name.
    pub(crate) fn of(file: &Path) -> Option<Self> {
        let ending = file.extension()?.to_str()?.to_lowercase();
        match &*ending {
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" | "json" => Some(Self::Ndjson),
            _ => None,
        }
    }
}

/// A row's number in the file, from 1, and its fields.
type Numbered = (u64, Result<Vec<Field>, String>);

/// What is read. It is read twice, so that standard input is held in memory.
pub(super) struct Input {
    source: Source,
    format: Format,
    /// The types of CSV columns.
    types: HashMap<String, CellType>,
}

enum Source {
    File(PathBuf),
    Memory(Bytes),
}

/// What the cells of a CSV column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellType {
    Text,
    Number,
    Bool,
    Json,
}

impl Input {
    pub(super) fn open(
        file: &Path,
        format: Option<Format>,
        types: &[String],
        table: &RawTable,
    ) -> Result<Self, Failure> {
        let format = format.or_else(|| Format::of(file)).ok_or_else(|| {
            Failure::arguments(format!(
                "{} does not tell its format by its name",
                file.display()
            ))
            .help("say it: `--format csv` or `--format ndjson`")
        })?;
        let source = if file.as_os_str() == "-" {
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes)?;
            Source::Memory(bytes.into())
        } else {
            Source::File(file.to_owned())
        };
        let mut input = Self {
            source,
            format,
            types: HashMap::new(),
        };
        if format == Format::Csv {
            input.types = input.cell_types(types, table)?;
        } else if !types.is_empty() {
            return Err(Failure::arguments(
                "`--types` is for CSV; NDJSON has types of its own",
            ));
        }
        Ok(input)
    }

    fn read(&self) -> Result<Box<dyn Read + Send>, Failure> {
        match &self.source {
            Source::Memory(bytes) => Ok(Box::new(bytes.clone().reader())),
            Source::File(file) => {
                let opened = File::open(file);
                let opened = opened
                    .map_err(|error| Failure::arguments(format!("{}: {error}", file.display())))?;
                Ok(Box::new(opened))
            }
        }
    }

    fn csv(&self) -> Result<csv::Reader<Box<dyn Read + Send>>, Failure> {
        Ok(csv::Reader::from_reader(self.read()?))
    }

    /// How many rows there are.
    pub(super) fn count(&self) -> Result<u64, Failure> {
        let rows = match self.format {
            Format::Ndjson => lines(self.read()?).count(),
            Format::Csv => self.csv()?.into_records().count(),
        };
        Ok(rows as u64)
    }

    /// The rows.
    pub(super) fn records(
        &self,
    ) -> Result<Box<dyn Iterator<Item = Numbered> + Send + '_>, Failure> {
        Ok(match self.format {
            Format::Ndjson => Box::new(lines(self.read()?).map(|(number, line)| {
                let fields = line.and_then(|line| {
                    let fields = serde_json::from_str::<Fields>(&line);
                    fields.map_err(|error| error.to_string())
                });
                (number, fields.map(|Fields(fields)| fields))
            })),
            Format::Csv => {
                let mut csv = self.csv()?;
                let names = csv.headers().map_err(unreadable)?.clone();
                let rows = csv.into_records().map(move |row| {
                    let row = row.map_err(|error| error.to_string())?;
                    let cells = names.iter().zip(&row);
                    let cells = cells.map(|(name, cell)| self.cell(name, cell));
                    let cells: Vec<_> = cells.collect::<Result<_, _>>()?;
                    Ok(cells.into_iter().flatten().collect())
                });
                Box::new((1..).zip(rows))
            }
        })
    }

    /// A cell as a field; none for an empty one that is no text.
    fn cell(&self, name: &str, cell: &str) -> Result<Option<Field>, String> {
        let kind = self.types.get(name).copied().unwrap_or(CellType::Text);
        let wrong = |what: &str| format!("the cell {cell:?} of column {name:?} is no {what}");
        let value = match kind {
            CellType::Text => to_raw_value(cell).map_err(|error| error.to_string())?,
            _ if cell.is_empty() => return Ok(None),
            CellType::Number if is_number(cell) => raw(cell).ok_or_else(|| wrong("number"))?,
            CellType::Number => return Err(wrong("number")),
            CellType::Bool if is_bool(cell) => raw(cell).ok_or_else(|| wrong("bool"))?,
            CellType::Bool => return Err(wrong("bool")),
            CellType::Json => raw(cell).ok_or_else(|| wrong("JSON"))?,
        };
        Ok(Some((name.to_owned(), value)))
    }

    /// The types of the columns: of the key's text, for the table knows them, of the others as it is
    /// said or as all of their cells are.
    fn cell_types(
        &self,
        given: &[String],
        table: &RawTable,
    ) -> Result<HashMap<String, CellType>, Failure> {
        let mut csv = self.csv()?;
        let names = csv.headers().map_err(unreadable)?.clone();
        for (at, name) in names.iter().enumerate() {
            if names.iter().take(at).any(|before| before == name) {
                return Err(Failure::arguments(format!(
                    "the file has two columns {name:?}"
                )));
            }
        }
        let mut types = HashMap::new();
        for given in given {
            let (name, kind) = given.split_once('=').unwrap_or((given, ""));
            let kind = match kind {
                "text" => CellType::Text,
                "number" => CellType::Number,
                "bool" => CellType::Bool,
                "json" => CellType::Json,
                _ => {
                    let message = format!("{given:?} is no type of a column");
                    return Err(Failure::arguments(message).help(
                        "types are like price=number; there are text, number, bool and json",
                    ));
                }
            };
            if !names.iter().any(|known| known == name) {
                return Err(Failure::arguments(format!(
                    "the file has no column {name:?}"
                )));
            }
            types.insert(name.to_owned(), kind);
        }
        for column in table.schema().columns() {
            let kind = match column.column_type() {
                ColumnType::Bool => CellType::Bool,
                _ => CellType::Text,
            };
            types.insert(column.name().to_owned(), kind);
        }
        // What a column can still be: a number, a bool.
        let mut open: Vec<(bool, bool, bool)> = vec![(true, true, false); names.len()];
        for row in csv.into_records().flatten() {
            for (could, cell) in open.iter_mut().zip(&row) {
                if !cell.is_empty() {
                    *could = (could.0 && is_number(cell), could.1 && is_bool(cell), true);
                }
            }
        }
        for (name, (number, bool, any)) in names.iter().zip(open) {
            let seen = match (any, number, bool) {
                (true, true, _) => CellType::Number,
                (true, _, true) => CellType::Bool,
                _ => CellType::Text,
            };
            types.entry(name.to_owned()).or_insert(seen);
        }
        Ok(types)
    }
}

/// Lines that are not blank, by number among all rows.
fn lines(read: impl Read) -> impl Iterator<Item = (u64, Result<String, String>)> {
    let lines = BufReader::new(read).lines();
    let lines = lines.map(|line| line.map_err(|error| error.to_string()));
    let is_blank =
        |line: &Result<String, String>| matches!(line, Ok(line) if line.trim().is_empty());
    (1..).zip(lines.filter(move |line| !is_blank(line)))
}

/// Whether a cell is a number that JSON writes just so: `007` and `1e3` are texts.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole)
        && all_digits(fraction)
        && (whole == "0" || !whole.starts_with('0'))
        && cell != "-0"
}

fn is_bool(cell: &str) -> bool {
    matches!(cell, "true" | "false")
}

fn raw(cell: &str) -> Option<Box<RawValue>> {
    serde_json::from_str::<Box<RawValue>>(cell).ok()
}

fn unreadable(error: csv::Error) -> Failure {
    Failure::arguments(format!("the file is no CSV: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_cells() {
        for number in ["0", "1", "-1", "10.50", "123456789012345678901234567890"] {
            assert!(is_number(number) && raw(number).is_some(), "{number}");
        }
        for text in ["", "007", "1e3", "1.", ".5", "-", "-0", "+1", "NaN", "1 "] {
            assert!(!is_number(text), "{text}");
        }
    }
}
