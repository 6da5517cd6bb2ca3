//! The commit, what came of it, and what is cleaned up after it.

use super::{Held, Operation, Outcome, ROUNDS, Step, Writer};
use crate::rules::{Fault, Rules};
use crate::store::{Answer, Ids, If, Request, Row};

impl Writer {
    pub(super) fn commit(&self, rules: &Rules) -> Request {
        let key = self.key();
        let Some(value) = self.operation.value() else {
            let version = self.base.map_or(0, |row| row.version);
            return Request::DeleteRow(
                key,
                if rules.conditional_delete {
                    If::Version(version)
                } else {
                    If::Always
                },
            );
        };
        let row = Row {
            value,
            version: self.version,
            g: self.g,
        };
        let blind =
            matches!(self.operation, Operation::Upsert(..)) && rules.has(Fault::BlindUpsert);
        let condition = match self.base {
            _ if blind => If::Always,
            None => If::Absent,
            Some(base) => If::Version(base.version),
        };
        Request::PutRow(key, row, condition)
    }

    pub(super) fn committed(&mut self, answer: Answer, rules: &Rules) {
        match answer {
            Answer::Applied => self.applied(rules),
            Answer::Refused if self.open || self.creates != Ids::default() => {
                self.step = Step::Resolve;
            }
            Answer::Refused => self.refused(rules),
            // It may still land.
            _ => {
                if self.creates() && self.operation.value().is_some() {
                    self.creates.add(self.g);
                }
                let faulty = rules.has(Fault::CreateSentAgain) || rules.has(Fault::BlindUpsert);
                let again = self.creates() && faulty && !self.open;
                self.open = true;
                self.step = if again { Step::Commit } else { Step::Resolve };
            }
        }
    }

    pub(super) fn applied(&mut self, rules: &Rules) {
        self.step = if rules.has(Fault::EntryAfterRow) && !rules.unique && self.changes() {
            match self.operation.value() {
                Some(_) => Step::PutEntry,
                None => self.after_commit(rules),
            }
        } else {
            self.after_commit(rules)
        };
    }

    pub(super) fn after_commit(&self, rules: &Rules) -> Step {
        if self.base.is_none() || !self.changes() {
            Step::Done(Outcome::Applied)
        } else if rules.unique {
            Step::ReadFreed { own: false }
        } else {
            Step::RemoveEntry { own: false }
        }
    }

    /// The commit was refused, and no attempt of it may still land.
    pub(super) fn refused(&mut self, rules: &Rules) {
        let wrote = self.operation.value().is_some() && self.changes();
        let frees = match self.held {
            Held::Nothing => false,
            Held::Fresh => true,
            Held::Shared => rules.has(Fault::SharedClaimFreed),
        };
        if rules.has(Fault::ClaimKept) {
            return self.again(rules);
        }
        self.step = match rules.unique {
            true if wrote && frees => Step::ReadFreed { own: true },
            false if wrote && !rules.has(Fault::EntryAfterRow) => Step::RemoveEntry { own: true },
            _ => return self.cleaned(true, rules),
        };
    }

    pub(super) fn cleaned(&mut self, own: bool, rules: &Rules) {
        if !own {
            return self.end(Outcome::Applied);
        }
        if self.inserts() {
            self.give_up();
        } else {
            self.again(rules);
        }
    }

    /// Tells an own commit that got no answer from others' by the row that is there.
    pub(super) fn resolve(&mut self, row: Option<Row>, committed: Ids, rules: &Rules) {
        if self.operation.value().is_none() {
            return self.resolve_delete(row, rules);
        }
        if self.creates() {
            match row {
                Some(row) if self.creates.has(row.g) || row.g == self.g => self.applied(rules),
                None if self.round < ROUNDS => {
                    self.round += 1;
                    self.held = Held::Nothing;
                    self.begin(rules);
                }
                _ if self.creates == Ids::default() => self.refused(rules),
                _ => self.end(Outcome::Indeterminate),
            }
            return;
        }
        let base = self.base.map(|row| row.version);
        match row {
            // Sent again as it is.
            Some(row) if Some(row.version) == base => self.step = Step::Commit,
            // The row's metadata names the writes that it was built on.
            Some(_) if committed.has(self.version) => self.applied(rules),
            Some(_) if self.creates == Ids::default() => self.refused(rules),
            _ => self.end(Outcome::Indeterminate),
        }
    }

    pub(super) fn resolve_delete(&mut self, row: Option<Row>, rules: &Rules) {
        match (row, self.base) {
            (Some(row), Some(base)) if row.version == base.version => self.step = Step::Commit,
            (Some(row), Some(base)) if row.g == base.g => self.again(rules),
            // Whoever removed it, the version that was read is gone.
            _ => self.step = self.after_commit(rules),
        }
    }
}
