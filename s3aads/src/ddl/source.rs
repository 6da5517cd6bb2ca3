//! What a statement says of a table, whatever its dialect.

use url::Url;

use crate::error::{Error, ErrorKind, Result};
use crate::key::encode_segment;
use crate::schema::{
    BodyFormat, ColumnSchema, ColumnType, Compression, FieldSchema, FieldType, Layout, Schema,
};
use crate::server::parse_url;

/// A table as data in files.
pub(super) struct DataFiles<'a> {
    /// The table's name.
    pub(super) name: &'a str,
    /// The table's folder, without a slash at its end: a path of the local disk, or a URL.
    pub(super) folder: String,
    /// How many folders are between the table's and a file's.
    pub(super) depth: usize,
    /// The name of every file.
    pub(super) file: &'static str,
    /// Whether a file holds many rows, and all key columns of each.
    pub(super) is_packed: bool,
    /// Whether the files are compressed by gzip.
    pub(super) is_gzip: bool,
    /// The columns that folders tell.
    pub(super) partitions: Vec<FileColumn<'a>>,
    /// The columns that lines tell.
    pub(super) lines: Vec<FileColumn<'a>>,
}

/// A column of a table.
pub(super) struct FileColumn<'a> {
    pub(super) name: &'a str,
    pub(super) holds: FieldType,
}

impl<'a> DataFiles<'a> {
    /// # Errors
    ///
    /// If no engine reads such a table, or the URL is of no use to one.
    pub(super) fn new(schema: &'a Schema, url: &str, fields: &'a [FieldSchema]) -> Result<Self> {
        let refuse = |why: &str| {
            Error::new(
                ErrorKind::Unsupported,
                format!("no engine reads this table: {why}"),
            )
            .in_table(schema.table())
        };
        let file = schema.object_name().ok_or_else(|| {
            refuse("the plain layout tells no names of key columns; use `layout = \"hive\"` or pack some")
        })?;
        if matches!(schema.body(), BodyFormat::Bytes | BodyFormat::Text) {
            return Err(refuse(
                "its rows are not JSON but bytes or text of the program's own",
            ));
        }
        let folder = folder(url).map_err(|error| error.in_table(schema.table()))?;
        let is_hive = schema.layout() == Layout::Hive;
        let column = |column: &'a ColumnSchema| FileColumn {
            name: column.name(),
            holds: holds(column.column_type()),
        };
        let (in_path, in_lines) = (schema.bound(), schema.packed_columns());
        let (partitions, also_in_lines) = if is_hive {
            (in_path, &[][..])
        } else {
            // The lines of a pack tell all columns.
            (&[][..], in_path)
        };
        let keys = also_in_lines.iter().chain(in_lines).map(column);
        let fields = fields.iter().map(|field| FileColumn {
            name: field.name(),
            holds: field.field_type().clone(),
        });
        Ok(Self {
            name: schema.table(),
            folder: format!("{folder}/{}", encode_segment(schema.table())),
            depth: in_path.len(),
            file,
            is_packed: schema.packed() > 0,
            is_gzip: schema.compression() == Some(Compression::Gzip),
            partitions: partitions.iter().map(column).collect(),
            lines: keys.chain(fields).collect(),
        })
    }

    /// The files, as a pattern.
    pub(super) fn files(&self) -> String {
        format!("{}{}/{}", self.folder, "/*".repeat(self.depth), self.file)
    }

    /// All columns, those of folders first.
    pub(super) fn columns(&self) -> impl Iterator<Item = &FileColumn<'a>> {
        self.partitions.iter().chain(&self.lines)
    }

    /// An error for a column whose name an engine can't take.
    pub(super) fn refuse(&self, column: &str, why: &str) -> Error {
        Error::new(ErrorKind::Unsupported, why)
            .in_table(self.name)
            .in_column(column)
    }
}

/// The folder or the URL of a database, without a slash at its end.
fn folder(url: &str) -> Result<String> {
    let parsed: Url = parse_url(url)?;
    let folder = match parsed.scheme() {
        "file" => parsed
            .to_file_path()
            .ok()
            .and_then(|path| path.into_os_string().into_string().ok())
            .ok_or_else(|| unreadable("the folder of this URL has no path in Unicode"))?,
        "memory" => return Err(unreadable("no other program reads a database in memory")),
        _ => url.to_owned(),
    };
    Ok(folder.trim_end_matches('/').to_owned())
}

fn unreadable(why: &str) -> Error {
    Error::new(ErrorKind::InvalidConfig, why)
}

/// What a key column holds to an engine. Times are texts in the order of time.
fn holds(column_type: ColumnType) -> FieldType {
    match column_type {
        ColumnType::Unsigned(bits) => FieldType::Unsigned(bits),
        ColumnType::Signed(bits) => FieldType::Signed(bits),
        ColumnType::Bool => FieldType::Bool,
        ColumnType::Date => FieldType::Date,
        ColumnType::Uuid => FieldType::Uuid,
        _ => FieldType::String,
    }
}

/// Texts with a comma between them.
pub(super) fn list(texts: impl IntoIterator<Item = String>) -> String {
    texts.into_iter().collect::<Vec<_>>().join(", ")
}

/// A text between two of these, which are doubled in it.
pub(super) fn quoted(quote: char, text: &str) -> String {
    let doubled = [quote, quote].iter().collect::<String>();
    format!("{quote}{}{quote}", text.replace(quote, &doubled))
}

/// A text of Python: JSON's texts are.
pub(super) fn python(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
