"""Disagreeing keys with their evidence -> class and named reason of each (R15 to R18)."""

from datetime import datetime
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.reconcile.align import alive
from jobs.reconcile.evidence import LegEvidence, before_baseline
from jobs.reconcile.kind import pair_of
from jobs.reconcile.pairs import Comparison

HOT = 3


def reason_unjudged(how: Comparison, legs: dict[str, LegEvidence], damaged_target: bool) -> Column:
    """Return why a key cannot be judged, null where it can: the first that holds, in the order of R17."""
    logs = [leg for leg in how.legs if leg != "target"]
    loading = any(evidence.loading for evidence in legs.values())
    rejected = reduce(or_, (_flag(leg, "rejected") for leg in logs))
    overflow = reduce(or_, (_flag(leg, "overflow") for leg in logs))
    gap = reduce(or_, (_flag(f"{leg}_activity", "gap") for leg in logs))
    damaged = [leg for leg in logs if legs[leg].damaged] + (["target"] if damaged_target else [])
    alone = reduce(or_, (_agrees_with_none(leg, how) for leg in damaged), F.lit(False))
    return (
        F.when(before_baseline(legs), F.lit("before_baseline"))
        .when(F.lit(loading), F.lit("before_load"))
        .when(rejected, F.lit("rejected_record"))
        .when(_flag(how.truth, "orphan"), F.lit("orphan"))
        .when(overflow, F.lit("overflow"))
        .when(gap, F.lit("sequence_gap"))
        .when(alone, F.lit("damaged_leg"))
    )


def agrees_unseen(how: Comparison, legs: dict[str, LegEvidence], no_target: bool) -> Column:
    """Whether truth and store agree only by lacking the key, and one of them was not seen to be there.

    What is missing from an empty or damaged side says nothing of a key, so it resolves no discrepancy.
    """
    unseen = no_target or legs[how.truth].damaged
    return F.lit(unseen) & F.col("fault").isNull() & ~alive(how.truth) & ~alive("target")


def reason_pending(how: Comparison, legs: dict[str, LegEvidence], at: datetime) -> Column:
    """Return why a key counts as in flight, null where it does not: the first, in the order of R16.

    `_repaired_at` is when the key's last unconfirmed repair was applied, null where there is none.
    """
    logs = [leg for leg in how.legs if leg != "target"]
    near = reduce(or_, (_flag(f"{leg}_activity", "near") for leg in logs))
    incomplete = any(not evidence.reached for evidence in legs.values())
    late = [
        F.col(f"{leg}_late") & ~F.col(f"agree_{pair_of(how.truth, leg)}")
        for leg in logs
        if leg != how.truth and legs[leg].goes_on
    ]
    return (
        F.when(near, F.lit("grace"))
        .when(F.lit(incomplete), F.lit("incomplete"))
        .when(reduce(or_, late, F.lit(False)), F.lit("late"))
        .when(F.col("_repaired_at") > F.lit(_repairs_seen(legs, at)), F.lit("own_repair"))
    )


def _repairs_seen(legs: dict[str, LegEvidence], at: datetime) -> datetime:
    """Until when a repair must have been applied to be seen in the store and, if there is one, its log."""
    log = legs.get("changes")
    return at if log is None or log.heard is None else min(at, log.heard)


def class_of(hot: Column) -> Column:
    """Return the class of a disagreeing key over `in_scope`, `unjudged`, `pending`, in the order of R15."""
    return (
        F.when(~F.col("in_scope"), F.lit("out_of_scope"))
        .when(F.col("unjudged").isNotNull(), F.lit("unjudged"))
        .when(F.col("pending").isNotNull() & ~hot, F.lit("pending"))
        .otherwise(F.lit("discrepant"))
    )


def with_scope(disagreeing: DataFrame, scope: str | None, how: Comparison) -> DataFrame:
    """Add `in_scope`: where truth and store both hold a row, a key is out only if both are out (R15)."""
    if scope is None:
        return disagreeing.withColumn("in_scope", F.lit(True))
    sides = (how.truth, "target")
    for leg in sides:
        # The expression sees the leg's row and the key, by their own names, and nothing else.
        row = [F.col(f"{leg}.row.`{c}`").alias(c) for c in how.shape.values if c not in how.shape.key]
        apart = disagreeing.select(F.struct("*").alias("_all"), *how.shape.key, *row)
        disagreeing = apart.select("_all.*", F.coalesce(F.expr(scope), F.lit(False)).alias(f"_in_{leg}"))
    inside = {leg: F.col(f"_in_{leg}") for leg in sides}
    true, store = alive(how.truth), alive("target")
    both = F.when(true & store, inside[how.truth] | inside["target"])
    one = both.when(true, inside[how.truth]).when(store, inside["target"]).otherwise(F.lit(True))
    return disagreeing.withColumn("in_scope", one).drop(*(f"_in_{leg}" for leg in sides))


def _agrees_with_none(leg: str, how: Comparison) -> Column:
    pairs = [pair_of(leg, other) for other in how.legs if other != leg]
    return ~reduce(or_, (F.col(f"agree_{pair}") for pair in pairs))


def _flag(struct: str, name: str) -> Column:
    return F.coalesce(F.col(f"{struct}.{name}"), F.lit(False))
