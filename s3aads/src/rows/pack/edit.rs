//! What is to be done to one pack.

use bytes::Bytes;

use crate::error::ErrorKind;
use crate::pack::{Draft, Row, Written};
use crate::store::Version;

/// A change of one row that can be decided by whoever holds the pack.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    /// Puts a row in.
    Put {
        /// The plain texts of the packed columns.
        texts: Vec<String>,
        /// The row.
        row: Written,
        /// When it takes effect.
        when: When,
    },
    /// Takes a row out, if it is there; with a version only that one, which must be there.
    Remove {
        /// The plain texts of the packed columns.
        texts: Vec<String>,
        /// Which writing of the row.
        version: Option<Version>,
    },
}

/// When a row is put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    /// Always.
    Always,
    /// If the key is free.
    Absent,
    /// If the row is still this one.
    Unchanged(Version),
}

/// What an edit has come to: the row's version, or none if there is no row now.
pub(crate) type Outcome = Result<Option<Version>, Refused>;

/// Why an edit was not made; the others of its commit were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
}

impl Refused {
    fn new(kind: ErrorKind, message: &str) -> Self {
        Self {
            kind,
            message: message.to_owned(),
        }
    }

    fn too_large(size: usize, limit: usize) -> Self {
        Self {
            kind: ErrorKind::InvalidRow,
            message: format!(
                "the pack would have {size} bytes and the limit is {limit}; bind one more key column \
                 (take `packed` off it), so that fewer rows share an object, or raise the limit with \
                 `with_max_pack_size`"
            ),
        }
    }
}

impl Edit {
    /// Makes the change, if it is one that may be made to the draft.
    pub(super) fn apply(&self, draft: &mut Draft, limit: usize) -> Outcome {
        match self {
            Self::Put { texts, row, when } => {
                match (when, draft.get(texts)) {
                    (When::Absent, Some(_)) => {
                        let taken = "can't write the row: it is there already";
                        return Err(Refused::new(ErrorKind::AlreadyExists, taken));
                    }
                    (When::Unchanged(version), found) => unchanged(version, found)?,
                    (When::Always | When::Absent, _) => {}
                }
                let size = draft.size_with(texts, row);
                // A pack that is too large already may still shrink.
                if size > limit && size > draft.size() {
                    return Err(Refused::too_large(size, limit));
                }
                draft.put(texts, row.clone());
                Ok(Some(row.version()))
            }
            Self::Remove { texts, version } => {
                if let Some(version) = version {
                    unchanged(version, draft.get(texts))?;
                }
                draft.remove(texts);
                Ok(None)
            }
        }
    }
}

fn unchanged(version: &Version, found: Option<Bytes>) -> Result<(), Refused> {
    if found.is_some_and(|body| crate::pack::version_of(&body) == *version) {
        return Ok(());
    }
    let changed = "can't write the row: it was changed or deleted since it was read";
    Err(Refused::new(ErrorKind::Conflict, changed))
}

/// What a transaction saw of a pack: it holds only if all of that still holds when it is committed.
#[derive(Debug, Clone)]
pub(super) enum Read {
    /// A row's body, or that there is no such row.
    Row(Vec<String>, Option<Bytes>),
    /// The first row after these texts, or of all.
    Next(Option<Vec<String>>, Option<Row>),
}

impl Read {
    pub(super) fn holds(&self, draft: &Draft) -> bool {
        match self {
            Self::Row(texts, body) => draft.get(texts) == *body,
            Self::Next(after, row) => draft.after(after.as_deref()) == *row,
        }
    }
}

/// Makes all of a transaction's changes, or none.
pub(super) fn apply_all(
    writes: &[(Vec<String>, Option<Written>)],
    draft: &mut Draft,
    limit: usize,
) -> Result<(), Refused> {
    let (before, mut after) = (draft.size(), draft.size());
    for (texts, row) in writes {
        let with = match row {
            Some(row) => draft.size_with(texts, row),
            None => draft.size_without(texts),
        };
        after = after + with - before;
    }
    if after > limit && after > before {
        return Err(Refused::too_large(after, limit));
    }
    for (texts, row) in writes {
        match row {
            Some(row) => draft.put(texts, row.clone()),
            None => drop(draft.remove(texts)),
        }
    }
    Ok(())
}
