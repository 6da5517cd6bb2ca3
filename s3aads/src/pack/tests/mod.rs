mod changes;
mod foreign;
mod stored;

use std::sync::Arc;

use bytes::Bytes;

use super::{Draft, Pack, Writer};
use crate::schema::{BodyFormat, ColumnSchema, ColumnType, Encoding, Layout, Schema};

fn column(name: &'static str, column_type: ColumnType) -> ColumnSchema {
    ColumnSchema::new(name, column_type, Encoding::Plain)
}

/// A table whose last columns are packed.
fn table(columns: Vec<ColumnSchema>, layout: Layout, packed: usize) -> Arc<Schema> {
    let schema = Schema::new("t", columns.leak(), layout, BodyFormat::Object);
    Arc::new(schema.with_packed(packed, None))
}

/// A year of days by month and day.
fn days() -> Arc<Schema> {
    let columns = vec![
        column("place", ColumnType::String),
        ColumnSchema::new("year", ColumnType::Unsigned(16), Encoding::Width(4)),
        column("month", ColumnType::Unsigned(8)),
        column("day", ColumnType::Unsigned(8)),
    ];
    table(columns, Layout::Hive, 2)
}

const DAYS: &str = "place=Rome/year=0312/rows.ndjson";

fn read(schema: &Arc<Schema>, path: &str, text: impl Into<Bytes>) -> Pack {
    Pack::read(schema, path, text.into(), u64::MAX)
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Texts and body of each row.
fn rows(pack: &Pack) -> Vec<String> {
    let row = |line: super::Line<'_>| {
        let texts: Vec<&str> = line.texts().collect();
        let body = line.body();
        format!(
            "{} {}",
            texts.join("/"),
            std::str::from_utf8(&body).unwrap()
        )
    };
    pack.lines().map(row).collect()
}

fn faults(pack: &Pack) -> Vec<String> {
    let errors = pack.faults().iter().map(|fault| pack.error(fault));
    errors.map(|error| error.to_string()).collect()
}

fn text(draft: &Draft) -> String {
    String::from_utf8(draft.write().unwrap().to_vec()).unwrap()
}

/// Puts a row into a pack of days.
fn put(draft: &mut Draft, texts: &[String], body: &[u8]) {
    let written = Writer::new(&days(), DAYS).write(texts, body).unwrap();
    draft.put(texts, written);
}
