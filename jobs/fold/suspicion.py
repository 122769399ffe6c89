"""States, with conflicts or rejected records of their keys -> which concern the key still (R7)."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.spark.columns import same


def concerned(states: DataFrame, concerns: DataFrame, key: Sequence[str], name: str) -> DataFrame:
    """Add a flag: some concern of the key is not settled by a later delete or full image.

    Columns in: states with the key and `_settled_position`; concerns with the key and `position` (null:
    it cannot be placed, and nothing settles it). Out: the states with the boolean column `name`.
    """
    worst = concerns.groupBy(*key).agg(
        F.max("position").alias("_worst"), F.bool_or(F.col("position").isNull()).alias("_unplaced")
    )
    joined = states.alias("s").join(worst.alias("c"), on=same("s", "c", key), how="left")
    others = [F.col(f"s.`{c}`") for c in states.columns if c != name]
    return joined.select(*others, _stands().alias(name))


def _stands() -> Column:
    settled = F.col("s._settled_position")
    stands = F.col("c._worst").isNotNull() & (settled.isNull() | (settled <= F.col("c._worst")))
    return stands | F.coalesce(F.col("c._unplaced"), F.lit(False))


def not_truncated(concerns: DataFrame, changes: DataFrame) -> DataFrame:
    """Return the concerns that no truncate among the changes stands above: one settles every key (R7, R9)."""
    last = changes.where("op = 'truncate'").agg(F.max("position").alias("_last"))
    joined = concerns.crossJoin(F.broadcast(last))
    unplaced = F.col("position").isNull() | F.col("_last").isNull()
    return joined.where(unplaced | (F.col("position") >= F.col("_last"))).drop("_last")


def suspects(conflicts: DataFrame, leg: str, key: Sequence[str]) -> DataFrame:
    """Return the keys that a leg's conflicts name: the key, and the position from which they concern it."""
    named = conflicts.where(F.col("leg") == leg).select(F.explode("keys").alias("named"))
    return named.select(*(F.col(f"named.`{c}`").alias(c) for c in key), "named.position")
