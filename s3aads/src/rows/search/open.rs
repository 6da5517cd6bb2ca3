//! A pack that was read.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use object_store::Attributes;

use super::ReadKey;
use crate::error::{Error, ErrorKind, Result};
use crate::key::plain::to_plain;
use crate::key::segment_text;
use crate::pack::{Line, Pack};
use crate::rows::Rows;
use crate::schema::Schema;
use crate::store::{Meter, Object, ObjectEntry};

/// A pack and what is known of its object.
#[derive(Debug)]
pub(crate) struct OpenPack {
    pub(super) pack: Pack,
    /// The stored texts of the columns in its path.
    pub(super) bound: Vec<String>,
    /// What a HEAD tells of the object.
    pub(super) entry: ObjectEntry,
    pub(super) attributes: Attributes,
}

impl OpenPack {
    pub(super) fn new(schema: &Arc<Schema>, path: &str, object: Object, most: u64) -> Self {
        Self {
            pack: Pack::read(schema, path, object.body, most),
            // A path that is none of the table's is a fault of the pack.
            bound: bound_texts(schema, path).unwrap_or_default(),
            entry: object.entry,
            attributes: object.attributes,
        }
    }

    /// Asserts that a path is one of the table's packs'.
    ///
    /// # Errors
    ///
    /// Why it is not.
    pub(crate) fn is_path(rows: &Rows, path: &str) -> Result<()> {
        bound_texts(&rows.schema, path).map(drop)
    }

    /// Reads the pack at a path, if it is there.
    pub(crate) async fn read(rows: &Rows, path: &str, meter: &Meter) -> Result<Option<Self>> {
        let object = rows.object(path, meter).await?;
        Ok(object.map(|object| Self::new(&rows.schema, path, object, meter.most_body())))
    }

    /// What of it is no row.
    pub(crate) fn faults<'a>(&'a self, rows: &'a Rows) -> impl Iterator<Item = Error> + 'a {
        let faults = self.pack.faults().iter();
        faults.map(|fault| rows.place(self.pack.error(fault)))
    }

    /// Its rows, in order; an error is one whose key is none of the struct's.
    pub(crate) fn rows<'a, K>(
        &'a self,
        rows: &'a Rows,
        keys: &'a ReadKey<K>,
    ) -> impl Iterator<Item = Result<(K, Bytes)>> + 'a {
        self.pack.lines().map(|line| {
            let bound = self.bound.iter().map(String::as_str);
            let texts: Vec<&str> = bound.chain(line.texts()).collect();
            let key = (keys.of_texts)(&texts).map_err(|error| no_key(rows, line, error));
            Ok((key?, line.body()))
        })
    }
}

/// The error of a row whose columns are no values of the struct's types.
pub(super) fn no_key(rows: &Rows, line: Line<'_>, error: Error) -> Error {
    let path = line.key_path().unwrap_or_default();
    rows.place(error.into_kind(ErrorKind::InvalidRow))
        .at_key(path)
}

/// The stored texts of the columns in a pack's path.
///
/// # Errors
///
/// If it is no path of the table's packs: the object is foreign.
pub(super) fn bound_texts(schema: &Schema, path: &str) -> Result<Vec<String>> {
    let fail = |message: String| Error::new(ErrorKind::InvalidKey, message);
    let (columns, name) = (schema.bound(), schema.object_name().unwrap_or_default());
    let mut segments: Vec<&str> = path.split('/').collect();
    if segments.pop() != Some(name) || segments.len() != columns.len() {
        let folders = columns.len();
        return Err(fail(format!(
            "a pack of this table is {name} in {folders} folders"
        )));
    }
    let texts = columns.iter().zip(segments).map(|(column, segment)| {
        let text = segment_text(segment, schema.layout(), column);
        let text = text.filter(|text| to_plain(column, text).is_some());
        text.map(Cow::into_owned).ok_or_else(|| {
            fail(format!("no value is stored as {segment:?}")).in_column(column.name())
        })
    });
    texts.collect()
}
