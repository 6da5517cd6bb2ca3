"""The Python library s3aads and this one on the same buckets, each checking what the other wrote.

Python writes a table and ours reads it through the derive; ours writes one and Python selects,
queries, counts and copies; ours reads the copies. What a table must hold goes to the Rust program
(tests/src/bin/interop.rs) as lines of JSON, so that neither side decides alone what is right.
Used by .ci/run; by hand: bash .ci/moto bash .ci/python .ci/interop.py
"""

import itertools
import json
import subprocess
import urllib.parse
import uuid

from s3aads import Database, Table

COLUMNS = ["id", "year", "month", "day"]
RUN = uuid.uuid4().hex[:12]


def ours(command, *buckets, rows):
    """Runs the Rust program, which ends with an error where it finds something else than `rows`."""
    print(f"ours: {command} {' '.join(buckets)}", flush=True)
    subprocess.run(
        ["cargo", "run", "--quiet", "--package", "s3aads-tests", "--bin", "interop", "--", command]
        + [f"s3://{bucket}" for bucket in buckets],
        input="".join(json.dumps(row) + "\n" for row in rows),
        text=True,
        check=True,
    )


def expect(what, found, expected):
    if found != expected:
        raise SystemExit(f"python: {what}: found {found!r}, expected {expected!r}")
    print(f"python: {what}", flush=True)


def day_rows(years):
    """Ids that are prefixes of each other, months and days with leading zeros, data of several scripts."""
    data = itertools.cycle([["a", "b"], [], ["Zürich", "東京", "🦀"], ['"quoted"', "back\\slash", "line\nbreak"]])
    return [
        {"id": id, "year": year, "month": month, "day": day, "data": next(data)}
        for id, year, month, day in itertools.product([1, 7, 70, 18446744073709551615], years, [1, 12], [1, 9, 31])
    ]


def segments(row):
    """A row's key columns as they are stored."""
    return {
        "id": str(row["id"]),
        "year": str(row["year"]),
        "month": f"{row['month']:02}",
        "day": f"{row['day']:02}",
    }


def key(row):
    return "/".join(segments(row).values())


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def python_writes(bucket):
    rows = day_rows([2019, 2020, 2021])
    database = Database(bucket)
    database.create()
    table = Table("daily-data", database=database, columns=COLUMNS)
    for row in rows:
        table.insert_string(**segments(row), data=json.dumps(row["data"]))
    # A table beside it whose name begins alike, and objects that are no rows of ours.
    Table("daily-data-old", database=database, columns=COLUMNS).insert(id=9, year=1, month=1, day=1, data=b"[]")
    table.insert_by_key("1/2020/01", b"too short")
    table.insert_by_key("1/2020/1/1", b"not padded")
    ours("read", bucket, rows=rows)


def ours_writes(bucket, copies):
    rows = day_rows([2020, 2024])
    ours("write", bucket, rows=rows)

    expect("list_databases", bucket in Database.list_databases(), True)
    database = Database(bucket)
    # What the library keeps for itself is a folder like any other to the Python library.
    expect("tables", sorted(database.tables), ["_s3aads", "daily-data", "places"])
    table = database.get_table("daily-data")
    expect("get_table", table.name, "daily-data")
    table = Table("daily-data", database=database, columns=COLUMNS)

    expect("keys", sorted(table.keys), sorted(map(key, rows)))
    expect("count", table.count(), len(rows))
    selected = {key(row): table.select_string(**segments(row)) for row in rows}
    expect("select", selected, {key(row): compact(row["data"]) for row in rows})
    expect("select of an absent row", table.select(id="2", year="2020", month="01", day="01"), None)

    def matching(**columns):
        found = map(segments, rows)
        return sorted((row for row in found if columns.items() <= row.items()), key=lambda row: tuple(row.values()))

    def in_order(found):
        return sorted(found, key=lambda row: tuple(row[column] for column in COLUMNS))

    for columns in [{"id": "7", "year": "2020"}, {"id": "1", "year": "2024", "month": "12"}]:
        expect(f"query {columns}", in_order(table.query(**columns)), matching(**columns))
    expect("query_by_key", sorted(table.query_by_key("70/")), sorted(key(r) for r in rows if r["id"] == 70))
    expect("query_by_key by size", len(table.query_by_key("", sort_by="Size")), len(rows))
    expect("objects", in_order(o._asdict() for o in table.objects), matching())
    expect(
        "filter_objects_by_month", in_order(o._asdict() for o in table.filter_objects_by_month("12")), matching(month="12")
    )
    expect(
        "filter_objects_by",
        in_order(o._asdict() for o in table.filter_objects_by(id="70", day="31")),
        matching(id="70", day="31"),
    )
    expect("ids", sorted(table.ids()), sorted({str(row["id"]) for row in rows}))
    expect("years", sorted(table.years()), ["2020", "2024"])
    expect(
        "distinct", sorted(table.distinct(["id", "year"])), sorted({(str(row["id"]), str(row["year"])) for row in rows})
    )
    random = table.random()
    expect("random", json.loads(random.pop("data")) in [row["data"] for row in rows], True)

    places = Table("places", database=database, columns=["city"])
    names = ["São Paulo", "Basel/Bâle", "50%", "", "..", "Nuuk"]
    expect("places", sorted(place_name(segment) for segment in places.keys), sorted(names))
    expect("place", [places.select_by_key(s) for s in places.keys if place_name(s) == "Basel/Bâle"], [b"Basel/B\xc3\xa2le"])

    target = Database(copies)
    target.create()
    copied = Table("daily-data", database=target, columns=COLUMNS)
    some = [row for row in rows if row["month"] == 12]
    for row in some:
        table.copy(key(row)).to(copied, key(row))
    ours("read", copies, rows=some)

    table.delete(**segments(rows[0]))
    ours("read", bucket, rows=rows[1:])
    database.drop_table("daily-data")
    ours("read", bucket, rows=[])


def place_name(segment):
    """The text of a stored segment: percent-encoded, and the empty text as `%_`."""
    return "" if segment == "%_" else urllib.parse.unquote(segment)


python_writes(f"interop-{RUN}-python")
ours_writes(f"interop-{RUN}-ours", f"interop-{RUN}-copies")
