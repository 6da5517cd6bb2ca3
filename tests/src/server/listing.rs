//! One page of a listing: prefix, delimiter, start and size as S3 defines them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use s3s::{S3Result, s3_error};

use super::state::Object;

/// No page is longer, whatever was asked for.
pub(super) const MAX_KEYS: i32 = 1000;

pub(super) struct Request<'a> {
    pub(super) prefix: &'a str,
    pub(super) delimiter: Option<&'a str>,
    /// Nothing up to and including this is listed.
    pub(super) after: Option<&'a str>,
    pub(super) max_keys: usize,
}

pub(super) enum Entry<'a> {
    Object(&'a str, &'a Object),
    CommonPrefix(&'a str),
}

impl<'a> Entry<'a> {
    pub(super) fn name(&self) -> &'a str {
        match self {
            Self::Object(name, _) | Self::CommonPrefix(name) => name,
        }
    }
}

pub(super) struct Page<'a> {
    /// Objects and common prefixes in key order; both count against the page's size.
    pub(super) entries: Vec<Entry<'a>>,
    pub(super) truncated: bool,
}

impl<'a> Page<'a> {
    /// Where the next page starts, if there is one.
    pub(super) fn next_after(&self) -> Option<&'a str> {
        let last = self.entries.last().filter(|_| self.truncated);
        last.map(Entry::name)
    }
}

impl Request<'_> {
    /// The common prefix that `key` is rolled up into, if it is.
    fn common_prefix<'k>(&self, key: &'k str) -> Option<&'k str> {
        let delimiter = self.delimiter?;
        let rest = key.strip_prefix(self.prefix)?;
        let end = self.prefix.len() + rest.find(delimiter)? + delimiter.len();
        key.get(..end)
    }

    /// The first position to look at. A common prefix is listed only if it is itself greater than `after`, so one that
    /// `after` lies in is over: that is what lets a page end with a common prefix.
    fn start(&self) -> Option<Bound<Cow<'_, str>>> {
        match self.after {
            Some(after) if after >= self.prefix => match self.common_prefix(after) {
                Some(over) => Some(Bound::Included(Cow::Owned(successor(over)?))),
                None => Some(Bound::Excluded(Cow::Borrowed(after))),
            },
            _ => Some(Bound::Included(Cow::Borrowed(self.prefix))),
        }
    }

    /// The page. Its cost does not grow with the keys below a common prefix: they are stepped over.
    pub(super) fn page<'o>(&self, objects: &'o BTreeMap<Box<str>, Object>) -> Page<'o> {
        let mut page = Page {
            entries: Vec::new(),
            truncated: false,
        };
        let mut start = self.start().filter(|_| self.max_keys > 0);
        while let Some(from) = start.take() {
            let from = from.as_ref().map(|text| &**text);
            for (key, object) in objects.range::<str, _>((from, Bound::Unbounded)) {
                if !key.starts_with(self.prefix) {
                    break;
                }
                if page.entries.len() == self.max_keys {
                    page.truncated = true;
                    break;
                }
                if let Some(common) = self.common_prefix(key) {
                    page.entries.push(Entry::CommonPrefix(common));
                    start = successor(common).map(|next| Bound::Included(Cow::Owned(next)));
                    break;
                }
                page.entries.push(Entry::Object(key, object));
            }
        }
        page
    }
}

/// The least string above every string that starts with `prefix`; `None` if there is no such string.
fn successor(prefix: &str) -> Option<String> {
    let mut chars = prefix.chars();
    while let Some(last) = chars.next_back() {
        // The range steps over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            let mut text = chars.as_str().to_owned();
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// `max-keys` as it is applied and echoed.
pub(super) fn max_keys(asked: Option<i32>) -> S3Result<i32> {
    match asked.unwrap_or(MAX_KEYS) {
        negative @ ..0 => Err(s3_error!(
            InvalidArgument,
            "max-keys must not be negative: {negative}"
        )),
        asked => Ok(asked.min(MAX_KEYS)),
    }
}

/// Keeps a token from being taken for a key, and a key for a token.
const TOKEN_MARK: &str = "1\0";

/// A continuation token that says where the next page starts.
pub(super) fn token(after: &str) -> String {
    STANDARD.encode(format!("{TOKEN_MARK}{after}"))
}

pub(super) fn parse_token(token: &str) -> S3Result<String> {
    let text = STANDARD
        .decode(token)
        .ok()
        .and_then(|b| String::from_utf8(b).ok());
    text.as_deref()
        .and_then(|text| text.strip_prefix(TOKEN_MARK))
        .map(str::to_owned)
        .ok_or_else(|| s3_error!(InvalidArgument, "the continuation token is not one of ours"))
}

/// The text as `encoding-type=url` answers it: a form's encoding (a space is `+`) that leaves `/` alone.
pub(super) fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for (index, part) in text.split('/').enumerate() {
        if index > 0 {
            encoded.push('/');
        }
        encoded.extend(url::form_urlencoded::byte_serialize(part.as_bytes()));
    }
    encoded
}
