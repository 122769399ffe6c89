"""Costly columns -> the same, computed once for each row whatever is asked of them later."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F


def computed(frame: DataFrame, columns: Mapping[str, Column]) -> DataFrame:
    """The frame with the columns, in a step that no filter is moved below.

    Spark pushes a filter down through projections by writing out what its columns stand for, at each place
    anew: one condition on what was parsed became sixty parses a row. Below a generator it pushes none.
    """
    each = F.struct(*[column.alias(name) for name, column in columns.items()])
    return frame.select("*", F.inline(F.array(each)))
