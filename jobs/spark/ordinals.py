"""A text that gives an order -> a text that sorts as its value does: number, instant or plain text (R5)."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.spark.columns import let

# Of the integer part of a number, and of the count of those digits where they are more.
_DIGITS, _LENGTHS, _LONGER = 39, 10, ":"
# Possessive groups: a text of a million digits and a letter is no number after one pass.
_MANTISSA = r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)"
_PLAIN, _SCIENTIFIC = rf"^{_MANTISSA}$", rf"^{_MANTISSA}[eE][+-]?\d++$"
_FAR = rf"^(?=[+-]?[0.]*+[1-9]){_MANTISSA}[eE][+-]?0*+[1-9]\d{{3,}}$"
# A stamp after 1970 in any zone, to the microsecond.
_USUAL_STAMP = r"^(?:197[1-9]|19[89]\d|2\d{3})-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)?$"
# A stamp: up to the microseconds, the digits below them, its zone.
_FINER = r"^([^.]*\.[0-9]{6})([0-9]+)(.*)$"


def ordinal(text: Column) -> Column:
    """Return a text that sorts as the value does (R5): as a number, an instant, or text as it stands.

    Numbers sort by value to their last digit, `1`, `1.0` and `1e0` alike; RFC 3339 stamps (without a zone:
    UTC) by instant, with as many digits of the second as there are. Numbers stand before instants before
    texts, so that even a field that changes its kind gives a total order. Null gives null, and so does what
    `is_beyond_order`.
    """
    counter = F.concat(F.lit("n0"), F.lpad(text, _DIGITS, "0"))
    micros = F.unix_micros(text.try_cast("timestamp")).cast("string")
    stamp = F.concat(F.lit("t0"), F.lpad(micros, _DIGITS, "0"))
    # The usual ones first: the way for all of them is one that Spark interprets.
    usual = (F.when(text.rlike(r"^[0-9]{1,38}$"), counter), F.when(text.rlike(_USUAL_STAMP), stamp))
    return F.coalesce(*usual, let(F.trim(text), _ordinal))


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
