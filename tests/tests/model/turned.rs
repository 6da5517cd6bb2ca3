//! Another table, to whose key the rows are moved and back.

use s3aads::S3Table;

use super::names::segment;
use super::rows::RowKey;

/// The same rows, by columns in another order and of other encodings.
#[derive(Debug, Clone, PartialEq, S3Table)]
#[s3(table = "turned rows")]
pub(crate) struct Turned {
    #[s3(key, ordered)]
    plain: u32,
    #[s3(key)]
    age: i8,
    #[s3(key)]
    name: String,
    #[s3(key, width = 4)]
    number: u16,
    #[s3(key)]
    rank: i16,
    value: u64,
}

pub(crate) fn turned(key: RowKey) -> TurnedKey {
    (key.plain, key.age, key.name, key.number, key.rank).into()
}

pub(crate) fn back(key: TurnedKey) -> RowKey {
    RowKey {
        name: key.name,
        number: key.number,
        rank: key.rank,
        age: key.age,
        plain: key.plain,
    }
}

/// Whether the key has a path there.
pub(crate) fn fits(key: &RowKey) -> bool {
    let (table, name) = (segment("turned rows"), segment(&key.name));
    let RowKey {
        plain,
        age,
        number,
        rank,
        ..
    } = key;
    let path = format!("{table}/{plain:010}/{age}/{name}/{number:04}/{rank}");
    path.len() <= 1024
}
