//! The schema of a table that has none stored, guessed from its first rows.

use s3aads::{BodyFormat, RawKey, Schema};

use crate::failure::Failure;
use crate::target::{Known, Opened};

/// What the keys and bodies look like; what is given is taken as it is.
pub(super) fn schema(
    opened: &Opened,
    keys: &[RawKey],
    bodies: &[Vec<u8>],
) -> Result<Schema, Failure> {
    let given = opened.table.schema();
    let body = match given.body() {
        BodyFormat::Bytes => body(bodies),
        given => given,
    };
    let columns = given.columns().iter().enumerate().map(|(at, column)| {
        let kind = match opened.known {
            Known::Paths => {
                let texts = keys.iter().filter_map(|key| key.values().get(at));
                column_type(&texts.map(String::as_str).collect::<Vec<_>>())
            }
            _ => format!("{} {}", column.column_type(), column.encoding()),
        };
        format!("{}: {kind}", column.name())
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let schema: Schema = format!("t({columns}) layout {}, body {body}", given.layout()).parse()?;
    Ok(schema.with_table(given.table()))
}

/// The type and encoding that all of these texts have.
fn column_type(texts: &[&str]) -> String {
    let all = |is: fn(&str) -> bool| !texts.is_empty() && texts.iter().all(|text| is(text));
    let width = texts.first().map_or(0, |text| text.len());
    if all(is_decimal) {
        return "u64".to_owned();
    }
    if all(is_digits) && (1..=19).contains(&width) && texts.iter().all(|text| text.len() == width) {
        return format!("u64 width {width}");
    }
    if all(is_date) {
        return "date".to_owned();
    }
    if all(is_uuid) {
        return "uuid".to_owned();
    }
    if all(|text| matches!(text, "true" | "false")) {
        "bool".to_owned()
    } else {
        "string".to_owned()
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0')) && text.parse::<u64>().is_ok()
}

fn is_date(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let part = |range| {
        text.get(range)
            .and_then(|part: &str| part.parse::<u8>().ok())
    };
    let within = |part: Option<u8>, most| part.is_some_and(|part| (1..=most).contains(&part));
    shape && within(part(5..7), 12) && within(part(8..10), 31)
}

fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && text
            .bytes()
            .all(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'a'..=b'f'))
}

/// The format that all of these bodies have.
fn body(bodies: &[Vec<u8>]) -> BodyFormat {
    use serde_json::Value;
    let values = bodies
        .iter()
        .map(|body| serde_json::from_slice::<Value>(body).ok());
    let values: Vec<Option<Value>> = values.collect();
    if !bodies.is_empty() && bodies.iter().all(Vec::is_empty) {
        BodyFormat::Empty
    } else if values
        .iter()
        .all(|value| matches!(value, Some(Value::Object(_))))
    {
        BodyFormat::Object
    } else if values.iter().all(Option::is_some) {
        BodyFormat::Data
    } else if bodies.iter().all(|body| std::str::from_utf8(body).is_ok()) {
        BodyFormat::Text
    } else {
        BodyFormat::Bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_texts_look_like() {
        let guess = |texts: &[&str]| column_type(texts);
        assert_eq!(guess(&["1", "20", "0"]), "u64");
        assert_eq!(guess(&["01", "12"]), "u64 width 2");
        assert_eq!(guess(&["01", "112"]), "string");
        assert_eq!(guess(&["2020-01-31"]), "date");
        assert_eq!(guess(&["2020-13-31"]), "string");
        assert_eq!(guess(&["true", "false"]), "bool");
        assert_eq!(guess(&["67e55044-10b1-426f-9247-bb680e5fe0c8"]), "uuid");
        assert_eq!(guess(&[]), "string");
        assert_eq!(guess(&["99999999999999999999"]), "string");
    }

    #[test]
    fn what_bodies_look_like() {
        let guess = |bodies: &[&str]| {
            let bodies: Vec<Vec<u8>> = bodies.iter().map(|body| body.as_bytes().to_vec()).collect();
            body(&bodies)
        };
        assert_eq!(guess(&["{}", r#"{"a":1}"#]), BodyFormat::Object);
        assert_eq!(guess(&["{}", "[1]"]), BodyFormat::Data);
        assert_eq!(guess(&["{}", "dry"]), BodyFormat::Text);
        assert_eq!(guess(&["", ""]), BodyFormat::Empty);
    }
}
