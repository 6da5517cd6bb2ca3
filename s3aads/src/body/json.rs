//! Bodies of JSON.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::BodyError;
use super::finite::Finite;

/// A value as JSON.
///
/// # Errors
///
/// If the value has no JSON form that can be read back: a map whose keys are not text, a number
/// that is not finite.
pub(super) fn to_json<T: Serialize>(value: &T) -> Result<Bytes, BodyError> {
    let json = match serde_json::to_vec(value) {
        Ok(json) => json,
        // Once more, slower, to learn which field it was.
        Err(_) => to_json_with_path(value)?,
    };
    // JSON has no form for NaN and infinity, and serde_json writes `null` for them without a word.
    if holds_null(&json) {
        check_finite(value)?;
    }
    Ok(json.into())
}

fn to_json_with_path<T: Serialize>(value: &T) -> Result<Vec<u8>, BodyError> {
    let mut json = Vec::new();
    let mut serializer = serde_json::Serializer::new(&mut json);
    match serde_path_to_error::serialize(value, &mut serializer) {
        Ok(()) => Ok(json),
        Err(error) => {
            let path = error.path().to_string();
            Err(BodyError::new(error.into_inner()).at(path))
        }
    }
}

fn holds_null(json: &[u8]) -> bool {
    json.windows(4).any(|window| window == b"null")
}

fn check_finite<T: Serialize>(value: &T) -> Result<(), BodyError> {
    serde_path_to_error::serialize(value, Finite).map_err(|error| {
        let path = error.path().to_string();
        BodyError::new(error.into_inner()).at(path)
    })
}

/// Writes a row's body.
type Write<T> = fn(&T) -> Result<Bytes, BodyError>;

/// `to_json` for a row that serde may write in a way that it can't read, or reads as another: one
/// with `flatten` or `skip_serializing_if`. The body is read back before anything is sent. `whole`
/// writes the fields too that `write` may leave out; none if it leaves out none.
///
/// # Errors
///
/// As `to_json`; if the body can't be read back, or is something else then.
pub fn to_json_that_reads<T>(
    row: &T,
    write: Write<T>,
    whole: Option<Write<T>>,
    read: impl FnOnce(&Bytes) -> Result<T, BodyError>,
) -> Result<Bytes, BodyError> {
    let body = write(row)?;
    let read = read(&body).map_err(BodyError::unreadable)?;
    let (meant, stored) = match whole {
        None => (body.clone(), write(&read)?),
        Some(whole) => (whole(row)?, whole(&read)?),
    };
    match first_difference(&meant, &stored) {
        None => Ok(body),
        Some(field) => Err(BodyError::new(
            "the body that would be written reads back as something else",
        )
        .at(field)),
    }
}

/// The field in which one value's JSON is another than the other's, but for the order in which maps and
/// sets give what they hold; `.` if it is no field.
fn first_difference(a: &[u8], b: &[u8]) -> Option<String> {
    if a == b {
        return None;
    }
    let [a, b] = [a, b].map(|json| serde_json::from_slice(json).unwrap_or_default());
    if let (Value::Object(a), Value::Object(b)) = (&a, &b) {
        let differs = |name: &&String| a.get(*name).map(in_order) != b.get(*name).map(in_order);
        return a.keys().chain(b.keys()).find(differs).cloned();
    }
    (in_order(&a) != in_order(&b)).then(|| ".".to_owned())
}

/// A value as text that does not tell in which order maps and sets gave it.
fn in_order(value: &Value) -> String {
    let mut parts: Vec<String> = match value {
        Value::Array(items) => items.iter().map(in_order).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name:?}:{}", in_order(value)))
            .collect(),
        value => return value.to_string(),
    };
    parts.sort_unstable();
    let parts = parts.join(",");
    if value.is_array() {
        format!("[{parts}]")
    } else {
        format!("{{{parts}}}")
    }
}

/// JSON as a line: what reads hive tables reads lines, and some readers take what has no line break
/// for a row of NULLs.
pub fn to_line(json: Bytes) -> Bytes {
    let mut line = Vec::from(json);
    line.push(b'\n');
    line.into()
}

/// The value whose JSON this is.
///
/// # Errors
///
/// If the bytes are not JSON, not of this type, or go on after it.
pub(super) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, BodyError> {
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        // Once more, slower, to learn which field it was.
        Err(_) => from_json_with_path(body),
    }
}

fn from_json_with_path<T: DeserializeOwned>(body: &[u8]) -> Result<T, BodyError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        BodyError::new(error.into_inner()).at(path)
    })?;
    deserializer.end().map_err(BodyError::new)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[test]
    fn every_float_is_read_as_it_was_written() {
        let mut numbers = vec![1.0000000000000001e127, 5e-324, f64::MAX, -0.0, 0.1 + 0.2];
        let mut random = fastrand::Rng::with_seed(7);
        numbers.extend((0..100_000).map(|_| f64::from_bits(random.u64(..))));
        numbers.retain(|number| number.is_finite());
        let read: Vec<f64> = from_json(&to_json(&numbers).unwrap()).unwrap();
        let bits = |numbers: &[f64]| numbers.iter().map(|n| n.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&read), bits(&numbers));
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        Tuple(u8, f64),
        Struct { radius: f32 },
        New(Box<Shape>),
    }

    #[derive(Serialize)]
    struct Nested {
        none: Option<f64>,
        list: Vec<Shape>,
        map: BTreeMap<String, (u8, f64)>,
    }

    fn nested(list: Vec<Shape>, number: f64) -> Nested {
        Nested {
            none: None,
            list,
            map: BTreeMap::from([("a".to_owned(), (1, number))]),
        }
    }

    #[test]
    fn a_number_that_is_not_finite_is_refused_wherever_it_stands() {
        assert!(to_json(&nested(vec![Shape::Unit], 1.0)).is_ok());
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = to_json(&bad).unwrap_err();
            assert!(error.to_string().contains("not finite"), "{error}");
            assert!(to_json(&(bad as f32)).is_err());
            assert!(to_json(&Some(bad)).is_err());
            let field = |value: &Nested| to_json(value).unwrap_err().into_parts().0.unwrap();
            assert_eq!(field(&nested(vec![], bad)), "map.a[1]");
            let shapes = |shape| nested(vec![Shape::Unit, shape], 0.0);
            assert!(field(&shapes(Shape::Tuple(1, bad))).starts_with("list[1]"));
            let radius = bad as f32;
            assert!(field(&shapes(Shape::Struct { radius })).starts_with("list[1]"));
            let new = Shape::New(Box::new(Shape::Tuple(1, bad)));
            assert!(field(&shapes(new)).starts_with("list[1]"));
        }
    }

    #[derive(Serialize, Deserialize)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    }

    #[test]
    fn what_can_be_written_and_not_read_is_refused() {
        let flat = |key: &str| Flat {
            a: 1,
            rest: BTreeMap::from([(key.to_owned(), 2)]),
        };
        let checked = |row| to_json_that_reads(&row, to_json, None, |body| from_json(body));
        assert!(checked(flat("b")).is_ok());
        let error = checked(flat("a")).unwrap_err();
        assert!(error.to_string().contains("duplicate field"), "{error}");
        assert!(to_json(&flat("a")).is_ok(), "the control");
        let read = |body: &Bytes| from_json(body).map(|flat: Flat| Flat { a: 9, ..flat });
        let error = to_json_that_reads(&flat("b"), to_json, None, read).unwrap_err();
        assert!(error.to_string().starts_with("field \"a\""), "{error}");
    }

    #[test]
    fn the_order_of_maps_and_sets_makes_no_difference() {
        let differs = |a: &str, b: &str| first_difference(a.as_bytes(), b.as_bytes());
        for (a, b) in [
            (r#"{"a":1,"b":[1,2]}"#, r#"{"b":[2,1],"a":1}"#),
            (r#"[{"a":[1,{}]},2]"#, r#"[2,{"a":[{},1]}]"#),
        ] {
            assert_eq!(differs(a, b), None);
        }
        for (a, b, field) in [
            (r#"{"a":1,"b":2}"#, r#"{"a":1,"b":3}"#, "b"),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, "b"),
            (r#"{"a":{"x":1}}"#, r#"{"a":{}}"#, "a"),
            (r#"{"a":[1,1]}"#, r#"{"a":[1]}"#, "a"),
            (r#"{"a":[]}"#, r#"{"a":{}}"#, "a"),
            (r#"{"a":"1"}"#, r#"{"a":1}"#, "a"),
            ("1", "2", "."),
        ] {
            assert_eq!(differs(a, b).as_deref(), Some(field), "{a} {b}");
        }
    }
}
