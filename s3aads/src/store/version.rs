//! Which writing of an object it is.

/// Which writing of a row it is, by the store's own mark: the ETag (on GCS the generation).
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
