//! What is known of a row's object without its body.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use object_store::{Attribute, Attributes};

use crate::store::ObjectEntry;
use crate::store::operation::OWN_METADATA;

/// A row's object as [`Table::meta`](crate::Table::meta) tells it: size, time, ETag, content
/// headers and user metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowMeta {
    entry: ObjectEntry,
    attributes: Attributes,
    metadata: BTreeMap<String, String>,
}

impl RowMeta {
    pub(crate) fn new(entry: ObjectEntry, attributes: Attributes) -> Self {
        let metadata = attributes
            .iter()
            .filter_map(|(name, value)| match name {
                Attribute::Metadata(name) if !name.starts_with(OWN_METADATA) => {
                    Some((name.to_string(), value.to_string()))
                }
                _ => None,
            })
            .collect();
        Self {
            entry,
            attributes,
            metadata,
        }
    }

    fn header(&self, name: &Attribute) -> Option<&str> {
        self.attributes.get(name).map(|value| value.as_ref())
    }

    /// Bytes of the body.
    pub fn size(&self) -> u64 {
        self.entry.size
    }

    /// When the row was last written, by the store's clock.
    pub fn last_modified(&self) -> DateTime<Utc> {
        self.entry.last_modified
    }

    /// The ETag, as the store sends it.
    pub fn e_tag(&self) -> Option<&str> {
        self.entry.version.e_tag()
    }

    /// The storage class; S3 does not name the standard one.
    pub fn storage_class(&self) -> Option<&str> {
        self.header(&Attribute::StorageClass)
            .or(self.entry.storage_class.as_deref())
    }

    /// The Content-Type.
    pub fn content_type(&self) -> Option<&str> {
        self.header(&Attribute::ContentType)
    }

    /// The Content-Encoding.
    pub fn content_encoding(&self) -> Option<&str> {
        self.header(&Attribute::ContentEncoding)
    }

    /// The Content-Disposition.
    pub fn content_disposition(&self) -> Option<&str> {
        self.header(&Attribute::ContentDisposition)
    }

    /// The Content-Language.
    pub fn content_language(&self) -> Option<&str> {
        self.header(&Attribute::ContentLanguage)
    }

    /// The Cache-Control.
    pub fn cache_control(&self) -> Option<&str> {
        self.header(&Attribute::CacheControl)
    }

    /// The user metadata, the library's own aside.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }
}
