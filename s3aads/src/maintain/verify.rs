//! Looks at every object in a table's folder, with the table's struct or without.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt, TryStreamExt};
use serde::de::IgnoredAny;

use crate::error::{Error, ErrorKind, Result};
use crate::fault::store_error;
use crate::key::read_key;
use crate::query::read_row;
use crate::raw::{self, RawTable};
use crate::rows::Rows;
use crate::rows::delete::DEFAULT_CONCURRENCY;
use crate::rows::search::{OpenPack, ReadKey};
use crate::schema::BodyFormat;
use crate::store::{ListRequest, ListingProgress, ObjectEntry};
use crate::table::{S3Table, Table};

/// An object that is not as it should be, found by [`Table::verify`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Finding {
    /// The object's full key, as stored. In a packed table, which of its lines it is stands in the error.
    pub object: String,
    /// What is wrong with it: `ForeignObject` for one that is no row of the table, `InvalidRow` for a
    /// row that does not decode.
    pub error: Error,
}

/// What [`Table::verify`] has looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Rows that decode.
    pub rows: u64,
    /// Rows that do not.
    pub undecodable: u64,
    /// Objects that are no rows.
    pub foreign: u64,
}

impl VerifyReport {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.undecodable == 0 && self.foreign == 0
    }
}

impl fmt::Display for VerifyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rows,
            undecodable,
            foreign,
        } = self;
        write!(
            f,
            "{rows} rows decode, {undecodable} do not, {foreign} objects are no rows"
        )
    }
}

#[derive(Debug, Default)]
struct Counters {
    rows: AtomicU64,
    undecodable: AtomicU64,
    foreign: AtomicU64,
}

/// A stream of what is wrong with a table, made by [`Table::verify`].
///
/// It looks only as far as it is read. An error of the stream itself means that the store could not
/// be read; what was not looked at by then is not in the report.
#[must_use = "nothing is looked at until it is read"]
pub struct Verification {
    findings: BoxStream<'static, Result<Finding>>,
    counters: Arc<Counters>,
}

impl Verification {
    /// What was looked at so far.
    pub fn report(&self) -> VerifyReport {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        VerifyReport {
            rows: load(&self.counters.rows),
            undecodable: load(&self.counters.undecodable),
            foreign: load(&self.counters.foreign),
        }
    }

    /// Reads to the end and returns the report.
    ///
    /// # Errors
    ///
    /// As the stream's.
    pub async fn finish(mut self) -> Result<VerifyReport> {
        while self.findings.try_next().await?.is_some() {}
        Ok(self.report())
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification")
            .field("report", &self.report())
            .finish_non_exhaustive()
    }
}

impl Stream for Verification {
    type Item = Result<Finding>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.findings.poll_next_unpin(context)
    }
}

impl<T: S3Table> Table<T> {
    /// Looks at every object in the table's folder, reads every row, and tells what is wrong:
    /// objects that are no rows, and rows that do not decode. It changes nothing. Sends 1 LIST for
    /// each 1,000 objects and 1 GET for each row, 32 at once.
    ///
    /// # Errors
    ///
    /// The stream fails with `NotFound` if the bucket is not there, `PermissionDenied` or
    /// `Unavailable`.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// # #[derive(S3Table)]
    /// # struct Item { #[s3(key)] id: u64, name: String }
    /// let items = db.table::<Item>();
    /// items.insert(&Item { id: 1, name: "cup".into() }).await?;
    /// items.raw().upsert(["2"], "{}").await?; // another program's mistake
    /// use s3aads::stream::TryStreamExt;
    ///
    /// let mut verification = items.verify();
    /// while let Some(finding) = verification.try_next().await? {
    ///     assert_eq!(finding.object, "item/2");
    ///     assert_eq!(finding.error.kind(), ErrorKind::InvalidRow);
    /// }
    /// assert_eq!(verification.report().rows, 1);
    /// # });
    /// ```
    pub fn verify(&self) -> Verification {
        let judge = Judge::<T::Key> {
            path: Box::new(|_, path| read_key::<T::Key>(path)),
            lines: ReadKey::typed(),
            row: Box::new(|rows, key, body| read_row::<T>(rows, key, body).map(drop)),
        };
        verify(&self.rows, judge)
    }
}

impl RawTable {
    /// Looks at every object in the table's folder, reads every row, and tells what is wrong as far as
    /// the schema tells: objects that are no rows, keys that hold no values of their columns' types, and
    /// bodies that are not JSON or UTF-8 if they should be. It changes nothing. Sends what
    /// [`Table::verify`] sends.
    ///
    /// # Errors
    ///
    /// As [`Table::verify`]'s.
    ///
    /// ```
    /// # doc_examples::memory!(|db| {
    /// let days = db.raw_table_of("days(year: u16)".parse()?)?;
    /// days.insert(["2020"], "{}").await?;
    /// days.insert(["2021"], "{").await?;
    /// let report = days.verify().finish().await?;
    /// assert_eq!((report.rows, report.undecodable), (1, 1));
    /// # });
    /// ```
    pub fn verify(&self) -> Verification {
        let rows = self.shared_rows();
        let (of_lines, of_paths) = (Arc::clone(rows), Arc::clone(rows));
        let judge = Judge::<String> {
            path: Box::new(|rows, path| raw::values(rows.schema(), path).map(|_| path.to_owned())),
            lines: ReadKey::new(
                move |path| raw::values(of_paths.schema(), path).map(|_| path.to_owned()),
                move |texts| {
                    let values: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
                    raw::of_values(of_lines.schema(), &values).map(|key| key.path().to_owned())
                },
            ),
            row: Box::new(|rows, path, body| {
                well_formed(rows.schema().body(), body).map_err(|why| {
                    let message = format!("the stored body is not of the table's format: {why}");
                    rows.error(ErrorKind::InvalidRow, message).at_key(path)
                })
            }),
        };
        verify(rows, judge)
    }
}

/// Whether a body is of its format, and why not.
fn well_formed(format: BodyFormat, body: &[u8]) -> Result<(), String> {
    let told = |error: serde_json::Error| error.to_string();
    match format {
        BodyFormat::Object => serde_json::from_slice::<HashMap<String, IgnoredAny>>(body)
            .map(drop)
            .map_err(told),
        BodyFormat::Data => serde_json::from_slice::<IgnoredAny>(body)
            .map(drop)
            .map_err(told),
        BodyFormat::Text => std::str::from_utf8(body)
            .map(drop)
            .map_err(|error| error.to_string()),
        BodyFormat::Empty if !body.is_empty() => {
            Err(format!("it has {} bytes and should be empty", body.len()))
        }
        BodyFormat::Bytes | BodyFormat::Empty => Ok(()),
    }
}

type OfPath<K> = Box<dyn Fn(&Rows, &str) -> Result<K> + Send + Sync>;
type OfRow<K> = Box<dyn Fn(&Rows, K, &Bytes) -> Result<()> + Send + Sync>;

/// What tells rows from other objects, and rows that decode from those that do not.
struct Judge<K> {
    /// The key of a path below the table.
    path: OfPath<K>,
    /// The keys of a pack's lines.
    lines: ReadKey<K>,
    /// Whether a key's body decodes.
    row: OfRow<K>,
}

fn verify<K: Send + Sync + 'static>(rows: &Arc<Rows>, judge: Judge<K>) -> Verification {
    let (judge, counters) = (Arc::new(judge), Arc::new(Counters::default()));
    let (rows, counts) = (Arc::clone(rows), Arc::clone(&counters));
    let findings = objects(Arc::clone(&rows))
        .map(move |entry| {
            let (rows, counts) = (Arc::clone(&rows), Arc::clone(&counts));
            let judge = Arc::clone(&judge);
            async move { look_at(&rows, &judge, &counts, entry?).await }
        })
        .buffered(DEFAULT_CONCURRENCY)
        .map_ok(|findings| stream::iter(findings.into_iter().map(Ok)))
        .try_flatten()
        .boxed();
    Verification { findings, counters }
}

/// Every object below the table's folder, in the order of the listing.
fn objects(rows: Arc<Rows>) -> BoxStream<'static, Result<ObjectEntry>> {
    let source = rows.source(rows.session().meter().clone());
    let first = ListRequest {
        prefix: source.root.clone(),
        ..ListRequest::default()
    };
    let pages = stream::try_unfold(
        (Some(first), ListingProgress::default()),
        move |(request, mut progress)| {
            let (rows, source) = (Arc::clone(&rows), source.clone());
            async move {
                let Some(request) = request else {
                    return Ok(None);
                };
                let page = source.backend.list(request.clone(), &source.meter).await;
                let page = page.and_then(|page| progress.follow(page));
                let mut page =
                    page.map_err(|error| rows.place(store_error(error, "list the table")))?;
                // What a store lists besides is another table's.
                page.objects
                    .retain(|entry| entry.key.starts_with(&source.root));
                let next = page.next.map(|token| ListRequest {
                    token: Some(token),
                    ..request
                });
                let entries = stream::iter(page.objects.into_iter().map(Ok));
                Ok::<_, Error>(Some((entries, (next, progress))))
            }
        },
    );
    pages.try_flatten().boxed()
}

/// What is wrong with an object, and its place in the report.
async fn look_at<K: Send + Sync + 'static>(
    rows: &Rows,
    judge: &Judge<K>,
    counters: &Counters,
    entry: ObjectEntry,
) -> Result<Vec<Finding>> {
    let root = rows.session().root(rows.schema().table());
    let path = entry.key.strip_prefix(&root).unwrap_or(&entry.key);
    let errors = match rows.schema().packed() {
        0 => row(rows, judge, counters, path).await?,
        _ => pack(rows, judge, counters, path).await?,
    };
    let finding = |error| Finding {
        object: entry.key.clone(),
        error,
    };
    Ok(errors.into_iter().map(finding).collect())
}

/// What is wrong with an object that should be a row.
async fn row<K>(
    rows: &Rows,
    judge: &Judge<K>,
    counters: &Counters,
    path: &str,
) -> Result<Vec<Error>>
where
    K: Send,
{
    let key = match (judge.path)(rows, path) {
        Ok(key) => key,
        Err(why) => return Ok(vec![foreign(rows, counters, path, &why)]),
    };
    // One that was deleted after it was listed is not there.
    let object = rows.get(path, rows.session().meter()).await?;
    let row = object.map(|object| (judge.row)(rows, key, &object.body));
    Ok(counters.saw(row).into_iter().collect())
}

/// What is wrong with an object that should be a pack, and with its rows.
async fn pack<K: Send + Sync + 'static>(
    rows: &Rows,
    judge: &Judge<K>,
    counters: &Counters,
    path: &str,
) -> Result<Vec<Error>> {
    if let Err(why) = OpenPack::is_path(rows, path) {
        return Ok(vec![foreign(rows, counters, path, &why)]);
    }
    let Some(pack) = OpenPack::read(rows, path, rows.session().meter()).await? else {
        return Ok(Vec::new());
    };
    let faults = pack.faults(rows).map(Err);
    let read = pack.rows(rows, &judge.lines);
    let read = read.map(|row| row.and_then(|(key, body)| (judge.row)(rows, key, &body)));
    let errors = faults.chain(read).filter_map(|row| counters.saw(Some(row)));
    Ok(errors.collect())
}

fn foreign(rows: &Rows, counters: &Counters, path: &str, why: &Error) -> Error {
    counters.foreign.fetch_add(1, Ordering::Relaxed);
    let (root, table) = (rows.session().root(rows.schema().table()), rows.schema());
    let what = if table.packed() == 0 { "row" } else { "pack" };
    let message = format!(
        "the object {:?} is no {what} of the table",
        format!("{root}{path}")
    );
    let error = rows.error(ErrorKind::ForeignObject, message);
    error.because(why.message()).at_key(path)
}

impl Counters {
    /// Counts a row that decodes, or gives the error of one that does not.
    fn saw<T>(&self, row: Option<Result<T>>) -> Option<Error> {
        let (counter, error) = match row? {
            Ok(_) => (&self.rows, None),
            Err(error) => (&self.undecodable, Some(error)),
        };
        counter.fetch_add(1, Ordering::Relaxed);
        error
    }
}
