"""A column of a Parquet file -> the Spark type that it is read as, and the value that comes of it.

What Spark would refuse or cut is read as the plain numbers or bytes that lie there, and becomes text:
nanoseconds as a stamp with all its digits (those below a microsecond make it an invalid value, R1), times of
day, UUIDs. So do milliseconds where the text alone is wanted (`as_text`).
"""

import re
from collections.abc import Callable
from dataclasses import replace

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.parquet.footers import Leaf, Nested, Node
from jobs.spark.columns import let

# Days and stamps are those of today's calendar, also before 1582.
OPTIONS = {"datetimeRebaseMode": "CORRECTED", "int96RebaseMode": "CORRECTED"}
NANOSECONDS = "nanoseconds"  # text that holds a stamp
NOTHING = "void"
_MILLISECONDS, _TEXT_OF_MILLISECONDS = "milliseconds", "milliseconds as text"
# Spark counts microseconds in 64 bits, so that it has fewer milliseconds than a file can say.
_MOST_MILLISECONDS = (2**63 - 1) // 1000
_MOST_DIGITS = 38
_PLAIN = {
    each.simpleString(): each
    for each in (
        T.BooleanType(), T.ByteType(), T.ShortType(), T.IntegerType(), T.LongType(), T.FloatType(),
        T.DoubleType(), T.StringType(), T.BinaryType(), T.DateType(), T.TimestampType(), T.TimestampNTZType(),
    )
}  # fmt: skip
_INT32 = {(8, True): "tinyint", (16, True): "smallint", (32, False): "bigint"}
_PER_SECOND = {"milliseconds": 3, "microseconds": 6, "nanoseconds": 9}


def unreadable(node: Node) -> str | None:
    """What of a column cannot be read, as the file's type of it; None where all can."""
    if isinstance(node, Nested):
        return next((type_ for _, part in node.parts if (type_ := unreadable(part))), None)
    return str(node) if _read_as(node) is None else None


def read_type(node: Node) -> T.DataType:
    """The Spark type to ask Spark's reader for; of a column that can be read."""
    if isinstance(node, Leaf):
        name = _read_as(node) or "binary"
        return _PLAIN[name] if name in _PLAIN else T.DecimalType(*map(int, re.findall(r"\d+", name)))
    inner = [read_type(part) for _, part in node.parts]
    if node.kind == "list":
        return T.ArrayType(inner[0])
    if node.kind == "map":
        return T.MapType(inner[0], inner[1])
    return T.StructType([T.StructField(name, t) for (name, _), t in zip(node.parts, inner, strict=True)])


def as_text(node: Node) -> Node:
    """The column with its stamps of milliseconds read as text: whatever they are, the file is read."""
    if isinstance(node, Nested):
        return replace(node, parts=tuple((name, as_text(part)) for name, part in node.parts))
    is_stamp = node.logical == "Timestamp" and node.unit == _MILLISECONDS
    return replace(node, unit=_TEXT_OF_MILLISECONDS) if is_stamp else node


def value_type(leaf: Leaf) -> str:
    """The type of the value that comes of a leaf: Spark's, `nanoseconds` (text), or `void` (always null)."""
    if leaf.logical == "Timestamp" and leaf.unit in _STAMP_TEXTS:
        return NANOSECONDS
    if leaf.logical == "Null":
        return NOTHING
    return "string" if leaf.logical in ("Time", "UUID") else _read_as(leaf) or "binary"


def value(column: Column, node: Node) -> Column:
    """The value of a column that was read as its `read_type`."""
    if isinstance(node, Leaf):
        return _of_leaf(node)(column)
    if not _is_changed(node):
        return column
    parts = [part for _, part in node.parts]
    if node.kind == "list":
        return F.transform(column, lambda each: value(each, parts[0]))
    if node.kind == "map":
        keyed = F.transform_keys(column, lambda key, _: value(key, parts[0]))
        return F.transform_values(keyed, lambda _, each: value(each, parts[1]))
    fields = [value(column.getField(name), part).alias(name) for name, part in node.parts]
    return F.when(column.isNotNull(), F.struct(*fields))


def _read_as(leaf: Leaf) -> str | None:
    if leaf.logical == "Decimal":
        return f"decimal({leaf.precision},{leaf.scale})" if leaf.precision <= _MOST_DIGITS else None
    by_physical: dict[str, Callable[[Leaf], str | None]] = {
        "BOOLEAN": lambda _: "boolean",
        "FLOAT": lambda _: "float",
        "DOUBLE": lambda _: "double",
        "INT96": lambda _: "timestamp",
        "INT32": _int32,
        "INT64": _int64,
        "BYTE_ARRAY": lambda leaf: _bytes(leaf.logical),
        "FIXED_LEN_BYTE_ARRAY": lambda leaf: "binary" if leaf.logical in ("None", "UUID") else None,
    }
    known = by_physical.get(leaf.physical)
    return None if known is None else known(leaf)


def _int32(leaf: Leaf) -> str | None:
    if leaf.logical == "Date":
        return "date"
    if leaf.logical == "Int":
        return _INT32.get((leaf.bits, leaf.is_signed), "int")
    return "int" if leaf.logical in ("None", "Time", "Null") else None


def _int64(leaf: Leaf) -> str | None:
    if leaf.logical == "Timestamp" and leaf.unit not in _STAMP_TEXTS:
        return "timestamp" if leaf.is_instant else "timestamp_ntz"
    if leaf.logical == "Int" and not leaf.is_signed:
        return "decimal(20,0)"
    return "bigint" if leaf.logical in ("None", "Int", "Time", "Timestamp", "Null") else None


def _bytes(logical: str) -> str | None:
    if logical in ("String", "Enum", "JSON"):
        return "string"
    return "binary" if logical in ("None", "BSON", "Null") else None


def _is_changed(node: Node) -> bool:
    if isinstance(node, Nested):
        return any(_is_changed(part) for _, part in node.parts)
    return value_type(node) != _read_as(node)


def _of_leaf(leaf: Leaf) -> Callable[[Column], Column]:
    if value_type(leaf) == NANOSECONDS:
        return _STAMP_TEXTS[leaf.unit]
    if leaf.logical == "Time":
        return lambda column: _time_of_day(column.cast("bigint"), _PER_SECOND[leaf.unit])
    if leaf.logical == "UUID":
        return _uuid
    return (lambda column: F.lit(None).cast("string")) if leaf.logical == "Null" else lambda column: column


def _of_milliseconds(milliseconds: Column) -> Column:
    """The stamp on the clock of UTC; one that is beyond Spark's stamps as the number that it is."""
    is_stamp = milliseconds.between(-_MOST_MILLISECONDS, _MOST_MILLISECONDS)
    beyond = F.concat(milliseconds.cast("string"), F.lit(" ms since 1970"))
    return F.when(is_stamp, F.timestamp_millis(milliseconds).cast("string")).otherwise(beyond)


def _of_nanoseconds(nanoseconds: Column) -> Column:
    """The stamp on the clock of UTC, with as many digits as it takes."""
    return let(nanoseconds, _stamp_text)


def _stamp_text(nanoseconds: Column) -> Column:
    below = F.pmod(nanoseconds, F.lit(1000))
    # Division cuts towards zero; before 1970 the microsecond that has begun is one less.
    begun = F.when((nanoseconds < 0) & (below != 0), F.lit(-1)).otherwise(F.lit(0))
    micros = F.call_function("div", nanoseconds, F.lit(1000).cast("bigint")) + begun
    epoch = F.lit("1970-01-01 00:00:00").cast("timestamp_ntz")
    text = F.timestamp_add("MICROSECOND", micros, epoch).cast("string")
    fraction = F.lpad(F.pmod(nanoseconds, F.lit(1_000_000_000)).cast("string"), 9, "0")
    finer = F.concat(F.substring(text, 1, 19), F.lit("."), fraction)
    return F.when(below == 0, text).otherwise(finer)


def _time_of_day(units: Column, digits: int) -> Column:
    """`08:00:00`, with a fraction where there is one, as PostgreSQL writes a time."""

    def part(per: int, of: int) -> Column:
        whole = F.call_function("div", units, F.lit(per * 10**digits).cast("bigint"))
        return F.lpad(F.pmod(whole, F.lit(of)).cast("string"), 2, "0")

    fraction = F.lpad(F.pmod(units, F.lit(10**digits)).cast("string"), digits, "0")
    short = F.rtrim(fraction, F.lit("0"))
    clock = F.concat(part(3600, 100), F.lit(":"), part(60, 60), F.lit(":"), part(1, 60))
    return F.when(short == "", clock).otherwise(F.concat(clock, F.lit("."), short))


def _uuid(value: Column) -> Column:
    return F.regexp_replace(F.lower(F.hex(value)), "^(.{8})(.{4})(.{4})(.{4})(.{12})$", "$1-$2-$3-$4-$5")


# What makes a text of the number that a stamp is, by its unit.
_STAMP_TEXTS = {NANOSECONDS: _of_nanoseconds, _TEXT_OF_MILLISECONDS: _of_milliseconds}
