"""The changes of disagreeing keys -> earlier and later states of a leg: is the store stale, or a leg late?"""

from collections.abc import Sequence
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.fold import DatasetSchema, LegSemantics, fold
from jobs.spark.columns import same

# Every prefix is folded again, so a key of n changes costs n * MOMENTS rows; only disagreeing keys get here.
MOMENTS = 500


def earlier_states(changes: DataFrame, shape: DatasetSchema, facts: LegSemantics, at: datetime) -> DataFrame:
    """Return what the keys were before their last change up to T, by time and by position (R19).

    Columns in: canonical changes. Out: the fold's and `_ended_at`, when that state ended; of a key with
    more than MOMENTS changes the newest MOMENTS states of either order.
    """
    changes_by_then = changes.where(F.col("occurred_at") <= F.lit(at))
    by_time = _moments(changes_by_then.select(*shape.key, "occurred_at").distinct(), shape.key, "occurred_at")
    by_position = _moments(
        changes_by_then.select(*shape.key, "occurred_at", "position"), shape.key, "position"
    )
    timed = _prefixes(changes_by_then, by_time, shape.key, "occurred_at")
    placed = _prefixes(changes_by_then, by_position, shape.key, "position")
    return fold(timed.unionByName(placed), shape, facts, by=["_prefix", "_ended_at"])


def later_states(changes: DataFrame, shape: DatasetSchema, facts: LegSemantics, at: datetime) -> DataFrame:
    """Return what the keys become by each change in hand after T (R16 c): the fold's columns, `_after`."""
    order = ("occurred_at", "position")
    earliest = F.row_number().over(Window.partitionBy(*shape.key).orderBy(*order))
    moments = changes.where(F.col("occurred_at") > F.lit(at)).select(*shape.key, *order, earliest.alias("_n"))
    up_to_moment = F.struct(*(F.col(f"c.{c}") for c in order)) <= F.struct(*(F.col(f"m.{c}") for c in order))
    joined = changes.alias("c").join(
        moments.where(F.col("_n") <= MOMENTS).alias("m"), on=same("c", "m", shape.key) & up_to_moment
    )
    return fold(joined.select("c.*", F.col("m._n").alias("_after")), shape, facts, by=["_after"])


def _moments(moments: DataFrame, key: Sequence[str], order: str) -> DataFrame:
    """The instants (or positions) after which another change followed, and when it did."""
    window = Window.partitionBy(*key).orderBy(order)
    newest = F.row_number().over(Window.partitionBy(*key).orderBy(F.col(order).desc()))
    ended = moments.withColumn("_ended_at", F.lead("occurred_at").over(window)).withColumn("_n", newest)
    return ended.where(F.col("_ended_at").isNotNull() & (F.col("_n") <= MOMENTS + 1))


def _prefixes(changes: DataFrame, moments: DataFrame, key: Sequence[str], order: str) -> DataFrame:
    within = F.col(f"c.{order}") <= F.col(f"m.{order}")
    joined = changes.alias("c").join(moments.alias("m"), on=same("c", "m", key) & within)
    return joined.select("c.*", _label(order).alias("_prefix"), F.col("m._ended_at").alias("_ended_at"))


def _label(order: str) -> Column:
    return F.concat(F.lit(f"{order} "), F.col(f"m.{order}").cast("string"))
