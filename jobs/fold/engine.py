"""Canonical changes of any number of keys -> one state row a key (R8 to R13), by aggregation alone.

The order that counts is `position`; arrival, grouping and repetition cannot matter, since every step is
a maximum, a minimum or a sum over a key's changes.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F
from pyspark.sql.window import WindowSpec

from jobs.fold.facts import LegSemantics
from jobs.fold.marks import is_in_scope, newest, stated_value
from jobs.fold.plain import is_plain, summed_up
from jobs.fold.reverts import without_reverted
from jobs.lake.schema import DatasetSchema


def fold(changes: DataFrame, shape: DatasetSchema, leg: LegSemantics, by: Sequence[str] = ()) -> DataFrame:
    """Fold canonical changes into states, one row a key that any change names (R8a).

    Columns in: a canonical change's (`lake.tables.EVENTS`), and those named in `by`, which part the
    changes into histories that are folded apart (every prefix of a key's changes, say).
    Columns out: `by`, the key, the dataset's other columns, `_deleted`, `_changed_at`, `_change_id`,
    `_position`, `_unknown` (covered columns never set), `_orphan` (has values, was never created;
    R12), `_overflow` (a sum that does not fit; R1), `_lived`, `_settled_position` (R7).
    """
    group = [*by, *shape.key]
    folded = summed_up(changes, shape, leg, by) if is_plain(leg) else _summed_up(changes, shape, leg, by)
    # A key that only ever left the scope was never in it (R13a).
    return folded.where("_ours").select(*group, *values(shape, leg), *_meta(shape, leg))


def _summed_up(changes: DataFrame, shape: DatasetSchema, leg: LegSemantics, by: Sequence[str]) -> DataFrame:
    """The rows of `summed_up`, with `_sum_<column>` of columns that are added to, of any leg."""
    group = [*by, *shape.key]
    placed = with_set_positions(standing(changes, shape, leg, by), Window.partitionBy(*group), leg)
    aggregates = {**lasts(shape, leg), **sums(leg), **_marks()}
    return placed.groupBy(*group).agg(*(each.alias(name) for name, each in aggregates.items()))


def standing(
    changes: DataFrame, shape: DatasetSchema, leg: LegSemantics, by: Sequence[str] = ()
) -> DataFrame:
    """Return the changes that count, of keys that no standing revert names, marked with what they do.

    Columns in: those of `fold`. Out: the same, `_cleared` (the position of the key's last delete or
    truncate), `_born` (the first creation above it) and `_lives` (the change is of the present life).
    """
    group = [*by, *shape.key]
    keyed = changes.where("op <> 'truncate'")
    not_reverted = without_reverted(keyed, group) if leg.reverts else keyed
    key = Window.partitionBy(*group)
    return with_life(with_clearing(_with_truncation(not_reverted, changes, leg, by), key), key, leg)


def values(shape: DatasetSchema, leg: LegSemantics) -> list[Column]:
    """Return the values of all columns but the key, over `lasts`, `sums`, `_alive` and `_cleared`."""
    return [_value(c, shape, leg).alias(c) for c in shape.columns if c not in shape.key]


def _with_truncation(keyed: DataFrame, changes: DataFrame, leg: LegSemantics, by: Sequence[str]) -> DataFrame:
    """Give every change `_truncated`, the position of the last truncate (R9), null where there is none."""
    if not leg.truncates:
        return keyed.withColumn("_truncated", F.lit(None).cast("string"))
    truncates = changes.where("op = 'truncate'")
    last = F.max("position").alias("_truncated")
    if by:
        return keyed.join(F.broadcast(truncates.groupBy(*by).agg(last)), on=list(by), how="left")
    return keyed.crossJoin(F.broadcast(truncates.agg(last)))


def with_clearing(changes: DataFrame, key: WindowSpec) -> DataFrame:
    """Add `_cleared`, the position of the last delete or truncate of the key, and `_upsert` above it."""
    deleted = F.max(F.when(F.col("op") == "delete", F.col("position"))).over(key)
    below = F.min("position").over(key) < F.col("_truncated")
    cleared = F.greatest(deleted, F.when(below, F.col("_truncated")))
    above = F.col("_cleared").isNull() | (F.col("position") > F.col("_cleared"))
    upsert = (F.col("op") == "upsert") & F.col("reverts").isNull() & above
    return changes.withColumn("_cleared", cleared).withColumn("_upsert", upsert)


def with_life(changes: DataFrame, key: WindowSpec, leg: LegSemantics) -> DataFrame:
    """Add `_born`, the first creation above the clearing, and `_lives`: part of the present life (R12)."""
    if not leg.requires_create:
        unborn = changes.withColumn("_born", F.lit(None).cast("string"))
        return unborn.withColumn("_lives", F.col("_upsert"))
    creation = F.when(F.col("_upsert") & F.col("creates"), F.col("position"))
    born = changes.withColumn("_born", F.min(creation).over(key))
    patched = F.lit(leg.accepts_partial) & F.col("_born").isNull() & F.col("_cleared").isNull()
    since_birth = F.coalesce(F.col("position") >= F.col("_born"), F.lit(False))
    return born.withColumn("_lives", F.col("_upsert") & (since_birth | patched))


def _sets(column: str) -> Column:
    return F.col("_lives") & F.col(f"said.`{column}`")


def with_set_positions(changes: DataFrame, key: WindowSpec, leg: LegSemantics) -> DataFrame:
    """Add, for every column that is added to, the position from which its additions count (R10)."""
    for column in leg.adds:
        last_set = F.max(F.when(_sets(column), F.col("position"))).over(key)
        changes = changes.withColumn(f"_set_{column}", last_set)
    return changes


def lasts(shape: DatasetSchema, leg: LegSemantics) -> dict[str, Column]:
    """The value last set in every column; a struct, so that a set null differs from nothing set."""

    def last(column: str) -> Column:
        return F.max(F.when(_sets(column), stated_value(column, "position")))

    return {f"_last_{c}": last(c) for c in leg.covered if c not in shape.key}


def sums(leg: LegSemantics) -> dict[str, Column]:
    """What was added to a column since it was last set (R10)."""
    counted = {
        c: F.col("_lives") & (F.col(f"_set_{c}").isNull() | (F.col("position") >= F.col(f"_set_{c}")))
        for c in leg.adds
    }
    return {f"_sum_{c}": F.sum(F.when(counted[c], F.col(f"adds.`{c}`"))) for c in leg.adds}


def _marks() -> dict[str, Column]:
    neutral = F.col("reverts").isNotNull()
    full = F.when(F.col("full") & ~neutral, F.col("position"))
    return {
        "_last": newest(),
        "_cleared": F.max("_cleared"),
        "_born": F.max("_born"),
        "_alive": F.bool_or("_lives"),
        "_spoken": F.bool_or("_upsert"),
        "_full": F.max(full),
        "_ours": is_in_scope(),
    }


def _value(column: str, shape: DatasetSchema, leg: LegSemantics) -> Column:
    """The column's value at the end of the fold, null where the key does not live or nothing set it."""
    type_ = shape.columns[column]
    if column not in leg.covered:
        return F.lit(None).cast(type_)
    value = F.col(f"_last_{column}.value")
    if column in leg.defaults:
        # A delete set every column to null: the default does not come back in the next life.
        unsaid = F.col(f"_last_{column}").isNull() & F.col("_cleared").isNull()
        value = F.when(unsaid, F.lit(leg.defaults[column]).cast(type_)).otherwise(value)
    if column in leg.adds:
        value = F.when(F.col(f"_sum_{column}").isNull(), value).otherwise(_total(column, value, shape))
    return F.when(F.col("_alive"), value).otherwise(F.lit(None)).cast(type_)


def _total(column: str, value: Column, shape: DatasetSchema) -> Column:
    base = F.coalesce(value.cast(shape.sums[column]), F.lit(0).cast(shape.sums[column]))
    return F.try_add(base, F.col(f"_sum_{column}")).try_cast(shape.columns[column])


def _meta(shape: DatasetSchema, leg: LegSemantics) -> list[Column]:
    # A delete set every column to null, and so did a creation, unless it may have left some out.
    unborn = F.col("_born").isNull() | F.lit(leg.partial_creates)
    is_open = unborn & F.col("_cleared").isNull()
    nothing = F.array().cast("array<string>")
    never = [F.when(F.col(f"_last_{c}").isNull(), F.lit(c)) for c in leg.covered if c not in shape.key]
    unknown = F.array_compact(F.array(*never)) if never and leg.unset_is_unknown else nothing
    lost = [F.col(f"_sum_{c}").isNotNull() & _value(c, shape, leg).isNull() for c in leg.adds]
    overflowed = reduce(or_, lost, F.lit(False))
    orphan = F.col("_spoken") & F.col("_born").isNull() & F.lit(leg.requires_create)
    return [
        (~F.col("_alive")).alias("_deleted"),
        F.col("_last.occurred_at").alias("_changed_at"),
        F.col("_last.change_id").alias("_change_id"),
        F.col("_last.position").alias("_position"),
        F.when(is_open, unknown).otherwise(nothing).alias("_unknown"),
        orphan.alias("_orphan"),
        (F.col("_alive") & overflowed).alias("_overflow"),
        ((F.col("_alive") & ~orphan) | F.col("_cleared").isNotNull()).alias("_lived"),
        F.greatest("_cleared", "_full").alias("_settled_position"),
    ]
