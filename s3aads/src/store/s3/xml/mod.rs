//! S3's XML: pure functions from bytes to values and back, which no input makes panic.

mod list;

use std::borrow::Cow;
use std::fmt;

use percent_encoding::percent_decode_str;
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::store::{ListPage, ObjectEntry, PageToken, Version};

/// A body that is not the document that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed(String);

impl Malformed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the server's answer can't be read: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

/// An `<Error>` document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ErrorBody {
    /// What kind of error it is.
    pub code: Option<String>,
    /// What it says to a person.
    pub message: Option<String>,
    /// The region that should have been asked.
    pub region: Option<String>,
    /// The host that should have been asked.
    pub endpoint: Option<String>,
}

/// The error that `body` is, or `None` where it is anything else.
///
/// Only the document's own `<Code>` counts: a key or a message may hold the text of any code.
pub(crate) fn parse_error(body: &[u8]) -> Option<ErrorBody> {
    (root(body).as_deref() == Some("Error"))
        .then(|| document::<ErrorBody>(body).ok())
        .flatten()
}

/// A page of ListObjectsV2.
pub(crate) fn parse_list(body: &[u8]) -> Result<ListPage, Malformed> {
    expect_root(body, "ListBucketResult")?;
    let result = list::read(text(body)?)?;
    let encoded = result
        .encoding_type
        .is_some_and(|encoding| encoding.eq_ignore_ascii_case("url"));
    let decode = |text: String| if encoded { url_decode(text) } else { text };
    let next = match (result.is_truncated, result.next_continuation_token) {
        (false, _) => None,
        (true, Some(token)) if !token.is_empty() => Some(PageToken::Server(token)),
        (true, _) => {
            return Err(Malformed::new(
                "a listing goes on but has no continuation token",
            ));
        }
    };
    let objects = result.contents.into_iter().map(|object| ObjectEntry {
        key: decode(object.key),
        size: object.size,
        last_modified: object.last_modified,
        version: Version::new(object.e_tag.filter(|e_tag| !e_tag.is_empty()), None),
        storage_class: object.storage_class.filter(|class| !class.is_empty()),
    });
    Ok(ListPage {
        objects: objects.collect(),
        prefixes: result.common_prefixes.into_iter().map(decode).collect(),
        next,
        ..ListPage::default()
    })
}

/// What DeleteObjects says of each key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResult {
    /// Those that are gone.
    #[serde(default)]
    pub deleted: Vec<Deleted>,
    /// Those that are not.
    #[serde(default)]
    pub error: Vec<DeleteError>,
}

/// A key that a bulk delete deleted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Deleted {
    /// The key.
    pub key: String,
}

/// A key that a bulk delete left where it was.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteError {
    /// The key.
    pub key: String,
    /// What kind of error it is.
    #[serde(default)]
    pub code: String,
    /// What it says to a person.
    #[serde(default)]
    pub message: String,
}

/// An answer of DeleteObjects.
pub(crate) fn parse_delete(body: &[u8]) -> Result<DeleteResult, Malformed> {
    expect_root(body, "DeleteResult")?;
    document(body)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListAllMyBucketsResult {
    buckets: Option<Buckets>,
    continuation_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Buckets {
    #[serde(default)]
    bucket: Vec<Bucket>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Bucket {
    name: String,
}

/// A page of ListBuckets: the names and the token of the next page.
pub(crate) fn parse_buckets(body: &[u8]) -> Result<(Vec<String>, Option<String>), Malformed> {
    expect_root(body, "ListAllMyBucketsResult")?;
    let result: ListAllMyBucketsResult = document(body)?;
    let buckets = result.buckets.map(|buckets| buckets.bucket);
    let names = buckets.unwrap_or_default().into_iter().map(|b| b.name);
    Ok((
        names.collect(),
        result.continuation_token.filter(|token| !token.is_empty()),
    ))
}

/// The copy that a CopyObject answer names; its error may come under the status of a success.
pub(crate) fn parse_copy(body: &[u8]) -> Result<Version, Malformed> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct CopyObjectResult {
        #[serde(rename = "ETag")]
        e_tag: Option<String>,
    }
    expect_root(body, "CopyObjectResult")?;
    let result: CopyObjectResult = document(body)?;
    Ok(Version::new(
        result.e_tag.filter(|e_tag| !e_tag.is_empty()),
        None,
    ))
}

/// Checks an answer that is empty, or some XML that nobody reads.
pub(crate) fn expect_done(body: &[u8]) -> Result<(), Malformed> {
    match root(body) {
        None if body.trim_ascii().is_empty() => Ok(()),
        Some(root) if !root.eq_ignore_ascii_case("html") => Ok(()),
        _ => Err(Malformed::new(
            "expected no body and got one that is no XML",
        )),
    }
}

/// An object as DeleteObjects names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Doomed {
    /// The key.
    pub key: String,
    /// The ETag that the object must have, if any.
    #[serde(rename = "ETag")]
    pub e_tag: Option<String>,
}

/// The body of DeleteObjects, which asks for an answer on every key.
pub(crate) fn delete_body(objects: &[Doomed]) -> Result<String, Malformed> {
    let mut body = String::from(
        r#"<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>false</Quiet>"#,
    );
    for Doomed { key, e_tag } in objects {
        body.push_str("<Object><Key>");
        push_text(&mut body, key)?;
        body.push_str("</Key>");
        if let Some(e_tag) = e_tag {
            body.push_str("<ETag>");
            push_text(&mut body, e_tag)?;
            body.push_str("</ETag>");
        }
        body.push_str("</Object>");
    }
    body.push_str("</Delete>");
    Ok(body)
}

/// The objects in the body of DeleteObjects.
#[cfg(feature = "testing")]
pub(crate) fn parse_delete_body(body: &[u8]) -> Result<Vec<Doomed>, Malformed> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Delete {
        #[serde(default)]
        object: Vec<Doomed>,
    }
    expect_root(body, "Delete")?;
    Ok(document::<Delete>(body)?.object)
}

/// The body of CreateBucket outside of us-east-1.
pub(crate) fn create_body(region: &str) -> String {
    format!(
        "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <LocationConstraint>{}</LocationConstraint></CreateBucketConfiguration>",
        escape(region)
    )
}

/// XML 1.0 has no form for most control characters, not even an escaped one.
pub(crate) fn is_xml_text(text: &str) -> bool {
    !text.chars().any(|c| {
        matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
    })
}

fn push_text(body: &mut String, text: &str) -> Result<(), Malformed> {
    if !is_xml_text(text) {
        return Err(Malformed::new(format!(
            "the key {text:?} has characters that XML can't carry"
        )));
    }
    for c in text.chars() {
        match c {
            // A parser turns a bare carriage return into a line feed, and may trim the others.
            '\r' => body.push_str("&#13;"),
            '\n' => body.push_str("&#10;"),
            '\t' => body.push_str("&#9;"),
            c => body.push_str(&escape(c.encode_utf8(&mut [0; 4]) as &str)),
        }
    }
    Ok(())
}

/// Undoes the URL encoding of a listing, in which `+` is a space.
fn url_decode(text: String) -> String {
    if !text.bytes().any(|b| b == b'+' || b == b'%') {
        return text;
    }
    let spaced: Cow<'_, str> = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text.as_str())
    };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

fn document<T: DeserializeOwned>(body: &[u8]) -> Result<T, Malformed> {
    quick_xml::de::from_str(text(body)?).map_err(|e| Malformed::new(e.to_string()))
}

fn text(body: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(body).map_err(|e| Malformed::new(e.to_string()))
}

/// The name of the document's root element.
fn root(body: &[u8]) -> Option<String> {
    let mut reader = Reader::from_reader(body);
    loop {
        match reader.read_event() {
            Ok(Event::Start(start) | Event::Empty(start)) => {
                return Some(String::from_utf8_lossy(start.local_name().as_ref()).into_owned());
            }
            Ok(Event::Eof) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

fn expect_root(body: &[u8], expected: &str) -> Result<(), Malformed> {
    match root(body) {
        Some(name) if name == expected => Ok(()),
        Some(name) => Err(Malformed::new(format!(
            "expected <{expected}> and got <{name}>; is the endpoint an S3 endpoint?"
        ))),
        None => Err(Malformed::new(format!(
            "expected <{expected}> and got no XML"
        ))),
    }
}

#[cfg(test)]
mod tests;
