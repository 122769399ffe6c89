"""A column's type and its `compare:` settings -> the strategy that says if two values are equal (R21)."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare.distances import numbers, stamps
from jobs.errors import ConfigError
from jobs.spark.column_types import Family, Kind, kind_of

if TYPE_CHECKING:
    from jobs.settings import Compare

Comparator = Callable[[Column, Column], Column]

_NUMBERS, _STAMPS = ("absolute", "relative", "precision"), ("seconds", "precision")
_APPLICABLE: dict[Family, tuple[str, ...]] = {
    "integer": _NUMBERS, "decimal": _NUMBERS, "floating": _NUMBERS,
    "text": ("trim", "ignore_case"), "boolean": (),
    "date": ("seconds",), "timestamp": _STAMPS, "timestamp_ntz": _STAMPS,
}  # fmt: skip
_STAMP_FAMILIES = ("timestamp", "timestamp_ntz")
_SETTINGS = ("absolute", "relative", "seconds", "trim", "ignore_case", "precision")
_BLANKS = " \t\r\n\f\v"


def exactly(left: Column, right: Column) -> Column:
    """Return whether two values of one type are the same: null and NaN equal themselves, -0.0 is 0.0."""
    return left.eqNullSafe(right)


def equal(left: Column, right: Column, type: str, rule: "Compare | None" = None) -> Column:
    """Return whether two values of a column are equal under its settings, never null (R21).

    Null equals null and nothing else, unless an `expression` says otherwise. What is exactly equal is equal,
    before any tolerance; so an infinity equals itself alone, and NaN equals NaN.

    Raises:
        ConfigError: a setting has no meaning for the type.
    """
    return comparator(type, rule)(left, right)


def comparator(type: str, rule: "Compare | None" = None) -> Comparator:
    """Return the strategy for a column: two values of `type` -> whether they are equal (boolean, never null).

    - `absolute`, `relative` (part of the larger magnitude): within either bound, bounds included. Integers
      and decimals are subtracted as decimals. Doubles and floats are granted one unit in their last place,
      since 1.01 - 1.00 is a little more than 0.01 among them.
    - `precision`: numbers rounded half up to so many digits; stamps cut down to `day`, `hour`, `minute`,
      `second` or `millisecond` (of UTC; without a zone, of the wall clock). Tolerances come after it.
    - `seconds`: dates and stamps at most so far apart.
    - `trim`: white space at both ends is not compared; `ignore_case`: neither is case.
    - `expression`: Spark SQL that is applied to each side, the value being called `value`, as in
      `regexp_replace(value, '-', '')`; the two results are compared as text of their own type, null equal to
      null. Where it raises, the two are equal only if they were so without it. It stands alone.
    - `ignore`: always equal.

    Raises:
        ConfigError: a setting has no meaning for the type, or stands beside `expression`.
    """
    kind = kind_of(type)
    if rule is None:
        return exactly
    _refuse_meaningless(rule, kind)
    if rule.ignore:
        return lambda left, right: F.lit(True)
    if rule.expression:
        return _by_expression(rule.expression)
    if kind.family == "text":
        return _text(rule)
    if kind.family == "floating":
        return _floating(kind, rule)
    return _exact_number(kind, rule) if kind.is_exact_number else _stamp(kind, rule)


def _refuse_meaningless(rule: "Compare", kind: Kind) -> None:
    # By identity: a precision of 0 is given, though it equals False.
    given = [name for name in _SETTINGS if not any(getattr(rule, name) is unsaid for unsaid in (None, False))]
    known = () if rule.expression else _APPLICABLE[kind.family]
    wrong = [name for name in given if name not in known]
    where = "beside expression" if rule.expression else f"for a column of type {kind.type}"
    if wrong:
        raise ConfigError(f"compare: {', '.join(wrong)} has no meaning {where}; remove it.")
    if rule.precision is not None and isinstance(rule.precision, int) != (kind.family not in _STAMP_FAMILIES):
        wanted = "a unit such as second" if kind.family in _STAMP_FAMILIES else "a number of digits"
        raise ConfigError(f"compare: precision {rule.precision} {where} has to be {wanted}.")


def _or_exactly(within: Comparator) -> Comparator:
    """Exactly equal, or within a tolerance; where the tolerance is null (a value is) the answer is no."""
    return lambda left, right: F.coalesce(exactly(left, right) | within(left, right), F.lit(False))


def _after(change: Callable[[Column], Column], then: Comparator) -> Comparator:
    return lambda left, right: then(change(left), change(right))


def _by_expression(sql: str) -> Comparator:
    # try_to_binary is null where its argument raises; "0" is a null result, "=..." any other.
    body = f"value -> try_to_binary(coalesce(concat('=', cast(({sql}) as string)), '0'), 'utf-8')"

    def result(column: Column) -> Column:
        return F.call_function("transform", F.array(column), F.expr(body))[0]

    return _or_exactly(lambda left, right: result(left) == result(right))


def _text(rule: "Compare") -> Comparator:
    def change(column: Column) -> Column:
        trimmed = F.btrim(column, F.lit(_BLANKS)) if rule.trim else column
        # Upper case is the one in which ß meets SS and the two small sigmas meet.
        return F.upper(trimmed) if rule.ignore_case else trimmed

    return _after(change, exactly)


def _exact_number(kind: Kind, rule: "Compare") -> Comparator:
    digits = rule.precision
    if isinstance(digits, int) and digits < kind.scale:
        rounded = Kind("", "decimal", kind.precision - kind.scale + digits + 1, digits)
        return _after(lambda column: F.round(column, digits), _exact_tolerance(rounded, rule))
    return _exact_tolerance(kind, rule)


def _exact_tolerance(kind: Kind, rule: "Compare") -> Comparator:
    def within(left: Column, right: Column) -> Column:
        pair = numbers(left, right, kind)
        tests = [pair.within(rule.absolute)] if rule.absolute else []
        tests += [pair.within_part(rule.relative)] if rule.relative else []
        return tests[0] | tests[1] if len(tests) == 2 else tests[0]

    return _or_exactly(within) if rule.absolute or rule.relative else exactly


def _floating(kind: Kind, rule: "Compare") -> Comparator:
    tolerance = _floating_tolerance(kind, rule) if rule.absolute or rule.relative else exactly
    digits = rule.precision
    return _after(lambda column: F.round(column, digits), tolerance) if isinstance(digits, int) else tolerance


def _floating_tolerance(kind: Kind, rule: "Compare") -> Comparator:
    absolute, relative = float(rule.absolute or Decimal(0)), float(rule.relative or Decimal(0))

    def within(left: Column, right: Column) -> Column:
        one, other = left.cast("double"), right.cast("double")
        larger = F.greatest(F.abs(one), F.abs(other))
        bound = F.greatest(F.lit(absolute), larger * relative) + larger * kind.epsilon
        # NaN counts as larger than infinity, so this leaves out both.
        return (larger < float("inf")) & (F.abs(one - other) <= bound)

    return _or_exactly(within)


def _stamp(kind: Kind, rule: "Compare") -> Comparator:
    unit, seconds = rule.precision, rule.seconds
    if not isinstance(unit, str) and not seconds:
        return exactly
    precision = unit if isinstance(unit, str) else None
    return _or_exactly(lambda left, right: stamps(left, right, kind, precision).within(seconds or Decimal(0)))
