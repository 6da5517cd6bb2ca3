//! The values of a row's indexed fields, as segments of their entries' paths.

use super::column::{Encoding, TextError};
use super::segment::encode_text;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::Schema;

/// Writes a field's value as text.
type WriteText<'a> = &'a dyn Fn(Encoding, &mut String) -> Result<(), TextError>;

/// Writes the values of a row's indexed fields in order; used by generated code.
#[derive(Debug)]
pub struct FieldWriter {
    schema: &'static Schema,
    segments: Vec<Option<String>>,
    /// The first error; what is written after it is of no use.
    error: Option<Error>,
}

impl FieldWriter {
    pub(crate) fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            segments: Vec::with_capacity(schema.indexed_fields().len()),
            error: None,
        }
    }

    /// Appends the next field's value, or that it has none.
    pub(crate) fn field(&mut self, write: Option<WriteText<'_>>) {
        let segment = write.map(|write| self.segment(write)).transpose();
        match segment {
            Ok(segment) => self.segments.push(segment),
            Err(error) => drop(self.error.get_or_insert(error)),
        }
    }

    fn segment(&self, write: WriteText<'_>) -> Result<String> {
        let field = self.schema.indexed_fields().get(self.segments.len());
        let column = field.map(|field| field.column());
        let encoding = column.map(|column| column.encoding()).unwrap_or_default();
        let mut text = String::new();
        let written = write(encoding, &mut text);
        let segment = written.and_then(|()| {
            encode_text(self.schema.layout(), &text).map(|segment| segment.into_owned())
        });
        segment.map_err(|error| {
            let message = format!("the value can't stand in an index: {error}");
            let error = Error::new(ErrorKind::InvalidKey, message).in_table(self.schema.table());
            match column {
                Some(column) => error.in_column(column.name()),
                None => error,
            }
        })
    }

    /// The segment of each field's value, without its label.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if a value has no text in its field's encoding.
    pub(crate) fn finish(self) -> Result<Vec<Option<String>>> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.segments),
        }
    }
}
