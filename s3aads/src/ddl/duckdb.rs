//! DuckDB. `hive_types` keeps the partitions' types from being guessed.
//!
//! <https://duckdb.org/docs/stable/data/partitioning/hive_partitioning>

use super::source::{DataFiles, FileColumn, list, quoted};
use crate::schema::FieldType;

pub(super) fn view(source: &DataFiles<'_>) -> String {
    let names = list(source.columns().map(|column| quoted('"', column.name)));
    let mut options = vec![
        quoted('\'', &source.files()),
        "format = 'newline_delimited'".to_owned(),
        // At least one column stands here, though a folder tells it.
        format!("columns = {}", types(source.columns())),
    ];
    if source.partitions.is_empty() {
        options.push("hive_partitioning = false".to_owned());
    } else {
        options.push("hive_partitioning = true".to_owned());
        options.push(format!("hive_types = {}", types(source.partitions.iter())));
    }
    let view = quoted('"', source.name);
    let options = options.join(",\n    ");
    format!(
        "CREATE OR REPLACE VIEW {view} AS\nSELECT {names}\nFROM read_json(\n    {options}\n);\n"
    )
}

fn types<'a, 'b: 'a>(columns: impl Iterator<Item = &'a FileColumn<'b>>) -> String {
    let types = columns.map(|column| {
        let (name, kind) = (quoted('\'', column.name), kind(&column.holds));
        format!("{name}: '{kind}'")
    });
    format!("{{{}}}", list(types))
}

fn kind(holds: &FieldType) -> String {
    let integer = |bits: u32| match bits {
        8 => "TINYINT",
        16 => "SMALLINT",
        32 => "INTEGER",
        64 => "BIGINT",
        _ => "HUGEINT",
    };
    match holds {
        FieldType::Bool => "BOOLEAN".to_owned(),
        FieldType::Unsigned(bits) => format!("U{}", integer(*bits)),
        FieldType::Signed(bits) => integer(*bits).to_owned(),
        FieldType::Float(32) => "FLOAT".to_owned(),
        FieldType::Float(_) => "DOUBLE".to_owned(),
        FieldType::String => "VARCHAR".to_owned(),
        FieldType::Date => "DATE".to_owned(),
        FieldType::Uuid => "UUID".to_owned(),
        FieldType::List(of) => format!("{}[]", kind(of)),
        FieldType::Json => "JSON".to_owned(),
    }
}
