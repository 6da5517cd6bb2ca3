//! The rows of a query, wherever they are: objects that a listing tells, or lines of packs.
//!
//! Everything above asks a [`Search`] and knows no difference. A table's rows are objects of their
//! own, and then what is found is what is listed; or they are lines, and then the listing tells the
//! packs, each of which is read once.

mod checked;
mod found;
mod open;
mod packs;
mod read_key;
mod way;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};

use checked::CheckedQuery;
pub(crate) use found::{Found, Read};
pub(crate) use open::OpenPack;
use packs::PackQuery;
pub(crate) use read_key::ReadKey;
pub(crate) use way::{Way, way};

use super::Rows;
use crate::error::{Error, Result};
use crate::explain::{Analysis, Explain};
use crate::scan::{Evidence, Scan, Spec};
use crate::store::Meter;

/// A query that can be run.
pub(crate) struct Search<K> {
    rows: Arc<Rows>,
    meter: Meter,
    /// How many objects may be read at once.
    at_once: usize,
    spec: Spec,
    keys: ReadKey<K>,
    objects: Objects<K>,
}

/// What a table's objects are.
enum Objects<K> {
    /// Each is a row.
    Rows(Arc<Scan<K>>),
    /// Each is a pack of rows.
    Packs(Arc<PackQuery<K>>),
    /// Each is a row, that is read to see whether it matches.
    Checked(Arc<CheckedQuery<K>>),
}

impl<K: Send + Sync + 'static> Search<K> {
    /// # Errors
    ///
    /// `InvalidCursor` for a place that no key of the table has.
    pub(crate) fn new(
        rows: &Arc<Rows>,
        spec: Spec,
        keys: ReadKey<K>,
        meter: Meter,
        at_once: usize,
    ) -> Result<Arc<Self>> {
        let objects = if rows.is_packed() {
            Objects::Packs(PackQuery::new(
                rows,
                spec.clone(),
                keys.clone(),
                &meter,
                at_once,
            )?)
        } else if let Some(checked) = CheckedQuery::new(rows, &spec, &keys, &meter, at_once, &[]) {
            Objects::Checked(checked)
        } else {
            let (source, of_path) = (rows.source(meter.clone()), Arc::clone(&keys.of_path));
            Objects::Rows(Scan::new(source, spec.clone(), of_path))
        };
        Ok(Arc::new(Self {
            rows: Arc::clone(rows),
            meter,
            at_once,
            spec,
            keys,
            objects,
        }))
    }

    /// What the search's requests are counted on.
    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// The rows in key order.
    pub(crate) fn stream(&self) -> BoxStream<'static, Result<Found<K>>> {
        match &self.objects {
            Objects::Rows(scan) => scan.stream().map_ok(Found::Object).boxed(),
            Objects::Packs(packs) => packs.stream().map_ok(Found::Line).boxed(),
            Objects::Checked(checked) => checked.stream(),
        }
    }

    /// The keys of the rows, in the same order.
    pub(crate) fn stream_keys(&self) -> BoxStream<'static, Result<K>> {
        match &self.objects {
            Objects::Checked(checked) => checked.stream_keys(),
            _ => self.stream().map_ok(Found::into_key).boxed(),
        }
    }

    /// The keys of the rows, all at once.
    pub(crate) async fn keys(&self) -> Result<Vec<K>> {
        match &self.objects {
            Objects::Checked(checked) => checked.stream_keys().try_collect().await,
            _ => {
                let rows = self.collect().await?;
                Ok(rows.into_iter().map(Found::into_key).collect())
            }
        }
    }

    /// The rows in key order, all at once.
    pub(crate) async fn collect(&self) -> Result<Vec<Found<K>>> {
        match &self.objects {
            Objects::Rows(scan) => {
                let rows = scan.collect().await?;
                Ok(rows.into_iter().map(Found::Object).collect())
            }
            Objects::Packs(packs) => {
                let mut found = Vec::new();
                let see = |line| {
                    found.push(Found::Line(line));
                    Ok(())
                };
                packs.each(see).await?;
                Ok(found)
            }
            Objects::Checked(_) => self.stream().try_collect().await,
        }
    }

    /// The number of rows.
    pub(crate) async fn count(&self) -> Result<u64> {
        match &self.objects {
            Objects::Rows(scan) => scan.count().await,
            Objects::Packs(packs) => {
                let mut count = 0;
                let see = |_| {
                    count += 1;
                    Ok(())
                };
                packs.each(see).await?;
                Ok(count)
            }
            Objects::Checked(checked) => {
                let each = |count, _| std::future::ready(Ok(count + 1));
                checked.stream_keys().try_fold(0, each).await
            }
        }
    }

    /// The stored texts of these columns, each combination once.
    pub(crate) async fn distinct(
        &self,
        columns: &[usize],
        evidence: Evidence,
    ) -> Result<Vec<Vec<String>>> {
        let (rows, meter) = (&self.rows, &self.meter);
        let checked = (!rows.is_packed())
            .then(|| CheckedQuery::new(rows, &self.spec, &self.keys, meter, self.at_once, columns));
        if let Some(checked) = checked.flatten() {
            return checked.distinct(columns, evidence).await;
        }
        match &self.objects {
            Objects::Rows(scan) => scan.distinct(columns, evidence).await,
            Objects::Checked(checked) => checked.distinct(columns, evidence).await,
            Objects::Packs(packs) => packs.distinct(columns).await,
        }
    }

    /// The rows with their bodies, in key order. One that is deleted after it is listed is left out.
    pub(crate) fn rows(&self) -> BoxStream<'static, Result<Read<K>>> {
        match &self.objects {
            Objects::Rows(_) | Objects::Checked(_) => self.read(self.stream()),
            Objects::Packs(packs) => packs.stream().map_ok(Read::Line).boxed(),
        }
    }

    /// What is made of the [`rows`](Self::rows), all at once.
    pub(crate) async fn collect_rows<R: Send>(
        &self,
        make: impl Fn(Read<K>) -> Result<R> + Send + Sync,
    ) -> Result<Vec<R>> {
        let mut made = Vec::new();
        match &self.objects {
            Objects::Rows(_) | Objects::Checked(_) => {
                let mut rows = self.rows();
                while let Some(row) = rows.try_next().await? {
                    made.push(make(row)?);
                }
            }
            Objects::Packs(packs) => {
                let see = |line| {
                    made.push(make(Read::Line(line))?);
                    Ok(())
                };
                packs.each(see).await?;
            }
        }
        Ok(made)
    }

    /// The bodies of rows that were found.
    pub(crate) fn read<'a>(
        &self,
        found: BoxStream<'a, Result<Found<K>>>,
    ) -> BoxStream<'a, Result<Read<K>>> {
        let scan = match &self.objects {
            Objects::Rows(scan) => Arc::clone(scan),
            Objects::Packs(_) | Objects::Checked(_) => {
                let read = found.try_filter_map(|found| {
                    std::future::ready(Ok(match found {
                        Found::Line(line) => Some(Read::Line(line)),
                        Found::Checked(row) => Some(Read::Object(row.key, row.object)),
                        Found::Object(_) => None,
                    }))
                });
                return read.boxed();
            }
        };
        let rows = Arc::clone(&self.rows);
        found
            .map(move |found| {
                let (rows, scan) = (Arc::clone(&rows), Arc::clone(&scan));
                async move {
                    match found? {
                        Found::Line(line) => Ok(Some(Read::Line(line))),
                        Found::Checked(row) => Ok(Some(Read::Object(row.key, row.object))),
                        Found::Object(listed) => {
                            let object = rows.object(listed.path(), &scan.source().meter).await;
                            let object = object.map_err(|error| scan.with_progress(error))?;
                            Ok(object.map(|object| Read::Object(listed.key, object)))
                        }
                    }
                }
            })
            .buffered(self.at_once)
            .try_filter_map(|row| std::future::ready(Ok(row)))
            .boxed()
    }

    /// How many objects it came upon that are no rows.
    pub(crate) fn foreign(&self) -> u64 {
        self.analysis(0, Duration::ZERO).foreign()
    }

    /// Says how far the search got whose budget was spent.
    pub(crate) fn with_progress(&self, error: Error) -> Error {
        match &self.objects {
            Objects::Rows(scan) => scan.with_progress(error),
            Objects::Packs(packs) => packs.with_progress(error),
            Objects::Checked(checked) => checked.with_progress(error),
        }
    }

    pub(crate) fn explain(&self) -> Explain {
        match &self.objects {
            Objects::Rows(scan) => Explain::new(scan),
            Objects::Packs(packs) => packs.explain(),
            Objects::Checked(checked) => checked.explain(),
        }
    }

    /// What finding the rows took, this many.
    pub(crate) fn analysis(&self, rows: u64, elapsed: Duration) -> Analysis {
        match &self.objects {
            Objects::Rows(scan) => Analysis::new(scan, rows, elapsed),
            Objects::Packs(packs) => packs.analysis(rows, elapsed),
            Objects::Checked(checked) => checked.analysis(rows, elapsed),
        }
    }
}
