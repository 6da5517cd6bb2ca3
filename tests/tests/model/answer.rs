//! What an operation answers, by the model or by the library.

use s3aads::ErrorKind;

use super::operation::Operation;
use super::rows::{Row, RowKey};

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    Done,
    Refused(ErrorKind),
    Row(Option<Row>),
    Body(Option<String>),
    Size(Option<u64>),
    Bool(bool),
    Number(u64),
    Rows(Vec<Row>),
    Keys(Vec<RowKey>),
    Objects(Vec<(RowKey, u64)>),
    Paths(Vec<String>),
    Values(Vec<Vec<Value>>),
    Texts(Vec<Vec<String>>),
    /// The rows, and whether there are more.
    Page(Vec<Row>, bool),
    Outcomes(Vec<(RowKey, Result<Option<Row>, ErrorKind>)>),
    /// Whether a table is there that was only tried to write to.
    Either,
    /// This many of these rows, each at most once; the library's answer is all of its choice.
    Sample(usize, Vec<Row>),
}

impl Answer {
    /// Whether the library may answer `other` where the model says this.
    pub(crate) fn allows(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sample(size, rows), Self::Sample(_, chosen)) => {
                let once = |row: &Row| chosen.iter().filter(|other| *other == row).count() == 1;
                chosen.len() == *size && chosen.iter().all(|row| rows.contains(row) && once(row))
            }
            (Self::Either, other) => matches!(other, Self::Bool(_)),
            _ => self == other,
        }
    }
}

/// The keys of a batch. Of several rows with one key it is not defined which is written, so that
/// such batches are not written.
pub(crate) fn batch_keys(operation: &Operation, keys: &[RowKey]) -> Vec<RowKey> {
    let mut keys = keys.to_vec();
    if matches!(operation, Operation::InsertAll(_) | Operation::UpsertAll(_)) {
        keys.sort();
        keys.dedup();
    }
    keys
}
