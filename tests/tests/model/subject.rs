//! The library under test: runs each operation and puts its result in the model's terms.

use futures_util::TryStreamExt;
use s3aads::{
    BatchReport, ColumnSet, Cursor, Database, RawKey, RawTable, Result, S3Table, SortBy, Versioned,
};

use super::answer::{Answer, Value, batch_keys};
use super::filters::Filters;
use super::operation::{Columns, Operation, SLOTS, Terminal};
use super::rows::{Row, RowKey, RowTable, path, raw, texts};
use super::turned::{Turned, back, turned};

/// One database, fresh at the start of a sequence, and another to copy to.
pub(crate) struct Subject {
    db: Database,
    rows: RowTable,
    raw: RawTable,
    other: RowTable,
    slots: [Option<Versioned<Row>>; SLOTS],
    walk: Option<(Filters, u64, Cursor)>,
}

impl Subject {
    pub(crate) async fn new(db: Database, other: &Database) -> Result<Self> {
        db.create().await?;
        other.create().await?;
        let rows = db.table::<Row>();
        Ok(Self {
            raw: raw(&db, &rows)?,
            other: other.table::<Row>(),
            rows,
            db,
            slots: [const { None }; SLOTS],
            walk: None,
        })
    }

    /// Runs an operation whose first row gets this value.
    pub(crate) async fn run(&mut self, operation: &Operation, value: u64) -> Answer {
        let answer = self.answer(operation, value).await;
        answer.unwrap_or_else(|error| Answer::Refused(error.kind()))
    }

    /// Removes the rows, so that a long test's stores stay small.
    pub(crate) async fn clean_up(self) -> Result<()> {
        self.db.drop_table(self.rows.name()).await?;
        self.db.drop_table(Turned::SCHEMA.table()).await?;
        self.other.database().drop_table(self.other.name()).await?;
        Ok(())
    }

    async fn answer(&mut self, operation: &Operation, value: u64) -> Result<Answer> {
        use Operation as O;
        let rows = &self.rows;
        Ok(match operation {
            O::Insert(key) => done(rows.insert(&Row::new(key, value)).await?),
            O::Upsert(key) => done(rows.upsert(&Row::new(key, value)).await?),
            O::Select(key) => Answer::Row(rows.select(key.clone()).await?),
            O::Exists(key) => Answer::Bool(rows.exists(key.clone()).await?),
            O::Meta(key) => Answer::Size(rows.meta(key.clone()).await?.map(|meta| meta.size())),
            O::Delete(key) => done(rows.delete(key.clone()).await?),
            O::Remember(key, slot) => {
                let found = rows.select_versioned(key.clone()).await?;
                self.slots[*slot] = found.clone();
                Answer::Row(found.map(|found| found.row))
            }
            O::Update(slot) => {
                let Some(mut row) = self.slots[*slot].clone() else {
                    return Ok(Answer::Done);
                };
                row.value = value;
                row.version = rows.update(&row).await?;
                self.slots[*slot] = Some(row);
                Answer::Done
            }
            O::Modify(key) => {
                let modified = rows.modify(key.clone(), |row| row.value = value).await?;
                Answer::Row(Some(modified))
            }
            O::ModifyNothing(key) => Answer::Row(Some(rows.modify(key.clone(), |_| {}).await?)),
            O::ModifyKey(key) => {
                let modified = rows.modify(key.clone(), |row| row.plain ^= 1).await?;
                Answer::Row(Some(modified))
            }
            O::Rename(from, to) => done(rows.rename(from.clone(), to.clone()).await?),
            O::Copy(from, to) => done(rows.copy(from.clone()).to(rows, to.clone()).await?),
            O::CopyToOther(from, to) => {
                done(rows.copy(from.clone()).to(&self.other, to.clone()).await?)
            }
            O::OtherRows => Answer::Rows(self.other.rows().await?),
            O::InsertAll(keys) | O::UpsertAll(keys) | O::SelectAll(keys) | O::DeleteAll(keys) => {
                self.batch(operation, keys, value).await
            }
            O::Query(filters, limit, workers, terminal) => {
                let mut query = filters.ask(rows.query()).concurrency(*workers);
                if let Some(limit) = limit {
                    query = query.limit(*limit);
                }
                run_query(query, *terminal).await?
            }
            O::Distinct(filters, columns) => {
                Answer::Values(distinct(filters.ask(rows.query()), *columns).await?)
            }
            O::FirstPage(filters, size) => self.page(filters.clone(), *size, None).await?,
            O::NextPage => match self.walk.take() {
                Some((filters, size, cursor)) => self.page(filters, size, Some(cursor)).await?,
                None => Answer::Done,
            },
            O::Sample(n) => Answer::Sample(*n, rows.sample(*n).await?),
            O::RandomKey => {
                let key = rows.random_key().await?;
                let keys = key.into_iter().collect::<Vec<_>>();
                let chosen = rows.select_all(keys).await.into_result()?;
                Answer::Sample(1, chosen.into_iter().flatten().collect())
            }
            O::RawSelect(key) => {
                let body = match path(key) {
                    Some(path) => self.raw.select_by_key(path).await?,
                    // It has no path; the typed table must say so.
                    None => return Ok(Answer::Row(rows.select(key.clone()).await?)),
                };
                Answer::Body(body.map(|body| String::from_utf8_lossy(&body).into_owned()))
            }
            O::RawUpsert(key) => match texts(key) {
                Some(texts) => done(self.raw.upsert(texts, Row::new(key, value).body()).await?),
                None => done(rows.upsert(&Row::new(key, value)).await?),
            },
            O::RawDelete(key) => match texts(key) {
                Some(texts) => done(self.raw.delete(texts).await?),
                None => done(rows.delete(key.clone()).await?),
            },
            O::RawQuery(name, number) => {
                let number = number.and_then(|number| {
                    let [_, text, ..] = texts(&RowKey {
                        name: String::new(),
                        number,
                        rank: 0,
                        age: 0,
                        plain: 0,
                    })?;
                    Some(text)
                });
                let name = name.as_deref().map(|name| ("name", name));
                let number = number.as_deref().map(|number| ("number", number));
                paths(&self.raw.query(name.into_iter().chain(number)).await?)
            }
            O::RawQueryByKey(key, columns) => {
                let Some(path) = path(key) else {
                    return Ok(Answer::Row(rows.select(key.clone()).await?));
                };
                let prefix: Vec<&str> = path.split('/').take(*columns).collect();
                paths(&self.raw.query_by_key(prefix.join("/"), SortBy::Key).await?)
            }
            O::RawDistinct(columns) => Answer::Texts(self.raw.distinct(columns.names()).await?),
            O::RawCount => Answer::Number(self.raw.count().await?),
            O::Rekey => {
                let rekey = self.db.rekey::<Row, Turned>(turned);
                Answer::Number(rekey.await?.moved)
            }
            O::RekeyBack => {
                let rekey = self.db.rekey::<Turned, Row>(back);
                Answer::Number(rekey.await?.moved)
            }
            O::Tables => Answer::Paths(self.db.tables().await?),
            O::GetTable => {
                let found = self.db.get_table(rows.name()).await?;
                Answer::Bool(found.is_some_and(|found| found.columns().len() == 5))
            }
            O::OpenTable => {
                self.rows = self.db.open_table::<Row>().await?;
                // The first write or delete stores the schema: one of a row that no sequence has.
                self.rows.delete(("no row", 0, 0, 0, 0)).await?;
                Answer::Done
            }
            O::DropTable => {
                let dropped = self.db.drop_table(rows.name()).await?;
                // Else the next write would store the schema anew.
                self.rows = self.db.table::<Row>();
                Answer::Number(dropped)
            }
        })
    }

    async fn batch(&self, operation: &Operation, keys: &[RowKey], value: u64) -> Answer {
        let keys = batch_keys(operation, keys);
        let rows = keys
            .iter()
            .zip(value..)
            .map(|(key, value)| Row::new(key, value));
        match operation {
            Operation::InsertAll(_) => outcomes(self.rows.insert_all(rows).await, |_| None),
            Operation::UpsertAll(_) => outcomes(self.rows.upsert_all(rows).await, |_| None),
            Operation::SelectAll(_) => outcomes(self.rows.select_all(keys).await, |row| row),
            _ => outcomes(self.rows.delete_all(keys).await, |()| None),
        }
    }

    async fn page(
        &mut self,
        filters: Filters,
        size: u64,
        cursor: Option<Cursor>,
    ) -> Result<Answer> {
        self.walk = None;
        let mut query = filters.ask(self.rows.query());
        if let Some(cursor) = cursor {
            // As text, as a program would keep it.
            query = query.after(cursor.to_string());
        }
        let page = query.page(size).await?;
        let more = page.cursor.is_some();
        self.walk = page.cursor.map(|cursor| (filters, size, cursor));
        Ok(Answer::Page(page.rows, more))
    }
}

/// What the operation gave is the store's to say: a version, or nothing.
fn done<V>(_: V) -> Answer {
    Answer::Done
}

fn paths(keys: &[RawKey]) -> Answer {
    Answer::Paths(keys.iter().map(|key| key.path().to_owned()).collect())
}

fn outcomes<V>(report: BatchReport<RowKey, V>, row: impl Fn(V) -> Option<Row>) -> Answer {
    let outcomes = report.into_iter().map(|outcome| {
        let result = outcome.result.map(&row).map_err(|error| error.kind());
        (outcome.key, result)
    });
    Answer::Outcomes(outcomes.collect())
}

async fn run_query(query: super::rows::RowQuery, terminal: Terminal) -> Result<Answer> {
    Ok(match terminal {
        Terminal::Keys => Answer::Keys(query.keys().await?),
        Terminal::StreamKeys => Answer::Keys(query.stream_keys().try_collect().await?),
        Terminal::Objects => {
            let objects = query.objects().await?.into_iter();
            Answer::Objects(objects.map(|object| (object.key, object.size)).collect())
        }
        Terminal::Rows => Answer::Rows(query.rows().await?),
        Terminal::Stream => Answer::Rows(query.stream().try_collect().await?),
        Terminal::Count => Answer::Number(query.count().await?),
        Terminal::Analyze => Answer::Number(query.analyze().await?.rows()),
        Terminal::IsEmpty => Answer::Bool(query.is_empty().await?),
        Terminal::First => Answer::Row(query.first().await?),
        Terminal::Delete => Answer::Number(query.delete().await?.rows),
    })
}

async fn distinct(query: super::rows::RowQuery, columns: Columns) -> Result<Vec<Vec<Value>>> {
    let all = Row::COLUMNS;
    let text = |text: String| Value::Text(text);
    match columns {
        Columns::Name => values(&query, all.name, |name| vec![text(name)]).await,
        Columns::Number => {
            values(&query, all.number, |number| {
                vec![Value::Number(number.into())]
            })
            .await
        }
        Columns::Plain => {
            values(&query, all.plain, |plain| vec![Value::Number(plain.into())]).await
        }
        Columns::NameNumber => {
            let columns = (all.name, all.number);
            values(&query, columns, |(name, number)| {
                vec![text(name), Value::Number(number.into())]
            })
            .await
        }
        Columns::RankName => {
            let columns = (all.rank, all.name);
            values(&query, columns, |(rank, name)| {
                vec![Value::Number(rank.into()), text(name)]
            })
            .await
        }
        Columns::All => {
            let columns = (all.name, all.number, all.rank, all.age, all.plain);
            values(&query, columns, |(name, number, rank, age, plain)| {
                vec![
                    text(name),
                    Value::Number(number.into()),
                    Value::Number(rank.into()),
                    Value::Number(age.into()),
                    Value::Number(plain.into()),
                ]
            })
            .await
        }
    }
}

async fn values<C: ColumnSet<Row>>(
    query: &super::rows::RowQuery,
    columns: C,
    value: impl Fn(C::Values) -> Vec<Value>,
) -> Result<Vec<Vec<Value>>> {
    Ok(query
        .distinct(columns)
        .await?
        .into_iter()
        .map(value)
        .collect())
}
