//! A listing as S3 gives it, and Google in S3's form.
//!
//! Its XML is read event by event: a scan spends most of its CPU time here, and the derived reader of the other
//! documents would take half as long again.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::{Malformed, xml};
use crate::store::{ListPage, ListRequest, ObjectEntry, PageToken, Version};

/// The query of ListObjectsV2.
pub(crate) fn query<'a>(
    request: &'a ListRequest,
    max_keys: &'a Option<String>,
) -> Vec<(&'a str, &'a str)> {
    let mut query = vec![("list-type", "2"), ("encoding-type", "url")];
    let (token, after) = match &request.token {
        Some(PageToken::Server(token)) => (Some(token), None),
        Some(PageToken::After { last, .. }) => (None, Some(last)),
        None => (None, request.start_after.as_ref()),
    };
    if let Some(token) = token {
        query.push(("continuation-token", token));
    }
    if let Some(after) = after.filter(|after| !after.is_empty()) {
        query.push(("start-after", after));
    }
    if !request.prefix.is_empty() {
        query.push(("prefix", &request.prefix));
    }
    if request.delimiter {
        query.push(("delimiter", "/"));
    }
    if let Some(max_keys) = max_keys {
        query.push(("max-keys", max_keys));
    }
    query
}

/// A page of ListObjectsV2.
pub(crate) fn parse(body: &[u8]) -> Result<ListPage, Malformed> {
    xml::expect_root(body, "ListBucketResult")?;
    let mut result = read(xml::text(body)?)?;
    let encoding = result.encoding_type.unwrap_or_default();
    if encoding.eq_ignore_ascii_case("url") {
        let keys = result.objects.iter_mut().map(|object| &mut object.key);
        keys.chain(&mut result.prefixes).for_each(url_decode);
    }
    let next = match (result.is_truncated, result.next_continuation_token) {
        (false, _) => None,
        (true, Some(token)) if !token.is_empty() => Some(PageToken::Server(token)),
        (true, _) => {
            return Err(Malformed::new(
                "a listing goes on but has no continuation token",
            ));
        }
    };
    Ok(ListPage {
        objects: result.objects,
        prefixes: result.prefixes,
        next,
        ..ListPage::default()
    })
}

/// Undoes the URL encoding of a listing, in which `+` is a space.
fn url_decode(text: &mut String) {
    if !text.bytes().any(|b| b == b'+' || b == b'%') {
        return;
    }
    let spaced: Cow<'_, str> = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text.as_str())
    };
    *text = percent_decode_str(&spaced).decode_utf8_lossy().into_owned();
}

/// A ListBucketResult, nothing decoded but the XML.
#[derive(Debug, Default)]
struct ListBucketResult {
    is_truncated: bool,
    next_continuation_token: Option<String>,
    encoding_type: Option<String>,
    objects: Vec<ObjectEntry>,
    prefixes: Vec<String>,
}

/// An object of which not all is read yet.
#[derive(Debug, Default)]
struct Partial {
    key: Option<String>,
    size: Option<u64>,
    last_modified: Option<DateTime<Utc>>,
    e_tag: Option<String>,
    /// Google's alone.
    generation: Option<String>,
    storage_class: Option<String>,
}

impl Partial {
    fn whole(self) -> Result<ObjectEntry, Malformed> {
        let missing = |what| Malformed::new(format!("an object of a listing has no <{what}>"));
        Ok(ObjectEntry {
            key: self.key.ok_or_else(|| missing("Key"))?,
            size: self.size.ok_or_else(|| missing("Size"))?,
            last_modified: self.last_modified.ok_or_else(|| missing("LastModified"))?,
            version: Version::new(self.e_tag, self.generation),
            storage_class: self.storage_class,
        })
    }
}

/// What holds the element that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    Contents,
    CommonPrefixes,
    Other,
}

/// Depth of the root's children, and of what an object or a common prefix says of itself.
const SECTION: usize = 2;
const FIELD: usize = 3;

fn read(document: &str) -> Result<ListBucketResult, Malformed> {
    let mut reader = Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut result = ListBucketResult::default();
    let (mut depth, mut section) = (0, Section::Other);
    let (mut object, mut text) = (Partial::default(), String::new());
    loop {
        match reader.read_event().map_err(Malformed::new)? {
            Event::Start(start) => {
                depth += 1;
                text.clear();
                if depth == SECTION {
                    section = match start.local_name().as_ref() {
                        b"Contents" => Section::Contents,
                        b"CommonPrefixes" => Section::CommonPrefixes,
                        _ => Section::Other,
                    };
                }
            }
            Event::Text(part) => text.push_str(&part.decode().map_err(Malformed::new)?),
            Event::CData(part) => text.push_str(&part.decode().map_err(Malformed::new)?),
            Event::GeneralRef(part) => {
                let name = part.decode().map_err(Malformed::new)?;
                match &*name {
                    // Two of them stand around each ETag.
                    "quot" => text.push('"'),
                    _ => text.push_str(&unescape(&format!("&{name};")).map_err(Malformed::new)?),
                }
            }
            Event::End(end) => {
                let name = end.local_name();
                match (depth, section) {
                    (FIELD, Section::Contents) => object.field(name.as_ref(), &text)?,
                    (FIELD, Section::CommonPrefixes) if name.as_ref() == b"Prefix" => {
                        result.prefixes.push(text.clone());
                    }
                    (SECTION, Section::Contents) => {
                        result.objects.push(std::mem::take(&mut object).whole()?);
                    }
                    (SECTION, Section::Other) => result.field(name.as_ref(), &text)?,
                    (1, _) => return Ok(result),
                    _ => {}
                }
                depth -= 1;
            }
            Event::Eof => return Err(Malformed::new("the listing ends in the middle")),
            _ => {}
        }
    }
}

impl Partial {
    fn field(&mut self, name: &[u8], text: &str) -> Result<(), Malformed> {
        match name {
            b"Key" => self.key = Some(text.to_owned()),
            b"Size" => self.size = Some(text.trim().parse().map_err(Malformed::new)?),
            b"LastModified" => self.last_modified = Some(time(text.trim())?),
            b"ETag" => self.e_tag = some(text),
            b"Generation" => self.generation = some(text),
            b"StorageClass" => self.storage_class = some(text),
            _ => {}
        }
        Ok(())
    }
}

impl ListBucketResult {
    fn field(&mut self, name: &[u8], text: &str) -> Result<(), Malformed> {
        match name {
            b"IsTruncated" => self.is_truncated = text.trim().parse().map_err(Malformed::new)?,
            b"NextContinuationToken" => self.next_continuation_token = Some(text.to_owned()),
            b"EncodingType" => self.encoding_type = Some(text.to_owned()),
            _ => {}
        }
        Ok(())
    }
}

/// A point in time as S3 writes it, or in another form of ISO 8601.
fn time(text: &str) -> Result<DateTime<Utc>, Malformed> {
    match DateTime::parse_from_rfc3339(text) {
        Ok(time) => Ok(time.to_utc()),
        Err(_) => text.parse().map_err(Malformed::new),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
