//! The listing's XML, read event by event: a scan spends most of its CPU time here, and the derived reader of the other
//! documents would take half as long again.

use chrono::{DateTime, Utc};
use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::Event;

use super::Malformed;

/// A ListBucketResult as it stands, nothing decoded but the XML.
#[derive(Debug, Default)]
pub(super) struct ListBucketResult {
    pub(super) is_truncated: bool,
    pub(super) next_continuation_token: Option<String>,
    pub(super) encoding_type: Option<String>,
    pub(super) contents: Vec<Contents>,
    pub(super) common_prefixes: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Contents {
    pub(super) key: String,
    pub(super) size: u64,
    pub(super) last_modified: DateTime<Utc>,
    pub(super) e_tag: Option<String>,
    pub(super) storage_class: Option<String>,
}

/// An object of which not all is read yet.
#[derive(Debug, Default)]
struct Partial {
    key: Option<String>,
    size: Option<u64>,
    last_modified: Option<DateTime<Utc>>,
    e_tag: Option<String>,
    storage_class: Option<String>,
}

impl Partial {
    fn whole(self) -> Result<Contents, Malformed> {
        let missing = |what| Malformed::new(format!("an object of a listing has no <{what}>"));
        Ok(Contents {
            key: self.key.ok_or_else(|| missing("Key"))?,
            size: self.size.ok_or_else(|| missing("Size"))?,
            last_modified: self.last_modified.ok_or_else(|| missing("LastModified"))?,
            e_tag: self.e_tag,
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

pub(super) fn read(document: &str) -> Result<ListBucketResult, Malformed> {
    let mut reader = Reader::from_str(document);
    reader.config_mut().expand_empty_elements = true;
    let mut result = ListBucketResult::default();
    let (mut depth, mut section) = (0, Section::Other);
    let (mut object, mut text) = (Partial::default(), String::new());
    loop {
        match reader.read_event().map_err(malformed)? {
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
            Event::Text(part) => text.push_str(&part.decode().map_err(malformed)?),
            Event::CData(part) => text.push_str(&part.decode().map_err(malformed)?),
            Event::GeneralRef(part) => {
                let name = part.decode().map_err(malformed)?;
                match &*name {
                    // Two of them stand around each ETag.
                    "quot" => text.push('"'),
                    _ => text.push_str(&unescape(&format!("&{name};")).map_err(malformed)?),
                }
            }
            Event::End(end) => {
                let name = end.local_name();
                match (depth, section) {
                    (FIELD, Section::Contents) => object.field(name.as_ref(), &text)?,
                    (FIELD, Section::CommonPrefixes) if name.as_ref() == b"Prefix" => {
                        result.common_prefixes.push(text.clone());
                    }
                    (SECTION, Section::Contents) => {
                        result.contents.push(std::mem::take(&mut object).whole()?);
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
            b"Size" => self.size = Some(text.trim().parse().map_err(malformed)?),
            b"LastModified" => self.last_modified = Some(time(text.trim())?),
            b"ETag" => self.e_tag = Some(text.to_owned()),
            b"StorageClass" => self.storage_class = Some(text.to_owned()),
            _ => {}
        }
        Ok(())
    }
}

impl ListBucketResult {
    fn field(&mut self, name: &[u8], text: &str) -> Result<(), Malformed> {
        match name {
            b"IsTruncated" => self.is_truncated = text.trim().parse().map_err(malformed)?,
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
        Err(_) => text.parse().map_err(malformed),
    }
}

fn malformed(error: impl std::fmt::Display) -> Malformed {
    Malformed::new(error.to_string())
}
