//! `bool`, `char` and `String` as key columns: their text is themselves.

use super::column::{ColumnType, Encoding, KeyColumn, TextError};
use super::form::{StringForm, TextForm};

#[diagnostic::do_not_recommend]
impl KeyColumn for bool {
    type Form = TextForm;

    const TYPE: ColumnType = ColumnType::Bool;

    fn encode(&self, _: Encoding, text: &mut String) -> Result<(), TextError> {
        text.push_str(if *self { "true" } else { "false" });
        Ok(())
    }

    fn decode(text: &str, _: Encoding) -> Result<Self, TextError> {
        match text {
            "false" => Ok(false),
            "true" => Ok(true),
            _ => Err(TextError::new(format!(
                "{text:?} is neither true nor false"
            ))),
        }
    }

    fn is_ordered(_: Encoding) -> bool {
        true
    }
}

#[diagnostic::do_not_recommend]
impl KeyColumn for char {
    type Form = TextForm;

    const TYPE: ColumnType = ColumnType::Char;

    fn encode(&self, _: Encoding, text: &mut String) -> Result<(), TextError> {
        text.push(*self);
        Ok(())
    }

    fn decode(text: &str, _: Encoding) -> Result<Self, TextError> {
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(TextError::new(format!("{text:?} is not one character"))),
        }
    }
}

#[diagnostic::do_not_recommend]
impl KeyColumn for String {
    type Form = StringForm;

    const TYPE: ColumnType = ColumnType::String;

    fn encode(&self, _: Encoding, text: &mut String) -> Result<(), TextError> {
        text.push_str(self);
        Ok(())
    }

    fn decode(text: &str, _: Encoding) -> Result<Self, TextError> {
        Ok(text.to_owned())
    }
}
