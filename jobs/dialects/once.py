"""Costly columns -> the same, computed once for each row whatever is asked of them later."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def computed(frame: DataFrame, columns: Mapping[str, Column], apart: bool = False) -> DataFrame:
    """The frame with the columns, in a step that no filter is moved below and no projection merged with.

    Spark pushes a filter down through projections by writing out what its columns stand for, at each place
    anew: one condition on what was parsed became sixty parses a row. It does so with nothing that might give
    another value the next time, and a partition's number it takes for such.

    `apart`: the steps before are compiled without those from here on. Spark makes one method of all of them,
    and none where it grows too large: then each row is copied from step to step, of what is read most too.
    """
    is_here = F.spark_partition_id() >= 0
    if apart:
        is_here = is_here & _never().isNull()
    return frame.withColumns({name: F.when(is_here, column) for name, column in columns.items()})


def _never() -> Column:
    """Null, found in a way for which Spark has no code to compile; there a method ends."""
    nothing = F.when(F.spark_partition_id() < 0, F.array(F.lit(0)))
    return F.transform(nothing, lambda each: each)
