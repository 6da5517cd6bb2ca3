//! What can be done to a database, drawn at random.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::filters::{Filters, age, filters, name, number, plain, rank};
use super::rows::RowKey;

/// How many versions of rows are remembered for updates.
pub(crate) const SLOTS: usize = 3;

/// What `distinct` is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    Name,
    Number,
    Plain,
    NameNumber,
    RankName,
    All,
}

/// How a query is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terminal {
    Keys,
    Objects,
    Rows,
    StreamKeys,
    Stream,
    Count,
    Analyze,
    IsEmpty,
    First,
    Delete,
}

/// One operation. Rows are given by key alone: each write has a value that no write before had.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operation {
    Insert(RowKey),
    Upsert(RowKey),
    Select(RowKey),
    Exists(RowKey),
    Meta(RowKey),
    Delete(RowKey),
    /// `select_versioned` into a slot.
    Remember(RowKey, usize),
    /// `update` of a slot's row, which may be stale.
    Update(usize),
    Modify(RowKey),
    ModifyNothing(RowKey),
    ModifyKey(RowKey),
    Rename(RowKey, RowKey),
    Copy(RowKey, RowKey),
    CopyToOther(RowKey, RowKey),
    OtherRows,
    InsertAll(Vec<RowKey>),
    UpsertAll(Vec<RowKey>),
    SelectAll(Vec<RowKey>),
    DeleteAll(Vec<RowKey>),
    Query(Filters, Option<u64>, usize, Terminal),
    Distinct(Filters, Columns),
    /// Begins a walk over the pages of a query.
    FirstPage(Filters, u64),
    /// Goes on with the walk, whatever was written since.
    NextPage,
    Sample(usize),
    RandomKey,
    /// The typed rows through the raw table.
    RawSelect(RowKey),
    RawUpsert(RowKey),
    RawDelete(RowKey),
    RawQuery(Option<String>, Option<u16>),
    RawQueryByKey(RowKey, usize),
    RawDistinct(Columns),
    RawCount,
    /// Moves all rows to the table of another key.
    Rekey,
    RekeyBack,
    Tables,
    GetTable,
    OpenTable,
    DropTable,
}

/// A key, more often than not one that is there.
fn key(there: &[RowKey]) -> BoxedStrategy<RowKey> {
    let number = prop_oneof![50 => number(), 1 => Just(1000)];
    let new =
        (name(), number, rank(), age(), plain()).prop_map(|(name, number, rank, age, plain)| {
            RowKey {
                name,
                number,
                rank,
                age,
                plain,
            }
        });
    let too_long = Just(RowKey {
        name: "/".repeat(400),
        number: 0,
        rank: 0,
        age: 0,
        plain: 0,
    });
    let new = prop_oneof![80 => new, 1 => too_long];
    if there.is_empty() {
        return new.boxed();
    }
    // A neighbour: another row below the same columns.
    let neighbour =
        (select(there.to_vec()), rank(), age(), plain()).prop_map(|(key, rank, age, plain)| {
            RowKey {
                rank,
                age,
                plain,
                ..key
            }
        });
    prop_oneof![3 => select(there.to_vec()), 2 => new, 1 => neighbour].boxed()
}

fn keys(there: &[RowKey]) -> BoxedStrategy<Vec<RowKey>> {
    vec(key(there), 0..6).boxed()
}

fn columns() -> impl Strategy<Value = Columns> {
    use Columns::{All, Name, NameNumber, Number, Plain, RankName};
    select(&[Name, Number, Plain, NameNumber, RankName, All][..])
}

fn query() -> impl Strategy<Value = Operation> {
    use Terminal::{
        Analyze, Count, Delete, First, IsEmpty, Keys, Objects, Rows, Stream, StreamKeys,
    };
    let terminals = || {
        select(
            &[
                Keys, Objects, Rows, StreamKeys, Stream, Count, Analyze, IsEmpty, First, Delete,
            ][..],
        )
    };
    let workers = select(&[1, 2, 32][..]);
    let limit = option::weighted(0.3, 0u64..6);
    (filters(), limit, workers, terminals()).prop_map(|(filters, limit, workers, terminal)| {
        Operation::Query(filters, limit, workers, terminal)
    })
}

/// Any operation on a table that holds these keys.
pub(crate) fn operation(there: &[RowKey]) -> BoxedStrategy<Operation> {
    use Operation::*;
    let one = || key(there);
    let two = || (key(there), key(there));
    let many = || keys(there);
    prop_oneof![
        12 => one().prop_map(Insert),
        8 => one().prop_map(Upsert),
        6 => one().prop_map(Select),
        2 => one().prop_map(Exists),
        2 => one().prop_map(Meta),
        6 => one().prop_map(Delete),
        6 => (one(), 0..SLOTS).prop_map(|(key, slot)| Remember(key, slot)),
        6 => (0..SLOTS).prop_map(Update),
        5 => one().prop_map(Modify),
        2 => one().prop_map(ModifyNothing),
        1 => one().prop_map(ModifyKey),
        4 => two().prop_map(|(from, to)| Rename(from, to)),
        4 => two().prop_map(|(from, to)| Copy(from, to)),
        2 => two().prop_map(|(from, to)| CopyToOther(from, to)),
        1 => Just(OtherRows),
        6 => many().prop_map(InsertAll),
        5 => many().prop_map(UpsertAll),
        2 => many().prop_map(SelectAll),
        2 => many().prop_map(DeleteAll),
        24 => query(),
        6 => (filters(), columns()).prop_map(|(filters, columns)| Distinct(filters, columns)),
        4 => (filters(), 1u64..5).prop_map(|(filters, size)| FirstPage(filters, size)),
        10 => Just(NextPage),
        1 => (0usize..8).prop_map(Sample),
        1 => Just(RandomKey),
        2 => one().prop_map(RawSelect),
        3 => one().prop_map(RawUpsert),
        1 => one().prop_map(RawDelete),
        3 => (option::of(name()), option::of(number())).prop_map(|(name, number)| RawQuery(name, number)),
        3 => (one(), 0usize..=4).prop_map(|(key, columns)| RawQueryByKey(key, columns)),
        2 => columns().prop_map(RawDistinct),
        1 => Just(RawCount),
        1 => Just(Rekey),
        3 => Just(RekeyBack),
        1 => Just(Tables),
        1 => Just(GetTable),
        1 => Just(OpenTable),
        1 => Just(DropTable),
    ]
    .boxed()
}
