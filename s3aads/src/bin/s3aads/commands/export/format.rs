//! Records as CSV or NDJSON.

use super::super::import::Format;
use crate::failure::Failure;
use crate::output::{Field, json_line, text_of};

/// Writes one page of records.
pub(super) enum Writer<'a> {
    Ndjson(Vec<u8>),
    Csv(&'a [String], Box<csv::Writer<Vec<u8>>>),
}

impl<'a> Writer<'a> {
    /// With the names first if it is the first page.
    pub(super) fn new(
        format: Format,
        columns: &'a [String],
        is_first: bool,
    ) -> Result<Self, Failure> {
        if format == Format::Ndjson {
            return Ok(Self::Ndjson(Vec::new()));
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        if is_first && !columns.is_empty() {
            writer.write_record(columns).map_err(unwritable)?;
        }
        Ok(Self::Csv(columns, Box::new(writer)))
    }

    /// # Errors
    ///
    /// If the record has a field that no column of the file is for.
    pub(super) fn add(&mut self, record: &[Field]) -> Result<(), String> {
        match self {
            Self::Ndjson(lines) => {
                lines.extend_from_slice(json_line(record).as_bytes());
                lines.push(b'\n');
            }
            Self::Csv(columns, writer) => {
                if let Some((name, _)) = record.iter().find(|(name, _)| !columns.contains(name)) {
                    let (_, first) = record.first().ok_or("the row has no fields")?;
                    return Err(format!(
                        "the row that begins with {} has a field {name:?}, which is no column of the file; \
                         `--fields` names the columns",
                        first.get()
                    ));
                }
                let cells = columns.iter().map(|column| {
                    let field = record.iter().find(|(name, _)| name == column);
                    field.map_or(String::new(), |(_, value)| text_of(value))
                });
                writer
                    .write_record(cells)
                    .map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    }

    pub(super) fn bytes(self) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Ndjson(lines) => Ok(lines),
            Self::Csv(_, writer) => writer
                .into_inner()
                .map_err(|error| Failure::other(error.to_string())),
        }
    }
}

fn unwritable(error: csv::Error) -> Failure {
    Failure::other(error.to_string())
}
