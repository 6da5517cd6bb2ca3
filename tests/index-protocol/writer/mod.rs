//! Writers: insert, upsert, update (what `modify` does) and delete, a request a step.

mod claim;
mod commit;

use crate::rules::{Fault, Rules};
use crate::store::{Answer, Claim, Entry, Id, Ids, If, Key, Request, Row, Value};

/// How often a write is begun: again once.
const ROUNDS: u8 = 2;

/// What a writer does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Operation {
    Insert(Key, Value),
    Upsert(Key, Value),
    Update(Key, Value),
    Delete(Key),
}

impl Operation {
    pub(crate) fn key(self) -> Key {
        match self {
            Self::Insert(k, _) | Self::Upsert(k, _) | Self::Update(k, _) | Self::Delete(k) => k,
        }
    }

    /// The value that the row is to have.
    pub(crate) fn value(self) -> Option<Value> {
        match self {
            Self::Insert(_, v) | Self::Upsert(_, v) | Self::Update(_, v) => Some(v),
            Self::Delete(_) => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Applied,
    /// Nothing was written, nor will be.
    Refused,
    Indeterminate,
}

/// What a writer has of the claim that it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Held {
    Nothing,
    /// It stood there before nobody's row could come to depend on it.
    Fresh,
    /// Written over a claim of the same key, whose writer may still commit.
    Shared,
}

/// The request that a writer is about to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    ReadRow,
    PutEntry,
    CreateClaim,
    ReadClaim,
    /// Reads the row that a claim names.
    ReadHolder(Claim),
    /// Shuts out who claimed a value for an update of this row.
    Touch(Claim, Key, Row, Id),
    SwapClaim(Claim, Held),
    Commit,
    /// Finds out what came of a commit without an answer.
    Resolve,
    RemoveEntry {
        own: bool,
    },
    ReadFreed {
        own: bool,
    },
    Free {
        own: bool,
        seen: Claim,
        tombstone: Id,
    },
    Done(Outcome),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Writer {
    pub operation: Operation,
    /// The next id that it draws, and the first that it does not have.
    next: Id,
    end: Id,
    round: u8,
    step: Step,
    /// The row as it was read; what the commit is conditional on.
    base: Option<Row>,
    /// The ids of this round: of its version, and of its entry or claim.
    version: Id,
    g: Id,
    held: Held,
    /// Whether a commit of this round may still land.
    open: bool,
    /// The ids of creates that may still land.
    creates: Ids,
    /// The ids that it drew for versions of its row.
    pub versions: Ids,
}

/// How many ids a writer may draw.
pub(crate) const IDS: Id = 9;

impl Writer {
    pub(crate) fn new(operation: Operation, first: Id, rules: &Rules) -> Self {
        let mut writer = Self {
            operation,
            next: first,
            end: first + IDS,
            round: 1,
            step: Step::ReadRow,
            base: None,
            version: 0,
            g: 0,
            held: Held::Nothing,
            open: false,
            creates: Ids::default(),
            versions: Ids::default(),
        };
        let blind = matches!(operation, Operation::Upsert(..)) && rules.has(Fault::BlindUpsert);
        if writer.inserts() || blind {
            writer.begin(rules);
        }
        writer
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self.step {
            Step::Done(outcome) => Some(outcome),
            _ => None,
        }
    }

    /// The id that it may still give to a row, for its entry or its claim.
    pub(crate) fn pending(&self) -> Ids {
        match self.step {
            Step::ReadRow
            | Step::RemoveEntry { .. }
            | Step::ReadFreed { .. }
            | Step::Free { .. }
            | Step::Done(_) => Ids::default(),
            _ if self.operation.value().is_none() || !self.changes() => Ids::default(),
            _ => Ids::of(self.g),
        }
    }

    fn draw(&mut self) -> Id {
        assert!(self.next < self.end, "a writer has more ids");
        self.next += 1;
        self.next - 1
    }

    fn key(&self) -> Key {
        self.operation.key()
    }

    /// The value that is to be written. No step of a delete asks for it.
    fn value(&self) -> Value {
        self.operation.value().unwrap_or_default()
    }

    fn creates(&self) -> bool {
        self.base.is_none()
    }

    /// Whether the commit gives the row another value.
    fn changes(&self) -> bool {
        self.base.map(|row| row.value) != self.operation.value()
    }

    fn entry(&self) -> Entry {
        Entry {
            value: self.value(),
            key: self.key(),
            g: self.g,
        }
    }

    /// The entry or the claim of the row that was replaced.
    fn replaced(&self) -> Option<Entry> {
        let row = self.base?;
        Some(Entry {
            value: row.value,
            key: self.key(),
            g: row.g,
        })
    }

    /// Begins a round: the base is known.
    fn begin(&mut self, rules: &Rules) {
        self.open = false;
        if self.operation.value().is_none() {
            self.step = Step::Commit;
            return;
        }
        self.version = self.draw();
        let kept = self.held != Held::Nothing;
        if !self.changes() {
            self.g = self.base.map_or(0, |row| row.g);
            if rules.has(Fault::VersionWithoutId) {
                self.version = self.g;
            }
            self.versions.add(self.version);
            self.step = Step::Commit;
            return;
        }
        self.versions.add(self.version);
        if kept {
            self.step = Step::Commit;
            return;
        }
        self.g = self.version;
        self.step = if rules.unique {
            Step::CreateClaim
        } else if rules.has(Fault::EntryAfterRow) {
            Step::Commit
        } else {
            Step::PutEntry
        };
    }

    /// Begins anew with what is there now.
    fn again(&mut self, rules: &Rules) {
        if self.round == ROUNDS {
            return self.give_up();
        }
        self.round += 1;
        if !rules.has(Fault::ClaimKept) {
            self.held = Held::Nothing;
        }
        if self.inserts() {
            self.base = None;
            self.begin(rules);
        } else {
            self.step = Step::ReadRow;
        }
    }

    /// Ends without an own commit, unless one may still land.
    fn give_up(&mut self) {
        self.end(if self.creates == Ids::default() {
            Outcome::Refused
        } else {
            Outcome::Indeterminate
        });
    }

    fn inserts(&self) -> bool {
        matches!(self.operation, Operation::Insert(..))
    }

    fn end(&mut self, outcome: Outcome) {
        self.step = Step::Done(outcome);
    }

    /// What is sent next.
    pub(crate) fn request(&self, rules: &Rules) -> Option<Request> {
        let key = self.key();
        Some(match self.step {
            Step::ReadRow | Step::Resolve => Request::GetRow(key),
            Step::PutEntry => Request::PutEntry(self.entry()),
            Step::CreateClaim => {
                let claim = self.claim(self.creates, self.creates);
                Request::PutClaim(self.value(), claim, None)
            }
            Step::ReadClaim => Request::GetClaim(self.value()),
            Step::ReadHolder(claim) => match claim {
                Claim::Held { key, .. } => Request::GetRow(key),
                Claim::Tombstone(_) => return None,
            },
            Step::Touch(_, key, row, version) => {
                let touched = Row { version, ..row };
                Request::PutRow(key, touched, If::Version(row.version))
            }
            Step::SwapClaim(seen, held) => self.swap_claim(seen, held, rules),
            Step::Commit => self.commit(rules),
            Step::RemoveEntry { own } => {
                let entry = if own { self.entry() } else { self.replaced()? };
                if rules.has(Fault::EntryRemovedByValue) && !own {
                    Request::DeleteEntries(entry.value, entry.key)
                } else {
                    Request::DeleteEntry(entry)
                }
            }
            Step::ReadFreed { own } => Request::GetClaim(self.freed(own)?.value),
            Step::Free {
                own,
                seen,
                tombstone,
            } => {
                let value = self.freed(own)?.value;
                if rules.conditional_delete {
                    Request::DeleteClaim(value, seen)
                } else {
                    Request::PutClaim(value, Claim::Tombstone(tombstone), Some(seen))
                }
            }
            Step::Done(_) => return None,
        })
    }

    /// Goes on with the store's answer, `None` if there is none. `pending` are the ids that may
    /// still become a row's: in the code, those that are not old enough.
    pub(crate) fn answer(&mut self, answer: Answer, committed: Ids, pending: Ids, rules: &Rules) {
        match (self.step, answer) {
            (Step::ReadRow, Answer::Row(row)) => self.read(row, rules),
            (Step::PutEntry, Answer::Applied) => {
                self.step = if rules.has(Fault::EntryAfterRow) {
                    self.after_commit(rules)
                } else {
                    Step::Commit
                };
            }
            (Step::PutEntry, _) => {}
            (Step::CreateClaim, Answer::Applied) => {
                self.held = Held::Fresh;
                self.step = Step::Commit;
            }
            (Step::CreateClaim, _) => self.step = Step::ReadClaim,
            (Step::ReadClaim, Answer::Claim(claim)) => self.found(claim),
            (Step::ReadHolder(claim), Answer::Row(row)) => {
                self.holder(claim, row, pending, rules);
            }
            (Step::Touch(claim, ..), Answer::Applied) => {
                self.step = Step::SwapClaim(claim, Held::Fresh);
            }
            (Step::Touch(..), _) => self.step = Step::ReadClaim,
            (Step::SwapClaim(_, held), Answer::Applied) => {
                self.held = held;
                self.step = Step::Commit;
            }
            // Whose claim it is then is known, but not whether it stands over another one.
            (Step::SwapClaim(_, held), Answer::Nothing) => {
                self.held = held;
                self.step = Step::ReadClaim;
            }
            (Step::SwapClaim(..), _) => self.step = Step::ReadClaim,
            (Step::Commit, answer) => self.committed(answer, rules),
            (Step::Resolve, Answer::Row(row)) => self.resolve(row, committed, rules),
            (Step::RemoveEntry { own }, _) => self.cleaned(own, rules),
            (Step::ReadFreed { own }, Answer::Claim(claim)) => self.freeing(claim, own, rules),
            (Step::Free { own, .. }, _) => self.cleaned(own, rules),
            // A read without an answer is sent again.
            (_, _) => {}
        }
    }

    fn read(&mut self, row: Option<Row>, rules: &Rules) {
        match (self.operation, row) {
            (Operation::Update(..), None) => return self.end(Outcome::Refused),
            (Operation::Delete(_), None) => return self.end(Outcome::Applied),
            _ => self.base = row,
        }
        self.begin(rules);
    }
}
