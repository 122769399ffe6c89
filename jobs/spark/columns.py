"""Column -> Column helpers that every stage shares: keys and rows as JSON, ids."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

_ID_LENGTH = 32
_NESTED = (T.StructType, T.ArrayType, T.MapType)
# To the microsecond and of one width: stamps that differ look different, and sort as text as in time.
_JSON = {
    "ignoreNullFields": "false",
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
    "timeZone": "UTC",
}


def exact_text(column: Column, type_: str) -> Column:
    """Return a value in the form JSON can hold without loss: bigint and decimal become text."""
    return column.cast("string") if type_ == "bigint" or type_.startswith("decimal") else column


def row_json(row: Mapping[str, Column], types: Mapping[str, str]) -> Column:
    """Return named values as one JSON object in the mapping's order, nulls written out."""
    fields = [exact_text(column, types[name]).alias(name) for name, column in row.items()]
    return object_json(*fields)


def object_json(*fields: Column) -> Column:
    """Return columns as one JSON object that loses nothing of stamps, nulls written out."""
    return F.to_json(F.struct(*fields), _JSON)


def key_json(key: Iterable[str], types: Mapping[str, str], prefix: str = "") -> Column:
    """Return the key columns as one JSON object, the form of a key in every table."""
    return row_json({c: F.col(f"{prefix}`{c}`") for c in key}, types)


def as_type(column: Column, type_: T.DataType) -> Column:
    """Return a column cast to a type; a plain one goes by its name, for which PySpark asks Java nothing."""
    return column.cast(type_ if isinstance(type_, _NESTED) else type_.simpleString())


def file_path(uri: Column) -> Column:
    """Return the scheme-free path of a URI as Spark writes it: `bucket/key` or `/absolute/path`, decoded."""
    plain = F.regexp_replace(uri, F.lit(r"^[A-Za-z][A-Za-z0-9+.-]*:(//)?"), F.lit(""))
    # A plus stands for itself in a path; only in a query is it a blank, which is what the function decodes.
    return F.url_decode(F.replace(plain, F.lit("+"), F.lit("%2B")))


def without_mark(text: Column) -> Column:
    """Return a file's text without its byte order mark."""
    return F.when(text.startswith("\ufeff"), F.substring(text, 2, 2**31 - 1)).otherwise(text)


def digest(*parts: Column) -> Column:
    """Return an id of the parts: 128 bits of SHA-256 as hex, null and empty told apart."""
    # Length first, so that no two lists of parts can be written the same way; "-" stands for null.
    written = [
        F.when(part.isNull(), F.lit("-")).otherwise(
            F.concat(F.length(part.cast("string")).cast("string"), F.lit(":"), part.cast("string"))
        )
        for part in parts
    ]
    return F.substring(F.sha2(F.concat(*written), 256), 1, _ID_LENGTH)


def same(left: str, right: str, columns: Iterable[str]) -> Column:
    """Return whether two aliased frames agree on the columns, null agreeing with null."""
    pairs = (F.col(f"{left}.`{c}`").eqNullSafe(F.col(f"{right}.`{c}`")) for c in columns)
    return reduce(and_, pairs)


def let(value: Column, use: Callable[[Column], Column]) -> Column:
    """Return `use` of a value that is computed once, however often `use` names it."""
    return F.transform(F.array(value), use)[0]


def iso(stamp: str) -> Column:
    """A stamp as text that keeps its microseconds; the session's zone is UTC."""
    return F.date_format(stamp, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
