//! Trino: a table of its Hive connector, in the catalog `hive` and the schema `default`.
//!
//! <https://trino.io/docs/current/connector/hive.html>

use super::athena::check_names;
use super::source::{DataFiles, list, quoted};
use crate::error::Result;
use crate::schema::FieldType;

pub(super) fn table(source: &DataFiles<'_>) -> Result<String> {
    check_names(source)?;
    // Partitions are the last columns.
    let columns = source.lines.iter().chain(&source.partitions);
    let columns = columns.filter_map(|column| {
        let kind = kind(&column.holds)?;
        Some(format!("    {} {kind}", quoted('"', column.name)))
    });
    let mut settings = vec![
        format!(
            "external_location = {}",
            quoted('\'', &format!("{}/", source.folder))
        ),
        "format = 'JSON'".to_owned(),
    ];
    let mut after = String::new();
    if !source.partitions.is_empty() {
        let names = list(
            source
                .partitions
                .iter()
                .map(|column| quoted('\'', column.name)),
        );
        settings.push(format!("partitioned_by = ARRAY[{names}]"));
        // It knows the partitions that it was told of: this finds new ones.
        let name = quoted('\'', source.name);
        after = format!("CALL hive.system.sync_partition_metadata('default', {name}, 'FULL');\n");
    } else if source.depth > 0 {
        after = "-- The catalog needs hive.recursive-directories=true.\n".to_owned();
    }
    Ok(format!(
        "CREATE TABLE hive.default.{name} (\n{columns}\n)\nWITH (\n    {settings}\n);\n{after}",
        name = quoted('"', source.name),
        columns = columns.collect::<Vec<_>>().join(",\n"),
        settings = settings.join(",\n    "),
    ))
}

/// The type of a column; none for what it can't read.
fn kind(holds: &FieldType) -> Option<String> {
    let plain = match holds {
        FieldType::Bool => "BOOLEAN",
        FieldType::Signed(8) => "TINYINT",
        FieldType::Unsigned(8) | FieldType::Signed(16) => "SMALLINT",
        FieldType::Unsigned(16) | FieldType::Signed(32) => "INTEGER",
        FieldType::Unsigned(32) | FieldType::Signed(64) => "BIGINT",
        FieldType::Unsigned(64) => "DECIMAL(20,0)",
        FieldType::Float(32) => "REAL",
        FieldType::Float(_) => "DOUBLE",
        FieldType::Date => "DATE",
        FieldType::List(of) => return Some(format!("ARRAY({})", kind(of)?)),
        FieldType::Json => return None,
        _ => "VARCHAR",
    };
    Some(plain.to_owned())
}
