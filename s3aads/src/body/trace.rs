//! The fields of a body, asked of serde's code: what it wants to read tells what it writes.
//!
//! No value is made up. Each field is read once by itself, and its reading ends with the first thing
//! that it asks for.

use std::cell::{Cell, RefCell};

use serde::de::value::{Error, StrDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer as _, MapAccess,
    SeqAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::schema::{FieldSchema, FieldType};

/// What asks a body for its fields.
///
/// Generated code is generic over it, so that a program which never asks does not carry the answer.
pub trait Trace {
    /// Asks a body of this type.
    fn body<R: DeserializeOwned>(&self);
}

/// The fields that were found.
#[derive(Debug, Default)]
pub(crate) struct Fields(RefCell<Vec<FieldSchema>>);

impl Fields {
    pub(crate) fn into_inner(self) -> Vec<FieldSchema> {
        self.0.into_inner()
    }
}

impl Trace for Fields {
    fn body<R: DeserializeOwned>(&self) {
        let names = Cell::new(&[][..]);
        // Reading always fails: what was asked for is the answer.
        drop(R::deserialize(Body::Names(&names)));
        let fields = names.get().iter().map(|&name| {
            let found = Cell::new(None);
            drop(R::deserialize(Body::Field(name, &found)));
            FieldSchema::new(name, found.take().unwrap_or(FieldType::Json))
        });
        self.0.borrow_mut().extend(fields);
    }
}

fn stop() -> Error {
    Error::custom("nothing is read")
}

/// A body, as which a struct of fields is read.
enum Body<'a> {
    /// Tells the names of its fields.
    Names(&'a Cell<&'static [&'static str]>),
    /// Has this one field.
    Field(&'static str, &'a Cell<Option<FieldType>>),
}

impl<'de> Deserializer<'de> for Body<'_> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self {
            Self::Names(names) => {
                names.set(fields);
                Err(stop())
            }
            Self::Field(name, found) => visitor.visit_map(OneField(name, found)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(stop())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct OneField<'a>(&'static str, &'a Cell<Option<FieldType>>);

impl<'de> MapAccess<'de> for OneField<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let name: StrDeserializer<'_, Error> = self.0.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        seed.deserialize(Value(self.1))
    }
}

/// A value that takes down as what it is read.
struct Value<'a>(&'a Cell<Option<FieldType>>);

macro_rules! scalars {
    ($($method:ident => $found:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            self.0.set(Some($found));
            Err(stop())
        }
    )*};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    scalars! {
        deserialize_bool => FieldType::Bool;
        deserialize_i8 => FieldType::Signed(8);
        deserialize_i16 => FieldType::Signed(16);
        deserialize_i32 => FieldType::Signed(32);
        deserialize_i64 => FieldType::Signed(64);
        deserialize_u8 => FieldType::Unsigned(8);
        deserialize_u16 => FieldType::Unsigned(16);
        deserialize_u32 => FieldType::Unsigned(32);
        deserialize_u64 => FieldType::Unsigned(64);
        deserialize_f32 => FieldType::Float(32);
        deserialize_f64 => FieldType::Float(64);
        deserialize_char => FieldType::String;
        deserialize_str => FieldType::String;
        deserialize_string => FieldType::String;
        deserialize_any => FieldType::Json;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let element = Cell::new(None);
        let read = visitor.visit_seq(Elements(&element));
        self.0.set(Some(match element.take() {
            None | Some(FieldType::Json) => FieldType::Json,
            Some(element) => FieldType::List(Box::new(element)),
        }));
        read
    }

    forward_to_deserialize_any! {
        i128 u128 bytes byte_buf unit unit_struct tuple tuple_struct map struct enum identifier
        ignored_any
    }
}

struct Elements<'a>(&'a Cell<Option<FieldType>>);

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        seed.deserialize(Value(self.0)).map(Some)
    }
}
