//! Which database and table a command is about.

use clap::Args;
use s3aads::{Database, RawQuery, RawTable, Schema};

use crate::failure::Failure;
use crate::filters::Condition;

/// A table of a database.
#[derive(Debug, Clone, Args)]
pub(crate) struct TableArgs {
    /// The database: s3://bucket[/prefix], gs://bucket, az://container, file:///folder.
    pub(crate) url: String,
    /// The table.
    pub(crate) table: String,
    #[command(flatten)]
    pub(crate) form: FormArgs,
}

/// How a table without a stored schema is stored.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Tables without a stored schema")]
pub(crate) struct FormArgs {
    /// The key columns in order, with types if they are not text: "id: u64, month: u8 width 2".
    #[arg(long, value_name = "COLUMNS")]
    pub(crate) columns: Option<String>,
    /// The layout: plain or hive.
    #[arg(long, value_name = "LAYOUT", requires = "columns")]
    pub(crate) layout: Option<String>,
    /// What a row's object holds: object, data, text, bytes or empty.
    #[arg(long, value_name = "FORMAT", requires = "columns")]
    pub(crate) body: Option<String>,
}

/// A table, and how its schema is known.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) db: Database,
    pub(crate) table: RawTable,
    /// Whether it is stored, was given or is read from the paths.
    pub(crate) known: Known,
    /// Whether requests cost money there.
    pub(crate) is_priced: bool,
}

/// How a table's schema is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is stored.
    Stored,
    /// By the arguments.
    Given,
    /// By the paths of the first rows: all columns are text.
    Paths,
}

impl FormArgs {
    /// The schema that is given, for a table of this name.
    pub(crate) fn schema(&self, table: &str, body: &str) -> Result<Option<Schema>, Failure> {
        let Some(columns) = &self.columns else {
            return Ok(None);
        };
        let layout = self.layout.as_deref().unwrap_or("plain");
        let body = self.body.as_deref().unwrap_or(body);
        let schema: Schema = format!("t({columns}) layout {layout}, body {body}").parse()?;
        Ok(Some(schema.with_table(table)))
    }
}

impl TableArgs {
    /// The table, which must be there.
    pub(crate) async fn open(&self) -> Result<Opened, Failure> {
        let opened = open(&self.url, &self.table, &self.form, "bytes").await?;
        opened.ok_or_else(|| self.missing())
    }

    /// The table, to be written to: the first write stores the schema that is given.
    pub(crate) async fn open_for_writing(&self) -> Result<Opened, Failure> {
        let opened = open(&self.url, &self.table, &self.form, "object").await?;
        opened.ok_or_else(|| {
            self.missing()
                .help("name the columns of a new one: `--columns \"id: u64, month: u8 width 2\"`")
        })
    }

    fn missing(&self) -> Failure {
        let message = format!("the table {:?} is not in {}", self.table, self.url);
        Failure::not_there(message)
            .help(format!("`s3aads tables {}` lists what is there", self.url))
    }
}

/// The table of this name, as it is stored, or else as it is given or its paths tell.
pub(crate) async fn open(
    url: &str,
    name: &str,
    form: &FormArgs,
    body: &str,
) -> Result<Option<Opened>, Failure> {
    let db = Database::open(url)?;
    let given = form.schema(name, body)?;
    let opened = |table, known| Opened {
        db: db.clone(),
        table,
        known,
        is_priced: is_priced(url),
    };
    match (db.stored_schema(name).await?, given) {
        (Some(stored), Some(given)) if stored.fingerprint() != given.fingerprint() => {
            let message = format!("`--columns` is {given}, and the table is stored as {stored}");
            Err(Failure::arguments(message).help("leave `--columns` out"))
        }
        (Some(stored), _) => Ok(Some(opened(db.raw_table_of(stored)?, Known::Stored))),
        (None, Some(given)) => Ok(Some(opened(db.raw_table_of(given)?, Known::Given))),
        (None, None) => {
            let table = db.get_table(name).await?;
            Ok(table.map(|table| opened(table, Known::Paths)))
        }
    }
}

/// Whether a store asks money for requests.
pub(crate) fn is_priced(url: &str) -> bool {
    !url.starts_with("file:") && !url.starts_with("memory:")
}

impl Opened {
    /// The rows that the filters allow.
    pub(crate) fn query(&self, filters: &[Condition]) -> RawQuery {
        let all = self.table.all();
        filters
            .iter()
            .fold(all, |query, filter| filter.narrow(&query))
    }
}
