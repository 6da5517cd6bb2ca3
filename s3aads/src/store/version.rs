//! Which writing of an object it is.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::error::{Error, ErrorKind, shorten};

/// A version of a row: the store's own ETag, or on Google Cloud its generation.
///
/// It converts to text and back, so that a web service can send it as its own `ETag` and take it
/// from `If-Match`. The text has only letters, digits, `-`, `_` and `.`, and means nothing to
/// anyone else.
///
/// ```
/// # doc_examples::memory!(|db| {
/// # use s3aads::Version;
/// # #[derive(S3Table)]
/// # struct Counter { #[s3(key)] name: String, value: u64 }
/// # let counters = db.table::<Counter>();
/// let version = counters.insert(&Counter { name: "visits".into(), value: 1 }).await?;
/// let text = version.to_string();
/// assert_eq!(text.parse::<Version>()?, version);
/// # });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Version {
    e_tag: Option<String>,
    generation: Option<String>,
}

impl Version {
    /// As the store tells it: the ETag with its quotes, and what the store calls the object's
    /// version or generation.
    pub(crate) fn new(e_tag: Option<String>, generation: Option<String>) -> Self {
        Self { e_tag, generation }
    }

    /// That of a write which took effect and was replaced before anybody saw it: no object has it.
    pub(crate) fn replaced() -> Self {
        Self::new(Some("\"replaced\"".to_owned()), None)
    }

    /// Whether the store told anything to tell two versions apart by.
    pub(crate) fn is_known(&self) -> bool {
        self.e_tag.is_some() || self.generation.is_some()
    }

    /// Whether both mark the same writing: by the generation if both have one, else by the ETag, with its
    /// quotes or without.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        if let (Some(a), Some(b)) = (&self.generation, &other.generation) {
            return a == b;
        }
        let bare = |version: &Self| Some(version.e_tag()?.trim_matches('"').to_owned());
        bare(self).is_some() && bare(self) == bare(other)
    }

    /// What the store calls the object's version or generation.
    #[cfg(feature = "gcs")]
    pub(crate) fn generation(&self) -> Option<&str> {
        self.generation.as_deref()
    }

    /// The ETag, as the store sends it.
    pub fn e_tag(&self) -> Option<&str> {
        self.e_tag.as_deref()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |part: &Option<String>| match part {
            Some(part) => format!("v{}", BASE64_URL_SAFE_NO_PAD.encode(part)),
            None => String::new(),
        };
        let text = match &self.generation {
            None => text(&self.e_tag),
            generation => format!("{}.{}", text(&self.e_tag), text(generation)),
        };
        f.pad(&text)
    }
}

/// # Errors
///
/// `InvalidConfig` for what no version's text is.
impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let part = |text: &str| match text.strip_prefix('v') {
            None if text.is_empty() => Some(None),
            None => None,
            Some(part) => {
                let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
                String::from_utf8(bytes).ok().map(Some)
            }
        };
        let (e_tag, generation) = match text.split_once('.') {
            None => (part(text), Some(None)),
            Some((e_tag, generation)) => (part(e_tag), part(generation)),
        };
        match (e_tag, generation) {
            (Some(e_tag), Some(generation)) => Ok(Self { e_tag, generation }),
            _ => Err(Error::new(
                ErrorKind::InvalidConfig,
                format!("{:?} is not the text of a version", shorten(text)),
            )),
        }
    }
}

impl From<object_store::PutResult> for Version {
    fn from(put: object_store::PutResult) -> Self {
        Self::new(put.e_tag, put.version)
    }
}

impl From<Version> for object_store::UpdateVersion {
    fn from(version: Version) -> Self {
        Self {
            e_tag: version.e_tag,
            version: version.generation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_its_text() {
        let (e_tag, generation) = (Some("\"é/2-3\"".to_owned()), Some("17".to_owned()));
        for version in [
            Version::default(),
            Version::new(e_tag.clone(), None),
            Version::new(None, generation.clone()),
            Version::new(e_tag, generation),
            Version::new(Some(String::new()), None),
        ] {
            let text = version.to_string();
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            assert!(text.chars().all(plain), "{text}");
            assert_eq!(text.parse::<Version>().unwrap(), version);
        }
        for text in ["x", "v!", "v.w", "vYQ.vYQ.vYQ", "*", "W/\"vYQ\"", "v_w8"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
