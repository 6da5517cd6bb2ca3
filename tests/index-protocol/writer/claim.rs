//! How a writer claims a value: `claim`, takeover and re-claim.

use super::{Held, Step, Writer};
use crate::rules::{Fault, Rules};
use crate::store::{Claim, Entry, Ids, Request, Row};

impl Writer {
    pub(super) fn claim(&self, earlier: Ids, older: Ids) -> Claim {
        Claim::Held {
            key: self.key(),
            g: self.g,
            create: self.creates(),
            earlier,
            older,
        }
    }

    /// What stands where the claim is to be.
    pub(super) fn found(&mut self, claim: Option<Claim>) {
        self.step = match claim {
            None => Step::CreateClaim,
            Some(seen @ Claim::Tombstone(_)) => Step::SwapClaim(seen, Held::Fresh),
            Some(Claim::Held { key, g, .. }) if (key, g) == (self.key(), self.g) => {
                if self.held == Held::Nothing {
                    self.held = Held::Fresh;
                }
                Step::Commit
            }
            Some(seen) => Step::ReadHolder(seen),
        };
    }

    /// What the row is that a claim names.
    pub(super) fn holder(&mut self, seen: Claim, row: Option<Row>, pending: Ids, rules: &Rules) {
        let Claim::Held {
            key,
            g,
            create,
            earlier,
            ..
        } = seen
        else {
            return;
        };
        if key == self.key() {
            self.step = match (row, self.base) {
                (None, None) => Step::SwapClaim(seen, Held::Shared),
                (Some(row), Some(base)) if row.version == base.version => {
                    Step::SwapClaim(seen, Held::Shared)
                }
                // AlreadyExists, unless a create of one's own is what is there.
                _ if self.inserts() || self.creates != Ids::default() => Step::Resolve,
                _ => return self.again(rules),
            };
            return;
        }
        let waits = pending.meets(earlier) || create && pending.has(g);
        if row.is_some_and(|row| row.value == self.value())
            || waits && !rules.has(Fault::TakeoverWithoutWaiting)
        {
            return self.give_up();
        }
        self.step = match row {
            Some(row) if !rules.has(Fault::TakeoverWithoutTouch) => {
                Step::Touch(seen, key, row, self.draw())
            }
            _ => Step::SwapClaim(seen, Held::Fresh),
        };
    }

    pub(super) fn freed(&self, own: bool) -> Option<Entry> {
        if own {
            Some(self.entry())
        } else {
            self.replaced()
        }
    }

    /// Writes the claim over the one that was seen, and keeps what may still land under that if it is
    /// one of the same key.
    pub(super) fn swap_claim(&self, seen: Claim, held: Held, rules: &Rules) -> Request {
        let (mut earlier, mut older) = (self.creates, self.creates);
        if let Claim::Held {
            g,
            create,
            earlier: before,
            older: all,
            ..
        } = seen
            && held == Held::Shared
        {
            older = older.and(all).and(Ids::of(g));
            if !rules.has(Fault::EarlierForgotten) {
                earlier = earlier.and(before);
                if create {
                    earlier.add(g);
                }
            }
        }
        Request::PutClaim(self.value(), self.claim(earlier, older), Some(seen))
    }

    /// Frees what was claimed for exactly the row that was replaced, or for the own write. That a
    /// create under an earlier claim can land no more does not mean that it has not.
    pub(super) fn freeing(&mut self, claim: Option<Claim>, own: bool, rules: &Rules) {
        let wanted = self.freed(own).map(|entry| (entry.key, entry.g));
        let seen = match claim {
            Some(
                seen @ Claim::Held {
                    key, g, earlier, ..
                },
            ) if earlier == Ids::default() => {
                let named = key == self.key() && rules.has(Fault::ClaimFreedByKey);
                (named || wanted == Some((key, g))).then_some(seen)
            }
            _ => None,
        };
        let Some(seen) = seen else {
            return self.cleaned(own, rules);
        };
        let tombstone = if rules.conditional_delete {
            0
        } else {
            self.draw()
        };
        self.step = Step::Free {
            own,
            seen,
            tombstone,
        };
    }
}
