"""A dotted path -> the exact text that the record has there, and whether it says anything."""

from functools import reduce
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.dialects.numbers import kept, restored
from jobs.settings.record import ITEM, parts

__all__ = ["ITEM", "Leaf", "elements", "lookup", "parts", "with_items"]

_TEXTS = T.MapType(T.StringType(), T.StringType())


class Leaf(NamedTuple):
    """What a record has at a path: `text` (null for null and for absent) and `said` (false when absent)."""

    text: Column
    said: Column


def lookup(path: str, nested: bool = True) -> Leaf:
    """The leaf at a path, over a frame with `record` and `body` (and `item`, for a path that begins so).

    One name is looked up in `body`; a longer path is parsed straight from `record`, one parse for each parent
    object, so that numbers keep their digits (R1). Objects and arrays come as their JSON text. Where records
    are not nested, a path is the name of a field, dots included.
    """
    names = parts(path) if nested else [path]
    if names[0] == ITEM and nested:
        return _of_item(names[1:])
    if len(names) == 1:
        return _entry(F.col("body"), names[0], F.col("body")[names[0]])
    return _nested(kept(F.col("record")), names)


def elements(path: str) -> Column:
    """The elements of the array at a path, over `record`: array<string>, each fit to be `item`.

    Null where the path is absent, null or no array.
    """
    return _parsed(kept(F.col("record")), parts(path), T.ArrayType(T.StringType()))


def with_items(frame: DataFrame, each: str) -> DataFrame:
    """The frame with a row for each element: + item_at int, item string, both null where there is none.

    `item` is for `lookup` alone: its numbers are still protected.
    """
    return frame.select("*", F.posexplode_outer(elements(each)).alias("item_at", ITEM))


def _of_item(names: list[str]) -> Leaf:
    item = F.col(ITEM)
    return _nested(item, names) if names else Leaf(restored(item), F.col("item_at").isNotNull())


def _nested(text: Column, names: list[str]) -> Leaf:
    parent = _parsed(text, names[:-1], _TEXTS)
    return _entry(parent, names[-1], restored(parent[names[-1]]))


def _entry(held: Column, name: str, text: Column) -> Leaf:
    return Leaf(text, F.coalesce(F.map_contains_key(held, name), F.lit(False)))


def _parsed(text: Column, names: list[str], leaf: T.DataType) -> Column:
    if not names:
        return F.from_json(text, leaf)  # type: ignore[arg-type]  # a map is a schema as well as a struct is
    shape = reduce(lambda inner, name: T.StructType([T.StructField(name, inner)]), reversed(names), leaf)
    root = F.from_json(text, shape)  # type: ignore[arg-type]
    return reduce(lambda held, name: held.getField(name), names, root)
