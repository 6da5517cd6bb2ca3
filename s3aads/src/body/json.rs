//! Bodies of JSON.

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

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

/// [`to_json`] for a type that can write what it can't read, as one with `flatten` or
/// `skip_serializing_if` may: the body is read back as `R` before anything is sent.
///
/// # Errors
///
/// As [`to_json`]; if the body can't be read back.
pub(super) fn to_json_that_reads<T: Serialize, R: DeserializeOwned>(
    value: &T,
) -> Result<Bytes, BodyError> {
    let json = to_json(value)?;
    from_json::<R>(&json).map_err(|error| error.unreadable())?;
    Ok(json)
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
        #[allow(dead_code)]
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
        assert!(to_json_that_reads::<_, Flat>(&flat("b")).is_ok());
        let error = to_json_that_reads::<_, Flat>(&flat("a")).unwrap_err();
        assert!(error.to_string().contains("duplicate field"), "{error}");
        assert!(to_json(&flat("a")).is_ok(), "the control");
    }
}
