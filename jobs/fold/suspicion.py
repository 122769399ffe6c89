"""States, with conflicts or rejected records of their keys -> which of these still count (R7)."""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.spark.columns import same


def flag_unsettled(states: DataFrame, named: DataFrame, key: Sequence[str], name: str) -> DataFrame:
    """Add a flag: a conflict or rejected record of the key is not settled by a later delete or full image.

    Columns in: states with the key and `_settled_position`; `named`, the keys of conflicts or rejected
    records, with `position` (null: it cannot be placed, and nothing settles it). Where `named` has `leaves`,
    rows for which it is true count only for a key that lived (R13a), by the `_lived` of states. Out: the
    states with the column `name`.
    """
    may_leave = "leaves" in named.columns
    leaves = F.col("leaves") if may_leave else F.lit(False)
    worst = named.groupBy(*key).agg(_worst(~leaves).alias("_any"), _worst(leaves).alias("_lived_one"))
    joined = states.alias("s").join(worst.alias("c"), on=same("s", "c", key), how="left")
    others = [F.col(f"s.`{c}`") for c in states.columns if c != name]
    stands = _stands("c._any")
    if may_leave:
        stands = stands | (F.col("s._lived") & _stands("c._lived_one"))
    return joined.select(*others, stands.alias(name))


def _worst(wanted: Column) -> Column:
    """The last position of the rows wanted, and whether one of them cannot be placed."""
    position = F.col("position")
    return F.struct(
        F.max(F.when(wanted, position)).alias("position"),
        F.bool_or(wanted & position.isNull()).alias("unplaced"),
    )


def _stands(worst: str) -> Column:
    position, settled = F.col(f"{worst}.position"), F.col("s._settled_position")
    stands = position.isNotNull() & (settled.isNull() | (settled <= position))
    return stands | F.coalesce(F.col(f"{worst}.unplaced"), F.lit(False))


def not_truncated(named: DataFrame, changes: DataFrame) -> DataFrame:
    """Return the rows that no truncate among the changes stands above: one settles every key (R7, R9)."""
    last = changes.where("op = 'truncate'").agg(F.max("position").alias("_last"))
    joined = named.crossJoin(F.broadcast(last))
    unplaced = F.col("position").isNull() | F.col("_last").isNull()
    return joined.where(unplaced | (F.col("position") >= F.col("_last"))).drop("_last")


def suspects(conflicts: DataFrame, leg: str, key: Sequence[str]) -> DataFrame:
    """Return the keys that a leg's conflicts name: the key, and the position from which they count."""
    named = conflicts.where(F.col("leg") == leg).select(F.explode("keys").alias("named"))
    return named.select(*(F.col(f"named.`{c}`").alias(c) for c in key), "named.position")
