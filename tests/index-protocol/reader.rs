//! A reader that looks for the rows of one value.

use crate::rules::{Fault, Rules};
use crate::store::{Answer, Claim, KEYS, Key, Request, Value};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Reader {
    value: Value,
    step: Step,
    /// The keys whose rows had the value ever since the first request.
    throughout: u8,
    found: u8,
    /// A row was given twice, or by a value that it has not.
    wrong: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Step {
    Start,
    /// Asks for a page of keys from this one on.
    List(Key),
    /// Reads the rows of a page, some of which have several entries, and asks for the next page
    /// from this key on.
    Read {
        keys: u8,
        several: u8,
        next: Key,
    },
    Done,
}

impl Reader {
    pub(crate) fn value(&self) -> Value {
        self.value
    }

    pub(crate) fn new(value: Value) -> Self {
        Self {
            value,
            step: Step::Start,
            throughout: 0,
            found: 0,
            wrong: false,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.step == Step::Done
    }

    /// Whether what it gave is what it must give.
    pub(crate) fn is_right(&self) -> bool {
        let missed = self.is_done() && self.throughout & !self.found != 0;
        !self.wrong && !missed
    }

    /// What it may send next: a page may hold one key or all.
    pub(crate) fn requests(&self, rules: &Rules) -> Vec<Request> {
        match self.step {
            Step::Start | Step::List(_) if rules.unique => vec![Request::GetClaim(self.value)],
            Step::Start => self.pages(0),
            Step::List(from) => self.pages(from),
            Step::Read { keys, .. } => vec![Request::GetRow(keys.trailing_zeros() as Key)],
            Step::Done => Vec::new(),
        }
    }

    fn pages(&self, from: Key) -> Vec<Request> {
        let rest = KEYS as u8 - from;
        let all = (rest > 1).then_some(Request::ListEntries(self.value, from, rest));
        let one = Request::ListEntries(self.value, from, 1);
        all.into_iter().chain([one]).collect()
    }

    /// Sees which keys have the value, before and after each request of anyone.
    pub(crate) fn observe(&mut self, having: u8) {
        match self.step {
            Step::Start => self.throughout = having,
            Step::Done => {}
            _ => self.throughout &= having,
        }
    }

    pub(crate) fn answer(&mut self, request: Request, answer: Answer, having: u8, rules: &Rules) {
        self.step = match (&self.step, request, answer) {
            (_, Request::GetClaim(_), Answer::Claim(claim)) => match claim {
                Some(Claim::Held { key, .. }) => Step::Read {
                    keys: 1 << key,
                    several: 0,
                    next: KEYS as Key,
                },
                _ => Step::Done,
            },
            (_, Request::ListEntries(_, from, most), Answer::Keys(keys, several)) => {
                let next = match 8 - keys.leading_zeros() as Key {
                    _ if most == KEYS as Key - from => KEYS as Key,
                    next => next,
                };
                if keys == 0 {
                    Step::Done
                } else if rules.has(Fault::EntryBelieved) {
                    self.give(keys, having);
                    Step::List(next)
                } else {
                    Step::Read {
                        keys,
                        several,
                        next,
                    }
                }
            }
            (
                &Step::Read {
                    keys,
                    several,
                    next,
                },
                Request::GetRow(key),
                Answer::Row(row),
            ) => {
                let keys = keys & !(1 << key);
                if row.is_some_and(|row| row.value == self.value) {
                    self.give(1 << key, having);
                    if rules.has(Fault::EntryCounted) && several & 1 << key != 0 {
                        self.give(1 << key, having);
                    }
                }
                match keys {
                    0 => Step::List(next),
                    _ => Step::Read {
                        keys,
                        several,
                        next,
                    },
                }
            }
            (step, ..) => step.clone(),
        };
        if self.step == Step::List(KEYS as Key) {
            self.step = Step::Done;
        }
    }

    fn give(&mut self, keys: u8, having: u8) {
        self.wrong |= self.found & keys != 0 || keys & !having != 0;
        self.found |= keys;
    }
}
