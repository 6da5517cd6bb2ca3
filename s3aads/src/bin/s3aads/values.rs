//! A row as named values: what tables show, and what is imported and exported.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::{RawValue, to_raw_value};

use s3aads::bytes::Bytes;
use s3aads::{BodyFormat, ColumnSchema, ColumnType, Layout, RawKey, RawTable, Schema};

use crate::output::{Field, field, json_line};

/// An object's fields in the order in which they are written, each as it is written.
#[derive(Debug, Clone)]
pub(crate) struct Fields(pub(crate) Vec<Field>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::<Field>::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if fields.iter().any(|(known, _)| *known == name) {
                        return Err(serde::de::Error::custom(format!(
                            "the field {name:?} is there twice"
                        )));
                    }
                    fields.push((name, value));
                }
                Ok(Fields(fields))
            }
        }

        from.deserialize_map(Object)
    }
}

/// The names of bodies that are no objects.
const DATA: &str = "data";
const TEXT: &str = "text";
const BYTES: &str = "bytes";

/// The values of a key's columns; those of texts that are no values as they are stored.
pub(crate) fn key_fields(table: &RawTable, key: &RawKey) -> Vec<Field> {
    let columns = table.schema().columns().iter().zip(key.values());
    columns
        .map(|(column, stored)| column_field(column, stored))
        .collect()
}

/// The value of a column by its stored text.
pub(crate) fn value_field(table: &RawTable, name: &str, stored: &str) -> Field {
    let mut columns = table.schema().columns().iter();
    match columns.find(|column| column.name() == name) {
        Some(column) => column_field(column, stored),
        None => field(name, &stored),
    }
}

fn column_field(column: &ColumnSchema, stored: &str) -> Field {
    match column.value_text(stored) {
        Some(value) => (column.name().to_owned(), json_of(column, value)),
        None => field(column.name(), &stored),
    }
}

/// A value as JSON: numbers and bools as they are, all others as strings.
fn json_of(column: &ColumnSchema, value: String) -> Box<RawValue> {
    let plain = matches!(
        column.column_type(),
        ColumnType::Unsigned(_) | ColumnType::Signed(_) | ColumnType::Bool
    );
    let raw = if plain {
        RawValue::from_string(value)
    } else {
        to_raw_value(&value)
    };
    raw.unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// The row as one record: its key's columns, and then its body.
///
/// # Errors
///
/// If the body is not of the table's format, or has a field with a column's name.
pub(crate) fn record(table: &RawTable, key: &RawKey, body: &[u8]) -> Result<Vec<Field>, String> {
    let mut fields = key_fields(table, key);
    for (name, value) in body_fields(table.schema(), body)? {
        if fields.iter().any(|(known, _)| *known == name) {
            return Err(format!(
                "the body has a field {name:?}, which is a key column's name"
            ));
        }
        fields.push((name, value));
    }
    Ok(fields)
}

fn body_fields(schema: &Schema, body: &[u8]) -> Result<Vec<Field>, String> {
    let told = |error: serde_json::Error| format!("the body does not decode: {error}");
    let data = || serde_json::from_slice::<Box<RawValue>>(body);
    let text = || std::str::from_utf8(body);
    let named = |name: &str, value| vec![(name.to_owned(), value)];
    match schema.body() {
        BodyFormat::Object => {
            let fields = serde_json::from_slice::<Fields>(body).map_err(told)?;
            Ok(fields.0)
        }
        BodyFormat::Data => Ok(named(DATA, data().map_err(told)?)),
        BodyFormat::Text => {
            let text = text().map_err(|error| format!("the body is not UTF-8: {error}"))?;
            Ok(named(TEXT, to_raw_value(text).map_err(told)?))
        }
        BodyFormat::Empty => Ok(Vec::new()),
        // What other programs store is told by what it is. An object is its fields, unless these could be
        // taken for one of the others.
        _ if is_told_by_fields(body) => {
            let fields = serde_json::from_slice::<Fields>(body).map_err(told)?;
            Ok(fields.0)
        }
        _ => Ok(match (data(), text()) {
            (Ok(data), _) => named(DATA, data),
            (_, Ok(text)) => named(TEXT, to_raw_value(text).map_err(told)?),
            _ => {
                let encoded = BASE64_STANDARD.encode(body);
                named(BYTES, to_raw_value(&encoded).map_err(told)?)
            }
        }),
    }
}

/// Whether a body is an object whose fields alone tell that it is one.
fn is_told_by_fields(body: &[u8]) -> bool {
    let Ok(Fields(fields)) = serde_json::from_slice::<Fields>(body) else {
        return false;
    };
    match &fields[..] {
        [] => false,
        [(name, _)] => ![DATA, TEXT, BYTES].contains(&&**name),
        _ => true,
    }
}

/// The key and the body that a record stands for.
///
/// # Errors
///
/// If a column is missing or has no value of its type, or what is left is no body of the table.
pub(crate) fn row(table: &RawTable, mut fields: Vec<Field>) -> Result<(RawKey, Bytes), String> {
    let mut values = Vec::new();
    for column in table.schema().columns() {
        let name = column.name();
        let at = fields.iter().position(|(field, _)| field == name);
        let (_, value) = match at {
            Some(at) => fields.remove(at),
            None => return Err(format!("the key column {name:?} is missing")),
        };
        let text = value.get();
        values.push(match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map_err(|error| error.to_string())?,
            Some(b'{' | b'[' | b'n') | None => {
                return Err(format!("the key column {name:?} can't be {text}"));
            }
            Some(_) => text.to_owned(),
        });
    }
    let key = table.key_of(values).map_err(|error| error.to_string())?;
    let body = body_of(table.schema(), fields)?;
    Ok((key, body))
}

fn body_of(schema: &Schema, fields: Vec<Field>) -> Result<Bytes, String> {
    let format = schema.body();
    let is_other = |(name, _): &Field| ![DATA, TEXT, BYTES].contains(&&**name);
    let expected = match format {
        BodyFormat::Bytes if fields.len() > 1 || fields.iter().any(is_other) => {
            return Ok(json_line(&fields).into_bytes().into());
        }
        BodyFormat::Object => return Ok(stored_body(schema, json_line(&fields).into_bytes())),
        BodyFormat::Empty => &[][..],
        BodyFormat::Data => &[DATA][..],
        BodyFormat::Text => &[TEXT][..],
        _ => &[DATA, TEXT, BYTES][..],
    };
    let mut fields = fields.into_iter();
    let body = match fields.next() {
        None if expected.is_empty() => Vec::new(),
        None => {
            return Err(format!(
                "the field {:?} is missing",
                expected.join("\" or \"")
            ));
        }
        Some((name, value)) if expected.contains(&&*name) => {
            let text = || {
                serde_json::from_str::<String>(value.get())
                    .map_err(|_| format!("the field {name:?} is a string"))
            };
            match &*name {
                TEXT => text()?.into_bytes(),
                BYTES => BASE64_STANDARD
                    .decode(text()?)
                    .map_err(|error| format!("the field {name:?} is not base64: {error}"))?,
                _ => value.get().as_bytes().to_vec(),
            }
        }
        Some((name, _)) => return Err(unexpected(&name, expected)),
    };
    match fields.next() {
        Some((name, _)) => Err(unexpected(&name, expected)),
        None => Ok(stored_body(schema, body)),
    }
}

fn unexpected(name: &str, expected: &[&str]) -> String {
    let known = expected.join("\" or \"");
    match expected {
        [] => format!("the field {name:?} has no place: the table's rows have no body"),
        _ => format!("the field {name:?} has no place: the table's rows have {known:?} alone"),
    }
}

/// A body as the table stores it: JSON of the hive layout ends its line.
pub(crate) fn stored_body(schema: &Schema, mut body: Vec<u8>) -> Bytes {
    let is_json = matches!(schema.body(), BodyFormat::Object | BodyFormat::Data);
    let is_line = schema.layout() == Layout::Hive && schema.packed() == 0 && is_json;
    if is_line && body.last() != Some(&b'\n') {
        body.push(b'\n');
    }
    body.into()
}

/// Refuses a body that is not of the table's format.
pub(crate) fn check_body(schema: &Schema, body: &[u8]) -> Result<(), String> {
    match schema.body() {
        BodyFormat::Empty if !body.is_empty() => {
            Err("the table's rows have no body; give an empty one".to_owned())
        }
        _ => body_fields(schema, body).map(drop),
    }
}

/// The columns of records, in the order in which they come up.
pub(crate) fn columns_of(records: &[Vec<Field>]) -> Vec<String> {
    let mut columns = Vec::<String>::new();
    for (name, _) in records.iter().flatten() {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
    }
    columns
}
