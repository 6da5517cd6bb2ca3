//! The id by which a conditional write knows itself again.
//!
//! A retry may be refused because of its own first attempt, whose answer was lost. So each
//! conditional write carries an id of its own in the object's user metadata, and behind it those
//! of the writes that it builds on, newest first. Whoever reads the object after a refusal learns:
//!
//! - the first id is ours: the write was applied;
//! - ours stands further back: it was applied, and others have built on it since;
//! - ours is missing and the one that we built on is there: another write was faster, ours was not
//!   applied;
//! - anything else tells nothing, since a plain write or another program cut the chain.

use std::borrow::Cow;

use object_store::{Attribute, Attributes};

use super::{Condition, PutRequest};
use crate::schema::fnv1a;

/// What the names of the library's own user metadata begin with. Letters alone, since Azure takes
/// no `-` and some proxies drop headers with a `_`.
pub(crate) const OWN_METADATA: &str = "s3aads";

const NAME: Attribute = Attribute::Metadata(Cow::Borrowed("s3aadsop"));

/// Characters of an id: enough that two writes of one object never draw the same.
const LENGTH: usize = 8;

/// How many ids an object keeps. Between an attempt that got no clear answer and the look at what
/// became of it there are a pause and two requests, and in that time not more writes of one object
/// than this: Ceph's gateway was seen to carry out some 30 under 32 writers.
const KEPT: usize = 60;

/// What one object's metadata says about one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnTrace {
    /// The object is what the write made of it.
    Applied,
    /// The write was applied, and the object was changed since.
    Replaced,
    /// The write was not applied: another one built on the same object first.
    Beaten,
    /// It can't be told.
    None,
}

/// One conditional write.
#[derive(Debug)]
pub(crate) struct Operation {
    id: String,
    base: Option<String>,
}

impl Operation {
    /// Gives a write that is about to be sent its id. The ids that the object had when it was read
    /// are to be among the request's attributes.
    pub(crate) fn mark(request: &mut PutRequest) -> Self {
        let id = request.operation.take().unwrap_or_else(new_id);
        let before = match (ids(&request.attributes), &request.condition) {
            (Some(ids), Condition::Unchanged(_)) => ids.to_owned(),
            (None, Condition::Unchanged(version)) => {
                let e_tag = version.e_tag().unwrap_or_default().trim_matches('"');
                root(e_tag)
            }
            _ => String::new(),
        };
        let base = before.get(..LENGTH).map(str::to_owned);
        let kept = before.get(..LENGTH * (KEPT - 1)).unwrap_or(&before);
        let chain = format!("{id}{kept}");
        request.attributes.insert(NAME, chain.into());
        Self { id, base }
    }

    /// What the attributes of the object that is there now say about the write.
    pub(crate) fn trace(&self, found: &Attributes) -> OwnTrace {
        let chain = ids(found).unwrap_or_default();
        let mut chain = chain.as_bytes().chunks(LENGTH);
        let base = self.base.as_deref().map(str::as_bytes);
        match chain.next() {
            Some(last) if last == self.id.as_bytes() => OwnTrace::Applied,
            Some(_) => chain
                .find_map(|id| match id {
                    id if id == self.id.as_bytes() => Some(OwnTrace::Replaced),
                    id if Some(id) == base => Some(OwnTrace::Beaten),
                    _ => None,
                })
                .unwrap_or(OwnTrace::None),
            None => OwnTrace::None,
        }
    }
}

/// An id for a write whose sender must know what it leaves behind ([`marked`]).
pub(crate) fn new_id() -> String {
    std::iter::repeat_with(fastrand::alphanumeric)
        .take(LENGTH)
        .collect()
}

/// The attributes of the object that a conditional write with an id will have made.
pub(crate) fn marked(request: &PutRequest) -> Attributes {
    let mut request = request.clone();
    Operation::mark(&mut request);
    request.attributes
}

/// Takes the ids over from the object that was read to the attributes that are to replace its own.
pub(crate) fn inherit(read: &Attributes, attributes: &mut Attributes) {
    match read.get(&NAME) {
        Some(ids) => drop(attributes.insert(NAME, ids.clone())),
        None => drop(attributes.remove(&NAME)),
    }
}

/// The chain of ids, if it is one.
fn ids(attributes: &Attributes) -> Option<&str> {
    let ids: &str = attributes.get(&NAME)?;
    let whole = ids.len().is_multiple_of(LENGTH) && ids.bytes().all(|b| b.is_ascii_alphanumeric());
    (whole && !ids.is_empty()).then_some(ids)
}

/// Stands for an object that carries no id, by its ETag.
fn root(e_tag: &str) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = fnv1a(e_tag.as_bytes());
    let digit = || {
        let digit = DIGITS.get((rest % 36) as usize).copied();
        rest /= 36;
        char::from(digit.unwrap_or(b'0'))
    };
    std::iter::repeat_with(digit).take(LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Version;

    fn update(read: &Attributes, e_tag: &str) -> (Operation, Attributes) {
        let version = Version::new(Some(e_tag.to_owned()), None);
        let mut request = PutRequest {
            condition: Condition::Unchanged(version),
            attributes: read.clone(),
            ..PutRequest::default()
        };
        (Operation::mark(&mut request), request.attributes)
    }

    fn insert() -> (Operation, Attributes) {
        let mut request = PutRequest {
            condition: Condition::Absent,
            ..PutRequest::default()
        };
        (Operation::mark(&mut request), request.attributes)
    }

    #[test]
    fn a_write_finds_itself_and_what_was_built_on_it() {
        let (created, first) = insert();
        assert_eq!(created.trace(&first), OwnTrace::Applied);
        let (won, second) = update(&first, "\"1\"");
        let (lost, unapplied) = update(&first, "\"1\"");
        assert_eq!(created.trace(&second), OwnTrace::Replaced);
        assert_eq!(won.trace(&second), OwnTrace::Applied);
        assert_eq!(lost.trace(&second), OwnTrace::Beaten);
        assert_eq!(won.trace(&unapplied), OwnTrace::Beaten);
        assert_eq!(
            lost.trace(&first),
            OwnTrace::None,
            "it may still be applied"
        );
        let (_, mut later) = update(&second, "\"2\"");
        assert_eq!(won.trace(&later), OwnTrace::Replaced);
        for _ in 0..KEPT - 3 {
            assert_eq!(lost.trace(&later), OwnTrace::Beaten);
            (_, later) = update(&later, "\"3\"");
        }
        assert_eq!(won.trace(&later), OwnTrace::Replaced);
        (_, later) = update(&later, "\"3\"");
        (_, later) = update(&later, "\"3\"");
        assert_eq!(
            (won.trace(&later), lost.trace(&later)),
            (OwnTrace::None, OwnTrace::None)
        );
        assert_eq!(ids(&later).map(str::len), Some(KEPT * LENGTH));
    }

    #[test]
    fn an_object_without_an_id_is_known_by_its_e_tag() {
        let plain = Attributes::new();
        let (won, second) = update(&plain, "\"1\"");
        let (lost, _) = update(&plain, "1");
        let (other, _) = update(&plain, "\"2\"");
        assert_eq!(won.trace(&second), OwnTrace::Applied);
        assert_eq!(lost.trace(&second), OwnTrace::Beaten);
        assert_eq!(other.trace(&second), OwnTrace::None);
        assert_eq!(won.trace(&plain), OwnTrace::None);
        let (_, recreated) = insert();
        assert_eq!(won.trace(&recreated), OwnTrace::None);
        for foreign in ["", "short", "ümläut12", "not-8ch!"] {
            let mut attributes = Attributes::new();
            attributes.insert(NAME, foreign.to_owned().into());
            let (won, second) = update(&attributes, "\"1\"");
            assert_eq!(won.trace(&second), OwnTrace::Applied);
            assert_eq!(won.trace(&attributes), OwnTrace::None, "{foreign}");
        }
    }
}
