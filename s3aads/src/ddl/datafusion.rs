//! Apache DataFusion. It takes the names of partitions as they are written, quotes and all, so that
//! they must stand without.

use super::source::{DataFiles, FileColumn, list, quoted};
use crate::error::Result;
use crate::schema::FieldType;

pub(super) fn table(source: &DataFiles<'_>) -> Result<String> {
    for column in &source.partitions {
        let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !column.name.chars().all(is_bare) || column.name.starts_with(|c: char| c.is_numeric()) {
            return Err(source.refuse(
                column.name,
                "DataFusion takes names of partitions of ASCII letters, digits and `_` alone; rename the column",
            ));
        }
    }
    // Folders tell the last columns.
    let columns = source.lines.iter().chain(&source.partitions);
    let columns = columns.filter_map(|column: &FileColumn<'_>| {
        let kind = kind(&column.holds)?;
        Some(format!("    {} {kind}", quoted('"', column.name)))
    });
    let columns = columns.collect::<Vec<_>>().join(",\n");
    let name = quoted('"', source.name);
    let mut statement = String::new();
    if source.partitions.is_empty() && source.depth > 0 {
        statement.push_str("SET datafusion.execution.listing_table_ignore_subdirectory = false;\n");
    }
    statement.push_str(&format!(
        "CREATE EXTERNAL TABLE {name} (\n{columns}\n)\nSTORED AS JSON\n"
    ));
    if source.is_gzip {
        statement.push_str("OPTIONS ('format.compression' 'gzip')\n");
    }
    if !source.partitions.is_empty() {
        let names = list(
            source
                .partitions
                .iter()
                .map(|column| column.name.to_owned()),
        );
        statement.push_str(&format!("PARTITIONED BY ({names})\n"));
    }
    let folder = quoted('\'', &format!("{}/", source.folder));
    statement.push_str(&format!("LOCATION {folder};\n"));
    Ok(statement)
}

/// The type of a column; none for what it can't read.
fn kind(holds: &FieldType) -> Option<String> {
    let integer = |bits: u32| match bits {
        8 => "TINYINT",
        16 => "SMALLINT",
        32 => "INT",
        _ => "BIGINT",
    };
    Some(match holds {
        FieldType::Unsigned(128) | FieldType::Signed(128) => "VARCHAR".to_owned(),
        FieldType::Unsigned(bits) => format!("{} UNSIGNED", integer(*bits)),
        FieldType::Signed(bits) => integer(*bits).to_owned(),
        FieldType::Bool => "BOOLEAN".to_owned(),
        FieldType::Float(32) => "FLOAT".to_owned(),
        FieldType::Float(_) => "DOUBLE".to_owned(),
        FieldType::Date => "DATE".to_owned(),
        FieldType::String | FieldType::Uuid => "VARCHAR".to_owned(),
        FieldType::List(of) => format!("{}[]", kind(of)?),
        FieldType::Json => return None,
    })
}
