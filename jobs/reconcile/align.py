"""Each leg's rows as of T -> one row a key with every leg side by side."""

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.fold import Shape
from jobs.stored import MISFITS


def leg_side(states: DataFrame, shape: Shape) -> DataFrame:
    """Fold the states of a leg into the key and one struct `side`.

    Columns in: the fold's, with `_suspect` and `_rejected`. Out: the key, `side` (row, alive, unknown,
    misfits, suspect, rejected, orphan, overflow, lived).
    """
    side = F.struct(
        F.struct(*(F.col(f"`{c}`") for c in shape.values)).alias("row"),
        (~F.col("_deleted")).alias("alive"),
        F.col("_unknown").alias("unknown"),
        F.array().cast(MISFITS).alias("misfits"),
        F.col("_suspect").alias("suspect"),
        F.col("_rejected").alias("rejected"),
        F.col("_orphan").alias("orphan"),
        F.col("_overflow").alias("overflow"),
        F.col("_lived").alias("lived"),
    )
    return states.select(*shape.key, side.alias("side"))


def target_side(rows: DataFrame, shape: Shape) -> DataFrame:
    """Fold the store's rows into the key and one struct `side` of the legs' form.

    Columns in: the dataset's, `_misfits` (of the type MISFITS: stored values that do not fit their column).
    """
    never = F.lit(False)
    side = F.struct(
        F.struct(*(F.col(f"`{c}`") for c in shape.values)).alias("row"),
        F.lit(True).alias("alive"),
        F.array().cast("array<string>").alias("unknown"),
        F.col("_misfits").alias("misfits"),
        *(never.alias(flag) for flag in ("suspect", "rejected", "orphan", "overflow")),
        F.lit(True).alias("lived"),
    )
    return rows.select(*shape.key, side.alias("side"))


def align(sides: Mapping[str, DataFrame], known: DataFrame, shape: Shape) -> DataFrame:
    """Put the legs side by side, nulls of a key matching nulls, duplicates of the store counted.

    In: a `side` frame per leg; the keys of unresolved discrepancies. Out: the key, a struct per leg of
    `sides` (null where the leg never saw the key), `copies` (rows in the store), `known`.
    """
    # One grouping of the union: a full join would have to be null-safe on every part of the key, and
    # would pair every copy of a duplicated key with every other.
    stacked = [
        side.select(*shape.key, F.lit(leg).alias("_leg"), "side", F.lit(False).alias("known"))
        for leg, side in sides.items()
    ]
    empty = next(iter(sides.values())).schema["side"].dataType
    stacked.append(
        known.select(
            *shape.key,
            F.lit("").alias("_leg"),
            F.lit(None).cast(empty).alias("side"),
            F.lit(True).alias("known"),
        )
    )
    union = stacked[0]
    for more in stacked[1:]:
        union = union.unionByName(more)
    return union.groupBy(*shape.key).agg(
        *(F.max(F.when(F.col("_leg") == leg, F.col("side"))).alias(leg) for leg in sides),
        F.count_if(F.col("_leg") == "target").alias("copies"),
        F.bool_or("known").alias("known"),
    )


def alive(leg: str) -> Column:
    """Whether the leg holds the key; false where it never saw it."""
    return F.coalesce(F.col(f"{leg}.alive"), F.lit(False))
