//! A key as the path of its row's object.

use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use super::column::{KeyColumn, TextError, display};
use super::hive::encode_hive;
use super::segment::{decode_text, encode_start, encode_text};
use crate::error::{Error, ErrorKind, Result};
use crate::schema::{ColumnSchema, HIVE_OBJECT, Layout, Schema};

/// The longest key that S3 and its like store, in bytes.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
pub(crate) const MAX_PATH_BYTES: usize = 1024;

/// Room for most keys, so that they are written without growing.
const USUAL_PATH_BYTES: usize = 64;

/// The key of one row, as `#[derive(S3Table)]` generates it.
pub trait TableKey:
    Clone + Debug + Display + Eq + Ord + Hash + FromStr<Err = Error> + Send + Sync + 'static
{
    /// The table's stored form.
    const SCHEMA: &'static Schema;

    #[doc(hidden)]
    fn write(&self, writer: &mut KeyWriter) -> Result<()>;

    #[doc(hidden)]
    fn read(reader: &mut KeyReader<'_>) -> Result<Self>;
}

/// Writes a key's columns in order; used by generated code.
#[derive(Debug)]
pub struct KeyWriter {
    schema: &'static Schema,
    path: String,
    /// The column that is being written, kept for the next one's sake.
    text: String,
    written: usize,
}

impl KeyWriter {
    pub(crate) fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            path: String::with_capacity(USUAL_PATH_BYTES),
            text: String::new(),
            written: 0,
        }
    }

    /// Appends the next column's segment.
    ///
    /// # Errors
    ///
    /// `InvalidKey` where the value has no text in the column's encoding.
    #[doc(hidden)]
    pub fn column<T: KeyColumn>(&mut self, value: &T) -> Result<()> {
        let Some(column) = self.schema.columns().get(self.written) else {
            return Err(too_many(self.schema));
        };
        self.text.clear();
        value
            .encode(column.encoding(), &mut self.text)
            .and_then(|()| push_segment(&mut self.path, self.schema.layout(), column, &self.text))
            .map_err(|error| {
                Error::new(ErrorKind::InvalidKey, error.to_string())
                    .in_table(self.schema.table())
                    .in_column(column.name())
            })?;
        self.written += 1;
        Ok(())
    }

    /// The key's path below its table.
    pub(crate) fn finish(mut self) -> String {
        if self.schema.layout() == Layout::Hive {
            self.path.push('/');
            self.path.push_str(HIVE_OBJECT);
        }
        self.path
    }
}

/// Appends a column's segment, with a `/` before it unless it is the first.
///
/// # Errors
///
/// Where the text can't be stored in this layout.
pub(crate) fn push_segment(
    path: &mut String,
    layout: Layout,
    column: &ColumnSchema,
    text: &str,
) -> Result<(), TextError> {
    let value = encode_text(layout, text)?;
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(&label(layout, column));
    path.push_str(&value);
    Ok(())
}

/// What a column's segments begin with: `<column>=` in the hive layout.
pub(crate) fn label(layout: Layout, column: &ColumnSchema) -> String {
    match layout {
        Layout::Plain => String::new(),
        Layout::Hive => format!("{}=", encode_hive(column.name())),
    }
}

/// The text of a segment of this column; none where it is foreign.
pub(crate) fn segment_text<'a>(
    segment: &'a str,
    layout: Layout,
    column: &ColumnSchema,
) -> Option<std::borrow::Cow<'a, str>> {
    let bare = match layout {
        Layout::Plain => segment,
        Layout::Hive => segment
            .strip_prefix(&*encode_hive(column.name()))?
            .strip_prefix('=')?,
    };
    decode_text(layout, bare)
}

fn too_many(schema: &Schema) -> Error {
    Error::new(
        ErrorKind::InvalidKey,
        format!("a key of this table has {} columns", schema.columns().len()),
    )
    .in_table(schema.table())
}

/// Reads a key's columns in order; used by generated code.
#[derive(Debug)]
pub struct KeyReader<'a> {
    schema: &'static Schema,
    path: &'a str,
    segments: std::str::Split<'a, char>,
    read: usize,
}

impl<'a> KeyReader<'a> {
    fn new(schema: &'static Schema, path: &'a str) -> Self {
        Self {
            schema,
            path,
            segments: path.split('/'),
            read: 0,
        }
    }

    /// The next column's value.
    ///
    /// # Errors
    ///
    /// `InvalidKey` where the path has no such segment or no value has its text.
    #[doc(hidden)]
    pub fn column<T: KeyColumn>(&mut self) -> Result<T> {
        let fail = |message: String| {
            Error::new(ErrorKind::InvalidKey, message)
                .in_table(self.schema.table())
                .at_key(self.path)
        };
        let Some(column) = self.schema.columns().get(self.read) else {
            return Err(too_many(self.schema));
        };
        let Some(segment) = self.segments.next() else {
            return Err(fail(format!(
                "the path ends before column {:?}",
                column.name()
            )));
        };
        let text = segment_text(segment, self.schema.layout(), column).ok_or_else(|| {
            fail(format!("no value is stored as {segment:?}")).in_column(column.name())
        })?;
        let value = T::decode(&text, column.encoding())
            .map_err(|error| fail(error.to_string()).in_column(column.name()))?;
        self.read += 1;
        Ok(value)
    }

    fn finish(mut self) -> Result<()> {
        let rest = match self.schema.layout() {
            Layout::Plain => self.segments.next().is_none(),
            Layout::Hive => {
                self.segments.next() == Some(HIVE_OBJECT) && self.segments.next().is_none()
            }
        };
        if rest {
            Ok(())
        } else {
            Err(too_many(self.schema).at_key(self.path))
        }
    }
}

/// The path of a key below its table.
pub(crate) fn write_key<K: TableKey>(key: &K) -> Result<String> {
    let mut writer = KeyWriter::new(K::SCHEMA);
    key.write(&mut writer)?;
    Ok(writer.finish())
}

/// Refuses what no store has as a path, before it is looked at and repeated in errors.
pub(crate) fn check_length(path: &str) -> Result<()> {
    if path.len() <= MAX_PATH_BYTES {
        return Ok(());
    }
    let message = format!(
        "the path has {} bytes and stores take {MAX_PATH_BYTES}",
        path.len()
    );
    Err(Error::new(ErrorKind::InvalidKey, message).at_key(path))
}

/// The key whose path below its table this is.
pub(crate) fn read_key<K: TableKey>(path: &str) -> Result<K> {
    check_length(path).map_err(|error| error.in_table(K::SCHEMA.table()))?;
    let mut reader = KeyReader::new(K::SCHEMA, path);
    let key = K::read(&mut reader)?;
    reader.finish()?;
    Ok(key)
}

/// Shows keys as their path; used by generated code for `Display`.
///
/// A key that can't be stored is still shown, in plain text.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "a `Formatter` has none")]
pub struct KeyPrinter<'a, 'f> {
    formatter: &'a mut std::fmt::Formatter<'f>,
    schema: &'static Schema,
    written: usize,
}

impl<'a, 'f> KeyPrinter<'a, 'f> {
    #[doc(hidden)]
    pub fn new(formatter: &'a mut std::fmt::Formatter<'f>, schema: &'static Schema) -> Self {
        Self {
            formatter,
            schema,
            written: 0,
        }
    }

    #[doc(hidden)]
    pub fn column<T: KeyColumn>(&mut self, value: &T) -> std::fmt::Result {
        let Some(column) = self.schema.columns().get(self.written) else {
            return Ok(());
        };
        let mut segment = String::new();
        if self.written > 0 {
            segment.push('/');
        }
        let layout = self.schema.layout();
        segment.push_str(&label(layout, column));
        segment.push_str(&encode_start(layout, &display(value, column.encoding())));
        self.written += 1;
        self.formatter.write_str(&segment)
    }

    #[doc(hidden)]
    pub fn finish(self) -> std::fmt::Result {
        match self.schema.layout() {
            Layout::Plain => Ok(()),
            Layout::Hive => write!(self.formatter, "/{HIVE_OBJECT}"),
        }
    }
}

/// Parses a key's path; used by generated code for `FromStr`.
#[doc(hidden)]
pub fn parse_key<K: TableKey>(path: &str) -> Result<K> {
    read_key(path)
}
