"""Stored states, and new changes of their keys -> the changes to fold, no more of each history than needed.

`fold(A ∪ B) = fold(fold(A), B)` holds of a stored state that is taken for a change, as long as new changes
stand above it in position order, and the state has all that the fold needs of what lies below. Where it
does not, the key is folded again from its history.
"""

from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.fold.facts import LegSemantics
from jobs.fold.marks import is_complete
from jobs.lake.schema import DatasetSchema
from jobs.lake.tables import EVENTS
from jobs.spark.cache import CacheScope
from jobs.spark.columns import as_type, same
from jobs.spark.joins import batches_with, broadcast_if_small, semi_join
from jobs.spark.schemas import table_schema

# What a key needs besides its new changes: nothing, its stored state, all of its history.
NEW_ONLY, INCREMENTAL, REPLAY = "new_only", "incremental", "replay"

# The columns of a stored state that decide it.
STATE_MARKS = ("_position", "_settled_position", "_deleted", "_lived", "_orphan", "_overflow")


def needed(
    states: DataFrame,
    changes: DataFrame,
    news: DataFrame,
    conflict_keys: DataFrame,
    shape: DatasetSchema,
    leg: LegSemantics,
    caches: CacheScope,
) -> tuple[DataFrame, DataFrame]:
    """Return the keys that are touched, and the changes that fold to their states.

    Columns in: stored states; all canonical changes, and the `news` among them that the states lack;
    `conflict_keys`, whose history has changed otherwise. Out: the key; canonical changes, stored states as
    such among them (`as_changes`), and the leg's truncates: these reach keys that nothing names, so none of
    them may be new.
    """
    if leg.reverts or leg.scope_exits:
        # They affect changes that are not there yet, and a key that has no state (R11, R13a).
        ahead = changes.where(F.col("reverts").isNotNull() | (F.col("kind") == "leave")).select(*shape.key)
        conflict_keys = conflict_keys.unionByName(semi_join(ahead, news.select(*shape.key), shape.key))
    touched = caches.keep(first_changes(news, conflict_keys, shape, leg))
    hint = broadcast_if_small(touched)
    stored = semi_join(states.select(*shape.key, *STATE_MARKS), hint(touched), shape.key)
    joined = touched.alias("t").join(stored.alias("s"), on=same("t", "s", shape.key), how="left")
    with_marks = joined.select("t.*", *(f"s.{c}" for c in STATE_MARKS))
    modes = caches.keep(with_marks.withColumn("way", fold_mode(leg, shape)))
    modes_present = {row["way"] for row in modes.select("way").distinct().collect()}

    def of_mode(frame: DataFrame, *wanted: str) -> DataFrame:
        return semi_join(frame, hint(modes.where(F.col("way").isin(*wanted))), shape.key)

    parts = [of_mode(news, NEW_ONLY, INCREMENTAL) if REPLAY in modes_present else news]
    if INCREMENTAL in modes_present:
        parts.append(as_changes(of_mode(states, INCREMENTAL), shape, leg))
    if REPLAY in modes_present:
        parts.append(histories(changes, hint(modes.where(F.col("way") == REPLAY)), shape))
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


def first_changes(
    news: DataFrame, conflict_keys: DataFrame, shape: DatasetSchema, leg: LegSemantics
) -> DataFrame:
    """Return the first new change of each key that is touched.

    Columns in: new canonical changes; keys that need their history, whatever their new changes are. Out: the
    key, `first` (the position of its first new change, null where there is none), `_whole` (that one is
    complete: nothing below it counts), `_disputed`.
    """
    deletes = (F.col("op") == "delete") & (F.col("kind") != "leave")
    complete = F.col("reverts").isNull() & (deletes | ((F.col("op") == "upsert") & is_complete(leg)))
    first_change = F.struct("position", F.coalesce(complete, F.lit(False)).alias("whole"))
    marks = news.select(
        *shape.key, first_change.alias("told"), F.col("reverts").isNotNull().alias("disputed")
    )
    all_ = marks.unionByName(conflict_keys.withColumn("disputed", F.lit(True)), allowMissingColumns=True)
    by_key = all_.groupBy(*shape.key).agg(
        F.min("told").alias("_first"), F.bool_or("disputed").alias("_disputed")
    )
    first, is_complete_first = F.col("_first.position"), F.coalesce(F.col("_first.whole"), F.lit(False))
    return by_key.select(*shape.key, first.alias("first"), is_complete_first.alias("_whole"), "_disputed")


def fold_mode(leg: LegSemantics, shape: DatasetSchema) -> Column:
    """Return NEW_ONLY, INCREMENTAL or REPLAY, over `first_changes` and STATE_MARKS (null: no state)."""
    stored = F.col("_position").isNotNull()
    # A key may be settled by a truncate above all changes that name it.
    late = stored & (F.col("first") <= F.greatest("_position", "_settled_position"))
    # A row never created appears once a creation comes below it, and a sum that does not fit is not stored.
    needs_history = F.col("_orphan") | F.col("_overflow") | (F.col("_deleted") & ~F.col("_lived"))
    inexact = F.lit(any(shape.sums[c] == "double" for c in leg.adds))
    return (
        F.when(F.col("_disputed") | late, F.lit(REPLAY))
        .when(F.col("_whole") | ~stored, F.lit(NEW_ONLY))
        .when(needs_history | inexact, F.lit(REPLAY))
        .otherwise(F.lit(INCREMENTAL))
    )


def as_changes(states: DataFrame, shape: DatasetSchema, leg: LegSemantics) -> DataFrame:
    """Return stored states as complete changes, at the place from which they settle the key.

    Columns in: a state table's. Out: those of canonical changes (`lake.tables.EVENTS`). New changes must
    stand above the states' positions, and the `fold_mode` of their keys be INCREMENTAL.
    """
    stated = [(F.lit(c in leg.covered) & ~F.array_contains("_unknown", c)).alias(c) for c in shape.values]
    fields = {
        "change_id": F.col("_change_id"),
        **{c: F.col(f"`{c}`") for c in shape.key},
        "op": F.when(F.col("_deleted"), F.lit("delete")).otherwise(F.lit("upsert")),
        "values": F.struct(*(F.col(f"`{c}`") for c in shape.values)),
        "said": F.struct(*stated),
        "creates": F.lit(True),
        "full": F.col("_settled_position").isNotNull(),
        "position": F.coalesce("_settled_position", "_position"),
        "occurred_at": F.col("_changed_at"),
        "kind": F.lit("state"),
    }
    schema = table_schema(EVENTS, shape)
    nothing = F.lit(None)
    return states.select(*(as_type(fields.get(f.name, nothing), f.dataType).alias(f.name) for f in schema))
