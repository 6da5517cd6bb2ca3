//! What marks a version of a row whose table has indexes.
//!
//! The body, a JSON object, begins with a field of the library's own:
//!
//! ```json
//! {"_s3aads":{"n":"6Zt0vQ2mX1aB","g":{"customer":"p0Ls8dKw4Rty"}},"customer":"ada"}
//! ```
//!
//! - `n` is new with every write, so that no two versions of a row are the same bytes with one ETag.
//! - `g` says for each index that the row is in which of the entries is its own: the `n` of the write
//!   that last changed its values there.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::BodyError;

const START: &[u8] = br#"{"_s3aads":"#;

/// Letters of an id: enough that two writes of one row never draw the same.
const LENGTH: usize = 12;

/// What marks a version of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    n: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    g: BTreeMap<String, String>,
}

impl Stamp {
    /// That of a new write, by which no entry is its own yet.
    pub(crate) fn new() -> Self {
        let letters = std::iter::repeat_with(fastrand::alphanumeric);
        Self {
            n: letters.take(LENGTH).collect(),
            g: BTreeMap::new(),
        }
    }

    /// The write's own id.
    pub(crate) fn write(&self) -> &str {
        &self.n
    }

    /// Whether this write wrote the row, or an entry that is still its own.
    pub(crate) fn has(&self, write: &str) -> bool {
        self.n == write || self.g.values().any(|id| id == write)
    }

    /// Which entry of an index is the row's own.
    pub(crate) fn entry(&self, index: &str) -> Option<&str> {
        self.g.get(index).map(String::as_str)
    }

    pub(crate) fn set_entry(&mut self, index: &str, id: &str) {
        self.g.insert(index.to_owned(), id.to_owned());
    }

    /// A body with this stamp, in place of the one that it may have.
    ///
    /// # Errors
    ///
    /// If the body is no JSON object.
    pub(crate) fn put_on(&self, body: &Bytes) -> Result<Bytes, BodyError> {
        let bare = unstamped(body);
        let rest = bare.strip_prefix(b"{").ok_or_else(|| {
            BodyError::new("a row of a table with indexes is stored as a JSON object")
        })?;
        let stamp = serde_json::to_vec(self).map_err(BodyError::new)?;
        let more = !rest.trim_ascii_start().starts_with(b"}");
        let comma: &[u8] = if more { b"," } else { b"" };
        Ok([START, &stamp, comma, rest].concat().into())
    }
}

/// The stamp and what follows it.
fn split(body: &[u8]) -> Option<(Stamp, &[u8])> {
    let rest = body.strip_prefix(START)?;
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Stamp>();
    let stamp = values.next()?.ok()?;
    let rest = rest.get(values.byte_offset()..)?;
    Some((stamp, rest.strip_prefix(b",").unwrap_or(rest)))
}

/// The stamp of a stored body; none of one that was written when the table had no indexes.
pub(crate) fn stamp(body: &[u8]) -> Option<Stamp> {
    split(body).map(|(stamp, _)| stamp)
}

/// A body without the stamp that it may have.
pub fn unstamped(body: &Bytes) -> Bytes {
    match split(body) {
        None => body.clone(),
        Some((_, rest)) => [b"{", rest].concat().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_put_on_replaced_and_taken_off() {
        for body in ["{}", r#"{"a":1}"#, "{ }\n", "{\"a\":{}}\n"] {
            let body = Bytes::from_static(body.as_bytes());
            let mut first = Stamp::new();
            first.set_entry("by \"name\"", "one");
            let stamped = first.put_on(&body).unwrap();
            assert!(serde_json::from_slice::<serde_json::Value>(&stamped).is_ok());
            assert_eq!(stamp(&stamped), Some(first.clone()));
            assert_eq!(first.entry("by \"name\""), Some("one"));
            assert_eq!(unstamped(&stamped), body);
            let again = Stamp::new();
            let twice = again.put_on(&stamped).unwrap();
            assert_eq!((unstamped(&twice), stamp(&twice)), (body, Some(again)));
        }
    }

    #[test]
    fn what_has_no_stamp_is_left_as_it_is() {
        for body in [
            "",
            "[]",
            "1",
            r#"{"_s3aads":"one","a":1}"#,
            r#"{"_s3aads":{"g":{}}}"#,
            r#"{"_s3aads":{"n":"a""#,
            r#"{"a":1,"_s3aads":{"n":"a"}}"#,
        ] {
            let body = Bytes::from_static(body.as_bytes());
            assert_eq!(stamp(&body), None);
            assert_eq!(unstamped(&body), body);
        }
        assert!(Stamp::new().put_on(&Bytes::from_static(b"[]")).is_err());
    }
}
