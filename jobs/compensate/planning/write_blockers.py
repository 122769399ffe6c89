"""What a repair would set -> why it cannot be written as it is: the reasons that begin with `unwritable`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_

from pyspark.sql import Column
from pyspark.sql import functions as F

from jobs.compare import equal
from jobs.compensate.planning.members import present
from jobs.compensate.planning.write_mapping import ColumnWrite, WriteMapping
from jobs.settings import Literal


@dataclass(frozen=True)
class Assigned:
    """Whether a repair sets a column of the store, and to what."""

    given: Column
    value: Column


def blockers(mapping: WriteMapping, assigned: Mapping[str, Assigned]) -> Column:
    """Return the write blockers as an array of short texts without values, in a fixed order.

    Over the columns of `writing`: `_all`, the dataset's columns, `_knows_<column>`, `_misfits`, `_meets`,
    `_dead`.
    """
    named = [
        *_columns(mapping), *_required(mapping), *_store_required(mapping, assigned), *_whose(mapping,
        assigned), *_deletes(mapping), *_others(),
    ]  # fmt: skip
    texts = [F.when(holds, F.lit(text)) for holds, text in named]
    return F.array_distinct(F.concat(present(texts), F.col("_misfits")))


Blocker = tuple[Column, str]


def _columns(mapping: WriteMapping) -> Iterator[Blocker]:
    """Columns that would have to change, or be inserted, and cannot be written to the store."""
    inserts, joins = F.col("_all._inserts"), F.col("_all._joins")
    for way in mapping.ways:
        c, whole_row = way.column, inserts | joins
        if way.blocker is not None and c in mapping.shape.key:
            yield whole_row & F.lit(not way.fixed), way.blocker
        elif way.blocker is not None and not mapping.is_ignored(c):
            yield (whole_row & _would_say(way, mapping)) | (F.col("_all._true") & _changes(c)), way.blocker
        elif not mapping.is_ignored(c):
            for needed in dict.fromkeys(c for needs in way.needs.values() for c in needs):
                blind = F.col(f"_knows_{c}") & ~F.col(f"_knows_{needed}")
                text = f"{c} is written from {needed}, which is not known"
                yield F.col("_all._true") & blind & (whole_row | _changes(c)), text


def _would_say(way: ColumnWrite, mapping: WriteMapping) -> Column:
    """Whether a whole new row would have to set the column; a fixed value may set it already."""
    c, value = way.column, mapping.dataset.target.select[way.column]
    known = F.col(f"_knows_{c}")
    if not isinstance(value, Literal):
        return known
    fixed = F.lit(None if value.value is None else str(value.value)).try_cast(mapping.shape.columns[c])
    return known & ~equal(F.col(f"`{c}`"), fixed, mapping.shape.columns[c])


def _changes(column: str) -> Column:
    return ~F.col("_all._inserts") & F.array_contains("_all._differ", column)


def _required(mapping: WriteMapping) -> Iterator[Blocker]:
    """Columns declared `nullable: false` that would get no value."""
    inserts = F.col("_all._inserts")
    for way in mapping.ways:
        c = way.column
        if mapping.dataset.columns[c].nullable or c in mapping.shape.key or way.fixed:
            continue
        no_value = F.col(f"`{c}`").isNull()
        yield inserts & no_value, f"{c} is required and nobody gives it"
        if not mapping.is_ignored(c):
            must_be_set = F.col("_all._true") & ~inserts & F.col(f"_knows_{c}")
            yield must_be_set & no_value, f"{c} is required and truth says null"


def _store_required(mapping: WriteMapping, assigned: Mapping[str, Assigned]) -> Iterator[Blocker]:
    """Columns of the store that take no null and would get one."""
    inserts = F.col("_all._inserts")
    declared = {
        s
        for way in mapping.ways
        for s in way.sets
        if not mapping.dataset.columns[way.column].nullable and way.column not in mapping.shape.key
    }
    for s in mapping.required:
        if s in declared:
            continue
        if s not in assigned:
            yield inserts, f"{s} is required and nobody gives it"
            continue
        nothing = assigned[s].value.isNull()
        yield inserts & nothing, f"{s} is required and nobody gives it"
        yield ~inserts & assigned[s].given & nothing, f"{s} is required and would be null"


def _whose(mapping: WriteMapping, assigned: Mapping[str, Assigned]) -> Iterator[Blocker]:
    """A row that would not meet the target's `where`."""
    true, inserts = F.col("_all._true"), F.col("_all._inserts")
    given = {s: assigned[s].given if s in assigned else F.lit(False) for s in mapping.asked}
    for s, is_given in given.items():
        yield inserts & ~is_given, f"where reads {s}, which nothing sets"
    complete = reduce(and_, given.values(), F.lit(True))
    yield true & (~inserts | complete) & ~F.col("_meets"), "the row would not meet where"


def _deletes(mapping: WriteMapping) -> Iterator[Blocker]:
    """A row that would count as deleted, or would not."""
    true = F.col("_all._true")
    yield true & F.col("_dead"), "the row would count as deleted"
    if mapping.soft is not None:
        text = "deleted.write does not delete the row" if mapping.soft else "deleted has no write"
        yield ~true & (F.lit(not mapping.soft) | ~F.col("_dead")), text


def _others() -> Iterator[Blocker]:
    """Rows of the key that do not meet `where`, or are deleted softly: no guard could hold beside them."""
    several = (F.col("_all._deleted") > 0) & ~F.col("_all._revives")
    yield several | (F.col("_all._foreign") > 0), "the store holds other rows of the key"
