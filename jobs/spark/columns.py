"""Column -> Column helpers that every stage shares: keys and rows as JSON, ids, positions."""

from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

_ID_LENGTH = 32
_NESTED = (T.StructType, T.ArrayType, T.MapType)
# Of the integer part of a number, and of the count of those digits where they are more.
_DIGITS, _LENGTHS, _LONGER = 39, 10, ":"
# Possessive groups: a text of a million digits and a letter is no number after one pass.
_MANTISSA = r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)"
_PLAIN, _SCIENTIFIC = rf"^{_MANTISSA}$", rf"^{_MANTISSA}[eE][+-]?\d++$"
_FAR = rf"^(?=[+-]?[0.]*+[1-9]){_MANTISSA}[eE][+-]?0*+[1-9]\d{{3,}}$"
# A stamp: up to the microseconds, the digits below them, its zone.
_FINER = r"^([^.]*\.[0-9]{6})([0-9]+)(.*)$"
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


def ordinal(text: Column) -> Column:
    """Return a text that sorts as the value does (R5): as a number, an instant, or text as it stands.

    Numbers sort by value to their last digit, `1`, `1.0` and `1e0` alike; RFC 3339 stamps (without a zone:
    UTC) by instant, with as many digits of the second as there are. Numbers stand before instants before
    texts, so that even a field that changes its kind gives a total order. Null gives null, and so does what
    `is_beyond_order`.
    """
    counter = F.concat(F.lit("n0"), F.lpad(text, _DIGITS, "0"))
    return F.when(text.rlike(r"^[0-9]{1,38}$"), counter).otherwise(let(F.trim(text), _ordinal))


def is_beyond_order(text: Column) -> Column:
    """Return whether a text is a number with an exponent of more than three digits.

    Written out it could fill the memory, and any other form of it would tie with others.
    """
    return F.trim(text).rlike(_FAR)


def _ordinal(text: Column) -> Column:
    # The stamp that Spark can hold begins at or before the one that is written, also before 1970.
    in_micros = F.regexp_replace(text, _FINER, "$1$3")
    instant = F.when(text.rlike(r"^\d{4}-\d{2}-\d{2}"), in_micros.try_cast("timestamp"))
    micros = F.unix_micros(instant).cast("string")
    finer = F.rtrim(F.regexp_extract(text, _FINER, 2), F.lit("0"))
    return (
        F.when(text.rlike(_PLAIN), F.concat(F.lit("n"), let(text, _number)))
        .when(text.rlike(_FAR), F.lit(None).cast("string"))
        .when(text.rlike(_SCIENTIFIC), F.concat(F.lit("n"), let(_written_out(text), _number)))
        .when(micros.isNotNull(), F.concat(F.lit("t"), let(micros, _number), _after_point(finer)))
        .otherwise(F.concat(F.lit("x"), text))
    )


def _after_point(digits: Column) -> Column:
    """What follows a number of fixed width, so that it stands before all that have digits."""
    return F.when(digits != "", F.concat(F.lit("."), digits)).otherwise("")


def _written_out(text: Column) -> Column:
    """A number with an exponent as the same without one: its digits, the point moved, zeros filled in."""
    before, after = F.regexp_extract(text, r"^[+-]?(\d*)", 1), F.regexp_extract(text, r"\.(\d*)", 1)
    # Of zero the exponent says nothing, however large it is.
    written = F.regexp_extract(text, r"[eE]([+-]?\d+)$", 1)
    exponent = F.coalesce(F.when(F.translate(F.concat(before, after), "0", "") != "", written), F.lit("0"))
    digits, point = F.concat(before, after), F.length(before) + exponent.cast("int")
    digits = F.concat(F.repeat(F.lit("0"), -point), digits, F.repeat(F.lit("0"), point - F.length(digits)))
    whole = F.substring(digits, F.lit(1), point)
    fraction = F.substring(digits, F.greatest(point, F.lit(0)) + 1, F.length(digits))
    return F.concat(F.regexp_extract(text, r"^(-?)", 1), whole, F.lit("."), fraction)


def _number(text: Column) -> Column:
    """Sign and digits of fixed width, of longer numbers their length first; of a negative one complements."""
    whole = F.ltrim(F.regexp_extract(text, r"^[+-]?(\d*)", 1), F.lit("0"))
    length = F.length(whole)
    # Both signs stand beyond the digits, so that a longer number stands beyond all that fit the width.
    longer = F.concat(F.lit(_LONGER), F.lpad(length.cast("string"), _LENGTHS, "0"), whole)
    fixed_width = F.when(length > _DIGITS, longer).otherwise(F.lpad(whole, _DIGITS, "0"))
    fraction = F.rtrim(F.regexp_extract(text, r"\.(\d*)$", 1), F.lit("0"))
    magnitude = F.concat(fixed_width, _after_point(fraction))
    return let(magnitude, lambda size: _signed(size, text.startswith("-")))


def _signed(magnitude: Column, negative: Column) -> Column:
    # Complement and a closing "~" reverse the order of magnitudes, longer fractions included.
    complement = F.concat(F.translate(magnitude, f"0123456789{_LONGER}", "9876543210/"), F.lit("~"))
    below = negative & (magnitude != "0" * _DIGITS)
    return F.when(below, F.concat(F.lit("-"), complement)).otherwise(F.concat(F.lit("0"), magnitude))


def iso(stamp: str) -> Column:
    """A stamp as text that keeps its microseconds; the session's zone is UTC."""
    return F.date_format(stamp, "yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'")
