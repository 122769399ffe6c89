"""Stored states, and new changes of their keys -> the changes to fold, no more of each history than it takes.

`fold(A ∪ B) = fold(fold(A), B)` holds of a stored state that is taken for a change, as long as what comes
stands above it in position order, and the state says all that the fold asks of what lies below. Where it
does not, the key is folded again from its history.
"""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.fold.facts import LegSemantics
from jobs.fold.marks import says_all
from jobs.lake.schema import DatasetSchema
from jobs.lake.tables import EVENTS
from jobs.spark.cache import CacheScope
from jobs.spark.columns import same
from jobs.spark.joins import batches_with, broadcast_if_small, semi_join
from jobs.spark.schemas import table_schema

# What a key needs besides its new changes: nothing, its stored state, all of its history.
ALONE, ONTO, AGAIN = "alone", "onto", "again"

# The columns of a stored state that decide it.
TOLD = ("_position", "_settled_position", "_deleted", "_lived", "_orphan", "_overflow")


def needed(
    states: DataFrame,
    changes: DataFrame,
    news: DataFrame,
    disputed: DataFrame,
    shape: DatasetSchema,
    leg: LegSemantics,
    caches: CacheScope,
) -> tuple[DataFrame, DataFrame]:
    """Return the keys that are touched, and the changes that fold to their states.

    Columns in: stored states; all canonical changes, and the `news` among them that the states lack; keys
    that are `disputed`, whose history has changed otherwise. Out: the key; canonical changes, stored states
    as such among them (`as_changes`), and the leg's truncates: these reach keys that nothing names, so none
    of them may be new.
    """
    if leg.reverts or leg.scope_exits:
        # They say something of changes that are not there yet, and of a key that has no state (R11, R13a).
        ahead = changes.where(F.col("reverts").isNotNull() | (F.col("kind") == "leave")).select(*shape.key)
        disputed = disputed.unionByName(semi_join(ahead, news.select(*shape.key), shape.key))
    touched = caches.keep(firsts(news, disputed, shape, leg))
    hint = broadcast_if_small(touched)
    stored = semi_join(states.select(*shape.key, *TOLD), hint(touched), shape.key)
    joined = touched.alias("t").join(stored.alias("s"), on=same("t", "s", shape.key), how="left")
    told = joined.select("t.*", *(f"s.{c}" for c in TOLD))
    ways = caches.keep(told.withColumn("way", way(leg, shape)))
    going = {row["way"] for row in ways.select("way").distinct().collect()}

    def those(frame: DataFrame, *wanted: str) -> DataFrame:
        return semi_join(frame, hint(ways.where(F.col("way").isin(*wanted))), shape.key)

    parts = [those(news, ALONE, ONTO) if AGAIN in going else news]
    if ONTO in going:
        parts.append(as_changes(those(states, ONTO), shape, leg))
    if AGAIN in going:
        parts.append(histories(changes, hint(ways.where(F.col("way") == AGAIN)), shape))
    if leg.truncates:
        parts.append(changes.where("op = 'truncate'"))
    return touched.select(*shape.key), reduce(DataFrame.unionByName, parts)


def histories(changes: DataFrame, keys: DataFrame, shape: DatasetSchema) -> DataFrame:
    """Return the changes of some keys, reading whole rows of those batches alone that hold any.

    The changes of a key come within days of each other: a late one costs a look at the history's keys, and
    a few batches of it.
    """
    batches = sorted(batches_with(changes, keys, shape.key))
    return semi_join(changes.where(F.col("batch").isin(batches)), keys, shape.key)


def firsts(news: DataFrame, disputed: DataFrame, shape: DatasetSchema, leg: LegSemantics) -> DataFrame:
    """Return what has to be known of each key that is touched.

    Columns in: new canonical changes; keys whose history counts, whatever their new changes say. Out: the
    key, `first` (the position of its first new change, null where there is none), `_whole` (that one says
    all there is to say: nothing below it counts), `_disputed`.
    """
    deletes = (F.col("op") == "delete") & (F.col("kind") != "leave")
    whole = F.col("reverts").isNull() & (deletes | ((F.col("op") == "upsert") & says_all(leg)))
    told = F.struct("position", F.coalesce(whole, F.lit(False)).alias("whole"))
    marks = news.select(*shape.key, told.alias("told"), F.col("reverts").isNotNull().alias("disputed"))
    all_ = marks.unionByName(disputed.withColumn("disputed", F.lit(True)), allowMissingColumns=True)
    found = all_.groupBy(*shape.key).agg(
        F.min("told").alias("_first"), F.bool_or("disputed").alias("_disputed")
    )
    first, is_whole = F.col("_first.position"), F.coalesce(F.col("_first.whole"), F.lit(False))
    return found.select(*shape.key, first.alias("first"), is_whole.alias("_whole"), "_disputed")


def way(leg: LegSemantics, shape: DatasetSchema) -> Column:
    """Return ALONE, ONTO or AGAIN, over the columns of `firsts` and those of TOLD (null: no state)."""
    stored = F.col("_position").isNotNull()
    # What settled a key may be a truncate above all that names it.
    late = stored & (F.col("first") <= F.greatest("_position", "_settled_position"))
    # What was never created shows once a creation comes below it, and a sum that does not fit is not stored.
    untold = F.col("_orphan") | F.col("_overflow") | (F.col("_deleted") & ~F.col("_lived"))
    inexact = F.lit(any(shape.sums[c] == "double" for c in leg.adds))
    return (
        F.when(F.col("_disputed") | late, F.lit(AGAIN))
        .when(F.col("_whole") | ~stored, F.lit(ALONE))
        .when(untold | inexact, F.lit(AGAIN))
        .otherwise(F.lit(ONTO))
    )


def as_changes(states: DataFrame, shape: DatasetSchema, leg: LegSemantics) -> DataFrame:
    """Return stored states as changes that say all of it, at the place from which they settle the key.

    Columns in: a state table's. Out: those of canonical changes (`lake.tables.EVENTS`). New changes must
    stand above the states' positions, and `way` have said ONTO of their keys.
    """
    said = [(F.lit(c in leg.covered) & ~F.array_contains("_unknown", c)).alias(c) for c in shape.values]
    told = {
        "change_id": F.col("_change_id"),
        **{c: F.col(f"`{c}`") for c in shape.key},
        "op": F.when(F.col("_deleted"), F.lit("delete")).otherwise(F.lit("upsert")),
        "values": F.struct(*(F.col(f"`{c}`") for c in shape.values)),
        "said": F.struct(*said),
        "creates": F.lit(True),
        "full": F.col("_settled_position").isNotNull(),
        "position": F.coalesce("_settled_position", "_position"),
        "occurred_at": F.col("_changed_at"),
        "kind": F.lit("state"),
    }
    schema = table_schema(EVENTS, shape)
    nothing = F.lit(None)
    return states.select(*(told.get(f.name, nothing).cast(f.dataType).alias(f.name) for f in schema))
