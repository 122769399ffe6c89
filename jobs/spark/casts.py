"""Text or a typed value -> the value in its column's type, exact, and whether it does not fit (R1)."""

from collections.abc import Callable

from pyspark.sql import Column
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.spark.column_types import Kind, kind_of

_BLANKS = " \t\r\n"
# Possessive groups: a text of a million digits and a letter is refused in one pass.
_NUMBER = r"^[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?$"
_NO_NUMBER = r"(?i)^(?:[+-]?inf(?:inity)?|nan)$"

_DAY, _ZONE = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?"
_MIDNIGHT = rf"^({_DAY})(?:[Tt ]00:00(?::00(?:\.0+)?)?(?: ?(?:{_ZONE}))?)?$"
# Day, hours and minutes, seconds, what a microsecond can hold of the fraction, zone.
_STAMP = (
    rf"^({_DAY})(?:[Tt ]([0-9]{{2}}:[0-9]{{2}})(?::([0-9]{{2}})(?:\.([0-9]{{1,6}})0*)?)?(?: ?({_ZONE}))?)?$"
)
_CLOCK = rf"^{_DAY}[T ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(?:\.[0-9]{{1,6}})?"
_USUAL_STAMP = rf"{_CLOCK}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})?$"
_WITH_ZONE, _WITHOUT_ZONE = rf"{_CLOCK}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})$", rf"{_CLOCK}$"
_ZONED_STAMP = r"(?:Z|[+-][0-9]{2}(?::[0-9]{2})?)$"


def fit(text: Column, type: str, zone: str = "UTC") -> tuple[Column, Column]:
    """Return (value, misfit) of a text that has to become a value of a column (R1).

    The value is exact or null: nothing is rounded, cut or wrapped, and nothing raises, ANSI or not.
    The misfit flag is never null: true where a text stands that does not fit. Null is null and fits.

    - integers, `decimal(p,s)`: any way of writing a number whose value the type holds: `12`, `+5`, `12.0`,
      `1.2e1`; digits beyond the scale must be zeros.
    - `float`, `double`: the nearest number of the type, as such a column always holds; `NaN`, `Infinity`,
      `-Infinity`; a number beyond the range, or so small that it would become zero, does not fit.
    - `boolean`: `true t yes y 1`, `false f no n 0`, in any case.
    - `string`: the text as it stands; elsewhere blanks around it do not count.
    - `date`: `2026-01-02`, or a stamp at midnight as it is written, whatever its zone.
    - `timestamp`: RFC 3339 or `2026-01-02 03:04:05.678901`, a date alone is its midnight; without a zone it
      is wall-clock time in `zone`, where one that the clock skips does not fit. Digits below microseconds
      must be zeros.
    - `timestamp_ntz`: the same, as wall-clock time; what carries a zone is read on the clock of `zone`.

    Args:
        text: the value as it was written.
        type: a column type as Spark's simple string.
        zone: an IANA name or an offset, `UTC`, `Europe/Paris`, `+02:00`.

    Raises:
        ConfigError: `type` is no column type.
    """
    kind = kind_of(type)
    value = _reader(kind, zone)(text)
    return value, text.isNotNull() & value.isNull()


def fit_typed(column: Column, from_type: T.DataType, type: str, zone: str = "UTC") -> tuple[Column, Column]:
    """Return (value, misfit) of a column that is typed already (Parquet, JDBC, SQL), as `fit` does.

    Where the type alone makes it lossless it is a cast. Else the value decides: a double 0.30000000000000004
    does not fit decimal(12,2), nor 12.5 an int, nor a stamp off midnight (in `zone`) a date. Booleans are the
    numbers 1 and 0, and back. Arrays, structs and maps never fit.

    Raises:
        ConfigError: `type` is no column type.
    """
    kind = kind_of(type)
    if isinstance(from_type, T.StringType):
        return fit(column, type, zone)
    value = _converted(column, from_type, kind, zone)
    return value, column.isNotNull() & value.isNull()


def _reader(kind: Kind, zone: str) -> Callable[[Column], Column]:
    """How a text is read; a text that does not fit gives null."""
    readers: dict[str, Callable[[Column], Column]] = {
        "integer": lambda text: _exact_number(text, kind),
        "decimal": lambda text: _exact_number(text, kind),
        "floating": lambda text: _floating(text, kind),
        "boolean": lambda text: text.try_cast("boolean"),
        "text": lambda text: text,
        "date": lambda text: F.regexp_extract(_trimmed(text), _MIDNIGHT, 1).try_cast("date"),
        "timestamp": lambda text: F.coalesce(usual_instant(text, zone), _instant(_stamp(text), zone)),
        "timestamp_ntz": lambda text: _wall_clock(_stamp(text), zone),
    }
    return readers[kind.family]


def _trimmed(text: Column) -> Column:
    return F.btrim(text, F.lit(_BLANKS))


def _exact_number(text: Column, kind: Kind) -> Column:
    """Most numbers are plain and Spark's own cast is exact for them; the others are taken apart."""
    trimmed = _trimmed(text)
    fraction = rf"(?:\.[0-9]{{0,{kind.scale}}})?" if kind.scale else ""
    is_plain = text.rlike(rf"^[+-]?[0-9]{{1,{kind.precision}}}{fraction}$")
    return F.when(is_plain, text.try_cast(kind.type)).when(trimmed.rlike(_NUMBER), _by_digits(trimmed, kind))


def _by_digits(number: Column, kind: Kind) -> Column:
    """The value as significant digits times a power of ten, which tells whether it fits before any cast."""
    whole = F.regexp_extract(number, r"^[+-]?([0-9]*)", 1)
    fraction = F.regexp_extract(number, r"\.([0-9]*)", 1)
    written = F.regexp_extract(number, r"[eE]([+-]?[0-9]+)$", 1)
    kept = F.rtrim(F.concat(whole, fraction), F.lit("0"))
    digits = F.ltrim(kept, F.lit("0"))
    exponent = F.when(written == "", F.lit(0)).otherwise(written.try_cast("int")).cast("bigint")
    power = exponent + F.length(whole) - F.length(kept)
    fits = (power >= -kind.scale) & (F.length(digits) + power <= kind.precision - kind.scale)
    sign = F.when(number.startswith("-"), F.lit("-")).otherwise(F.lit(""))
    canonical = F.concat(sign, digits, F.lit("e"), power.cast("string"))
    # An integer goes through the decimal of its width, since no cast to an integer reads an exponent.
    exact = canonical.try_cast(f"decimal({kind.precision},{kind.scale})").try_cast(kind.type)
    return F.when(digits == "", F.lit(0).cast(kind.type)).when(fits, exact)


def _floating(text: Column, kind: Kind) -> Column:
    trimmed = _trimmed(text)
    number = trimmed.try_cast(kind.type)
    vanished = (number == 0) & trimmed.rlike(r"^[+-]?[0.]*[1-9]")
    in_range = (F.abs(number) < float("inf")) & ~vanished
    # The patterns keep out what Java reads beside numbers: 12d, 0x1p3.
    return F.when(trimmed.rlike(_NUMBER) & in_range, number).when(trimmed.rlike(_NO_NUMBER), number)


def _stamp(text: Column) -> Column:
    """The stamp in the one form that Spark reads with every kind of zone; null where it is none."""
    trimmed = _trimmed(text)
    day, minute, second, fraction, zone = (F.regexp_extract(trimmed, _STAMP, group) for group in range(1, 6))

    def or_zeros(part: Column, zeros: str) -> Column:
        return F.when(part == "", F.lit(zeros)).otherwise(part)

    written = F.concat(
        day, F.lit(" "), or_zeros(minute, "00:00"), F.lit(":"), or_zeros(second, "00"),
        F.lit("."), or_zeros(fraction, "0"), F.regexp_replace(F.upper(zone), r"^(...)(\d\d)$", "$1:$2"),
    )  # fmt: skip
    return F.when(trimmed.rlike(_USUAL_STAMP), trimmed).when(trimmed.rlike(_STAMP), written)


def usual_instant(text: Column, zone: str) -> Column:
    """The instant of a stamp written as most are, a time of day within it; null of any other text.

    One pattern tells so, where all that a stamp may look like takes several.
    """
    has_zone = text.endswith("Z") | F.substring(text, -6, 1).isin("+", "-")
    zoned = F.when(has_zone, F.when(text.rlike(_WITH_ZONE), text.try_cast("timestamp")))
    return zoned.when(text.rlike(_WITHOUT_ZONE), _in_zone(text, zone))


def _instant(stamp: Column, zone: str) -> Column:
    return F.when(stamp.rlike(_ZONED_STAMP), stamp.try_cast("timestamp")).otherwise(_in_zone(stamp, zone))


def _wall_clock(stamp: Column, zone: str) -> Column:
    zoned = _on_clock(stamp.try_cast("timestamp"), zone)
    return F.when(stamp.rlike(_ZONED_STAMP), zoned).otherwise(stamp.try_cast("timestamp_ntz"))


def _in_zone(stamp: Column, zone: str) -> Column:
    """The instant when the clock of the zone shows the stamp; the earlier of two, null if it never does."""
    if zone.upper() in ("UTC", "Z"):
        return F.concat(stamp, F.lit("Z")).try_cast("timestamp")
    wall_clock = stamp.try_cast("timestamp_ntz")
    instant = F.concat(stamp, F.lit(f" {zone}")).try_cast("timestamp")
    return F.when(_on_clock(instant, zone) == wall_clock, instant)


def _on_clock(instant: Column, zone: str) -> Column:
    """What the clock of the zone shows at the instant, whatever the session's own zone."""
    epoch = F.lit("1970-01-01 00:00:00").cast("timestamp_ntz")
    universal = F.timestamp_add("MICROSECOND", F.unix_micros(instant), epoch)
    return F.convert_timezone(F.lit("UTC"), F.lit(zone), universal)


def _converted(column: Column, from_type: T.DataType, kind: Kind, zone: str) -> Column:
    """The typed value in another type; null where it does not fit."""
    source = from_type.simpleString()
    if source in (kind.type, "void"):
        return column.cast(kind.type)
    if isinstance(from_type, T.NumericType):
        return _from_number(column, from_type, kind, zone)
    if source == "boolean" and (kind.is_exact_number or kind.family == "floating"):
        return column.cast("tinyint").try_cast(kind.type)
    if source in ("date", "timestamp", "timestamp_ntz"):
        return _from_stamp(column, source, kind, zone)
    if isinstance(from_type, T.BinaryType):
        return fit(F.try_validate_utf8(column.cast("string")), kind.type, zone)[0]
    if isinstance(from_type, (T.ArrayType, T.StructType, T.MapType, T.VariantType)):
        return F.lit(None).cast(kind.type)
    return fit(column.cast("string"), kind.type, zone)[0]


def _from_number(column: Column, from_type: T.DataType, kind: Kind, zone: str) -> Column:
    is_floating = isinstance(from_type, T.FractionalType) and not isinstance(from_type, T.DecimalType)
    if kind.family == "boolean":
        return F.when(column == 1, F.lit(True)).when(column == 0, F.lit(False))
    if kind.type == "double" or (kind.family == "floating" and not is_floating):
        return column.cast(kind.type)
    if kind.is_exact_number and not is_floating:
        # Exact numbers are equal if the way there and back changes nothing.
        there = column.try_cast(kind.type)
        return F.when(there.try_cast(from_type) == column, there)
    if kind.family == "text" and isinstance(from_type, T.DecimalType):
        # The plain cast writes 0E-18 or 0.000000000000000000, as ANSI is off or on.
        pattern = "0" + ("." + "0" * from_type.scale if from_type.scale else "")
        return F.call_function("format_number", column, F.lit(pattern))
    return fit(column.cast("string"), kind.type, zone)[0]


def _from_stamp(column: Column, source: str, kind: Kind, zone: str) -> Column:
    wall_clock = _on_clock(column, zone) if source == "timestamp" else column.cast("timestamp_ntz")
    if kind.family == "timestamp":
        return _in_zone(wall_clock.cast("string"), zone)
    if kind.family == "timestamp_ntz":
        return wall_clock
    if kind.family == "date":
        return F.when(wall_clock.cast("date").cast("timestamp_ntz") == wall_clock, wall_clock.cast("date"))
    if kind.family == "text":
        return column.cast("string") if source == "date" else wall_clock.cast("string")
    return F.lit(None).cast(kind.type)
