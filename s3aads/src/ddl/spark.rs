//! Spark, in Python and in SQL. Integers without a sign take the next wider type.

use super::source::{DataFiles, FileColumn, list, python, quoted};
use crate::schema::FieldType;

pub(super) fn frame(source: &DataFiles<'_>) -> String {
    let names = list(
        source
            .columns()
            .map(|column| python(&quoted('`', column.name))),
    );
    let options = options(source)
        .map(|(name, value)| format!(".option({}, {})", python(name), python(&value)))
        .collect::<String>();
    format!(
        "table = (\n    spark.read.schema({schema})\n    {options}\n    .json({folder})\n    .select({names})\n)\n",
        schema = python(&schema(source)),
        folder = python(&folder(source)),
    )
}

pub(super) fn view(source: &DataFiles<'_>) -> String {
    let options = [("path", folder(source))]
        .into_iter()
        .chain(options(source));
    let options = list(options.map(|(name, value)| format!("{name} {}", literal(&value))));
    format!(
        "CREATE OR REPLACE TEMPORARY VIEW {name} ({schema})\nUSING json\nOPTIONS ({options})\n",
        name = quoted('`', source.name),
        schema = schema(source),
    )
}

fn options(source: &DataFiles<'_>) -> impl Iterator<Item = (&'static str, String)> {
    let is_flat = source.partitions.is_empty() && source.depth > 0;
    let recursive = is_flat.then(|| ("recursiveFileLookup", "true".to_owned()));
    let files = ("pathGlobFilter", source.file.to_owned());
    [files].into_iter().chain(recursive)
}

fn folder(source: &DataFiles<'_>) -> String {
    // Outside of EMR the client for S3 has this name.
    match source.folder.strip_prefix("s3://") {
        Some(rest) => format!("s3a://{rest}"),
        None => source.folder.clone(),
    }
}

fn schema(source: &DataFiles<'_>) -> String {
    list(source.columns().map(|column: &FileColumn<'_>| {
        let (name, kind) = (quoted('`', column.name), kind(&column.holds));
        format!("{name} {kind}")
    }))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn kind(holds: &FieldType) -> String {
    let plain = match holds {
        FieldType::Bool => "BOOLEAN",
        FieldType::Signed(8) => "TINYINT",
        FieldType::Unsigned(8) | FieldType::Signed(16) => "SMALLINT",
        FieldType::Unsigned(16) | FieldType::Signed(32) => "INT",
        FieldType::Unsigned(32) | FieldType::Signed(64) => "BIGINT",
        FieldType::Unsigned(64) => "DECIMAL(20,0)",
        FieldType::Float(32) => "FLOAT",
        FieldType::Float(_) => "DOUBLE",
        FieldType::Date => "DATE",
        FieldType::List(of) => return format!("ARRAY<{}>", kind(of)),
        _ => "STRING",
    };
    plain.to_owned()
}
