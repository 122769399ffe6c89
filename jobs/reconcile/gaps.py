"""Changes that count up per key -> which numbers are missing, and between which changes (R17)."""

from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema

# This many gaps of a key are listed; the count of missing numbers covers all of them.
LISTED_GAPS = 3
NEIGHBOUR = "struct<sequence: bigint, occurred_at: timestamp, file: string, row_number: bigint>"
GAP = f"struct<first: bigint, last: bigint, after: {NEIGHBOUR}, before: {NEIGHBOUR}>"


def with_gaps(changes: DataFrame, shape: DatasetSchema, at: datetime) -> DataFrame:
    """Add `_gap` to the change before which numbers are missing, and `_gaps`, how many gaps there are so far.

    Between the first and the last number up to T every number has to be in hand: one that happened after T
    is not missing.
    """
    ordered = Window.partitionBy(*shape.key).orderBy(F.col("sequence").asc_nulls_first(), "position")
    every = Window.partitionBy(*shape.key)
    number_by_then = F.when(F.col("occurred_at") <= F.lit(at), F.col("sequence"))
    neighbour = F.struct("sequence", "occurred_at", "file", "row_number").cast(NEIGHBOUR)
    placed = changes.withColumns(
        {
            "_here": neighbour,
            "_below": F.lag(neighbour).over(ordered),
            "_first": F.min(number_by_then).over(every),
            "_last": F.max(number_by_then).over(every),
        }
    )
    below, number = F.col("_below.sequence"), F.col("sequence")
    is_gap = (number - below > 1) & (below >= F.col("_first")) & (number <= F.col("_last"))
    gap = F.struct(
        (below + 1).alias("first"),
        (number - 1).alias("last"),
        F.col("_below").alias("after"),
        F.col("_here").alias("before"),
    )
    with_gap = placed.withColumn("_gap", F.when(is_gap, gap).cast(GAP))
    until_here = ordered.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return with_gap.withColumn("_gaps", F.count("_gap").over(until_here))


def gap_aggregates() -> list[Column]:
    """Return the aggregates of a key: `gap` (is there any), `missing` (how many), `gaps` (the first ones)."""
    numbers = F.col("_gap.last") - F.col("_gap.first") + 1
    return [
        (F.count("_gap") > 0).alias("gap"),
        F.coalesce(F.sum(numbers), F.lit(0)).alias("missing"),
        F.array_sort(F.collect_list(F.when(F.col("_gaps") <= LISTED_GAPS, F.col("_gap")))).alias("gaps"),
    ]
