"""A reader of the stored format, written from the guide's page on it alone (s3aads/src/guide/stored_format.md).

    format.py FOLDER < expected

FOLDER is a database on the local disk, and the standard input what the program `format` (tests/src/bin/format.rs) says is
in it: a line of JSON for each row. Fails if the rows that are read differ. Needs nothing but Python.
"""

import datetime
import gzip
import ipaddress
import json
import pathlib
import re
import sys
import uuid

CONTROLS = set(range(32)) | {127}
PLAIN_ESCAPED = CONTROLS | set(b'/\\{}^%[]"<>~#|*?`') | set(range(128, 256))
HIVE_ESCAPED = CONTROLS | set(b"\"#%'*/:=?\\{[]^")
HIVE_NULLS = ["", "__HIVE_DEFAULT_PARTITION__", "\\N"]
DIGITS = {"u": {8: 3, 16: 5, 32: 10, 64: 20, 128: 39}, "i": {8: 3, 16: 5, 32: 10, 64: 19, 128: 39}}


class Foreign(Exception):
    """An object that is no row."""


def need(condition):
    if not condition:
        raise Foreign


# Segments.


def escape(text, escaped):
    return b"".join(b"%%%02X" % byte if byte in escaped else bytes([byte]) for byte in text.encode()).decode()


def unescape(segment):
    data = re.sub(rb"%([0-9A-F]{2})", lambda digits: bytes([int(digits[1], 16)]), segment.encode())
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Foreign


def plain_segment(text):
    if text in (".", ".."):
        return text.replace(".", "%2E")
    return escape(text, PLAIN_ESCAPED) or "%_"


def read_plain(segment):
    text = "" if segment == "%_" else unescape(segment)
    need(plain_segment(text) == segment)
    return text


def read_hive(segment, column):
    name, equals, escaped = segment.partition("=")
    need(equals and name == column["name"])
    text = unescape(escaped)
    need(text not in HIVE_NULLS and escape(text, HIVE_ESCAPED) == escaped)
    return text


# Values.


def integer(text, kind, bits, encoding):
    low, high = (0, 2**bits - 1) if kind == "u" else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    width = DIGITS[kind][bits]

    def written(value):
        if encoding == "plain":
            return str(value)
        if isinstance(encoding, dict):
            digits = str(abs(value)).rjust(encoding["width"], "0")
            need(len(digits) == encoding["width"])
            return "-" * (value < 0) + digits
        return str(value).rjust(width, "0") if value >= 0 else "-" + str(10**width + value).rjust(width, "0")

    need(re.fullmatch("-?[0-9]+", text))
    value = int(text)
    if encoding in ("ordered", "descending") and text.startswith("-"):
        value = int(text[1:]) - 10**width
    need(low <= value <= high and written(value) == text)
    if encoding == "descending":
        value = high - value if kind == "u" else -1 - value
    return value if bits <= 64 else str(value)


def complement(text, radix):
    digits = "0123456789abcdef"[:radix]
    return text.translate(str.maketrans(digits, digits[::-1]))


def check_time(text, pattern):
    fields = re.fullmatch(pattern, text, re.ASCII)
    need(fields)
    year, month, day, *time = map(int, fields.groups())
    try:
        # Python's calendar begins with the year 1; 400 years later it is the same.
        datetime.datetime(year or 400, month, day, *time)
    except ValueError:
        raise Foreign
    return text


DATE = r"(\d{4})-(\d\d)-(\d\d)"
TIME = r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)\.\d{9}"


def ipv6_text(address):
    """As RFC 5952 writes it, addresses that hold an IPv4 one with dots at their end."""
    mapped = address.ipv4_mapped
    return f"::ffff:{mapped}" if mapped else str(address)


def address(text, version, encoding):
    try:
        if encoding == "ordered" and version == 4:
            need(re.fullmatch(r"\d{3}(\.\d{3}){3}", text, re.ASCII))
            text = ".".join(str(int(part)) for part in text.split("."))
        found = (ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address)(text)
    except ValueError:
        raise Foreign
    if version == 6:
        need(text == (found.exploded if encoding == "ordered" else ipv6_text(found)))
        return ipv6_text(found)
    need(str(found) == text)
    return text


def value(text, column):
    kind, encoding = column["type"], column["encoding"]
    if isinstance(kind, dict):
        need(text in kind["enum"])
        return text
    if number := re.fullmatch(r"([ui])(\d+)", kind):
        return integer(text, number[1], int(number[2]), encoding)
    if kind in ("ipv4", "ipv6"):
        return address(text, int(kind[-1]), encoding)
    if kind == "ip":
        if encoding == "ordered":
            need(text[:2] in ("4-", "6-"))
            return address(text[2:], int(text[0]), encoding)
        return address(text, 6 if ":" in text else 4, encoding)
    if encoding == "descending":
        text = complement(text, 16 if kind == "uuid" else 10)
    match kind:
        case "bool":
            need(text in ("true", "false"))
            return text == "true"
        case "char":
            need(len(text) == 1)
        case "date":
            check_time(text, DATE)
        case "timestamp":
            check_time(text, TIME + "Z")
        case "datetime":
            check_time(text, TIME)
        case "uuid":
            try:
                need(str(uuid.UUID(text)) == text)
            except ValueError:
                raise Foreign
        case "string":
            pass
        case _:
            raise SystemExit(f"the page has no type {kind!r}")
    return text


# Rows.


def body(data, schema):
    match schema["body"]:
        case "object" | "data":
            return json.loads(data)
        case "text":
            return data.decode()
        case "bytes":
            return list(data)
        case "empty":
            if data:
                raise SystemExit(f"an empty body holds {data!r}")
            return None


def pack(segments, data, schema):
    columns, packed = schema["columns"], schema["packed"]
    bound = columns[: -len(packed)]
    if [column["name"] for column in columns[-len(packed) :]] != packed:
        raise SystemExit(f"{schema['table']}: the last columns are not {packed}")
    compressed = schema.get("compress") == "gzip"
    need(len(segments) == len(bound) + 1 and segments.pop() == "rows.ndjson" + ".gz" * compressed)
    if schema["layout"] == "hive":
        texts = [read_hive(segment, column) for segment, column in zip(segments, bound)]
    else:
        texts = [read_plain(segment) for segment in segments]
    key = {column["name"]: value(text, column) for text, column in zip(texts, bound)}
    text = (gzip.decompress(data) if compressed else data).decode()
    for line in text.removeprefix("\ufeff").split("\n"):
        if line.strip():
            yield pack_line(json.loads(line, object_pairs_hook=pairs), key, schema)


def pairs(fields):
    need(len({name for name, _ in fields}) == len(fields))
    return dict(fields)


def pack_line(fields, bound, schema):
    """A line that is no row is an error here: this reader is tried on what the library writes."""
    key = {}
    for column in schema["columns"]:
        name = column["name"]
        bare = re.fullmatch(r"[ui](8|16|32|64)|bool", column["type"]) if isinstance(column["type"], str) else None
        if name in bound and name not in fields:
            key[name] = bound[name]
            continue
        stored = fields.pop(name)
        need(isinstance(stored, str) != bool(bare))
        text = json.dumps(stored) if bare else stored
        key[name] = value(text, {**column, "encoding": "plain"})
        need(schema["layout"] != "hive" or text not in HIVE_NULLS)
        need(name not in bound or key[name] == bound[name])
    need(schema["body"] == "object")
    return {"table": schema["table"], "key": key, "body": fields}


def row(segments, data, schema):
    columns = schema["columns"]
    if schema["layout"] == "hive":
        need(len(segments) == len(columns) + 1 and segments.pop() == "row.json")
        texts = [read_hive(segment, column) for segment, column in zip(segments, columns)]
    else:
        need(len(segments) == len(columns))
        texts = [read_plain(segment) for segment in segments]
    key = {column["name"]: value(text, column) for text, column in zip(texts, columns)}
    return {"table": schema["table"], "key": key, "body": body(data, schema)}


def read(database):
    rows, foreign = [], 0
    for path in sorted((database / "_s3aads/schema").glob("*.json")):
        schema = json.loads(path.read_text())
        if schema["format"] != 1:
            raise SystemExit(f"{path}: format {schema['format']}")
        folder = database / plain_segment(schema["table"])
        if f"{folder.name}.json" != path.name:
            raise SystemExit(f"{path} is the schema of {schema['table']!r}")
        for file in filter(pathlib.Path.is_file, folder.rglob("*")):
            try:
                segments, data = list(file.relative_to(folder).parts), file.read_bytes()
                if "packed" in schema:
                    rows.extend(pack(segments, data, schema))
                else:
                    rows.append(row(segments, data, schema))
            except Foreign:
                foreign += 1
    return rows, foreign


def main():
    database = pathlib.Path(sys.argv[1])
    names = database / "_s3aads/lock/names"
    if names.exists() and names.read_text().strip() != "plain":
        raise SystemExit("the names of files are escaped here, which this reader does not undo")
    order = lambda row: json.dumps(row, sort_keys=True)
    found, foreign = read(database)
    expected = sorted(map(json.loads, sys.stdin), key=order)
    found.sort(key=order)
    missing = [row for row in expected if row not in found]
    unexpected = [row for row in found if row not in expected]
    for name, rows in [("not found", missing), ("not expected", unexpected)]:
        for one in rows:
            print(f"{name}: {order(one)}", file=sys.stderr)
    if missing or unexpected or len(found) != len(expected):
        raise SystemExit(f"{len(found)} rows were read, and {len(expected)} were written")
    print(f"{len(found)} rows of {len({row['table'] for row in found})} tables were read, and {foreign} objects are no rows")


main()
