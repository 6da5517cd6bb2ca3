//! What the engines run that no test can run: Trino and Athena; and what is refused. All others are run
//! on tables of every type by `.ci/engines`.

use super::*;
use crate::error::ErrorKind;
use crate::schema::{
    BodyFormat, ColumnSchema, ColumnType, Compression, Encoding, FieldType, Layout,
};

static COLUMNS: [ColumnSchema; 3] = [
    ColumnSchema::new("place", ColumnType::String, Encoding::Plain),
    ColumnSchema::new("year", ColumnType::Unsigned(16), Encoding::Width(4)),
    ColumnSchema::new("day", ColumnType::Date, Encoding::Plain),
];

fn packed(layout: Layout) -> Schema {
    let schema = Schema::new("daily data", &COLUMNS, layout, BodyFormat::Object);
    schema.with_packed(1, Some(Compression::Gzip))
}

fn fields() -> Vec<FieldSchema> {
    vec![
        FieldSchema::new("it's", FieldType::List(Box::new(FieldType::Float(64)))),
        FieldSchema::new("more", FieldType::Json),
    ]
}

fn ddl(engine: Engine) -> String {
    let schema = packed(Layout::Hive);
    schema.ddl(engine, "s3://bucket/a/", &fields()).unwrap()
}

#[test]
fn trino() {
    let expected = r#"CREATE TABLE hive.default."daily data" (
    "day" DATE,
    "it's" ARRAY(DOUBLE),
    "place" VARCHAR,
    "year" INTEGER
)
WITH (
    external_location = 's3://bucket/a/daily data/',
    format = 'JSON',
    partitioned_by = ARRAY['place', 'year']
);
CALL hive.system.sync_partition_metadata('default', 'daily data', 'FULL');
"#;
    assert_eq!(ddl(Engine::Trino), expected);
}

#[test]
fn athena() {
    let expected = "\
CREATE EXTERNAL TABLE `daily data` (`day` date, `it's` array<double>, `more` string)
PARTITIONED BY (`place` string, `year` int)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://bucket/a/daily data/';
MSCK REPAIR TABLE `daily data`;
";
    assert_eq!(ddl(Engine::Athena), expected);
}

#[test]
fn names_are_quoted() {
    assert!(ddl(Engine::DuckDb).contains("columns = {'place': 'VARCHAR', 'year': 'USMALLINT', 'day': 'DATE', 'it''s': 'DOUBLE[]', 'more': 'JSON'}"));
    assert!(ddl(Engine::Polars).contains(r#""it's": pl.List(pl.Float64)"#));
    assert!(ddl(Engine::SparkSql).contains("`it's` ARRAY<DOUBLE>"));
    assert!(ddl(Engine::SparkSql).contains("path 's3a://bucket/a/daily data'"));
    assert!(ddl(Engine::DataFusion).contains("OPTIONS ('format.compression' 'gzip')"));
}

/// The lines of a pack tell what folders without names don't.
#[test]
fn packs_of_the_plain_layout_have_no_partitions() {
    for &engine in Engine::ALL {
        let statement = packed(Layout::Plain)
            .ddl(engine, "s3://bucket", &fields())
            .unwrap();
        assert!(statement.contains("place"), "{engine}");
        assert!(!statement.contains("PARTITIONED"), "{engine}");
    }
    let view = packed(Layout::Plain)
        .ddl(Engine::DuckDb, "file:///tmp/x", &[])
        .unwrap();
    assert!(
        view.contains("'/tmp/x/daily data/*/*/rows.ndjson.gz'"),
        "{view}"
    );
}

#[test]
fn what_no_engine_reads_is_refused() {
    let plain = Schema::new("t", &COLUMNS, Layout::Plain, BodyFormat::Object);
    let bytes = Schema::new("t", &COLUMNS, Layout::Hive, BodyFormat::Bytes);
    for schema in [plain, bytes] {
        let error = schema.ddl(Engine::DuckDb, "s3://bucket", &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
    for url in ["memory:///a", "bucket", "file:"] {
        let error = packed(Layout::Hive)
            .ddl(Engine::Polars, url, &[])
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{url}");
    }
    static NAMED: [ColumnSchema; 1] =
        [ColumnSchema::new("Jour", ColumnType::Date, Encoding::Plain)];
    let named = Schema::new("t", &NAMED, Layout::Hive, BodyFormat::Object);
    assert!(named.ddl(Engine::DataFusion, "s3://bucket", &[]).is_ok());
    for engine in [Engine::Trino, Engine::Athena] {
        let error = named.ddl(engine, "s3://bucket", &[]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{engine}");
    }
}
