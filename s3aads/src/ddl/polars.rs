//! Polars. Its reader of JSON knows no partitions, so that they come out of each file's path; and it
//! reads no integer of less than 32 bits, so that such a one is cast.

use super::source::{DataFiles, list, python};
use crate::schema::FieldType;

pub(super) fn frame(source: &DataFiles<'_>) -> String {
    let path = free_name(source);
    let read = source.lines.iter().map(|column| {
        let (name, kind) = (python(column.name), read_as(&column.holds));
        format!("{name}: {kind}")
    });
    let in_path = source.partitions.iter().map(|column| {
        let pattern = python(&format!("/{}=([^/]*)/", regex(column.name)));
        let text = format!(
            "pl.col({}).str.extract({pattern}).map_elements(unquote, return_dtype=pl.String)",
            python(&path),
        );
        let value = match &column.holds {
            FieldType::Bool => format!("({text} == \"true\")"),
            FieldType::Date => format!("{text}.str.to_date(\"%Y-%m-%d\")"),
            holds => cast(text, holds, "pl.String"),
        };
        format!("{value}.alias({})", python(column.name))
    });
    let in_lines = source.lines.iter().map(|column| {
        let value = format!("pl.col({})", python(column.name));
        cast(value, &column.holds, &read_as(&column.holds))
    });
    let columns = in_path.chain(in_lines).collect::<Vec<_>>();
    format!(
        "import polars as pl\n\
         from urllib.parse import unquote\n\
         \n\
         table = pl.scan_ndjson(\n    {files},\n    schema={{{schema}}},\n    include_file_paths={path},\n\
         ).select(\n    {columns},\n)\n",
        files = python(&source.files()),
        schema = list(read),
        path = python(&path),
        columns = columns.join(",\n    "),
    )
}

/// A name that no column has.
fn free_name(source: &DataFiles<'_>) -> String {
    let mut name = "path".to_owned();
    while source.columns().any(|column| column.name == name) {
        name.push('_');
    }
    name
}

/// A text as what matches it alone. Names of hive columns have nothing that has to be escaped but these.
fn regex(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if ".+()|$&~-}".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn cast(value: String, holds: &FieldType, from: &str) -> String {
    match kind(holds) {
        kind if kind == from => value,
        kind => format!("{value}.cast({kind})"),
    }
}

/// The type of a column.
fn kind(holds: &FieldType) -> String {
    match holds {
        FieldType::Bool => "pl.Boolean".to_owned(),
        FieldType::Unsigned(bits) => format!("pl.UInt{bits}"),
        FieldType::Signed(bits) => format!("pl.Int{bits}"),
        FieldType::Float(bits) => format!("pl.Float{bits}"),
        FieldType::Date => "pl.Date".to_owned(),
        FieldType::List(of) => format!("pl.List({})", kind(of)),
        FieldType::String | FieldType::Uuid | FieldType::Json => "pl.String".to_owned(),
    }
}

/// The type that its JSON is read as.
fn read_as(holds: &FieldType) -> String {
    match holds {
        FieldType::Unsigned(8 | 16) => "pl.UInt32".to_owned(),
        FieldType::Signed(8 | 16) => "pl.Int32".to_owned(),
        // A text in the lines of packs.
        FieldType::Unsigned(128) | FieldType::Signed(128) => "pl.String".to_owned(),
        FieldType::List(of) => format!("pl.List({})", read_as(of)),
        holds => kind(holds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_the_name_alone() {
        assert_eq!(regex("a.b$c"), "a\\.b\\$c");
        assert_eq!(regex("Jour férié"), "Jour férié");
    }

    #[test]
    fn what_is_read_in_its_type_is_not_cast() {
        let cast = |holds| cast("x".to_owned(), &holds, &read_as(&holds));
        assert_eq!(cast(FieldType::Unsigned(8)), "x.cast(pl.UInt8)");
        assert_eq!(cast(FieldType::Signed(64)), "x");
    }
}
