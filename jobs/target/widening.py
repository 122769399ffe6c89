"""The types that one column has in several files -> the one that holds all their values exactly."""

from collections.abc import Sequence

from pyspark.sql import Column

from jobs.parquet.footers import Leaf, Nested, Node
from jobs.parquet.types import NANOSECONDS, NOTHING
from jobs.spark.column_types import Kind, kind_of

_INTEGERS = ("tinyint", "smallint", "int", "bigint")
_STAMPS = ("date", "timestamp_ntz", "timestamp", NANOSECONDS)
_EXACT_IN_DOUBLE = ("tinyint", "smallint", "int", "float", "double")
_MOST_DIGITS = 38


def common(types: Sequence[str]) -> str | None:
    """The narrowest type that holds every value of the types; None where there is none."""
    narrowest: str | None = NOTHING
    for each in types:
        narrowest = None if narrowest is None else _both(narrowest, each)
    return narrowest


def widened(column: Column, from_type: str, to: str) -> Column:
    """The value in the common type."""
    return column if from_type == to else column.cast("string" if to == NANOSECONDS else to)


def merged(nodes: Sequence[Node]) -> Node | None:
    """The nested type with the fields of all; None where one field has several types."""
    nested: Node | None = nodes[0]
    for each in nodes[1:]:
        nested = None if nested is None else _together(nested, each)
    return nested


def _both(left: str, right: str) -> str | None:
    if NOTHING in (left, right) or left == right:
        return right if left == NOTHING else left
    if left in _STAMPS and right in _STAMPS:
        # A wall-clock time is read in UTC, so that an instant holds it; a day is its midnight.
        return max(left, right, key=_STAMPS.index)
    if left in _EXACT_IN_DOUBLE and right in _EXACT_IN_DOUBLE and {"float", "double"} & {left, right}:
        return "double"
    if left in _INTEGERS and right in _INTEGERS:
        return max(left, right, key=_INTEGERS.index)
    numbers = [kind_of(each) for each in (left, right) if each in _INTEGERS or each.startswith("decimal")]
    return _decimal(*numbers) if len(numbers) == 2 else None


def _decimal(left: Kind, right: Kind) -> str | None:
    scale = max(left.scale, right.scale)
    precision = max(left.precision - left.scale, right.precision - right.scale) + scale
    return f"decimal({precision},{scale})" if precision <= _MOST_DIGITS else None


def _together(left: Node, right: Node) -> Node | None:
    if isinstance(left, Leaf) or isinstance(right, Leaf) or left.kind != right.kind:
        return left if left == right else None
    parts = dict(left.parts)
    for name, part in right.parts:
        both = _together(parts[name], part) if name in parts else part
        if both is None:
            return None
        parts[name] = both
    return Nested(left.kind, tuple(parts.items()))
