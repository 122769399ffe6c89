"""Changes with the compensations that name them -> the changes that still stand (R11)."""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F


def without_reverted(changes: DataFrame, group: list[str]) -> DataFrame:
    """Take out every change that a standing revert of its key names, wherever it stands.

    Of two reverts the one later in position order may take back the earlier, never the other way round;
    a revert taken back leaves what it named standing. Reverts of a key are few, so they travel as one
    array a key.

    Columns in and out: those of canonical changes.
    """
    key = Window.partitionBy(*group)
    revert = F.struct(
        F.col("position"),
        _name(F.col("origin"), F.col("event_id")).alias("itself"),
        _name(F.col("origin"), F.col("reverts")).alias("names"),
    )
    reverts = F.collect_list(F.when(F.col("reverts").isNotNull(), revert)).over(key)
    dead = F.aggregate(
        F.sort_array(F.col("_reverts"), asc=False),
        F.array().cast("array<string>"),
        lambda gone, one: F.when(F.array_contains(gone, one["itself"]), gone).otherwise(
            F.array_append(gone, one["names"])
        ),
    )
    marked = changes.withColumn("_reverts", reverts)
    itself = _name(F.col("origin"), F.col("event_id"))
    standing = marked.withColumn("_dead", F.when(F.size("_reverts") > 0, dead))
    stands = F.col("_dead").isNull() | ~F.array_contains(F.col("_dead"), itself)
    return standing.where(stands).drop("_reverts", "_dead")


def _name(origin: Column, event_id: Column) -> Column:
    # The length first, so that no origin and id can be read as another pair.
    return F.concat(F.length(origin).cast("string"), F.lit(":"), origin, event_id)
