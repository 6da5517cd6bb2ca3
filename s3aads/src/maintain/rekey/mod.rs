//! Moves a table's rows to other key columns, encodings or another layout.

mod by_name;
mod journal;
mod mapping;
mod moving;
mod plan;
mod settle;

use std::fmt;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use self::by_name::ByName;
use self::mapping::{ByKey, ByRow, Mapping};
use self::moving::Moving;
use crate::database::Database;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;
use crate::rows::delete::DEFAULT_CONCURRENCY;
use crate::schema::Schema;
use crate::table::S3Table;

/// What a rekey has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RekeyReport {
    /// Rows that are under their new keys alone.
    pub moved: u64,
    /// Rows that an earlier run had begun to move and this one went on with.
    pub resumed: u64,
    /// Objects in the old table's folder that are no rows of it; they stay.
    pub foreign: u64,
}

impl fmt::Display for RekeyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            moved,
            resumed,
            foreign,
        } = self;
        write!(
            f,
            "{moved} rows were moved, {resumed} had been begun before, {foreign} objects are no rows"
        )
    }
}

/// What a rekey would do.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct RekeyPlan {
    /// Rows of the old table.
    pub rows: u64,
    /// Those that can't be moved.
    pub refused: u64,
    /// Why, for the first hundred of them: `Conflict` if two rows would get one key, or the new table
    /// has the key already; `InvalidKey` if the new key can't be stored; `InvalidRow` if the row does
    /// not decode.
    pub problems: Vec<Error>,
    /// Objects in the old table's folder that are no rows of it.
    pub foreign: u64,
}

/// A rekey that is about to run: awaiting it runs it.
///
/// Made by [`Database::rekey`] and [`Database::rekey_rows`].
#[must_use = "a rekey runs when it is awaited"]
pub struct Rekey<'a> {
    moving: Result<Moving<'a>>,
}

impl<'a> Rekey<'a> {
    fn new(
        db: &Database,
        (old, new): (&Schema, &Schema),
        mapping: impl FnOnce(&Arc<Rows>, &Arc<Rows>) -> Result<Box<dyn Mapping + 'a>>,
    ) -> Self {
        let rows = |schema: &Schema| {
            let rows = Rows::new(Arc::clone(db.session()), Arc::new(schema.clone()));
            Arc::new(rows.checked())
        };
        let (old, new) = (rows(old), rows(new));
        let moving = check(&old, &new).and_then(|()| {
            Ok(Moving {
                mapping: mapping(&old, &new)?,
                old,
                new,
                concurrency: DEFAULT_CONCURRENCY,
                progress: Box::new(|_| {}),
            })
        });
        Self { moving }
    }

    /// How many requests may be under way at once; 32 if this is not called.
    pub fn concurrency(mut self, requests: usize) -> Self {
        if let Ok(moving) = &mut self.moving {
            moving.concurrency = requests.max(1);
        }
        self
    }

    /// Calls `hook` after each thousand rows with what was done so far.
    pub fn on_progress(mut self, hook: impl Fn(RekeyReport) + Send + Sync + 'a) -> Self {
        if let Ok(moving) = &mut self.moving {
            moving.progress = Box::new(hook);
        }
        self
    }

    /// What would be moved and what can't be; changes nothing. Sends a LIST for each 1,000 rows of
    /// both tables, and 1 GET for each row of the old one if [`Database::rekey_rows`] made it. If two
    /// rows would get one key, the old table is listed, or read, once more, and 1 HEAD goes out for
    /// each such key.
    ///
    /// # Errors
    ///
    /// `InvalidConfig` if the tables are one, or their bodies differ; `NotFound` if the bucket is not
    /// there; `PermissionDenied`; `Unavailable`.
    pub async fn dry_run(self) -> Result<RekeyPlan> {
        let (_, plan) = self.moving?.plan().await?;
        Ok(plan)
    }
}

impl fmt::Debug for Rekey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Rekey");
        match &self.moving {
            Ok(moving) => debug
                .field("old", &moving.old.schema().to_string())
                .field("new", &moving.new.schema().to_string())
                .field("concurrency", &moving.concurrency),
            Err(error) => debug.field("error", error),
        };
        debug.finish()
    }
}

impl<'a> IntoFuture for Rekey<'a> {
    type Output = Result<RekeyReport>;
    type IntoFuture = BoxFuture<'a, Result<RekeyReport>>;

    fn into_future(self) -> Self::IntoFuture {
        async move { self.moving?.run().await }.boxed()
    }
}

/// Refuses what needs no request to be known.
fn check(old: &Rows, new: &Rows) -> Result<()> {
    let (from, to) = (old.schema(), new.schema());
    if from.table() == to.table() {
        let message = "a rekey needs two tables: give the new struct another `table`";
        return Err(old.error(ErrorKind::InvalidConfig, message));
    }
    if old.is_indexed() || new.is_indexed() {
        let message = "a table with indexes can't be rekeyed: rows are moved without their entries; insert \
                       the rows into the new table instead";
        return Err(old.error(ErrorKind::Unsupported, message));
    }
    Ok(())
}

/// Refuses tables whose bodies can't be one another's.
fn same_bodies(old: &Rows, new: &Rows) -> Result<()> {
    let (from, to) = (old.schema().body(), new.schema().body());
    if from == to {
        return Ok(());
    }
    let message = format!(
        "the bodies are stored in different formats, {from} and {to}; `rekey_rows` writes them anew"
    );
    Err(old.error(ErrorKind::InvalidConfig, message))
}

impl Database {
    /// Moves every row of the table `A` to the key of the table `B` that `key` gives for it: other
    /// columns, another order, another encoding or layout, packed or not. Bodies stay as they are.
    ///
    /// First it looks at all keys: if two rows would get one key, if the new table has one already,
    /// or if one can't be stored, it fails and has moved nothing
    /// ([`dry_run`](Rekey::dry_run) tells all of them). Then each row is copied to its new key, which
    /// must be free, and deleted under the old one as it was copied, 1,000 at a time. Others may read
    /// and write the old table meanwhile: a row that is changed is copied anew, one that is deleted
    /// goes from the new table too, and new ones are moved until a listing finds none. Nobody else
    /// should write to the new table before it is done. For a moment a row is in both tables, and
    /// never in none.
    ///
    /// If it is stopped half-way, by an error or with the program, call it again with the same
    /// closure: it goes on where it was, by its journal in `_s3aads/rekey`. If it was stopped while it
    /// deleted old rows, it can't tell whether it was itself or another program that deleted one of
    /// them: the new row stays.
    ///
    /// Sends 1 LIST for each 1,000 rows of the new table and 2 of the old one, then a copy and a
    /// delete for each row (bulk deletes where the store honours their conditions) and 2 requests for
    /// each 1,000 rows, and up to 8 more in all. On S3 a copy is 2 requests. A row is read and written
    /// instead if the store's copies honour no condition, if the layout changes, or if a table is
    /// packed; rows of one pack go together. It holds some 32 bytes for each row in memory.
    ///
    /// # Errors
    ///
    /// `Conflict` if rows can't be moved, naming the first and both its keys, or if another rekey of
    /// the tables is under way; `InvalidKey` if a new key can't be stored; `InvalidConfig` if the
    /// tables are one, if their bodies are stored in different formats, or if an earlier run was
    /// stopped that had another closure; `SchemaMismatch` if a table is stored otherwise;
    /// `Unsupported`, before a row is moved, on a store that does not honour the conditions of
    /// creates, updates and deletes, and for tables with indexes; `NotFound`, `PermissionDenied`, `Unavailable`.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// #[derive(S3Table)]
    /// #[s3(table = "days")]
    /// struct Day { #[s3(key)] station: u32, #[s3(key)] year: u16, rain: f64 }
    ///
    /// #[derive(S3Table)]
    /// #[s3(table = "days_by_year")]
    /// struct DayByYear { #[s3(key, width = 4)] year: u16, #[s3(key)] station: u32, rain: f64 }
    ///
    /// db.table::<Day>().insert(&Day { station: 7, year: 2020, rain: 0.5 }).await?;
    /// let rekey = db.rekey::<Day, DayByYear>(|DayKey { station, year }| (year, station).into());
    /// assert_eq!(rekey.await?.moved, 1);
    /// let moved = db.table::<DayByYear>().select((2020, 7)).await?.expect("it was moved");
    /// assert_eq!(moved.rain, 0.5);
    /// # });
    /// ```
    pub fn rekey<'a, A: S3Table, B: S3Table>(
        &self,
        key: impl Fn(A::Key) -> B::Key + Send + Sync + 'a,
    ) -> Rekey<'a> {
        Rekey::new(self, (A::SCHEMA, B::SCHEMA), |old, new| {
            same_bodies(old, new)?;
            Ok(Box::new(ByKey::<A, B, _>::new(key)))
        })
    }

    /// [`rekey`](Self::rekey) if fields move between key and body or the body changes: each row is
    /// read, made anew by `row` and written.
    ///
    /// Sends 1 LIST for each 1,000 rows of the new table and 2 of the old one, then 2 GETs, a PUT and a
    /// delete for each row and 2 requests for each 1,000 rows, and up to 8 more in all.
    ///
    /// # Errors
    ///
    /// As [`rekey`](Self::rekey); `InvalidRow` if a row does not decode or the new one can't be
    /// written.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// #[derive(S3Table)]
    /// #[s3(table = "days")]
    /// struct Day { #[s3(key)] station: u32, #[s3(key)] year: u16, rain: f64 }
    ///
    /// #[derive(S3Table)]
    /// #[s3(table = "wet_days")]
    /// struct WetDay { #[s3(key)] wet: bool, #[s3(key)] station: u32, year: u16, rain: f64 }
    ///
    /// db.table::<Day>().insert(&Day { station: 7, year: 2020, rain: 0.5 }).await?;
    /// let rekey = db.rekey_rows::<Day, WetDay>(|Day { station, year, rain }| {
    ///     WetDay { wet: rain > 0.0, station, year, rain }
    /// });
    /// rekey.await?;
    /// assert!(db.table::<WetDay>().exists((true, 7)).await?);
    /// # });
    /// ```
    pub fn rekey_rows<'a, A: S3Table, B: S3Table>(
        &self,
        row: impl Fn(A) -> B + Send + Sync + 'a,
    ) -> Rekey<'a> {
        Rekey::new(self, (A::SCHEMA, B::SCHEMA), |old, _| {
            Ok(Box::new(ByRow::<A, B, _>::new(Arc::clone(old), row)))
        })
    }

    /// [`rekey`](Self::rekey) without structs: each column of the new table gets the value of the old
    /// column of its name, or else of the body's field of its name. What the new key lacks of the old
    /// one goes into the body. So columns can be put in another order, be written otherwise, and move
    /// between key and body.
    ///
    /// Sends what [`rekey`](Self::rekey) sends, or what [`rekey_rows`](Self::rekey_rows) does if values move
    /// between key and body.
    ///
    /// # Errors
    ///
    /// As [`rekey_rows`](Self::rekey_rows); `InvalidConfig` if values would move between key and body, and
    /// the body is no object with fields.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// let days = db.raw_table_of("days(station: u32, year: u16)".parse()?)?;
    /// days.insert_by_key("7/2020", r#"{"rain":0.5,"wet":true}"#).await?;
    /// let by_year = "days_by_year(year: u16, wet: bool, station: u32)".parse()?;
    /// db.rekey_by_name(days.schema(), &by_year).await?;
    /// let by_year = db.raw_table_of(by_year)?;
    /// let row = by_year.select_string(["2020", "true", "7"]).await?;
    /// assert_eq!(row.as_deref(), Some(r#"{"rain":0.5}"#));
    /// # });
    /// ```
    pub fn rekey_by_name<'a>(&self, old: &Schema, new: &Schema) -> Rekey<'a> {
        Rekey::new(self, (old, new), |old, new| {
            same_bodies(old, new)?;
            Ok(Box::new(ByName::new(old, new)?))
        })
    }
}
