//! What a store may lack.

/// What a store may lack. Listed by its lack, so that a store nobody has looked at must do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// A write may demand that its key is free (`If-None-Match: *`): `insert`, `rename`.
    Creates,
    /// A write may demand that the object is the one that was read (`If-Match`): `update`, `modify`.
    Updates,
    /// Of many creates that compete, one succeeds.
    AtomicCreates,
    /// Of many updates of one version that compete, one succeeds.
    AtomicUpdates,
    /// A delete may demand that the object is the one that was read.
    ConditionalDeletes,
    /// A copy may demand that its target is free.
    ConditionalCopies,
    /// `Content-...` headers and `Cache-Control` are kept.
    ContentHeaders,
    /// User metadata is kept.
    Metadata,
    /// Tags are kept.
    Tags,
    /// The storage class is kept.
    StorageClasses,
    /// Reading an object tells its storage class, so that an update can keep it.
    StorageClassesOnReads,
    /// Keys that contain a control character can be listed.
    ControlCharactersInKeys,
    /// Keys that contain a line break can be written.
    LineBreaksInKeys,
    /// Unknown access keys and wrong secrets are refused.
    Authentication,
}

impl Capability {
    /// The capability without which there is not this one either.
    pub(super) fn needs(self) -> Option<Self> {
        match self {
            Self::AtomicCreates => Some(Self::Creates),
            Self::AtomicUpdates => Some(Self::Updates),
            Self::StorageClassesOnReads => Some(Self::StorageClasses),
            _ => None,
        }
    }
}

/// How it is lacking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Ignored in silence by the store. Of conditions the library finds that out, of the rest it can't.
    Ignored,
    /// Refused by the library, which knows of it.
    Refused,
}

/// What one store lacks.
pub type Lacks = &'static [(Capability, Lack)];
