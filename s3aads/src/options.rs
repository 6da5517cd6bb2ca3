//! What goes with a row besides its body.

use std::collections::BTreeMap;

use object_store::{Attribute, Attributes, TagSet};

use crate::error::{Error, ErrorKind, Result};

/// Content headers, user metadata, tags and storage class for one write.
///
/// The local store has no place for them and answers `Unsupported`, the content type aside.
///
/// ```
/// # use s3aads::{Database, S3Table, WriteOptions};
/// # #[derive(S3Table)]
/// # struct Page { #[s3(key)] path: String, #[s3(text)] html: String }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> s3aads::Result<()> {
/// let pages = Database::open("memory:///options")?.table::<Page>();
/// let options = WriteOptions::new().with_content_type("text/html").with_metadata("author", "ada");
/// let page = Page { path: "index".into(), html: "<p>hello".into() };
/// pages.upsert_with(&page, &options).await?;
/// let meta = pages.meta("index").await?.expect("the row is there");
/// assert_eq!(meta.content_type(), Some("text/html"));
/// assert_eq!(meta.metadata()["author"], "ada");
/// # Ok(())
/// # }
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
    pub fn with_content_type(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentType, value)
    }

    /// The Content-Encoding that readers see; the body is stored as it is.
    #[must_use]
    pub fn with_content_encoding(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentEncoding, value)
    }

    /// The Content-Disposition.
    #[must_use]
    pub fn with_content_disposition(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentDisposition, value)
    }

    /// The Content-Language.
    #[must_use]
    pub fn with_content_language(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::ContentLanguage, value)
    }

    /// The Cache-Control.
    #[must_use]
    pub fn with_cache_control(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::CacheControl, value)
    }

    /// The storage class, as the store names it: `STANDARD_IA`.
    #[must_use]
    pub fn with_storage_class(self, value: impl Into<String>) -> Self {
        self.with_header(Attribute::StorageClass, value)
    }

    /// One entry of user metadata. Names are letters, digits, `-`, `_` and `.`; values are visible
    /// ASCII; names that start with `s3aads-` are the library's own.
    #[must_use]
    pub fn with_metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// One object tag.
    #[must_use]
    pub fn with_tag(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(name.into(), value.into());
        self
    }

    pub(crate) fn tags(&self) -> TagSet {
        let mut tags = TagSet::default();
        for (name, value) in &self.tags {
            tags.push(name, value);
        }
        tags
    }

    /// What the store takes, once it is known that a header can hold it.
    pub(crate) fn attributes(&self) -> Result<Attributes> {
        let mut attributes = Attributes::new();
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

fn check_name(name: &str) -> Result<()> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || !name.bytes().all(plain) {
        return Err(invalid(format!(
            "{name:?} can't name metadata: names are letters, digits, `-`, `_` and `.`"
        )));
    }
    if name.to_ascii_lowercase().starts_with("s3aads-") {
        return Err(invalid(format!(
            "{name:?} can't name metadata: names that start with `s3aads-` are the library's own"
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
            WriteOptions::new().with_metadata("", "x"),
            WriteOptions::new().with_metadata("a b", "x"),
            WriteOptions::new().with_metadata("S3aads-op", "x"),
            WriteOptions::new().with_metadata("a", "line\nbreak"),
            WriteOptions::new().with_metadata("a", "é"),
            WriteOptions::new().with_content_type("a\r\nx-injected: 1"),
            WriteOptions::new().with_metadata("a", " padded"),
        ] {
            let error = options.attributes().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{options:?}");
        }
    }
}
