"""What other programs read in hive tables that the library wrote.

    engines.py MANIFEST URL RESULT [--write]

MANIFEST is what the program `engines` printed, URL the database that it wrote, RESULT the committed
table of the outcome in Markdown: the run fails where the outcome is another, and with --write
replaces it. An engine is a class below: what it calls each type of column, and the call by which it
reads a table whose types are told to it, never guessed.
"""

import datetime
import decimal
import json
import re
import sys
import time
import unicodedata
import uuid
from importlib.metadata import version
from urllib.parse import unquote

INTEGERS = [f"{sign}{bits}" for sign in "ui" for bits in (8, 16, 32, 64, 128)]


def plain(value):
    """A value as the plain text of a column."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, decimal.Decimal):
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y%m%dT%H%M%S.%f") + "000Z"
    if isinstance(value, (datetime.date, uuid.UUID, int)):
        return str(value)
    return value


class Table:
    def __init__(self, described, url):
        self.name = described["table"]
        self.column = described["columns"][0]
        self.body = described["body"]
        self.path = f"{url.removeprefix('file://')}/{self.name}"
        self.rows = described["rows"]
        self.stored = [row for row in self.rows if not row["refused"]]
        # A table that has nothing but its key columns has no counter.
        self.counts = self.name != "keys_only"

    @property
    def type(self):
        return self.column["type"].split("(")[0]


class DuckDb:
    name = "DuckDB"
    types = dict(
        zip(INTEGERS, "UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT TINYINT SMALLINT INTEGER BIGINT HUGEINT".split()),
        bool="BOOLEAN", date="DATE", uuid="UUID",
    )
    text = "VARCHAR"

    def __init__(self):
        import duckdb

        self.connection = duckdb.connect()
        # Nothing may be fetched from the network.
        self.connection.execute("SET autoinstall_known_extensions = false")

    def read(self, table, kind):
        literal = lambda text: "'" + text.replace("'", "''") + "'"
        column = '"' + table.column["name"].replace('"', '""') + '"'
        n, columns = ("n", ", columns = {'n': 'UINTEGER'}") if table.counts else ("1", "")
        return self.connection.execute(
            f"SELECT {n}, {column} FROM read_json({literal(table.path + '/*/row.json')},"
            f" format = 'newline_delimited', hive_partitioning = true,"
            f" hive_types = {{{literal(table.column['name'])}: '{kind}'}}{columns})"
        ).fetchall()


class Polars:
    """Its JSON reader knows no partitions: the column comes out of the file's path."""

    name = "Polars"
    types = dict(
        zip(INTEGERS, "UInt8 UInt16 UInt32 UInt64 UInt128 Int8 Int16 Int32 Int64 Int128".split()),
        bool="Boolean", date="Date",
    )
    text = "String"

    def read(self, table, kind):
        import polars as pl

        column = table.column["name"]
        pattern = f"/{re.escape(column)}=([^/]*)/row.json$"
        value = pl.col("path").str.extract(pattern).map_elements(unquote, return_dtype=pl.String)
        match kind:
            case "Boolean":
                value = value == "true"
            case "Date":
                value = value.str.to_date("%Y-%m-%d")
            case "String":
                pass
            case _:
                value = value.cast(getattr(pl, kind))
        frame = pl.scan_ndjson(
            f"{table.path}/**/row.json",
            schema={"n": pl.UInt32} if table.counts else {"n": pl.Null},
            include_file_paths="path",
        )
        return frame.select(pl.col("n"), value.alias(column)).collect().rows()


class PyArrow:
    name = "PyArrow"
    types = dict(
        zip(INTEGERS, "uint8 uint16 uint32 uint64 string int8 int16 int32 int64 string".split()),
        bool="bool", date="date32",
    )
    text = "string"

    def dataset(self, table, kind):
        import pyarrow as pa
        import pyarrow.dataset as ds

        key = (table.column["name"], pa.type_for_alias(kind))
        fields = [("n", pa.uint32())] if table.counts else []
        # No key is empty, so that none is taken for NULL.
        partitioning = ds.HivePartitioning(pa.schema([key]), null_fallback="")
        return ds.dataset(
            table.path, format="json", partitioning=partitioning, schema=pa.schema([*fields, key])
        )

    def read(self, table, kind):
        found = self.dataset(table, kind).to_table().to_pylist()
        return [(row.get("n"), row[table.column["name"]]) for row in found]


class Pandas(PyArrow):
    """Its own JSON reader knows no partitions: through PyArrow, into Arrow-backed columns."""

    name = "pandas"

    def read(self, table, kind):
        import pandas as pd

        frame = self.dataset(table, kind).to_table().to_pandas(types_mapper=pd.ArrowDtype)
        n = frame["n"] if table.counts else [1] * len(frame)
        return list(zip(n, frame[table.column["name"]]))


class PySpark:
    name = "PySpark"
    types = dict(
        zip(INTEGERS, "SMALLINT INT BIGINT DECIMAL(20,0) STRING TINYINT SMALLINT INT BIGINT STRING".split()),
        bool="BOOLEAN", date="DATE",
    )
    text = "STRING"

    def __init__(self):
        from pyspark.sql import SparkSession

        settings = {
            "spark.ui.enabled": "false",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.sql.session.timeZone": "UTC",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master("local[1]")
        for name, value in settings.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("OFF")

    def read(self, table, kind):
        column = "`" + table.column["name"].replace("`", "``") + "`"
        n = "n INT, " if table.counts else ""
        frame = self.session.read.schema(f"{n}{column} {kind}").json(table.path)
        return [(row["n"] if table.counts else 1, row[table.column["name"]]) for row in frame.collect()]


class DataFusion:
    name = "DataFusion"
    types = dict(
        zip(INTEGERS[:4], ["TINYINT UNSIGNED", "SMALLINT UNSIGNED", "INT UNSIGNED", "BIGINT UNSIGNED"]),
        **dict(zip(INTEGERS[4:], "VARCHAR TINYINT SMALLINT INT BIGINT VARCHAR".split())),
        bool="BOOLEAN", date="DATE",
    )
    text = "VARCHAR"

    def read(self, table, kind):
        from datafusion import SessionContext

        context = SessionContext()
        name = table.column["name"]
        # It takes the names of partitions as they are written, quotes and all.
        if name.isidentifier() and name.islower():
            quoted = name
        else:
            quoted = '"' + name.replace('"', '""') + '"'
        n = "n INT UNSIGNED, " if table.counts else ""
        context.sql(
            f"CREATE EXTERNAL TABLE t ({n}{quoted} {kind}) STORED AS JSON"
            f" PARTITIONED BY ({quoted}) LOCATION '{table.path}/'"
        ).collect()
        batches = context.sql(f"SELECT {'n' if table.counts else '1'}, {quoted} FROM t").collect()
        return [
            (n.as_py(), value.as_py())
            for batch in batches
            for n, value in zip(batch.column(0), batch.column(1))
        ]


ENGINES = [DuckDb, Polars, PyArrow, Pandas, PySpark, DataFusion]


def outcome(engine, table, kind):
    """What the engine read of each row: its value as plain text. A text says what it refused with."""
    try:
        found = engine.read(table, kind)
    except BaseException as error:  # Some bindings raise what is no Exception.
        return f"refuses the table: {type(error).__name__}"
    if not table.counts:
        return sorted(plain(value) for _, value in found)
    read = {}
    for n, value in found:
        read.setdefault(n, []).append(plain(value))
    return [
        ", ".join(read.get(n, ["no row"]))
        for n, row in enumerate(table.rows, 1)
        if not row["refused"]
    ]


def expected(table):
    values = [row["value"] for row in table.stored]
    return values if table.counts else sorted(values)


def code(text):
    """A text as code in a cell; characters that are not seen alone as escapes."""
    seen = "".join(
        c if c.isprintable() and not unicodedata.combining(c) else c.encode("unicode_escape").decode()
        for c in text
    )
    seen = seen if len(seen) <= 40 else f"{seen[:36]}…"
    # A bar ends a cell, in code too.
    seen = seen.replace("|", "\\|")
    fence = "``" if "`" in seen else "`"
    pad = " " if seen.startswith((" ", "`")) or seen.endswith((" ", "`")) else ""
    return f"{fence}{pad}{seen}{pad}{fence}"


def types_table(tables, engines):
    names = [engine.name for engine in engines]
    lines = [
        "| column | stored as | " + " | ".join(names) + " |",
        "|---" * (len(names) + 2) + "|",
    ]
    failures = []
    for table in tables:
        cells = []
        for engine in engines:
            kind = engine.types.get(table.type, engine.text)
            got = outcome(engine, table, kind)
            if got == expected(table):
                cells.append(f"`{kind}`")
            else:
                cells.append(f"`{kind}`: **{got if isinstance(got, str) else 'other values'}**")
                failures.append((engine.name, table.name, got))
        encoding = "" if table.column["encoding"] == "plain" else f", {table.column['encoding']}"
        kind = f"{table.type}{encoding}"
        if table.column["name"] != "value":
            kind += f", named `{table.column['name']}`"
        if not table.counts:
            kind += ", no other field"
        path = table.stored[0]["path"].rsplit("/", 1)[0]
        lines.append(f"| {kind} | {code(path)} | " + " | ".join(cells) + " |")
    return lines, failures


def texts_table(tables, engines):
    lines = ["| text | stored as | read back by |", "|---|---|---|"]
    failures = []
    for table in tables:
        found = [outcome(engine, table, engine.text) for engine in engines]
        stored = iter(range(len(table.stored)))
        for row in table.rows:
            text = code(row["value"]) if row["value"] else "the empty text"
            if row["refused"]:
                why = "it means NULL" if "NULL" in row["refused"] else "too long for a file's name"
                lines.append(f"| {text} | refused: {why} | |")
                continue
            at = next(stored)
            good = [
                engine.name
                for engine, values in zip(engines, found)
                if not isinstance(values, str) and values[at] == row["value"]
            ]
            failures += [
                (engine.name, row["value"], "another value")
                for engine in engines
                if engine.name not in good
            ]
            who = "all" if len(good) == len(engines) else ", ".join(good)
            lines.append(f"| {text} | {code(row['path'].rsplit('/', 1)[0].split('=', 1)[1])} | {who} |")
    return lines, failures


HEAD = """\
# What engines read in hive tables

Written by `bash .ci/engines --write`: the library writes tables (`layout = "hive"`) to the local disk, and each engine
reads them, told the types of the columns. `bash .ci/run engines` does the same and fails if anything differs from this
page. What an engine does without being told types is its own guess: DuckDB and DataFusion take a padded `007` for text,
PyArrow and PySpark for the number 7.

Each row is a file `row.json` of one line. Its fields are columns; a body that is not a JSON object, as `#[s3(data)]`,
`#[s3(text)]` and `#[s3(bytes)]` can make it, is for the library alone. A timestamp is text to every engine, in the order
of time. `ordered` on signed integers, and column names that would have to be escaped or begin with `_` or `.`, do not
compile in the hive layout.

Engines: {engines}.
"""


def main():
    manifest, url, result, *options = sys.argv[1:]
    tables = [Table(described, url) for described in json.load(open(manifest, encoding="utf-8"))]
    started = time.monotonic()
    engines = [engine() for engine in ENGINES]
    versions = ", ".join(f"{engine.name} {version(engine.name.lower())}" for engine in engines)
    head = HEAD.format(engines=versions).rstrip()
    typed = [table for table in tables if not table.name.endswith("texts")]
    texts = [table for table in tables if table.name.endswith("texts")]
    type_lines, wrong_types = types_table(typed, engines)
    text_lines, wrong_texts = texts_table(texts, engines)
    document = "\n".join(
        [head, "", "## Types", "", "A cell is the type that the engine is told, and gives every value back as.", "",
         *type_lines, "", "## Texts", "", f"{len(text_lines) - 2} texts.", "", *text_lines, ""]
    )
    for engine, what, got in wrong_types + wrong_texts:
        print(f"{engine}: {what!r}: {got}")
    print(f"{len(typed)} types and {len(text_lines) - 2} texts by {len(engines)} engines"
          f" in {time.monotonic() - started:.0f}s, {len(wrong_types) + len(wrong_texts)} differ")
    if "--write" in options:
        open(result, "w", encoding="utf-8").write(document)
        return
    if open(result, encoding="utf-8").read() != document:
        sys.exit(f"{result} says otherwise: see the difference by `bash .ci/engines --write` and `git diff`")


main()
