//! A field of a row's body, as programs that read the table see it.

use std::borrow::Cow;

/// What a field of a body holds, for [`Schema::ddl`](crate::Schema::ddl).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldType {
    /// `true` or `false`.
    Bool,
    /// An unsigned integer of this many bits.
    Unsigned(u32),
    /// A signed integer of this many bits.
    Signed(u32),
    /// A floating point number of this many bits.
    Float(u32),
    /// A text.
    String,
    /// A text that is a calendar date, `2020-01-31`.
    Date,
    /// A text that is a UUID.
    Uuid,
    /// A list of values of one type.
    List(Box<FieldType>),
    /// Anything else: an object, an enum, a list of such, an integer of 128 bits.
    Json,
}

/// A field of a body: its stored name, and what it holds.
///
/// ```
/// use s3aads::{FieldSchema, FieldType};
///
/// let rain = FieldSchema::new("rain", FieldType::Float(64));
/// assert_eq!(rain.name(), "rain");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSchema {
    name: Cow<'static, str>,
    field_type: FieldType,
}

impl FieldSchema {
    /// A field of this stored name.
    pub fn new(name: impl Into<Cow<'static, str>>, field_type: FieldType) -> Self {
        Self {
            name: name.into(),
            field_type,
        }
    }

    /// The field's stored name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds.
    pub fn field_type(&self) -> &FieldType {
        &self.field_type
    }
}
