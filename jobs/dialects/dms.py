"""AWS DMS files in CSV -> records with op, cells by name and commit stamp.

Full loads are LOAD<hex>.csv (also SEGMENT<n>_LOAD<hex>.csv, and in folders of partitions), all else is taken
for changes: <timestamp>.csv. The path must be the table's own folder: awsdms_* control tables, and the error
prefix of whatever ships the files, lie elsewhere. `CDC_TXN-*` files (PreserveTransactions) hold all tables at
once and are not served: their rows are refused by their number of fields.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import csv_text
from jobs.dialects.base import Dialect
from jobs.dialects.instants import instant
from jobs.dialects.once import computed
from jobs.dialects.paths import Leaf
from jobs.dialects.reasons import garbled, reasons
from jobs.settings import Source
from jobs.settings.record import roots
from jobs.storage.load_files import is_load_file

_OPS = ("I", "U", "D")
# What a row is while it is taken apart.
_PARTS = ("_cells", "_names", "_op_said")
# What a first look at a row finds.
_SEEN = "_seen"
# The text of the commit stamp.
_STAMP = "_stamp"
_AT = "_at"


def of(source: Source) -> Dialect:
    """The dialect; load files may have an Op column or none, changes have it first."""
    return Dialect(
        name="dms",
        framing=partial(csv_text.framing, delimiter=source.delimiter, has_header=source.fields is None),
        lines=csv_text.lines(source.delimiter, has_header=source.fields is None),
        judged=partial(judged, source=source),
        parsed=partial(parsed, source=source),
        with_content=lambda changes: changes.withColumn("content", F.sha2("record", 256)),
        kind=kind,
        fields=Cells(source),
        nested=False,
        roots=roots(source),
    )


def kind(path: str) -> str:
    """'load' or 'change', by the name of the file."""
    return "load" if is_load_file(path) else "change"


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
        said = F.coalesce(~unsaid, F.lit(False)) & cell.isNotNull()
        return Leaf(F.when(said, csv_text.value(cell, self.source.null_token)), said)

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
        stamp = F.when(~usual, Cells(source).lookup(source.timestamp_column).text)
        read = computed(read, {_STAMP: stamp})
    read = computed(read, {_AT: _occurred_at(source)})
    told = {
        "sound": usual | (_fits(source) & _distinct(source)),
        "reasons": F.when(usual, reasons(garbled(records))).otherwise(_reasons(records, source)),
    }
    return computed(read, told).drop(_SEEN, _STAMP, _AT, *_PARTS)


def _looked_at(records: DataFrame, source: Source) -> DataFrame:
    """Records with `_seen`, set where one pattern tells that a row is sound, as of nearly all; else null.

    Such a row has an op, as many cells as there are fields, all of them closed, and a commit stamp.
    """
    if source.fields is None:
        return records.withColumn(_SEEN, F.lit(None).cast("string"))
    names, stamp = source.fields, source.timestamp_column
    row = csv_text.row_of(len(names), source.delimiter, names.index(stamp) if stamp in names else None)
    begin = rf"\A[{''.join(_OPS)}]{csv_text.pattern_of(source.delimiter)}"
    found = computed(records, {_SEEN: F.regexp_extract("record", rf"{begin}{row}\z", 1)})
    fits = F.col(_SEEN) != ""
    timely = instant(F.col(_SEEN), source.commit_timezone).isNotNull() if stamp else F.lit(True)
    is_insert = (F.col("kind") != "load") | F.col("record").startswith("I")
    return computed(found, {_SEEN: F.when(fits & timely & is_insert, F.col(_SEEN))})


def parsed(records: DataFrame, source: Source) -> DataFrame:
    """Sound records with the columns of every dialect (see Dialect), and those that `Cells` needs."""
    read = _taken_apart(records, source)
    if source.timestamp_column is not None:
        read = read.withColumn(_STAMP, Cells(source).lookup(source.timestamp_column).text)
    told = read.withColumns(
        {
            "event_id": F.lit(None).cast("string"),
            "origin": F.lit(""),
            "type": F.lit(None).cast("string"),
            "cdc_op": F.when(_op(source).isin(*_OPS), _op(source)),
            "occurred_at": _occurred_at(source),
            "tiebreak": F.lit(None).cast("string"),
        }
    )
    return told.drop(_STAMP)


def _taken_apart(records: DataFrame, source: Source, wanted: Column | None = None) -> DataFrame:
    cells = csv_text.cells(F.col("record"), source.delimiter)
    parts = {"_cells": cells if wanted is None else F.when(wanted, cells)}
    if source.fields is None:
        parts["_names"] = _names(source)
    return computed(records.drop(*_PARTS), parts).withColumn("_op_said", _op_said(source))


def _names(source: Source) -> Column:
    """The names of the cells, by the header."""
    cells = csv_text.cells(F.col("header"), source.delimiter)
    return F.when(F.contains("header", F.lit('"')), F.transform(cells, csv_text.unquoted)).otherwise(cells)


def _op_said(source: Source) -> Column:
    """Whether the row begins with Op: told by the header, else by the number of cells of a load row."""
    if source.fields is None:
        return F.coalesce(F.lower(F.col("_names")[0]) == "op", F.lit(False))
    return ~((F.col("kind") == "load") & (F.size("_cells") == len(source.fields)))


def _expected(source: Source) -> Column:
    if source.fields is None:
        return F.size("_names")
    return F.lit(len(source.fields)) + F.col("_op_said").cast("int")


def _distinct(source: Source) -> Column:
    """Whether no name stands twice; of `fields` the settings have seen to it."""
    return F.lit(True) if source.fields else F.size(F.array_distinct("_names")) == F.size("_names")


def _op(source: Source) -> Column:
    first = F.upper(F.trim(F.col("_cells")[0]))
    return F.when(F.col("_op_said") & _fits(source), first).when(_fits(source), F.lit("I"))


def _fits(source: Source) -> Column:
    return F.size("_cells") == _expected(source)


def _occurred_at(source: Source) -> Column:
    if source.timestamp_column is None:
        return F.col("modified_at")
    return instant(F.col(_STAMP), source.commit_timezone)


def _reasons(records: DataFrame, source: Source) -> Column:
    is_load, op = F.col("kind") == "load", _op(source)
    found = F.concat(F.lit("expected "), _expected(source), F.lit(" fields, found "), F.size("_cells"))
    strange = F.concat(F.lit("Op is "), F.substring(op, 1, 40))
    nameless = ~is_load & ~F.col("_op_said")
    return reasons(
        garbled(records),
        F.when(~csv_text.are_closed(F.col("record"), source.delimiter), "a quoted field is not closed"),
        F.when(~_distinct(source), "a name stands twice in the header"),
        F.when(nameless, "no Op column").when(~_fits(source), found),
        F.when(~op.isin(*_OPS), strange).when(
            is_load & (op != "I"), F.concat(strange, F.lit(" in a full load"))
        ),
        _stampless(source),
    )


def _stampless(source: Source) -> Column:
    name = source.timestamp_column
    if name is None:
        return F.lit(None).cast("string")
    text = F.col(_STAMP)
    wrong = F.concat(F.lit(f"timestamp column {name} is no timestamp: "), F.substring(text, 1, 40))
    told = F.when(text.isNull(), F.lit(f"timestamp column {name} is empty")).otherwise(wrong)
    return F.when(_fits(source) & _distinct(source) & F.col(_AT).isNull(), told)
