//! What the server stores: buckets of objects in key order, in memory.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{ETag, Timestamp};
use s3s::{S3Result, s3_error};

/// All buckets, by name.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) buckets: BTreeMap<String, Bucket>,
}

impl State {
    pub(super) fn bucket(&self, name: &str) -> S3Result<&Bucket> {
        self.buckets.get(name).ok_or_else(|| no_such_bucket(name))
    }

    pub(super) fn bucket_mut(&mut self, name: &str) -> S3Result<&mut Bucket> {
        self.buckets
            .get_mut(name)
            .ok_or_else(|| no_such_bucket(name))
    }
}

fn no_such_bucket(name: &str) -> s3s::S3Error {
    s3_error!(NoSuchBucket, "no bucket is named {name}")
}

/// One bucket. `str` order is byte order of UTF-8, which is the order S3 lists keys in.
#[derive(Debug)]
pub(super) struct Bucket {
    pub(super) created: SystemTime,
    pub(super) objects: BTreeMap<Box<str>, Object>,
}

impl Bucket {
    pub(super) fn new() -> Self {
        Self {
            created: SystemTime::now(),
            objects: BTreeMap::new(),
        }
    }

    pub(super) fn object(&self, key: &str) -> S3Result<&Object> {
        self.objects
            .get(key)
            .ok_or_else(|| s3_error!(NoSuchKey, "no object has the key {key}"))
    }
}

/// One object. Kept small, since tests hold a million of them: attributes are boxed and most objects have none, the
/// digest is computed when first asked for.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) body: Bytes,
    md5: OnceLock<[u8; 16]>,
    /// Seconds since the epoch: S3 keeps no finer time.
    modified: u64,
    pub(super) attributes: Option<Box<Attributes>>,
}

impl Object {
    pub(super) fn new(body: Bytes, attributes: Attributes) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            body,
            md5: OnceLock::new(),
            modified: since_epoch.map_or(0, |elapsed| elapsed.as_secs()),
            attributes: (attributes != Attributes::default()).then(|| Box::new(attributes)),
        }
    }

    pub(super) fn md5(&self) -> &[u8; 16] {
        self.md5.get_or_init(|| Md5::checksum(&self.body))
    }

    /// The ETag's value, without the quotes it has on the wire.
    pub(super) fn etag_value(&self) -> String {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(32);
        for byte in self.md5() {
            text.push(char::from(HEX[usize::from(byte >> 4)]));
            text.push(char::from(HEX[usize::from(byte & 15)]));
        }
        text
    }

    pub(super) fn etag(&self) -> ETag {
        ETag::Strong(self.etag_value())
    }

    pub(super) fn size(&self) -> i64 {
        i64::try_from(self.body.len()).unwrap_or(i64::MAX)
    }

    pub(super) fn modified(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.modified)
    }

    pub(super) fn set_modified(&mut self, at: SystemTime) {
        self.modified = at
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs());
    }

    pub(super) fn last_modified(&self) -> Timestamp {
        Timestamp::from(self.modified())
    }

    pub(super) fn storage_class(&self) -> &str {
        self.attributes
            .as_ref()
            .and_then(|attributes| attributes.storage_class.as_deref())
            .unwrap_or("STANDARD")
    }
}

/// What a PUT says about an object besides its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Expires`, an HTTP date.
    pub expires: Option<String>,
    /// User metadata: the names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// `x-amz-storage-class`.
    pub storage_class: Option<String>,
    /// `x-amz-tagging` as it was sent: `name=value&name=value`, form-encoded.
    pub tags: Option<String>,
}

/// A stored object, as tests look at it past HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// The object's bytes.
    pub body: Bytes,
    /// The ETag with its quotes.
    pub etag: String,
    /// When it was last written, in whole seconds.
    pub last_modified: SystemTime,
    /// Headers, metadata, tags.
    pub attributes: Attributes,
}

impl From<&Object> for StoredObject {
    fn from(object: &Object) -> Self {
        Self {
            body: object.body.clone(),
            etag: format!("\"{}\"", object.etag_value()),
            last_modified: object.modified(),
            attributes: object.attributes.as_deref().cloned().unwrap_or_default(),
        }
    }
}
