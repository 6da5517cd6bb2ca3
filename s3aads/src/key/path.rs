//! A key as the path of its row's object.

use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::str::FromStr;

use super::column::{Encoding, TextError};
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
    fn write(&self, writer: &mut KeyWriter);

    #[doc(hidden)]
    fn read(reader: &mut KeyReader<'_>) -> Result<Self>;
}

/// Writes a column's value as text.
type WriteText<'a> = &'a dyn Fn(Encoding, &mut String) -> Result<(), TextError>;

/// Writes a key's columns in order; used by generated code.
#[derive(Debug)]
pub struct KeyWriter {
    schema: &'static Schema,
    path: String,
    /// The column that is being written, kept for the next one's sake.
    text: String,
    written: usize,
    /// Whether a value that has no text in its column's encoding is written in plain text.
    is_lenient: bool,
    /// Where the columns' plain texts go if these are asked for, and not the path.
    texts: Option<Vec<String>>,
    /// The first error; what is written after it is of no use.
    error: Option<Error>,
}

impl KeyWriter {
    pub(crate) fn new(schema: &'static Schema) -> Self {
        Self {
            schema,
            path: String::with_capacity(USUAL_PATH_BYTES),
            text: String::new(),
            written: 0,
            is_lenient: false,
            texts: None,
            error: None,
        }
    }

    /// A writer of the columns' plain texts.
    pub(super) fn texts(schema: &'static Schema) -> Self {
        Self {
            texts: Some(Vec::with_capacity(schema.columns().len())),
            ..Self::new(schema)
        }
    }

    pub(super) fn into_texts(self) -> Result<Vec<String>> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(self.texts.unwrap_or_default()),
        }
    }

    /// Appends the next column's segment.
    pub(crate) fn column(&mut self, write: WriteText<'_>) {
        if self.error.is_none() {
            self.error = self.try_column(write).err();
        }
    }

    fn try_column(&mut self, write: WriteText<'_>) -> Result<()> {
        let Some(column) = self.schema.columns().get(self.written) else {
            return Err(too_many(self.schema));
        };
        self.text.clear();
        if let Some(texts) = &mut self.texts {
            let mut text = String::new();
            write(Encoding::Plain, &mut text).map_err(|error| {
                Error::new(ErrorKind::InvalidKey, error.to_string())
                    .in_table(self.schema.table())
                    .in_column(column.name())
            })?;
            texts.push(text);
            self.written += 1;
            return Ok(());
        }
        let mut written = write(column.encoding(), &mut self.text);
        if written.is_err() && self.is_lenient {
            self.text.clear();
            written = write(Encoding::Plain, &mut self.text);
        }
        let layout = self.schema.layout();
        let value = written.and_then(|()| {
            if self.is_lenient {
                Ok(encode_start(layout, &self.text))
            } else {
                encode_text(layout, &self.text)
            }
        });
        let value = value.map_err(|error| {
            Error::new(ErrorKind::InvalidKey, error.to_string())
                .in_table(self.schema.table())
                .in_column(column.name())
        })?;
        push_value(&mut self.path, layout, column, &value);
        self.written += 1;
        Ok(())
    }

    /// The key's path below its table.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if a value has no text in its column's encoding.
    pub(crate) fn finish(mut self) -> Result<String> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if self.schema.layout() == Layout::Hive {
            self.path.push('/');
            self.path.push_str(HIVE_OBJECT);
        }
        Ok(self.path)
    }
}

/// Appends a column's segment, with a `/` before it unless it is the first.
///
/// # Errors
///
/// If the text can't be stored in this layout.
pub(crate) fn push_segment(
    path: &mut String,
    layout: Layout,
    column: &ColumnSchema,
    text: &str,
) -> Result<(), TextError> {
    push_value(path, layout, column, &encode_text(layout, text)?);
    Ok(())
}

fn push_value(path: &mut String, layout: Layout, column: &ColumnSchema, value: &str) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(&label(layout, column));
    path.push_str(value);
}

/// What a column's segments begin with: `<column>=` in the hive layout.
pub(crate) fn label(layout: Layout, column: &ColumnSchema) -> String {
    match layout {
        Layout::Plain => String::new(),
        Layout::Hive => format!("{}=", encode_hive(column.name())),
    }
}

/// The text of a segment of this column; none if it is foreign.
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

/// Reads a column's value from its text.
type ReadText<T> = fn(&str, Encoding) -> Result<T, TextError>;

/// Reads a key's columns in order; used by generated code.
#[derive(Debug)]
pub struct KeyReader<'a> {
    schema: &'static Schema,
    path: &'a str,
    segments: std::str::Split<'a, char>,
    /// The columns' texts, if these are read and not a path.
    texts: Option<Texts<'a>>,
    read: usize,
}

/// The texts of a key's columns.
#[derive(Debug, Clone, Copy)]
enum Texts<'a> {
    /// Plain ones, whatever the columns' encodings.
    Plain(&'a [String]),
    /// Those that are stored.
    Stored(&'a [&'a str]),
}

impl<'a> KeyReader<'a> {
    fn new(schema: &'static Schema, path: &'a str) -> Self {
        Self {
            schema,
            path,
            segments: path.split('/'),
            texts: None,
            read: 0,
        }
    }

    /// The key of the columns' plain texts.
    pub(super) fn read_texts<K: TableKey>(
        schema: &'static Schema,
        texts: &'a [String],
    ) -> Result<K> {
        K::read(&mut Self {
            texts: Some(Texts::Plain(texts)),
            ..Self::new(schema, "")
        })
    }

    /// The next column's value.
    ///
    /// # Errors
    ///
    /// `InvalidKey` if the path has no such segment or no value has its text.
    pub(crate) fn column<T>(&mut self, read: ReadText<T>) -> Result<T> {
        let fail = |message: String| {
            Error::new(ErrorKind::InvalidKey, message)
                .in_table(self.schema.table())
                .at_key(self.path)
        };
        let Some(column) = self.schema.columns().get(self.read) else {
            return Err(too_many(self.schema));
        };
        if let Some(texts) = self.texts {
            let (text, encoding) = match texts {
                Texts::Plain(texts) => (texts.get(self.read).map(String::as_str), Encoding::Plain),
                Texts::Stored(texts) => (texts.get(self.read).copied(), column.encoding()),
            };
            self.read += 1;
            return read(text.unwrap_or_default(), encoding).map_err(|error| {
                Error::new(ErrorKind::InvalidKey, error.to_string())
                    .in_table(self.schema.table())
                    .in_column(column.name())
            });
        }
        let Some(segment) = self.segments.next() else {
            return Err(fail(format!(
                "the path ends before column {:?}",
                column.name()
            )));
        };
        let text = segment_text(segment, self.schema.layout(), column).ok_or_else(|| {
            fail(format!("no value is stored as {segment:?}")).in_column(column.name())
        })?;
        let value = read(&text, column.encoding())
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
    key.write(&mut writer);
    writer.finish()
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

/// The key whose columns are stored as these texts.
pub(crate) fn read_texts<K: TableKey>(texts: &[&str]) -> Result<K> {
    K::read(&mut KeyReader {
        texts: Some(Texts::Stored(texts)),
        ..KeyReader::new(K::SCHEMA, "")
    })
}

/// Shows a key as its path; used by generated code for `Display`. A key that can't be stored is
/// still shown, in plain text.
#[doc(hidden)]
pub fn show_key<K: TableKey>(key: &K, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
    let mut writer = KeyWriter::new(K::SCHEMA);
    writer.is_lenient = true;
    key.write(&mut writer);
    match writer.finish() {
        Ok(path) => f.write_str(&path),
        Err(error) => Display::fmt(&error, f),
    }
}

/// Parses a key's path; used by generated code for `FromStr`.
#[doc(hidden)]
pub fn parse_key<K: TableKey>(path: &str) -> Result<K> {
    read_key(path)
}
