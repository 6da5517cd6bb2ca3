//! The sweep of what writers left that died or gave up.

use crate::rules::{Fault, Rules};
use crate::store::{Answer, Claim, Entry, Id, Ids, Request, Store, VALUES, Value};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Sweeper {
    /// How many leftovers it looks for.
    left: u8,
    /// The id of a tombstone.
    next: Id,
    step: Step,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    Choose,
    /// An entry that is old enough: is it the row's?
    ReadRow(Entry),
    DeleteEntry(Entry),
    /// A claim that is old enough: has the row that it names the value?
    ReadHolder(Value, Claim),
    Free(Value, Claim),
}

impl Sweeper {
    pub(crate) fn new(left: u8, next: Id) -> Self {
        Self {
            left,
            next,
            step: Step::Choose,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.left == 0
    }

    /// What it may send next, and what it is then about to do.
    pub(crate) fn requests(
        &self,
        store: &Store,
        pending: Ids,
        rules: &Rules,
    ) -> Vec<(Self, Request)> {
        let with = |step| Self {
            step,
            ..self.clone()
        };
        match self.step {
            _ if self.left == 0 => Vec::new(),
            Step::Choose => {
                let old = |ids| !pending.meets(ids) || rules.has(Fault::SweepWithoutWaiting);
                let entries = store
                    .entries
                    .iter()
                    .filter(|entry| old(Ids::of(entry.g)))
                    .map(|entry| (with(Step::ReadRow(*entry)), Request::GetRow(entry.key)));
                let claims = (0..VALUES as Value).filter_map(|value| match store.claim(value)? {
                    seen @ Claim::Held { key, g, older, .. } => old(older.and(Ids::of(g)))
                        .then(|| (with(Step::ReadHolder(value, seen)), Request::GetRow(key))),
                    Claim::Tombstone(_) => None,
                });
                entries.chain(claims).collect()
            }
            Step::ReadRow(entry) => vec![(self.clone(), Request::GetRow(entry.key))],
            Step::DeleteEntry(entry) => vec![(self.clone(), Request::DeleteEntry(entry))],
            Step::ReadHolder(_, Claim::Held { key, .. }) => {
                vec![(self.clone(), Request::GetRow(key))]
            }
            Step::ReadHolder(..) => Vec::new(),
            Step::Free(value, seen) => {
                let request = if rules.conditional_delete {
                    Request::DeleteClaim(value, seen)
                } else {
                    Request::PutClaim(value, Claim::Tombstone(self.next), Some(seen))
                };
                vec![(self.clone(), request)]
            }
        }
    }

    pub(crate) fn answer(&mut self, answer: Answer) {
        match (&self.step, answer) {
            (&Step::ReadRow(entry), Answer::Row(row))
                if row.is_none_or(|row| (row.value, row.g) != (entry.value, entry.g)) =>
            {
                self.step = Step::DeleteEntry(entry);
            }
            (&Step::ReadHolder(value, seen), Answer::Row(row))
                if row.is_none_or(|row| row.value != value) =>
            {
                self.step = Step::Free(value, seen);
            }
            _ => {
                self.next += u8::from(matches!(self.step, Step::Free(..)));
                self.step = Step::Choose;
                self.left -= 1;
            }
        }
    }
}
