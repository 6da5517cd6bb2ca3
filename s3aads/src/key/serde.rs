//! Keys as serde sees them: a struct of the key columns by their stored names, whatever the columns'
//! types. Integers of up to 64 bits are numbers, `bool` is itself, and everything else is its plain
//! text, in which wider integers lose nothing in formats whose numbers are floating-point.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde::ser::{Error as _, Serialize, SerializeStruct, Serializer};

use super::path::{KeyReader, KeyWriter, TableKey};
use crate::schema::{ColumnSchema, ColumnType};

/// A column's value.
struct Value<'a> {
    column_type: ColumnType,
    text: &'a str,
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text;
        match self.column_type {
            ColumnType::Unsigned(..=64) => {
                serializer.serialize_u64(text.parse().map_err(S::Error::custom)?)
            }
            ColumnType::Signed(..=64) => {
                serializer.serialize_i64(text.parse().map_err(S::Error::custom)?)
            }
            ColumnType::Bool => serializer.serialize_bool(text == "true"),
            _ => serializer.serialize_str(text),
        }
    }
}

/// Serializes a key; used by generated code.
///
/// # Errors
///
/// If a value has no text, or the serializer fails.
#[doc(hidden)]
pub fn serialize_key<K: TableKey, S: Serializer>(
    key: &K,
    name: &'static str,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut writer = KeyWriter::texts(K::SCHEMA);
    key.write(&mut writer);
    let texts = writer.into_texts().map_err(S::Error::custom)?;
    let columns = K::SCHEMA.columns();
    let mut fields = serializer.serialize_struct(name, columns.len())?;
    for (column, text) in columns.iter().zip(&texts) {
        let column_type = column.column_type();
        fields.serialize_field(column.name(), &Value { column_type, text })?;
    }
    fields.end()
}

/// Deserializes a key; used by generated code.
///
/// # Errors
///
/// If a column is missing, given twice or not a value of its type.
#[doc(hidden)]
pub fn deserialize_key<'de, K: TableKey, D: Deserializer<'de>>(
    name: &'static str,
    fields: &'static [&'static str],
    deserializer: D,
) -> Result<K, D::Error> {
    let columns = K::SCHEMA.columns();
    let texts = deserializer.deserialize_struct(name, fields, Columns(columns))?;
    KeyReader::read_texts(K::SCHEMA, &texts).map_err(D::Error::custom)
}

/// Reads the texts of these columns.
struct Columns(&'static [ColumnSchema]);

impl<'de> Visitor<'de> for Columns {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(ColumnSchema::name).collect();
        write!(f, "a key of the columns {}", names.join(", "))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Vec<String>, A::Error> {
        let mut texts = Vec::with_capacity(self.0.len());
        for (place, column) in self.0.iter().enumerate() {
            let text = values.next_element_seed(Text(column.column_type()))?;
            texts.push(text.ok_or_else(|| A::Error::invalid_length(place, &self))?);
        }
        Ok(texts)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Vec<String>, A::Error> {
        let mut texts: Vec<Option<String>> = vec![None; self.0.len()];
        while let Some(name) = entries.next_key::<String>()? {
            let place = self.0.iter().position(|column| column.name() == name);
            let column = place.and_then(|place| self.0.get(place));
            let (Some(slot), Some(column)) = (place.and_then(|at| texts.get_mut(at)), column)
            else {
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            if slot.is_some() {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            *slot = Some(entries.next_value_seed(Text(column.column_type()))?);
        }
        let missing =
            |column: &ColumnSchema| A::Error::custom(format!("missing field `{}`", column.name()));
        let columns = self.0.iter().zip(texts);
        columns
            .map(|(column, text)| text.ok_or_else(|| missing(column)))
            .collect()
    }
}

/// The plain text of a value of this type; a number or `bool` can be given as text too.
struct Text(ColumnType);

impl<'de> DeserializeSeed<'de> for Text {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        if !deserializer.is_human_readable() {
            // Formats that do not describe themselves are read as they are written.
            return match self.0 {
                ColumnType::Unsigned(..=64) => deserializer.deserialize_u64(self),
                ColumnType::Signed(..=64) => deserializer.deserialize_i64(self),
                ColumnType::Bool => deserializer.deserialize_bool(self),
                _ => deserializer.deserialize_str(self),
            };
        }
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key column of type {}", self.0)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }
}
