//! `codegen`: the Rust struct of a table.

mod guess;
mod names;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use s3aads::{
    BodyFormat, ColumnSchema, ColumnType, Encoding, FieldSchema, FieldType, Layout, Schema,
};
use serde_json::Value;

use self::names::{Names, pascal};
use super::ddl::sample;
use crate::Context;
use crate::failure::Failure;
use crate::target::{Known, TableArgs};

#[derive(Debug, clap::Args)]
pub(crate) struct Codegen {
    #[command(flatten)]
    table: TableArgs,
    /// The struct's name; the table's unless it is said.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The crate of dates and times.
    #[arg(long, value_enum, default_value = "chrono")]
    dates: Dates,
    /// How many rows are read for what the schema does not tell.
    #[arg(long, value_name = "N", default_value_t = 100)]
    sample: u64,
}

/// Where the types of dates and times come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Dates {
    Chrono,
    Jiff,
}

impl Codegen {
    pub(super) async fn run(self, context: &Context) -> Result<(), Failure> {
        let opened = self.table.open().await?;
        let output = &context.output;
        let bodies = sample(&opened, self.sample).await?;
        let (schema, told) = match opened.known {
            Known::Stored => (opened.table.schema().clone(), "the stored schema"),
            _ => {
                let keys = opened.table.all().limit(1000).keys().await?;
                let guessed = guess::schema(&opened, &keys, &bodies)?;
                output.note(&format!(
                    "no schema is stored; guessed from {} keys: {guessed}",
                    keys.len()
                ));
                (guessed, "the first rows")
            }
        };
        if !bodies.is_empty() && schema.body() == BodyFormat::Object {
            output.note(&format!(
                "the body's fields are those of {} rows",
                bodies.len()
            ));
        }
        let name = self.name.unwrap_or_else(|| pascal(schema.table()));
        let text = Generator::new(&name, self.dates).row(&schema, &bodies, told);
        output.bytes(text.as_bytes())?;
        Ok(())
    }
}

/// Writes one struct, and the enums of its columns.
struct Generator<'a> {
    name: &'a str,
    dates: Dates,
    features: BTreeSet<&'static str>,
    enums: String,
    derives_column: bool,
}

impl<'a> Generator<'a> {
    fn new(name: &'a str, dates: Dates) -> Self {
        Self {
            name,
            dates,
            features: BTreeSet::new(),
            enums: String::new(),
            derives_column: false,
        }
    }

    fn row(mut self, schema: &Schema, bodies: &[Vec<u8>], told: &str) -> String {
        let mut settings = vec![format!("table = {:?}", schema.table())];
        if schema.layout() == Layout::Hive {
            settings.push("layout = \"hive\"".to_owned());
        }
        if let Some(compression) = schema.compression() {
            settings.push(format!("compress = \"{compression}\""));
        }
        let mut names = Names::default();
        let mut fields = String::new();
        let bound = schema.bound().len();
        for (at, column) in schema.columns().iter().enumerate() {
            fields.push_str(&self.column(column, at >= bound, &mut names));
        }
        fields.push_str(&body(schema, bodies, &mut names));
        let derives = if self.derives_column {
            "{KeyColumn, S3Table}"
        } else {
            "S3Table"
        };
        let mut text = String::new();
        // Writing to a `String` does not fail.
        let _ = writeln!(text, "// Written by `s3aads codegen` from {told}.");
        if !self.features.is_empty() {
            let features: Vec<String> = self
                .features
                .iter()
                .map(|name| format!("\"{name}\""))
                .collect();
            let _ = writeln!(
                text,
                "// It takes `s3aads = {{ features = [{}] }}`.",
                features.join(", ")
            );
        }
        let (name, settings, enums) = (self.name, settings.join(", "), &self.enums);
        let _ = write!(
            text,
            "use s3aads::{derives};\n\n\
             /// A row of the table `{table}`.\n\
             #[derive(Debug, Clone, PartialEq, S3Table)]\n\
             #[s3({settings})]\n\
             pub struct {name} {{\n{fields}}}\n{enums}",
            table = schema.table().replace('\n', " "),
        );
        text
    }

    fn column(&mut self, column: &ColumnSchema, is_packed: bool, names: &mut Names) -> String {
        let (stored, field) = (column.name(), names.field(column.name()));
        let mut settings = vec!["key".to_owned()];
        match column.encoding() {
            _ if is_packed => settings.push("packed".to_owned()),
            Encoding::Width(digits) => settings.push(format!("width = {digits}")),
            Encoding::Ordered => settings.push("ordered".to_owned()),
            Encoding::Descending => settings.push("descending".to_owned()),
            _ => {}
        }
        if names::bare(&field) != stored {
            settings.push(format!("rename = {stored:?}"));
        }
        if let Some(plural) = names.plural(&field) {
            settings.push(format!("plural = \"{plural}\""));
        }
        let kind = self.column_type(column, &field);
        format!(
            "    #[s3({})]\n    pub {field}: {kind},\n",
            settings.join(", ")
        )
    }

    fn column_type(&mut self, column: &ColumnSchema, field: &str) -> String {
        let kind = column.column_type();
        let dated = |chrono: &str, jiff: &str| match self.dates {
            Dates::Chrono => ("chrono", chrono.to_owned()),
            Dates::Jiff => ("jiff", jiff.to_owned()),
        };
        let (feature, name) = match kind {
            ColumnType::Unsigned(bits) => return format!("u{bits}"),
            ColumnType::Signed(bits) => return format!("i{bits}"),
            ColumnType::Bool => return "bool".to_owned(),
            ColumnType::Char => return "char".to_owned(),
            ColumnType::Ipv4 => return "std::net::Ipv4Addr".to_owned(),
            ColumnType::Ipv6 => return "std::net::Ipv6Addr".to_owned(),
            ColumnType::Ip => return "std::net::IpAddr".to_owned(),
            ColumnType::Date => dated("chrono::NaiveDate", "jiff::civil::Date"),
            ColumnType::Timestamp => dated("chrono::DateTime<chrono::Utc>", "jiff::Timestamp"),
            ColumnType::DateTime => dated("chrono::NaiveDateTime", "jiff::civil::DateTime"),
            ColumnType::Uuid => ("uuid", "uuid::Uuid".to_owned()),
            ColumnType::Enum(names) => return self.key_enum(names, column, field),
            _ => return "String".to_owned(),
        };
        self.features.insert(feature);
        name
    }

    fn key_enum(&mut self, variants: &[&str], column: &ColumnSchema, field: &str) -> String {
        self.derives_column = true;
        let name = format!("{}{}", self.name, pascal(names::bare(field)));
        let mut names = Names::default();
        let mut lines = String::new();
        for stored in variants {
            let variant = names.variant(stored);
            let _ = write!(lines, "    #[s3(rename = {stored:?})]\n    {variant},\n");
        }
        let _ = write!(
            self.enums,
            "\n/// The values of `{column}`.\n\
             #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, KeyColumn)]\n\
             pub enum {name} {{\n{lines}}}\n",
            column = column.name(),
        );
        name
    }
}

/// The fields of the body.
fn body(schema: &Schema, bodies: &[Vec<u8>], names: &mut Names) -> String {
    let one = |name: &str, kind: &str, setting: &str, names: &mut Names| {
        let field = names.field(name);
        format!("    #[s3({setting})]\n    pub {field}: {kind},\n")
    };
    match schema.body() {
        BodyFormat::Object => {
            let rows = bodies
                .iter()
                .filter_map(|body| serde_json::from_slice::<Value>(body).ok());
            let rows: Vec<Value> = rows.collect();
            let fields = FieldSchema::sample(bodies);
            fields
                .iter()
                .map(|field| body_field(field, &rows, names))
                .collect()
        }
        BodyFormat::Data => {
            let wrapped = bodies.iter().map(|body| {
                let body = std::str::from_utf8(body).unwrap_or("null");
                format!("{{\"data\":{body}}}")
            });
            let fields = FieldSchema::sample(wrapped.collect::<Vec<_>>());
            let kind = fields
                .first()
                .map_or("serde_json::Value".to_owned(), |field| {
                    rust(field.field_type())
                });
            one("data", &kind, "data", names)
        }
        BodyFormat::Text => one("text", "String", "text", names),
        BodyFormat::Bytes => one("bytes", "Vec<u8>", "bytes", names),
        _ => String::new(),
    }
}

/// A field, optional if a row lacks it.
fn body_field(field: &FieldSchema, rows: &[Value], names: &mut Names) -> String {
    let stored = field.name();
    let name = names.field(stored);
    let lacks = |row: &Value| row.get(stored).is_none_or(Value::is_null);
    let mut kind = rust(field.field_type());
    let mut settings = Vec::new();
    if names::bare(&name) != stored {
        settings.push(format!("rename = {stored:?}"));
    }
    if rows.iter().any(lacks) {
        kind = format!("Option<{kind}>");
        settings.push("default".to_owned());
    }
    let attribute = if settings.is_empty() {
        String::new()
    } else {
        format!("    #[serde({})]\n", settings.join(", "))
    };
    format!("{attribute}    pub {name}: {kind},\n")
}

fn rust(kind: &FieldType) -> String {
    match kind {
        FieldType::Bool => "bool".to_owned(),
        FieldType::Unsigned(bits) => format!("u{bits}"),
        FieldType::Signed(bits) => format!("i{bits}"),
        FieldType::Float(bits) => format!("f{bits}"),
        FieldType::String => "String".to_owned(),
        FieldType::List(of) => format!("Vec<{}>", rust(of)),
        _ => "serde_json::Value".to_owned(),
    }
}
