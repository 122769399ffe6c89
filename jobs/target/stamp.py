"""A snapshot's rows and `target.as_of.column` -> the one instant that all of them speak of."""

from datetime import datetime
from difflib import get_close_matches

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from jobs import clock
from jobs.errors import InputError
from jobs.lake.schema import quoted
from jobs.settings import Target
from jobs.spark.casts import fit_typed
from jobs.target.names import condition, steps

_REMEDY = "write a snapshot of one instant, or say in target.where which rows are ours"


def instant_of(rows: DataFrame, target: Target, uri: str) -> datetime:
    """The instant that stands in the column of every row that is ours (`where`); one row is collected.

    Stamps without a zone are read in `timezone` (else UTC); a day is its midnight.

    In: the rows in the store's own columns; where they lie, for messages.

    Raises:
        InputError: there is no such column, no row, a row without an instant, or rows of several.
    """
    column = _column(rows, target, uri)
    in_scope = rows.where(condition(target.where, rows.columns)) if target.where else rows
    stamps = in_scope.select(column.alias("stamp"))
    at, misfit = fit_typed(F.col("stamp"), stamps.schema["stamp"].dataType, "timestamp", target.timezone)
    [figures] = (
        stamps.select(at.alias("at"), misfit.alias("misfit"), F.col("stamp").cast("string").alias("text"))
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.count_if(F.col("text").isNull()).alias("nulls"),
            F.min(F.when(F.col("misfit"), F.left("text", F.lit(60)))).alias("misfit"),
            F.unix_micros(F.min("at")).alias("first"),
            F.unix_micros(F.max("at")).alias("last"),
        )
        .collect()
    )
    wrong = _wrong(figures)
    if wrong:
        raise InputError(f"The target {uri}: its column {_name(target)} {wrong}; {_REMEDY}.")
    return clock.of_micros(figures["first"])


def _wrong(figures: Row) -> str | None:
    """Why the column names no one instant; None where it does."""
    if not figures["rows"]:
        return "says no instant, for there is no row"
    if figures["nulls"]:
        return f"says no instant in {figures['nulls']} of {figures['rows']} rows (null)"
    if figures["misfit"] is not None:
        return f"holds '{figures['misfit']}', which is no instant"
    if figures["first"] != figures["last"]:
        first, last = (clock.iso(clock.of_micros(figures[name])) for name in ("first", "last"))
        return f"holds several instants, such as {first} and {last}"
    return None


def _column(rows: DataFrame, target: Target, uri: str) -> Column:
    way = steps(_name(target), rows.columns)
    if way is None:
        near = get_close_matches(_name(target), rows.columns, n=1)
        meant = f"; did you mean {near[0]}?" if near else "."
        raise InputError(
            f"The target {uri} has no column {_name(target)} (target.as_of.column){meant} "
            f"Its columns are {', '.join(rows.columns[:20])}."
        )
    return F.col(".".join(quoted(step) for step in way))


def _name(target: Target) -> str:
    assert target.as_of is not None and target.as_of.column is not None
    return target.as_of.column
