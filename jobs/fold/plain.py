"""Changes of a leg that only sets and deletes -> what the fold needs of each key, in one shuffle and sort.

The rules (R8, R9, R12) ask which change is the last above another that has yet to be found. Where nothing
is added or taken back, maxima over all of a key's changes show it: a value counts if its change stands above
the last that settled the key, be it a delete or an image of all columns, and not below its birth. The changes
of a key are numbered first, since numbers cost less to carry and compare, a column each, than positions do.
"""

from collections.abc import Sequence
from dataclasses import replace

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.fold.facts import LegSemantics
from jobs.fold.marks import is_complete, is_in_scope, newest, stated_value
from jobs.lake.schema import DatasetSchema


def is_plain(leg: LegSemantics) -> bool:
    """Whether the leg only sets and deletes."""
    return not (leg.adds or leg.reverts or leg.truncates)


def summed_up(changes: DataFrame, shape: DatasetSchema, leg: LegSemantics, by: Sequence[str]) -> DataFrame:
    """Return one row a key, as `engine.fold` finishes it.

    Columns in: those of `fold`. Out: `by`, the key, `_last_<column>` (a struct with the `value` last set;
    null: nothing of the present life sets it), `_last`, `_cleared`, `_born`, `_alive`, `_spoken`, `_full`,
    `_ours`.
    """
    group, others = [*by, *shape.key], [c for c in leg.covered if c not in shape.key]
    if leg.all_complete:
        return _newest(changes, group, others, leg)
    maxima = _placed(changes, group, leg).groupBy(*group).agg(*_maxima(others, leg))
    lives, settled = F.coalesce(F.col("_settled.alive"), F.lit(False)), F.col("_settled.place")
    has_upsert = F.col("_spoken_at").isNotNull() & (
        F.col("_deleted_at").isNull() | (F.col("_spoken_at") > F.col("_deleted_at"))
    )
    born = (
        F.when(lives, settled).otherwise(F.col("_birth")) if leg.requires_create else F.lit(None).cast("int")
    )
    above = maxima.withColumns({"_spoken": has_upsert, "_born": born})
    patched = F.lit(leg.accepts_partial) & F.col("_born").isNull() & F.col("_deleted_at").isNull()
    alive = (F.col("_born").isNotNull() | patched) & has_upsert if leg.requires_create else has_upsert
    lasts = [_last(c, leg, settled, patched).alias(f"_last_{c}") for c in others]
    carried = ("_last", "_cleared", "_born", "_spoken", "_full", "_ours")
    return above.select(*group, *lasts, alive.alias("_alive"), *carried)


def semantics_at_hand(changes: DataFrame, leg: LegSemantics) -> LegSemantics:
    """Return the leg's semantics, with those that four narrow columns of the changes at hand show."""
    deletes = F.col("op") == "delete"
    complete = deletes | F.coalesce(is_complete(leg), F.lit(False))
    partly = ~deletes & F.col("creates") & ~F.col("full")
    observed = changes.agg(
        F.bool_and(complete).alias("whole"),
        F.bool_or(deletes).alias("deletes"),
        F.bool_or(partly).alias("partly"),
        F.bool_or(F.col("kind") == "leave").alias("leaves"),
    ).first()
    assert observed is not None
    once = not (observed["deletes"] and observed["partly"])
    return replace(leg, all_complete=bool(observed["whole"]), once=once, scope_exits=bool(observed["leaves"]))


def _newest(changes: DataFrame, group: list[str], others: Sequence[str], leg: LegSemantics) -> DataFrame:
    """The rows of `summed_up` where the last change of each key is complete."""
    rows = changes.select(
        *group, (F.col("op") == "upsert").alias("_alive"), "position", "occurred_at", "change_id", "values",
        *(["kind"] if leg.scope_exits else []),
    )  # fmt: skip
    key = Window.partitionBy(*group)
    down = key.orderBy(F.desc("position"), F.desc("change_id"))
    in_scope = is_in_scope().over(key) if leg.scope_exits else F.lit(True)
    last = rows.withColumns({"_ours": in_scope, "_nth": F.row_number().over(down)}).where("_nth = 1")
    images = [F.struct(F.col(f"values.`{c}`").alias("value")).alias(f"_last_{c}") for c in others]
    living = F.when(F.col("_alive"), F.col("position"))
    return last.select(
        *group, *images, "_alive", F.struct("position", "occurred_at", "change_id").alias("_last"),
        F.when(~F.col("_alive"), F.col("position")).alias("_cleared"),
        living.alias("_born"), F.col("_alive").alias("_spoken"), living.alias("_full"), "_ours",
    )  # fmt: skip


def _placed(changes: DataFrame, group: list[str], leg: LegSemantics) -> DataFrame:
    """Add `_place`, the number of the change among its key's, and what the change is.

    Columns out: those in, `_place`, `_upsert`, `_whole` (an image of all columns) and `_creates` (it sets a
    part, and may be the birth of its key).
    """
    key, deletes = Window.partitionBy(*group), F.col("op") == "delete"
    placed = changes.withColumns(
        {
            "_place": F.row_number().over(key.orderBy("position", "change_id")),
            "_upsert": F.col("op") == "upsert",
            "_whole": (F.col("op") == "upsert") & is_complete(leg),
        }
    )
    creates = F.col("_upsert") & ~F.col("_whole") & F.col("creates")
    if not leg.requires_create or leg.once:
        return placed.withColumn("_creates", creates)
    # The first creation of all need not be the first since the last delete.
    settled = F.max(F.when(F.col("_whole") | deletes, F.col("_place"))).over(key)
    return placed.withColumn("_settled_at", settled).withColumn(
        "_creates", creates & (F.col("_settled_at").isNull() | (F.col("_place") > F.col("_settled_at")))
    )


def _maxima(others: Sequence[str], leg: LegSemantics) -> list[Column]:
    upsert, complete, deletes = F.col("_upsert"), F.col("_whole"), F.col("op") == "delete"
    place = F.col("_place")
    settles = F.struct(place.alias("place"), upsert.alias("alive"))

    def last(column: str) -> Column:
        sets = upsert & F.col(f"said.`{column}`")
        return F.max(F.when(sets, stated_value(column, "_place"))).alias(f"_said_{column}")

    return [
        newest().alias("_last"),
        F.max(F.when(complete | deletes, settles)).alias("_settled"),
        F.max(F.when(deletes, place)).alias("_deleted_at"),
        F.max(F.when(upsert, place)).alias("_spoken_at"),
        F.max(F.when(deletes, F.col("position"))).alias("_cleared"),
        F.max(F.when(F.col("full"), F.col("position"))).alias("_full"),
        is_in_scope().alias("_ours"),
        *([F.min(F.when(F.col("_creates"), place)).alias("_birth")] if leg.requires_create else []),
        *map(last, others),
    ]


def _last(column: str, leg: LegSemantics, settled: Column, patched: Column) -> Column:
    """The value last set in a column, if that was after the key was settled and born; else null."""
    last = F.col(f"_said_{column}")
    since = settled.isNull() | (last["place"] >= settled)
    born = F.coalesce(last["place"] >= F.col("_born"), patched) if leg.requires_create else F.lit(True)
    return F.when(since & born, last)
