"""Disagreeing keys with their evidence -> class and named reason of each (R15 to R18)."""

from datetime import datetime
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.reconcile.align import alive, is_true
from jobs.reconcile.baseline import before_baseline
from jobs.reconcile.evidence import LegEvidence
from jobs.reconcile.kind import pair_of
from jobs.reconcile.pairs import Comparison, by_left_out
from jobs.spark.invalid_keys import INVALID_KEY

HOT = 3


def reason_unjudged(comparison: Comparison, legs: dict[str, LegEvidence], damaged_target: bool) -> Column:
    """Return why a key cannot be judged, null where it can: the first that holds, in the order of R17.

    Evidence of a leg that is left out of the key's judgement counts for nothing.
    """

    def of_legs(view: Comparison) -> Column:
        return _reason_unjudged(view, {leg: legs[leg] for leg in legs if leg in view.legs}, damaged_target)

    return (
        F.when(F.col(INVALID_KEY).isNotNull(), F.lit("invalid_key"))
        .when(before_baseline(legs), F.lit("before_baseline"))
        .otherwise(by_left_out(comparison, of_legs))
    )


def _reason_unjudged(view: Comparison, legs: dict[str, LegEvidence], damaged_target: bool) -> Column:
    loading = any(evidence.loading for evidence in legs.values())
    emptied = any(evidence.emptied for evidence in legs.values())
    rejected = reduce(or_, (is_true(f"{leg}.rejected") for leg in legs))
    overflow = reduce(or_, (is_true(f"{leg}.overflow") for leg in legs))
    gap = reduce(or_, (is_true(f"{leg}_activity.gap") for leg in legs))
    differs_from_all = reduce(
        or_, (agrees_with_none(leg, view) for leg in damaged(legs, damaged_target)), F.lit(False)
    )
    return (
        F.when(F.lit(loading), F.lit("before_load"))
        .when(F.lit(emptied), F.lit("truncate_suspected"))
        .when(rejected, F.lit("rejected_record"))
        .when(is_true(f"{view.truth}.orphan"), F.lit("orphan"))
        .when(overflow, F.lit("overflow"))
        .when(gap, F.lit("sequence_gap"))
        .when(differs_from_all, F.lit("damaged_leg"))
    )


def damaged(legs: dict[str, LegEvidence], damaged_target: bool) -> list[str]:
    """Return the legs that are damaged as a whole."""
    return [leg for leg in legs if legs[leg].damaged] + (["target"] if damaged_target else [])


def agrees_unseen(comparison: Comparison, legs: dict[str, LegEvidence], no_target: bool) -> Column:
    """Whether truth and store agree only by lacking the key, and one of them was not seen to be there.

    A row missing from an empty or damaged side is no evidence, so it resolves no discrepancy.
    """

    def both_absent(view: Comparison) -> Column:
        unseen = no_target or legs[view.truth].damaged
        return F.lit(unseen) & F.col("fault").isNull() & ~alive(view.truth) & ~alive("target")

    return by_left_out(comparison, both_absent)


def reason_pending(comparison: Comparison, legs: dict[str, LegEvidence], at: datetime) -> Column:
    """Return why a key counts as in flight, null where it does not: the first, in the order of R16.

    `_repaired_at` is when the key's last unconfirmed repair was applied, null where there is none. A leg that
    is left out of the key's judgement cannot be late, but its changes near T are in flight all the same.
    """
    logs = [leg for leg in comparison.legs if leg != "target"]
    near = reduce(or_, (is_true(f"{leg}_activity.near") for leg in logs))
    incomplete = any(not evidence.covers_as_of for evidence in legs.values())

    def late(view: Comparison) -> Column:
        lagging = [
            F.col(f"{leg}_late") & ~F.col(f"agree_{pair_of(view.truth, leg)}")
            for leg in view.legs
            if leg not in (view.truth, "target") and legs[leg].has_later_changes
        ]
        return reduce(or_, lagging, F.lit(False))

    return (
        F.when(near, F.lit("grace"))
        .when(F.lit(incomplete), F.lit("incomplete"))
        .when(by_left_out(comparison, late), F.lit("late"))
        .when(F.col("_repaired_at") > F.lit(_repairs_visible_until(legs, at)), F.lit("own_repair"))
    )


def _repairs_visible_until(legs: dict[str, LegEvidence], at: datetime) -> datetime:
    """Until when a repair must have been applied to be seen in the store and, if there is one, its log."""
    log = legs.get("changes")
    return at if log is None or log.observed_until is None else min(at, log.observed_until)


def class_of(hot: Column) -> Column:
    """Return the class of a disagreeing key over `in_scope`, `unjudged`, `pending`, in the order of R15."""
    return (
        F.when(~F.col("in_scope"), F.lit("out_of_scope"))
        .when(F.col("unjudged").isNotNull(), F.lit("unjudged"))
        .when(F.col("pending").isNotNull() & ~hot, F.lit("pending"))
        .otherwise(F.lit("discrepant"))
    )


def with_scope(disagreeing: DataFrame, scope: str | None, comparison: Comparison) -> DataFrame:
    """Add `in_scope`: where truth and store both hold a row, a key is out only if both are out (R15).

    A condition that is null is not true; but where the key fits no key column its value is unknown,
    and the key is in, for `reason_unjudged` to name why it cannot be judged.
    """
    if scope is None:
        return disagreeing.withColumn("in_scope", F.lit(True))
    truth = by_left_out(comparison, lambda view: F.col(f"{view.truth}.row"))
    rows = {"_truth": truth, "_store": F.col("target.row")}
    for name, struct in rows.items():
        # The expression sees the leg's row and the key, by their own names, and nothing else.
        row = [struct[c].alias(c) for c in comparison.shape.values if c not in comparison.shape.key]
        apart = disagreeing.select(F.struct("*").alias("_all"), *comparison.shape.key, *row)
        unknown = F.col(f"_all.{INVALID_KEY}").isNotNull()
        disagreeing = apart.select("_all.*", F.coalesce(F.expr(scope), unknown).alias(name))
    true, store = by_left_out(comparison, lambda view: alive(view.truth)), alive("target")
    both = F.when(true & store, F.col("_truth") | F.col("_store"))
    one = both.when(true, F.col("_truth")).when(store, F.col("_store")).otherwise(F.lit(True))
    return disagreeing.withColumn("in_scope", one).drop(*rows)


def agrees_with_none(leg: str, comparison: Comparison) -> Column:
    """Return whether a leg disagrees with every other leg of a comparison."""
    pairs = [pair_of(leg, other) for other in comparison.legs if other != leg]
    return ~reduce(or_, (F.col(f"agree_{pair}") for pair in pairs))
