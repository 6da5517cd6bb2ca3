//! The fields of bodies: of a struct, or of rows that were read.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::body::Fields;
use crate::schema::{FieldSchema, FieldType};
use crate::table::S3Table;

impl FieldSchema {
    /// The fields of a table's body, by their stored names and in their order, as the struct's serde
    /// code reads them.
    ///
    /// It tells numbers, `bool`, texts and lists of them, also behind `Option` and in newtypes; all
    /// else is [`FieldType::Json`]. Other names of a field (`#[serde(alias = "..")]`) are fields
    /// too. Of a struct with `#[serde(flatten)]` nothing is known.
    ///
    /// ```
    /// use s3aads::{FieldSchema, FieldType, S3Table};
    ///
    /// #[derive(S3Table)]
    /// struct Day {
    ///     #[s3(key)] id: u64,
    ///     #[serde(rename = "mm")] rain: Option<f64>,
    ///     gusts: Vec<u16>,
    /// }
    /// let gusts = FieldType::List(Box::new(FieldType::Unsigned(16)));
    /// assert_eq!(FieldSchema::of::<Day>(), [
    ///     FieldSchema::new("mm", FieldType::Float(64)),
    ///     FieldSchema::new("gusts", gusts),
    /// ]);
    /// ```
    pub fn of<T: S3Table>() -> Vec<Self> {
        let fields = Fields::default();
        T::trace_body(&fields);
        fields.into_inner()
    }

    /// The fields that stand in some rows' bodies, in the order of their names; a body that is no JSON object
    /// has none.
    ///
    /// Integers have 64 bits. Where one row has an integer and another a fraction, all are fractions;
    /// where they differ in another way, the field is [`FieldType::Json`].
    ///
    /// ```
    /// use s3aads::{FieldSchema, FieldType};
    ///
    /// let fields = FieldSchema::sample([r#"{"mm": 1, "code": "007"}"#, r#"{"mm": 0.5}"#]);
    /// assert_eq!(fields, [
    ///     FieldSchema::new("code", FieldType::String),
    ///     FieldSchema::new("mm", FieldType::Float(64)),
    /// ]);
    /// ```
    pub fn sample<B: AsRef<[u8]>>(bodies: impl IntoIterator<Item = B>) -> Vec<Self> {
        let mut found = BTreeMap::<String, Option<FieldType>>::new();
        for body in bodies {
            let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(body.as_ref()) else {
                continue;
            };
            for (name, value) in fields {
                let known = found.entry(name).or_default();
                *known = both(known.take(), seen(&value));
            }
        }
        let fields = found.into_iter();
        fields
            .map(|(name, field_type)| Self::new(name, field_type.unwrap_or(FieldType::Json)))
            .collect()
    }
}

/// What a value is; nothing is known of null.
fn seen(value: &Value) -> Option<FieldType> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(_) => FieldType::Bool,
        Value::Number(number) if number.is_i64() => FieldType::Signed(64),
        Value::Number(number) if number.is_u64() => FieldType::Unsigned(64),
        Value::Number(_) => FieldType::Float(64),
        Value::String(_) => FieldType::String,
        Value::Object(_) => FieldType::Json,
        Value::Array(values) => match values.iter().map(seen).fold(None, both)? {
            FieldType::Json => FieldType::Json,
            of => FieldType::List(Box::new(of)),
        },
    })
}

/// The type of what is of one type here and of another there.
fn both(a: Option<FieldType>, b: Option<FieldType>) -> Option<FieldType> {
    use FieldType::{Float, Json, List, Signed, Unsigned};
    let (a, b) = match (a, b) {
        (Some(a), Some(b)) => (a, b),
        (a, b) => return a.or(b),
    };
    Some(match (a, b) {
        (a, b) if a == b => a,
        (Float(_), Signed(_) | Unsigned(_)) | (Signed(_) | Unsigned(_), Float(_)) => Float(64),
        (List(a), List(b)) => match both(Some(*a), Some(*b)) {
            Some(Json) | None => Json,
            Some(of) => List(Box::new(of)),
        },
        _ => Json,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_differ() {
        let types = |bodies: &[&str]| {
            let fields = FieldSchema::sample(bodies);
            let types = fields.iter().map(|field| field.field_type().clone());
            types.collect::<Vec<_>>()
        };
        let list = |of| FieldType::List(Box::new(of));
        for (bodies, expected) in [
            ([r#"{"a": null}"#, "{}"], FieldType::Json),
            ([r#"{"a": null}"#, r#"{"a": true}"#], FieldType::Bool),
            (
                [r#"{"a": -1}"#, r#"{"a": 18446744073709551615}"#],
                FieldType::Json,
            ),
            ([r#"{"a": 1}"#, r#"{"a": "1"}"#], FieldType::Json),
            (
                [r#"{"a": [1]}"#, r#"{"a": [null, 0.5]}"#],
                list(FieldType::Float(64)),
            ),
            ([r#"{"a": []}"#, r#"{"a": ["x"]}"#], list(FieldType::String)),
            ([r#"{"a": [{}]}"#, "[1]"], FieldType::Json),
        ] {
            assert_eq!(types(&bodies), [expected], "{bodies:?}");
        }
    }
}
