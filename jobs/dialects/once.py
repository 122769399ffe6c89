"""Costly columns -> the same, computed once for each row whatever is asked of them later."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def computed(frame: DataFrame, columns: Mapping[str, Column]) -> DataFrame:
    """The frame with the columns, in a step that no filter is moved below and no projection merged with.

    Spark pushes a filter down through projections by writing out what its columns stand for, at each place
    anew: one condition on what was parsed became sixty parses a row. It does so with nothing that might give
    another value the next time, and a partition's number it takes for such.
    """
    is_here = F.spark_partition_id() >= 0
    return frame.withColumns({name: F.when(is_here, column) for name, column in columns.items()})
