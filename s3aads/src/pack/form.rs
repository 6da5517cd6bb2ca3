//! Where rows are: the path of a pack, and a row's key path and back.

use std::cmp::Ordering;

use super::read::compare_keys;
use crate::error::{Error, ErrorKind, Result};
use crate::key::plain::is_plain;
use crate::key::{TextError, encode_text, label, segment_text};
use crate::schema::{Compression, HIVE_OBJECT, Layout, Schema};

/// The pack of a row, and which of its lines is the row's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The pack's path below the table.
    pub(crate) pack: String,
    /// The plain texts of the packed columns.
    pub(crate) texts: Vec<String>,
}

/// The name of every pack of a table.
pub(crate) fn object_name(schema: &Schema) -> &'static str {
    match schema.compression() {
        None => "rows.ndjson",
        Some(Compression::Gzip) => "rows.ndjson.gz",
    }
}

/// The Content-Type of a table's packs. A compressed pack is stored as the file that it is, without a
/// Content-Encoding that a client might undo.
pub(crate) fn content_type(schema: &Schema) -> &'static str {
    match schema.compression() {
        None => "application/x-ndjson",
        Some(Compression::Gzip) => "application/gzip",
    }
}

/// Where the row of a key path is.
///
/// # Errors
///
/// `InvalidKey` for a path that no key of the table has.
pub(crate) fn place(schema: &Schema, key_path: &str) -> Result<Place> {
    let fail = |message: String| {
        Error::new(ErrorKind::InvalidKey, message)
            .in_table(schema.table())
            .at_key(key_path)
    };
    let segments = match schema.layout() {
        Layout::Plain => Some(key_path),
        Layout::Hive => key_path
            .strip_suffix(HIVE_OBJECT)
            .and_then(|path| path.strip_suffix('/')),
    };
    let segments: Vec<&str> = segments
        .ok_or_else(|| fail(format!("the path does not end in {HIVE_OBJECT}")))?
        .split('/')
        .collect();
    let columns = schema.columns();
    if segments.len() != columns.len() {
        return Err(fail(format!(
            "a key of this table has {} columns",
            columns.len()
        )));
    }
    let bound = schema.bound().len();
    let mut pack = String::with_capacity(key_path.len() + 16);
    for segment in segments.iter().take(bound) {
        pack.push_str(segment);
        pack.push('/');
    }
    pack.push_str(object_name(schema));
    let packed = segments.iter().zip(columns).skip(bound);
    let texts = packed.map(|(segment, column)| {
        segment_text(segment, schema.layout(), column)
            .filter(|text| is_plain(column.column_type(), text))
            .map(|text| text.into_owned())
            .ok_or_else(|| {
                fail(format!("no value is stored as {segment:?}")).in_column(column.name())
            })
    });
    let texts = texts.collect::<Result<_>>()?;
    Ok(Place { pack, texts })
}

/// What the key paths of a pack's rows have in common: the pack's path without the object's name.
pub(super) fn stem<'a>(schema: &Schema, pack_path: &'a str) -> &'a str {
    pack_path
        .strip_suffix(object_name(schema))
        .unwrap_or(pack_path)
}

/// The key path of the row of these plain texts in the pack of this path.
///
/// # Errors
///
/// For a text that the layout can't hold.
pub(crate) fn row_path(
    schema: &Schema,
    pack_path: &str,
    texts: &[String],
) -> Result<String, TextError> {
    let texts = texts.iter().map(String::as_str);
    key_path(schema, stem(schema, pack_path), texts)
}

/// The order of two keys by the plain texts of their packed columns.
pub(crate) fn order<S: AsRef<str>>(schema: &Schema, a: &[S], b: &[S]) -> Ordering {
    let (a, b) = (a.iter().map(AsRef::as_ref), b.iter().map(AsRef::as_ref));
    compare_keys(schema.packed_columns(), a, b)
}

/// The key path of a row of the pack.
///
/// # Errors
///
/// For a text that the layout can't hold.
pub(super) fn key_path<'a>(
    schema: &Schema,
    stem: &str,
    texts: impl Iterator<Item = &'a str>,
) -> Result<String, TextError> {
    let layout = schema.layout();
    let mut path = String::with_capacity(stem.len() + 32);
    path.push_str(stem);
    for (place, (column, text)) in schema.packed_columns().iter().zip(texts).enumerate() {
        if place > 0 {
            path.push('/');
        }
        path.push_str(&label(layout, column));
        path.push_str(&encode_text(layout, text)?);
    }
    if layout == Layout::Hive {
        path.push('/');
        path.push_str(HIVE_OBJECT);
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{BodyFormat, ColumnSchema, ColumnType, Encoding};

    static COLUMNS: [ColumnSchema; 3] = [
        ColumnSchema::new("place", ColumnType::String, Encoding::Plain),
        ColumnSchema::new("month", ColumnType::Unsigned(8), Encoding::Plain),
        ColumnSchema::new("name", ColumnType::String, Encoding::Plain),
    ];

    fn schema(layout: Layout, packed: usize, compression: Option<Compression>) -> Schema {
        Schema::new("t", &COLUMNS, layout, BodyFormat::Object).with_packed(packed, compression)
    }

    #[test]
    fn a_key_path_tells_pack_and_line_and_back() {
        let gzip = Some(Compression::Gzip);
        for (layout, packed, compression, key, pack, texts) in [
            (
                Layout::Plain,
                2,
                None,
                "a b/7/x%2Fy",
                "a b/rows.ndjson",
                ["7", "x/y"].as_slice(),
            ),
            (
                Layout::Plain,
                1,
                gzip,
                "%_/7/%_",
                "%_/7/rows.ndjson.gz",
                &[""],
            ),
            (
                Layout::Plain,
                3,
                None,
                "a/255/b",
                "rows.ndjson",
                &["a", "255", "b"],
            ),
            (
                Layout::Hive,
                2,
                None,
                "place=São Paulo/month=7/name=x%2Fy/row.json",
                "place=São Paulo/rows.ndjson",
                &["7", "x/y"],
            ),
            (
                Layout::Hive,
                3,
                gzip,
                "place=a/month=1/name=b/row.json",
                "rows.ndjson.gz",
                &["a", "1", "b"],
            ),
        ] {
            let schema = schema(layout, packed, compression);
            let found = place(&schema, key).unwrap();
            assert_eq!(
                (found.pack.as_str(), found.texts.as_slice()),
                (
                    pack,
                    &*texts
                        .iter()
                        .map(|text| (*text).to_owned())
                        .collect::<Vec<_>>()
                )
            );
            let back = key_path(&schema, stem(&schema, pack), texts.iter().copied());
            assert_eq!(back.as_deref(), Ok(key));
        }
    }

    #[test]
    fn a_path_that_is_no_key_is_refused() {
        let plain = schema(Layout::Plain, 2, None);
        for path in [
            "", "a", "a/7", "a/7/b/c", "a/07/b", "a/256/b", "a/7/~", "a/7/",
        ] {
            assert_eq!(
                place(&plain, path).unwrap_err().kind(),
                ErrorKind::InvalidKey,
                "{path}"
            );
        }
        let hive = schema(Layout::Hive, 2, None);
        for path in [
            "place=a/month=7/name=b",
            "a/7/b/row.json",
            "place=a/name=b/month=7/row.json",
        ] {
            assert_eq!(
                place(&hive, path).unwrap_err().kind(),
                ErrorKind::InvalidKey,
                "{path}"
            );
        }
        assert!(
            key_path(&hive, "place=a/", ["7", ""].into_iter()).is_err(),
            "NULL to engines"
        );
    }
}
