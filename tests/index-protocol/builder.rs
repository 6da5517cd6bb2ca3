//! The backfill of an index that is added to a table in use.

use crate::store::{Answer, Entry, KEYS, Key, Request};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Builder {
    key: Key,
    /// The entry that the row is to have.
    entry: Option<Entry>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            key: 0,
            entry: None,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.key == KEYS as Key
    }

    pub(crate) fn request(&self) -> Option<Request> {
        match self.entry {
            _ if self.is_done() => None,
            None => Some(Request::GetRow(self.key)),
            Some(entry) => Some(Request::PutEntry(entry)),
        }
    }

    pub(crate) fn answer(&mut self, answer: Answer) {
        match answer {
            Answer::Row(Some(row)) => {
                self.entry = Some(Entry {
                    value: row.value,
                    key: self.key,
                    g: row.g,
                });
            }
            Answer::Row(None) | Answer::Applied => {
                self.entry = None;
                self.key += 1;
            }
            // Sent again.
            _ => {}
        }
    }
}
