"""AWS DMS files in CSV -> records with op, cells by name and commit stamp.

Full loads are LOAD<hex>.csv (also SEGMENT<n>_LOAD<hex>.csv, and in folders of partitions), all else is taken
for changes: <timestamp>.csv. The path must be the table's own folder: awsdms_* control tables, and the error
prefix of whatever ships the files, lie elsewhere. `CDC_TXN-*` files (PreserveTransactions) hold all tables at
once and are not served: their rows are refused by their number of fields.
"""

from functools import partial

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.dialects import csv_text
from jobs.dialects.base import Dialect
from jobs.dialects.envelopes import garbled
from jobs.dialects.instants import instant
from jobs.dialects.once import computed
from jobs.settings import Source
from jobs.settings.record import roots
from jobs.storage.load_files import is_load_file

_OPS = ("I", "U", "D")


def of(source: Source) -> Dialect:
    """The dialect; load files may have an Op column or none, changes have it first."""
    return Dialect(
        name="dms",
        framing=partial(csv_text.framing, delimiter=source.delimiter, has_header=source.fields is None),
        lines=csv_text.lines(source.delimiter, has_header=source.fields is None),
        parsed=partial(parsed, source=source),
        kind=kind,
        nested=False,
        roots=roots(source),
    )


def kind(path: str) -> str:
    """'load' or 'change', by the name of the file."""
    return "load" if is_load_file(path) else "change"


def parsed(records: DataFrame, source: Source) -> DataFrame:
    """Records with the columns of every dialect (see Dialect); `content` is the record as it stood (R4).

    A cell that is the null token, unquoted, is null; one that is the unsaid token has no entry in `body`.
    """
    split = records.withColumns(
        {
            "_cells": csv_text.cells(F.col("record"), source.delimiter),
            "_names": _names(source),
            "_op_said": _op_said(source),
        }
    )
    counted = split.withColumns({"_found": F.size("_cells"), "_expected": _expected()})
    read = counted.withColumns({"_body": F.when(_fits() & _distinct(), _body(source)), "_op": _op()})
    told = {
        "body": F.col("_body"),
        "event_id": F.lit(None).cast("string"),
        "origin": F.lit(""),
        "type": F.lit(None).cast("string"),
        "cdc_op": F.when(F.col("_op").isin(*_OPS), F.col("_op")),
        "occurred_at": _occurred_at(source),
        "content": F.col("record"),
        "reasons": _reasons(records, source),
    }
    known = read.drop(*(name for name in told if name in records.columns))
    return computed(known, told).drop("_cells", "_names", "_op_said", "_found", "_expected", "_body", "_op")


def _names(source: Source) -> Column:
    """The names of the cells after Op; without `fields` those of the header."""
    if source.fields is not None:
        return F.array(*[F.lit(name) for name in source.fields])
    header = csv_text.cells(F.col("header"), source.delimiter)
    names = F.transform(header, csv_text.unquoted)
    return F.when(_op_heads(names), F.slice(names, 2, F.size(names))).otherwise(names)


def _op_said(source: Source) -> Column:
    """Whether the row begins with Op: told by the header, else by the number of cells of a load row."""
    if source.fields is None:
        return _op_heads(csv_text.cells(F.col("header"), source.delimiter))
    bare = F.size(csv_text.cells(F.col("record"), source.delimiter)) == len(source.fields)
    return ~((F.col("kind") == "load") & bare)


def _op_heads(header: Column) -> Column:
    return F.coalesce(F.lower(csv_text.unquoted(header[0])) == "op", F.lit(False))


def _expected() -> Column:
    return F.size("_names") + F.col("_op_said").cast("int")


def _distinct() -> Column:
    return F.size(F.array_distinct("_names")) == F.size("_names")


def _body(source: Source) -> Column:
    """Name -> value of the cells after Op, in file order."""
    shift = F.when(F.col("_op_said"), 2).otherwise(1)
    entries = F.arrays_zip(F.col("_names"), F.slice(F.col("_cells"), shift, F.size("_names")).alias("cell"))
    if source.unsaid_token is not None:
        entries = F.filter(entries, lambda entry: entry["cell"] != source.unsaid_token)
    values = F.transform(
        entries,
        lambda entry: F.struct(entry["_names"], csv_text.value(entry["cell"], source.null_token)),
    )
    return F.map_from_entries(values)


def _op() -> Column:
    first = F.upper(F.trim(F.col("_cells")[0]))
    return F.when(F.col("_op_said") & _fits(), first).when(_fits(), F.lit("I"))


def _fits() -> Column:
    return F.col("_found") == F.col("_expected")


def _occurred_at(source: Source) -> Column:
    if source.timestamp_column is None:
        return F.col("modified_at")
    return instant(F.col("_body")[source.timestamp_column], source.commit_timezone)


def _reasons(records: DataFrame, source: Source) -> Column:
    is_load, op = F.col("kind") == "load", F.col("_op")
    found = F.concat(F.lit("expected "), F.col("_expected"), F.lit(" fields, found "), F.col("_found"))
    strange = F.concat(F.lit("Op is "), F.substring(op, 1, 40))
    nameless = ~is_load & ~F.col("_op_said")
    return F.array_compact(
        F.array(
            garbled(records),
            F.when(F.exists("_cells", csv_text.broken), "a quoted field is not closed"),
            F.when(~_distinct(), "a name stands twice in the header"),
            F.when(nameless, "no Op column").when(~_fits(), found),
            F.when(~op.isin(*_OPS), strange).when(
                is_load & (op != "I"), F.concat(strange, F.lit(" in a full load"))
            ),
            _stampless(source),
        )
    )


def _stampless(source: Source) -> Column:
    name = source.timestamp_column
    if name is None:
        return F.lit(None).cast("string")
    text = F.col("_body")[name]
    wrong = F.concat(F.lit(f"timestamp column {name} is no timestamp: "), F.substring(text, 1, 40))
    told = F.when(text.isNull(), F.lit(f"timestamp column {name} is empty")).otherwise(wrong)
    return F.when(F.col("_body").isNotNull() & _occurred_at(source).isNull(), told)
