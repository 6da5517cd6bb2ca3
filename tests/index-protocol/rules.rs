//! What is checked: the protocol, or a variant of it that must be refuted.

/// How the index is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Rules {
    /// The index is unique: its values are claimed. Else it has entries.
    pub unique: bool,
    /// The store has conditional deletes.
    pub conditional_delete: bool,
    /// What is done wrong.
    pub fault: Option<Fault>,
}

impl Rules {
    pub(crate) fn index() -> Self {
        Self {
            unique: false,
            conditional_delete: true,
            fault: None,
        }
    }

    pub(crate) fn unique() -> Self {
        Self {
            unique: true,
            ..Self::index()
        }
    }

    pub(crate) fn without_conditional_deletes(self) -> Self {
        Self {
            conditional_delete: false,
            ..self
        }
    }

    pub(crate) fn with(self, fault: Fault) -> Self {
        Self {
            fault: Some(fault),
            ..self
        }
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }
}

/// A planted fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// The entry is written after the row.
    EntryAfterRow,
    /// Whoever replaces a row removes all entries of its value and key.
    EntryRemovedByValue,
    /// A create that got no answer is sent again with the id that it has.
    CreateSentAgain,
    /// An upsert overwrites what it has not read.
    BlindUpsert,
    /// The sweep does not wait until an entry's or a claim's writer can no longer commit.
    SweepWithoutWaiting,
    /// A reader believes entries.
    EntryBelieved,
    /// A reader takes each entry for a row.
    EntryCounted,
    /// A claim is taken over without touching the row whose writer made it.
    TakeoverWithoutTouch,
    /// A claim of a create is taken over while the create may still land.
    TakeoverWithoutWaiting,
    /// A version of a row has no id of its own, but that of its entry.
    VersionWithoutId,
    /// A writer that was refused frees a claim that it wrote over another one of its key.
    SharedClaimFreed,
    /// A writer that was refused goes on with the claim that it has.
    ClaimKept,
    /// A claim is freed because it names the key.
    ClaimFreedByKey,
    /// A claim that is written over another one of its key forgets what may still land under that.
    EarlierForgotten,
}
