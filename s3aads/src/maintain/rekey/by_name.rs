//! Where rows go if columns and fields are matched by their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;

use super::mapping::{Carry, Mapping, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::raw;
use crate::rows::Rows;
use crate::rows::search::ReadKey;
use crate::schema::{BodyFormat, ColumnSchema, ColumnType};
use crate::store::Object;

/// Where a new column's value comes from.
#[derive(Debug)]
enum Origin {
    /// The old column in this place.
    Column(usize),
    /// The body's field of the column's name.
    Field,
}

/// Columns and fields keep their names and values.
#[derive(Debug)]
pub(super) struct ByName {
    old: Arc<Rows>,
    new: Arc<Rows>,
    /// Of each new column.
    origins: Vec<Origin>,
    /// The old columns that go into the body.
    to_body: Vec<usize>,
    carry: Carry,
}

/// A body's fields, each as it is written.
type Fields = BTreeMap<String, Box<RawValue>>;

impl ByName {
    /// # Errors
    ///
    /// `InvalidConfig` if values would move between key and body, and the body has no fields.
    pub(super) fn new(old: &Arc<Rows>, new: &Arc<Rows>) -> Result<Self> {
        let (from, to) = (old.schema().columns(), new.schema().columns());
        let place = |name: &str| from.iter().position(|column| column.name() == name);
        let origin = |column: &ColumnSchema| match place(column.name()) {
            Some(at) => Origin::Column(at),
            None => Origin::Field,
        };
        let stays = |name: &str| to.iter().any(|column| column.name() == name);
        let left = from.iter().enumerate();
        let left = left.filter(|(_, column)| !stays(column.name()));
        let by_name = Self {
            old: Arc::clone(old),
            new: Arc::clone(new),
            origins: to.iter().map(origin).collect(),
            to_body: left.map(|(at, _)| at).collect(),
            carry: Carry::new(old.schema(), new.schema()),
        };
        if by_name.moves_fields() && old.schema().body() != BodyFormat::Object {
            let message = format!(
                "the tables' key columns differ by name, and a body that is stored as {} has no \
                 fields for them; name the same columns",
                old.schema().body()
            );
            return Err(old.error(ErrorKind::InvalidConfig, message));
        }
        Ok(by_name)
    }

    fn moves_fields(&self) -> bool {
        let is_field = |origin: &Origin| matches!(origin, Origin::Field);
        !self.to_body.is_empty() || self.origins.iter().any(is_field)
    }

    fn fault(&self, name: &str, message: impl Into<String>) -> Error {
        let error = Error::new(ErrorKind::InvalidRow, message);
        error.in_table(self.old.schema().table()).in_column(name)
    }

    /// The row's fields and old key, as the new table's key and fields.
    fn moved(&self, values: &[String], body: &Bytes) -> Result<(Vec<String>, Bytes)> {
        let fields = serde_json::from_slice::<Fields>(body);
        let mut fields = fields.map_err(|error| {
            let error_kind = ErrorKind::InvalidRow;
            Error::new(error_kind, "the stored body is no JSON object").because(error)
        })?;
        let mut key = Vec::with_capacity(self.origins.len());
        for (column, origin) in self.new.schema().columns().iter().zip(&self.origins) {
            let name = column.name();
            key.push(match origin {
                Origin::Column(at) => values.get(*at).cloned().unwrap_or_default(),
                Origin::Field => {
                    let field = fields.remove(name);
                    let field = field.ok_or_else(|| {
                        self.fault(name, "the row has no field of this name for the new key")
                    })?;
                    value_of(&field).ok_or_else(|| {
                        let message = format!("the field's value can't be in a key: {field}");
                        self.fault(name, message)
                    })?
                }
            });
        }
        for &at in &self.to_body {
            let column = self.old.schema().columns().get(at);
            let (Some(column), Some(value)) = (column, values.get(at)) else {
                continue;
            };
            let value = json_of(column, value).map_err(|error| {
                let message = "the old key's value can't be written as JSON";
                self.fault(column.name(), message).because(error)
            })?;
            if fields.insert(column.name().to_owned(), value).is_some() {
                let message = "the old key's value would go into a field that the row has already";
                return Err(self.fault(column.name(), message));
            }
        }
        let body = serde_json::to_vec(&fields).map_err(|error| {
            Error::new(ErrorKind::InvalidRow, "the new row's body can't be written").because(error)
        })?;
        Ok((key, self.carry.body(&body.into())))
    }
}

/// The value of a JSON string, number or bool, as people write it.
fn value_of(json: &RawValue) -> Option<String> {
    let text = json.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(text.to_owned()),
    }
}

/// A column's value as JSON: numbers and bools as they are, all others as strings.
fn json_of(column: &ColumnSchema, value: &str) -> Result<Box<RawValue>, serde_json::Error> {
    match column.column_type() {
        ColumnType::Unsigned(_) | ColumnType::Signed(_) | ColumnType::Bool => {
            RawValue::from_string(value.to_owned())
        }
        _ => serde_json::value::to_raw_value(value),
    }
}

impl Mapping for ByName {
    fn keys(&self) -> ReadKey<()> {
        let rows = Arc::clone(&self.old);
        let of_path = move |path: &str| raw::values(rows.schema(), path).map(drop);
        ReadKey::new(of_path, |_| Ok(()))
    }

    fn reads(&self) -> bool {
        self.moves_fields()
    }

    fn copies(&self) -> bool {
        self.carry.copies && !self.moves_fields()
    }

    fn target(&self, path: &str, object: Option<&Object>) -> Result<Target> {
        let values = raw::values(self.old.schema(), path)?;
        let (key, body) = if self.moves_fields() {
            let unread = || Error::new(ErrorKind::Other, "the row was not read");
            let object = object.ok_or_else(unread)?;
            let (key, body) = self.moved(&values, &object.body)?;
            (key, Some(body))
        } else {
            let origins = self.origins.iter();
            let key = origins.filter_map(|origin| match origin {
                Origin::Column(at) => values.get(*at).cloned(),
                Origin::Field => None,
            });
            let object = object.filter(|_| !self.carry.copies);
            let body = object.map(|object| self.carry.body(&object.body));
            (key.collect(), body)
        };
        let key = raw::of_values(self.new.schema(), &key)?;
        Ok(Target {
            path: key.path().to_owned(),
            body,
        })
    }
}
