"""What other programs read in tables that the library wrote.

    engines.py MANIFEST FOLDER RESULT [--write]

MANIFEST is what the program `engines` printed, FOLDER where it wrote, RESULT the committed table of
the outcome in Markdown: the run fails where the outcome is another, and with --write replaces it. An
engine is a class below, which runs exactly what the library's `Schema::ddl` printed for it and tells
the types and the rows that came of it.
"""

import datetime
import decimal
import json
import os
import pathlib
import shutil
import sys
import time
import unicodedata
import uuid
from importlib.metadata import version


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
    def __init__(self, described):
        self.form = described["form"]
        self.name = described["table"]
        self.columns = described["columns"]
        self.column = self.columns[0]
        self.names = [column["name"] for column in self.columns]
        self.bound = described["bound"]
        self.fields = described["fields"]
        self.ddl = described["ddl"]
        self.rows = described["rows"]
        self.stored = [row for row in self.rows if not row["refused"]]
        # A table that has nothing but its key columns has no counter.
        self.counts = "n" in self.fields

    @property
    def type(self):
        return self.column["type"].split("(")[0]


class DuckDb:
    name = "DuckDB"

    def __init__(self):
        import duckdb

        self.duckdb = duckdb

    def read(self, ddl, table, where=None):
        connection = self.duckdb.connect()
        # Nothing may be fetched from the network.
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute(ddl)
        found = connection.execute(f'SELECT * FROM "{table.name}"{sql(where)}')
        types = {column[0]: str(column[1]) for column in found.description}
        return types, [dict(zip(types, row)) for row in found.fetchall()]


class Polars:
    name = "Polars"

    def read(self, ddl, table, where=None):
        import polars as pl

        frame = python(ddl)
        for column, value in (where or {}).items():
            frame = frame.filter(pl.col(column) == value)
        frame = frame.collect()
        return {name: str(kind) for name, kind in frame.schema.items()}, frame.to_dicts()


class PyArrow:
    name = "PyArrow"

    def read(self, ddl, table, where=None):
        import pyarrow.dataset as ds

        wanted = None
        for column, value in (where or {}).items():
            equal = ds.field(column) == value
            wanted = equal if wanted is None else wanted & equal
        found = python(ddl).to_table(filter=wanted)
        return {field.name: str(field.type) for field in found.schema}, found.to_pylist()


class Pandas:
    name = "pandas"

    def read(self, ddl, table, where=None):
        frame = python(ddl)
        for column, value in (where or {}).items():
            frame = frame[frame[column] == value]
        columns = {name: list(frame[name]) for name in frame.columns}
        types = {name: str(kind) for name, kind in frame.dtypes.items()}
        return types, [dict(zip(columns, row)) for row in zip(*columns.values())]


class PySpark:
    name = "PySpark"
    session = None

    def __init__(self):
        if PySpark.session is not None:
            return
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
        PySpark.session = builder.getOrCreate()
        self.session.sparkContext.setLogLevel("OFF")

    def frame(self, ddl, table):
        return python(ddl, spark=self.session)

    def read(self, ddl, table, where=None):
        frame = self.frame(ddl, table)
        for column, value in (where or {}).items():
            frame = frame.where(frame[column] == value)
        return dict(frame.dtypes), [row.asDict() for row in frame.collect()]


class SparkSql(PySpark):
    name = "Spark SQL"

    def frame(self, ddl, table):
        self.session.sql(ddl)
        return self.session.sql(f"SELECT * FROM `{table.name}`")


class DataFusion:
    name = "DataFusion"

    def read(self, ddl, table, where=None):
        from datafusion import SessionContext

        context = SessionContext()
        for statement in ddl.split(";\n")[:-1]:
            context.sql(statement).collect()
        found = context.sql(f'SELECT * FROM "{table.name}"{sql(where)}')
        types = {field.name: str(field.type) for field in found.schema()}
        return types, [row for batch in found.collect() for row in batch.to_pylist()]


ENGINES = [DuckDb, Polars, PyArrow, Pandas, PySpark, SparkSql, DataFusion]


def python(ddl, **names):
    """The `table` that lines of Python make."""
    exec(ddl, names)
    return names["table"]


def sql(where):
    tests = [f"\"{column}\" = '{value}'" for column, value in (where or {}).items()]
    return f" WHERE {' AND '.join(tests)}" if tests else ""


def outcome(engine, table, ddl=None):
    """The types of the key columns, and what the engine read of each row: their values as plain texts.
    A text says what it refused with."""
    statement = table.ddl[engine.name]
    if "refused" in statement:
        return "`ddl` refuses it"
    try:
        types, found = engine.read(ddl or statement["text"], table)
    except BaseException as error:  # Some bindings raise what is no Exception.
        return f"refuses the table: {type(error).__name__}"
    types = [types.get(name, "not there") for name in table.names]
    values = lambda row: ", ".join(dict.fromkeys(plain(row[name]) for name in table.names))
    if not table.counts:
        return types, sorted(values(row) for row in found)
    read = {}
    for row in found:
        read.setdefault(row["n"], []).append(values(row))
    return types, [
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
    """A line for each column type, with all the forms of tables that have it."""
    names = [engine.name for engine in engines]
    lines = ["| column | stored as | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    failures = []
    by_name = {}
    for table in tables:
        by_name.setdefault(table.name, []).append(table)
    for forms in by_name.values():
        first = forms[0]
        cells = []
        for engine in engines:
            read_as, wrong = [], []
            for table in forms:
                got = outcome(engine, table)
                if "refused" in table.ddl[engine.name]:
                    wrong.append(got)
                elif isinstance(got, str) or got[1] != expected(table):
                    why = got if isinstance(got, str) else "other values"
                    wrong.append(f"{table.form}: {why}")
                    failures.append((engine.name, f"{table.form} {table.name}", got))
                else:
                    read_as += got[0]
            # A type in the path, and another in lines.
            kinds = ", ".join(f"`{kind}`" for kind in dict.fromkeys(read_as))
            told = [f"**{why}**" for why in dict.fromkeys(wrong)]
            cells.append("; ".join([kinds, *told] if kinds else told))
        encoding = "" if first.column["encoding"] == "plain" else f", {first.column['encoding']}"
        kind = f"{first.type}{encoding}"
        if first.column["name"] not in ("value",):
            kind += f", named `{first.column['name']}`"
        if not first.counts:
            kind += ", no other field"
        others = [table.form for table in forms if table.form in ("gzip", "plain")]
        if others:
            kind += "; also " + ", ".join(others)
        path = first.stored[0]["path"].rsplit("/", 1)[0]
        lines.append(f"| {kind} | {code(path)} | " + " | ".join(cells) + " |")
    return lines, failures


def texts_table(tables, engines):
    """A line for each text, with all the forms of tables that have it."""
    lines = ["| text | in a folder | " + " | ".join(table for table in FORMS) + " |", "|---" * (len(FORMS) + 2) + "|"]
    failures = []
    by_name = {}
    for table in tables:
        by_name.setdefault(table.name, {})[table.form] = table
    for forms in by_name.values():
        found = {
            form: [outcome(engine, table) for engine in engines] for form, table in forms.items()
        }
        at = dict.fromkeys(forms, 0)
        for place, row in enumerate(forms["hive"].rows):
            cells = []
            for form in FORMS:
                if form not in forms:
                    cells.append("")
                    continue
                stored = forms[form].rows[place]
                if stored["refused"]:
                    cells.append("refused")
                    continue
                good = []
                for engine, got in zip(engines, found[form]):
                    if not isinstance(got, str) and got[1][at[form]] == stored["value"]:
                        good.append(engine.name)
                    else:
                        told = got if isinstance(got, str) else got[1][at[form]]
                        failures.append((engine.name, f"{form} {stored['value']!r}", told))
                at[form] += 1
                cells.append("all" if len(good) == len(engines) else ", ".join(good) or "none")
            text = code(row["value"]) if row["value"] else "the empty text"
            folder = code(row["path"].rsplit("/", 1)[0].split("=", 1)[1])
            if row["refused"]:
                folder = "it means NULL" if "NULL" in row["refused"] else "too long for a file's name"
            lines.append(f"| {text} | {folder} | " + " | ".join(cells) + " |")
    return lines, failures


# The forms that tables are stored in.
FORMS = ["hive", "packed", "gzip", "plain"]


def fields_table(table, engines):
    """A line for each field of a body."""
    names = [engine.name for engine in engines]
    lines = ["| field | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    failures = []
    wanted = {row["n"]: row for row in (json.loads(row["value"]) for row in table.rows)}
    found = [engine.read(table.ddl[engine.name]["text"], table) for engine in engines]
    for field in table.fields:
        cells = []
        for engine, (types, rows) in zip(engines, found):
            if field not in types:
                cells.append("left out")
                continue
            same = all(matches(row[field], wanted[row["n"]][field]) for row in rows)
            cells.append(f"`{types[field]}`" + ("" if same else ": **other values**"))
            if not same or len(rows) != len(wanted):
                failures.append((engine.name, f"field {field}", [row[field] for row in rows]))
        lines.append(f"| {field} | " + " | ".join(cells) + " |")
    return lines, failures


def matches(value, wanted):
    if isinstance(wanted, dict):  # An object, which is text to them.
        return json.loads(value) == wanted
    if isinstance(wanted, list):
        return list(value) == wanted
    if wanted is None:
        return value is None or str(value) == "<NA>"
    return value == wanted


def pruning_table(tables, folder, engines):
    """The files that each engine reads to answer a query for one of nine, by their times of access."""
    lines = ["| engine | " + " | ".join(table.form for table in tables) + " |", "|---" * (len(tables) + 1) + "|"]
    failures = []
    for engine in engines:
        cells = []
        for table in tables:
            files = list((folder / table.form / table.name).rglob("*.*json"))

            def files_read(where):
                for file in files:
                    os.utime(file, (0, time.time()))
                _, rows = engine.read(table.ddl[engine.name]["text"], table, where)
                return len(rows), sum(file.stat().st_atime > 0 for file in files)

            all_rows, all_files = files_read(None)
            if all_files != len(files):
                sys.exit(f"{folder} keeps no times of access: {all_files} of {len(files)} files seem to be read")
            rows, read = files_read({"place": "b", "year": 2020})
            if rows * len(files) != all_rows:
                failures.append((engine.name, f"{table.form} {table.name}", f"{rows} of {all_rows} rows"))
            cells.append(f"{read} of {len(files)}")
        lines.append(f"| {engine.name} | " + " | ".join(cells) + " |")
    return lines, failures


def control(tables, folder, engines):
    """Plants faults, each of which every engine must be found to read wrong."""
    by_form = {table.form: table for table in tables if table.name == "string"}
    shutil.copytree(folder / "hive" / "string", folder / "control" / "hive" / "string")
    shutil.copytree(folder / "packed" / "string", folder / "control" / "packed" / "string")

    def planted(fault, table, expected):
        for engine in engines:
            ddl = table.ddl[engine.name]["text"]
            ddl = ddl.replace(f"{folder}/{table.form}/", f"{folder}/control/{table.form}/")
            got = outcome(engine, table, ddl)
            if not isinstance(got, str) and got[1] == expected:
                sys.exit(f"control: {fault} is not noticed in {engine.name}")

    values = expected(by_form["hive"])
    planted("a wrong expected value", by_form["hive"], ["7", *values[1:]])
    wrong = folder / "control" / "hive" / "string"
    (wrong / "value=007").rename(wrong / "value=%2507")
    planted("a wrongly escaped folder", by_form["hive"], values)
    pack = folder / "control" / "packed" / "string" / "value=007" / "rows.ndjson"
    pack.write_text(pack.read_text().replace('"again":"007"', '"again":"07"'))
    planted("a wrong line", by_form["packed"], expected(by_form["packed"]))
    pack.unlink()
    planted("a missing pack", by_form["packed"], expected(by_form["packed"]))


HEAD = """\
# What engines read in tables

Written by `bash .ci/engines --write`: the library writes tables to the local disk, and each engine reads them with exactly
what `Schema::ddl` prints for it. `bash .ci/run engines` does the same and fails if anything differs from this page. It also
plants faults, such as a wrongly escaped folder, and fails if one is not noticed.

The forms are `hive` (`layout = "hive"`, a file `row.json` for each row), `packed` (the same with a packed column: the value is
in the path and once more in the lines of `rows.ndjson`), `gzip` (compressed packs) and `plain` (packs of the plain layout,
whose columns all stand in the lines). A table of the plain layout that is not packed is for the library alone, and so is a
body that is not a JSON object, as `#[s3(data)]`, `#[s3(text)]` and `#[s3(bytes)]` can make it.

A timestamp is text to every engine, in the order of time. `ordered` on signed integers, and column names that would have to be
escaped or begin with `_` or `.`, do not compile in the hive layout. Trino and Athena are not run: what `ddl` prints for them
follows their documentation.

Engines: {engines}.
"""


def main():
    manifest, folder, result, *options = sys.argv[1:]
    folder = pathlib.Path(folder)
    tables = [Table(described) for described in json.load(open(manifest, encoding="utf-8"))]
    started = time.monotonic()
    engines = [engine() for engine in ENGINES]
    versions = ", ".join(
        f"{engine.name} {version(engine.name.lower())}" for engine in engines if engine.name != "Spark SQL"
    )
    head = HEAD.format(engines=versions).rstrip()
    named = lambda name: [table for table in tables if table.name == name]
    apart = ["fields", "nine"]
    texts = [table for table in tables if table.name.endswith("texts")]
    typed = [table for table in tables if table not in texts and table.name not in apart]
    type_lines, wrong_types = types_table(typed, engines)
    text_lines, wrong_texts = texts_table(texts, engines)
    field_lines, wrong_fields = fields_table(named("fields")[0], engines)
    pruning_lines, wrong_rows = pruning_table(named("nine"), folder, engines)
    control(tables, folder, engines)
    document = "\n".join(
        [head, "", "## Key columns", "", "A cell is the type that the engine reads every value as, in the path and in lines; two, if it is another in some form of",
         "table.", "", *type_lines, "",
         "## Fields of the body", "", *field_lines, "",
         "## Files that are read", "", "By a query for one of nine partitions.", "", *pruning_lines, "",
         "## Texts", "", f"{len(text_lines) - 2} texts, and which engines read them back.", "", *text_lines, ""]
    )
    failures = wrong_types + wrong_texts + wrong_fields + wrong_rows
    for engine, what, got in failures:
        print(f"{engine}: {what}: {got}")
    print(f"{len(tables)} tables, {len(type_lines) - 2} types and {len(text_lines) - 2} texts by"
          f" {len(engines)} engines in {time.monotonic() - started:.0f}s, {len(failures)} differ")
    if "--write" in options:
        open(result, "w", encoding="utf-8").write(document)
        return
    if open(result, encoding="utf-8").read() != document:
        sys.exit(f"{result} says otherwise: see the difference by `bash .ci/engines --write` and `git diff`")


main()
