//! The model: what each operation must answer, by a map of paths to rows.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use proptest::prelude::*;
use proptest_state_machine::ReferenceStateMachine;
use s3aads::ErrorKind;

use super::answer::{Answer, Value};
use super::filters::Filters;
use super::operation::{Columns, Operation, SLOTS, Terminal, operation};
use super::rows::{self, Place, Row, RowKey, path, place, texts};
use super::turned;

/// Rows by their place, whose order is that of results, with the number of their writing.
type Rows = BTreeMap<Place, (Row, u64)>;

/// In what stores differ.
pub(crate) trait Kind: 'static {
    /// Whether ETags are hashes of the content, as on S3, where a row that is written again as it
    /// was is the version it was; else each write has another.
    const HASHED_ETAGS: bool;
    /// How many bytes a segment may have.
    const LONGEST_SEGMENT: usize;
}

/// A walk over pages: what for, how many at once, and after which place it goes on.
#[derive(Debug, Clone)]
struct Walk {
    filters: Filters,
    size: usize,
    after: Option<Place>,
}

#[derive(Debug, Clone)]
pub(crate) struct State {
    rows: Rows,
    /// Whether its schema is stored; none if a write was refused that may have stored it.
    has_schema: Option<bool>,
    other: Rows,
    /// The values of rows that were moved to a table of another key.
    turned: BTreeMap<RowKey, u64>,
    slots: [Option<(RowKey, Row, u64)>; SLOTS],
    walk: Option<Walk>,
    /// The value of the next write; an operation that writes more rows counts up from it.
    pub(crate) value: u64,
    /// What the last operation must have answered.
    pub(crate) expected: Answer,
}

pub(crate) struct Reference<K>(PhantomData<K>);

impl<K: Kind> ReferenceStateMachine for Reference<K> {
    type State = State;
    type Transition = Operation;

    fn init_state() -> BoxedStrategy<State> {
        Just(State {
            rows: Rows::new(),
            has_schema: Some(false),
            other: Rows::new(),
            turned: BTreeMap::new(),
            slots: [const { None }; SLOTS],
            walk: None,
            value: 0,
            expected: Answer::Done,
        })
        .boxed()
    }

    fn transitions(state: &State) -> BoxedStrategy<Operation> {
        let there: Vec<RowKey> = state
            .rows
            .values()
            .map(|(row, _)| RowKey::from(row))
            .collect();
        operation(&there)
    }

    fn apply(mut state: State, operation: &Operation) -> State {
        // More than any operation writes.
        state.value += 10;
        let answer = state.answer::<K>(operation);
        if rows::PACKED {
            state.note_schema(operation, answer.is_ok());
        }
        state.expected = answer.unwrap_or_else(Answer::Refused);
        state
    }
}

type Expected<T = Answer> = Result<T, ErrorKind>;

fn valid_path(key: &RowKey) -> Expected<String> {
    path(key).ok_or(ErrorKind::InvalidKey)
}

fn valid(key: &RowKey) -> Expected<Place> {
    valid_path(key)?;
    place(key).ok_or(ErrorKind::InvalidKey)
}

/// The place, where the store has room for the row's path. Where it has none, there is nothing to read either.
fn writable<K: Kind>(key: &RowKey) -> Expected<Place> {
    let path = valid_path(key)?;
    let mut segments = path.split('/');
    let fits = !rows::IN_PATHS || segments.all(|segment| segment.len() <= K::LONGEST_SEGMENT);
    if fits {
        valid(key)
    } else {
        Err(ErrorKind::InvalidKey)
    }
}

impl State {
    /// The first write of a packed table stores its schema, and so may one that is refused.
    fn note_schema(&mut self, operation: &Operation, done: bool) {
        use Operation as O;
        let writes = match operation {
            O::Insert(_) | O::Upsert(_) | O::RawUpsert(_) | O::Delete(_) | O::RawDelete(_) => true,
            O::Modify(_) | O::ModifyNothing(_) | O::ModifyKey(_) => true,
            O::Update(_) | O::Rename(..) | O::Copy(..) => true,
            O::InsertAll(_) | O::UpsertAll(_) | O::DeleteAll(_) => true,
            O::Query(_, _, _, terminal) => *terminal == Terminal::Delete,
            _ => false,
        };
        let surely = matches!(
            operation,
            O::Insert(_)
                | O::Upsert(_)
                | O::RawUpsert(_)
                | O::Delete(_)
                | O::RawDelete(_)
                | O::Modify(_)
        );
        if writes && self.has_schema != Some(true) {
            self.has_schema = (surely && done).then_some(true);
        }
        if !self.rows.is_empty() {
            self.has_schema = Some(true);
        }
    }

    fn write(&mut self, path: Place, key: &RowKey, value: u64) {
        self.rows.insert(path, (Row::new(key, value), self.value));
    }

    fn insert<K: Kind>(&mut self, key: &RowKey, value: u64) -> Expected<()> {
        let path = writable::<K>(key)?;
        if self.rows.contains_key(&path) {
            return Err(ErrorKind::AlreadyExists);
        }
        self.write(path, key, value);
        Ok(())
    }

    fn select(&self, key: &RowKey) -> Expected<Option<Row>> {
        Ok(self.rows.get(&valid(key)?).map(|(row, _)| row.clone()))
    }

    fn present(&self, key: &RowKey) -> Expected<Row> {
        self.select(key)?.ok_or(ErrorKind::NotFound)
    }

    /// The places and rows that the filters allow, in order.
    fn matching(&self, filters: &Filters) -> Expected<Vec<(Place, Row)>> {
        if filters.impossible() {
            return Err(ErrorKind::InvalidKey);
        }
        let rows = self.rows.iter().map(|(path, (row, _))| (path, row));
        let rows = rows.filter(|(_, row)| filters.allow(&RowKey::from(*row)));
        Ok(rows
            .map(|(path, row)| (path.clone(), row.clone()))
            .collect())
    }

    fn answer<K: Kind>(&mut self, operation: &Operation) -> Expected {
        use Operation as O;
        let value = self.value;
        Ok(match operation {
            O::Insert(key) => {
                self.insert::<K>(key, value)?;
                Answer::Done
            }
            O::Upsert(key) | O::RawUpsert(key) => {
                let path = writable::<K>(key)?;
                self.write(path, key, value);
                Answer::Done
            }
            O::Select(key) => Answer::Row(self.select(key)?),
            O::RawSelect(key) => Answer::Body(self.select(key)?.map(|row| row.body())),
            O::Exists(key) => Answer::Bool(self.select(key)?.is_some()),
            O::Meta(key) => Answer::Size(self.select(key)?.map(|row| row.body().len() as u64)),
            O::Delete(key) | O::RawDelete(key) => {
                self.rows.remove(&valid(key)?);
                Answer::Done
            }
            O::Remember(key, slot) => {
                let found = self.rows.get(&valid(key)?).cloned();
                self.slots[*slot] = found
                    .clone()
                    .map(|(row, version)| (key.clone(), row, version));
                Answer::Row(found.map(|(row, _)| row))
            }
            O::Update(slot) => self.update::<K>(*slot)?,
            O::Modify(key) => {
                self.present(key)?;
                self.write(valid(key)?, key, value);
                Answer::Row(Some(Row::new(key, value)))
            }
            O::ModifyNothing(key) => Answer::Row(Some(self.present(key)?)),
            O::ModifyKey(key) => {
                self.present(key)?;
                return Err(ErrorKind::InvalidKey);
            }
            O::Rename(from, to) => self.rename::<K>(from, to)?,
            O::Copy(from, to) => {
                valid(to)?;
                let row = self.present(from)?;
                let to_path = writable::<K>(to)?;
                self.write(to_path, to, row.value);
                Answer::Done
            }
            O::CopyToOther(from, to) => {
                valid(to)?;
                let row = self.present(from)?;
                let to_path = writable::<K>(to)?;
                self.other.insert(to_path, (Row::new(to, row.value), value));
                Answer::Done
            }
            O::OtherRows => Answer::Rows(self.other.values().map(|(row, _)| row.clone()).collect()),
            O::InsertAll(keys) | O::UpsertAll(keys) | O::SelectAll(keys) | O::DeleteAll(keys) => {
                self.batch::<K>(operation, keys)
            }
            O::Query(filters, limit, _, terminal) => self.query(filters, *limit, *terminal)?,
            O::Distinct(filters, columns) => {
                let rows = self.matching(filters)?;
                let values: BTreeSet<_> = rows.iter().map(|(_, row)| columns.values(row)).collect();
                Answer::Values(values.into_iter().collect())
            }
            O::FirstPage(filters, size) => {
                let size = *size as usize;
                self.page(Walk {
                    filters: filters.clone(),
                    size,
                    after: None,
                })?
            }
            O::NextPage => match self.walk.take() {
                Some(walk) => self.page(walk)?,
                None => Answer::Done,
            },
            O::Sample(n) => {
                let rows: Vec<Row> = self.rows.values().map(|(row, _)| row.clone()).collect();
                Answer::Sample((*n).min(rows.len()), rows)
            }
            O::RandomKey => {
                let rows: Vec<Row> = self.rows.values().map(|(row, _)| row.clone()).collect();
                Answer::Sample(rows.len().min(1), rows)
            }
            O::RawQuery(name, number) => {
                let rows = self.rows.iter().filter(|(_, (row, _))| {
                    name.as_ref().is_none_or(|name| row.name == *name)
                        && number.is_none_or(|number| row.number == number)
                });
                Answer::Paths(
                    rows.filter_map(|(_, (row, _))| path(&RowKey::from(row)))
                        .collect(),
                )
            }
            O::RawQueryByKey(key, columns) => {
                let prefix = valid_path(key)?;
                let prefix: Vec<&str> = prefix.split('/').take(*columns).collect();
                let below =
                    |other: &String| other.split('/').take(*columns).eq(prefix.iter().copied());
                let rows = self.rows.values();
                let paths = rows.filter_map(|(row, _)| path(&RowKey::from(row)));
                Answer::Paths(paths.filter(below).collect())
            }
            O::RawDistinct(columns) => {
                let rows = self.rows.values().map(|(row, _)| columns.texts(row));
                let values: BTreeSet<Vec<String>> = rows.collect();
                Answer::Texts(values.into_iter().collect())
            }
            O::RawCount => Answer::Number(self.rows.len() as u64),
            O::Rekey => self.rekey()?,
            O::RekeyBack => self.rekey_back()?,
            O::Tables => {
                let mut tables = Vec::new();
                tables.extend((!self.rows.is_empty()).then(|| "model rows".to_owned()));
                tables.extend((!self.turned.is_empty()).then(|| "turned rows".to_owned()));
                Answer::Paths(tables)
            }
            O::GetTable => match (self.has_schema, self.rows.is_empty()) {
                (_, false) | (Some(true), _) => Answer::Bool(true),
                (Some(false), _) => Answer::Bool(false),
                (None, _) => Answer::Either,
            },
            O::OpenTable => {
                self.has_schema = Some(true);
                Answer::Done
            }
            O::DropTable => {
                self.has_schema = Some(false);
                let dropped = std::mem::take(&mut self.rows);
                Answer::Number(rows::objects(dropped.values().map(|(row, _)| row)))
            }
        })
    }

    fn update<K: Kind>(&mut self, slot: usize) -> Expected {
        let Some((key, remembered, version)) = self.slots[slot].clone() else {
            return Ok(Answer::Done);
        };
        let path = valid(&key)?;
        let same = self.rows.get(&path).is_some_and(|(row, now)| {
            *now == version || ((K::HASHED_ETAGS || rows::PACKED) && row.value == remembered.value)
        });
        if !same {
            return Err(ErrorKind::Conflict);
        }
        let row = Row::new(&key, self.value);
        self.write(path, &key, self.value);
        self.slots[slot] = Some((key, row, self.value));
        Ok(Answer::Done)
    }

    fn rename<K: Kind>(&mut self, from: &RowKey, to: &RowKey) -> Expected {
        let (from_path, to_path) = (valid(from)?, valid(to)?);
        let row = self.present(from)?;
        if from_path == to_path {
            return Ok(Answer::Done);
        }
        self.insert::<K>(to, row.value)?;
        self.rows.remove(&from_path);
        Ok(Answer::Done)
    }

    fn rekey(&mut self) -> Expected {
        let rows = self.rows.values();
        let rows = rows.map(|(row, _)| (RowKey::from(row), row.value));
        let rows: BTreeMap<_, _> = rows.collect();
        if !rows.keys().all(turned::fits) {
            return Err(ErrorKind::InvalidKey);
        }
        if rows.keys().any(|key| self.turned.contains_key(key)) {
            return Err(ErrorKind::Conflict);
        }
        let moved = rows.len() as u64;
        if moved > 0 {
            self.has_schema = Some(true);
        }
        self.turned.extend(rows);
        self.rows.clear();
        Ok(Answer::Number(moved))
    }

    fn rekey_back(&mut self) -> Expected {
        for key in self.turned.keys() {
            if self.rows.contains_key(&valid(key)?) {
                return Err(ErrorKind::Conflict);
            }
        }
        let turned = std::mem::take(&mut self.turned);
        if !turned.is_empty() {
            self.has_schema = Some(true);
        }
        for (key, value) in &turned {
            self.write(valid(key)?, key, *value);
        }
        Ok(Answer::Number(turned.len() as u64))
    }

    fn batch<K: Kind>(&mut self, operation: &Operation, keys: &[RowKey]) -> Answer {
        let mut outcomes = Vec::new();
        for (key, value) in super::answer::batch_keys(operation, keys)
            .into_iter()
            .zip(self.value..)
        {
            let result = match operation {
                Operation::InsertAll(_) => self.insert::<K>(&key, value).map(|()| None),
                Operation::UpsertAll(_) => writable::<K>(&key).map(|path| {
                    self.write(path, &key, value);
                    None
                }),
                Operation::SelectAll(_) => self.select(&key),
                _ => valid(&key).map(|path| {
                    self.rows.remove(&path);
                    None
                }),
            };
            outcomes.push((key, result));
        }
        Answer::Outcomes(outcomes)
    }

    fn query(&mut self, filters: &Filters, limit: Option<u64>, terminal: Terminal) -> Expected {
        let mut found = self.matching(filters)?;
        found.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
        let keys = || found.iter().map(|(_, row)| RowKey::from(row)).collect();
        let rows = || found.iter().map(|(_, row)| row.clone()).collect();
        Ok(match terminal {
            Terminal::Keys | Terminal::StreamKeys => Answer::Keys(keys()),
            Terminal::Objects => {
                let objects = found
                    .iter()
                    .map(|(_, row)| (RowKey::from(row), row.body().len() as u64));
                Answer::Objects(objects.collect())
            }
            Terminal::Rows | Terminal::Stream => Answer::Rows(rows()),
            Terminal::Count | Terminal::Analyze => Answer::Number(found.len() as u64),
            Terminal::IsEmpty => Answer::Bool(found.is_empty()),
            Terminal::First => Answer::Row(found.into_iter().next().map(|(_, row)| row)),
            Terminal::Delete => {
                for (path, _) in &found {
                    self.rows.remove(path);
                }
                Answer::Number(found.len() as u64)
            }
        })
    }

    fn page(&mut self, mut walk: Walk) -> Expected {
        self.walk = None;
        let mut found = self.matching(&walk.filters)?;
        found.retain(|(path, _)| walk.after.as_ref().is_none_or(|after| path > after));
        let more = found.len() > walk.size;
        found.truncate(walk.size);
        if let (true, Some((last, _))) = (more, found.last()) {
            walk.after = Some(last.clone());
            self.walk = Some(walk);
        }
        Ok(Answer::Page(
            found.into_iter().map(|(_, row)| row).collect(),
            more,
        ))
    }
}

impl Columns {
    /// The columns' places in the key.
    fn places(self) -> &'static [usize] {
        match self {
            Self::Name => &[0],
            Self::Number => &[1],
            Self::Plain => &[4],
            Self::NameNumber => &[0, 1],
            Self::RankName => &[2, 0],
            Self::All => &[0, 1, 2, 3, 4],
        }
    }

    /// The names of the columns.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        self.places()
            .iter()
            .map(|place| ["name", "number", "rank", "age", "plain"][*place])
    }

    fn texts(self, row: &Row) -> Vec<String> {
        let texts = texts(&RowKey::from(row)).expect("a stored row");
        self.places()
            .iter()
            .map(|place| texts[*place].clone())
            .collect()
    }

    /// The columns' values.
    fn values(self, row: &Row) -> Vec<Value> {
        let value = |place: &usize| match place {
            0 => Value::Text(row.name.clone()),
            1 => Value::Number(row.number.into()),
            2 => Value::Number(row.rank.into()),
            3 => Value::Number(row.age.into()),
            _ => Value::Number(row.plain.into()),
        };
        self.places().iter().map(value).collect()
    }
}
