"""Changes of a leg that only sets and deletes -> what the fold asks of each key, by grouping alone.

The rules (R8, R9, R12) ask which change is the last above another that has yet to be found. Where nothing is
added or taken back, maxima over all of a key's changes tell it: a value counts if its change stands above the
last that settled the key, be it a delete or an image of all columns, and not below its birth.
"""

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.fold.marks import newest, ours, said, says_all
from jobs.fold.shape import LegFacts, Shape


def is_plain(leg: LegFacts) -> bool:
    """Whether the leg only sets and deletes."""
    return not (leg.adds or leg.reverts or leg.truncates)


def summed_up(changes: DataFrame, shape: Shape, leg: LegFacts, by: Sequence[str]) -> DataFrame:
    """Return one row a key, as `engine.fold` finishes it.

    Columns in: those of `fold`. Out: `by`, the key, `_last_<column>` (position and value of the last said;
    null: nothing of the present life says it), `_last`, `_cleared`, `_born`, `_alive`, `_spoken`, `_full`,
    `_ours`.
    """
    group, others = [*by, *shape.key], [c for c in leg.covered if c not in shape.key]
    if leg.whole:
        return _newest(changes, group, others)
    found = changes.groupBy(*group).agg(*_maxima(others, leg))
    settled, placed = F.coalesce(F.col("_settled.alive"), F.lit(False)), F.col("_settled.position")
    spoken = F.col("_spoken_at").isNotNull() & (
        F.col("_cleared").isNull() | (F.col("_spoken_at") > F.col("_cleared"))
    )
    above = found.withColumns({"_spoken": spoken, "_born": _born(leg, settled, placed)})
    patched = F.lit(leg.patches) & F.col("_born").isNull() & F.col("_cleared").isNull()
    alive = (F.col("_born").isNotNull() | patched) & spoken if leg.births else spoken
    lasts = [_last(c, leg, placed, patched).alias(f"_last_{c}") for c in others]
    kept = ("_last", "_cleared", "_born", "_spoken", "_full", "_ours")
    return above.select(*group, *lasts, alive.alias("_alive"), *kept)


def looked_at(changes: DataFrame, leg: LegFacts) -> LegFacts:
    """Return the leg's facts with what a look at three narrow columns of the changes finds of them."""
    deletes = F.col("op") == "delete"
    whole = deletes | F.coalesce(says_all(leg), F.lit(False))
    partly = ~deletes & F.col("creates") & ~F.col("full")
    found = changes.agg(
        F.bool_and(whole).alias("whole"),
        F.bool_or(deletes).alias("deletes"),
        F.bool_or(partly).alias("partly"),
    ).first()
    assert found is not None
    return replace(leg, whole=bool(found["whole"]), once=not (found["deletes"] and found["partly"]))


def _newest(changes: DataFrame, group: list[str], others: Sequence[str]) -> DataFrame:
    """What `summed_up` tells where the last change of a key says all of it."""
    alive = (F.col("op") == "upsert").alias("alive")
    last = F.max(F.struct("position", "occurred_at", "change_id", alive, "values"))
    found = changes.groupBy(*group).agg(last.alias("_last"), ours().alias("_ours"))
    lives, placed = F.col("_last.alive"), F.col("_last.position")
    images = [
        F.struct(placed.alias("position"), F.col(f"_last.values.`{c}`").alias("value")).alias(f"_last_{c}")
        for c in others
    ]
    living = F.when(lives, placed)
    return found.select(
        *group, *images, lives.alias("_alive"), "_last", F.when(~lives, placed).alias("_cleared"),
        living.alias("_born"), lives.alias("_spoken"), living.alias("_full"), "_ours",
    )  # fmt: skip


def _maxima(others: Sequence[str], leg: LegFacts) -> list[Column]:
    upsert, deletes = F.col("op") == "upsert", F.col("op") == "delete"
    whole = upsert & says_all(leg)
    birth = F.when(upsert & ~whole & F.col("creates"), F.col("position"))
    # Where it may have to be told which creation follows the last delete, all are kept: there are few a key.
    births = F.min(birth) if leg.once else F.collect_list(birth)

    def last(column: str) -> Column:
        return F.max(F.when(upsert & F.col(f"said.`{column}`"), said(column))).alias(f"_said_{column}")

    return [
        newest().alias("_last"),
        F.max(F.when(whole | deletes, F.struct("position", upsert.alias("alive")))).alias("_settled"),
        F.max(F.when(deletes, F.col("position"))).alias("_cleared"),
        F.max(F.when(upsert, F.col("position"))).alias("_spoken_at"),
        F.max(F.when(F.col("full"), F.col("position"))).alias("_full"),
        ours().alias("_ours"),
        *([births.alias("_births")] if leg.births else []),
        *map(last, others),
    ]


def _born(leg: LegFacts, settled: Column, placed: Column) -> Column:
    """The place from which values count: of an image of all columns, else of the first creation since."""
    if not leg.births:
        return F.lit(None).cast("string")
    if leg.once:
        return F.when(settled, placed).otherwise(F.col("_births"))
    later = F.filter("_births", lambda birth: placed.isNull() | (birth > placed))
    return F.when(settled, placed).otherwise(F.array_min(later))


def _last(column: str, leg: LegFacts, placed: Column, patched: Column) -> Column:
    """The last said of a column, if it was said since the key was settled and born; null else."""
    last = F.col(f"_said_{column}")
    since = placed.isNull() | (last["position"] >= placed)
    born = F.coalesce(last["position"] >= F.col("_born"), patched) if leg.births else F.lit(True)
    return F.when(since & born, last)
