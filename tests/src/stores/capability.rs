//! What each store lacks.

/// What a store may lack. Listed by its lack, so that a store nobody has looked at must do everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Capability {
    /// `If-None-Match: *` and `If-Match` of writes are honoured.
    ConditionalWrites,
    /// Of many conditional writes that compete, one succeeds.
    AtomicConditions,
    /// `Content-...` headers and `Cache-Control` are kept.
    ContentHeaders,
    /// User metadata is kept.
    Metadata,
    /// Tags are kept.
    Tags,
    /// The storage class is kept.
    StorageClasses,
    /// Keys that contain a line break can be written.
    LineBreaksInKeys,
    /// Unknown access keys and wrong secrets are refused.
    Authentication,
}

use Capability::{
    AtomicConditions, Authentication, ConditionalWrites, ContentHeaders, LineBreaksInKeys,
    Metadata, StorageClasses, Tags,
};

/// What is lacking, by the store's name. `local` refuses what it has no place for; the others drop it in silence.
const LACKS: &[(&str, &[Capability])] = &[
    // Nobody is asked for a key, and tags can't be read back.
    ("memory", &[Authentication]),
    (
        "local",
        &[
            ContentHeaders,
            Metadata,
            Tags,
            StorageClasses,
            Authentication,
        ],
    ),
    ("wire", &[]),
    // 2.5.0
    (
        "garage",
        &[ConditionalWrites, AtomicConditions, Tags, StorageClasses],
    ),
    // 5.2.5
    (
        "moto",
        &[AtomicConditions, LineBreaksInKeys, Authentication],
    ),
];

/// Whether the store of this name lacks this.
pub(super) fn lacks(store: &str, capability: Capability) -> bool {
    let of_store = LACKS.iter().find(|(name, _)| *name == store);
    of_store.is_some_and(|(_, lacks)| lacks.contains(&capability))
}
