//! S3's own XML: pure functions from bytes to values and back, which no input makes panic.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::{Digest, Md5};
use quick_xml::escape::escape;
use serde::Deserialize;

use crate::store::Version;
use crate::store::http::Malformed;
use crate::store::http::xml::{document, expect_root};

/// What DeleteObjects says of each key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteResult {
    /// Those that are gone.
    #[serde(default)]
    pub deleted: Vec<DeletedKey>,
    /// Those that are not.
    #[serde(default)]
    pub error: Vec<DeleteError>,
}

/// A key that a bulk delete deleted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeletedKey {
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

/// The Content-MD5 of a body.
pub(crate) fn content_md5(body: &[u8]) -> String {
    BASE64_STANDARD.encode(Md5::digest(body))
}

#[cfg(test)]
mod tests;
