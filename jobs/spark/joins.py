"""Rows and keys, null agreeing with null -> the rows that are among the keys, or those that are not."""

from collections.abc import Callable, Iterable

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from jobs.spark.columns import same

# Fewer keys than so many go to every task rather than be shuffled to the rows.
MANY = 1_000_000


def semi_join(rows: DataFrame, keys: DataFrame, columns: Iterable[str]) -> DataFrame:
    """Return the rows that agree with some row of the other frame on the columns."""
    return rows.alias("l").join(keys.alias("r"), on=same("l", "r", columns), how="left_semi")


def anti_join(rows: DataFrame, keys: DataFrame, columns: Iterable[str]) -> DataFrame:
    """Return the rows that agree with no row of the other frame on the columns."""
    return rows.alias("l").join(keys.alias("r"), on=same("l", "r", columns), how="left_anti")


def batches_with(rows: DataFrame, keys: DataFrame, columns: Iterable[str]) -> set[int]:
    """Return the batches that hold rows among the keys, by a look at those columns alone.

    The files of a batch hold no other's rows, and Delta knows which those are: whole rows are then read of
    these batches only. The rows have a `batch`.
    """
    wanted = list(columns)
    batches = semi_join(rows.select("batch", *wanted), keys, wanted).select("batch").distinct()
    return {row["batch"] for row in batches.collect()}


def broadcast_if_small(keys: DataFrame) -> Callable[[DataFrame], DataFrame]:
    """Tell how these keys, or a part of them, get to the rows: to every task where they are few.

    Counts the keys, so they had better be kept.
    """
    return as_broadcast_if(keys.count())


def as_broadcast_if(count: int) -> Callable[[DataFrame], DataFrame]:
    """Tell how so many keys, or a part of them, get to the rows: as `broadcast_if_small` does."""
    return F.broadcast if count < MANY else lambda part: part
