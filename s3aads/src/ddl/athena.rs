//! Amazon Athena: an external table of its catalog.
//!
//! <https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html>

use super::source::{DataFiles, FileColumn, list, quoted};
use crate::error::Result;
use crate::schema::FieldType;

pub(super) fn table(source: &DataFiles<'_>) -> Result<String> {
    check_names(source)?;
    let columns = |columns: &[FileColumn<'_>]| {
        let columns = columns.iter().map(|column| {
            let (name, kind) = (quoted('`', column.name), kind(&column.holds));
            format!("{name} {kind}")
        });
        list(columns)
    };
    let name = quoted('`', source.name);
    let lines = columns(&source.lines);
    let mut statement = format!("CREATE EXTERNAL TABLE {name} ({lines})\n");
    if !source.partitions.is_empty() {
        let partitions = columns(&source.partitions);
        statement.push_str(&format!("PARTITIONED BY ({partitions})\n"));
    }
    let folder = quoted('\'', &format!("{}/", source.folder));
    statement.push_str(&format!(
        "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'\nLOCATION {folder};\n"
    ));
    if !source.partitions.is_empty() {
        // It knows the partitions that it was told of: this finds new ones.
        statement.push_str(&format!("MSCK REPAIR TABLE {name};\n"));
    }
    Ok(statement)
}

/// Hive's catalog, which Trino and Athena ask, has names in lower case alone.
///
/// # Errors
///
/// For a column of a folder whose name it would change.
pub(super) fn check_names(source: &DataFiles<'_>) -> Result<()> {
    let is_kept = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let changed = source
        .partitions
        .iter()
        .find(|column| !column.name.chars().all(is_kept));
    match changed {
        None => Ok(()),
        Some(column) => Err(source.refuse(
            column.name,
            "Trino and Athena take names of partitions of lower-case ASCII letters, digits and `_` alone; \
             rename the column",
        )),
    }
}

fn kind(holds: &FieldType) -> String {
    let plain = match holds {
        FieldType::Bool => "boolean",
        FieldType::Signed(8) => "tinyint",
        FieldType::Unsigned(8) | FieldType::Signed(16) => "smallint",
        FieldType::Unsigned(16) | FieldType::Signed(32) => "int",
        FieldType::Unsigned(32) | FieldType::Signed(64) => "bigint",
        FieldType::Unsigned(64) => "decimal(20,0)",
        FieldType::Float(32) => "float",
        FieldType::Float(_) => "double",
        FieldType::Date => "date",
        FieldType::List(of) => return format!("array<{}>", kind(of)),
        _ => "string",
    };
    plain.to_owned()
}
