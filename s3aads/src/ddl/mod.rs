//! How other programs read a table as it stands: the statement or the lines of Python, in which
//! every column has its type.
//!
//! A file for each dialect; [`source`] is what they all say.

mod arrow;
mod athena;
mod datafusion;
mod duckdb;
mod fields;
mod polars;
mod source;
mod spark;
#[cfg(test)]
mod tests;
mod trino;

use std::fmt;

use crate::error::Result;
use crate::schema::{FieldSchema, Schema};
use source::DataFiles;

/// A program that reads tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// DuckDB: a view, in SQL.
    DuckDb,
    /// Polars: a lazy frame `table`, in Python.
    Polars,
    /// PyArrow: a dataset `table`, in Python.
    PyArrow,
    /// pandas: a frame `table` of Arrow's types, in Python.
    Pandas,
    /// PySpark: a frame `table`, in Python, of the session `spark`.
    PySpark,
    /// Spark SQL: a temporary view.
    SparkSql,
    /// Apache DataFusion: an external table, in SQL.
    DataFusion,
    /// Trino: a table of the Hive connector, in SQL.
    Trino,
    /// Amazon Athena: an external table, in SQL.
    Athena,
}

impl Engine {
    /// All that there are.
    ///
    /// ```
    /// let names = s3aads::Engine::ALL.iter().map(|engine| engine.to_string());
    /// assert_eq!(names.collect::<Vec<_>>()[0], "DuckDB");
    /// ```
    pub const ALL: &'static [Self] = &[
        Self::DuckDb,
        Self::Polars,
        Self::PyArrow,
        Self::Pandas,
        Self::PySpark,
        Self::SparkSql,
        Self::DataFusion,
        Self::Trino,
        Self::Athena,
    ];
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DuckDb => "DuckDB",
            Self::Polars => "Polars",
            Self::PyArrow => "PyArrow",
            Self::Pandas => "pandas",
            Self::PySpark => "PySpark",
            Self::SparkSql => "Spark SQL",
            Self::DataFusion => "DataFusion",
            Self::Trino => "Trino",
            Self::Athena => "Athena",
        })
    }
}

impl Schema {
    /// The statement, or the lines of Python, by which an engine reads this table of the database at
    /// `url`. No request is sent.
    ///
    /// It tells the type of every column, so that nothing is guessed and the text `007` stays a text.
    /// Key columns in the path are partitions. Of the body it reads `fields`: those of the struct
    /// ([`FieldSchema::of`]), those seen in some rows ([`FieldSchema::sample`]), or none. An engine
    /// that has no type for a field is not told of it.
    ///
    /// Packs of the plain layout have all columns in their lines, and no partitions. Spark passes over
    /// folders whose names begin with `.` or `_`, as a value's can in that layout.
    ///
    /// Credentials are left to the engine's own means. What each engine makes of every type is
    /// measured: see `docs/engines.md` in the repository.
    ///
    /// # Errors
    ///
    /// `Unsupported` for a table that no engine reads: one of the plain layout that is not packed, whose
    /// key columns have no names in the store, and one whose rows are bytes or text; or if this engine
    /// can't take a column of that name, which the error names. `InvalidConfig` for a URL that is
    /// none, or one of a database in memory.
    ///
    /// ```
    /// use s3aads::{Engine, FieldSchema, S3Table};
    ///
    /// #[derive(S3Table)]
    /// #[s3(layout = "hive")]
    /// struct Weather {
    ///     #[s3(key)] location: String,
    ///     #[s3(key, packed)] day: u16,
    ///     temp_max: f64,
    /// }
    /// let fields = FieldSchema::of::<Weather>();
    /// let view = Weather::SCHEMA.ddl(Engine::DuckDb, "s3://bucket", &fields)?;
    /// assert_eq!(view, "\
    /// CREATE OR REPLACE VIEW \"weather\" AS
    /// SELECT \"location\", \"day\", \"temp_max\"
    /// FROM read_json(
    ///     's3://bucket/weather/*/rows.ndjson',
    ///     format = 'newline_delimited',
    ///     columns = {'location': 'VARCHAR', 'day': 'USMALLINT', 'temp_max': 'DOUBLE'},
    ///     hive_partitioning = true,
    ///     hive_types = {'location': 'VARCHAR'}
    /// );
    /// ");
    /// # Ok::<(), s3aads::Error>(())
    /// ```
    pub fn ddl(&self, engine: Engine, url: &str, fields: &[FieldSchema]) -> Result<String> {
        let source = DataFiles::new(self, url, fields)?;
        match engine {
            Engine::DuckDb => Ok(duckdb::view(&source)),
            Engine::Polars => Ok(polars::frame(&source)),
            Engine::PyArrow => Ok(arrow::dataset(&source)),
            Engine::Pandas => Ok(arrow::frame(&source)),
            Engine::PySpark => Ok(spark::frame(&source)),
            Engine::SparkSql => Ok(spark::view(&source)),
            Engine::DataFusion => datafusion::table(&source),
            Engine::Trino => trino::table(&source),
            Engine::Athena => athena::table(&source),
        }
    }
}
