//! Rows that are read to see whether they match: found by the entries of an index, or by their keys
//! with filters on fields of the body.
//!
//! An entry may be older than its row or newer, so that the row alone decides: it is given if it has
//! the entry's values when it is read, and passes the filters. All entries of a row with the same values
//! stand side by side, whosever they are, and the row is read once for them. So a row that has a value
//! all the time is found by it exactly once.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};

use super::found::{CheckedRow, Found};
use super::read_key::ReadKey;
use super::way::{ChosenIndex, Way, way};
use crate::error::{Error, ErrorKind, Result};
use crate::explain::{Analysis, Explain, Reads};
use crate::key::{decode_text, label, segment_text};
use crate::plan::Predicate;
use crate::rows::Rows;
use crate::scan::{Decode, Evidence, Scan, Source, Spec};
use crate::schema::Schema;
use crate::store::{Meter, Object};

/// A query whose rows are read.
pub(super) struct CheckedQuery<K> {
    rows: Arc<Rows>,
    scan: Arc<Scan<Place<K>>>,
    /// Which index's entries are listed, if not the table.
    index: Option<usize>,
    /// What is asked of the body's fields, each by its place among them.
    fields: Vec<(usize, Predicate)>,
    limit: Option<u64>,
    at_once: usize,
}

/// What the listing tells of a row.
struct Place<K> {
    key: K,
    /// Its path below the table's folder.
    path: String,
    /// What the index's fields are by the entry, each by its place among the fields: the segments
    /// without labels.
    values: Vec<(usize, String)>,
    /// Where the listing goes on after all entries of the row with these values.
    position: String,
}

impl<K: Send + Sync + 'static> CheckedQuery<K> {
    /// None if a listing of the table alone tells the rows.
    pub(super) fn new(
        rows: &Arc<Rows>,
        spec: &Spec,
        keys: &ReadKey<K>,
        meter: &Meter,
        at_once: usize,
        wanted: &[usize],
    ) -> Option<Arc<Self>> {
        let schema = rows.schema();
        let columns = schema.columns().len();
        let asked = spec.predicates.iter().enumerate().skip(columns);
        let asked = asked.filter(|(_, predicate)| !predicate.is_all());
        let fields: Vec<(usize, Predicate)> = asked
            .map(|(place, predicate)| (place - columns, predicate.clone()))
            .collect();
        let way = way(schema, &spec.predicates, wanted);
        let is_of_fields = wanted.iter().any(|place| *place >= columns);
        let (source, mut predicates, index) = match way {
            Way::Key if fields.is_empty() && !is_of_fields => return None,
            Way::Key => (rows.source(meter.clone()), spec.predicates.clone(), None),
            Way::Index(ChosenIndex { schema: index, at }) => {
                let predicates = schema.entry_places(index);
                let predicates = predicates.map(|place| spec.predicates.get(place).cloned());
                let predicates: Vec<_> = predicates.map(Option::unwrap_or_default).collect();
                let source = Source {
                    root: rows.index_root(index),
                    schema: Arc::new(schema.entries_of(index)),
                    ..rows.source(meter.clone())
                };
                (source, predicates, Some(at))
            }
        };
        predicates.resize_with(source.schema.columns().len(), Predicate::default);
        let limit = spec.limit;
        let spec = Spec {
            predicates,
            // What is listed need not match.
            limit: None,
            ..spec.clone()
        };
        let decode = match index {
            None => of_rows(keys),
            Some(at) => of_entries(rows.shared_schema(), at, keys),
        };
        Some(Arc::new(Self {
            rows: Arc::clone(rows),
            limit,
            scan: Scan::new(source, spec, decode),
            index,
            fields,
            at_once,
        }))
    }
}

impl<K: Send + Sync + 'static> CheckedQuery<K> {
    /// Whether the listing alone tells the rows: the index has key columns alone, and nothing else is
    /// asked. An entry without its row can't be told from one that has it.
    fn listing_tells(&self) -> bool {
        let columns = self.rows.schema().columns().len();
        let indexes = self.rows.schema().indexes();
        let index = self.index.and_then(|at| indexes.get(at));
        self.fields.is_empty()
            && index.is_some_and(|index| index.columns().iter().all(|place| *place < columns))
    }

    /// The rows that are listed, each once.
    fn listed(self: &Arc<Self>) -> BoxStream<'static, Result<Place<K>>> {
        let (this, mut last) = (Arc::clone(self), None);
        stream::once(async move {
            if this.index.is_some() {
                this.rows.has_indexes().await?;
            }
            Ok::<_, Error>(this.scan.stream())
        })
        .try_flatten()
        .try_filter_map(move |listed| {
            let again = last.as_ref() == Some(&listed.key.position);
            last = Some(listed.key.position.clone());
            std::future::ready(Ok((!again).then_some(listed.key)))
        })
        .boxed()
    }

    /// The rows in the order of the listing.
    pub(super) fn stream(self: &Arc<Self>) -> BoxStream<'static, Result<Found<K>>> {
        let this = Arc::clone(self);
        let Some(limit) = self.limit else {
            return self
                .listed()
                .map(move |place| {
                    let this = Arc::clone(&this);
                    async move { this.read(place?).await }
                })
                .buffered(self.at_once)
                .try_filter_map(|row| std::future::ready(Ok(row)))
                .boxed();
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let start = (self.listed(), limit);
        stream::unfold(start, move |(mut listed, left)| {
            let this = Arc::clone(&this);
            async move {
                // No more at once than there may still be rows.
                let places = listed.by_ref().take(left.min(this.at_once));
                let places: Vec<_> = places.collect().await;
                if places.is_empty() {
                    return None;
                }
                let rows = places.into_iter().map(|place| {
                    let this = Arc::clone(&this);
                    async move {
                        match place {
                            Ok(place) => this.read(place).await.transpose(),
                            Err(error) => Some(Err(error)),
                        }
                    }
                });
                let rows: Vec<_> = join_all(rows).await.into_iter().flatten().collect();
                let found = rows.iter().filter(|row| row.is_ok()).count();
                Some((stream::iter(rows), (listed, left.saturating_sub(found))))
            }
        })
        .flatten()
        .boxed()
    }

    /// The keys in the order of the listing.
    pub(super) fn stream_keys(self: &Arc<Self>) -> BoxStream<'static, Result<K>> {
        if !self.listing_tells() {
            return self.stream().map_ok(Found::into_key).boxed();
        }
        let limit = self.limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        });
        self.listed().map_ok(|place| place.key).take(limit).boxed()
    }

    /// The row of a place as it is now, if it matches.
    async fn read(&self, place: Place<K>) -> Result<Option<Found<K>>> {
        let meter = &self.scan.source().meter;
        let object = self.rows.object(&place.path, meter).await;
        let object = object.map_err(|error| self.scan.with_progress(error))?;
        let Some(object) = object else {
            return Ok(None);
        };
        if !self.matches(&place, &object)? {
            return Ok(None);
        }
        Ok(Some(Found::Checked(Box::new(CheckedRow {
            key: place.key,
            path: place.path,
            position: place.position,
            object,
        }))))
    }

    fn matches(&self, place: &Place<K>, object: &Object) -> Result<bool> {
        if place.values.is_empty() && self.fields.is_empty() {
            return Ok(true);
        }
        let fields = self.rows.fields(&place.path, &object.body)?;
        let field = |at: &usize| fields.get(*at).and_then(Option::as_deref);
        let by_entry = place
            .values
            .iter()
            .all(|(at, value)| field(at) == Some(value));
        let passes = |(at, predicate): &(usize, Predicate)| {
            field(at).is_some_and(|value| predicate.matches(value))
        };
        Ok(by_entry && self.fields.iter().all(passes))
    }

    /// The stored texts of these columns, each combination once: from the names of the index's folders
    /// if they tell all that is asked, else from the rows.
    pub(super) async fn distinct(
        self: &Arc<Self>,
        columns: &[usize],
        evidence: Evidence,
    ) -> Result<Vec<Vec<String>>> {
        let schema = self.rows.schema();
        if let Some(index) = self.index.and_then(|at| schema.indexes().get(at))
            && evidence == Evidence::Folders
        {
            let places: Vec<usize> = schema.entry_places(index).collect();
            let at = |column: usize| places.iter().position(|place| *place == column);
            let levels: Option<Vec<usize>> = columns.iter().map(|column| at(*column)).collect();
            let keys = schema.columns().len();
            let has_fields = self
                .fields
                .iter()
                .all(|(field, _)| at(field + keys).is_some());
            if let Some(levels) = levels.filter(|_| has_fields) {
                self.rows.has_indexes().await?;
                return self.scan.distinct(&levels, Evidence::Folders).await;
            }
        }
        let mut rows = self.stream();
        let mut texts = BTreeSet::new();
        while let Some(row) = rows.try_next().await? {
            if let Found::Checked(row) = row {
                texts.extend(self.texts(&row, columns)?);
            }
        }
        Ok(texts.into_iter().collect())
    }

    /// The texts of a row's columns, if it has values in all of them.
    fn texts(&self, row: &CheckedRow<K>, columns: &[usize]) -> Result<Option<Vec<String>>> {
        let schema = self.rows.schema();
        let keys = schema.columns().len();
        let segments: Vec<&str> = row.path.split('/').collect();
        let fields = if columns.iter().any(|column| *column >= keys) {
            self.rows.fields(&row.path, &row.object.body)?
        } else {
            Vec::new()
        };
        let text = |place: &usize| {
            let text = match place.checked_sub(keys) {
                None => {
                    let column = schema.columns().get(*place)?;
                    segment_text(segments.get(*place)?, schema.layout(), column)
                }
                Some(field) => decode_text(schema.layout(), fields.get(field)?.as_deref()?),
            };
            text.map(|text| text.into_owned())
        };
        Ok(columns.iter().map(text).collect())
    }

    /// Says how far the search got whose budget was spent.
    pub(super) fn with_progress(&self, error: Error) -> Error {
        self.scan.with_progress(error)
    }

    pub(super) fn explain(&self) -> Explain {
        let schema = self.rows.schema();
        let keys = schema.columns().len();
        let index = self.index.and_then(|at| schema.indexes().get(at));
        let fields = self.fields.iter().filter_map(|(field, predicate)| {
            let place = field + keys;
            let listed = index.is_some_and(|index| index.columns().contains(&place));
            let name = schema.column_at(place).map(|column| column.name());
            (!listed).then_some((name.unwrap_or_default(), predicate))
        });
        Explain::checked(
            &self.scan,
            Reads {
                index: index.map(|index| index.name()),
                fields: fields.collect(),
                rows: !self.listing_tells(),
            },
        )
    }

    pub(super) fn analysis(&self, rows: u64, elapsed: Duration) -> Analysis {
        Analysis::of(self.explain(), &self.scan, rows, elapsed)
    }
}

/// Reads rows' places from their paths.
fn of_rows<K: Send + Sync + 'static>(keys: &ReadKey<K>) -> Decode<Place<K>> {
    let of_path = Arc::clone(&keys.of_path);
    Arc::new(move |path| {
        Ok(Place {
            key: of_path(path)?,
            path: path.to_owned(),
            values: Vec::new(),
            position: path.to_owned(),
        })
    })
}

/// Reads rows' places from the paths of an index's entries.
fn of_entries<K: Send + Sync + 'static>(
    schema: &Arc<Schema>,
    index: usize,
    keys: &ReadKey<K>,
) -> Decode<Place<K>> {
    let (schema, of_texts) = (Arc::clone(schema), Arc::clone(&keys.of_texts));
    Arc::new(move |path| {
        let foreign = || {
            let message = "no row has this entry";
            Error::new(ErrorKind::InvalidKey, message).at_key(path)
        };
        let read = || {
            let places = schema.entry_places(schema.indexes().get(index)?);
            let columns = schema.columns().len();
            let mut key: Vec<(&str, Cow<'_, str>)> = vec![Default::default(); columns];
            let mut values = Vec::new();
            let mut rest = path;
            for place in places {
                let (segment, below) = rest.split_once('/')?;
                rest = below;
                let column = schema.column_at(place)?;
                let text = segment_text(segment, schema.layout(), column)?;
                match place.checked_sub(columns) {
                    None => *key.get_mut(place)? = (segment, text),
                    Some(field) => {
                        let label = label(schema.layout(), column);
                        values.push((field, segment.strip_prefix(&*label)?.to_owned()));
                    }
                }
            }
            let place = path.get(..path.len() - rest.len())?;
            let segments: Vec<&str> = key.iter().map(|(segment, _)| *segment).collect();
            let mut path = segments.join("/");
            if let Some(name) = schema.object_name() {
                path = format!("{path}/{name}");
            }
            let texts = key.into_iter().map(|(_, text)| text.into_owned());
            Some((
                texts.collect::<Vec<_>>(),
                path,
                values,
                format!("{place}{BEHIND}"),
            ))
        };
        let (texts, path, values, position) = read().ok_or_else(foreign)?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(Place {
            key: of_texts(&texts)?,
            path,
            values,
            position,
        })
    })
}

/// Behind the names of all entries of a row with the same values: these are letters and digits, after a
/// column's name in the hive layout.
const BEHIND: &str = "~";
