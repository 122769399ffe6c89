"""Rows of DMS's CSV files -> op, cells by name and commit stamp."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import csv_text
from jobs.dialects.dms import tables
from jobs.dialects.dms.operations import AT, OPS, STAMP, columns, occurred_at, op_faults, stamp_fault
from jobs.dialects.dms.tables import TABLE
from jobs.dialects.instants import instant
from jobs.dialects.once import computed
from jobs.dialects.paths import Leaf
from jobs.dialects.reasons import garbled, reasons
from jobs.settings import Source

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
    plain = records.drop("sound", "reasons")
    read = _taken_apart(_looked_at(plain, source), source, F.col(_SEEN).isNull())
    usual = F.col(_SEEN).isNotNull()
    if source.timestamp_column is not None:
        read = computed(read, {STAMP: F.when(~usual, _stamp(source))})
    read = computed(read, {AT: occurred_at(source)})
    verdict = {
        "sound": usual | (_fits(source) & _distinct(source)),
        "reasons": F.when(usual, reasons(garbled(records))).otherwise(_reasons(records, source)),
    }
    return computed(read, verdict).drop(_SEEN, STAMP, AT, *_PARTS)


def _looked_at(records: DataFrame, source: Source) -> DataFrame:
    """Records with `_seen`, set where one pattern tells that a row is sound, as of nearly all; else null.

    Such a row has an op, as many cells as there are fields, all of them closed, and a commit stamp.
    """
    if source.fields is None or source.tables:
        return records.withColumn(_SEEN, F.lit(None).cast("string"))
    names, stamp = source.fields, source.timestamp_column
    row = csv_text.row_of(len(names), source.delimiter, names.index(stamp) if stamp in names else None)
    begin = rf"\A[{''.join(OPS)}]{csv_text.pattern_of(source.delimiter)}"
    seen = computed(records, {_SEEN: F.regexp_extract("record", rf"{begin}{row}\z", 1)})
    fits = F.col(_SEEN) != ""
    timely = instant(F.col(_SEEN), source.commit_timezone).isNotNull() if stamp else F.lit(True)
    is_insert = (F.col("kind") != "load") | F.col("record").startswith("I")
    return computed(seen, {_SEEN: F.when(fits & timely & is_insert, F.col(_SEEN))})


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
    read = computed(records.drop(*_PARTS), parts)
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
    first = F.upper(F.trim(F.col("_cells")[0]))
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
