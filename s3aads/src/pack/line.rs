//! One line: a row's key columns and the fields of its body.

use std::fmt;
use std::sync::Arc;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::form::stem;
use crate::key::plain::{is_plain, to_plain};
use crate::key::{encode_text, segment_text};
use crate::schema::{ColumnSchema, ColumnType, Schema};
use crate::store::Version;

/// Why a line is no row, or a row no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineError(String);

impl LineError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a column's values stand in lines as their plain texts are, numbers and `bool`; others are
/// JSON strings.
pub(super) fn is_bare(column_type: ColumnType) -> bool {
    matches!(
        column_type,
        ColumnType::Unsigned(..=64) | ColumnType::Signed(..=64) | ColumnType::Bool
    )
}

fn push_text(line: &mut Vec<u8>, text: &str) {
    // Writing to a `Vec` does not fail, nor does a text.
    let _ = serde_json::to_writer(line, text);
}

fn push_value(line: &mut Vec<u8>, column_type: ColumnType, text: &str) {
    if is_bare(column_type) {
        line.extend_from_slice(text.as_bytes());
    } else {
        push_text(line, text);
    }
}

/// How the lines of one pack begin.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// The plain texts of the columns in the path; none where no pack of the table has that path.
    pub(super) bound: Option<Vec<String>>,
    /// `{` and the columns in the path, each with a comma behind it.
    text: String,
    /// For each packed column its name and the colon, with a comma before it but for the first.
    labels: Vec<String>,
}

impl Start {
    /// That of the pack whose key paths begin with `stem`.
    pub(super) fn new(schema: &Schema, stem: &str) -> Self {
        let bound = bound_texts(schema, stem);
        let mut text = vec![b'{'];
        for (column, value) in schema.bound().iter().zip(bound.iter().flatten()) {
            push_text(&mut text, column.name());
            text.push(b':');
            push_value(&mut text, column.column_type(), value);
            text.push(b',');
        }
        let labels = schema.packed_columns().iter().enumerate();
        let labels = labels.map(|(place, column)| {
            let mut label = Vec::new();
            label.extend((place > 0).then_some(b','));
            push_text(&mut label, column.name());
            label.push(b':');
            String::from_utf8(label).unwrap_or_default()
        });
        Self {
            bound,
            labels: labels.collect(),
            text: String::from_utf8(text).unwrap_or_default(),
        }
    }

    fn write(&self, schema: &Schema, texts: &[String], body: &[u8]) -> Result<Written, LineError> {
        let body = normal(schema, body)?;
        let fields = body.get(1..body.len() - 1).unwrap_or_default();
        let mut line = Vec::with_capacity(self.text.len() + body.len() + 32);
        line.extend_from_slice(self.text.as_bytes());
        for ((label, column), text) in self.labels.iter().zip(schema.packed_columns()).zip(texts) {
            line.extend_from_slice(label.as_bytes());
            push_value(&mut line, column.column_type(), text);
        }
        line.extend((!fields.is_empty()).then_some(b','));
        line.extend_from_slice(fields);
        line.push(b'}');
        Ok(Written {
            line: line.into(),
            body: body.into(),
        })
    }

    /// Where the values of the packed columns and the body are in a line that is as [`write`] writes
    /// it; none where it is not, or may not be.
    ///
    /// [`write`]: Self::write
    pub(super) fn split<'a>(
        &self,
        schema: &Schema,
        line: &'a str,
        mut found: impl FnMut(&'a str),
    ) -> Option<Rest> {
        let mut rest = line.strip_prefix(self.text.as_str())?;
        for (label, column) in self.labels.iter().zip(schema.packed_columns()) {
            rest = rest.strip_prefix(label.as_str())?;
            let text = if is_bare(column.column_type()) {
                let end = rest.bytes().position(|byte| matches!(byte, b',' | b'}'))?;
                let (text, after) = rest.split_at_checked(end)?;
                rest = after;
                text
            } else {
                let inner = rest.strip_prefix('"')?;
                let ends = |byte| matches!(byte, b'"' | b'\\') || byte < b' ';
                let end = inner.bytes().position(ends)?;
                let (text, after) = inner.split_at_checked(end)?;
                rest = after.strip_prefix('"')?;
                text
            };
            if !is_plain(column.column_type(), text) {
                return None;
            }
            // What is a number or a `bool` has a path in every layout.
            if !is_bare(column.column_type()) && encode_text(schema.layout(), text).is_err() {
                return None;
            }
            found(text);
        }
        match rest.as_bytes() {
            b"}" => Some(Rest::Empty),
            [b',', b'"', .., b'}'] => Some(Rest::From(line.len() - rest.len())),
            _ => None,
        }
    }

    /// Asserts that a line holds no other row beside the one whose fields begin at this comma: whoever
    /// appends to a pack without a last line break makes one line of two.
    pub(super) fn is_one(&self, line: &str, comma: usize) -> Result<(), LineError> {
        let fields = line.get(comma + 1..).unwrap_or_default();
        // Most lines have one brace there, the last.
        let first = memchr::memchr2(b'{', b'}', fields.as_bytes());
        if first.is_some_and(|place| place + 1 == fields.len())
            || ends_once(fields) && !fields.contains(self.text.as_str())
        {
            return Ok(());
        }
        let body = ["{", fields].concat();
        let read = serde_json::from_str::<IgnoredAny>(&body);
        read.map(drop)
            .map_err(|error| LineError::new(error.to_string()))
    }
}

/// Whether a body's fields can't hold the end of their row and the begin of another: no brace ends in
/// them but before a comma or the end of what holds it.
fn ends_once(fields: &str) -> bool {
    let bytes = fields.as_bytes();
    let after = |place: usize| {
        let rest = bytes.get(place + 1..).unwrap_or_default();
        rest.trim_ascii_start()
    };
    memchr::memchr_iter(b'}', bytes).all(|place| match after(place) {
        [] | [b'}' | b']', ..] => true,
        [b',', rest @ ..] => rest.trim_ascii_start().starts_with(b"\""),
        _ => false,
    })
}

/// What follows the key columns in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing.
    Empty,
    /// The body's fields, from the comma at this place on.
    From(usize),
}

/// The plain texts of the segments before a pack's name; none where they are no values.
fn bound_texts(schema: &Schema, stem: &str) -> Option<Vec<String>> {
    let columns = schema.bound();
    let segments: Vec<&str> = match stem.strip_suffix('/') {
        None => Vec::new(),
        Some(stem) => stem.split('/').collect(),
    };
    if segments.len() != columns.len() {
        return None;
    }
    let texts = segments.into_iter().zip(columns);
    let texts = texts.map(|(segment, column)| {
        let text = segment_text(segment, schema.layout(), column)?;
        to_plain(column, &text)
    });
    texts.collect()
}

/// What writes the rows of one pack as lines.
#[derive(Debug)]
pub(crate) struct Writer {
    schema: Arc<Schema>,
    start: Start,
}

impl Writer {
    /// That of the pack of this path below the table.
    pub(crate) fn new(schema: &Arc<Schema>, path: &str) -> Self {
        Self {
            schema: Arc::clone(schema),
            start: Start::new(schema, stem(schema, path)),
        }
    }

    /// The row of these plain texts and this body as it is stored.
    ///
    /// # Errors
    ///
    /// For a body that is no JSON object, or has a field of a key column's name.
    pub(crate) fn write(&self, texts: &[String], body: &[u8]) -> Result<Written, LineError> {
        self.start.write(&self.schema, texts, body)
    }
}

/// A row that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    /// Its line, without the line break.
    pub(super) line: Bytes,
    /// Its body, as it will be read.
    pub(super) body: Bytes,
}

impl Written {
    /// The row's body, as it will be read.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    pub(crate) fn version(&self) -> Version {
        version_of(&self.body)
    }
}

/// A body as it is read from a line: without blanks around its fields, and without line breaks, which
/// JSON has between tokens only.
fn normal(schema: &Schema, body: &[u8]) -> Result<Vec<u8>, LineError> {
    let no_object =
        |why: &dyn fmt::Display| LineError::new(format!("the body is no JSON object: {why}"));
    let body = match body.trim_ascii() {
        // A row whose key is all that it has.
        b"" => b"{}",
        body => body,
    };
    let text = std::str::from_utf8(body).map_err(|error| no_object(&error))?;
    let Members(members) = serde_json::from_str(text).map_err(|error| no_object(&error))?;
    let mut columns = schema.columns().iter();
    let taken = columns.find(|column| members.iter().any(|(name, _)| name == column.name()));
    if let Some(column) = taken {
        return Err(LineError::new(format!(
            "the body has a field {:?}, and so is a key column called",
            column.name()
        )));
    }
    let inner = body.get(1..body.len() - 1).unwrap_or_default().trim_ascii();
    let inner = inner.iter().map(|byte| match byte {
        b'\n' | b'\r' => b' ',
        other => *other,
    });
    let mut normal = Vec::with_capacity(body.len());
    normal.push(b'{');
    normal.extend(inner);
    normal.push(b'}');
    Ok(normal)
}

/// A line that is not as we write it.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The plain texts of the packed columns.
    pub(super) texts: Vec<String>,
    /// The body: what is left of the line, every value as it stands there.
    pub(super) body: Bytes,
}

/// Reads a line whatever its form, if it is one of this pack's rows.
pub(super) fn parse(schema: &Schema, start: &Start, line: &str) -> Result<Parsed, LineError> {
    let Members(members) =
        serde_json::from_str(line).map_err(|error| LineError::new(error.to_string()))?;
    let columns = schema.columns();
    let mut texts: Vec<Option<String>> = vec![None; columns.len()];
    let mut body = vec![b'{'];
    for (name, value) in members {
        let place = columns.iter().position(|column| column.name() == name);
        if let Some((column, slot)) =
            place.and_then(|place| Some((columns.get(place)?, texts.get_mut(place)?)))
        {
            let text = text_of(column, value)?;
            encode_text(schema.layout(), &text)
                .map_err(|error| LineError::new(error.to_string()))?;
            if slot.replace(text).is_some() {
                return Err(LineError::new(format!("it has {name:?} twice")));
            }
            continue;
        }
        body.extend((body.len() > 1).then_some(b','));
        push_text(&mut body, &name);
        body.push(b':');
        body.extend_from_slice(value.get().as_bytes());
    }
    body.push(b'}');
    let packed = texts.split_off(schema.bound().len());
    let of_path = start.bound.iter().flatten();
    for ((column, told), path) in schema.bound().iter().zip(&texts).zip(of_path) {
        if let Some(told) = told.as_ref().filter(|told| *told != path) {
            return Err(LineError::new(format!(
                "it says {:?} is {told:?} and the object's path says {path:?}",
                column.name()
            )));
        }
    }
    let missing = |column: &ColumnSchema| {
        LineError::new(format!("it lacks the key column {:?}", column.name()))
    };
    let texts = schema.packed_columns().iter().zip(packed);
    let texts = texts.map(|(column, text)| text.ok_or_else(|| missing(column)));
    Ok(Parsed {
        texts: texts.collect::<Result<_, _>>()?,
        body: body.into(),
    })
}

/// Whether the body of a line, in which it was looked for at its place, is one JSON object and no
/// more, without a key column.
pub(super) fn check_body(schema: &Schema, body: &[u8]) -> Result<(), LineError> {
    let Members(members) =
        serde_json::from_slice(body).map_err(|error| LineError::new(error.to_string()))?;
    let mut names = members.iter().map(|(name, _)| name);
    match names.find(|name| {
        let mut columns = schema.columns().iter();
        columns.any(|column| column.name() == name.as_str())
    }) {
        Some(name) => Err(LineError::new(format!("it has {name:?} twice"))),
        None => Ok(()),
    }
}

/// The plain text of a column's JSON value.
fn text_of(column: &ColumnSchema, value: &RawValue) -> Result<String, LineError> {
    let (json, column_type) = (value.get(), column.column_type());
    let wrong = || {
        LineError::new(format!(
            "the key column {:?} holds {}, which is no {column_type}",
            column.name(),
            crate::error::shorten(json)
        ))
    };
    let text = if json.starts_with('"') {
        serde_json::from_str::<String>(json).map_err(|_| wrong())?
    } else if is_bare(column_type) || is_wide(column_type) {
        // Wide integers are written as texts, since many readers take numbers for floats.
        json.to_owned()
    } else {
        return Err(wrong());
    };
    is_plain(column_type, &text)
        .then_some(text)
        .ok_or_else(wrong)
}

fn is_wide(column_type: ColumnType) -> bool {
    matches!(column_type, ColumnType::Unsigned(_) | ColumnType::Signed(_))
}

/// The members of a JSON object, in order, each value as it stands there.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    members.push((name, map.next_value::<&RawValue>()?));
                }
                Ok(Members(members))
            }

            fn visit_seq<A>(self, _: A) -> Result<Members<'de>, A::Error>
            where
                A: serde::de::SeqAccess<'de>,
            {
                Err(A::Error::custom("an array is no row"))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// The version of a row in a pack: the SHA-256 of its body, since the pack's ETag changes with every
/// neighbour. Nobody can make two bodies of one version.
pub(crate) fn version_of(body: &[u8]) -> Version {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(body));
    Version::new(Some(format!("\"{hash}\"")), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_published_hash() {
        let version = version_of(b"abc");
        let expected = "\"ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0\"";
        assert_eq!(version.e_tag(), Some(expected));
    }
}
