"""A dotted path -> the exact text that a JSON record has there, and whether it says anything."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects.numbers import has_marks, kept, restored
from jobs.dialects.once import computed
from jobs.lake.schema import quoted
from jobs.settings.record import ITEM, parts

__all__ = ["ITEM", "RECORD", "JsonFields", "Leaf", "parts", "with_items"]

# The column that holds the record's own fields; of an object in it the names along the path follow.
RECORD = "$"
_TEXTS = "map<string,string>"


class Leaf(NamedTuple):
    """What a record has at a path: `text` (null for null and for absent) and `said` (false when absent)."""

    text: Column
    is_stated: Column


class JsonFields:
    """Fields of JSON objects at any depth.

    Each object that a path lies in is a column of its own, name -> text, and is parsed once, from the text
    that the object around it has of it: the numbers in all of them are protected, so that they keep their
    digits (R1). Objects and arrays come as their JSON text.
    """

    def opened(self, frame: DataFrame, wanted: Iterable[str]) -> DataFrame:
        """The frame, over [record] (and `item`, for paths that begin so), with the objects of the paths."""
        needed = {tuple(names[:depth]) for names in map(parts, wanted) for depth in _depths(names)}
        missing = sorted(
            (names for names in needed if _object(names) not in frame.columns),
            key=lambda names: (len(names), names),
        )
        for names in missing:
            if not names:
                frame = computed(frame, {_object(names): F.from_json(kept(F.col("record")), _TEXTS)})
            else:
                text = _protected(names)
                columns = {_object(names): F.from_json(text, _TEXTS), _marked(names): has_marks(text)}
                frame = frame.withColumns(columns)
        return frame

    def lookup(self, path: str) -> Leaf:
        """The leaf at a path."""
        names = parts(path)
        if names == [ITEM]:
            return Leaf(restored(F.col(ITEM)), F.col("item_at").isNotNull())
        has = F.map_contains_key(_column(names[:-1]), names[-1])
        return Leaf(_restored(names), F.coalesce(has, F.lit(False)))


def names_at(frame: DataFrame, path: str) -> Column | None:
    """The names that the object at a path has, the record's own at an empty one; None of one not opened."""
    names = parts(path)
    return F.map_keys(_column(names)) if _object(names) in frame.columns else None


def with_items(frame: DataFrame, each: str) -> DataFrame:
    """The frame with a row for each element of an array: + item_at int, item string, both null without any.

    `item` is for `lookup` alone: its numbers are still protected.
    """
    opened = JsonFields().opened(frame, [each])
    elements = F.from_json(_protected(parts(each)), "array<string>")
    return opened.select("*", F.posexplode_outer(elements).alias("item_at", ITEM))


def _depths(names: list[str]) -> range:
    """How many names lead to each object that a path lies in; an item is found without its record."""
    return range(1 if names[0] == ITEM else 0, len(names))


def _protected(names: Sequence[str]) -> Column:
    """The text at a path with its numbers protected, over a frame opened for it."""
    return F.col(ITEM) if list(names) == [ITEM] else _column(names[:-1])[names[-1]]


def _restored(names: Sequence[str]) -> Column:
    """The exact text at a path; of an object without protected numbers it is looked up once."""
    text, around = _protected(names), names[:-1]
    return (
        F.when(F.col(quoted(_marked(around))), restored(text)).otherwise(text) if around else restored(text)
    )


def _column(names: Iterable[str]) -> Column:
    return F.col(quoted(_object(names)))


def _marked(names: Sequence[str]) -> str:
    """The name of the column that tells whether an object below the record's own has protected numbers."""
    return f"{_object(names)} marked"


def _object(names: Iterable[str]) -> str:
    """The name of the column that holds the object at a path: `$` of the record, `$['data']`."""
    return RECORD + "".join(f"[{name!r}]" for name in names)
