"""Rows, and the columns that identify them -> how many of the rows repeat another.

Nearly always none does, and to show that costs less than to count them.
"""

from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql import types as T

from jobs.lake.schema import quoted
from jobs.spark.collect import collected

_COPIES = "copies"


def copies(asked: Mapping[str, tuple[DataFrame, Sequence[str]]]) -> dict[str, int]:
    """Return how many rows have an identity that another has already; null is equal to null.

    In: by any names, rows and the columns of their identity. One job looks at all of them.
    """
    suspected = collected({name: _suspected(*rows) for name, rows in asked.items()})
    # What differs may have one hash, so that rows which seem to repeat another are looked at as they are.
    again = {name: asked[name] for name, figures in suspected.items() if figures[0][_COPIES]}
    repeated = collected({name: _repeated(rows, *map(_column, by)) for name, (rows, by) in again.items()})
    return {name: repeated[name][0][_COPIES] if name in again else 0 for name in asked}


def _suspected(rows: DataFrame, identity: Sequence[str]) -> DataFrame:
    """How many rows repeat another, or seem to: one row."""
    whole_numbers = [c for c in identity if isinstance(rows.schema[c].dataType, T.IntegralType)]
    others = [_column(c) for c in identity if c not in whole_numbers[-1:]]
    hashed = F.xxhash64(*others) if others else F.lit(0)
    if not whole_numbers:
        return _repeated(rows, hashed)
    return _marked_again(rows, hashed, _column(whole_numbers[-1]).cast("bigint"))


def _repeated(rows: DataFrame, *identity: Column) -> DataFrame:
    by_identity = rows.groupBy(*identity).agg((F.count(F.lit(1)) - 1).alias(_COPIES))
    return _figure(by_identity, F.sum(_COPIES))


def _marked_again(rows: DataFrame, group: Column, number: Column) -> DataFrame:
    """How many rows have a number that another row of their group has; one that is null counts as repeated.

    Each number is a bit of a word. Those that follow one another, as places in a file do, share a word, so
    that there is a group for 64 rows where there would be one for each.
    """
    bit = F.call_function("shiftleft", F.lit(1).cast("bigint"), number.bitwiseAND(63).cast("int"))
    marks = rows.groupBy(group.alias("group"), F.shiftright(number, 6).alias("word")).agg(
        F.count(F.lit(1)).alias("rows"), F.bit_or(bit).alias("bits")
    )
    distinct = F.coalesce(F.sum(F.bit_count("bits")), F.lit(0))
    return _figure(marks, F.sum("rows") - distinct)


def _figure(frame: DataFrame, figure: Column) -> DataFrame:
    return frame.agg(F.coalesce(figure, F.lit(0)).cast("bigint").alias(_COPIES))


def _column(name: str) -> Column:
    return F.col(quoted(name))
