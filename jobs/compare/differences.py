"""Two values -> hints at why they differ; a whole row -> the hash that spares comparing equal rows."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare.comparators import exactly
from jobs.compare.distances import MICROS, stamps
from jobs.spark.column_types import Kind, kind_of

HINTS = ("case", "whitespace", "rounding", "whole_hour", "x100", "truncation")

_FARTHEST_ZONES = 26 * MICROS["hour"]
_NUMBER = r"^[+-]?\d+(\.\d*)?$"
# A clock that writes no fraction, or a date: what is cut off to an hour or a minute merely begins alike.
_CUT_TO = ("day", "second", "millisecond")


def why(left: Column, right: Column, type: str) -> Column:
    """Return what the difference of two values looks like: an array of `HINTS`, never null, often empty.

    Hints are for people: numbers are looked at as doubles here. Equal values, and a null, have none.

    - `case`, `whitespace`: text that is equal without regard to it (or to both).
    - `truncation`: text that is the beginning of the other; a stamp without the fraction or the time of day.
      Numbers that begin alike, written in text or not, are two numbers: 1 is no piece of 10.
    - `rounding`: a number or stamp that is the other with fewer digits; nothing is rounded to zero.
    - `whole_hour`: stamps some hours apart, no more than two zones can be, but no whole days.
    - `x100`: a number that is a hundred times the other, as cents are.
    """
    kind = kind_of(type)
    if kind.family == "text":
        hints = _text_hints(left, right)
    elif kind.is_exact_number or kind.family == "floating":
        hints = _number_hints(left, right, kind)
    else:
        hints = _stamp_hints(left, right, kind) if kind.family in ("timestamp", "timestamp_ntz") else {}
    matching = [F.when(hints[hint], F.lit(hint)) for hint in HINTS if hint in hints]
    listed = F.array_compact(F.array(*matching)) if matching else _none()
    comparable = ~exactly(left, right) & left.isNotNull() & right.isNotNull()
    return F.when(comparable, listed).otherwise(_none())


def _none() -> Column:
    return F.array().cast("array<string>")


def _text_hints(left: Column, right: Column) -> dict[str, Column]:
    def packed(column: Column) -> Column:
        return F.regexp_replace(column, r"\s+", "")

    but_case = F.upper(left) == F.upper(right)
    but_space = packed(left) == packed(right)
    but_both = F.upper(packed(left)) == F.upper(packed(right))
    begins = (left.startswith(right) & (right != "")) | (right.startswith(left) & (left != ""))
    return {
        "case": but_both & ~but_space,
        "whitespace": but_both & ~but_case,
        "truncation": begins & ~but_both & ~(left.rlike(_NUMBER) & right.rlike(_NUMBER)),
    }


def _number_hints(left: Column, right: Column, kind: Kind) -> dict[str, Column]:
    one, other = left.cast("double"), right.cast("double")
    hundred = (one != 0) & (_near(one * 100, other) | _near(other * 100, one))
    if kind.family == "integer":
        return {"x100": hundred}
    texts = [_digits(left, kind), _digits(right, kind)]
    fractions = [F.length(F.regexp_extract(text, r"\.(\d*)$", 1)) for text in texts]
    shorter = F.least(*fractions)
    half = F.pow(F.lit(10.0), -shorter) / 2
    near = F.abs(one - other) <= half * (1 + 1e-9)
    rounded = (fractions[0] != fractions[1]) & near & (one != 0) & (other != 0)
    return {"rounding": rounded, "x100": hundred}


def _near(one: Column, other: Column) -> Column:
    finite = F.greatest(F.abs(one), F.abs(other)) < float("inf")
    return finite & (F.abs(one - other) <= F.abs(other) * 1e-15)


def _digits(column: Column, kind: Kind) -> Column:
    """The number without closing zeros; null where it has more digits than a look is worth, or is none."""
    decimal = column if kind.family == "decimal" else column.cast("string").try_cast("decimal(38,18)")
    scale = kind.scale if kind.family == "decimal" else 18
    return F.call_function("format_number", decimal, F.lit("0." + "#" * scale if scale else "0"))


def _stamp_hints(left: Column, right: Column, kind: Kind) -> dict[str, Column]:
    exact = stamps(left, right, kind)
    hour, day = (F.lit(MICROS[unit]).cast("decimal(20,0)") for unit in ("hour", "day"))
    shifted = (exact.distance % hour == 0) & (exact.distance % day != 0) & (exact.distance <= _FARTHEST_ZONES)
    cut, rounded = F.lit(False), F.lit(False)
    for unit, size in MICROS.items():
        down = stamps(left, right, kind, unit)
        half = F.lit(size // 2).cast("decimal(20,0)")
        # What a coarser clock wrote stands on a whole unit; the other lies in the unit behind it, or near it.
        is_left_whole, is_right_whole = down.left == exact.left, down.right == exact.right
        if unit in _CUT_TO:
            cut = cut | ((is_left_whole | is_right_whole) & (down.left == down.right))
        if unit in ("millisecond", "second", "minute"):
            rounded = rounded | ((is_left_whole != is_right_whole) & (exact.distance <= half))
    return {"rounding": rounded & ~cut, "whole_hour": shifted, "truncation": cut}


def row_hash(
    columns: Sequence[tuple[str, str]], salt: int = 0, value: Callable[[str], Column] | None = None
) -> Column:
    """Return a bigint that is the same for two rows of one key that are exactly equal on the columns.

    Columns are (name, type), in any order; their values have these types already. Names and types are part of
    the hash, and beside each value stands whether it is null, so neither a null that moves to the next column
    nor a number that changes its type goes unseen; -0.0 is 0.0, and any NaN is NaN, as in `exactly`.

    What it is good for: the two sides of *one key* are compared, so a difference stays unseen with odds of
    1 in 2**64 for each key that differs: with 10**9 of them a day, one in 50 million years. It is no id:
    among 2**32 rows two equal hashes are to be expected. Nor is it a seal: who writes into the store can make
    two rows of one hash if they want to. Two salts give two hashes that are independent of each other: 128
    bits, or the two sums that the checksum of a segment needs.

    Args:
        columns: the columns that the row is compared on.
        salt: another number, another hash.
        value: where the value of a name is found; a column of the frame, if not given.
    """
    find = value or _by_name
    ordered = sorted(columns)
    written = ",".join(f"{name} {type_}" for name, type_ in ordered)
    # NOTE: xxhash64 begins with a fixed seed and takes its arguments in turn, so the first one is the seed.
    seed = int.from_bytes(hashlib.sha256(f"{salt}:{written}".encode()).digest()[:8], signed=True)
    parts = [part for name, _ in ordered for part in (find(name).isNull(), find(name))]
    return F.xxhash64(F.lit(seed).cast("bigint"), *parts)


def state_hash(types: Mapping[str, str], values: Sequence[str]) -> Column:
    """Return what a state table holds as `_hash`: of a living key's columns `values`, null of a deleted key.

    Over the columns of a state, whose types stand in `types`.
    """
    return F.when(~F.col("_deleted"), row_hash([(c, types[c]) for c in values]))


def _by_name(name: str) -> Column:
    return F.col(f"`{name}`")
