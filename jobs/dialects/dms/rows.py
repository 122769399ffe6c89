"""Rows of DMS's CSV files -> op, cells by name and commit stamp."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import csv_text
from jobs.dialects.dms import tables
from jobs.dialects.dms.operations import AT, OPS, STAMP, columns, occurred_at, op_faults, stamp_fault
from jobs.dialects.dms.tables import TABLE
from jobs.dialects.once import computed
from jobs.dialects.paths import Leaf
from jobs.dialects.reasons import garbled, reasons
from jobs.settings import Source
from jobs.spark.casts import usual_instant

# What a row is while it is taken apart.
_PARTS = ("_cells", "_names", "_op_said", TABLE)
# What a first look at a row finds.
_SEEN = "_seen"


@dataclass(frozen=True)
class Cells:
    """Fields of rows that are taken apart: a path is the name of a cell, dots included.

    A cell that is the null token, unquoted, is null; one that is the unsaid token says nothing.
    """

    source: Source

    def opened(self, frame: DataFrame, wanted: Iterable[str]) -> DataFrame:
        """The frame as it is: its rows are taken apart when they are parsed."""
        return frame

    def lookup(self, path: str) -> Leaf:
        """The value of the cell of that name."""
        cell = F.try_element_at("_cells", self._at(path))
        unsaid = F.lit(False) if self.source.unsaid_token is None else cell == self.source.unsaid_token
        is_stated = F.coalesce(~unsaid, F.lit(False)) & cell.isNotNull()
        return Leaf(F.when(is_stated, csv_text.value(cell, self.source.null_token)), is_stated)

    def _at(self, name: str) -> Column:
        """Where the cell of that name stands, from 1; null where none has it."""
        if self.source.fields is None:
            return F.nullif(F.array_position("_names", name), F.lit(0)).cast("int")
        if name not in self.source.fields:
            return F.lit(None).cast("int")
        return F.lit(self.source.fields.index(name) + 1) + F.col("_op_said").cast("int")


def judged(records: DataFrame, source: Source) -> DataFrame:
    """Records with `sound` and `reasons` (see Dialect)."""
    usual = F.col(_SEEN)
    looked_at = _looked_at(records.drop("sound", "reasons"), source)
    read = _taken_apart(looked_at, source, ~usual)
    if source.timestamp_column is not None:
        read = computed(read, {STAMP: F.when(~usual, _stamp(source))})
    read = computed(read, {AT: occurred_at(source)})
    verdict = {
        "sound": usual | (_fits(source) & _distinct(source)),
        "reasons": F.when(usual, reasons(garbled(records))).otherwise(_reasons(records, source)),
    }
    return computed(read, verdict).drop(_SEEN, STAMP, AT, *_PARTS)


def _looked_at(records: DataFrame, source: Source) -> DataFrame:
    """Records with `_seen`, whether a cheap look tells that a row is sound, as of nearly all.

    Such a row has an op, as many cells as there are fields, all of them closed, and a usual commit stamp.
    """
    if source.fields is None or source.tables:
        return records.withColumn(_SEEN, F.lit(False))
    row, names, delimiter = F.col("record"), source.fields, source.delimiter
    stamp = source.timestamp_column
    at = names.index(stamp) + 1 if stamp else 0
    has_all = csv_text.has_plain_cells(row, delimiter, len(names) + 1)
    pattern = rf"\A{csv_text.row_of(len(names) + 1, delimiter, at)}\z"
    plain, quoted = csv_text.plain_cell(row, delimiter, at), F.regexp_extract(row, pattern, 1)
    cell = F.when(row.contains('"'), quoted).when(has_all, plain)
    seen = computed(records, {_SEEN: cell})
    timely = usual_instant(F.col(_SEEN), source.commit_timezone).isNotNull() if stamp else F.col(_SEEN) != ""
    begins = [row.startswith(f"{op}{delimiter}") for op in OPS]
    has_op = F.when(F.col("kind") == "load", begins[0]).otherwise(reduce(or_, begins))
    return computed(seen, {_SEEN: F.coalesce(timely & has_op, F.lit(False))})


def parsed(records: DataFrame, source: Source) -> DataFrame:
    """Sound records with the columns of every dialect (see Dialect), and those that `Cells` needs."""
    read = _taken_apart(records, source)
    if source.timestamp_column is not None:
        read = read.withColumn(STAMP, _stamp(source))
    table = F.col(TABLE) if source.tables else None
    return read.withColumns(columns(_op(source), source, table)).drop(STAMP)


def _taken_apart(records: DataFrame, source: Source, wanted: Column | None = None) -> DataFrame:
    cells = csv_text.cells(F.col("record"), source.delimiter)
    parts = {"_cells": cells if wanted is None else F.when(wanted, cells)}
    if source.fields is None and not source.tables:
        parts["_names"] = _names(source)
    read = computed(records.drop(*_PARTS), parts, apart=wanted is not None)
    if source.tables:
        file, each = F.col("file"), F.col("_cells")
        own = {TABLE: tables.of_row(file, each, source), "_cells": tables.cells_of_row(file, each)}
        read = computed(read, own)
    return read.withColumn("_op_said", _op_said(source))


def _names(source: Source) -> Column:
    """The names of the cells, by the header."""
    cells = csv_text.cells(F.col("header"), source.delimiter)
    return F.when(F.contains("header", F.lit('"')), F.transform(cells, csv_text.unquoted)).otherwise(cells)


def _op_said(source: Source) -> Column:
    """Whether the row begins with Op: told by the header, else by the number of cells of a load row."""
    if _has_names(source):
        return F.coalesce(F.lower(F.col("_names")[0]) == "op", F.lit(False))
    is_bare = (F.col("kind") == "load") & (F.size("_cells") == _fields(source))
    return ~F.coalesce(is_bare, F.lit(False))


def _has_names(source: Source) -> bool:
    """Whether the header of a file names its cells."""
    return source.fields is None and not source.tables


def _fields(source: Source) -> Column:
    """How many fields a row has, after Op; null of a table of several that the settings do not name."""
    return F.lit(len(source.fields)) if source.fields else _by_table(source, len)


def _by_table(source: Source, number: Callable[[list[str]], int]) -> Column:
    """What is told of the fields of a row's table."""
    pairs = [F.lit(each) for table, fields in source.tables.items() for each in (table, number(fields))]
    return F.try_element_at(F.create_map(*pairs), F.col(TABLE))


def _expected(source: Source) -> Column:
    if _has_names(source):
        return F.size("_names")
    return _fields(source) + F.col("_op_said").cast("int")


def _distinct(source: Source) -> Column:
    """Whether no name stands twice; of names in the settings these have seen to it."""
    if not _has_names(source):
        return F.lit(True)
    return F.size(F.array_distinct("_names")) == F.size("_names")


def _op(source: Source) -> Column:
    first = F.upper(F.trim(csv_text.unquoted(F.col("_cells")[0])))
    return F.when(F.col("_op_said") & _fits(source), first).when(_fits(source), F.lit("I"))


def _fits(source: Source) -> Column:
    return F.coalesce(F.size("_cells") == _expected(source), F.lit(bool(source.tables)))


def _stamp(source: Source) -> Column:
    """The text of the commit stamp, in the column that all tables have of one name."""
    name = source.timestamp_column or ""
    if source.fields or not source.tables:
        return Cells(source).lookup(name).text
    at = _by_table(source, lambda fields: fields.index(name) + 1) + F.col("_op_said").cast("int")
    return csv_text.value(F.try_element_at("_cells", at), source.null_token)


def _reasons(records: DataFrame, source: Source) -> Column:
    mismatch = F.concat(F.lit("expected "), _expected(source), F.lit(" fields, found "), F.size("_cells"))
    # Without a header the settings name the fields, so that is where a new one is to be named.
    counted = F.concat(mismatch, F.lit(": name them in fields")) if source.fields else mismatch
    nameless = (F.col("kind") != "load") & ~F.col("_op_said")
    is_named = _expected(source).isNotNull()
    return reasons(
        garbled(records),
        F.when(~csv_text.are_closed(F.col("record"), source.delimiter), "a quoted field is not closed"),
        F.when(~_distinct(source), "a name stands twice in the header"),
        F.when(~_fits(source) & ~nameless, counted),
        op_faults(_op(source), F.col("_op_said")),
        F.when(_fits(source) & _distinct(source) & is_named, stamp_fault(source)),
    )
