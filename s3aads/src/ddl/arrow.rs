//! PyArrow, and pandas through it.
//!
//! A partition that holds the text which stands for NULL is read as NULL. No value of a table does, so that
//! the empty text stands for it, which no partition holds.
//!
//! A column of a path that stands in the lines too is read there in the same type, though the path's
//! value is taken; and JSON has no dates to it. So the dates of packed tables are texts.

use super::source::{DataFiles, list, python};
use crate::schema::FieldType;

pub(super) fn dataset(source: &DataFiles<'_>) -> String {
    format!("{}{}", imports(""), assign("table", source))
}

/// Its own reader of JSON knows no partitions.
pub(super) fn frame(source: &DataFiles<'_>) -> String {
    format!(
        "{}{}table = dataset.to_table().to_pandas(types_mapper=pd.ArrowDtype)\n",
        imports("import pandas as pd\n"),
        assign("dataset", source)
    )
}

fn imports(first: &str) -> String {
    format!("{first}import pyarrow as pa\nimport pyarrow.dataset as ds\n\n")
}

fn assign(variable: &str, source: &DataFiles<'_>) -> String {
    let keys = list(source.partitions.iter().filter_map(|column| {
        let kind = kind(&column.holds, !source.is_packed)?;
        Some(format!("({}, {kind})", python(column.name)))
    }));
    let lines = list(source.lines.iter().filter_map(|column| {
        let kind = kind(&column.holds, false)?;
        Some(format!("({}, {kind})", python(column.name)))
    }));
    // In the plain layout a folder has a value's name, which may begin like that of a hidden one.
    let all = if source.partitions.is_empty() {
        "    ignore_prefixes=[],\n"
    } else {
        ""
    };
    format!(
        "keys = [{keys}]\n\
         {variable} = ds.dataset(\n    {folder},\n    format=\"json\",\n    \
         partitioning=ds.HivePartitioning(pa.schema(keys), null_fallback=\"\"),\n    \
         schema=pa.schema([*keys, {lines}]),\n{all})\n",
        folder = python(&source.folder),
    )
}

/// The type of a column; none for what it can't read.
fn kind(holds: &FieldType, has_dates: bool) -> Option<String> {
    Some(match holds {
        FieldType::Bool => "pa.bool_()".to_owned(),
        FieldType::Unsigned(128) | FieldType::Signed(128) => "pa.string()".to_owned(),
        FieldType::Unsigned(bits) => format!("pa.uint{bits}()"),
        FieldType::Signed(bits) => format!("pa.int{bits}()"),
        FieldType::Float(bits) => format!("pa.float{bits}()"),
        FieldType::Date if has_dates => "pa.date32()".to_owned(),
        FieldType::Date | FieldType::String | FieldType::Uuid => "pa.string()".to_owned(),
        FieldType::List(of) => format!("pa.list_({})", kind(of, has_dates)?),
        FieldType::Json => return None,
    })
}
