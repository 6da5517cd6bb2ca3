//! A table's stored schema as JSON, `_s3aads/schema/<table>.json`:
//!
//! ```json
//! {
//!   "format": 1,
//!   "requires": [],
//!   "table": "daily-data",
//!   "columns": [
//!     { "name": "id", "type": "u64", "encoding": "plain" },
//!     { "name": "month", "type": "u8", "encoding": { "width": 2 } },
//!     { "name": "state", "type": { "enum": ["open", "closed"] }, "encoding": "plain" }
//!   ],
//!   "layout": "plain",
//!   "body": "object"
//! }
//! ```
//!
//! A packed table has `"packed": ["month", "day"]` besides, the last of its columns, `"compress":
//! "gzip"` if its packs are compressed, and `"packed"` in `requires`.
//!
//! A table with indexes has the fields of the body that they have and the indexes, and `"indexes"` in
//! `requires`. An optional field may have no value, and then the row is in no index that has the field:
//!
//! ```json
//!   "fields": [
//!     { "name": "customer", "type": "string", "encoding": "plain" },
//!     { "name": "paid", "type": "date", "encoding": "plain", "optional": true }
//!   ],
//!   "indexes": [{ "name": "by_day", "columns": ["paid", "customer"] }]
//! ```
//!
//! Columns stand in key order. `requires` names what a program must know to write to the table: one
//! that knows less may read it. Fields that a later release adds are ignored by this one, so what
//! must not be ignored by writers goes with a name in `requires`, and what readers need with another
//! `format`.

use serde::{Deserialize, Serialize};

use super::index::INDEXES;
use super::packing::PACKED;
use super::{
    BodyFormat, ColumnSchema, ColumnType, Compression, Encoding, IndexSchema, IndexedField, Layout,
    Schema,
};

/// The form of the file that this release writes and reads.
const FORMAT: u32 = 1;

/// What of `requires` this release can do.
const KNOWN: &[&str] = &[PACKED, INDEXES];

/// A schema as it was found in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredSchema {
    /// The table's stored form.
    pub schema: Schema,
    /// What a program must know to write to the table.
    pub requires: Vec<String>,
}

impl StoredSchema {
    /// What is stored of a table of this program.
    pub(crate) fn of(schema: Schema) -> Self {
        let requires = schema.requires().into_iter().map(str::to_owned).collect();
        Self { schema, requires }
    }

    /// What whoever writes to the table must know and a program with this schema of it does not.
    pub(crate) fn lacking(&self, schema: &Schema) -> Vec<String> {
        let provided = schema.requires();
        let names = self.requires.iter();
        let names = names.filter(|name| !provided.contains(&name.as_str()));
        let indexes = missing(&self.schema, schema);
        let indexes = indexes
            .into_iter()
            .map(|index| format!("the index {index}"));
        names.cloned().chain(indexes).collect()
    }

    /// The indexes that a program has and the table has not.
    pub(crate) fn unbuilt(&self, schema: &Schema) -> Vec<String> {
        missing(schema, &self.schema)
    }

    /// What a program must know to write to the table and this release does not.
    pub(crate) fn unknown(&self) -> Vec<String> {
        let names = self.requires.iter();
        let names = names.filter(|name| !KNOWN.contains(&name.as_str()));
        names.cloned().collect()
    }

    /// Reads the file's bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        /// What every format has.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }

        let Head { format } = serde_json::from_slice(bytes).map_err(Unreadable::Json)?;
        if format != FORMAT {
            return Err(Unreadable::Format(format));
        }
        let file: File = serde_json::from_slice(bytes).map_err(Unreadable::Json)?;
        let columns: Result<Vec<ColumnSchema>, Unreadable> =
            file.columns.into_iter().map(ColumnFile::read).collect();
        let unknown = |what: &str, text: &str| Unreadable::Unknown(format!("{what} {text:?}"));
        let layout = Layout::ALL.iter().find(|l| l.to_string() == file.layout);
        let body = BodyFormat::ALL.iter().find(|b| b.to_string() == file.body);
        let compression = file.compress.map(|name| {
            let mut known = Compression::ALL.iter().copied();
            let known = known.find(|compression| compression.to_string() == name);
            known.ok_or_else(|| unknown("compression", &name))
        });
        let schema = Schema::stored(
            file.table,
            columns?,
            *layout.ok_or_else(|| unknown("layout", &file.layout))?,
            *body.ok_or_else(|| unknown("body format", &file.body))?,
        );
        let schema = schema.with_packed(file.packed.len(), compression.transpose()?);
        if schema.columns().is_empty() {
            return Err(Unreadable::Unknown("table without key columns".to_owned()));
        }
        if packed_names(&schema) != file.packed {
            return Err(Unreadable::Unknown(format!(
                "packed columns {:?}, which are not its last columns",
                file.packed
            )));
        }
        for column in schema.packed_columns() {
            if column.encoding != Encoding::Plain {
                return Err(Unreadable::Unknown(format!(
                    "encoding \"{}\" of the packed column {:?}",
                    column.encoding, column.name
                )));
            }
        }
        let schema = read_indexes(schema, file.fields, file.indexes)?;
        Ok(Self {
            schema,
            requires: file.requires,
        })
    }

    /// The file of a table.
    pub(crate) fn write(schema: &Schema) -> Result<Vec<u8>, serde_json::Error> {
        let columns = schema.columns().iter().map(ColumnFile::new);
        let mut bytes = serde_json::to_vec_pretty(&File {
            format: FORMAT,
            requires: schema.requires().into_iter().map(str::to_owned).collect(),
            table: schema.table().to_owned(),
            columns: columns.collect(),
            packed: packed_names(schema),
            fields: schema.indexed_fields().iter().map(FieldFile::new).collect(),
            indexes: schema
                .indexes()
                .iter()
                .map(|index| IndexFile::new(schema, index))
                .collect(),
            compress: schema.compression().map(|c| c.to_string()),
            layout: schema.layout().to_string(),
            body: schema.body().to_string(),
        })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// The indexes of one schema that another lacks, as their definitions.
fn missing(of: &Schema, in_: &Schema) -> Vec<String> {
    let known: Vec<String> = in_
        .indexes()
        .iter()
        .map(|index| in_.index_text(index))
        .collect();
    let all = of.indexes().iter().map(|index| of.index_text(index));
    all.filter(|index| !known.contains(index)).collect()
}

fn read_indexes(
    schema: Schema,
    fields: Vec<FieldFile>,
    indexes: Vec<IndexFile>,
) -> Result<Schema, Unreadable> {
    let fields = fields.into_iter().map(FieldFile::read);
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    let names: Vec<String> = schema
        .columns()
        .iter()
        .chain(fields.iter().map(IndexedField::column))
        .map(|column| column.name().to_owned())
        .collect();
    let indexes = indexes.into_iter().map(|index| {
        let place = |column: &String| {
            let place = names.iter().position(|name| name == column);
            place.ok_or_else(|| {
                let IndexFile { name, .. } = &index;
                Unreadable::Unknown(format!("column {column:?} of the index {name:?}"))
            })
        };
        let columns = index.columns.iter().map(place);
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        Ok(IndexSchema::stored(index.name, columns))
    });
    let indexes = indexes.collect::<Result<Vec<_>, Unreadable>>()?;
    Ok(schema.with_stored_indexes(fields, indexes))
}

fn packed_names(schema: &Schema) -> Vec<String> {
    let columns = schema.packed_columns().iter();
    columns.map(|column| column.name().to_owned()).collect()
}

/// Why a stored schema can't be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// It is not such a file.
    Json(serde_json::Error),
    /// It is of another format.
    Format(u32),
    /// It holds what this release does not know.
    Unknown(String),
}

#[derive(Serialize, Deserialize)]
struct File {
    format: u32,
    #[serde(default)]
    requires: Vec<String>,
    table: String,
    columns: Vec<ColumnFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    packed: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    compress: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    indexes: Vec<IndexFile>,
    layout: String,
    body: String,
}

#[derive(Serialize, Deserialize)]
struct FieldFile {
    #[serde(flatten)]
    column: ColumnFile,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    optional: bool,
}

impl FieldFile {
    fn new(field: &IndexedField) -> Self {
        Self {
            column: ColumnFile::new(field.column()),
            optional: field.is_optional(),
        }
    }

    fn read(self) -> Result<IndexedField, Unreadable> {
        Ok(IndexedField::new(self.column.read()?, self.optional))
    }
}

#[derive(Serialize, Deserialize)]
struct IndexFile {
    name: String,
    columns: Vec<String>,
}

impl IndexFile {
    fn new(schema: &Schema, index: &IndexSchema) -> Self {
        let columns = index.columns().iter();
        let columns = columns.filter_map(|&place| schema.column_at(place));
        Self {
            name: index.name().to_owned(),
            columns: columns.map(|column| column.name().to_owned()).collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct ColumnFile {
    name: String,
    #[serde(rename = "type")]
    column_type: TypeFile,
    encoding: EncodingFile,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum TypeFile {
    Name(String),
    Enum {
        #[serde(rename = "enum")]
        names: Vec<String>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum EncodingFile {
    Name(String),
    Width { width: u8 },
}

impl ColumnFile {
    fn new(column: &ColumnSchema) -> Self {
        Self {
            name: column.name().to_owned(),
            column_type: match column.column_type() {
                ColumnType::Enum(names) => TypeFile::Enum {
                    names: names.iter().map(|&name| name.to_owned()).collect(),
                },
                other => TypeFile::Name(other.to_string()),
            },
            encoding: match column.encoding() {
                Encoding::Width(width) => EncodingFile::Width { width },
                other => EncodingFile::Name(other.to_string()),
            },
        }
    }

    fn read(self) -> Result<ColumnSchema, Unreadable> {
        let unknown = |what: &str, text: &str| {
            Unreadable::Unknown(format!("{what} {text:?} of column {:?}", self.name))
        };
        let column_type = match self.column_type {
            TypeFile::Enum { names } => ColumnType::of_names(names),
            TypeFile::Name(name) => {
                ColumnType::of_name(&name).ok_or_else(|| unknown("type", &name))?
            }
        };
        let encoding = match self.encoding {
            EncodingFile::Width { width } => Encoding::Width(width),
            EncodingFile::Name(name) => {
                Encoding::of_name(&name).ok_or_else(|| unknown("encoding", &name))?
            }
        };
        Ok(ColumnSchema::stored(self.name, column_type, encoding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static COLUMNS: [ColumnSchema; 5] = [
        ColumnSchema::new("id", ColumnType::Unsigned(64), Encoding::Plain),
        ColumnSchema::new("month", ColumnType::Signed(8), Encoding::Width(2)),
        ColumnSchema::new(
            "state",
            ColumnType::Enum(&["open", "shut"]),
            Encoding::Plain,
        ),
        ColumnSchema::new("at", ColumnType::Timestamp, Encoding::Ordered),
        ColumnSchema::new("day", ColumnType::Date, Encoding::Descending),
    ];

    #[test]
    fn what_is_written_is_read() {
        for layout in Layout::ALL {
            for body in BodyFormat::ALL {
                let schema = Schema::new("t", &COLUMNS, *layout, *body);
                let file = StoredSchema::write(&schema).unwrap();
                let stored = StoredSchema::parse(&file).unwrap();
                assert_eq!(stored.schema, schema);
                assert!(stored.unknown().is_empty());
            }
        }
        let columns = [COLUMNS[0].clone(), COLUMNS[2].clone(), COLUMNS[2].clone()];
        for packed in 1..=3 {
            for compression in [None, Some(Compression::Gzip)] {
                let schema = Schema::raw("t".to_owned(), columns.to_vec());
                let schema = schema.with_packed(packed, compression);
                let file = StoredSchema::write(&schema).unwrap();
                let stored = StoredSchema::parse(&file).unwrap();
                assert_eq!(stored.schema, schema);
                assert_eq!(stored.requires, ["packed"]);
                assert!(stored.unknown().is_empty());
            }
        }
        for column_type in ColumnType::NAMED {
            assert_eq!(
                ColumnType::of_name(&column_type.to_string()),
                Some(*column_type)
            );
        }
    }

    #[test]
    fn names_of_an_enum_are_kept_once() {
        let of = |names: [&str; 2]| ColumnType::of_names(names.map(str::to_owned).into());
        let (ColumnType::Enum(one), ColumnType::Enum(other)) = (of(["a", "b"]), of(["a", "b"]))
        else {
            panic!("not an enum");
        };
        assert!(std::ptr::eq(one, other));
        assert_ne!(of(["a", "b"]), of(["b", "a"]));
    }

    #[test]
    fn what_a_later_release_writes_is_told() {
        let schema = Schema::new("t", &COLUMNS, Layout::Plain, BodyFormat::Data);
        let file = String::from_utf8(StoredSchema::write(&schema).unwrap()).unwrap();
        let parse = |from: &str, to: &str| {
            assert!(file.contains(from), "{file}");
            StoredSchema::parse(file.replacen(from, to, 1).as_bytes())
        };
        let later = parse(r#""requires": []"#, r#""requires": ["packs"], "packs": {}"#).unwrap();
        assert_eq!(later.unknown(), ["packs"]);
        assert!(matches!(
            parse(r#""format": 1"#, r#""format": 2"#),
            Err(Unreadable::Format(2))
        ));
        for (from, to) in [
            (r#""u64""#, r#""u65""#),
            (r#""plain""#, r#""packed""#),
            (r#""data""#, r#""rows""#),
            (r#""ordered""#, r#""sideways""#),
            (r#""layout""#, r#""packed": ["state"], "layout""#),
            (r#""layout""#, r#""packed": ["state", "day"], "layout""#),
            (r#""layout""#, r#""packed": ["day"], "layout""#),
            (r#""layout""#, r#""compress": "snappy", "layout""#),
        ] {
            assert!(
                matches!(parse(from, to), Err(Unreadable::Unknown(_))),
                "{to}"
            );
        }
        for broken in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"format":"1"}"#,
            r#"{"format":1}"#,
        ] {
            let parsed = StoredSchema::parse(broken.as_bytes());
            assert!(matches!(parsed, Err(Unreadable::Json(_))), "{broken}");
        }
    }
}
