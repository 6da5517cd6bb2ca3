//! Where a page of a query ended, in a form that can be handed out.
//!
//! The text is base64 without padding, in the URL-safe alphabet, of: one byte, the form's
//! version; eight bytes, a hash of the query; the position, which is the path of the page's last
//! row; eight bytes, a hash of all before. The hashes keep a cursor to its query and show damage;
//! they are no secret, since a cursor gives nothing that its query does not.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::key::MAX_PATH_BYTES;
use crate::schema::fnv1a;

const VERSION: u8 = 1;
const HASH: usize = size_of::<u64>();

/// The longest text of a cursor: four characters hold three bytes.
const LONGEST: usize = (1 + HASH + MAX_PATH_BYTES + HASH).div_ceil(3) * 4;

/// Where a page ended: opaque, fit for a URL, and good for the same query only.
///
/// Two queries are the same if their tables have the same keys and their filters mean the same. The
/// order of a set's values does not matter, nor does a filter that excludes nothing. A cursor is
/// text, and serde writes it as a string, so a service can hand it out. If it comes back damaged,
/// or for another query, the terminal fails with `InvalidCursor`, which a web service answers with
/// 400.
///
/// It survives restarts, and rows that are inserted or deleted meanwhile neither repeat nor hide
/// the others.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # use s3aads::Cursor;
/// # #[derive(S3Table)]
/// # struct Item { #[s3(key)] id: u64 }
/// # let items = db.table::<Item>();
/// for id in 0..5 {
///     items.insert(&Item { id }).await?;
/// }
/// let first = items.query().page(2).await?;
/// let text = first.cursor.expect("there is more").to_string();
///
/// let second = items.query().after(Cursor::from(text.as_str())).page(2).await?;
/// assert_eq!(second.rows[0].id, 2);
///
/// let error = items.filter_by_id(3).after(text.as_str()).keys().await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidCursor);
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    pub(crate) fn new(query: &str, position: &str) -> Self {
        let mut bytes = Vec::with_capacity(1 + HASH + position.len() + HASH);
        bytes.push(VERSION);
        bytes.extend(fnv1a(query.as_bytes()).to_be_bytes());
        bytes.extend(position.as_bytes());
        bytes.extend(fnv1a(&bytes).to_be_bytes());
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The position, if the cursor is one of this query.
    pub(crate) fn position(&self, query: &str) -> Result<String> {
        if self.0.len() > LONGEST {
            return Err(damaged());
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(&self.0)
            .map_err(|error| invalid("the cursor is damaged").because(error))?;
        let (rest, hash) = bytes.split_last_chunk::<HASH>().ok_or_else(damaged)?;
        if fnv1a(rest) != u64::from_be_bytes(*hash) {
            return Err(damaged());
        }
        let (version, rest) = rest.split_first().ok_or_else(damaged)?;
        if *version != VERSION {
            return Err(invalid(
                "the cursor is of a release that stores cursors in another form",
            ));
        }
        let (hash, position) = rest.split_first_chunk::<HASH>().ok_or_else(damaged)?;
        if fnv1a(query.as_bytes()) != u64::from_be_bytes(*hash) {
            return Err(invalid(
                "the cursor is of another query; its table and filters must be the same",
            ));
        }
        if position.len() > MAX_PATH_BYTES {
            return Err(damaged());
        }
        String::from_utf8(position.to_vec()).map_err(|_| damaged())
    }

    /// The cursor's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn invalid(message: &str) -> Error {
    Error::new(ErrorKind::InvalidCursor, message)
}

fn damaged() -> Error {
    invalid("the cursor is damaged: it is not the text that a page gave")
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A cursor is checked by the query that it is given to.
impl From<&str> for Cursor {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Cursor {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&Self> for Cursor {
    fn from(cursor: &Self) -> Self {
        cursor.clone()
    }
}

/// Any text is taken; the error is this library's so that `?` passes in its functions.
impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_good_for_its_query_only() {
        let cursor = Cursor::new("a", "1/2020");
        assert_eq!(cursor.position("a").unwrap(), "1/2020");
        assert!(
            cursor
                .position("b")
                .unwrap_err()
                .to_string()
                .contains("another query")
        );
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let cursor = Cursor::new("query", "1/2020/01/01");
        for at in 0..cursor.as_str().len() {
            for replacement in ['A', 'z', '0', '-', '_', '=', 'é'] {
                let mut text: Vec<char> = cursor.as_str().chars().collect();
                if text[at] == replacement {
                    continue;
                }
                text[at] = replacement;
                let tampered = Cursor::from(text.into_iter().collect::<String>());
                assert!(tampered.position("query").is_err(), "{tampered}");
            }
            let cut = Cursor::from(&cursor.as_str()[..at]);
            assert!(cut.position("query").is_err(), "{cut}");
        }
    }
}
