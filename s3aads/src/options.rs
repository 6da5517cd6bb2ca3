//! What goes with a row besides its body.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use object_store::{Attribute, Attributes, TagSet};

use crate::error::{Error, ErrorKind, Result, shorten};
use crate::store::operation::OWN_METADATA;

/// The most bytes of user metadata, names and values together: S3 takes 2 KB, of which the
/// library needs some for itself.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>
const MOST_METADATA: usize = 1_500;

/// The most bytes of content headers together: S3 takes 8 KB of headers of all kinds.
const MOST_HEADERS: usize = 4_000;

/// The most tags.
///
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>
const MOST_TAGS: usize = 10;

/// Content headers, user metadata, tags and storage class for one write.
///
/// The local store has no place for them: all but the content type are `Unsupported` there.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # use s3aads::WriteOptions;
/// # #[derive(S3Table)]
/// # struct Page { #[s3(key)] path: String, #[s3(text)] html: String }
/// let pages = db.table::<Page>();
/// let options = WriteOptions::new().content_type("text/html").metadata("author", "ada");
/// let page = Page { path: "index".into(), html: "<p>hello".into() };
/// pages.upsert_with(&page, &options).await?;
/// let meta = pages.meta("index").await?.expect("the row is there");
/// assert_eq!(meta.content_type(), Some("text/html"));
/// assert_eq!(meta.metadata()["author"], "ada");
/// # });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    headers: Vec<(Attribute, String)>,
    metadata: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
}

impl WriteOptions {
    /// Options that change nothing.
    pub fn new() -> Self {
        Self::default()
    }

    fn with_header(mut self, header: Attribute, value: impl Into<String>) -> Self {
        self.headers.retain(|(name, _)| *name != header);
        self.headers.push((header, value.into()));
        self
    }

    /// The Content-Type, in place of the one that the table's body has.
    #[must_use]
    pub fn content_type(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentType, value)
    }

    /// The Content-Encoding that readers see; the body is stored as it is.
    #[must_use]
    pub fn content_encoding(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentEncoding, value)
    }

    /// The Content-Disposition.
    #[must_use]
    pub fn content_disposition(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentDisposition, value)
    }

    /// The Content-Language.
    #[must_use]
    pub fn content_language(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentLanguage, value)
    }

    /// The Cache-Control.
    #[must_use]
    pub fn cache_control(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::CacheControl, value)
    }

    /// The storage class, as the store names it: `STANDARD_IA`.
    #[must_use]
    pub fn storage_class(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::StorageClass, value)
    }

    /// One entry of user metadata. Names are letters, digits, `-`, `_` and `.`; values are visible
    /// ASCII; names that start with `s3aads` are the library's own. All of it together may be 1,500
    /// bytes.
    #[must_use]
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// One object tag, of at most ten: 1 to 128 characters of name, and at most 256 of value, all
    /// letters, digits, blanks or `+ - = . _ : / @`.
    #[must_use]
    pub fn tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(name.into(), value.into());
        self
    }

    /// The tags, once it is known that a store takes them.
    pub(crate) fn tags(&self) -> Result<TagSet> {
        if self.tags.len() > MOST_TAGS {
            return Err(invalid(format!(
                "an object has at most {MOST_TAGS} tags and {} were given",
                self.tags.len()
            )));
        }
        let mut tags = TagSet::default();
        for (name, value) in &self.tags {
            check_tag(name, 1..=128)?;
            check_tag(value, 0..=256)?;
            tags.push(name, value);
        }
        Ok(tags)
    }

    /// What the store takes, once it is known that a header can hold it; of this content type
    /// if the options name none.
    pub(crate) fn attributes(&self, content_type: Option<&'static str>) -> Result<Attributes> {
        let bytes = |(name, value): (&String, &String)| name.len() + value.len();
        check_total("metadata", self.metadata.iter().map(bytes), MOST_METADATA)?;
        let bytes = |(_, value): &(Attribute, String)| value.len();
        check_total("headers", self.headers.iter().map(bytes), MOST_HEADERS)?;
        let mut attributes = Attributes::new();
        if let Some(content_type) = content_type {
            attributes.insert(Attribute::ContentType, content_type.into());
        }
        for (name, value) in &self.headers {
            check_value(&format!("{name:?}"), value)?;
            attributes.insert(name.clone(), value.clone().into());
        }
        for (name, value) in &self.metadata {
            check_name(name)?;
            check_value(name, value)?;
            // Header names have no case, and stores answer with lower case.
            let name = Attribute::Metadata(name.to_ascii_lowercase().into());
            attributes.insert(name, value.clone().into());
        }
        Ok(attributes)
    }
}

fn check_total(what: &str, sizes: impl Iterator<Item = usize>, most: usize) -> Result<()> {
    let total: usize = sizes.sum();
    if total <= most {
        return Ok(());
    }
    Err(invalid(format!(
        "the {what} can't be stored: stores take {most} bytes and there are {total}"
    )))
}

fn check_tag(text: &str, lengths: RangeInclusive<usize>) -> Result<()> {
    let allowed = |c: char| c.is_alphanumeric() || " +-=._:/@".contains(c);
    if lengths.contains(&text.chars().count()) && text.chars().all(allowed) {
        return Ok(());
    }
    Err(invalid(format!(
        "a tag can't hold {:?}: it takes {} to {} letters, digits, blanks and `+ - = . _ : / @`",
        shorten(text),
        lengths.start(),
        lengths.end()
    )))
}

fn check_name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(invalid(format!(
            "{name:?} can't name metadata: names are letters, digits, `-`, `_` and `.`"
        )));
    }
    if name.to_ascii_lowercase().starts_with(OWN_METADATA) {
        return Err(invalid(format!(
            "{name:?} can't name metadata: names that start with `{OWN_METADATA}` are the library's own"
        )));
    }
    Ok(())
}

fn check_value(name: &str, value: &str) -> Result<()> {
    // A header's value loses blanks at its ends on the way.
    if value.trim() == value && value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(());
    }
    Err(invalid(format!(
        "the value of {name} can't be stored: it has characters other than visible ASCII, or blanks at an end"
    )))
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidConfig, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_header_can_hold_is_refused() {
        for options in [
            WriteOptions::new().metadata("", "x"),
            WriteOptions::new().metadata("a b", "x"),
            WriteOptions::new().metadata("S3aadsOp", "x"),
            WriteOptions::new().metadata("a", "line\nbreak"),
            WriteOptions::new().metadata("a", "é"),
            WriteOptions::new().content_type("a\r\nx-injected: 1"),
            WriteOptions::new().metadata("a", " padded"),
        ] {
            let error = options.attributes(None).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{options:?}");
        }
    }

    #[test]
    fn tags_that_no_store_takes_are_refused() {
        let many = (0..11).fold(WriteOptions::new(), |options, i| {
            options.tag(format!("tag{i}"), "x")
        });
        for options in [
            many,
            WriteOptions::new().tag("", "x"),
            WriteOptions::new().tag("a&b", "x"),
            WriteOptions::new().tag("a", "x".repeat(257)),
            WriteOptions::new().tag("a", "line\nbreak"),
        ] {
            let error = options.tags().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{options:?}");
        }
        assert!(WriteOptions::new().tag("Übung", "").tags().is_ok());
    }
}
